"""The administrator's page of people: accounts and their roles."""

from functools import partial
from typing import Any

import gradio as gr

from assistant.access import RANK
from assistant.errors import Refusal
from assistant.pages.frame import Events, good_news, head, head_place, markdown, refused
from assistant.pages.markup import table, tag, text
from assistant.pages.page import Page
from assistant.services import Services
from assistant.wording import Language, say


def build(services: Services, language: Language) -> gr.Blocks:
    """The page in one language."""
    tell = partial(say, language)
    handle = Handlers(services, language)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    roles = [(tell(f"people.role_{role}"), role) for role in RANK]
    page: gr.Blocks
    with Page(tell("page.people")) as page:
        top = head_place()
        markdown(tag("h1", text(tell("people.title"))))
        listing = markdown(elem_classes="listing")
        markdown(tag("h2", text(tell("people.add"))))
        with gr.Group(), gr.Row():
            name = gr.Textbox(label=tell("form.name"))
            display_name = gr.Textbox(label=tell("form.display_name"))
            password = gr.Textbox(label=tell("people.first_password"), type="password")
            administrator = gr.Checkbox(label=tell("people.administrator"))
        add = gr.Button(tell("people.add"), variant="primary")
        markdown(tag("h2", text(tell("people.change"))))
        with gr.Group(), gr.Row():
            person = gr.Dropdown([], label=tell("people.person"))
            domain = gr.Dropdown([], label=tell("documents.department"))
            role = gr.Dropdown([(tell("people.role_none"), ""), *roles], label=tell("people.role"), value="employee")
        give = gr.Button(tell("people.give"))
        with gr.Group(), gr.Row():
            new_password = gr.Textbox(label=tell("people.new_password"), type="password")
        give_password = gr.Button(tell("people.give_password"))
        with gr.Group(), gr.Row():
            email = gr.Textbox(label=tell("people.email"))
        set_email = gr.Button(tell("people.set_email"))
        with gr.Accordion(tell("people.disable_title"), open=False):
            sure = gr.Checkbox(label=tell("people.sure"))
            disable = gr.Button(tell("people.disable"), variant="stop")
        result = markdown()
        shown = [listing, person]
        page.load(handle.open, None, [top, domain, *shown], **quiet)
        form = [name, display_name, password, administrator]
        add.click(handle.add, form, [result, *form, *shown], **quiet)
        give.click(handle.give, [person, domain, role], [result, *shown], **quiet)
        give_password.click(handle.give_password, [person, new_password], [result, new_password, *shown], **quiet)
        set_email.click(handle.set_email, [person, email], [result, email, *shown], **quiet)
        disable.click(handle.disable, [person, sure], [result, sure, *shown], **quiet)
    return page


class Handlers(Events):
    """The events of the page; each finds out anew who is asking, and that it is an administrator."""

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fill the page."""
        self._administrator(request)
        everything = self._services.domains.everything()
        domains = [(d.title(self._language), d.name) for d in everything if not d.closed]
        return (
            head(self._services, self._language, "people")(request),
            gr.Dropdown(choices=domains),
            *self._shown(),
        )

    def add(
        self, name: str, display_name: str, password: str, administrator: bool, request: gr.Request
    ) -> tuple[Any, ...]:
        """Make an account; its password is to be changed at the first sign-in."""
        user = self._administrator(request)
        kept = (name, display_name, "", administrator)

        def add() -> str:
            nonlocal kept
            self._services.accounts.create(
                user.actor, name, password, display_name=display_name, administrator=administrator
            )
            kept = ("", "", "", False)  # else the next account has this one's name
            return good_news(self._language, "people.added", name=name)

        said = refused(self._language, add)
        return said, *kept, *self._shown()

    def give(self, person: str | None, domain: str | None, role: str, request: gr.Request) -> tuple[Any, ...]:
        """Set or take a role."""
        user = self._administrator(request)

        def give() -> str:
            if not person or not domain:
                raise Refusal("choose_person_and_department")
            self._services.accounts.set_role(user.actor, person, domain, role or None)
            return good_news(self._language, "people.given")

        return refused(self._language, give), *self._shown()

    def give_password(self, person: str | None, password: str, request: gr.Request) -> tuple[Any, ...]:
        """Let somebody in again who forgot the password or whose account was closed."""
        user = self._administrator(request)

        def give_password() -> str:
            if not person:
                raise Refusal("choose_person")
            if person == user.account:
                raise Refusal("own_password")
            self._services.accounts.give_password(user.actor, person, password)
            return good_news(self._language, "people.password_given")

        return refused(self._language, give_password), "", *self._shown()

    def set_email(self, person: str | None, email: str, request: gr.Request) -> tuple[Any, ...]:
        """Say where a person is told of replies."""
        user = self._administrator(request)

        def set_email() -> str:
            if not person:
                raise Refusal("choose_person")
            self._services.accounts.set_email(user.actor, person, email)
            return good_news(self._language, "people.email_set")

        return refused(self._language, set_email), gr.skip(), *self._shown()

    def disable(self, person: str | None, sure: bool, request: gr.Request) -> tuple[Any, ...]:
        """Close an account."""
        user = self._administrator(request)

        def disable() -> str:
            if not person:
                raise Refusal("choose_person")
            if person == user.account:
                raise Refusal("not_yourself")
            if not sure:
                raise Refusal("tick_closing")
            self._services.accounts.disable(user.actor, person)
            return good_news(self._language, "people.disabled")

        return refused(self._language, disable), False, *self._shown()

    def _shown(self) -> tuple[str, Any]:
        accounts = self._services.accounts.listing()
        titles = {d.name: d.title(self._language) for d in self._services.domains.everything()}
        labels = [self._tell(key) for key in ("form.name", "form.display_name", "people.role", "people.state")]
        rows = []
        for account, grants in accounts:
            roles = [f"{titles.get(d, d)}: {self._tell(f'people.role_{r}')}" for d, r in grants.items()]
            if account.administrator:
                roles.insert(0, self._tell("people.administrator"))
            state = self._tell("people.closed" if account.disabled_at else "people.open")
            rows.append([text(cell) for cell in (account.name, account.display_name, "\n".join(roles), state)])
        closed = self._tell("people.is_closed")
        people = [(a.display_name + (closed if a.disabled_at else ""), a.id) for a, _ in accounts]
        return table(labels, rows), gr.Dropdown(choices=people)
