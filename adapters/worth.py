"""What a confidence is worth: the chance to be right that judged answers give it.

A logistic fit of 'right' on the confidence's log-odds (Platt 1999): smooth, so that a single answer moves little.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

FEWEST = 20  # judged answers


@dataclass(frozen=True)
class Worth:
    """Of each judged draft its confidence (N,) and its fitted chance to be right (N,), and the fit itself."""

    confidences: NDArray[np.float64]
    right: NDArray[np.float64]
    model: "LogisticRegression"

    @classmethod
    def fit(cls, confidences: Sequence[float], right: Sequence[bool]) -> "Worth | None":
        """The fit; None where there are too few answers, or none is right or none wrong."""
        told, said = np.array(right, bool), np.array(confidences, float)
        if len(told) < FEWEST or not told.any() or told.all():
            return None
        from sklearn.linear_model import LogisticRegression  # a second of every command's start

        model = LogisticRegression().fit(_odds(said), told)
        return cls(said, model.predict_proba(_odds(said))[:, 1], model)

    def shown_from(self, threshold: float) -> int:
        """How many drafts would be shown."""
        return int((self.confidences >= threshold - 1e-9).sum())

    def wrong_from(self, threshold: float) -> float:
        """Expected share wrong among the shown; where none is, of one that would just be."""
        shown = self.right[self.confidences >= threshold - 1e-9]
        if len(shown):
            return float(1 - shown.mean())
        return float(self.model.predict_proba(_odds(np.array([threshold])))[0, 0])


def _odds(confidences: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(logit(np.clip(confidences, 0.001, 0.999)))[:, None]
