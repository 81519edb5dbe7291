"""Training the reader: questions with passages, what is learnt of them, and how well it is learnt.

Its data is handed in. `benchmarks.train_reader` builds what the shipped skill was trained on; a department's own
reader is trained on its approved examples by the same functions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from adapters.judging import f1, fold
from adapters.marking import mark
from adapters.spans import SpanModel, Window
from adapters.training import Schedule, Step, Trained, Training, device, precision

Method = Literal["lora", "ia3", "prompt", "full"]
TARGETS = ["query", "key", "value", "dense"]
FEED_FORWARD = ["intermediate.dense", "output.dense"]
VIRTUAL_TOKENS = 20  # of a learnt prompt
NEAR = ("near", "unanswerable", "altered")  # kinds that nearly answer


@dataclass(frozen=True)
class Reading:
    """A question and a passage: where in it an answer stands, or that none does (`answers` empty)."""

    id: str
    language: str
    title: str
    question: str
    passage: str
    answers: tuple[tuple[int, str], ...]  # (start, text)
    kind: str  # answerable | unanswerable (by its authors) | near (same article) | far (another) | altered (by rule)
    heading: str = ""  # read before the passage


@dataclass(frozen=True)
class ReaderScores:
    """How well spans are found (of the answerable, forced to answer), and told from what does not answer."""

    answerable: int
    exact: float
    f1: float
    near: float | None  # AUROC of answerable against what its authors or its article make nearly answerable
    far: float | None  # AUROC against passages of other articles

    @property
    def mean(self) -> float:
        """What training is stopped by."""
        parts = [self.f1, *(value for value in (self.near, self.far) if value is not None)]
        return float(np.mean(parts))


def with_adapter(model: SpanModel, method: Method, rank: int = 32) -> SpanModel:
    """The model with what `method` trains: low-rank changes (Hu et al. 2021), gates ((IA)³, Liu et al. 2022), a prompt
    (Lester et al. 2021), or all weights but the word embeddings.
    """
    from peft import IA3Config, LoraConfig, PromptTuningConfig, TaskType, get_peft_model

    if method == "full":
        for parameter in model.encoder.embeddings.parameters():
            parameter.requires_grad = False
        return model
    gated = ["query", "key", "value", *FEED_FORWARD]
    configs: dict[Method, Any] = {
        "lora": LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=TARGETS),
        "ia3": IA3Config(target_modules=gated, feedforward_modules=FEED_FORWARD),
        "prompt": PromptTuningConfig(task_type=TaskType.FEATURE_EXTRACTION, num_virtual_tokens=VIRTUAL_TOKENS),
    }
    model.encoder = get_peft_model(model.encoder, configs[method])
    return model


def windows_of(model: SpanModel, readings: Sequence[Reading]) -> list[Window]:
    """What is learnt: of an answerable passage the windows that hold the answer, of another its first."""
    made = []
    for reading in readings:
        if not reading.answers:
            made.append(model.windows(reading.question, reading.passage, heading=reading.heading)[0])
            continue
        start, text = reading.answers[0]
        cut = model.windows(reading.question, reading.passage, (start, start + len(text)), reading.heading)
        made += [window for window in cut if window.answered][:1]
    return made


@dataclass(frozen=True)
class Found:
    """How one reading came out: kind, gate's log-odds, surest span, and of an answerable one how right that is."""

    kind: str
    gate: float
    exact: float
    f1: float
    span: tuple[int, int]


def found(model: SpanModel, readings: Sequence[Reading]) -> list[Found]:
    """Read every passage; what is answerable is forced to a span."""
    rows = []
    marked = mark(model, [(reading.question, reading.heading, reading.passage) for reading in readings])
    for reading, windows in zip(readings, marked, strict=True):
        exact = overlap = 0.0
        start, end, _ = max((window.best for window in windows), key=lambda span: span[2])
        if reading.answers:
            said = _plain(reading.passage[start:end], reading.language)
            true = [_plain(answer, reading.language) for _, answer in reading.answers]
            exact = float(said in true)
            overlap = max(f1(said, answer, "character" if reading.language == "ja" else "word") for answer in true)
        rows.append(Found(reading.kind, max(window.gate for window in windows), exact, overlap, (start, end)))
    return rows


def losses(model: SpanModel, readings: Sequence[Reading]) -> list[float]:
    """The training's loss of each reading, one by one; of those that answer, where the answer fits in a window."""
    where = next(model.parameters()).device
    with torch.inference_mode():
        return [float(model.loss([window], where)) for window in windows_of(model, readings)]


def measure(model: SpanModel, readings: Sequence[Reading]) -> ReaderScores:
    """The scores over readings, some of which are answerable."""
    rows = found(model, readings)
    answerable = [row for row in rows if row.kind == "answerable"]
    odds = [row.gate for row in answerable]
    return ReaderScores(
        answerable=len(answerable),
        exact=float(np.mean([row.exact for row in answerable])) if answerable else 0.0,
        f1=float(np.mean([row.f1 for row in answerable])) if answerable else 0.0,
        near=area(odds, [row.gate for row in rows if row.kind in NEAR]),
        far=area(odds, [row.gate for row in rows if row.kind == "far"]),
    )


def area(yes: Sequence[float], no: Sequence[float]) -> float | None:
    """Area under the ROC curve of log-odds; None where one side is empty."""
    if not yes or not no:
        return None
    from sklearn.metrics import roc_auc_score  # a second of every command's start

    return float(roc_auc_score([1] * len(yes) + [0] * len(no), [*yes, *no]))


def _plain(text: str, language: str) -> str:
    words = "".join(c if c.isalnum() else " " for c in fold(text)).split()
    if language == "ja":
        return "".join(words)
    return " ".join(word for word in words if word not in ("a", "an", "the"))


def train(
    model: SpanModel,
    readings: Sequence[Reading],
    tuning: Sequence[Sequence[Reading]],
    schedule: Schedule,
    folder: Path,
    progress: Callable[[Step], None],
    *,
    heads: bool = True,
) -> Trained:
    """Train the model's trainable weights.

    Args:
        tuning: sets whose mean scores, averaged, say when to stop.
        heads: train the heads too; a department's adapter leaves them as the skill has them.
    """
    where = device()
    model.to(where)
    for head in (model.span, model.gate):
        for parameter in head.parameters():
            parameter.requires_grad = heads
    made = windows_of(model, readings)

    def loss(batch: Sequence[Window]) -> Any:
        with precision(where):
            return model.loss(batch, where)

    def score() -> float:
        return float(np.mean([measure(model, part).mean for part in tuning]))

    return Training(model, made, loss, score, schedule, folder, lambda window: len(window.ids)).run(progress)


def trainable(model: nn.Module) -> int:
    """How many weights are trained."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
