"""Learning the router's skill: questions about the same rule come to lie together, those about others apart.

The encoder with low-rank changes (Hu et al. 2021). A batch has two questions about each of several rules of one
organisation; the loss is a soft-max over the batch in either direction (InfoNCE, van den Oord et al. 2018), so that
other rules of the same organisation are what a question must be told from. Or it learns from a teacher how near
questions lie to each other.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.functional import cross_entropy, kl_div, log_softmax

from adapters.reader_training import TARGETS
from adapters.training import Schedule, Step, Trained, Training, precision

T = TypeVar("T")
Pairs = Sequence[tuple[str, str]]  # two questions about one rule, of each rule of a batch
TEMPERATURE = 0.05  # cosines are divided by it
LONGEST = 48  # tokens; few questions are longer


def with_adapter(
    model: "SentenceTransformer",  # type: ignore[name-defined]  # noqa: F821
    rank: int,
    start: Path | None = None,
) -> "SentenceTransformer":  # type: ignore[name-defined]  # noqa: F821
    """The encoder with low-rank changes on all its linear layers, which alone are trained; they begin as those of the
    skill in `start`, of this rank or a lower one, or as none.
    """
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=TARGETS, exclude_modules=["pooler.dense"])
    model[0].model = get_peft_model(model[0].model, config)
    model.max_seq_length = LONGEST
    if start:
        _begin_with(model[0].model, load_file(start / "adapter_model.safetensors"))
    return model


@torch.no_grad()
def _begin_with(adapted: Any, earlier: Mapping[str, Tensor]) -> None:
    """What a lower rank leaves over changes nothing yet, and can learn."""
    for name, weight in adapted.named_parameters():
        old = earlier.get(name.replace(".default", ""))
        if old is None:
            continue
        if "lora_A" in name:
            weight[: len(old)] = old.float()
        else:
            weight.zero_()
            weight[:, : old.shape[1]] = old.float()


def contrast(model: Any, pairs: Pairs) -> Tensor:
    """The loss of a batch: how badly each question finds its other wording, and the other way round."""
    ones, others = zip(*pairs, strict=True)
    vectors = embedded(model, [*ones, *others])  # (2N, D)
    scores = vectors[: len(pairs)] @ vectors[len(pairs) :].T / TEMPERATURE  # (N, N)
    own = torch.arange(len(pairs))
    return (cross_entropy(scores, own) + cross_entropy(scores.T, own)) / 2


def embedded(model: Any, questions: Sequence[str]) -> Tensor:
    """Vectors (N, D) of length 1 of questions, through which the loss flows back."""
    made = model(model.preprocess([f"{model.prompts['query']}{text}" for text in questions]))
    return cast(Tensor, made["sentence_embedding"]).float()


def disagreement(cosines: Tensor, taught: Tensor) -> Tensor:
    """How far the order and the distances of neighbours are from a teacher's: the divergence of the soft-max over each
    row of cosines (N, M) from that over the teacher's (Cao et al. 2007, 'Learning to rank: from pairwise approach to
    listwise approach'). Of a square the diagonal, each text with itself, takes no part.
    """
    own, theirs = cosines / TEMPERATURE, taught / TEMPERATURE
    if own.shape[0] == own.shape[1]:
        itself = torch.eye(len(own), dtype=torch.bool)
        own, theirs = (scores.masked_fill(itself, -1e4) for scores in (own, theirs))
    return kl_div(log_softmax(own, 1), log_softmax(theirs, 1), reduction="batchmean", log_target=True)


def train(
    model: Any,
    batches: Sequence[T],
    loss: Callable[[T], Tensor],
    score: Callable[[], float],
    schedule: Schedule,
    folder: Path,
    progress: Callable[[Step], None],
) -> Trained:
    """Train an encoder `with_adapter` so that the `loss` of each batch falls; `score` is measured on tuning questions
    and says when to stop.
    """

    def mean_loss(step: Sequence[T]) -> Tensor:
        with precision(torch.device("cpu")):
            return torch.stack([loss(batch) for batch in step]).mean()

    return Training(model, batches, mean_loss, score, schedule, folder, lambda _batch: 1).run(progress)
