"""Training the reranker and the matcher: of a question's sentences those that answer it are to get all, or 'none'
where none does.

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

from adapters.rank_model import RankModel
from adapters.spans import SpanModel
from adapters.training import Schedule, Step, Trained, Training, device, precision

Ranker = RankModel | SpanModel  # the reranker's, the matcher's


@dataclass(frozen=True)
class Choice:
    """A question and sentences, each (heading, text): the first `right` of them answer it; 0: none does."""

    question: str
    sentences: Sequence[tuple[str, str]]
    right: int


@dataclass(frozen=True)
class Pairs:
    """A choice as the model reads it."""

    pairs: Sequence[Any]  # as the model's own `pairs` makes them
    right: int

    @property
    def longest(self) -> int:
        """Tokens of the longest pair."""
        return max(map(len, self.pairs))


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


def measure(model: Ranker, choices: Sequence[Choice]) -> RerankerScores:
    """Score every choice."""
    where = next(model.parameters()).device
    first, outcome, likelihood = [], [], []
    for choice in choices:
        with torch.inference_mode(), precision(where):
            odds = model.pair_odds(_read(model, choice).pairs, where).float().cpu()
        best = int(odds.argmax())
        if choice.right:
            first.append(best < choice.right)
        outcome.append(best < choice.right if odds[best] > 0 else not choice.right)
        likelihood.append(-float(loss(odds, choice.right)))
    return RerankerScores(
        len(choices), float(np.mean(first)), float(np.mean(outcome)), round(float(np.mean(likelihood)), 4)
    )


def train(
    model: Ranker,
    choices: Sequence[Choice],
    tuning: Sequence[Choice],
    schedule: Schedule,
    folder: Path,
    progress: Callable[[Step], None],
) -> Trained:
    """Train the adapter and the head that judges; the mean log-likelihood of `tuning` says when to stop."""
    where = device()
    model.to(where)
    if isinstance(model, SpanModel):
        model.span.requires_grad_(False)  # has no part in it
    made = [_read(model, choice) for choice in choices]

    def batch_loss(batch: Sequence[Pairs]) -> Tensor:
        with precision(where):
            odds: Any = model.pair_odds([pair for choice in batch for pair in choice.pairs], where).float()
        parts = odds.split([len(choice.pairs) for choice in batch])
        return torch.stack([loss(part, choice.right) for part, choice in zip(parts, batch, strict=True)]).mean()

    def score() -> float:
        return measure(model, tuning).likelihood

    return Training(model, made, batch_loss, score, schedule, folder, lambda choice: choice.longest).run(progress)


def _read(model: Ranker, choice: Choice) -> Pairs:
    return Pairs(model.pairs(choice.question, choice.sentences), choice.right)
