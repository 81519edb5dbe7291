"""What more examples are worth to a department's reader: `python -m benchmarks.learning_curve --out FOLDER`.

Of the example company's train questions of a department 0, 16, 64 and 256 (or as many as there are), three draws each,
trained as the product trains them (LoRA, rank 16, from a skill, its rate), judged on the department's regression and
router questions; of two checkpoints the one that is better on its calibration questions is taken. The shipped skill has
seen the company's train questions: with it the curve tells
what is left to learn; `--skill FOLDER` begins from another.

`--out` keeps what is done: the same command goes on, over as many sittings as it takes. `--minutes`: no training
begins after these.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any

from adapters.reader_examples import answering_often
from adapters.reader_training import Reading
from assistant.lessons import EPOCHS, RANK, RATES
from benchmarks.company import questions
from benchmarks.method_run import RESULT, SHIPPED, Spec, keep, kept
from benchmarks.methods import carry_out, quality
from benchmarks.reader_data import company

SIZES = (0, 16, 64, 256)
DOMAINS = ("people", "sales")
ENOUGH = 0.9  # share of the whole gain
PARTS = {"train": ("train",), "choose": ("calibration",), "judge": ("regression", "router")}


def prepare(folder: Path, domains: Sequence[str]) -> None:
    """Write the readings of every department and part, unless they are there."""
    missing = [domain for domain in domains if not (folder / domain / "judge.json").exists()]
    if not missing:
        return
    for part, splits in PARTS.items():
        belongs = {question.id: question.domain for question in questions(splits)}
        found = [one for readings in company(splits).values() for one in readings]
        for domain in missing:
            keep([one for one in found if belongs[question_of(one)] == domain], folder / domain / f"{part}.json")


def question_of(reading: Reading) -> str:
    """The id of the question that a reading was made of."""
    return reading.id.rsplit("-", 1)[0]


def dealt(folder: Path, size: int, seed: int) -> tuple[Path, int]:
    """The folder of a draw of so many train questions, and how many there are."""
    readings = kept(folder / "train.json")
    ids = sorted({question_of(reading) for reading in readings})
    chosen = set(Random(seed).sample(ids, min(max(size, 1), len(ids))))
    place = folder / f"{size}-{seed}"
    if not (place / "judge.json").exists():
        keep(answering_often([one for one in readings if question_of(one) in chosen]), place / "train.json")
        for part in ("choose", "judge"):
            keep(kept(folder / f"{part}.json"), place / f"{part}.json")
    return place, min(size, len(ids))


def curve(out: Path, domain: str, given: argparse.Namespace, until: float) -> dict[int, list[dict[str, Any]]]:
    """Results by how many examples were learnt from."""
    done: dict[int, list[dict[str, Any]]] = {}
    for size in map(int, given.sizes.split(",")):
        for seed in range(given.seeds if size else 1):
            place, count = dealt(out / domain, size, seed)
            rate = RATES["lora"] if size else 0.0  # with none, nothing is changed
            spec = Spec(str(place), "lora", rate, seed, RANK, EPOCHS, given.accumulate, given.threads, given.skill)
            target = out / domain / "runs"
            if time.monotonic() < until or (target / spec.name / RESULT).exists():
                done.setdefault(count, []).append(carry_out(spec, target))
    return done


def report(domain: str, done: dict[int, list[dict[str, Any]]]) -> None:
    """A row a size: mean over the draws and their range."""
    languages = sorted({row["language"] for runs in done.values() for run in runs for row in run["judged"]})
    print(f"\n**{domain}**\n\n| examples (draws) | quality | " + " | ".join(f"F1 {name}" for name in languages) + " |")
    print("| --- | --- |" + " --- |" * len(languages))
    whole: dict[int, float] = {}
    for count, runs in sorted(done.items()):
        values = [quality(run["judged"])["mean"] for run in runs]
        whole[count] = mean(values)
        cells = [
            f"{count} ({len(runs)})",
            f"{100 * mean(values):.1f} [{100 * min(values):.1f}–{100 * max(values):.1f}]",
        ]
        for name in languages:
            parts = [quality([row for row in run["judged"] if row["language"] == name])["f1"] for run in runs]
            cells.append(f"{100 * mean(parts):.1f}")
        print("| " + " | ".join(cells) + " |")
    gain = whole[max(whole)] - whole[min(whole)] if whole else 0.0
    if gain > 0:
        reached = next(n for n in sorted(whole) if whole[n] - whole[min(whole)] >= ENOUGH * gain)
        print(f"\n{100 * ENOUGH:.0f} % of the gain of {100 * gain:.1f} points is reached with {reached} examples")
    else:
        print(f"\nno gain: {100 * gain:+.1f} points")


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--domains", default=",".join(DOMAINS))
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--skill", default=SHIPPED, help="a folder, else the shipped one")
    parser.add_argument("--accumulate", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no training after these")
    given = parser.parse_args()
    until = time.monotonic() + 60 * given.minutes
    domains = given.domains.split(",")
    prepare(given.out, domains)
    for domain in domains:
        report(domain, curve(given.out, domain, given, until))


if __name__ == "__main__":
    main()
