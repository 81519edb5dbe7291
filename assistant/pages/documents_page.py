"""The page of documents: upload with progress, what is there, replace, accept, delete."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.access import User
from assistant.clock import today
from assistant.errors import Refusal
from assistant.pages.frame import current_user, good_news, head, head_place, markdown, notice, refused
from assistant.pages.markup import table, tag, text
from assistant.services import Services
from assistant.wording import Language, say
from index import DocumentError, DocumentInfo

LOOK_SECONDS = 1.0
COLUMNS = ("file", "department", "state", "version", "time", "passages", "who", "when")
FILE_TYPES = (".md", ".txt", ".html", ".htm", ".csv", ".tsv", ".docx", ".xlsx", ".pptx", ".pdf")


def build(services: Services, language: Language) -> gr.Blocks:
    """The page in one language."""
    tell = partial(say, language)
    handle = Handlers(services, language)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    page: gr.Blocks
    with gr.Blocks(
        title=f"{tell('page.documents')} · Madoguchi", analytics_enabled=False, delete_cache=(900, 3600)
    ) as page:
        top = head_place()
        markdown(tag("h1", text(tell("documents.title"))))
        with gr.Group():
            domain = gr.Dropdown([], label=tell("documents.department"), filterable=False)
            files = gr.File(label=tell("documents.choose"), file_count="multiple", type="filepath", height=170)
        send = gr.Button(tell("documents.upload"), variant="primary")
        progress = markdown()
        with gr.Row():
            within = gr.Dropdown([], label=tell("documents.show"), filterable=False)
            search = gr.Textbox(label=tell("documents.filter"))
        listing = markdown(elem_classes="listing")
        markdown(tag("h2", text(tell("documents.change"))))
        with gr.Group():
            chosen = gr.Dropdown([], label=tell("documents.document"), filterable=True)
            replacement = gr.File(label=tell("documents.replacement"), file_count="single", type="filepath", height=140)
        with gr.Row():
            replace = gr.Button(tell("documents.replace"))
            accept = gr.Button(tell("documents.accept"))
        with gr.Row():
            sure = gr.Checkbox(label=tell("documents.sure"))
            delete = gr.Button(tell("documents.delete"), variant="stop")
        result = markdown()
        shown = [listing, chosen]
        page.load(handle.open, None, [top, domain, within, *shown], **quiet)
        send.click(handle.upload, [files, domain, within, search], [progress, files, *shown], **quiet)
        for event in (within.change, search.change):
            event(handle.show_list, [within, search], shown, **quiet)
        replace.click(handle.replace, [chosen, replacement, within, search], [result, replacement, *shown], **quiet)
        accept.click(handle.accept, [chosen, within, search], [result, *shown], **quiet)
        delete.click(handle.delete, [chosen, sure, within, search], [result, sure, *shown], **quiet)
    return page


class Handlers:
    """The events of the page; each finds out anew who is asking."""

    def __init__(self, services: Services, language: Language) -> None:
        self._services = services
        self._language = language
        self._tell = partial(say, language)

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fill the page."""
        user = current_user(self._services, request)
        domains = [(d.title(self._language), d.name) for d in self._services.domains.listing(user)]
        everything = [(self._tell("documents.all"), ""), *domains]
        return (
            head(self._services, self._language, "documents")(request),
            gr.Dropdown(choices=domains, value=domains[0][1] if domains else None),
            gr.Dropdown(choices=everything, value=""),
            *self._listing(user, "", ""),
        )

    def show_list(self, within: str, search: str, request: gr.Request) -> tuple[Any, ...]:
        """The list after a change of filter."""
        return self._listing(current_user(self._services, request), within, search)

    def upload(
        self, files: list[str] | None, domain: str, within: str, search: str, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """Take the files one by one, then show how far each is until all are read."""
        user = current_user(self._services, request)
        if not files:
            yield notice(self._language, Refusal("no_file_chosen")), None, gr.skip(), gr.skip()
            return
        states: dict[str, str] = {}
        waiting: dict[str, str] = {}
        for path in map(Path, files):
            key, words = self._take(user, path, domain)
            states[path.name] = words
            if key:
                waiting[path.name] = key
            yield self._progress(states), gr.skip(), gr.skip(), gr.skip()
        while waiting:
            for name, version in list(waiting.items()):
                state = self._services.documents.wait(version, LOOK_SECONDS)
                states[name] = self._state_words(state.state, state.error, state.passages)
                if state.over:
                    del waiting[name]
            yield self._progress(states), gr.skip(), gr.skip(), gr.skip()
        yield self._progress(states), None, *self._listing(user, within, search)

    def _take(self, user: User, path: Path, domain: str) -> tuple[str | None, str]:
        try:
            taken = self._services.documents.upload(user, path, path.name, domain)
        except (DocumentError, Refusal) as error:
            return None, notice(self._language, error)
        finally:
            path.unlink(missing_ok=True)  # the copy in Gradio's cache is open to whoever knows its path
        if taken.status == "unchanged":
            return None, text(self._tell("documents.unchanged"))
        return taken.version_id, text(self._tell("documents.queued"))

    def _progress(self, states: dict[str, str]) -> str:
        rows = "".join(tag("li", tag("strong", text(name)) + ": " + words) for name, words in states.items())
        return tag("ul", rows, "uploads", role="status")

    def _state_words(self, state: str, error: DocumentError | None, passages: int) -> str:
        if error is not None:
            return notice(self._language, error)
        return text(self._tell(f"documents.state_{state}", passages=passages))

    def replace(
        self, document: str | None, path: str | None, within: str, search: str, request: gr.Request
    ) -> tuple[Any, ...]:
        """Put a new file in a document's place."""
        user = current_user(self._services, request)

        def replace() -> str:
            if not document or not path:
                raise Refusal("choose_document_and_file")
            done = self._services.documents.replace(user, document, Path(path))
            if done.error is not None:
                raise done.error
            key = "documents.unchanged" if done.status == "unchanged" else "documents.replaced"
            return good_news(self._language, key)

        words = refused(self._language, replace)
        if path:
            Path(path).unlink(missing_ok=True)
        return words, None, *self._listing(user, within, search)

    def accept(self, document: str | None, within: str, search: str, request: gr.Request) -> tuple[Any, ...]:
        """Let the department find an employee's upload."""
        user = current_user(self._services, request)

        def accept() -> str:
            if not document:
                raise Refusal("choose_document")
            self._services.documents.accept(user, document)
            return good_news(self._language, "documents.accepted")

        return refused(self._language, accept), *self._listing(user, within, search)

    def delete(
        self, document: str | None, sure: bool, within: str, search: str, request: gr.Request
    ) -> tuple[Any, ...]:
        """Delete a document for good."""
        user = current_user(self._services, request)

        def delete() -> str:
            if not document:
                raise Refusal("choose_document")
            if not sure:
                raise Refusal("tick_sure")
            self._services.documents.delete(user, document)
            return good_news(self._language, "documents.deleted")

        return refused(self._language, delete), False, *self._listing(user, within, search)

    def _listing(self, user: User, within: str, search: str) -> tuple[Any, ...]:
        rows = [
            row
            for row in self._services.documents.listing(user, within or None)
            if search.casefold() in row.filename.casefold()
        ]
        choices = [(f"{row.filename} ({row.domain})", row.id) for row in rows]
        return self._table(user, rows), gr.Dropdown(choices=choices, value=None)

    def _table(self, user: User, rows: list[DocumentInfo]) -> str:
        if not rows:
            return tag("p", text(self._tell("documents.none")), "empty")
        names = self._services.documents.people(rows)
        labels = [self._tell(f"documents.{column}") for column in COLUMNS]
        titles = {d.name: d.title(self._language) for d in self._services.domains.listing(user)}
        return table(labels, [self._cells(row, titles, names) for row in rows], "documents")

    def _time(self, row: DocumentInfo) -> str:
        """What a document says of its own time, marked where it is not in force today."""
        told, force = row.standing.validity, row.standing.on(today())
        facts = [told.label] if told.label else []
        if told.since and force != "not_yet":
            facts.append(self._tell("documents.since", day=told.since))
        if force == "replaced" and (end := row.standing.last_day_known):
            facts.append(self._tell("place.until", day=end))
        if force == "replaced" and row.standing.successor:
            facts.append(self._tell("documents.replaced_by", file=row.standing.successor))
        words = text(self._tell("place.joint").join(facts))
        if force == "in_force":
            return words
        mark = text(self._tell(f"place.{force}_chip", day=told.since or ""))
        return tag("span", mark, "chip held") + " " + words

    def _cells(self, row: DocumentInfo, titles: dict[str, str], names: dict[str, str]) -> list[str]:
        private = (
            f" {tag('span', text(self._tell('documents.private')), 'chip')}" if row.visibility == "private" else ""
        )
        who = names.get(row.uploaded_by) or self._tell("documents.operator")
        when = row.uploaded_at.astimezone().strftime("%Y-%m-%d %H:%M")
        return [
            tag("a", text(row.filename), href=f"/documents/{row.id}/{row.version_id}"),
            text(titles.get(row.domain, row.domain)) + private,
            self._state_words(row.state, row.error, row.passages),
            text(row.version),
            self._time(row),
            *(text(fact) for fact in (row.passages, who, when)),
        ]
