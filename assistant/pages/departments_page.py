"""The administrator's page of departments: those there are, adding or changing one, closing and opening it again."""

from collections.abc import Callable
from functools import partial
from itertools import repeat
from typing import Any

import gradio as gr

from assistant.access import User
from assistant.departments_words import closing_told
from assistant.domains import Described, DomainInfo
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
        markdown(tag("h2", text(tell("departments.describe"))))
        with gr.Group():
            which = gr.Dropdown([], label=tell("departments.which"))
            with gr.Row():
                name = gr.Textbox(label=tell("departments.name"))
                title_ja = gr.Textbox(label=tell("departments.title_ja"))
                title_en = gr.Textbox(label=tell("departments.title_en"))
            with gr.Row():
                description_ja = gr.Textbox(label=tell("departments.description_ja"), lines=2)
                description_en = gr.Textbox(label=tell("departments.description_en"), lines=2)
            questions = gr.Textbox(label=tell("departments.questions"), lines=5)
            restricted = gr.Checkbox(label=tell("departments.restricted"))
            why = gr.Textbox(label=tell("departments.why"), visible=False)
        save = gr.Button(tell("departments.add"), variant="primary")
        saved = markdown()
        markdown(tag("h2", text(tell("departments.close"))) + tag("p", text(tell("departments.close_what"))))
        with gr.Group(), gr.Row():
            domain = gr.Dropdown([], label=tell("documents.department"))
            successor = gr.Dropdown([], label=tell("departments.successor"))
            remark = gr.Textbox(label=tell("departments.remark"))
        with gr.Row():
            close = gr.Button(tell("departments.close"), variant="stop")
            reopen = gr.Button(tell("departments.reopen"))
        result = markdown()
        shown = [listing, which, domain, successor]
        form = [name, title_ja, title_en, description_ja, description_en, questions, restricted, why]
        page.load(handle.open, None, [top, *shown], **quiet)
        which.input(handle.choose, which, [*form, save], **quiet)
        save.click(handle.save, [which, *form], [saved, *form, save, *shown], **quiet)
        close.click(handle.close, [domain, successor, remark], [result, remark, *shown], **quiet)
        reopen.click(handle.reopen, [domain, remark], [result, remark, *shown], **quiet)
    return page


class Handlers(Events):
    """The events of the page; each finds out anew who is asking, and that it is an administrator."""

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fill the page."""
        self._administrator(request)
        return head(self._services, self._language, "departments")(request), *self._shown()

    def choose(self, which: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Fill the form with what was said of a department, or empty it for a new one."""
        return self._form(self._administrator(request), which)

    def save(
        self,
        which: str | None,
        name: str,
        title_ja: str,
        title_en: str,
        description_ja: str,
        description_en: str,
        questions: str,
        restricted: bool,
        why: str,
        request: gr.Request,
    ) -> tuple[Any, ...]:
        """Add a department, or change the one chosen; what was typed stays where it is refused."""
        user = self._administrator(request)
        domains = self._services.domains
        said = Described(
            title_ja, title_en, description_ja, description_en, tuple(questions.splitlines()), not restricted
        )

        def save() -> str:
            if which:
                domains.describe(user, which, why, said)
                return good_news(self._language, "departments.described", domain=domains.title(which, self._language))
            info = domains.add(user.actor, name.strip(), **vars(said))
            return good_news(self._language, "departments.added", domain=info.title(self._language))

        told, done = self._told(save)
        form = self._form(user, which) if done else repeat(gr.skip(), 9)
        return told, *form, *self._shown(which)

    def _form(self, user: User, which: str | None) -> tuple[Any, ...]:
        said = self._services.domains.described(user, which) if which else Described()
        return (
            gr.Textbox(value=which or "", interactive=not which),
            said.title_ja,
            said.title_en,
            said.description_ja,
            said.description_en,
            "\n".join(said.questions),
            not said.open_to_all,
            gr.Textbox(value="", visible=bool(which)),
            gr.Button(value=self._tell("departments.save" if which else "departments.add")),
        )

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

    def _shown(self, which: str | None = "") -> tuple[Any, ...]:
        everything = self._services.domains.everything()
        labels = [self._tell(f"departments.{key}") for key in ("department", "short_name", "seen_by", "state")]
        rows = [
            [text(info.title(self._language)), text(info.name), text(self._seen_by(info)), text(self._state(info))]
            for info in everything
        ]
        choices = [(info.title(self._language), info.name) for info in everything]
        open_ones = [(info.title(self._language), info.name) for info in everything if not info.closed]
        new = (self._tell("departments.new"), "")
        nobody = (self._tell("departments.administrators"), "")
        return (
            table(labels, rows),
            gr.Dropdown(choices=[new, *choices], value=which or ""),
            gr.Dropdown(choices=choices),
            gr.Dropdown(choices=[nobody, *open_ones], value=""),
        )

    def _seen_by(self, info: DomainInfo) -> str:
        return self._tell("departments.everybody" if info.open_to_all else "departments.with_a_role")

    def _state(self, info: DomainInfo) -> str:
        if not info.closed:
            return self._tell("departments.open")
        if info.successor is None:
            return self._tell("departments.closed")
        successor = self._services.domains.title(info.successor, self._language)
        return self._tell("departments.closed_for", successor=successor)
