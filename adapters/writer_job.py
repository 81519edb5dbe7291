"""One training of a department's writer, in a process of its own: `python -m adapters.writer_job FOLDER`, see `job`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from adapters import job as jobs
from adapters import model_store, skills, version_folder, writer_version
from adapters.language_model import load
from adapters.membership import fallen, looked_at, membership
from adapters.pins import EMBEDDED, LANGUAGE_MODEL
from adapters.reader_training import trainable
from adapters.training import Schedule
from adapters.writer_training import Writing, learnt, losses, train, with_adapter


@dataclass(frozen=True)
class Job:
    """What to train, on what, and how. tuning: writings whose loss says when to stop."""

    models_folder: Path
    language_model: str  # as in the settings
    start: str  # the version's folder that is trained further, or empty
    schedule: Schedule
    writings: Sequence[Writing]
    tuning: Sequence[Writing]
    beside: str = ""  # the version's folder whose reader goes with it, or empty

    @classmethod
    def read(cls, told: bytes) -> "Job":
        """The job as `job.written` made it."""
        body = jobs.read(told)
        for name in ("writings", "tuning"):
            body[name] = [Writing(**one) for one in body[name]]
        return cls(**body)


def run(job: Job, folder: Path) -> dict[str, Any]:
    """Train, write the version to `folder/made` and what it cost to `folder/result.json`; that is returned."""
    from peft import PeftModel

    base, tokenizer = load(job.language_model, job.models_folder, torch.float32)
    count = sum(parameter.numel() for parameter in base.parameters())
    identity = model_store.base_identity(job.language_model, LANGUAGE_MODEL, job.models_folder)
    beside = Path(job.beside) if job.beside else None
    if beside is not None:
        version_folder.whole(beside)
    shipped = skills.writer(job.models_folder) if job.language_model == EMBEDDED else None
    weights = _begun(job, identity, int(base.config.hidden_size)) or shipped
    taught, tuning = learnt(tokenizer, job.writings), learnt(tokenizer, job.tuning)
    if not taught:
        raise jobs.NothingLearnt
    examples = [looked_at(part) for part in (taught, tuning)]
    reference: Any = PeftModel.from_pretrained(base, str(shipped)) if shipped else base
    loss_before = [losses(reference, part) for part in examples]
    base = reference.unload() if shipped else base
    model: Any = PeftModel.from_pretrained(base, str(weights), is_trainable=True) if weights else with_adapter(base)
    trained = trainable(model)
    done = train(model, taught, tuning or taught, job.schedule, folder / "training", jobs.telling(folder))
    told = membership(*map(fallen, loss_before, [losses(model, part) for part in examples]))
    rank = int(model.peft_config["default"].r)
    result = {
        "method": "lora",
        "rank": rank,
        "trainable_parameters": trained,
        "base_parameters": count,
        "seconds": round(done.seconds, 1),
        "peak_memory_bytes": done.peak_memory_bytes,
        "readings": len(taught),
        "steps": done.steps,
        "best_step": done.best_step,
        "ended": done.ended,
        "tuning": None,
        "membership": told.as_dict() if told else None,
    }
    about = {"language_model": identity, "started_from": Path(job.start).name if job.start else None}
    settings = {"schedule": asdict(job.schedule), "rank": rank, "writings": len(taught)}
    made = about | {"settings": settings}
    result["adapter_bytes"] = writer_version.save(model, jobs.made(folder), made, beside)
    jobs.finish(folder, result)
    return result


def _begun(job: Job, base: str, hidden_size: int) -> Path | None:
    """Where the version's adapter lies that is trained further; None: it starts from no version's.

    Raises AdapterError: it is altered, or was made for another model.
    """
    start = Path(job.start) if job.start else None
    if start is not None and "writer" in version_folder.about(start)["parts"]:
        version_folder.check(start, "writer", base, hidden_size)
        return version_folder.place(start, "writer")
    return None


if __name__ == "__main__":
    jobs.main(lambda told, folder: run(Job.read(told), folder))
