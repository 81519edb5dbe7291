"""The part of the page of adapters that asks a question twice: without the chosen version, and with it."""

from functools import partial

import gradio as gr

from assistant.answer import Answer
from assistant.errors import Refusal
from assistant.pages.adapters_view import differing
from assistant.pages.frame import current_user, markdown, refused
from assistant.pages.markup import table, tag, text
from assistant.services import Services
from assistant.wording import Language, say


def build(services: Services, language: Language, version: gr.Dropdown) -> None:
    """The part for the version chosen in `version`."""
    tell = partial(say, language)
    with gr.Accordion(tell("change.try"), open=False):
        question = gr.Textbox(label=tell("adapters.question"), elem_id="try-question")
        ask = gr.Button(tell("change.ask"))
        both = markdown(elem_id="both", elem_classes="figures")
    handle = partial(_ask, services, language)

    def asked(chosen: str | None, words: str, request: gr.Request) -> str:
        return handle(chosen, words, request)

    for event in (ask.click, question.submit):
        event(asked, [version, question], both, api_visibility="private", show_progress="minimal")


def _ask(services: Services, language: Language, version: str | None, question: str, request: gr.Request) -> str:
    user = current_user(services, request)

    def ask() -> str:
        if not version:
            raise Refusal("choose_version")
        if not question.strip():
            raise Refusal("empty_question")
        without, with_it = services.promotions.side_by_side(user, version, question)
        live = services.adapter_versions.live(services.adapter_versions.get(user, version).domain)
        name = live[:8] if live and live != version else say(language, "version.shipped")
        labels = [say(language, "change.without", name=name), say(language, "change.with_it", name=version[:8])]
        old, new = differing(_words(without), _words(with_it))
        cells = [_status(language, without) + "<br>" + old, _status(language, with_it) + "<br>" + new]
        same = tag("p", text(say(language, "change.same")), "small") if old == new else ""
        return table(labels, [cells], "changes") + same

    return refused(language, ask)


def _words(answer: Answer) -> str:
    return answer.answer or answer.draft or "–"


def _status(language: Language, answer: Answer) -> str:
    return tag("span", text(f"{say(language, f'ask.{answer.status}')} · {answer.confidence:.2f}"), "small")
