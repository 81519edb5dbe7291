"""Lists that change while somebody chooses from them."""

import asyncio
from typing import Any

import gradio as gr
import pytest
from gradio.state_holder import SessionState

from assistant.pages.page import LISTING, Page


def sent(page: Page, value: str, state: SessionState) -> list[Any]:
    return asyncio.run(page.preprocess_data(page.fns[0], [value], state))


def test_what_was_on_a_list_that_has_changed_meanwhile_reaches_its_handler_and_nobody_elses_list() -> None:
    with Page("desk") as page:
        listed = gr.Radio([], elem_classes=LISTING)
        listed.change(lambda chosen: chosen, listed, gr.Textbox())
    state = SessionState(page)
    assert sent(page, "handed-over", state) == ["handed-over"]
    assert sent(page, "handed-over", state) == ["handed-over"]
    assert listed.choices == []


def test_a_choice_that_never_was_one_is_refused_where_the_choices_stay_the_same() -> None:
    with Page("desk") as page:
        verdict = gr.Radio(["right", "wrong"])
        verdict.change(lambda chosen: chosen, verdict, gr.Textbox())
    with pytest.raises(gr.Error):
        sent(page, "excellent", SessionState(page))
