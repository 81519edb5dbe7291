"""How well the shipped reader reads: `python -m benchmarks.measure_reader --data DIR [--questions N] [--sets SET ...]`.

Test parts that nothing was trained or tuned on: squad2's test articles, jaquad's development files, policyqa. What is
answerable is forced to a span; 'answers or not' is judged by the gate, against what the authors made unanswerable
(SQuAD 2's near misses), other passages of the same article, questions altered by rule, and other topics. With
`--judged` also by the product's other two judges, the reranker and the matcher, each by itself on the sentence alone in
which the reader's surest span begins, under its title, and by the sum of all three log-odds, in which nothing is fitted
(the product's confidence weighs the three). Intervals are bootstrapped over questions.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import get_args

import numpy as np
from numpy.typing import NDArray

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


def together(judges: Sequence[Sequence[Found]]) -> list[Found]:
    """Rows with the sum of the log-odds that several judges gave them."""
    return [replace(rows[0], gate=sum(row.gate for row in rows)) for rows in zip(*judges, strict=True)]


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
    print(f"reader {identity}, {given.part} parts")
    print("| | questions | " + " | ".join(COLUMNS) + " |\n| --- |" + " --- |" * (len(COLUMNS) + 1))
    for name in given.sets:
        readings = read(given.data, name, given.part)
        random = Random(0)  # a draw, not a secret
        answerable = [reading for reading in readings if reading.answers]
        drawn = set(random.sample([reading.id for reading in answerable], min(given.questions, len(answerable))))
        built = with_negatives(readings) + altered(readings)
        wanted = [r for r in built if r.id in drawn or (not r.answers and r.id.rsplit("-", 1)[0] in drawn)]
        others = [reading for reading in readings if reading.kind == "unanswerable"]
        wanted += random.sample(others, min(given.questions, len(others)))
        rows = found(model, wanted)
        ways = {name: rows} | {f"{name}, {judge}": judged(odds, rows, wanted) for judge, odds in judges.items()}
        if judges:
            ways[f"{name}, all three"] = together(list(ways.values()))
        for way, seen in ways.items():
            cells = [interval(seen, figure) for figure in COLUMNS.values()]
            print(f"| {way} | {len(seen)} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
