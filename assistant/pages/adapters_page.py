"""The page of a department's adapter: what it learns from, its training, the comparison, going live and back."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from adapters import model_store
from adapters.version_folder import Part
from assistant import import_words
from assistant.access import User
from assistant.errors import Refusal
from assistant.lessons import PARTS
from assistant.pages import check_part, try_part
from assistant.pages.adapters_view import View
from assistant.pages.frame import Events, current_user, good_news, head, head_place, markdown, notice, refused
from assistant.pages.markup import tag, text
from assistant.pages.page import Page
from assistant.services import Services
from assistant.training_words import expected
from assistant.trainings import RunInfo
from assistant.verdicts import SEVERITIES
from assistant.versions import SHIPPED
from assistant.wording import Language, say

LOOK_SECONDS = 3.0
STAGE = "stages"  # how a comparison under way is marked
SHOWN_ROWS = 200  # of a sheet, refused or waiting
SHEETS = [".xlsx", ".csv", ".tsv", ".jsonl"]


def build(services: Services, language: Language) -> gr.Blocks:
    """The page in one language."""
    tell = partial(say, language)
    handle = Handlers(services, language)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    page: gr.Blocks
    with Page(tell("page.adapters"), takes_files=True) as page:
        top = head_place()
        markdown(tag("h1", text(tell("adapters.title"))) + tag("p", text(tell("adapters.lead")), "small"))
        domain = gr.Dropdown([], label=tell("documents.department"), filterable=False)
        state = markdown(elem_id="state")
        ready = check_part.build(services, language, domain)
        markdown(tag("h2", text(tell("adapters.step_examples"))))
        sheet = gr.File(label=tell("adapters.sheet"), file_types=SHEETS, type="filepath", height=140)
        with gr.Row(elem_classes="actions"):
            take = gr.Button(tell("adapters.import"), variant="primary")
            check = gr.Button(tell("adapters.check"))
        said = markdown(elem_id="said")
        with gr.Accordion(tell("adapters.examples"), open=False):
            listing = markdown(elem_classes="listing")
            example = gr.Dropdown([], label=tell("adapters.example"), filterable=True)
            question = gr.Textbox(label=tell("adapters.question"), lines=1)
            answer = gr.Textbox(label=tell("adapters.edit_answer"), lines=3)
            quote = gr.Textbox(label=tell("adapters.quote"), lines=2)
            how_bad = [(tell(f"desk.severity_{name}"), name) for name in SEVERITIES]
            severity = gr.Dropdown(how_bad, label=tell("desk.severity"), value=None)
            with gr.Row(elem_classes="actions"):
                edit = gr.Button(tell("adapters.edit"))
                retire = gr.Button(tell("adapters.retire"))
        with gr.Column() as owners:
            markdown(tag("h2", text(tell("adapters.step_train"))))
            kinds = tell("adapters.part_of", languages=_languages(services, language))
            part = gr.Radio(_parts(language), value="reader", label=kinds)
            with gr.Row():
                minutes = gr.Slider(1, 120, 20, step=1, label=tell("adapters.minutes"))
                reason = gr.Textbox(label=tell("adapters.override"))
            expects = markdown(elem_id="expects")
            with gr.Row(elem_classes="actions"):
                train = gr.Button(tell("adapters.train"), variant="primary")
                pause = gr.Button(tell("adapters.pause"))
                resume = gr.Button(tell("adapters.resume"))
                cancel = gr.Button(tell("adapters.cancel"))
            trained = markdown(elem_id="trained")
            progress = markdown(elem_id="progress")
            curve = gr.Plot(show_label=False, visible=False)
            markdown(tag("h2", text(tell("adapters.step_live"))))
            version = gr.Dropdown([], label=tell("adapters.version"), filterable=False)
            with gr.Row(elem_classes="actions"):
                compare = gr.Button(tell("adapters.compare"))
            compared = markdown()
            comparison = markdown(elem_id="comparison", elem_classes="figures")
            try_part.build(services, language, version)
            remark = gr.Textbox(label=tell("adapters.remark"))
            insist = gr.Checkbox(label=tell("adapters.insist"), interactive=True)
            with gr.Row(elem_classes="actions"):
                promote = gr.Button(tell("adapters.promote"), variant="primary")
                back = gr.Button(tell("adapters.roll_back"), variant="stop")
            result = markdown(elem_id="result")
            markdown(tag("h2", text(tell("adapters.history"))))
            history = markdown(elem_id="history")
        everything = [state, listing, example, version, history, owners, ready, expects]
        watched = [progress, curve, comparison]
        page.load(handle.open, None, [top, domain, *everything, *watched], **quiet)
        told = [said, trained, compared, result]  # emptied at once: showing takes a second, in which more may be told
        domain.input(lambda: ("",) * len(told), None, told, **quiet)
        domain.input(handle.show, domain, [*everything, *watched], **quiet)
        take.click(handle.take, [domain, sheet], [said, sheet, *everything], **quiet)
        check.click(handle.check, domain, said, api_visibility="private", show_progress="minimal")
        fields = [question, answer, quote, severity]
        example.input(handle.chosen, [domain, example], fields, **quiet)
        edit.click(handle.edit, [domain, example, *fields], [said, *everything], **quiet)
        retire.click(handle.retire, [domain, example], [said, *everything], **quiet)
        begun = [trained, *watched]
        asked = [domain, part, minutes, reason]
        train.click(handle.train, asked, begun, api_visibility="private", show_progress="minimal")
        for button, event in ((pause, handle.pause), (resume, handle.resume), (cancel, handle.cancel)):
            button.click(event, [domain, version], begun, **quiet)
        compare.click(handle.compare, [domain, version], [compared, *watched], **quiet)
        version.input(handle.watch, [domain, version], watched, **quiet)
        changed = [result, *everything]
        promote.click(
            handle.promote,
            [domain, version, remark, insist],
            [remark, *changed],
            api_visibility="private",
            show_progress="minimal",
        )
        back.click(handle.roll_back, [domain, remark], [remark, *changed], **quiet)
        gr.Timer(LOOK_SECONDS).tick(handle.look, [domain, version, comparison], [*watched, version, state], **quiet)
    return page


class Handlers(Events):
    """The events of the page; each finds out anew who is asking."""

    def __init__(self, services: Services, language: Language) -> None:
        super().__init__(services, language)
        self._view = View(language)

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fill the page with the first department that this person keeps."""
        user = current_user(self._services, request)
        titles = [(self._services.domains.get(name).title(self._language), name) for name in user.desks]
        first = titles[0][1] if titles else None
        return (
            head(self._services, self._language, "adapters")(request),
            gr.Dropdown(choices=titles, value=first),
            *self._everything(user, first),
            *self._watched(user, first, None),
        )

    def show(self, domain: str, request: gr.Request) -> tuple[Any, ...]:
        """Another department."""
        user = current_user(self._services, request)
        return *self._everything(user, domain), *self._watched(user, domain, None)

    def look(self, domain: str | None, version: str | None, shown: str, request: gr.Request) -> tuple[Any, ...]:
        """How far the training and the comparison are; a finished one's version to be chosen."""
        user = current_user(self._services, request)
        if not domain or not user.may("owner", domain):
            return (gr.skip(),) * 5
        under_way = self._services.comparisons.progress(version) if version else None
        moves = (under_way is not None and not under_way.over) or STAGE in shown  # a whole comparison takes a second
        comparison = self._comparison(user, domain, version) if moves else gr.skip()
        return *self._trained(user, domain), comparison, self._choice(user, domain, version), self._state(user, domain)

    def watch(self, domain: str, version: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Another version: what is known of it."""
        return self._watched(current_user(self._services, request), domain, version)

    def take(self, domain: str, sheet: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Import a sheet."""
        user = current_user(self._services, request)

        def take() -> str:
            if not sheet:
                raise Refusal("no_file_chosen")
            done = self._services.examples.import_sheet(user, Path(sheet), domain)
            told = "".join(
                tag("li", text(self._tell("examples.refused_row", row=row, why=why)))
                for row, why in import_words.rows(self._language, done)[:SHOWN_ROWS]
            )
            words = good_news(self._language, "examples.imported", **import_words.counts(done))
            return words + (tag("ul", told, "small") if told else "")

        words = refused(self._language, take)
        if sheet:
            Path(sheet).unlink(missing_ok=True)  # the copy in Gradio's cache is open to whoever knows its path
        return words, None, *self._everything(user, domain)

    def check(self, domain: str, request: gr.Request) -> str:
        """Say what stands against learning from these examples."""
        user = current_user(self._services, request)
        examples = self._services.examples
        return refused(
            self._language, lambda: self._view.findings(examples.check(user, domain), examples.listing(user, domain))
        )

    def chosen(self, domain: str, example: str | None, request: gr.Request) -> tuple[Any, ...]:
        """What an example says, to be changed."""
        user = current_user(self._services, request)
        found = {one.id: one for one in self._services.examples.listing(user, domain)}
        one = found.get(example or "")
        if one is None:
            return "", "", "", None
        return one.question, one.answer, one.evidence[0]["quote"] if one.evidence else "", one.severity

    def edit(
        self,
        domain: str,
        example: str | None,
        question: str,
        answer: str,
        quote: str,
        severity: str | None,
        request: gr.Request,
    ) -> tuple[Any, ...]:
        """Change an example."""
        user = current_user(self._services, request)

        def edit() -> str:
            if not example:
                raise Refusal("choose_example")
            said = {"question": question, "answer": answer, "quote": quote, "severity": severity or ""}
            before = dict(zip(said, (text or "" for text in self.chosen(domain, example, request)), strict=True))
            changes = {name: text for name, text in said.items() if text != before[name]}
            self._services.examples.edit(user, example, changes)
            return good_news(self._language, "examples.edited")

        return refused(self._language, edit), *self._everything(user, domain)

    def retire(self, domain: str, example: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Take an example out of use."""
        user = current_user(self._services, request)

        def retire() -> str:
            if not example:
                raise Refusal("choose_example")
            self._services.examples.retire(user, example)
            return good_news(self._language, "examples.retired")

        return refused(self._language, retire), *self._everything(user, domain)

    def train(self, domain: str, part: Part, minutes: float, reason: str, request: gr.Request) -> tuple[Any, ...]:
        """Start a training."""
        user = current_user(self._services, request)

        def train() -> str:
            self._services.trainings.start(user, domain, part=part, minutes=minutes, override=reason.strip() or None)
            return ""

        return refused(self._language, train), *self._watched(user, domain, None)

    def pause(self, domain: str, version: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Pause the training."""
        return self._on_run(domain, version, request, self._services.trainings.pause)

    def resume(self, domain: str, version: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Take the training up again."""
        return self._on_run(domain, version, request, self._services.trainings.resume)

    def cancel(self, domain: str, version: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Stop the training for good."""
        return self._on_run(domain, version, request, self._services.trainings.cancel)

    def _on_run(
        self, domain: str, version: str | None, request: gr.Request, act: Callable[[User, str], object]
    ) -> tuple[Any, ...]:
        user = current_user(self._services, request)

        def on_run() -> str:
            run = self._latest(user, domain)
            if run is None:
                raise Refusal("no_run", domain=domain)
            act(user, run.id)
            return ""

        return refused(self._language, on_run), *self._watched(user, domain, version)

    def compare(self, domain: str, version: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Ask both versions the department's questions, in the background."""
        user = current_user(self._services, request)

        def compare() -> str:
            self._services.comparisons.compare(user, _chosen(version))
            return ""

        return refused(self._language, compare), *self._watched(user, domain, version)

    def promote(
        self, domain: str, version: str | None, remark: str, insist: bool, request: gr.Request
    ) -> tuple[Any, ...]:
        """Put the chosen version live, if it was compared and nothing stands against it."""
        user, kept = current_user(self._services, request), remark

        def promote() -> str:
            nonlocal kept
            chosen = _chosen(version)
            if self._services.promotions.known(user, chosen) is None:
                raise Refusal("compare_first")
            self._services.promotions.promote(user, chosen, remark, override=insist)
            kept = ""  # it says why this was done, not what is done next
            return good_news(self._language, "version.promoted", version=chosen[:8])

        said = refused(self._language, promote)
        return kept, said, *self._everything(user, domain)

    def roll_back(self, domain: str, remark: str, request: gr.Request) -> tuple[Any, ...]:
        """Let what was live before answer again."""
        user, kept = current_user(self._services, request), remark

        def back() -> str:
            nonlocal kept
            now = self._services.adapter_versions.roll_back(user, domain, None, remark)
            kept = ""
            name = now[:8] if now else self._tell("version.shipped")
            title = self._services.domains.get(domain).title(self._language)
            return good_news(self._language, "version.rolled_back", domain=title, version=name)

        said = refused(self._language, back)
        return kept, said, *self._everything(user, domain)

    def _everything(self, user: User, domain: str | None) -> tuple[Any, ...]:
        """State, examples, the choice of one, the choice of a version, the history, and whether owners' parts show."""
        if not domain or not user.may("reviewer", domain):
            return "", "", gr.Dropdown(choices=[]), gr.Dropdown(choices=[]), "", *[gr.Column(visible=False)] * 2, ""
        examples = self._services.examples.listing(user, domain)
        owner = user.may("owner", domain)
        return (
            self._state(user, domain),
            self._view.examples(examples),
            gr.Dropdown(choices=[(one.question[:80], one.id) for one in examples], value=None),
            self._choice(user, domain, None) if owner else gr.Dropdown(choices=[]),
            self._history(user, domain) if owner else "",
            *[gr.Column(visible=owner)] * 2,
            self._expects(user, domain) if owner else "",
        )

    def _expects(self, user: User, domain: str) -> str:
        found = {part: self._services.trainings.cost(user, domain, part=part) for part in PARTS}
        told = {part: expected(self._language, cost) for part, cost in found.items() if cost.examples}
        return "".join(
            tag("p", text(f"{self._tell(f'adapters.part_{part}')}: {words}"), "small") for part, words in told.items()
        )

    def _history(self, user: User, domain: str) -> str:
        past = self._services.adapter_versions.history(user, domain)
        return self._view.history(past, self._services.accounts.names({change.by for change in past}))

    def _state(self, user: User, domain: str) -> str:
        live = self._services.adapter_versions.live(domain)
        info = self._services.adapter_versions.get(user, live) if live and user.may("owner", domain) else None
        about = self._services.domains.get(domain)
        title = about.title(self._language)
        return self._view.state(title, info, about.hold_below, self._services.examples.counts(domain))

    def _choice(self, user: User, domain: str, chosen: str | None) -> gr.Dropdown:
        found = self._services.adapter_versions.listing(user, domain)
        choices = [
            (
                f"{one.id[:8]} · {self._tell(f'version.{one.state}')} · {one.created_at.astimezone():%Y-%m-%d %H:%M}"
                f" · {self._tell(f'adapters.part_{one.part}')}",
                one.id,
            )
            for one in found
        ]
        ids = [one.id for one in found]
        return gr.Dropdown(choices=choices, value=chosen if chosen in ids else ids[0] if ids else None)

    def _watched(self, user: User, domain: str | None, version: str | None) -> tuple[Any, ...]:
        """The training's progress and curve, and the comparison of the chosen version as far as it is."""
        if not domain or not user.may("owner", domain):
            return "", None, ""
        return *self._trained(user, domain), self._comparison(user, domain, version)

    def _trained(self, user: User, domain: str) -> tuple[str, gr.Plot]:
        run = self._latest(user, domain)
        figure = self._view.curve(run)
        return self._view.run(run), gr.Plot(figure, visible=figure is not None)

    def _comparison(self, user: User, domain: str, version: str | None) -> str:
        found = [one.id for one in self._services.adapter_versions.listing(user, domain)]
        chosen = version if version in found else found[0] if found else None
        if chosen is None or chosen == self._services.adapter_versions.live(domain):
            return ""
        under_way = self._services.comparisons.progress(chosen)
        if under_way is not None and under_way.error is not None:
            return notice(self._language, under_way.error)
        if under_way is not None and not under_way.over:
            told = self._tell("evaluation.progress", done=under_way.done, total=under_way.total)
            return tag("div", tag("span", text(told), "stage"), STAGE, role="status")
        known = self._services.promotions.known(user, chosen)
        return self._view.comparison(known) if known else tag("p", text(self._tell("gate.not_evaluated")), "small")

    def _latest(self, user: User, domain: str) -> RunInfo | None:
        runs = self._services.trainings.listing(user, domain)
        return runs[0] if runs else None


def _parts(language: Language) -> list[tuple[str, str]]:
    """What can be trained, as it is told, and its name."""
    return [(say(language, f"adapters.part_{name}"), name) for name in PARTS]


def _languages(services: Services, language: Language) -> str:
    """Those in which answers can be worded."""
    known = model_store.languages(services.settings.language_model) or ("ja", "en")
    return ", ".join(say(language, f"evaluation.language_{name}") for name in known)


def _chosen(version: str | None) -> str:
    if not version or version == SHIPPED:
        raise Refusal("choose_version")
    return version
