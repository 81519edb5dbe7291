"""The training loop that every skill and adapter goes through: settings on record, checkpoints, resume, early stop.

It knows weights and losses, nothing of questions. Checkpoints are safetensors; a run that is resumed gives what an
unbroken one gives.
"""

import json
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Generic, Literal, TypeVar

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from adapters.processor import number_type

T = TypeVar("T")
FIRST = 2  # steps after which the time left is told for the first time


@dataclass(frozen=True)
class Schedule:
    """How a training runs; kept with what it made."""

    batch: int = 8  # examples a forward pass
    accumulate: int = 2  # passes a step
    epochs: float = 1.0
    learning_rate: float = 5e-4
    warm_up: float = 0.06  # share of the steps
    weight_decay: float = 0.01
    clip: float = 1.0
    evaluate_every: int = 200  # steps
    patience: int = 5  # evaluations without a better score before it stops
    seed: int = 0
    threads: int = 0  # 0: the cores that are free
    minutes: float | None = None  # it ends with the best weights so far when they are over


@dataclass(frozen=True)
class Step:
    """How far a training is."""

    step: int
    steps: int
    loss: float  # mean since the last report
    score: float | None  # on the tuning split, when it was just measured
    seconds_left: float


Ended = Literal["done", "no_better", "budget"]


@dataclass(frozen=True)
class Trained:
    """What a training came to, and why it ended: all steps done, the score did not rise any more, or time was over."""

    steps: int
    best_step: int
    best_score: float
    seconds: float
    peak_memory_bytes: int
    ended: Ended


def device() -> torch.device:
    """The GPU, where there is one that torch can use."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def precision(where: torch.device) -> Any:
    """Autocast to bfloat16 where the processor calculates it, else a context that does nothing."""
    fast = where.type == "cuda" or number_type() is torch.bfloat16
    return torch.autocast(where.type, torch.bfloat16, enabled=fast)


def free_cores() -> int:
    """Cores that nobody uses now, at least one."""
    cores = len(os.sched_getaffinity(0))
    return max(1, min(cores, round(cores - os.getloadavg()[0])))


class Diverged(ArithmeticError):
    """The loss is no number any more."""


class Training(Generic[T]):
    """One training of `model`'s trainable weights on `examples`."""

    def __init__(
        self,
        model: nn.Module,
        examples: Sequence[T],
        loss: Callable[[Sequence[T]], Tensor],
        score: Callable[[], float],
        schedule: Schedule,
        folder: Path,
        length: Callable[[T], int],
    ) -> None:
        """`score` is measured on the tuning split, higher is better; `length` (tokens) puts like with like."""
        self._model, self._examples, self._loss, self._score = model, examples, loss, score
        self._schedule, self._folder, self._length = schedule, folder, length
        self._weights = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
        self._optimizer = torch.optim.AdamW(
            self._weights.values(), schedule.learning_rate, weight_decay=schedule.weight_decay
        )
        per_epoch = math.ceil(len(examples) / (schedule.batch * schedule.accumulate))
        self._steps = max(1, math.ceil(per_epoch * schedule.epochs))
        self._settings = json.dumps(asdict(replace(schedule, threads=0, epochs=1.0, minutes=None)))  # may end elsewhere
        self._best: tuple[float, int] = (-math.inf, 0)
        self._spent = 0.0

    def run(self, progress: Callable[[Step], None] = lambda _step: None) -> Trained:
        """Train to the end, or until the score stops rising; the best weights are in the model afterwards.

        Goes on where an earlier run in the same folder was broken off. Raises ValueError when that one had other
        settings.
        """
        schedule = self._schedule
        if schedule.threads or torch.get_num_threads() != free_cores():
            torch.set_num_threads(schedule.threads or free_cores())
        self._folder.mkdir(parents=True, exist_ok=True)
        done = self._resume()
        began, losses = time.monotonic(), []
        stale = (done - self._best[1]) // schedule.evaluate_every if done else 0
        ended: Ended = "done"
        for step, batches in enumerate(self._batches(), start=1):
            if step <= done:
                continue
            losses.append(self._step(step, batches))
            over = schedule.minutes is not None and self._spent + time.monotonic() - began > 60 * schedule.minutes
            measured = step % schedule.evaluate_every == 0 or step == self._steps or over
            score = None
            if measured:
                score = self._measure(step)
                stale = 0 if self._best[1] == step else stale + 1
                self._keep(step, self._spent + time.monotonic() - began)
            if measured or step % 20 == 0 or step == done + FIRST:
                left = (time.monotonic() - began) / (step - done) * (self._steps - step)
                progress(Step(step, self._steps, sum(losses) / len(losses), score, left))
                losses = []
            if step < self._steps and (over or stale >= schedule.patience):
                ended = "budget" if over else "no_better"
                break
        self._load_weights(self._folder / "best.safetensors")
        self._model.eval()
        seconds = self._spent + time.monotonic() - began
        return Trained(self._steps, self._best[1], self._best[0], seconds, _peak_memory(), ended)

    def _step(self, step: int, batches: Sequence[Sequence[T]]) -> float:
        torch.manual_seed(self._schedule.seed * 1_000_003 + step)  # the same dropout, broken off or not
        warm = max(1, round(self._steps * self._schedule.warm_up))
        rate = min(step / warm, (self._steps - step + 1) / max(1, self._steps - warm))
        for group in self._optimizer.param_groups:
            group["lr"] = self._schedule.learning_rate * rate
        self._model.train()
        total = 0.0
        for batch in batches:
            loss = self._loss(batch) / len(batches)
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.item()
        if not math.isfinite(total):
            raise Diverged(f"the loss was {total} at step {step}")
        nn.utils.clip_grad_norm_(self._weights.values(), self._schedule.clip)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return total

    def _measure(self, step: int) -> float:
        self._model.eval()
        score = self._score()
        if score > self._best[0]:
            self._best = (score, step)
            save_file({n: w.detach().contiguous() for n, w in self._weights.items()}, self._folder / "best.safetensors")
        return score

    def _batches(self) -> Iterator[list[list[T]]]:
        """Per step its batches: shuffled, like lengths together, the same order for the same seed."""
        size, group = self._schedule.batch, self._schedule.accumulate
        given = 0
        for epoch in range(math.ceil(self._schedule.epochs)):
            random = Random(f"{self._schedule.seed}/{epoch}")  # noqa: S311  # an order, not a secret
            order = random.sample(range(len(self._examples)), len(self._examples))
            batches = []
            for at in range(0, len(order), size * 50):
                part = sorted(order[at : at + size * 50], key=lambda n: self._length(self._examples[n]))
                batches += [part[i : i + size] for i in range(0, len(part), size)]
            random.shuffle(batches)
            for at in range(0, len(batches), group):
                if given == self._steps:
                    return
                given += 1
                yield [[self._examples[n] for n in batch] for batch in batches[at : at + group]]

    def _keep(self, step: int, seconds: float) -> None:
        tensors: dict[str, Tensor] = {}
        for name, weight in self._weights.items():
            state = self._optimizer.state[weight]
            tensors |= {f"w/{name}": weight.detach(), f"m/{name}": state["exp_avg"], f"v/{name}": state["exp_avg_sq"]}
        new = self._folder / "state.new"
        save_file(
            {name: tensor.contiguous() for name, tensor in tensors.items()},
            new,
            {
                "step": str(step),
                "best": json.dumps(self._best),
                "seconds": str(seconds),
                "schedule": self._settings,
                "examples": str(len(self._examples)),
            },
        )
        os.replace(new, self._folder / "state.safetensors")

    def _resume(self) -> int:
        path = self._folder / "state.safetensors"
        if not path.exists():
            return 0
        from safetensors import safe_open

        with safe_open(path, framework="pt") as file:
            said = file.metadata()
        if said["schedule"] != self._settings or said["examples"] != str(len(self._examples)):
            raise ValueError(f"{self._folder} holds a training with other settings or examples. Use another folder.")
        tensors = load_file(path)
        for name, weight in self._weights.items():
            weight.data.copy_(tensors[f"w/{name}"])
            self._optimizer.state[weight] = {
                "step": torch.tensor(float(said["step"])),
                "exp_avg": tensors[f"m/{name}"].to(weight.device),
                "exp_avg_sq": tensors[f"v/{name}"].to(weight.device),
            }
        self._best = tuple(json.loads(said["best"]))
        self._spent = float(said["seconds"])
        return int(said["step"])

    def _load_weights(self, path: Path) -> None:
        tensors = load_file(path)
        with torch.no_grad():
            for name, weight in self._weights.items():
                weight.copy_(tensors[name])


def _peak_memory() -> int:
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    # not getrusage's: that is the parent's too, which may be a server with all models loaded
    return int(Path("/proc/self/status").read_text("utf-8").split("VmHWM:")[1].split()[0]) * 1024
