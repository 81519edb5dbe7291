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
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from adapters.judging import says_all
from adapters.questions import Question
from assistant.evaluations import Forgetful
from assistant.steps.decide import Signals
from assistant.variation import FULL
from assistant.wording import as_language
from benchmarks.company import opened, questions

SPLITS = ("router", "calibration")
NAMES = tuple(field.name for field in fields(Signals))
TARGET = Path(__file__).parent.parent / "assistant" / "steps" / "confidence.json"
PENALTY = 1.0  # C of scikit-learn
FOLDS = 8
SHOWN = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
DECLINED_RIGHT = 0.05  # at most this share of the right drafts may be declined


@dataclass(frozen=True)
class Case:
    """A question's signals (S,), and whether its draft is right."""

    question: Question
    signals: NDArray[np.float64]
    right: bool


def cases(splits: Sequence[str]) -> list[Case]:
    """The questions of some splits that get a draft, asked of the whole assistant."""
    found = []
    with opened() as (services, operator):
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


def main() -> None:
    """Fit, print, write."""
    made = cases(SPLITS)
    measured = np.array([case.signals for case in made])  # (N, S)
    right = np.array([case.right for case in made])  # (N,)
    groups = [case.question.group for case in made]
    model = LogisticRegression(C=PENALTY, max_iter=2000)
    told = cross_val_predict(model, measured, right, groups=groups, cv=GroupKFold(FOLDS), method="predict_proba")[:, 1]
    print(f"{len(made)} drafts, {right.sum()} right; AUROC {roc_auc_score(right, told):.3f}")
    for name in NAMES:
        rest = measured[:, [other != name for other in NAMES]]
        less = cross_val_predict(model, rest, right, groups=groups, cv=GroupKFold(FOLDS), method="predict_proba")[:, 1]
        print(f"  without {name}: {roc_auc_score(right, less):.3f}")
    for threshold in SHOWN:
        shown = told >= threshold
        print(f"  shown from {threshold}: {shown.sum()}, right {right[shown].sum()}, wrong {(~right[shown]).sum()}")
    decline_below = float(np.quantile(told[right], DECLINED_RIGHT))
    print(f"  declined below {decline_below:.3f}: {(told < decline_below).sum()}")
    model.fit(measured, right)
    written = {
        "fitted_on": list(SPLITS),
        "drafts": len(made),
        "right": int(right.sum()),
        "bias": round(float(model.intercept_[0]), 4),
        "weights": {name: round(float(weight), 4) for name, weight in zip(NAMES, model.coef_[0], strict=True)},
        "usual": {name: round(float(mean), 4) for name, mean in zip(NAMES, measured[right].mean(0), strict=True)},
        "decline_below": round(decline_below, 4),
    }
    TARGET.write_text(json.dumps(written, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
