"""Fits the confidence: `python -m benchmarks.fit_confidence`; writes `assistant/steps/confidence.json`.

A logistic model of 'the draft is right' over the recorded signals, on questions of the example company (splits router
and calibration) and of four invented organisations, a third of them without an answer. Prints, by cross-validation over
topics, what each signal adds, what single signals do by themselves, how honest the confidence is in each language and
company, and what each threshold would show; the frozen split takes no part. `--look` prints and writes nothing.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from adapters.shrunk_logistic import fit, probabilities
from assistant.steps.decide import NOBODYS
from benchmarks.judged_drafts import NAMES, JudgedDraft, arguments, judged_drafts

TARGET = Path(__file__).parent.parent / "assistant" / "steps" / "confidence.json"
FOLDS = 8
BINS = 10  # of the calibration error
SHOWN = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
DECLINED_TRUE = 0.9  # of those that are told that no document answers, at least so many are told the truth
KEPT_BACK = 0.07  # of the right drafts at most, by an automatic department
ACCURATE = 0.95
FIGURES = f"AUROC  coverage at {100 * ACCURATE:.0f} %  ECE  AURC"
KINDS = ("short", "list", "matter")  # of questions that were written beside the others; their ids begin so
ALONE = ("retrieval", "reading", "answers")  # what others go by: the top passage's closeness, the span's score

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def held_out(measured: Floats, right: Bools, groups: Sequence[str]) -> Floats:
    """The confidence of each draft (N,) by a fit on other topics."""
    told = np.zeros(len(right))
    for train, test in GroupKFold(FOLDS).split(measured, groups=groups):
        told[test] = probabilities(measured[test], fit(measured[train], right[train]))
    return told


def calibration_error(told: Floats, right: Bools) -> float:
    """Expected calibration error (Naeini et al. 2015) over ten equal bins."""
    bins = np.minimum((told * BINS).astype(int), BINS - 1)
    return float(sum(abs((told - right)[bins == one].sum()) for one in range(BINS)) / len(told))


def coverage(told: Floats, right: Bools, accuracy: float = ACCURATE) -> float:
    """The largest share of the drafts that can be shown, surest first, with that share of them right."""
    order = np.argsort(-told, kind="stable")
    shares = np.cumsum(right[order]) / np.arange(1, len(right) + 1)
    last = np.flatnonzero((shares >= accuracy) & np.append(np.diff(told[order]) < 0, True))
    return float((last[-1] + 1) / len(right)) if len(last) else 0.0


def area_under_risk(told: Floats, right: Bools) -> float:
    """Mean share wrong among the shown over all shares shown (Geifman and El-Yaniv 2017)."""
    wrong = np.cumsum(~right[np.argsort(-told, kind="stable")])
    return float((wrong / np.arange(1, len(right) + 1)).mean())


def figures(told: Floats, right: Bools) -> str:
    """The four FIGURES of a confidence."""
    return (
        f"{roc_auc_score(right, told):.3f}  {100 * coverage(told, right):5.1f} %  "
        f"{calibration_error(told, right):.3f}  {area_under_risk(told, right):.3f}"
    )


def ablation(measured: Floats, right: Bools, groups: Sequence[str]) -> None:
    """What each signal adds, and what single ones do."""
    print(f"{'':<24}{FIGURES}   (topics left out)")
    print(f"{'all signals':<24}{figures(held_out(measured, right, groups), right)}")
    for name in NAMES:
        kept = [other != name for other in NAMES]
        print(f"  {'without ' + name:<22}{figures(held_out(measured[:, kept], right, groups), right)}")
    for name in ALONE:
        alone = measured[:, [NAMES.index(name)]]
        print(f"  {name + ' alone':<22}{figures(held_out(alone, right, groups), right)}")


def by_part(made: Sequence[JudgedDraft], told: Floats, right: Bools) -> None:
    """The figures and the reliability (per tenth of confidence: said, right, how many) of each language and company."""
    parts = [("language", name) for name in ("en", "ja")]
    parts += [("company", name) for name in dict.fromkeys(one.company for one in made)]
    for kind, name in parts:
        own = np.array([getattr(one, kind) == name for one in made])
        print(f"  {f'{kind} {name} ({own.sum()})':<22}{figures(told[own], right[own])}")
        print(f"    {reliability(told[own], right[own])}")


def reliability(told: Floats, right: Bools) -> str:
    """Per tenth of confidence what was said, what share was right, and of how many."""
    bins = np.minimum((told * BINS).astype(int), BINS - 1)
    cells = [
        f"{told[bins == one].mean():.2f}→{right[bins == one].mean():.2f} ({(bins == one).sum()})"
        for one in range(BINS)
        if (bins == one).any()
    ]
    return "said→right (count): " + "  ".join(cells)


def decline_mark(told: Floats, answerable: Bools) -> float:
    """The highest confidence below which DECLINED_TRUE of the questions have no answer."""
    order = np.argsort(told, kind="stable")
    truth = np.cumsum(~answerable[order]) / np.arange(1, len(told) + 1)
    true = np.flatnonzero(truth >= DECLINED_TRUE)
    return float(told[order[true[-1]]]) if len(true) else 0.0


def written(made: Sequence[JudgedDraft], measured: Floats, right: Bools, marks: Mapping[str, float]) -> None:
    """Fit on all and write."""
    weights = fit(measured, right)
    body = {
        "fitted_on": sorted({one.company for one in made}),
        "drafts": len(made),
        "right": int(right.sum()),
        "bias": round(float(weights[-1]), 4),
        "weights": {name: round(float(weight), 4) for name, weight in zip(NAMES, weights[:-1], strict=True)},
        "usual": {name: round(float(mean), 4) for name, mean in zip(NAMES, measured[right].mean(0), strict=True)},
        **{name: round(mark, 4) for name, mark in marks.items()},
    }
    TARGET.write_text(json.dumps(body, indent=1) + "\n", "utf-8")


def main() -> None:
    """Fit, print, write."""
    given = arguments(__doc__, look="print, and write nothing")
    made = judged_drafts(given.cache, given.drafts)
    measured = np.array([one.values() for one in made])  # (N, S)
    right = np.array([one.right for one in made])  # (N,)
    groups = [one.topic for one in made]
    told = held_out(measured, right, groups)
    print(f"{len(made)} drafts, {right.sum()} right")
    for kind in KINDS:
        of_it = [one.right for one in made if one.answerable and one.id.startswith(f"{kind}-")]
        print(f"  {kind}: {sum(of_it)} of {len(of_it)} answerable ones right")
    ablation(measured, right, groups)
    by_part(made, told, right)
    companies = np.array([one.company for one in made])
    each = {name: companies == name for name in dict.fromkeys(companies)}
    for threshold in SHOWN:
        shown = told >= threshold
        parts = [f"{name} {right[shown & own].sum()}/{(~right[shown & own]).sum()}" for name, own in each.items()]
        print(
            f"  shown from {threshold}, right/wrong: {right[shown].sum()}/{(~right[shown]).sum()}  {'  '.join(parts)}"
        )
    answerable = np.array([one.answerable for one in made])
    somebodys = np.array([one.signals["route"] >= NOBODYS for one in made])
    marks = {
        "decline_below": decline_mark(told[somebodys], answerable[somebodys]),
        "show_from": float(np.quantile(told[right], KEPT_BACK)),
    }
    for name, mark in marks.items():
        print(f"  {name} {mark:.3f}")
        for whose, own in (("for a department", somebodys), ("for nobody", ~somebodys)):
            below = own & (told < mark)
            without = (below & ~answerable).sum()
            print(f"    {whose}: {below.sum()} below, {without} without an answer, {(below & right).sum()} right")
    if not given.look:
        written(made, measured, right, marks)


if __name__ == "__main__":
    main()
