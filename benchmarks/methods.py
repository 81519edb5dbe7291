"""LoRA, gates and prompts against full fine-tuning of the reader: `python -m benchmarks.methods --data DIR --out DIR`.

Same readings, machine and run; each method with a learning-rate sweep of its own, widened while the best rate is at an
edge. Batch 1 with accumulation, windows of 384 tokens, no gradient checkpointing, every training in a process of its
own. The rate is chosen on one half of what is kept apart, quality told on the other half.

- `outside`: from the bare encoder, heads trained too, on squad2, xquad-en and jaquad's training parts; judged on
  their tuning parts.
- `company`: from the shipped skill, on the example company's train questions (which the skill has seen); judged on its
  calibration questions.

`--out` keeps what is done: the same command goes on, over as many sittings as it takes. `--minutes`: no training
begins after these. Full fine-tuning leaves the word embeddings alone; `full-words` trains them too, for the costs.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from operator import attrgetter
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, get_args
from zlib import crc32

import numpy as np

from adapters.reader_examples import answering_often
from adapters.reader_training import NEAR, Found, Method, Reading, area
from benchmarks.method_run import RESULT, SHIPPED, SPEC, Spec, keep
from benchmarks.reader_data import company, mixed, tuning

Results = dict[Spec, dict[str, Any]]
METHODS: tuple[Method, ...] = get_args(Method)
RATES = {
    "outside": {
        "lora": (5e-4, 1e-3, 2e-3),
        "ia3": (3e-3, 1e-2, 3e-2),
        "prompt": (1e-2, 3e-2, 1e-1),
        "full": (5e-5, 1e-4, 2e-4),
    },
    "company": {
        "lora": (5e-5, 1e-4, 2e-4),
        "ia3": (5e-4, 1e-3, 2e-3),
        "prompt": (3e-3, 1e-2, 3e-2),
        "full": (5e-6, 1e-5, 2e-5),
    },
}
WIDEST = 6  # rates of a sweep
RANK = 16  # what can be served
RESAMPLES = 1000
ABOUT = "about.json"
COST_ONLY = 48  # readings of a run that is for its costs alone


def prepare(name: str, data: Path, folder: Path, readings: int, questions: int) -> None:
    """Write a set's parts, unless they are there. Exits where they were made otherwise."""
    about = json.dumps({"set": name, "readings": readings, "questions": questions})
    if (folder / ABOUT).exists():
        if (folder / ABOUT).read_text("utf-8") != about:
            sys.exit(f"{folder} was begun with other --readings or --questions. Use another --out.")
        return
    if name == "outside":
        learnt = Random(0).sample(mixed(data, "train"), readings)
        apart = [reading for part in tuning(data, 2 * questions) for reading in part]
        half: Callable[[Reading], str] = attrgetter("title")
    else:
        known = company(["train", "calibration"])
        learnt = answering_often(known["train"])
        learnt = Random(0).sample(learnt, min(readings, len(learnt)))
        apart = known["calibration"]
        half = attrgetter("question")
    names = sorted({half(one) for one in apart}, key=lambda key: crc32(key.encode()))
    chosen = set(names[::2])
    keep(learnt, folder / "train.json")
    keep([one for one in apart if half(one) in chosen], folder / "choose.json")
    keep([one for one in apart if half(one) not in chosen], folder / "judge.json")
    (folder / ABOUT).write_text(about, "utf-8")


def group_of(identifier: str) -> str:
    """What readings have in common that are named after one question, or one paragraph."""
    return identifier.removesuffix("-near").removesuffix("-far").rsplit("-", 1)[0]


def carry_out(spec: Spec, out: Path) -> dict[str, Any]:
    """A run's result, made now unless it is there. Exits where its folder holds another's."""
    folder = out / spec.name
    asked = json.dumps(asdict(spec))
    if (folder / SPEC).exists() and (folder / SPEC).read_text("utf-8") != asked:
        sys.exit(f"{folder} holds a training with other settings. Use another --out.")
    if not (folder / RESULT).exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SPEC).write_text(asked, "utf-8")
        print(f"  {spec.name} …", flush=True)
        environment = os.environ | {"OMP_NUM_THREADS": str(spec.threads)}
        subprocess.run([sys.executable, "-m", "benchmarks.method_run", str(folder)], check=True, env=environment)
    result: dict[str, Any] = json.loads((folder / RESULT).read_text("utf-8"))
    return result


def sweep(first: Spec, rates: Sequence[float], out: Path, over: Callable[[], bool]) -> Results:
    """Every rate, and beyond the best one where it is at an edge. Ends early when time is over."""
    done: dict[float, dict[str, Any]] = {}
    waiting = list(rates)
    while waiting:
        for rate in waiting:
            spec = replace(first, rate=rate)
            if over() and not (out / spec.name / RESULT).exists():
                break
            done[rate] = carry_out(spec, out)
        waiting = []
        if 1 < len(rates) <= len(done) < WIDEST:
            best = max(done, key=lambda rate: chosen_by(done[rate]))
            if best == max(done):
                waiting = [float(f"{2 * best:.2g}")]
            elif best == min(done):
                waiting = [float(f"{best / 2:.2g}")]
        if over():
            waiting = [rate for rate in waiting if (out / replace(first, rate=rate).name / RESULT).exists()]
    return {replace(first, rate=rate): result for rate, result in done.items()}


def chosen_by(result: dict[str, Any]) -> float:
    """Mean over languages of F1 and the areas, on the half that rates are chosen by."""
    values = [
        [v for k, v in part.items() if k in ("f1", "near", "far") and v is not None] for part in result["chosen_by"]
    ]
    return float(np.mean([np.mean(part) for part in values]))


def quality(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """F1 of the answerable, and the area of 'answers or not' against what nearly answers; their mean."""
    found = [Found(row["kind"], row["gate"], row["exact"], row["f1"], span=(0, 0)) for row in rows]
    yes = [one for one in found if one.kind == "answerable"]
    near = area([one.gate for one in yes], [one.gate for one in found if one.kind in NEAR])
    f1 = float(np.mean([one.f1 for one in yes])) if yes else 0.0
    return {"f1": f1, "near": near or 0.5, "mean": (f1 + (near or 0.5)) / 2}


def ratios(a: Sequence[dict[str, Any]], b: Sequence[dict[str, Any]], figure: str) -> tuple[float, float, float]:
    """Quality of `a` over that of `b` on the same readings, with its interval, bootstrapped over questions."""
    groups: dict[str, list[int]] = {}
    for n, row in enumerate(a):
        groups.setdefault(group_of(row["id"]), []).append(n)
    places = list(groups.values())
    random = np.random.default_rng(0)
    values = []
    for _ in range(RESAMPLES):
        drawn = [n for g in random.integers(0, len(places), len(places)) for n in places[g]]
        values.append(quality([a[n] for n in drawn])[figure] / max(quality([b[n] for n in drawn])[figure], 1e-9))
    whole = quality(a)[figure] / max(quality(b)[figure], 1e-9)
    return whole, float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))


def report(name: str, found: dict[str, Results]) -> None:
    """The table of a set: each method at its best rate, then LoRA against full."""
    best = {method: max(runs.items(), key=lambda run: chosen_by(run[1])) for method, runs in found.items()}
    print(f"\n**{name}**: each method at the best rate of its sweep\n")
    print("| method | rate (tried) | F1 | answers or not, near misses | mean | trained weights | step, processor s | "
          "step, wall s | peak memory MB | optimiser MB | file MB |")  # fmt: skip
    print("| --- |" + " --- |" * 10)
    for method, (spec, result) in best.items():
        cells = [
            method,
            f"{spec.rate:g} ({', '.join(f'{other.rate:g}' for other in sorted(found[method], key=_rate))})",
        ]
        if result["judged"]:
            cells += [f"{100 * value:.1f}" for value in quality(result["judged"]).values()]
        else:
            cells += ["–"] * 3
        cells += [
            f"{result['trainable']:,} ({100 * result['trainable'] / result['base']:.2f} %)",
            f"{_middle(found[method], 'step_processor'):.2f}",
            f"{_middle(found[method], 'step_wall'):.2f}",
            f"{_middle(found[method], 'peak') / 1e6:.0f}",
            f"{result['optimiser'] / 1e6:.1f}",
            f"{result['file'] / 1e6:.1f}",
        ]
        print("| " + " | ".join(cells) + " |")
    for method in ("lora", "ia3", "prompt"):
        if method in best and "full" in best:
            _against(method, found, best[method][1], best["full"][1])


def _rate(spec: Spec) -> float:
    return spec.rate


def _against(method: str, found: dict[str, Results], one: dict[str, Any], full: dict[str, Any]) -> None:
    print(f"\n{method} against full:")
    for figure in ("f1", "near", "mean"):
        value, low, high = ratios(one["judged"], full["judged"], figure)
        print(f"- {figure}: {100 * value:.1f} % [{100 * low:.1f}–{100 * high:.1f}]")
    for figure in ("step_processor", "peak"):
        print(f"- {figure}: {_middle(found[method], figure) / _middle(found['full'], figure):.2f}")
    for figure in ("trainable", "optimiser", "file"):
        print(f"- {figure}: 1/{full[figure] / one[figure]:.0f}")


def _middle(runs: Results, figure: str) -> float:
    return float(median(result[figure] for result in runs.values()))


def trained(name: str, given: argparse.Namespace, over: Callable[[], bool]) -> dict[str, Results]:
    """The runs of a set by method, as far as there is time for them."""
    folder = given.out / name
    prepare(name, given.data, folder, given.readings, given.questions)
    skill = SHIPPED if name == "company" else ""
    usual = Spec(str(folder), "full", 1e-5, given.seed, RANK, given.epochs, given.accumulate, given.threads, skill)
    found: dict[str, Results] = {}
    for method in METHODS:
        rates = RATES[name][method]
        runs = sweep(replace(usual, method=method), rates[1:2] if given.costs else rates, given.out, over)
        if runs:
            found[method] = runs
    words = replace(usual, epochs=min(given.epochs, COST_ONLY / given.readings), words=True)
    if not over() or (given.out / words.name / RESULT).exists():
        found["full-words"] = {words: carry_out(words, given.out)}
    return found


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sets", default="outside,company")
    parser.add_argument("--readings", type=int, default=4000, help="learnt from, a set")
    parser.add_argument("--questions", type=int, default=100, help="kept apart a language, each half of outside")
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--accumulate", type=int, default=8)
    parser.add_argument("--costs", action="store_true", help="the middle rate alone: says nothing of quality")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="begin no training after these")
    given = parser.parse_args()
    began = time.monotonic()

    def over() -> bool:
        return given.minutes is not None and time.monotonic() - began > 60 * given.minutes

    for name in given.sets.split(","):
        report(name, trained(name, given, over))


if __name__ == "__main__":
    main()
