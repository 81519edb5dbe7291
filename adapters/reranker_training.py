"""Training the reranker: of a question's sentences those that answer it are to get all, or 'none' where none does.

The loss is a soft-max over the sentences and 'none' (listwise, as ListNet, Cao et al. 2007, with an outcome for no
answer), so that the odds of one question's sentences are weighed against each other and not only each by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from adapters.reranker import odds_of
from adapters.spans import SpanModel, Window
from adapters.training import Schedule, Step, Trained, Training, device, precision


@dataclass(frozen=True)
class Choice:
    """A question and sentences, each (heading, text): the first `right` of them answer it; 0: none does."""

    question: str
    sentences: Sequence[tuple[str, str]]
    right: int


@dataclass(frozen=True)
class Windows:
    """A choice as the model reads it."""

    windows: Sequence[Window]
    right: int

    @property
    def longest(self) -> int:
        """Tokens of the longest window."""
        return max(len(window.ids) for window in self.windows)


def windows_of(model: SpanModel, choice: Choice) -> Windows:
    """Of each sentence its first window: hardly one is longer."""
    cut = [model.windows(choice.question, text, heading=heading)[0] for heading, text in choice.sentences]
    return Windows(cut, choice.right)


def loss(odds: Tensor, right: int) -> Tensor:
    """Of one choice: minus the log-likelihood of its right outcomes; `odds` (N,), 'none' has 0."""
    outcomes = torch.cat([odds, odds.new_zeros(1)])
    wanted = outcomes[:right] if right else outcomes[-1:]
    return torch.logsumexp(outcomes, 0) - torch.logsumexp(wanted, 0)


@dataclass(frozen=True)
class RerankerScores:
    """Over choices: how often a right sentence has the best odds of all sentences (of those with one), how often the
    best outcome is right where 'none' is one, and the mean log-likelihood.
    """

    choices: int
    first: float
    outcome: float
    likelihood: float


def measure(model: SpanModel, choices: Sequence[Choice]) -> RerankerScores:
    """Score every choice."""
    first, outcome, likelihood = [], [], []
    for choice in choices:
        odds = torch.tensor(odds_of(model, choice.question, choice.sentences))
        best = int(odds.argmax())
        if choice.right:
            first.append(best < choice.right)
        outcome.append(best < choice.right if odds[best] > 0 else not choice.right)
        likelihood.append(-float(loss(odds, choice.right)))
    return RerankerScores(
        len(choices), float(np.mean(first)), float(np.mean(outcome)), round(float(np.mean(likelihood)), 4)
    )


def train(
    model: SpanModel,
    choices: Sequence[Choice],
    tuning: Sequence[Choice],
    schedule: Schedule,
    folder: Path,
    progress: Callable[[Step], None],
) -> Trained:
    """Train the encoder's adapter and the gate; the mean log-likelihood of `tuning` says when to stop."""
    where = device()
    model.to(where)
    for parameter in model.span.parameters():
        parameter.requires_grad = False
    for parameter in model.gate.parameters():
        parameter.requires_grad = True
    made = [windows_of(model, choice) for choice in choices]

    def batch_loss(batch: Sequence[Windows]) -> Tensor:
        windows = [window for choice in batch for window in choice.windows]
        with precision(where):
            _, _, gates = model(*model.batch(windows, where))
        parts: Any = gates.split([len(choice.windows) for choice in batch])
        return torch.stack([loss(part, choice.right) for part, choice in zip(parts, batch, strict=True)]).mean()

    def score() -> float:
        return measure(model, tuning).likelihood

    return Training(model, made, batch_loss, score, schedule, folder, lambda choice: choice.longest).run(progress)
