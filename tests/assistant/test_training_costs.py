"""What a training will take, told beforehand; one that would not fit is not begun."""

from pathlib import Path
from typing import Any

import pytest

from assistant import trainings
from assistant.errors import Refusal
from assistant.training_costs import CGROUP, FIRST_MEMORY, cost, free_memory
from assistant.training_words import expected
from tests.assistant.conftest import Company
from tests.assistant.test_versions import sheet

__all__ = ["sheet"]  # a fixture

GB = 1_000_000_000


def run(
    seconds: float, examples: int, memory: int, method: str = "lora", part: str = "reader"
) -> tuple[dict[str, Any], dict[str, Any]]:
    settings = {"part": part, "method": method, "examples": examples}
    return settings, {"seconds": seconds, "peak_memory_bytes": memory}


def test_time_and_memory_follow_earlier_trainings_of_the_same_kind() -> None:
    earlier = [run(100, 50, GB), run(240, 60, 2 * GB), run(300, 50, GB), run(9000, 10, 9 * GB, "full")]
    earlier.append(run(9000, 10, 9 * GB, part="writer"))
    found = cost(earlier, "reader", "lora", 100, minutes=30, free=8 * GB)
    assert (found.seconds, found.memory, found.runs, found.fits) == (400, 2 * GB, 3, True)
    assert cost(earlier, "reader", "lora", 100, minutes=2, free=GB).seconds == 120  # the budget ends it
    assert not cost(earlier, "reader", "lora", 100, minutes=2, free=GB).fits


def test_without_an_earlier_training_the_time_is_not_made_up() -> None:
    found = cost([run(9000, 10, 9 * GB, "full")], "reader", "lora", 10, minutes=30, free=8 * GB)
    assert (found.seconds, found.memory, found.runs) == (None, FIRST_MEMORY["reader"], 0)
    assert "2.5 GB" in expected("en", found)
    assert "2.5 GB" in expected("ja", found)


def test_a_containers_limit_counts_where_it_is_less_than_the_machine() -> None:
    told = {"memory.max": "3000", "memory.current": "2500", "memory.stat": "anon 1\ninactive_file 400\n"}
    assert free_memory(lambda path: told[path.name]) == 900
    assert free_memory(lambda path: {**told, "memory.max": "max"}[path.name]) > 10_000_000

    def none(path: Path) -> str:
        raise FileNotFoundError(CGROUP)

    assert free_memory(none) > 10_000_000


def test_a_training_that_would_not_fit_is_refused_in_one_sentence_and_leaves_nothing(
    company: Company, sheet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, owner = company.services, company.operator
    services.examples.import_sheet(owner, sheet, "people")
    monkeypatch.setattr(trainings, "free_memory", lambda: GB)
    with pytest.raises(Refusal) as refused:
        services.trainings.start(owner, "people")
    assert refused.value.code == "training_no_room"
    assert "1.0 GB" in str(refused.value)
    assert services.trainings.listing(owner, "people") == []
    assert services.trainings.cost(owner, "people").examples == 3
