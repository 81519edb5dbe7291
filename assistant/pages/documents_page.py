"""The page of documents: upload, the files under way, what is there; and one document with all that is done to it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.access import User
from assistant.clock import now, today
from assistant.document_filter import ORDERS, STATES, Filter
from assistant.documents import Upload, as_label
from assistant.errors import Refusal
from assistant.pages.document_card import Card
from assistant.pages.documents_view import CHOSEN, LISTED, View
from assistant.pages.frame import (
    Events,
    current_user,
    good_news,
    head,
    head_place,
    markdown,
    notice,
    of_address,
    refused,
)
from assistant.pages.markup import tag, text
from assistant.pages.page import Page
from assistant.services import Services
from assistant.wording import Language, say
from index import SENSITIVITIES, DocumentError, DocumentInfo

LOOK_SECONDS = 1.5
SHOWN_JOBS, MOST_FAILED = 12, 30
SHOWN_FIRST = ("indexing", "failed", "queued", "cancelled", "indexed")
LATELY = timedelta(hours=1)  # so long a file that was read stays among those under way
TYPES = ("pdf", "docx", "xlsx", "pptx", "html", "md", "txt", "csv", "eml", "png", "jpg", "zip")


def build(services: Services, language: Language) -> gr.Blocks:
    """The page in one language."""
    tell = partial(say, language)
    handle = Handlers(services, language)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    page: gr.Blocks
    with Page(tell("page.documents"), takes_files=True) as page:
        top = head_place()
        markdown(tag("h1", text(tell("documents.title"))))
        late = markdown()
        with gr.Group():
            with gr.Row():
                wide = partial(gr.Dropdown, filterable=False, min_width=240)  # one below the other on a phone
                domain = wide([], label=tell("documents.department"))
                label = wide(handle.labels(), value="", label=tell("documents.label"))
            files = gr.File(label=tell("documents.choose"), file_count="multiple", type="filepath", height=170)
        send = gr.Button(tell("documents.upload"), variant="primary")
        said = markdown()
        jobs = markdown(elem_id="jobs")
        with gr.Row(elem_classes="actions", visible=False) as stopping:
            stop = gr.Button(tell("documents.stop_all"), size="sm")
        with gr.Row(elem_classes="actions", visible=False) as repeating:
            again = gr.Button(tell("documents.again_all"), size="sm")
            clear = gr.Button(tell("documents.clear"), size="sm")
        with gr.Row(elem_classes="filters"):
            choose = partial(gr.Dropdown, value="", filterable=False, min_width=130)
            within = choose([(tell("documents.all"), "")], label=tell("documents.show"), scale=2)
            state = choose(handle.choices("is", STATES), label=tell("documents.state"))
            kind = choose([(tell("documents.any"), ""), *((one, one) for one in TYPES)], label=tell("documents.type"))
            marked = choose(handle.choices("label", SENSITIVITIES), label=tell("documents.label"))
            order = gr.Dropdown(
                [(tell(f"documents.by_{one}"), one) for one in ORDERS],
                value="name",
                label=tell("documents.order"),
                filterable=False,
                min_width=130,
            )
            search = gr.Textbox(label=tell("documents.filter"), min_width=160)
        filters = [within, search, kind, state, marked, order]
        wanted = gr.State(Filter())
        listing = markdown(elem_classes=["listing", "tall"])
        markdown(tag("h2", text(tell("documents.change"))))
        chosen = gr.Dropdown([], label=tell("documents.document"), filterable=True, elem_id="chosen")
        shown = [listing, chosen]
        watched = [jobs, stopping, repeating]
        facts = handle.card.build(chosen, wanted, listing, [*watched, *shown])
        page.load(handle.open, None, [top, late, domain, within, *watched, *shown], **quiet)
        send.click(handle.upload, [files, domain, label, wanted], [said, files, *watched, *shown], **quiet)
        stop.click(handle.stop_all, wanted, [said, *watched, *shown], **quiet)
        again.click(handle.again_all, wanted, [said, *watched, *shown], **quiet)
        clear.click(handle.clear, wanted, [said, *watched, *shown], **quiet)
        for event in (within.input, state.input, kind.input, marked.input, order.input, search.change):
            event(handle.show_list, filters, [wanted, *shown], **quiet)
        gr.Timer(LOOK_SECONDS).tick(handle.look, [jobs, wanted, chosen], [*watched, listing, facts], **quiet)
    return page


class Handlers(Events):
    """The events of the page; each finds out anew who is asking."""

    def __init__(self, services: Services, language: Language) -> None:
        super().__init__(services, language)
        self._view = View(language)
        self.card = Card(services, language, self.after)

    def choices(self, name: str, values: Any) -> list[tuple[str, str]]:
        """Values with their words, 'any' first."""
        return [(self._tell("documents.any"), ""), *((self._tell(f"documents.{name}_{one}"), one) for one in values)]

    def labels(self) -> list[tuple[str, str]]:
        """The labels that an upload may get."""
        words = [(self._tell(f"documents.label_{one}"), one) for one in SENSITIVITIES]
        return [(self._tell("documents.label_kept"), ""), *words]

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fill the page."""
        user = current_user(self._services, request)
        domains = [(d.title(self._language), d.name) for d in self._services.domains.listing(user)]
        everything = [(self._tell("documents.all"), ""), *domains]
        return (
            head(self._services, self._language, "documents")(request),
            self._view.late(self._services.document_care.overdue(user) if user.desks else []),
            gr.Dropdown(choices=domains, value=_whose(user)),
            gr.Dropdown(choices=everything, value=""),
            *self.after(user, Filter(), of_address(request, CHOSEN)),
        )

    def after(self, user: User, wanted: Filter, chosen: str | None = None) -> tuple[Any, ...]:
        """The files under way and the list, as they are now. `chosen`: the document that stays so, if it is there."""
        return *self._jobs(user), *self._listing(user, wanted, chosen)

    def show_list(
        self, within: str, search: str, kind: str, state: str, label: str, order: str, request: gr.Request
    ) -> tuple[Any, ...]:
        """The list after a change of filter."""
        wanted = Filter(within, search, kind, state, label, order)
        return wanted, *self._listing(current_user(self._services, request), wanted)

    def look(self, before: str, wanted: Filter, chosen: str | None, request: gr.Request) -> tuple[Any, ...]:
        """How far the files are; the list, and what is known of the chosen document, anew where something moved."""
        user = current_user(self._services, request)
        jobs, *buttons = self._jobs(user)
        if jobs == before:
            return (gr.skip(),) * 5
        return jobs, *buttons, self._listing(user, wanted)[0], self.card.facts_now(user, chosen)

    def upload(
        self, files: list[str] | None, domain: str, label: str, wanted: Filter, request: gr.Request
    ) -> tuple[Any, ...]:
        """Take the files; they are read one after the other, whether the page stays open or not."""
        user = current_user(self._services, request)
        if not files or not domain:
            missing = "choose_department" if files else "no_file_chosen"
            return notice(self._language, Refusal(missing)), gr.skip(), *self.after(user, wanted)
        said = ""
        for path in map(Path, files):
            said += self._take(user, path, domain, label)
        return said, None, *self.after(user, wanted)

    def _take(self, user: User, path: Path, domain: str, label: str) -> str:
        try:
            upload = Upload(path.name, domain, sensitivity=as_label(label or None))
            taken = self._services.documents.upload(user, path, upload)
        except (DocumentError, Refusal) as error:
            return notice(self._language, error)
        finally:
            path.unlink(missing_ok=True)  # the copy in Gradio's cache is open to whoever knows its path
        if taken.status == "unchanged":
            return tag("p", tag("strong", text(path.name)) + ": " + text(self._tell("documents.unchanged")), "notice")
        return ""

    def stop_all(self, wanted: Filter, request: gr.Request) -> tuple[Any, ...]:
        """Leave unread all that waits."""
        return self._on_all(self._services.documents.cancel_all, "documents.stopped", wanted, request)

    def again_all(self, wanted: Filter, request: gr.Request) -> tuple[Any, ...]:
        """Read once more all that failed."""
        return self._on_all(self._services.documents.ask_again_all, "documents.again", wanted, request)

    def clear(self, wanted: Filter, request: gr.Request) -> tuple[Any, ...]:
        """Take away all of which nothing could be read."""
        return self._on_all(self._services.document_care.withdraw_unread, "documents.cleared", wanted, request)

    def _on_all(self, act: Callable[[User], int], key: str, wanted: Filter, request: gr.Request) -> tuple[Any, ...]:
        """Do it, and say to how many files it was done."""
        user = current_user(self._services, request)

        def told() -> str:
            return good_news(self._language, key, count=act(user))

        return refused(self._language, told), *self.after(user, wanted)

    def _jobs(self, user: User) -> tuple[Any, ...]:
        """The files under way, and whether there is something to stop or to try again."""
        documents = self._services.documents
        waiting = documents.jobs(user, "indexing", "queued", limit=SHOWN_JOBS)
        ended = documents.jobs(user, "indexed", "failed", "cancelled", since=now() - LATELY)
        over = {row.id for row in ended.documents}  # what ended between the two looks is in both
        under_way = [row for row in waiting.documents if row.id not in over]
        failed = [row for row in ended.documents if row.latest.state == "failed"]  # somebody has to do something
        others = [row for row in ended.documents if row.latest.state != "failed"]
        room = max(SHOWN_JOBS - len(failed), 0)
        rows = [*under_way, *reversed(failed[-MOST_FAILED:]), *reversed(others[max(len(others) - room, 0) :])]
        rows.sort(key=lambda row: SHOWN_FIRST.index(row.latest.state))
        paces = {row.id: self._services.ingestion.pace(row.latest) for row in rows}
        counts = waiting.counts | ended.counts
        return (
            self._view.jobs(rows, paces, counts),
            gr.Row(visible=bool(waiting.counts)),
            gr.Row(visible=bool(counts.get("failed"))),
        )

    def _listing(self, user: User, wanted: Filter, chosen: str | None = None) -> tuple[Any, ...]:
        everything = self._services.documents.listing(user)
        rows = wanted.pick(everything, today())
        titles = {d.name: d.title(self._language) for d in self._services.domains.listing(user)}
        people = self._services.documents.people([row.latest.uploaded_by for row in rows[:LISTED]])
        kept = [row for row in everything if row.id == chosen]  # also where the filter leaves it out
        listed = [*(row for row in kept if row not in rows[:LISTED]), *rows[:LISTED]]
        choices = [(self._choice(row, titles.get(row.domain, row.domain)), row.id) for row in listed]
        shown = self._view.documents(rows, len(everything), titles, people, today(), user.id)
        return shown, gr.Dropdown(choices=choices, value=chosen if kept else None)

    def _choice(self, row: DocumentInfo, title: str) -> str:
        private = f", {self._tell('documents.is_private')}" if row.visibility == "private" else ""
        return f"{row.source or row.filename} ({title}{private})"


def _whose(user: User) -> str | None:
    """The department that a file is for without being asked: of whoever works at one desk, or sees one department."""
    for known in (user.desks, tuple(user.roles)):
        if len(known) == 1:
            return known[0]
    return None
