"""Times on record rise, whatever is done to the machine's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from assistant import clock

START = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """What the machine's clock shows: the last of these."""
    shown = [START]
    monkeypatch.setattr(clock, "_latest", START - timedelta(days=1))
    monkeypatch.setattr(clock, "_read", lambda: shown[-1])
    return shown


def test_two_moments_are_never_the_same(machine: list[datetime]) -> None:
    told = [clock.now() for _ in range(5)]
    assert told == sorted(set(told))
    assert told[-1] - START < timedelta(milliseconds=1)


def test_a_clock_put_back_by_an_hour_stands_still_until_it_has_caught_up(machine: list[datetime]) -> None:
    before = clock.now()
    machine.append(START - timedelta(hours=1))
    after = clock.now()
    assert before < after < before + timedelta(milliseconds=1)
    machine.append(START + timedelta(minutes=1))
    assert clock.now() == START + timedelta(minutes=1)


def test_a_clock_that_was_wrong_by_a_year_is_believed_when_it_is_put_right(machine: list[datetime]) -> None:
    machine.append(START + timedelta(days=365))
    clock.now()
    machine.append(START)
    assert clock.now() == START


def test_what_is_on_record_counts_after_a_restart(machine: list[datetime]) -> None:
    clock.not_before(START + timedelta(minutes=30))
    assert START + timedelta(minutes=30) < clock.now() < START + timedelta(minutes=31)
