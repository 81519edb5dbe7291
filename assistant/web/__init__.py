"""The web application: FastAPI with sign-in, security headers, document routes and the mounted Gradio pages.

Knows services and pages; holds no business rule. Gradio is treated as a guest: what the browser sends it is
not believed, and those of its routes that fetch are closed.
"""

from assistant.web.application import create_application

__all__ = ["create_application"]
