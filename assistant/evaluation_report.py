"""An evaluation told to people: tables of figures with their intervals, plots, and the failures, worst first."""

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from adapters.evaluation import Judged
from adapters.scores import WEIGHT, Scores, broken_down, reliability, risk_coverage, scores

COLUMNS = (
    "questions",
    "right",
    "wrong among shown",
    "weighted",
    "held",
    "declined",
    "right declines",
    "routed",
    "evidence in 5",
    "citation holds",
    "char F1",
    "word F1",
    "ECE (by chance)",
    "AURC",
    "s",
)


def cells(figures: Scores) -> list[str]:
    """A row of the table, in the order of COLUMNS."""
    return [
        str(figures.questions),
        str(figures.right),
        str(figures.wrong_among_shown),
        _percent(figures.wrong_among_shown_weighted),
        str(figures.held),
        str(figures.declined),
        str(figures.right_declines),
        str(figures.routed),
        str(figures.evidence_in_top),
        str(figures.citation_supports),
        _decimal(figures.character_f1),
        _decimal(figures.word_f1),
        f"{_decimal(figures.calibration_error)} ({_decimal(figures.calibration_error_by_chance)})",
        _decimal(figures.area_under_risk),
        f"{figures.seconds_median:.2f}",
    ]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _decimal(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def lines(rows: Mapping[str, Scores]) -> Iterable[str]:
    """A table in Markdown, a row a name."""
    yield "| | " + " | ".join(COLUMNS) + " |"
    yield "| --- |" + " --- |" * len(COLUMNS)
    for name, figures in rows.items():
        yield f"| {name} | " + " | ".join(cells(figures)) + " |"


def breakdown_lines(judged: Sequence[Judged]) -> Iterable[str]:
    """The tables by language, domain, kind and severity, and how often each step failed first."""
    for key, rows in broken_down(judged).items():
        yield f"\nby {key}\n"
        yield from lines(rows)
    yield "\nfirst step that failed: " + ", ".join(f"{step} {count}" for step, count in failed_steps(judged).items())


def failed_steps(judged: Iterable[Judged]) -> dict[str, int]:
    """How many questions failed at each step, most first."""
    counts: dict[str, int] = {}
    for one in judged:
        if one.failed is not None:
            counts[one.failed] = counts.get(one.failed, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def failures(judged: Iterable[Judged]) -> list[Judged]:
    """What went wrong: wrong answers that were shown first, the serious and the confident before the others."""
    bad = [one for one in judged if one.failed is not None]
    return sorted(bad, key=lambda one: (one.verdict != "wrong", -WEIGHT[one.severity], -one.confidence))


@dataclass(frozen=True)
class Labels:
    """A plot's words."""

    title: str
    x: str
    y: str


def risk_plot(runs: Mapping[str, Sequence[Judged]], labels: Labels) -> go.Figure:
    """Share wrong among the shown, over the share shown, as the threshold falls."""
    figure = go.Figure()
    for name, judged in runs.items():
        curve = risk_coverage(judged)
        figure.add_scatter(
            x=[coverage for _, coverage, _ in curve],
            y=[risk for _, _, risk in curve],
            customdata=[threshold for threshold, _, _ in curve],
            hovertemplate="%{x:.0%} → %{y:.1%} (≥ %{customdata:.2f})",
            mode="lines",
            name=name,
        )
    return _plain(figure, labels)


def reliability_plot(runs: Mapping[str, Sequence[Judged]], labels: Labels) -> go.Figure:
    """Share right over the confidence said; the diagonal is what it should be."""
    figure = go.Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": "#7b8c89"}, showlegend=False)
    for name, judged in runs.items():
        parts = reliability(judged)
        figure.add_scatter(
            x=[said for said, _, _ in parts],
            y=[right for _, right, _ in parts],
            customdata=[count for _, _, count in parts],
            hovertemplate="%{x:.2f} → %{y:.2f} (n = %{customdata})",
            mode="lines+markers",
            name=name,
        )
    return _plain(figure, labels)


def _plain(figure: go.Figure, labels: Labels) -> go.Figure:
    figure.update_layout(
        template="simple_white",
        title={"text": labels.title, "font": {"size": 14}},
        height=400,
        margin={"l": 55, "r": 15, "t": 45, "b": 50},
        xaxis={"title": labels.x, "range": [0, 1], "tickformat": ".0%"},
        yaxis={"title": labels.y, "range": [0, 1], "tickformat": ".0%"},
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
        showlegend=len([trace for trace in figure.data if trace.name]) > 1,
        font={"family": "system-ui, Noto Sans CJK JP, sans-serif"},
    )
    return figure


def html_report(runs: Mapping[str, Sequence[Judged]], about: Mapping[str, str]) -> str:
    """One page that needs nothing else: tables, plots, then the failures of the first run, each with its command."""
    first = next(iter(runs))
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Evaluation</title><style>'
        "body{font-family:system-ui,'Noto Sans CJK JP',sans-serif;margin:2rem;max-width:1200px}"
        "table{border-collapse:collapse;font-size:.8rem;display:block;overflow-x:auto}"
        "td,th{border:1px solid #ccd5d3;padding:.25rem .5rem;text-align:left;vertical-align:top}"
        "th{background:#eef3f2}code{user-select:all}</style></head><body><h1>Evaluation</h1>",
        "<p>" + html.escape(" · ".join(f"{key}: {value}" for key, value in about.items())) + "</p>",
        _table({name: scores(judged) for name, judged in runs.items()}),
        risk_plot(
            runs, Labels("Wrong answers, as more is shown", "share shown", "share wrong among the shown")
        ).to_html(full_html=False, include_plotlyjs=True),
        reliability_plot(runs, Labels("Does the confidence mean what it says?", "confidence", "share right")).to_html(
            full_html=False, include_plotlyjs=False
        ),
        f"<h2>Failures of {html.escape(first)}</h2>",
        _failure_table(failures(runs[first])),
    ]
    for key, rows in broken_down(runs[first]).items():
        parts += [f"<h2>By {key}</h2>", _table(rows)]
    return "\n".join([*parts, "</body></html>"])


def _table(rows: Mapping[str, Scores]) -> str:
    head = "".join(f"<th>{html.escape(column)}</th>" for column in ("", *COLUMNS))
    body = "".join(
        f"<tr><th>{html.escape(name)}</th>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells(figures))
        + "</tr>"
        for name, figures in rows.items()
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _failure_table(bad: Sequence[Judged]) -> str:
    columns = ("id", "verdict", "failed", "severity", "confidence", "question", "answer", "right answer", "ask again")
    rows = []
    for one in bad:
        asked = " / ".join([*one.history, one.question])
        again = "madoguchi ask '" + one.question.replace("'", "'\\''") + "'"
        values = [one.id, one.verdict, one.failed or "", one.severity, f"{one.confidence:.2f}", asked]
        values += [one.text or "", one.gold or ""]
        row = "".join(f"<td>{html.escape(value)}</td>" for value in values)
        rows.append(f"<tr>{row}<td><code>{html.escape(again)}</code></td></tr>")
    head = "".join(f"<th>{column}</th>" for column in columns)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
