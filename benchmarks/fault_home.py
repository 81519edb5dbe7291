"""The home that the fault cases are done to: the example company with mock models, a copy for each case."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters import version_folder
from adapters.questions import read_questions
from assistant.access import User, local_operator
from assistant.example import load_example
from assistant.services import Services
from benchmarks.company import EXAMPLES
from benchmarks.many_people import PASSWORD, QUESTIONS, opened
from benchmarks.musts import Musts

DOMAIN = "people"
REVIEWER = "reviewer"
MANY_HITS = 10


@dataclass
class Case(Musts):
    """A case under way: the home that was made, a folder to work in, outside files."""

    made: Path
    folder: Path
    data: Path | None

    def home(self, name: str) -> Path:
        """A copy to do something to."""
        return Path(shutil.copytree(self.made, self.folder / name))


@contextmanager
def home_open(home: Path, **settings: Any) -> Iterator[Services]:
    """The home's services with mock models, closed at the end."""
    services = opened(home, "mock", **settings)
    try:
        yield services
    finally:
        services.close()


def make(home: Path) -> None:
    """The example company, with a reviewer, and its index on disk."""
    with home_open(home) as services:
        load_example(services, EXAMPLES, lambda _line: None)
        account = services.accounts.create("benchmark", REVIEWER, PASSWORD, must_change=False)
        for info in services.domains.everything():
            services.accounts.set_role("benchmark", account, info.name, "owner")
        services.index.refresh(services.database.read)


def operator(services: Services) -> User:
    """Who owns every department."""
    with services.database.read() as session:
        return local_operator(session, "benchmark")


def kept_version(services: Services, owner: User, made: Path) -> str:
    """The id of a kept version without real weights, of which `made` is the folder to build it in."""
    made.mkdir()
    (made / "adapter_model.safetensors").write_bytes(made.name.encode())
    version_folder.note(made, {"method": "lora", "skill": "none"})
    return services.adapter_versions.keep(owner, DOMAIN, made, {"method": "lora"}).id


def questions(count: int) -> list[str]:
    """Some of the example company's questions, of all departments."""
    found = [one.question for one in read_questions(QUESTIONS, "calibration")]
    return found[:: max(1, len(found) // count)][:count]


def hits(services: Services, question: str) -> list[tuple[str, int, float | None]]:
    """What the operator finds: file, passage, closeness of meaning."""
    found = services.documents.search(operator(services), question, None, MANY_HITS)
    return [(hit.passage.file, hit.passage.id, hit.dense) for hit in found]


def names_found(services: Services, question: str) -> set[str]:
    """The files that the operator finds."""
    return {file for file, _, _ in hits(services, question)}
