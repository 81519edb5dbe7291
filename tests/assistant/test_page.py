"""A page sends what Gradio would send, and does nothing for what an event leaves as it is."""

import asyncio
from itertools import product
from typing import Any

import gradio as gr
from gradio.state_holder import SessionState

from assistant.pages.page import Page


def built() -> tuple[Page, list[Any]]:
    with Page("Ask") as page:
        outputs = [gr.Markdown(), gr.State(0), gr.Textbox(), send := gr.Button("Send")]
        send.click(lambda: None, None, outputs)
    return page, outputs


def test_a_page_sends_for_every_mix_of_changed_and_unchanged_what_gradio_sends() -> None:
    page, outputs = built()
    [event] = page.fns.values()
    changed = ("words", 7, gr.Textbox(value="typed", interactive=False), gr.Button(visible=False))
    for left in product((True, False), repeat=4):
        given = [gr.skip() if skipped else value for skipped, value in zip(left, changed, strict=True)]
        own, expected = SessionState(page), SessionState(page)
        sent = asyncio.run(page.postprocess_data(event, given, own))
        assert sent == asyncio.run(gr.Blocks.postprocess_data(page, event, given, expected)), left
        state = outputs[1]._id
        assert own[state] == expected[state]


def test_what_an_event_leaves_as_it_is_is_not_made_anew() -> None:
    page, outputs = built()
    [event] = page.fns.values()
    state = SessionState(page)
    asyncio.run(page.postprocess_data(event, ["words", gr.skip(), gr.skip(), gr.Button(visible=False)], state))
    assert state[outputs[3]._id] is not outputs[3]
    assert state[outputs[2]._id] is outputs[2]


def test_an_event_that_gives_too_little_is_told_as_gradio_tells_it() -> None:
    page, _ = built()
    [event] = page.fns.values()
    try:
        asyncio.run(page.postprocess_data(event, ["words"], SessionState(page)))
    except ValueError as error:
        assert "values" in str(error)
    else:
        raise AssertionError("nothing was told")
