"""Approved answers whose documents have changed, each with what the documents say today."""

from typing import Any

import gradio as gr

from assistant.access import User
from assistant.errors import Refusal
from assistant.pages.desk_case import QUIET
from assistant.pages.frame import Events, current_user, good_news, markdown, refused
from assistant.pages.markup import tag, text
from assistant.rereview import Lapsed, Source
from assistant.services import Services
from assistant.wording import Language


class Rereview(Events):
    """The part of the page, and its events."""

    def __init__(self, services: Services, language: Language, result: gr.Markdown) -> None:
        super().__init__(services, language)
        with gr.Accordion(self._tell("desk.lapsed", count=0), open=False) as part:
            markdown(tag("p", text(self._tell("desk.lapsed_lead")), "small"))
            chosen = gr.Dropdown([], label=self._tell("desk.lapsed_choose"), filterable=False)
            card = markdown(elem_id="lapsed")
            words = gr.Textbox(label=self._tell("desk.lapsed_words"), lines=3, visible=False)
            with gr.Row(elem_classes="actions"):
                confirm = gr.Button(self._tell("desk.lapsed_confirm"))
                retire = gr.Button(self._tell("desk.lapsed_retire"))
        self.places = [part, chosen, card, words]
        confirm.click(self.confirm, [chosen, words], [result, *self.places], **QUIET)
        retire.click(self.retire, chosen, [result, *self.places], **QUIET)
        chosen.input(self.show, chosen, [card, words], **QUIET)

    def fill(self, user: User) -> tuple[Any, ...]:
        """What stands in `places` at first, and after each decision."""
        found = self._services.rereviews.waiting(user)
        options = [(f"{self._services.domains.title(one.domain, self._language)} · {one.question[:60]}", one.id)
                   for one in found]  # fmt: skip
        first = found[0].id if found else None
        part = gr.Accordion(label=self._tell("desk.lapsed", count=len(found)))
        return part, gr.Dropdown(choices=options, value=first), *self._shown(found, first)

    def show(self, example: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Another answer."""
        return self._shown(self._services.rereviews.waiting(current_user(self._services, request)), example)

    def confirm(self, example: str | None, words: str, request: gr.Request) -> tuple[Any, ...]:
        """It holds, in these words."""
        user = current_user(self._services, request)

        def confirm() -> str:
            serves = self._services.rereviews.confirm(user, _chosen(example), words)
            return good_news(self._language, "desk.lapsed_confirmed" if serves else "desk.lapsed_proposed")

        return refused(self._language, confirm), *self.fill(user)

    def retire(self, example: str | None, request: gr.Request) -> tuple[Any, ...]:
        """It holds no longer."""
        user = current_user(self._services, request)

        def retire() -> str:
            self._services.examples.retire(user, _chosen(example))
            return good_news(self._language, "desk.lapsed_retired")

        return refused(self._language, retire), *self.fill(user)

    def _shown(self, found: list[Lapsed], example: str | None) -> tuple[str, Any]:
        one = next((lapsed for lapsed in found if lapsed.id == example), None)
        if one is None:
            return tag("p", text(self._tell("desk.no_lapsed")), "small"), gr.Textbox("", visible=False)
        told = tag("p", tag("strong", text(one.question))) + tag("p", text(one.person), "small")
        told += "".join(self._source(source) for source in one.sources)
        return told, gr.Textbox(one.answer, visible=True)

    def _source(self, source: Source) -> str:
        key = "desk.lapsed_stands" if source.stands else "desk.lapsed_gone"
        return tag("p", text(self._tell(key, file=source.file))) + tag("blockquote", text(source.quote))


def _chosen(example: str | None) -> str:
    if not example:
        raise Refusal("choose_example")
    return example
