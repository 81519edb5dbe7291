"""The owners' page of evaluations: the figures of a run, its plots, and its failures, each to be asked again."""

from functools import partial
from typing import Any

import gradio as gr

from adapters.evaluation import Judged
from adapters.scores import Scores, broken_down, compare, scores
from assistant.access import User
from assistant.evaluation_report import Labels, failed_steps, failures, reliability_plot, risk_plot
from assistant.evaluations import Run
from assistant.pages.frame import Events, current_user, head, head_place, markdown, refused
from assistant.pages.markup import pairs, table, tag, text
from assistant.pages.page import Page
from assistant.services import Services
from assistant.wording import Language, say

KEYS = ("language", "domain", "kind", "severity")
SHOWN_FAILURES = 100
KINDS = (
    "plain", "keyword", "colloquial", "typo", "paraphrase", "number", "date", "condition", "yes-no", "two-page",
    "follow-up", "mixed-language", "near-miss", "other-company", "false-premise", "small-talk", "hostile",
)  # fmt: skip


def build(services: Services, language: Language) -> gr.Blocks:
    """The page in one language."""
    tell = partial(say, language)
    handle = Handlers(services, language)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    page: gr.Blocks
    with Page(tell("page.evaluation")) as page:
        top = head_place()
        markdown(tag("h1", text(tell("evaluation.title"))) + tag("p", text(tell("evaluation.lead")), "small"))
        with gr.Row():
            run = gr.Dropdown([], label=tell("evaluation.run"))
            other = gr.Dropdown([], label=tell("evaluation.against"))
            key = gr.Dropdown(
                [(tell(f"evaluation.by_{k}"), k) for k in KEYS], value=KEYS[0], label=tell("evaluation.by")
            )
        figures = markdown(elem_id="figures", elem_classes="figures")
        with gr.Row():
            risk = gr.Plot(show_label=False, visible=False)
            honest = gr.Plot(show_label=False, visible=False)
        parts = markdown(elem_id="parts", elem_classes="figures")
        with gr.Column(visible=False) as failed:
            markdown(tag("h2", text(tell("evaluation.failures"))))
            failure = gr.Dropdown([], label=tell("evaluation.failure"))
            case = markdown()
            again = gr.Button(tell("evaluation.again"))
            now = markdown()
        chosen = [run, other, key]
        shown = [figures, risk, honest, parts, failed, failure, case, now]
        page.load(handle.open, None, [top, run, other, *shown], **quiet)
        for choice in (run, other):
            choice.input(handle.show, chosen, shown, **quiet)
        key.input(handle.show_parts, [run, key], parts, **quiet)
        failure.input(handle.show_case, [run, failure], [case, now], **quiet)
        again.click(handle.ask_again, [run, failure], now, api_visibility="private", show_progress="minimal")
    return page


class Handlers(Events):
    """The events of the page; each finds out anew who is asking."""

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fill the page with the latest run."""
        user = current_user(self._services, request)
        runs = [(run.title, run.id) for run in self._services.evaluations.listing(user)]
        latest = runs[0][1] if runs else None
        return (
            head(self._services, self._language, "evaluation")(request),
            gr.Dropdown(choices=runs, value=latest),
            gr.Dropdown(choices=[(self._tell("evaluation.nothing"), ""), *runs], value=""),
            *self._shown(user, latest, None, KEYS[0]),
        )

    def show(self, run: str | None, other: str | None, key: str, request: gr.Request) -> tuple[Any, ...]:
        """Another run, or compared with another."""
        return self._shown(current_user(self._services, request), run, other or None, key)

    def show_parts(self, run: str | None, key: str, request: gr.Request) -> str:
        """The run's figures by language, department, kind or severity."""
        user = current_user(self._services, request)
        return self._parts(self._services.evaluations.get(user, run), key) if run else ""

    def show_case(self, run: str | None, failure: str | None, request: gr.Request) -> tuple[str, str]:
        """One failure."""
        found = self._failure(current_user(self._services, request), run, failure)
        return (self._case(found) if found else ""), ""

    def ask_again(self, run: str | None, failure: str | None, request: gr.Request) -> str:
        """Ask the same question of the assistant as it is now."""
        user = current_user(self._services, request)
        found = self._failure(user, run, failure)
        if found is None:
            return ""

        def ask() -> str:
            answer = self._services.evaluations.ask_again(user, found)
            rows = [
                (self._tell("evaluation.now"), self._tell(f"ask.{answer.status}")),
                (self._tell("evaluation.confidence"), f"{answer.confidence:.2f}"),
                (self._tell("evaluation.said"), answer.answer or answer.draft or "–"),
                (self._tell("evaluation.right_answer"), found.gold or "–"),
            ]
            return pairs(rows)

        return refused(self._language, ask)

    def _shown(self, user: User, run: str | None, other: str | None, key: str) -> tuple[Any, ...]:
        if not run:
            empty = tag("p", text(self._tell("evaluation.none")), "empty")
            hidden = gr.Plot(visible=False)
            none = gr.Dropdown(choices=[], value=None)
            return empty, hidden, hidden, "", gr.Column(visible=False), none, "", ""
        found = self._services.evaluations.get(user, run)
        runs = {found.title: found}
        if other and other != run:
            beside = self._services.evaluations.get(user, other)
            runs[beside.title] = beside
        curves = {title: one.judged for title, one in runs.items()}
        bad = failures(found.judged)[:SHOWN_FAILURES]
        first = bad[0].id if bad else None
        return (
            self._figures(list(runs.values())),
            gr.Plot(risk_plot(curves, self._axes("risk", "coverage_axis", "risk_axis")), visible=True),
            gr.Plot(reliability_plot(curves, self._axes("reliability", "confidence", "right_axis")), visible=True),
            self._parts(found, key),
            gr.Column(visible=bool(bad)),
            gr.Dropdown(choices=[(self._line(one), one.id) for one in bad], value=first),
            self._case(bad[0]) if bad else "",
            "",
        )

    def _axes(self, title: str, x: str, y: str) -> Labels:
        return Labels(*(self._tell(f"evaluation.{name}") for name in (title, x, y)))

    def _value(self, key: str, value: str) -> str:
        """A value that figures are broken down by, in words: a department's title, a kind of question."""
        if key == "domain" and value != "none":
            return self._services.domains.get(value).title(self._language)
        if key == "severity":
            return self._tell(f"desk.severity_{value}")
        known = {"language": ("ja", "en"), "domain": ("none",), "kind": KINDS}[key]
        return self._tell(f"evaluation.{key}_{value}") if value in known else value

    def _figures(self, runs: list[Run]) -> str:
        labels = ["", *(run.title for run in runs)]
        columns = [_cells(scores(run.judged)) for run in runs]
        rows = [
            [text(self._tell(f"evaluation.{name}")), *(text(column[name]) for column in columns)] for name in columns[0]
        ]
        steps = "、" if self._language == "ja" else ", "
        failed = steps.join(
            f"{self._tell(f'evaluation.step_{step}')} {count}" for step, count in failed_steps(runs[0].judged).items()
        )
        told = tag("p", text(self._tell("evaluation.failed_at", steps=failed)), "small")
        if len(runs) > 1 and {one.id for one in runs[0].judged} & {one.id for one in runs[1].judged}:
            found = compare(runs[1].judged, runs[0].judged)
            told += tag(
                "p",
                text(
                    self._tell(
                        "evaluation.difference",
                        points=f"{100 * found.difference:+.1f}",
                        low=f"{100 * found.low:+.1f}",
                        high=f"{100 * found.high:+.1f}",
                        p=f"{found.p_value:.3g}",
                    )
                ),
                "notice",
            )
        return table(labels, rows) + told

    def _parts(self, run: Run, key: str) -> str:
        names = ("questions", "right", "wrong_among_shown", "held", "declined", "evidence_in_top")
        labels = [self._tell(f"evaluation.by_{key}"), *(self._tell(f"evaluation.{name}") for name in names)]
        rows = []
        for value, figures in broken_down(run.judged)[key].items():
            given = _cells(figures)
            rows.append([text(self._value(key, value)), *(text(given[name]) for name in names)])
        return table(labels, rows)

    def _failure(self, user: User, run: str | None, failure: str | None) -> Judged | None:
        if not run or not failure:
            return None
        judged = self._services.evaluations.get(user, run).judged
        return next((one for one in judged if one.id == failure), None)

    def _line(self, one: Judged) -> str:
        return f"{self._tell(f'evaluation.verdict_{one.verdict}')} · {one.question}"

    def _case(self, one: Judged) -> str:
        rows = [
            (self._tell("evaluation.question"), " / ".join([*one.history, one.question])),
            (self._tell("evaluation.verdict"), self._tell(f"evaluation.verdict_{one.verdict}")),
            (self._tell("evaluation.step"), self._tell(f"evaluation.step_{one.failed}") if one.failed else "–"),
            (self._tell("desk.severity"), self._tell(f"desk.severity_{one.severity}")),
            (self._tell("evaluation.confidence"), f"{one.confidence:.2f}"),
            (self._tell("evaluation.said"), one.text or "–"),
            (self._tell("evaluation.cited"), "\n".join(f"{file}: {quote}" for file, quote in one.cited) or "–"),
            (self._tell("evaluation.right_answer"), one.gold or self._tell("evaluation.no_answer")),
        ]
        return pairs(rows)


def _cells(figures: Scores) -> dict[str, str]:
    def decimal(value: float | None) -> str:
        return "–" if value is None else f"{value:.3f}"

    weighted = figures.wrong_among_shown_weighted
    return {
        "questions": str(figures.questions),
        "right": str(figures.right),
        "wrong_among_shown": str(figures.wrong_among_shown),
        "wrong_weighted": "–" if weighted is None else f"{100 * weighted:.1f} %",
        "held": str(figures.held),
        "declined": str(figures.declined),
        "right_declines": str(figures.right_declines),
        "routed": str(figures.routed),
        "evidence_in_top": str(figures.evidence_in_top),
        "citation_supports": str(figures.citation_supports),
        "character_f1": decimal(figures.character_f1),
        "calibration_error": f"{decimal(figures.calibration_error)} ({decimal(figures.calibration_error_by_chance)})",
        "area_under_risk": decimal(figures.area_under_risk),
        "seconds": f"{figures.seconds_median:.2f} ({figures.seconds_p90:.2f})",
    }
