"""One training of a department's reader, in a process of its own: `python -m adapters.reader_job FOLDER`, see `job`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from adapters import job as jobs
from adapters import reader_version, version_folder
from adapters.membership import fallen, looked_at, membership
from adapters.reader_training import Method, Reading, losses, measure, train, trainable, with_adapter
from adapters.skills import READER, load_reader
from adapters.training import Schedule


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
    beside: str = ""  # the version's folder whose writer goes with it, or empty

    @classmethod
    def read(cls, told: bytes) -> "Job":
        """The job as `job.written` made it."""
        body = jobs.read(told)
        for name in ("readings", "tuning"):
            body[name] = [Reading(**one | {"answers": tuple(map(tuple, one["answers"]))}) for one in body[name]]
        return cls(**body)


def run(job: Job, folder: Path) -> dict[str, Any]:
    """Train, write the version to `folder/made` and what it cost to `folder/result.json`; that is returned."""
    model, skill = load_reader(job.models_folder, Path(job.skill) if job.skill else READER)
    base = sum(parameter.numel() for parameter in model.parameters())
    before = asdict(measure(model, job.tuning)) if job.tuning else None
    examples = [looked_at(_one_each(part)) for part in (job.readings, job.tuning)]
    loss_before = [losses(model, part) for part in examples]
    for parameter in model.parameters():
        parameter.requires_grad = False
    start, beside = (Path(name) if name else None for name in (job.start, job.beside))
    if beside is not None:
        version_folder.whole(beside)
    if start is not None and "reader" in version_folder.about(start)["parts"]:
        version_folder.check(start, "reader", skill, int(model.encoder.config.hidden_size))
        reader_version.wear(model, start, "default", trainable=True)
    elif job.method == "full":
        for parameter in model.encoder.parameters():
            parameter.requires_grad = True
        with_adapter(model, "full")
    else:
        with_adapter(model, job.method, job.rank)
    weights = trainable(model)
    tuning = [job.tuning or job.readings]
    done = train(model, job.readings, tuning, job.schedule, folder / "training", jobs.telling(folder), heads=False)
    told = membership(*map(fallen, loss_before, [losses(model, part) for part in examples]))
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
        "membership": told.as_dict() if told else None,
    }
    about = {"skill": skill, "started_from": start.name if start else None}
    settings = {"schedule": asdict(job.schedule), "rank": result["rank"], "readings": len(job.readings)}
    made = about | {"settings": settings}
    result["adapter_bytes"] = reader_version.save(model, job.method, jobs.made(folder), made, beside)
    jobs.finish(folder, result)
    return result


def _one_each(readings: Sequence[Reading]) -> list[Reading]:
    """The first reading of each example that answers it."""
    found: dict[str, Reading] = {}
    for reading in readings:
        if reading.answers:
            found.setdefault(reading.id.rpartition("-")[0], reading)
    return list(found.values())


if __name__ == "__main__":
    jobs.main(lambda told, folder: run(Job.read(told), folder))
