"""A training in a process of its own: what it reads, what lies in its folder, how it tells what became of it.

What to do it reads on its standard input; `progress.jsonl` says how far it is, `made/` is the version and
`result.json` what it cost. Broken off, the same command with the same input goes on where it was; a failure is told in
`failure.json`. It knows no database.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from adapters.egress import HUB, Egress
from adapters.errors import AdaptersError
from adapters.offline import hub_allowed
from adapters.training import Diverged, Schedule, Step


class NothingLearnt(ValueError):
    """No example is short enough to be learnt."""


PROGRESS, RESULT, FAILURE, MADE = "progress.jsonl", "result.json", "failure.json", "made"
CODES: dict[type[Exception], str] = {
    Diverged: "diverged",
    MemoryError: "no_memory",
    NothingLearnt: "too_long",
    AdaptersError: "refused",  # what it begins from, or a model
    OSError: "disk",
}
NICE = 10  # answering goes first


def written(job: Any) -> bytes:
    """A job, a dataclass, as its process reads it."""
    body = asdict(job) | {"models_folder": str(job.models_folder)}
    return json.dumps(body, ensure_ascii=False).encode()


def read(told: bytes) -> dict[str, Any]:
    """The fields of a job; its examples as plain values."""
    body: dict[str, Any] = json.loads(told)
    return body | {"models_folder": Path(body["models_folder"]), "schedule": Schedule(**body["schedule"])}


def telling(folder: Path) -> Callable[[Step], None]:
    """What tells each step in the folder."""

    def tell(step: Step) -> None:
        with (folder / PROGRESS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(step)) + "\n")

    return tell


def made(folder: Path) -> Path:
    """The place for the version, with nothing there."""
    shutil.rmtree(folder / MADE, ignore_errors=True)
    return folder / MADE


def finish(folder: Path, result: dict[str, Any]) -> None:
    """Say what it cost, and with that that it is over."""
    whole = folder / f"{RESULT}.new"
    whole.write_text(json.dumps(result, indent=1), "utf-8")
    os.replace(whole, folder / RESULT)  # whoever watches reads all of it or nothing


def main(run: Callable[[bytes, Path], object]) -> None:
    """Do the job told on standard input in the folder that the command line names; exit code 1 where that fails, with
    the failure told.
    """
    folder = Path(sys.argv[1])
    os.nice(NICE)
    Egress(frozenset(), HUB if hub_allowed() else ()).enforce()
    try:
        run(sys.stdin.buffer.read(), folder)
    except tuple(CODES) as error:
        code = next(code for kind, code in CODES.items() if isinstance(error, kind))
        (folder / FAILURE).write_text(json.dumps({"code": code, "detail": str(error)}), "utf-8")
        sys.exit(1)
