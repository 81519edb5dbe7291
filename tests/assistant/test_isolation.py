"""Departments that share one assistant stay apart: a small form of `benchmarks.isolation`; it would notice a leak."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.access import User
from assistant.services import Services
from assistant.settings import Settings
from benchmarks.departments import DEPARTMENTS, Planted, leaks, plant
from benchmarks.isolation import Overheard, after, ask_tries, fetched, search_tries

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def planted(
    tmp_path_factory: pytest.TempPathFactory, models_folder: Path, loaded: dict[str, object]
) -> Iterator[Planted]:
    folder = tmp_path_factory.mktemp("isolation")
    services = Services(Settings(home=folder / "home", models=models_folder, writer="model", threads=1, passages=4))
    services.__dict__ |= loaded | {"worker": Overheard()}
    yield plant(services, folder, files=("rules.md",))
    services.close()


def test_a_leak_would_be_noticed(planted: Planted) -> None:
    """Somebody who is told what an owner of everything finds: the same check must cry out."""
    everything = User(None, "operator", dict.fromkeys(DEPARTMENTS, "owner"))
    hits = planted.services.documents.search(everything, "the locker code", None, 30)
    heard = [[hit.passage.document, hit.passage.text] for hit in hits]
    assert all(leaks(planted, user, "the locker code", heard) for user in planted.people)


def test_what_one_finds_does_not_change_when_another_department_gets_documents(
    planted: Planted, tmp_path: Path
) -> None:
    services = planted.services
    user = next(user for user in planted.people if set(user.roles) == {"heron"})

    def heard() -> list[tuple[int, float]]:
        asked = ("What is the locker code?", "呼出手当はいくらですか", "zebra")
        return [
            (hit.passage.id, round(hit.score, 6))
            for question in asked
            for hit in services.documents.search(user, question, None, 30)
        ]

    before, routed = heard(), services.domains.router().route("What is the locker code?", ["heron"])
    (tmp_path / "zebra.md").write_text(
        "# Locker code\n" + "The locker code is a zebra, 呼出手当. " * 30, encoding="utf-8"
    )
    owner = next(user for user in planted.people if user.owned == ("heron",) or "plover" in user.roles)
    done = services.documents.ingest(owner, tmp_path / "zebra.md", next(d for d in owner.roles if d != "heron"))
    assert done.status == "indexed"
    assert heard() == before
    assert services.domains.router().route("What is the locker code?", ["heron"]).ranked == routed.ranked


def test_nothing_of_a_department_reaches_whom_it_is_not_for_not_even_once_rights_and_documents_went(
    planted: Planted, tmp_path: Path
) -> None:
    """Last here: it moves documents, takes rights, restarts, and closes the home."""
    assert search_tries(planted, 40) == []
    assert ask_tries(planted, 4) == []
    assert fetched(planted) == []
    taken = {what: leaks for what, _, leaks in after(planted, tmp_path, 20, 2)}
    assert len(taken) == 5
    assert not any(taken.values()), taken
    worker = planted.services.worker
    assert isinstance(worker, Overheard) and worker.prompts != []
