"""One document on its page: its facts and versions, its text, what changed; describing, replacing, withdrawing it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.access import User
from assistant.clock import today
from assistant.document_care import Care
from assistant.document_filter import Filter
from assistant.documents import as_date, as_label
from assistant.errors import NotFound, Refusal
from assistant.pages.documents_view import View
from assistant.pages.frame import Events, current_user, good_news, markdown, refused
from assistant.services import Services
from assistant.wording import Language
from index import SENSITIVITIES, DocumentInfo, VersionInfo

After = Callable[[User, Filter, str | None], tuple[Any, ...]]


class Card(Events):
    """The part of the page that shows one document; each event finds out anew who is asking.

    `after`: makes the files under way, the list and the choice anew, when something was done; the document that is
    shown stays chosen.
    """

    def __init__(self, services: Services, language: Language, after: After) -> None:
        super().__init__(services, language)
        self._after = after
        self._view = View(language)

    def build(self, chosen: gr.Dropdown, wanted: gr.State, listing: gr.Markdown, page: Sequence[Any]) -> gr.Markdown:
        """Put the components in place; gives the one of `facts`. `page`: what `after` fills."""
        tell = self._tell
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        result = markdown(elem_id="result")
        facts = markdown(elem_id="facts")
        preview = markdown(elem_id="text")
        with gr.Accordion(tell("documents.compare_title"), open=False, visible=False) as comparing:
            with gr.Row():
                old = gr.Dropdown([], label=tell("documents.old_version"), filterable=False)
                new = gr.Dropdown([], label=tell("documents.new_version"), filterable=False)
            compare = gr.Button(tell("documents.compare"))
            changes = markdown(elem_id="changes")
        with gr.Column(visible=False) as tools:
            with gr.Row(elem_classes="actions"):
                accept = gr.Button(tell("documents.accept"), visible=False, variant="primary")
                stop = gr.Button(tell("documents.stop"), visible=False)
                again = gr.Button(tell("documents.again_one"), visible=False)
            with gr.Accordion(tell("documents.describe"), open=False):
                with gr.Row():
                    label = gr.Dropdown(
                        [(tell(f"documents.label_{one}"), one) for one in SENSITIVITIES],
                        label=tell("documents.label"),
                        filterable=False,
                        interactive=True,
                    )
                    responsible = gr.Textbox(label=tell("documents.responsible"), max_length=120, interactive=True)
                    review = gr.Textbox(label=tell("documents.review_date"), placeholder="2027-03-31", interactive=True)
                save = gr.Button(tell("documents.save"))
            with gr.Accordion(tell("documents.replace_title"), open=False):
                file = gr.File(label=tell("documents.replacement"), file_count="single", type="filepath", height=140)
                replace = gr.Button(tell("documents.replace"))
            with gr.Accordion(tell("documents.withdraw_title"), open=False):
                derived = markdown(elem_id="derived")
                reason = gr.Textbox(label=tell("documents.reason"), max_length=1000, interactive=True)
                sure = gr.Checkbox(label=tell("documents.sure"), interactive=True)
                withdraw = gr.Button(tell("documents.withdraw"), variant="stop")
        card = [facts, preview, comparing, old, new, changes, tools, accept, stop, again]
        card += [label, responsible, review, derived, sure]
        chosen.change(self.show, chosen, card, **quiet)
        compare.click(self.compare, [chosen, old, new], changes, api_visibility="private", show_progress="minimal")
        save.click(self.save, [chosen, label, responsible, review, wanted], [result, listing, *card], **quiet)
        for button, event in ((accept, self.accept), (stop, self.stop), (again, self.again)):
            button.click(event, [chosen, wanted], [result, *page, *card], **quiet)
        replace.click(self.replace, [chosen, file, wanted], [result, file, *page, *card], **quiet)
        withdraw.click(self.withdraw, [chosen, reason, sure, wanted], [result, *page], **quiet)
        return facts

    def show(self, document: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Another document, or none."""
        return self._card(current_user(self._services, request), document)

    def _card(self, user: User, document: str | None) -> tuple[Any, ...]:
        if not document:
            hidden = gr.Button(visible=False)
            closed = gr.Column(visible=False)
            nothing = gr.Dropdown(choices=[], value=None)
            return "", "", closed, nothing, nothing, "", closed, *(hidden,) * 3, gr.skip(), "", "", "", False
        info, versions = self._services.document_texts.versions(user, document)
        _, passages, count = self._services.document_texts.text(user, document)
        titles = self._titles(user)
        own = info.visibility == "private" and info.owner == user.id
        changeable = own or user.may("reviewer", info.domain)
        derived = self._services.document_care.derived(user, document) if changeable else None
        numbers = [(str(one.number), one.number) for one in versions]
        return (
            self._facts(info, versions, titles),
            self._view.preview(info, passages, count),
            gr.Accordion(visible=len(versions) > 1),
            gr.Dropdown(choices=numbers, value=numbers[1][1] if len(numbers) > 1 else None),
            gr.Dropdown(choices=numbers, value=numbers[0][1]),
            "",
            gr.Column(visible=changeable),
            gr.Button(visible=info.visibility == "private" and user.may("reviewer", info.domain)),
            gr.Button(visible=info.latest.waits),
            gr.Button(visible=info.latest.state in ("failed", "cancelled")),
            gr.Dropdown(value=info.sensitivity),
            info.responsible,
            info.review_on.isoformat() if info.review_on else "",
            self._view.derived(derived, titles) if derived else "",
            False,
        )

    def facts_now(self, user: User, document: str | None) -> Any:
        """The facts of the document that is shown, when a file was read."""
        if not document:
            return gr.skip()
        try:
            info, versions = self._services.document_texts.versions(user, document)
        except NotFound:  # withdrawn by somebody else meanwhile
            return ""
        return self._facts(info, versions, self._titles(user))

    def _titles(self, user: User) -> dict[str, str]:
        return {d.name: d.title(self._language) for d in self._services.domains.listing(user)}

    def _facts(self, info: DocumentInfo, versions: Sequence[VersionInfo], titles: Mapping[str, str]) -> str:
        people = self._services.documents.people([info.owner, *(one.uploaded_by for one in versions)])
        return self._view.facts(info, versions, people, titles.get(info.domain, info.domain), today())

    def compare(self, document: str | None, old: int | None, new: int | None, request: gr.Request) -> str:
        """What changed between two versions."""
        user = current_user(self._services, request)

        def compare() -> str:
            if not document or not old or not new:
                raise Refusal("choose_document")
            return self._view.changes(self._services.document_texts.changes(user, document, old, new))

        return refused(self._language, compare)

    def save(
        self,
        document: str | None,
        label: str | None,
        responsible: str,
        review: str,
        wanted: Filter,
        request: gr.Request,
    ) -> tuple[Any, ...]:
        """Keep what is said of a document."""
        user = current_user(self._services, request)

        def save(chosen: str) -> str:
            day = as_date(review.strip())
            care = Care(as_label(label), responsible, day, no_review=day is None)
            self._services.document_care.describe(user, chosen, care)
            return good_news(self._language, "documents.saved")

        words = self._on(document, save)
        return words, self._after(user, wanted, document)[-2], *self._card(user, document)

    def accept(self, document: str | None, wanted: Filter, request: gr.Request) -> tuple[Any, ...]:
        """Let the department find an employee's upload."""
        user = current_user(self._services, request)

        def accept(chosen: str) -> str:
            self._services.documents.accept(user, chosen)
            return good_news(self._language, "documents.accepted")

        return self._on(document, accept), *self._shown(user, document, wanted)

    def stop(self, document: str | None, wanted: Filter, request: gr.Request) -> tuple[Any, ...]:
        """Leave the newest version unread."""
        user = current_user(self._services, request)

        def stop(chosen: str) -> str:
            self._services.documents.cancel(user, self._latest(user, chosen))
            return good_news(self._language, "documents.stopped", count=1)

        return self._on(document, stop), *self._shown(user, document, wanted)

    def again(self, document: str | None, wanted: Filter, request: gr.Request) -> tuple[Any, ...]:
        """Read the newest version once more."""
        user = current_user(self._services, request)

        def again(chosen: str) -> str:
            self._services.documents.ask_again(user, self._latest(user, chosen))
            return good_news(self._language, "documents.again", count=1)

        return self._on(document, again), *self._shown(user, document, wanted)

    def replace(self, document: str | None, path: str | None, wanted: Filter, request: gr.Request) -> tuple[Any, ...]:
        """Put a new file in a document's place."""
        user = current_user(self._services, request)

        def replace(chosen: str) -> str:
            if not path:
                raise Refusal("choose_document_and_file")
            done = self._services.documents.replace(user, chosen, Path(path))
            return good_news(self._language, f"documents.{done.status}")

        words = self._on(document, replace)
        if path:
            Path(path).unlink(missing_ok=True)  # the copy in Gradio's cache is open to whoever knows its path
        return words, None, *self._shown(user, document, wanted)

    def withdraw(
        self, document: str | None, reason: str, sure: bool, wanted: Filter, request: gr.Request
    ) -> tuple[Any, ...]:
        """Take a document out of the search for good."""
        user = current_user(self._services, request)

        def withdraw(chosen: str) -> str:
            if not sure:
                raise Refusal("tick_sure")
            self._services.document_care.withdraw(user, chosen, reason)
            return good_news(self._language, "documents.withdrawn")

        words = self._on(document, withdraw)
        return (words, *self._after(user, wanted, None)) if sure else (words, *(gr.skip(),) * 5)

    def _shown(self, user: User, document: str | None, wanted: Filter) -> tuple[Any, ...]:
        """The page and the document, when something was done to it."""
        page = self._after(user, wanted, document)
        try:
            return *page, *self._card(user, document)
        except NotFound:  # withdrawn by somebody else meanwhile
            return *page, *self._card(user, None)

    def _latest(self, user: User, document: str) -> str:
        return self._services.document_texts.versions(user, document)[0].latest.id

    def _on(self, document: str | None, act: Callable[[str], str]) -> str:
        """What an action on the chosen document says, or that none is chosen."""

        def on() -> str:
            if not document:
                raise Refusal("choose_document")
            return act(document)

        return refused(self._language, on)
