"""What an owner acts on: the desk's figures, what no document says yet, and how the desk works."""

from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr

from assistant.access import User
from assistant.domains import LONGEST_DUE
from assistant.errors import BadInput, Refusal
from assistant.figures_words import figure_rows
from assistant.pages.frame import Events, current_user, good_news, head, head_place, markdown, notice
from assistant.pages.markup import pairs, table, tag, text
from assistant.pages.page import Page
from assistant.services import Services
from assistant.wording import Language, say

QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def build(services: Services, language: Language) -> gr.Blocks:
    """The page in one language."""
    tell = partial(say, language)
    handle = Handlers(services, language)
    page: gr.Blocks
    with Page(tell("page.figures")) as page:
        top = head_place()
        markdown(tag("h1", text(tell("figures.title"))))
        domain = gr.Dropdown([], label=tell("figures.department"), filterable=False)
        told = markdown(elem_classes="listing")
        result = markdown()
        markdown(tag("h2", text(tell("figures.requests"))))
        request = gr.Dropdown([], label=tell("figures.request"), filterable=False)
        answer = gr.Textbox(label=tell("figures.request_remark"), lines=2)
        close = gr.Button(tell("figures.close_request"), size="sm")
        with gr.Accordion(tell("figures.settings"), open=False):
            hours = gr.Number(label=tell("figures.due_hours"), precision=0, minimum=1)
            two = gr.Checkbox(label=tell("figures.second_approval"))
            learns = gr.Checkbox(label=tell("figures.learns"))
            remark = gr.Textbox(label=tell("figures.remark"))
            save = gr.Button(tell("figures.save"), size="sm")
        shown = [told, request, hours, two, learns]
        page.load(handle.open, None, [top, domain, *shown], **QUIET)
        domain.input(handle.show, domain, shown, **QUIET)
        close.click(handle.close, [domain, request, answer], [result, answer, *shown], **QUIET)
        save.click(handle.save, [domain, hours, two, learns, remark], [result, remark, *shown], **QUIET)
    return page


class Handlers(Events):
    """The events of the page; each finds out anew who is asking."""

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fill the page with the first of this person's departments."""
        user = current_user(self._services, request)
        owned = [(self._services.domains.title(name, self._language), name) for name in user.owned]
        first = user.owned[0] if user.owned else None
        opened = head(self._services, self._language, "figures")(request)
        return opened, gr.Dropdown(choices=owned, value=first), *self._shown(user, first)

    def show(self, domain: str, request: gr.Request) -> tuple[Any, ...]:
        """Another department."""
        return self._shown(current_user(self._services, request), domain)

    def close(self, domain: str, chosen: str | None, words: str, request: gr.Request) -> tuple[Any, ...]:
        """Say what became of a request for a document."""
        user = current_user(self._services, request)

        def close() -> str:
            if not chosen:
                raise Refusal("choose_request")
            self._services.document_requests.close(user, chosen, words)
            return good_news(self._language, "figures.request_closed")

        return self._done(user, domain, close)

    def save(
        self, domain: str, hours: float | None, two: bool, learns: bool, remark: str, request: gr.Request
    ) -> tuple[Any, ...]:
        """Say how the desk works."""
        user = current_user(self._services, request)

        def save() -> str:
            if hours is None:
                raise BadInput("bad_due_hours", limit=LONGEST_DUE)
            self._services.domains.set_desk(
                user, domain, remark, due_hours=int(hours), second_approval=two, learns=learns
            )
            return good_news(self._language, "figures.saved")

        return self._done(user, domain, save)

    def _done(self, user: User, domain: str, action: Callable[[], str]) -> tuple[Any, ...]:
        """What an action tells; the words that were typed go only when it was done."""
        try:
            told, words = action(), ""
        except Refusal as error:
            told, words = notice(self._language, error), gr.skip()
        return told, words, *self._shown(user, domain)

    def _shown(self, user: User, domain: str | None) -> tuple[Any, ...]:
        if domain is None:
            return (
                notice(self._language, Refusal("owns_nothing")),
                gr.Dropdown(choices=[], value=None),
                gr.skip(),
                gr.skip(),
                gr.skip(),
            )
        found = self._services.figures.of(user, domain)
        info = self._services.domains.get(domain)
        parts = [tag("div", pairs(figure_rows(self._language, found)), "figures")]
        parts.append(tag("h2", text(self._tell("figures.unanswered"))))
        if found.unanswered:
            labels = [self._tell(f"figures.{name}") for name in ("question", "times", "people", "at_desk")]
            cells = [
                [text(cell) for cell in (one.question, one.times, one.people, one.at_desk)] for one in found.unanswered
            ]
            parts.append(table(labels, cells))
        else:
            parts.append(tag("p", text(self._tell("figures.nothing_unanswered")), "small"))
        waiting = [one for one in self._services.document_requests.listing(user) if one.domain == domain]
        options = [(f"{one.created_at:%m-%d} · {one.question[:80]} ({one.person})", one.id) for one in waiting]
        first = waiting[0].id if waiting else None
        asked = gr.Dropdown(choices=options, value=first)
        return "".join(parts), asked, info.due_hours, info.second_approval, info.learns
