"""One training of a department's reader, in a process of its own: `python -m adapters.reader_job FOLDER`.

`FOLDER/job.json` says what to do, `progress.jsonl` how far it is, `made/` is the version and `result.json` what it
cost. Broken off, the same command goes on where it was; a failure is told in `failure.json`. It knows no database.
"""

import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from adapters import reader_version
from adapters.reader_training import Method, Reading, measure, train, trainable, with_adapter
from adapters.skills import READER, load_reader
from adapters.training import Diverged, Schedule, Step

JOB, PROGRESS, RESULT, FAILURE, MADE = "job.json", "progress.jsonl", "result.json", "failure.json", "made"
NICE = 10  # answering goes first


@dataclass(frozen=True)
class Job:
    """What to train, on what, and how. tuning: readings whose score says when to stop."""

    models_folder: Path
    skill: str  # a folder, or empty for the shipped one
    start: str  # the version's folder that is trained further, or empty
    method: Method
    rank: int
    schedule: Schedule
    readings: Sequence[Reading]
    tuning: Sequence[Reading]

    def write(self, folder: Path) -> None:
        """Put the job into its folder."""
        folder.mkdir(parents=True, exist_ok=True)
        body = asdict(self) | {"models_folder": str(self.models_folder)}
        (folder / JOB).write_text(json.dumps(body, ensure_ascii=False), "utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Job":
        """The job of a folder."""
        body: dict[str, Any] = json.loads((folder / JOB).read_text("utf-8"))
        body["models_folder"] = Path(body["models_folder"])
        body["schedule"] = Schedule(**body["schedule"])
        for name in ("readings", "tuning"):
            body[name] = [Reading(**one | {"answers": tuple(map(tuple, one["answers"]))}) for one in body[name]]
        return cls(**body)


def run(job: Job, folder: Path) -> dict[str, Any]:
    """Train, write the version to `folder/made` and what it cost to `folder/result.json`; that is returned."""
    model, skill = load_reader(job.models_folder, Path(job.skill) if job.skill else READER)
    base = sum(parameter.numel() for parameter in model.parameters())
    before = asdict(measure(model, job.tuning)) if job.tuning else None
    for parameter in model.parameters():
        parameter.requires_grad = False
    if job.start:
        reader_version.wear(model, Path(job.start), "default", trainable=True)
    elif job.method == "full":
        for parameter in model.encoder.parameters():
            parameter.requires_grad = True
        with_adapter(model, "full")
    else:
        with_adapter(model, job.method, job.rank)
    weights = trainable(model)

    def tell(step: Step) -> None:
        with (folder / PROGRESS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(step)) + "\n")

    done = train(
        model, job.readings, [job.tuning or job.readings], job.schedule, folder / "training", tell, heads=False
    )
    result = {
        "method": job.method,
        "rank": job.rank if job.method == "lora" else None,
        "trainable_parameters": weights,
        "base_parameters": base,
        "seconds": round(done.seconds, 1),
        "peak_memory_bytes": done.peak_memory_bytes,
        "readings": len(job.readings),
        "steps": done.steps,
        "best_step": done.best_step,
        "ended": done.ended,
        "tuning": {"before": before, "after": asdict(measure(model, job.tuning)) if job.tuning else None},
    }
    shutil.rmtree(folder / MADE, ignore_errors=True)
    about = {"skill": skill, "started_from": Path(job.start).name if job.start else None}
    settings = {"schedule": asdict(job.schedule), "rank": result["rank"], "readings": len(job.readings)}
    result["adapter_bytes"] = reader_version.save(model, job.method, folder / MADE, about | {"settings": settings})
    whole = folder / f"{RESULT}.new"
    whole.write_text(json.dumps(result, indent=1), "utf-8")
    os.replace(whole, folder / RESULT)  # whoever watches reads all of it or nothing
    return result


def main() -> None:
    """From the command line; exit code 1 with `failure.json` where it could not be done."""
    folder = Path(sys.argv[1])
    os.nice(NICE)
    try:
        run(Job.read(folder), folder)
    except (Diverged, MemoryError, OSError) as error:
        code = "diverged" if isinstance(error, Diverged) else "no_memory" if isinstance(error, MemoryError) else "disk"
        (folder / FAILURE).write_text(json.dumps({"code": code, "detail": str(error)}), "utf-8")
        sys.exit(1)


if __name__ == "__main__":
    main()
