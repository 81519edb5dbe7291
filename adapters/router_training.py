"""Learning the router's skill: questions about the same rule come to lie together, those about others apart.

The encoder with low-rank changes (Hu et al. 2021). A batch has two questions about each of several rules of one
organisation; the loss is a soft-max over the batch in either direction (InfoNCE, van den Oord et al. 2018), so that
other rules of the same organisation are what a question must be told from.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from adapters.reader_training import TARGETS
from adapters.training import Schedule, Step, Trained, Training

Pairs = Sequence[tuple[str, str]]  # two questions about one rule, of each rule of a batch
RANK = 16
TEMPERATURE = 0.05  # cosines are divided by it
LONGEST = 48  # tokens; few questions are longer


def with_adapter(model: "SentenceTransformer") -> "SentenceTransformer":  # type: ignore[name-defined]  # noqa: F821
    """The encoder with low-rank changes on all its linear layers, which alone are trained."""
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=TARGETS, exclude_modules=["pooler.dense"])
    model[0].model = get_peft_model(model[0].model, config)
    model.max_seq_length = LONGEST
    return model


def contrast(model: Any, pairs: Pairs) -> Tensor:
    """The loss of a batch: how badly each question finds its other wording, and the other way round."""
    ones, others = zip(*pairs, strict=True)
    texts = [f"{model.prompts['query']}{text}" for text in (*ones, *others)]
    vectors = model(model.preprocess(texts))["sentence_embedding"]  # (2N, D), length 1
    scores = vectors[: len(pairs)] @ vectors[len(pairs) :].T / TEMPERATURE  # (N, N)
    own = torch.arange(len(pairs))
    return (cross_entropy(scores, own) + cross_entropy(scores.T, own)) / 2


def train(
    model: Any,
    batches: Sequence[Pairs],
    score: Callable[[], float],
    schedule: Schedule,
    folder: Path,
    progress: Callable[[Step], None],
) -> Trained:
    """Train an encoder `with_adapter`; `score` is measured on tuning questions and says when to stop."""

    def loss(step: Sequence[Pairs]) -> Tensor:
        return torch.stack([contrast(model, pairs) for pairs in step]).mean()

    return Training(model, batches, loss, score, schedule, folder, lambda _pairs: 1).run(progress)
