"""A page that was closed long ago costs no memory; one that may come back keeps what it had."""

from datetime import datetime, timedelta

import gradio as gr
from fastapi import FastAPI

from assistant.web.closed_pages import KEPT, forget


def test_a_page_closed_for_an_hour_is_forgotten_and_no_other() -> None:
    with gr.Blocks() as page:
        gr.State("its own")
    page.queue()
    gr.mount_gradio_app(FastAPI(), page, path="/page", ssr_mode=False)
    now = datetime.now()
    for session, closed, age in (
        ("long closed", True, KEPT),
        ("just closed", True, timedelta(minutes=59)),
        ("open over night", False, 10 * KEPT),
    ):
        page.state_holder[session].is_closed = closed
        page.state_holder.time_last_used[session] = now - age
        page._queue.pending_event_ids_session[session] = {"never fetched"}
    forget(page, now)
    assert set(page.state_holder.session_data) == {"just closed", "open over night"}
    assert set(page._queue.pending_event_ids_session) == {"just closed", "open over night"}
