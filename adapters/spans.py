"""The reader's model: where in a passage a question's answer stands, and whether any does.

An encoder that reads question and passage together, a span head and an answerability head (as in BERT for SQuAD 2,
Devlin et al. 2019, but with 'no answer' as a score of its own, so that passages can be compared). The encoder here is
an instance of its own, never the one that retrieval uses.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from adapters import model_store

BEGIN, END, PAD = 0, 2, 1  # the encoder's tokens <s>, </s> and <pad>
LONGEST = 384  # tokens of question and passage together
STRIDE = 96  # tokens that two windows of a longer passage share
LONGEST_SPAN = 64  # tokens
LONGEST_QUESTION = 96  # tokens
SMALLEST = 1e-9  # probability; below it nothing is told apart


@dataclass(frozen=True)
class Window:
    """A question with as much of a passage as the encoder takes.

    ids: its tokens. places: of each token, its characters in the passage (None: not the passage's).
    start, end: the answer's first and last token; both 0 where none stands here.
    """

    ids: list[int]
    places: list[tuple[int, int] | None]
    start: int = 0
    end: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def answered(self) -> bool:
        """Whether an answer stands in it."""
        return self.end > 0


@dataclass(frozen=True)
class Marking:
    """What is marked in one window of a passage.

    gate: log-odds that an answer stands in it. places (T, 2): the characters of the passage's tokens. starts, ends
    (T,): probability of each token to be the answer's first, its last.
    """

    gate: float
    places: NDArray[np.int64]
    starts: NDArray[np.float64]
    ends: NDArray[np.float64]

    @cached_property
    def best(self) -> tuple[int, int, float]:
        """Start and end (characters) of the likeliest span, and its log-probability among all spans."""
        if not len(self.starts):
            return 0, 0, math.log(SMALLEST)
        ends = sliding_window_view(np.pad(self.ends, (0, LONGEST_SPAN - 1)), LONGEST_SPAN)  # (T, LONGEST_SPAN)
        joint = self.starts * ends.max(axis=1)  # (T,): with the likeliest end of a span that begins here
        first = int(joint.argmax())
        last = first + int(ends[first].argmax())
        return int(self.places[first, 0]), int(self.places[last, 1]), math.log(max(joint[first], SMALLEST))

    def within(self, start: int, end: int) -> float:
        """Log-probability that the answer, if there is one, lies within these characters."""
        inside = (self.places[:, 1] > start) & (self.places[:, 0] < end)
        return math.log(max(float(self.starts[inside].sum() * self.ends[inside].sum()), SMALLEST))


class SharedWords(nn.Module):
    """Another encoder's frozen word embeddings, widened to float32 as they are looked up."""

    def __init__(self, words: nn.Embedding) -> None:
        super().__init__()
        self.words = words

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors (…, D) of token ids (…)."""
        vectors: Tensor = self.words(ids).float()
        return vectors


class SpanModel(nn.Module):
    """Encoder and heads. `encoder` may carry PEFT adapters."""

    def __init__(self, encoder: Any, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.encoder = encoder
        self.tokenizer = tokenizer
        width = int(encoder.config.hidden_size)
        self.span = nn.Linear(width, 2)
        self.gate = nn.Linear(2 * width, 1)

    @classmethod
    def load(cls, folder: Path) -> "SpanModel":
        """A reader without any skill, over the encoder in `folder`.

        Without dropout: its random numbers take three fifths of a training step on a CPU, and one pass over the data
        leaves little to overfit.
        """
        from transformers import AutoModel  # takes seconds; who needs no reader does not wait for it

        encoder = AutoModel.from_pretrained(
            folder,
            dtype=torch.float32,
            use_safetensors=True,
            trust_remote_code=False,
            add_pooling_layer=False,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        return cls(encoder, model_store.tokenizer_of(folder))

    def forward(
        self, ids: Tensor, mask: Tensor, passage: Tensor, adapters: Sequence[str] | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Start and end scores (B, T), -inf outside the passage, and the gate's log-odds (B,).

        Args: ids (B, T); mask (B, T), 1 on tokens; passage (B, T), True on the passage's tokens; adapters (B,), each
        row's, by the name it was loaded under; '__base__' for none.
        """
        named = {} if adapters is None else {"adapter_names": list(adapters)}
        hidden = self.encoder(input_ids=ids, attention_mask=mask, **named).last_hidden_state
        hidden = hidden[:, -ids.shape[1] :]  # (B, T, D): a learnt prompt stands before it
        start, end = self.span(hidden).float().unbind(-1)
        outside = ~passage
        peak = hidden.masked_fill(outside.unsqueeze(-1), -1e4).amax(1)  # (B, D)
        gate = self.gate(torch.cat([hidden[:, 0], peak], -1)).float().squeeze(-1)
        return start.masked_fill(outside, -torch.inf), end.masked_fill(outside, -torch.inf), gate

    def windows(
        self, question: str, passage: str, answer: tuple[int, int] | None = None, heading: str = ""
    ) -> list[Window]:
        """The question with the whole passage, in overlapping windows where it is long.

        Args:
            answer: the characters (start, end) where the answer stands.
            heading: read before the passage; no answer stands in it.
        """
        asked = self.tokenizer.encode(f"query: {question}", add_special_tokens=False).ids[:LONGEST_QUESTION]
        before = f"passage: {heading}\n" if heading else "passage: "
        whole = before + passage
        told = self.tokenizer.encode(whole, add_special_tokens=False)
        front = [BEGIN, *asked, END, END]
        room = LONGEST - len(front) - 1
        tokens, offsets = told.ids, told.offsets
        made = []
        for begin in range(0, max(1, len(tokens) - STRIDE), room - STRIDE):
            part = slice(begin, begin + room)
            places: list[tuple[int, int] | None] = [None] * len(front)
            places += [_place(whole, len(before), *offset) for offset in offsets[part]]
            found = _tokens_of(places, answer) if answer else (0, 0)
            made.append(Window([*front, *tokens[part], END], [*places, None], *found))
        return made

    def pairs(self, question: str, sentences: Sequence[tuple[str, str]]) -> list[Window]:
        """Of each (heading, sentence) its first window: hardly one is longer."""
        return [self.windows(question, text, heading=heading)[0] for heading, text in sentences]

    def pair_odds(self, pairs: Sequence[Window], device: Any = "cpu") -> Tensor:
        """The gate's log-odds (N,)."""
        gate: Tensor = self(*self.batch(pairs, device))[2]
        return gate

    def batch(self, windows: Sequence[Window], device: Any = "cpu") -> tuple[Tensor, Tensor, Tensor]:
        """ids, mask and passage of `forward`, padded."""
        longest = max(len(window.ids) for window in windows)
        ids = torch.tensor([w.ids + [PAD] * (longest - len(w.ids)) for w in windows])
        mask = torch.tensor([[1] * len(w.ids) + [0] * (longest - len(w.ids)) for w in windows])
        passage = torch.tensor(
            [[place is not None for place in w.places] + [False] * (longest - len(w.ids)) for w in windows]
        )
        return ids.to(device), mask.to(device), passage.to(device)

    def loss(self, windows: Sequence[Window], device: Any = "cpu") -> Tensor:
        """Mean over the batch: cross-entropy of start and end where answered, and of the gate everywhere."""
        start, end, gate = self(*self.batch(windows, device))
        answered = torch.tensor([window.answered for window in windows], device=device)
        wrong = nn.functional.binary_cross_entropy_with_logits(gate, answered.float())
        if not answered.any():
            return wrong
        starts = torch.tensor([window.start for window in windows], device=device)[answered]
        ends = torch.tensor([window.end for window in windows], device=device)[answered]
        spans = nn.functional.cross_entropy(start[answered], starts) + nn.functional.cross_entropy(end[answered], ends)
        return wrong + spans * answered.float().mean()

    @torch.inference_mode()
    def mark(
        self, windows: Sequence[Window], device: Any = "cpu", adapters: Sequence[str] | None = None
    ) -> list[Marking]:
        """What is marked in each window; nothing (gate -inf) where it holds no token of its passage."""
        start, end, gate = self(*self.batch(windows, device), adapters)
        starts, ends = (part.softmax(-1).double().cpu().numpy() for part in (start, end))
        found = []
        for n, (window, odds) in enumerate(zip(windows, gate.tolist(), strict=True)):
            at = [i for i, place in enumerate(window.places) if place is not None]
            places = np.array([window.places[i] for i in at], np.int64).reshape(-1, 2)
            found.append(Marking(odds if at else -math.inf, places, starts[n, at], ends[n, at]))
        return found


def _place(whole: str, lead: int, start: int, end: int) -> tuple[int, int] | None:
    """A token's characters in the passage, which begins at `lead`; a blank that a token begins with is none of it."""
    while start < end and whole[start].isspace():
        start += 1
    return (start - lead, end - lead) if lead <= start < end else None


def _tokens_of(places: Sequence[tuple[int, int] | None], answer: tuple[int, int]) -> tuple[int, int]:
    """First and last token of the characters `answer`; (0, 0) unless all of them are there."""
    inside = [n for n, p in enumerate(places) if p is not None and p[0] < answer[1] and p[1] > answer[0]]
    if not inside:
        return 0, 0
    first, last = places[inside[0]], places[inside[-1]]
    whole = first is not None and last is not None and first[0] <= answer[0] and last[1] >= answer[1]
    return (inside[0], inside[-1]) if whole else (0, 0)
