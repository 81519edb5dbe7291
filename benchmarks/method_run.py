"""One training of `benchmarks.methods`, in a process of its own: `python -m benchmarks.method_run FOLDER`.

`FOLDER/spec.json` says what to train; `result.json` what it cost and how every reading kept apart came out. Broken
off, the same command goes on where it was.
"""

import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import load_file

from adapters import offline as offline
from adapters import reader_version
from adapters.reader_training import Method, Reading, found, measure, train, trainable, with_adapter
from adapters.skills import READER, load_reader
from adapters.spans import SpanModel
from adapters.training import Schedule
from assistant.settings import Settings

SPEC, RESULT = "spec.json", "result.json"
SHIPPED = "shipped"
CHECKPOINTS = 2  # a run


@dataclass(frozen=True)
class Spec:
    """A training. data: the folder's parts train, choose, judge; skill: 'shipped' or a folder to start from, its heads
    left alone; none: the bare encoder; words: word embeddings are trained too, for the costs, and nothing is judged.
    """

    data: str
    method: Method
    rate: float
    seed: int
    rank: int
    epochs: float
    accumulate: int
    threads: int
    skill: str
    words: bool = False

    @property
    def name(self) -> str:
        """Its folder's."""
        return f"{Path(self.data).name}-{self.method}{'-words' if self.words else ''}-{self.rate:g}-{self.seed}"


def keep(readings: list[Reading], path: Path) -> None:
    """Write readings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in readings], ensure_ascii=False), "utf-8")


def kept(path: Path) -> list[Reading]:
    """Readings as they were written."""
    rows = json.loads(path.read_text("utf-8"))
    return [Reading(**row | {"answers": tuple(map(tuple, row["answers"]))}) for row in rows]


class Clock:
    """When each pass began, by the wall and by the processor, and the most memory held by then (bytes)."""

    def __init__(self, loss: Callable[..., Any]) -> None:
        self._loss = loss
        self.marks: list[tuple[float, float, int]] = []

    def __call__(self, *given: Any) -> Any:
        """The loss, with a mark."""
        self.marks.append((time.perf_counter(), time.process_time(), most_memory()))
        return self._loss(*given)

    def seconds(self, accumulate: int, which: int) -> float:
        """Median seconds of a step; one with a measurement in it is no median."""
        begun = [mark[which] for mark in self.marks[::accumulate]]
        return statistics.median(after - before for before, after in itertools.pairwise(begun))


def most_memory() -> int:
    """The most memory that this process held, bytes; unlike getrusage's, not the parent's."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024


def adapted(spec: Spec, settings: Settings) -> tuple[SpanModel, int, str]:
    """The model with what is trained, how many weights the base has, and the skill that it begins from."""
    skill = "none"
    if spec.skill:
        model, skill = load_reader(settings.models_folder, READER if spec.skill == SHIPPED else Path(spec.skill))
    else:
        model = SpanModel.load(settings.models_folder / "multilingual-e5-small")
    base = sum(parameter.numel() for parameter in model.parameters())
    model.encoder.requires_grad_(spec.method == "full")
    with_adapter(model, spec.method, spec.rank)
    if spec.words:
        model.encoder.embeddings.requires_grad_(True)
    return model, base, skill


def run(spec: Spec, folder: Path) -> dict[str, Any]:
    """Train and measure; the result is written to `folder/result.json` too."""
    parts = {part: kept(Path(spec.data) / f"{part}.json") for part in ("train", "choose", "judge")}
    model, base, skill = adapted(spec, Settings())
    steps = max(1, round(len(parts["train"]) * spec.epochs / spec.accumulate))
    schedule = Schedule(
        batch=1,
        accumulate=spec.accumulate,
        epochs=spec.epochs,
        learning_rate=spec.rate,
        evaluate_every=max(2, steps // CHECKPOINTS),
        seed=spec.seed,
        threads=spec.threads,
    )
    clock = Clock(model.loss)
    model.__dict__["loss"] = clock
    languages = sorted({one.language for one in parts["choose"]})
    tuning = [[one for one in parts["choose"] if one.language == name] for name in languages]
    done = train(model, parts["train"], tuning, schedule, folder / "training", lambda _step: None, heads=not spec.skill)
    state = load_file(folder / "training" / "state.safetensors")
    result = {
        "trainable": trainable(model),
        "base": base,
        "steps": done.steps,
        "best_step": done.best_step,
        "seconds": done.seconds,
        "step_wall": clock.seconds(spec.accumulate, 0),
        "step_processor": clock.seconds(spec.accumulate, 1),
        "peak": clock.marks[min(schedule.evaluate_every * spec.accumulate, len(clock.marks)) - 1][2],
        "optimiser": sum(tensor.nbytes for name, tensor in state.items() if name[:2] in ("m/", "v/")),
        "chosen_by": [asdict(measure(model, part)) for part in tuning],
        "judged": [] if spec.words else _judged(model, parts["judge"]),
    }
    result["file"] = reader_version.save(model, spec.method, folder / "made", {"spec": asdict(spec), "skill": skill})
    for path in (folder / "training").iterdir():
        path.unlink()
    (folder / RESULT).write_text(json.dumps(result), "utf-8")
    return result


def _judged(model: SpanModel, readings: list[Reading]) -> list[dict[str, Any]]:
    rows = zip(readings, found(model, readings), strict=True)
    return [asdict(one) | {"id": reading.id, "language": reading.language} for reading, one in rows]


def main() -> None:
    """From the command line."""
    folder = Path(sys.argv[1])
    run(Spec(**json.loads((folder / SPEC).read_text("utf-8"))), folder)


if __name__ == "__main__":
    main()
