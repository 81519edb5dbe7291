"""A logistic model whose weights are never negative, fitted by penalised likelihood: a stronger signal never lowers it.

The penalty pulls towards nothing, or towards weights fitted on more data: then few cases move little. Knows numbers.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

RIDGE = 1.0


def fit(
    measured: NDArray[np.float64],
    right: NDArray[np.bool_],
    ridge: float = RIDGE,
    towards: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Weights and bias (last), (S + 1,).

    Args:
        measured: (N, S).
        right: (N,).
        ridge: strength of the penalty.
        towards: weights and bias (S + 1,) to be pulled to; None: the weights to 0, the bias freely.
    """
    features = np.hstack([measured, np.ones((len(measured), 1))])  # (N, S + 1)
    aim = np.zeros(features.shape[1]) if towards is None else np.asarray(towards, float)
    pulled = np.ones(features.shape[1])
    if towards is None:
        pulled[-1] = 0.0

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = features @ weights
        away = pulled * (weights - aim)
        value = np.logaddexp(0.0, np.where(right, -odds, odds)).sum() + ridge * (away @ away) / 2
        return float(value), features.T @ (expit(odds) - right) + ridge * away

    bounds = [(0.0, None)] * measured.shape[1] + [(None, None)]
    return np.asarray(minimize(loss, aim, jac=True, method="L-BFGS-B", bounds=bounds).x)


def log_loss(told: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean negative log-likelihood of what happened (N,) under the probabilities told (N,)."""
    sure = np.clip(np.where(right, told, 1 - told), 1e-9, 1.0)
    return float(-np.log(sure).mean())


def probabilities(measured: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row (N,) of `measured` (N, S) by the weights and bias (S + 1,)."""
    return np.asarray(expit(measured @ weights[:-1] + weights[-1]))
