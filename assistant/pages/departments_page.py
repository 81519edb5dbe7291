"""The administrator's page of departments: those there are, adding one, closing one and opening it again."""

from collections.abc import Callable
from functools import partial
from itertools import repeat
from typing import Any

import gradio as gr

from assistant.departments_words import closing_told
from assistant.domains import DomainInfo
from assistant.errors import Refusal
from assistant.pages.frame import Events, good_news, head, head_place, markdown, notice
from assistant.pages.markup import table, tag, text
from assistant.pages.page import Page
from assistant.services import Services
from assistant.wording import Language, say


def build(services: Services, language: Language) -> gr.Blocks:
    """The page in one language."""
    tell = partial(say, language)
    handle = Handlers(services, language)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    page: gr.Blocks
    with Page(tell("page.departments")) as page:
        top = head_place()
        markdown(tag("h1", text(tell("departments.title"))))
        listing = markdown(elem_classes="listing")
        markdown(tag("h2", text(tell("departments.add"))))
        with gr.Group():
            with gr.Row():
                name = gr.Textbox(label=tell("departments.name"))
                title_ja = gr.Textbox(label=tell("departments.title_ja"))
                title_en = gr.Textbox(label=tell("departments.title_en"))
            with gr.Row():
                description_ja = gr.Textbox(label=tell("departments.description_ja"), lines=2)
                description_en = gr.Textbox(label=tell("departments.description_en"), lines=2)
            questions = gr.Textbox(label=tell("departments.questions"), lines=5)
            restricted = gr.Checkbox(label=tell("departments.restricted"))
        add = gr.Button(tell("departments.add"), variant="primary")
        added = markdown()
        markdown(tag("h2", text(tell("departments.close"))) + tag("p", text(tell("departments.close_what"))))
        with gr.Group(), gr.Row():
            domain = gr.Dropdown([], label=tell("documents.department"))
            successor = gr.Dropdown([], label=tell("departments.successor"))
            remark = gr.Textbox(label=tell("departments.remark"))
        with gr.Row():
            close = gr.Button(tell("departments.close"), variant="stop")
            reopen = gr.Button(tell("departments.reopen"))
        result = markdown()
        shown = [listing, domain, successor]
        described = [name, title_ja, title_en, description_ja, description_en, questions, restricted]
        page.load(handle.open, None, [top, *shown], **quiet)
        add.click(handle.add, described, [added, *described, *shown], **quiet)
        close.click(handle.close, [domain, successor, remark], [result, remark, *shown], **quiet)
        reopen.click(handle.reopen, [domain, remark], [result, remark, *shown], **quiet)
    return page


class Handlers(Events):
    """The events of the page; each finds out anew who is asking, and that it is an administrator."""

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fill the page."""
        self._administrator(request)
        return head(self._services, self._language, "departments")(request), *self._shown()

    def add(
        self,
        name: str,
        title_ja: str,
        title_en: str,
        description_ja: str,
        description_en: str,
        questions: str,
        restricted: bool,
        request: gr.Request,
    ) -> tuple[Any, ...]:
        """Add a department; what was typed stays where it is refused."""
        user = self._administrator(request)

        def add() -> str:
            info = self._services.domains.add(
                user.actor,
                name.strip(),
                title_ja=title_ja.strip(),
                title_en=title_en.strip(),
                description_ja=description_ja.strip(),
                description_en=description_en.strip(),
                questions=questions.splitlines(),
                open_to_all=not restricted,
            )
            return good_news(self._language, "departments.added", domain=info.title(self._language))

        said, done = self._told(add)
        cleared = (*repeat("", 6), False) if done else repeat(gr.skip(), 7)
        return said, *cleared, *self._shown()

    def close(self, domain: str | None, successor: str | None, remark: str, request: gr.Request) -> tuple[Any, ...]:
        """Close a department."""
        user = self._administrator(request)

        def close() -> str:
            waiting = self._services.domains.close(user, self._chosen(domain), remark, successor or None)
            info = self._services.domains.get(self._chosen(domain))
            told = closing_told(self._services.domains, self._language, info, waiting)
            return tag("p", text(told), "notice good", role="status")

        return self._changed(close)

    def reopen(self, domain: str | None, remark: str, request: gr.Request) -> tuple[Any, ...]:
        """Open a closed department again."""
        user = self._administrator(request)

        def reopen() -> str:
            info = self._services.domains.reopen(user, self._chosen(domain), remark)
            return good_news(self._language, "departments.reopened", domain=info.title(self._language))

        return self._changed(reopen)

    def _changed(self, change: Callable[[], str]) -> tuple[Any, ...]:
        said, done = self._told(change)
        return said, "" if done else gr.skip(), *self._shown()

    def _told(self, act: Callable[[], str]) -> tuple[str, bool]:
        """What is told of an act, and whether it was done."""
        try:
            return act(), True
        except Refusal as error:
            return notice(self._language, error), False

    def _chosen(self, domain: str | None) -> str:
        if not domain:
            raise Refusal("choose_department")
        return domain

    def _shown(self) -> tuple[Any, ...]:
        everything = self._services.domains.everything()
        labels = [self._tell(f"departments.{key}") for key in ("department", "short_name", "seen_by", "state")]
        rows = [
            [text(info.title(self._language)), text(info.name), text(self._seen_by(info)), text(self._state(info))]
            for info in everything
        ]
        choices = [(info.title(self._language), info.name) for info in everything]
        open_ones = [(info.title(self._language), info.name) for info in everything if not info.closed]
        nobody = (self._tell("departments.administrators"), "")
        return table(labels, rows), gr.Dropdown(choices=choices), gr.Dropdown(choices=[nobody, *open_ones], value="")

    def _seen_by(self, info: DomainInfo) -> str:
        return self._tell("departments.everybody" if info.open_to_all else "departments.with_a_role")

    def _state(self, info: DomainInfo) -> str:
        if not info.closed:
            return self._tell("departments.open")
        if info.successor is None:
            return self._tell("departments.closed")
        successor = self._services.domains.title(info.successor, self._language)
        return self._tell("departments.closed_for", successor=successor)
