"""The administrators' page of records: what changed and by whom, how long conversations are kept, a person's data."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

import gradio as gr

from assistant.access import User
from assistant.audit_log import FORMATS, Wanted
from assistant.errors import Refusal
from assistant.pages.frame import Events, good_news, head, head_place, markdown, notice, refused
from assistant.pages.markup import tag, text
from assistant.pages.page import Page
from assistant.pages.records_view import entries_table, held, retention_table
from assistant.services import Services
from assistant.wording import Language, catalogue, say

ON_PAGE = 25  # entries


def build(services: Services, language: Language) -> gr.Blocks:
    """The page in one language."""
    tell = partial(say, language)
    handle = Handlers(services, language)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    actions = [(told, key.removeprefix("action.")) for key, told in catalogue(language).items() if key[:7] == "action."]
    page: gr.Blocks
    with Page(tell("page.records")) as page:
        top = head_place()
        markdown(tag("h1", text(tell("records.title"))) + tag("p", text(tell("records.lead")), "small"))
        with gr.Row():
            who = gr.Textbox(label=tell("records.who"))
            what = gr.Dropdown([(tell("records.anything"), ""), *sorted(actions)], value="", label=tell("records.what"))
            thing = gr.Textbox(label=tell("records.object"))
            since = gr.Textbox(label=tell("records.since"), placeholder="2026-04-01")
            until = gr.Textbox(label=tell("records.until"), placeholder="2026-04-30")
        with gr.Row(elem_classes="actions"):
            find = gr.Button(tell("records.find"), variant="primary")
            newer = gr.Button(tell("records.newer"))
            older = gr.Button(tell("records.older"))
            check = gr.Button(tell("records.check"))
        checked = markdown(elem_id="checked")
        entries = markdown(elem_id="entries", elem_classes="listing")
        at = gr.State(0)
        markdown(tag("h2", text(tell("records.retention"))) + tag("p", text(tell("records.retention_lead")), "small"))
        kept = markdown(elem_id="retention", elem_classes="figures")
        with gr.Row():
            domain = gr.Dropdown([], label=tell("documents.department"), filterable=False)
            days = gr.Number(label=tell("records.days"), precision=0, minimum=0, value=0)
        with gr.Row(elem_classes="actions"):
            keep = gr.Button(tell("records.keep"))
        kept_said = markdown(elem_id="kept")
        markdown(tag("h2", text(tell("records.person"))) + tag("p", text(tell("records.person_lead")), "small"))
        person = gr.Dropdown([], label=tell("people.person"))
        person_held = markdown(elem_id="held")
        name = gr.Textbox(label=tell("records.name_again"))
        with gr.Row(elem_classes="actions"):
            erase = gr.Button(tell("records.erase"), variant="stop")
        erased = markdown(elem_id="erased")

        wanted = [who, what, thing, since, until]
        page.load(handle.open, None, [top, entries, at, kept, domain, person], **quiet)
        find.click(handle.find, wanted, [entries, at], **quiet)
        newer.click(handle.newer, [at, *wanted], [entries, at], **quiet)
        older.click(handle.older, [at, *wanted], [entries, at], **quiet)
        check.click(handle.check, None, checked, **quiet)
        keep.click(handle.keep, [domain, days], [kept_said, kept], **quiet)
        person.input(handle.look, person, [person_held, erased], **quiet)
        erase.click(handle.erase, [person, name], [erased, person_held, name, person], **quiet)
    return page


class Handlers(Events):
    """The events of the page; each finds out anew who is asking, and that it is an administrator."""

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fill the page with the latest entries."""
        user = self._administrator(request)
        domains = [(one.title(self._language), one.name) for one in self._services.domains.everything()]
        return (
            head(self._services, self._language, "records")(request),
            *self._found(user, Wanted(), 0),
            retention_table(self._language, self._services.retention, user, dict((n, t) for t, n in domains)),
            gr.Dropdown(choices=domains, value=domains[0][1] if domains else None),
            self._people(),
        )

    def find(self, who: str, what: str, thing: str, since: str, until: str, request: gr.Request) -> tuple[Any, ...]:
        """The latest of what is wanted."""
        return self._found(self._administrator(request), Wanted(who, what or "", thing, since, until), 0)

    def newer(
        self, at: int, who: str, what: str, thing: str, since: str, until: str, request: gr.Request
    ) -> tuple[Any, ...]:
        """The entries above these."""
        wanted = Wanted(who, what or "", thing, since, until)
        return self._found(self._administrator(request), wanted, max(0, at - ON_PAGE))

    def older(
        self, at: int, who: str, what: str, thing: str, since: str, until: str, request: gr.Request
    ) -> tuple[Any, ...]:
        """The entries below these."""
        wanted = Wanted(who, what or "", thing, since, until)
        return self._found(self._administrator(request), wanted, at + ON_PAGE)

    def check(self, request: gr.Request) -> str:
        """Walk the chain."""
        found = self._services.audit_log.verify(self._administrator(request))
        if found.intact:
            return good_news(self._language, "audit.intact", entries=found.entries)
        words = self._tell(f"audit.problem_{found.problem}", number=found.first_broken)
        return tag("p", text(words), "notice error", role="alert")

    def keep(self, domain: str | None, days: float | None, request: gr.Request) -> tuple[str, str]:
        """Set how long a department's conversations are kept; 0: for good."""
        user = self._administrator(request)

        def keep() -> str:
            if not domain:
                raise Refusal("choose_person_and_department")
            self._services.retention.set(user, domain, int(days) if days else None)
            return good_news(self._language, "records.kept")

        said = refused(self._language, keep)
        titles = {one.name: one.title(self._language) for one in self._services.domains.everything()}
        return said, retention_table(self._language, self._services.retention, user, titles)

    def look(self, person: str | None, request: gr.Request) -> tuple[str, str]:
        """What is kept of a person, what would go and what would stay."""
        user = self._administrator(request)
        return (held(self._language, self._services.personal.holdings(user, person)) if person else ""), ""

    def erase(self, person: str | None, name: str, request: gr.Request) -> tuple[Any, ...]:
        """Erase a person whose sign-in name was typed to confirm it."""
        user = self._administrator(request)

        def erase() -> str:
            if not person:
                raise Refusal("choose_person_and_department")
            if self._services.accounts.id_of(name) != person:
                raise Refusal("other_name")
            self._services.personal.erase(user, person)
            return good_news(self._language, "data.erased")

        said = refused(self._language, erase)
        if "notice good" not in said:
            return said, gr.skip(), gr.skip(), gr.skip()
        return said, "", "", self._people()

    def _found(self, user: User, wanted: Wanted, skip: int) -> tuple[str, int]:
        try:
            entries, count = self._services.audit_log.search(user, wanted, limit=ON_PAGE, skip=skip)
        except Refusal as error:
            return notice(self._language, error), 0
        if skip and not entries:
            return self._found(user, wanted, max(0, count - 1) // ON_PAGE * ON_PAGE)
        shown = self._tell("records.shown", first=skip + bool(entries), last=skip + len(entries), count=count)
        query = {name: value for name, value in vars(wanted).items() if value}
        exports = " ".join(
            tag(
                "a",
                text(self._tell(f"records.as_{form}")),
                href=f"/records/export?{urlencode({'form': form, **query})}",
            )
            for form in FORMATS
        )
        return tag("p", text(shown) + " " + exports, "small") + entries_table(self._language, entries), skip

    def _people(self) -> gr.Dropdown:
        accounts = [(f"{one.display_name} ({one.name})", one.id) for one, _ in self._services.accounts.listing()]
        return gr.Dropdown(choices=accounts, value=None)
