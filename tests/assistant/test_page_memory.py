"""A page closed long ago costs no memory, one that may come back keeps what it had, an open one does not grow."""

from contextvars import copy_context
from datetime import datetime, timedelta

import gradio as gr
from fastapi import FastAPI
from gradio.context import LocalContext

from assistant.pages.page_memory import KEPT, SENT, leave, owned, redrawn, reopen, sweep


def mounted(page: gr.Blocks) -> gr.Blocks:
    page.queue()
    gr.mount_gradio_app(FastAPI(), page, path="/page", ssr_mode=False)
    return page


def test_a_page_closed_for_an_hour_is_forgotten_and_no_other() -> None:
    with gr.Blocks() as page:
        gr.State("its own")
    mounted(page)
    now = datetime.now()
    for session, closed, age in (
        ("long closed", True, KEPT),
        ("just closed", True, timedelta(minutes=59)),
        ("open over night", False, 10 * KEPT),
    ):
        page.state_holder[session].is_closed = closed
        page.state_holder.time_last_used[session] = now - age
        page._queue.pending_event_ids_session[session] = {"never fetched"}
    sweep(page, now)
    assert set(page.state_holder.session_data) == {"just closed", "open over night"}
    assert set(page._queue.pending_event_ids_session) == {"just closed", "open over night"}


def test_a_page_left_for_good_is_forgotten_at_once_and_one_that_lost_its_connection_is_not() -> None:
    with gr.Blocks() as page:
        gr.State("its own")
    mounted(page)
    for session in ("left", "lost", "lost and found", "open"):
        owned(page, session, "somebody")
        page.state_holder[session].is_closed = session.startswith("lost")
    leave([page], "left", "somebody")
    leave([page], "open", "somebody else")
    leave([page], "no page", "somebody")
    reopen([page], "lost and found")
    sweep(page, datetime.now())
    assert set(page.state_holder.session_data) == {"lost", "lost and found", "open"}
    sweep(page, datetime.now() + KEPT)
    assert set(page.state_holder.session_data) == {"lost and found", "open"}


def test_a_page_that_is_drawn_anew_all_day_holds_only_what_can_still_be_pressed() -> None:
    drawings = 0

    def draw(_first: int, _second: int, _request: gr.Request) -> None:
        nonlocal drawings
        drawings += 1
        with gr.Row():
            for _ in range(3):
                gr.Markdown(f"text {drawings}")
            gr.Textbox(f"words {drawings}")  # Gradio draws a form around it
            gr.Button(f"button {drawings}").click(lambda: "pressed", None, always)

    with gr.Blocks() as page:
        always = gr.Markdown("always there")
        states = [gr.State(0), gr.State(0)]
        redrawn(draw, states, [page.load])
    mounted(page)
    files = len(page.temp_file_sets)
    state = page.state_holder["open all day"]
    [part] = page.renderables

    def draw_all_day() -> None:
        LocalContext.blocks_config.set(state.blocks_config)
        for _ in range(20):
            part.apply(0, 0, None)

    def held() -> list[str]:
        drawn = [block for key, block in state.blocks_config.blocks.items() if key not in page.blocks]
        return [getattr(block, "value", type(block).__name__) for block in drawn]

    copy_context().run(draw_all_day)
    last = ["Row", *3 * ["text 20"], "words 20", "button 20", "Form"]
    assert held() == last
    sweep(page, datetime.now())
    assert held() == last, "it may still be on its way to the browser"
    sweep(page, datetime.now() + SENT)
    assert held() == ["button 20"]
    assert always._id in state.blocks_config.blocks
    assert len(page.temp_file_sets) == files
    copy_context().run(draw_all_day)
    assert held() == ["Row", *3 * ["text 40"], "words 40", "button 40", "Form"]
