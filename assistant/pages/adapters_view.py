"""What the page of adapters shows, as markup: examples, findings, a run's curve, a comparison, the history."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from functools import partial

import plotly.graph_objects as go

from adapters.evaluation import Judged
from adapters.example_checks import Finding
from adapters.scores import Scores
from assistant.examples import ExampleInfo
from assistant.pages.markup import pairs, table, tag, text
from assistant.promotion import Compared
from assistant.training_words import ended
from assistant.trainings import RunInfo
from assistant.versions import PromotionInfo, VersionInfo
from assistant.wording import Language, say

SHOWN_EXAMPLES = 100
SHOWN_CHANGES = 40


class View:
    """The markup of one language."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._tell = partial(say, language)

    def state(self, title: str, live: VersionInfo | None, hold_below: float, counts: dict[str, int]) -> str:
        """Who answers now, from which confidence on, and what there is to learn from."""
        name = f"{live.id[:8]} ({live.created_at:%Y-%m-%d})" if live else self._tell("version.shipped")
        rows = [
            (self._tell("documents.department"), title),
            (self._tell("adapters.live"), name),
            (self._tell("adapters.hold_below"), f"{hold_below:.2f}"),
            (self._tell("adapters.examples"), self._tell("examples.counts", **counts)),
        ]
        return pairs(rows)

    def examples(self, found: Sequence[ExampleInfo]) -> str:
        """The latest examples."""
        if not found:
            return tag("p", text(self._tell("adapters.no_examples")), "empty")
        labels = [self._tell(f"adapters.{name}") for name in ("question", "answer", "split", "evidence", "source")]
        rows = [
            [
                text(one.question),
                text(one.answer or self._tell("evaluation.no_answer")),
                text(self._tell(f"adapters.split_{one.split}")),
                text(one.evidence[0]["file"] if one.evidence else "–"),
                text(self._tell(f"adapters.source_{one.source}")),
            ]
            for one in found[:SHOWN_EXAMPLES]
        ]
        more = len(found) - SHOWN_EXAMPLES
        return table(labels, rows, "examples") + (
            tag("p", text(self._tell("adapters.more", count=more)), "small") if more > 0 else ""
        )

    def findings(self, found: Sequence[Finding], examples: Sequence[ExampleInfo]) -> str:
        """What a check found, with the questions concerned."""
        if not found:
            return tag("p", text(self._tell("finding.nothing")), "notice good", role="status")
        asked = {one.id: one.question for one in examples}
        items = []
        for finding in found:
            severe = finding.severity == "severe"
            chip = tag(
                "span", text(self._tell(f"finding.{finding.severity}")), "chip held" if severe else "chip declined"
            )
            words = text(self._tell(f"finding.{finding.kind}", **finding.params))
            rows = "".join(tag("li", text(asked[row])) for row in finding.rows[:SHOWN_EXAMPLES] if row in asked)
            listed = tag("details", tag("summary", text(self._tell("adapters.rows"))) + tag("ul", rows)) if rows else ""
            items.append(tag("li", f"{chip} {words}{listed}"))
        return tag("div", tag("ul", "".join(items), "sources"), role="status")

    def run(self, run: RunInfo | None) -> str:
        """How far the latest training is, or what became of it."""
        if run is None:
            return tag("p", text(self._tell("adapters.no_run")), "small")
        last = run.steps[-1] if run.steps else None
        told = self._tell(f"training.{run.state}")
        if run.state == "running":
            minutes = f"{last.seconds_left / 60:.0f}" if last else ""
            told = (
                self._tell("training.step", **vars(last) | {"minutes": minutes})
                if last
                else self._tell("adapters.begins")
            )
            return tag("div", tag("span", text(told), "stage"), "stages", role="status")
        if run.state == "done" and run.result:
            told = self._tell("adapters.made", version=(run.version or "")[:8], **run.result)
            return tag("p", text(" ".join([told, *ended(self._language, run)])), "notice good", role="status")
        why = self._tell(f"training.error_{run.error}") if run.error else ""
        return tag("p", text(f"{told} {why}"), "notice" if run.state == "cancelled" else "notice error", role="status")

    def curve(self, run: RunInfo | None) -> go.Figure | None:
        """The loss over the steps, and the score on the questions that it is stopped by."""
        if run is None or not run.steps:
            return None
        figure = go.Figure()
        scored = [step for step in run.steps if step.score is not None]
        figure.add_scatter(
            x=[step.step for step in run.steps], y=[step.loss for step in run.steps], name=self._tell("adapters.loss")
        )
        figure.add_scatter(
            x=[step.step for step in scored],
            y=[step.score for step in scored],
            name=self._tell("adapters.score"),
            yaxis="y2",
        )
        figure.update_layout(
            template="plotly_white",
            height=260,
            margin={"l": 40, "r": 40, "t": 20, "b": 40},
            xaxis_title=self._tell("adapters.steps"),
            yaxis={"title": self._tell("adapters.loss"), "rangemode": "tozero"},
            yaxis2={"title": self._tell("adapters.score"), "overlaying": "y", "side": "right", "range": [0, 1]},
            legend={"orientation": "h", "y": 1.15},
        )
        return figure

    def comparison(self, found: Compared) -> str:
        """The candidate beside what is live: figures, objections, and every answer that changed, broken ones first."""
        if not found.live["frozen"]:
            return tag("p", text(self._tell("adapters.nothing_to_judge")), "notice error")
        figures = found.scores()
        names = ("questions", "right", "wrong_among_shown", "held", "declined", "evidence_in_top")
        labels = ["", self._tell("adapters.now"), self._tell("version.candidate")]
        rows = [
            [
                text(self._tell(f"evaluation.{name}")),
                *(text(_figure(figures[who], name)) for who in ("live", "candidate")),
            ]
            for name in names
        ]
        told = [table(labels, rows, "figures")]
        difference = found.difference
        if difference is not None:
            words = self._tell(
                "adapters.drafts", won=difference.only_b, lost=difference.only_a, p=f"{difference.p_value:.3g}"
            )
            told.append(tag("p", text(words), "small"))
        threshold = self._tell("version.threshold", before=found.live_hold_below, after=found.hold_below)
        told.append(tag("p", text(threshold), "small"))
        if found.objections:
            items = "".join(tag("li", text(self._tell(f"gate.{one.code}", **one.params))) for one in found.objections)
            told.append(
                tag("div", tag("strong", text(self._tell("adapters.objections"))) + tag("ul", items), "notice error")
            )
        else:
            told.append(tag("p", text(self._tell("adapters.no_objections")), "notice good", role="status"))
        link = tag("a", text(self._tell("check.link")), href=f"/version-report/{found.version.id}/{self._language}")
        return "".join(told) + self._changes(found.changed()) + tag("p", link, "small")

    def _changes(self, answers: Sequence[tuple[Judged, Judged]]) -> str:
        if not answers:
            return tag("p", text(self._tell("adapters.nothing_changed")), "small")
        labels = [self._tell("adapters.question"), self._tell("adapters.now"), self._tell("version.candidate")]
        rows = []
        for before, after in answers[:SHOWN_CHANGES]:
            old, new = differing(before.text or "–", after.text or "–")
            rows.append([text(before.question), self._said(before, old), self._said(after, new)])
        heading = self._tell("adapters.changed", count=len(answers))
        inner = tag("summary", text(heading)) + tag("div", table(labels, rows, "changes"), "listing")
        return tag("details", inner, open="open")

    def _said(self, one: Judged, words: str) -> str:
        right = self._tell("adapters.right" if one.would_be_right else "adapters.not_right")
        shown = self._tell(f"ask.{one.status}")
        return tag("span", text(f"{right} · {shown}"), "small") + "<br>" + words

    def history(self, past: Sequence[PromotionInfo], names: Mapping[str, str]) -> str:
        """What went live when, by whom and why."""
        if not past:
            return tag("p", text(self._tell("adapters.no_history")), "small")
        items = []
        for change in past:
            name = change.version[:8] if change.version else self._tell("version.shipped")
            when = change.at.astimezone().strftime("%Y-%m-%d %H:%M")
            words = f"{when} · {self._tell(f'version.{change.kind}')} {name} · {change.hold_below:.2f}"
            items.append(
                tag(
                    "li",
                    text(words)
                    + "<br>"
                    + tag("span", text(f"{names.get(change.by, change.by)}: {change.remark}"), "small"),
                )
            )
        return tag("ol", "".join(items), "sources")


def differing(before: str, after: str) -> tuple[str, str]:
    """Two texts as markup, what only one of them has marked."""
    old: list[str] = []
    new: list[str] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for pieces, part in ((old, before[a:b]), (new, after[c:d])):
            if part:
                pieces.append(text(part) if kind == "equal" else tag("mark", text(part)))
    return "".join(old), "".join(new)


def _figure(figures: Scores, name: str) -> str:
    return str(getattr(figures, name))
