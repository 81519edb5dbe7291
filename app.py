"""The door: settings → services → FastAPI with the Gradio pages → serve.

`madoguchi serve` comes through here; so may any ASGI server: `uvicorn --factory app:application`.
"""

from fastapi import FastAPI

from assistant.egress import egress_of
from assistant.services import Services
from assistant.settings import Settings
from assistant.web import create_application


def application() -> FastAPI:
    """The web application of the home that the settings name."""
    settings = Settings()
    egress_of(settings).enforce()
    return create_application(Services(settings))
