"""How well the shipped reader reads: `python -m benchmarks.measure_reader --data DIR [--questions N] [--sets SET ...]`.

Test parts that nothing was trained or tuned on: squad2's test articles, jaquad's development files, policyqa. What is
answerable is forced to a span; 'answers or not' is judged by the gate, against what the authors made unanswerable
(SQuAD 2's near misses), other passages of the same article, questions altered by rule, and other topics. With
`--judged` also by the product's other two judges, the reranker and the matcher, each by itself on the sentence alone in
which the reader's surest span begins, under its title, and by all three log-odds together. As the product's confidence
does, a logistic regression weighs them: over the tuning parts of squad2 and jaquad, each kind of question counting
alike. Intervals are bootstrapped over questions.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from adapters import Matcher, Reranker
from adapters import offline as offline
from adapters.reader_training import Found, Reading, area, found
from adapters.skills import READER, load_reader
from assistant.settings import Settings
from assistant.steps.second_look import Judge
from assistant.steps.sentences import sentences
from benchmarks.outside_data import Part, read, with_negatives
from benchmarks.reader_data import altered

SETS = {"squad2": "en", "jaquad": "ja", "policyqa": "en"}
FITTED_ON = ("squad2", "jaquad")  # sets whose tuning parts weigh the judges
RESAMPLES = 1000


def interval(rows: Sequence[Found], figure: Callable[[Sequence[Found]], float | None]) -> str:
    """A figure with its 95 % bootstrap interval."""
    value = figure(rows)
    if value is None:
        return "–"
    random = np.random.default_rng(0)
    drawn: list[NDArray[np.int64]] = [random.integers(0, len(rows), len(rows)) for _ in range(RESAMPLES)]
    values = [v for part in drawn if (v := figure([rows[i] for i in part])) is not None]
    low, high = np.quantile(values, [0.025, 0.975])
    return f"{100 * value:.1f} [{100 * low:.1f}–{100 * high:.1f}]"


def mean(key: str) -> Callable[[Sequence[Found]], float | None]:
    """The mean of a figure over the answerable."""

    def figure(rows: Sequence[Found]) -> float | None:
        values = [getattr(row, key) for row in rows if row.kind == "answerable"]
        return float(np.mean(values)) if values else None

    return figure


def against(*kinds: str) -> Callable[[Sequence[Found]], float | None]:
    """AUROC of the answerable against other kinds."""
    return lambda rows: area(
        [row.gate for row in rows if row.kind == "answerable"], [row.gate for row in rows if row.kind in kinds]
    )


def judged(judge: Judge, rows: Sequence[Found], readings: Sequence[Reading]) -> list[Found]:
    """The same rows with a judge's log-odds, of the sentence in which the surest span begins, for the gate's."""
    told = []
    for row, reading in zip(rows, readings, strict=True):
        places = [place for place in sentences(reading.passage) if place[0] <= row.span[0]]
        start, end = places[-1] if places else row.span
        [odds] = judge(reading.question, [(reading.heading or reading.title, reading.passage[start:end])])
        told.append(replace(row, gate=float(odds)))
    return told


def wanted(data: Path, name: str, part: Part, questions: int) -> list[Reading]:
    """Questions of a set, so many answerable ones, with what is made of them, and as many that nothing answers."""
    readings = read(data, name, part)
    random = Random(0)  # a draw, not a secret
    answerable = [reading for reading in readings if reading.answers]
    drawn = set(random.sample([reading.id for reading in answerable], min(questions, len(answerable))))
    built = with_negatives(readings) + altered(readings)
    about = [r for r in built if r.id in drawn or (not r.answers and r.id.rsplit("-", 1)[0] in drawn)]
    others = [reading for reading in readings if reading.kind == "unanswerable"]
    return about + random.sample(others, min(questions, len(others)))


def odds_of(judges: Sequence[Sequence[Found]]) -> NDArray[np.float64]:
    """The log-odds (N, J) that J judges gave N rows."""
    return np.array([[row.gate for row in rows] for rows in judges]).T


def weighed(judges: Sequence[Sequence[Found]]) -> LogisticRegression:
    """What tells the answerable by the log-odds of several judges; every kind of question counts alike."""
    kinds = [row.kind for row in judges[0]]
    answerable = np.array([kind == "answerable" for kind in kinds])
    counts = Counter(kinds)
    weights = np.array([len(counts) - 1 if kind == "answerable" else 1 for kind in kinds]) / [counts[k] for k in kinds]
    return LogisticRegression().fit(odds_of(judges), answerable, len(kinds) * weights / weights.sum())


COLUMNS = {
    "EM": mean("exact"),
    "F1": mean("f1"),
    "AUROC authors' near misses": against("unanswerable"),
    "same article": against("near"),
    "altered": against("altered"),
    "other topics": against("far"),
}


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=400, help="answerable questions a set")
    parser.add_argument("--part", choices=get_args(Part), default="test")
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--skill", type=Path, default=READER)
    parser.add_argument("--judged", action="store_true")
    given = parser.parse_args()
    model, identity = load_reader(Settings().models_folder, given.skill)
    folder = Settings().models_folder
    judges = {"reranker": Reranker.load(folder).odds, "matcher": Matcher.load(folder).odds} if given.judged else {}

    def ways(readings: Sequence[Reading]) -> dict[str, Sequence[Found]]:
        rows: Sequence[Found] = found(model, readings)
        return {"reader": rows} | {judge: judged(odds, rows, readings) for judge, odds in judges.items()}

    print(f"reader {identity}, {given.part} parts")
    print("| | questions | " + " | ".join(COLUMNS) + " |\n| --- |" + " --- |" * (len(COLUMNS) + 1))
    together = None
    if judges:
        tuning = [reading for name in FITTED_ON for reading in wanted(given.data, name, "tune", given.questions)]
        together = weighed(list(ways(tuning).values()))
        print(f"weights of {', '.join(['reader', *judges])}: {np.round(together.coef_[0], 2).tolist()}", flush=True)
    for name in given.sets:
        seen = ways(wanted(given.data, name, given.part, given.questions))
        if together:
            gates = together.decision_function(odds_of(list(seen.values())))
            seen["all three"] = [replace(row, gate=gate) for row, gate in zip(seen["reader"], gates, strict=True)]
        for way, rows in seen.items():
            cells = [interval(rows, figure) for figure in COLUMNS.values()]
            print(f"| {name}, {way} | {len(rows)} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
