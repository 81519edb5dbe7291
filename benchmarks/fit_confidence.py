"""Fits the confidence: `python -m benchmarks.fit_confidence`; writes `assistant/steps/confidence.json`.

A logistic model of 'the draft is right' over the recorded signals, on the example company's router and calibration
questions, a third of them without an answer. Prints calibration error, area under the ROC curve and what each
threshold would show, by cross-validation over topics; the frozen split takes no part.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from adapters.judging import says_all
from adapters.questions import Question
from assistant.evaluations import Forgetful
from assistant.steps.decide import Signals
from assistant.variation import FULL
from assistant.wording import as_language
from benchmarks.company import asked_for_cache, opened, questions

SPLITS = ("router", "calibration")
NAMES = tuple(field.name for field in fields(Signals))
TARGET = Path(__file__).parent.parent / "assistant" / "steps" / "confidence.json"
RIDGE = 1.0
FOLDS = 8
SHOWN = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
DECLINED_RIGHT = 0.1  # at most this share of the right drafts may be declined


@dataclass(frozen=True)
class Case:
    """A question's signals (S,), and whether its draft is right."""

    question: Question
    signals: NDArray[np.float64]
    right: bool


def cases(splits: Sequence[str], cache: Path | None) -> list[Case]:
    """The questions of some splits that get a draft, asked of the whole assistant."""
    found = []
    with opened(cache) as (services, operator):
        memory = Forgetful()
        assistant = services.assistant_with(memory, FULL)
        for question in questions(splits):
            conversation, language = None, as_language(question.language)
            for text in (*question.history, question.question):
                answer = assistant.ask(text, operator, conversation=conversation, language=language, reviewed=False)
                conversation = answer.conversation
            draft = memory.trace["draft"]
            if draft is not None:
                signals = np.array([float(answer.signals[name]) for name in NAMES])
                found.append(Case(question, signals, says_all(question, draft)))
    return found


def fit(measured: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights and bias (last) by penalised likelihood; no weight is negative: a stronger signal never lowers it."""
    features = np.hstack([measured, np.ones((len(measured), 1))])  # (N, S + 1)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = features @ weights
        penalised = np.append(weights[:-1], 0.0)
        value = np.logaddexp(0.0, np.where(right, -odds, odds)).sum() + RIDGE * (penalised @ penalised) / 2
        return float(value), features.T @ (expit(odds) - right) + RIDGE * penalised

    bounds = [(0.0, None)] * measured.shape[1] + [(None, None)]
    return np.asarray(minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds).x)


def held_out(measured: NDArray[np.float64], right: NDArray[np.bool_], groups: Sequence[str]) -> NDArray[np.float64]:
    """The confidence of each draft (N,) by a fit on other topics."""
    told = np.zeros(len(right))
    for train, test in GroupKFold(FOLDS).split(measured, groups=groups):
        weights = fit(measured[train], right[train])
        told[test] = expit(measured[test] @ weights[:-1] + weights[-1])
    return told


def main() -> None:
    """Fit, print, write."""
    made = cases(SPLITS, asked_for_cache())
    measured = np.array([case.signals for case in made])  # (N, S)
    right = np.array([case.right for case in made])  # (N,)
    groups = [case.question.group for case in made]
    told = held_out(measured, right, groups)
    print(f"{len(made)} drafts, {right.sum()} right; AUROC {roc_auc_score(right, told):.3f}")
    for name in NAMES:
        less = held_out(measured[:, [other != name for other in NAMES]], right, groups)
        print(f"  without {name}: {roc_auc_score(right, less):.3f}")
    for threshold in SHOWN:
        shown = told >= threshold
        print(f"  shown from {threshold}: {shown.sum()}, right {right[shown].sum()}, wrong {(~right[shown]).sum()}")
    decline_below = float(np.quantile(told[right], DECLINED_RIGHT))
    print(f"  declined below {decline_below:.3f}: {(told < decline_below).sum()}")
    weights = fit(measured, right)
    written = {
        "fitted_on": list(SPLITS),
        "drafts": len(made),
        "right": int(right.sum()),
        "bias": round(float(weights[-1]), 4),
        "weights": {name: round(float(weight), 4) for name, weight in zip(NAMES, weights[:-1], strict=True)},
        "usual": {name: round(float(mean), 4) for name, mean in zip(NAMES, measured[right].mean(0), strict=True)},
        "decline_below": round(decline_below, 4),
    }
    TARGET.write_text(json.dumps(written, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
