"""Training the writer: from a question and its marked evidence to the words of an answer.

Low-rank changes of the language model's linear layers; loss on the answer's tokens, and logits only there, which with
a vocabulary of tens of thousands would be most of the memory.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from adapters.adapter_file import MAX_RANK
from adapters.language_model import Messages, prompt_tokens
from adapters.training import Schedule, Step, Trained, Training, device, precision

LONGEST = 512  # tokens of a prompt and its answer
IGNORED = -100  # cross-entropy's mark for what is not learnt


@dataclass(frozen=True)
class Writing:
    """What is learnt: a prompt, and the answer to it."""

    id: str
    language: str
    messages: Messages
    answer: str


@dataclass(frozen=True)
class Learnt:
    """Its tokens."""

    prompt: list[int]
    answer: list[int]  # its end among them


def with_adapter(model: Any, rank: int = MAX_RANK) -> Any:
    """The model with low-rank changes (Hu et al. 2021) beside every linear layer but the head."""
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM")
    return get_peft_model(model, config)


def learnt(tokenizer: Any, writings: Sequence[Writing], longest: int = LONGEST) -> list[Learnt]:
    """The tokens of those that are not too long."""
    made = [
        Learnt(
            prompt_tokens(tokenizer, one.messages),
            [*tokenizer.encode(one.answer, add_special_tokens=False), tokenizer.eos_token_id],
        )
        for one in writings
    ]
    return [one for one in made if len(one.prompt) + len(one.answer) <= longest]


def loss(model: nn.Module, batch: Sequence[Learnt], where: torch.device) -> Tensor:
    """Mean cross-entropy of the answers' tokens."""
    width = max(len(one.prompt) + len(one.answer) for one in batch)
    longest = max(len(one.answer) for one in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)  # (B, T), padded at the left: answers end together
    mask = torch.zeros_like(ids)
    told = torch.full((len(batch), longest), IGNORED)  # (B, A)
    for n, one in enumerate(batch):
        tokens = one.prompt + one.answer
        ids[n, width - len(tokens) :] = torch.tensor(tokens)
        mask[n, width - len(tokens) :] = 1
        told[n, longest - len(one.answer) :] = torch.tensor(one.answer)
    places = (mask.cumsum(1) - 1).clamp(min=0)
    with precision(where):
        made = model(
            input_ids=ids.to(where),
            attention_mask=mask.to(where),
            position_ids=places.to(where),
            logits_to_keep=longest + 1,
            use_cache=False,
        )
    logits = made.logits[:, :-1].float()  # (B, A, V)
    return nn.functional.cross_entropy(logits.flatten(0, 1), told.to(where).flatten(), ignore_index=IGNORED)


def losses(model: nn.Module, examples: Sequence[Learnt]) -> list[float]:
    """The loss of each example, one by one."""
    where = next(model.parameters()).device
    with torch.inference_mode():
        return [float(loss(model, [one], where)) for one in examples]


def train(
    model: nn.Module,
    taught: Sequence[Learnt],
    tuning: Sequence[Learnt],
    schedule: Schedule,
    folder: Path,
    progress: Callable[[Step], None],
) -> Trained:
    """Train the model's adapter; how likely (0 to 1, a token) the tuning part's answers are says when to stop."""
    where = device()
    model.to(where)

    def score() -> float:
        return math.exp(-sum(losses(model, tuning)) / len(tuning))

    return Training(
        model,
        taught,
        lambda batch: loss(model, batch, where),
        score,
        schedule,
        folder,
        lambda one: len(one.prompt) + len(one.answer),
    ).run(progress)
