"""Learning the retriever's skill: a matrix that turns a question's vector towards the passages that answer it.

Only questions are moved, so that all passages of a corpus can be its negatives at once, at the price of one product:
the loss is a soft-max over the whole corpus (InfoNCE, van den Oord et al. 2018, with every negative there is).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from adapters.search_encoder import Vectors

BATCH = 64


@dataclass(frozen=True)
class Corpus:
    """Passages (N, D), centred questions (Q, D), each of length 1, and of each question the rows that answer it."""

    passages: Vectors
    questions: Vectors
    answers: Sequence[Sequence[int]]


@dataclass(frozen=True)
class Turning:
    """How the matrix is learnt: Adam with a rate that falls to nothing; cosines are divided by the temperature."""

    steps: int = 2000
    rate: float = 3e-4
    temperature: float = 0.02
    decay: float = 0.01
    seed: int = 0


def learn(corpora: Sequence[Corpus], turning: Turning, progress: Callable[[int, float], None]) -> Vectors:
    """The matrix (D, D), of zeros before the first step. A corpus is drawn as often as it has questions.

    Args:
        progress: told of every step and its loss.
    """
    draw = np.random.default_rng(turning.seed)
    sizes = np.array([len(corpus.answers) for corpus in corpora], np.float64)
    held = [(torch.tensor(one.passages), torch.tensor(one.questions)) for one in corpora]
    turn = torch.zeros(corpora[0].passages.shape[1], corpora[0].passages.shape[1], requires_grad=True)
    optimizer = torch.optim.AdamW([turn], turning.rate, weight_decay=turning.decay)
    for step in range(turning.steps):
        for group in optimizer.param_groups:
            group["lr"] = turning.rate * (1 - step / turning.steps)
        at = int(draw.choice(len(corpora), p=sizes / sizes.sum()))
        answers = corpora[at].answers
        chosen = [int(row) for row in draw.permutation(len(answers))[:BATCH] if answers[row]]
        passages, questions = held[at]
        moved = normalize(questions[chosen] + questions[chosen] @ turn, dim=1)
        loss = _loss(moved @ passages.T / turning.temperature, [answers[row] for row in chosen])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        progress(step + 1, float(loss.detach()))
    return np.asarray(turn.detach().numpy(), np.float32)


def _loss(scores: Tensor, answers: Sequence[Sequence[int]]) -> Tensor:
    """Mean of -log of the answers' share, over questions; scores (Q, N)."""
    right = torch.zeros_like(scores, dtype=torch.bool)
    for row, found in enumerate(answers):
        right[row, list(found)] = True
    return (scores.logsumexp(1) - scores.masked_fill(~right, -torch.inf).logsumexp(1)).mean()
