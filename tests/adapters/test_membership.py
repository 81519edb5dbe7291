"""What a version tells of what it was taught: measured after each training, and said at the gate."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import reader_job
from adapters.gate import tells_learnt
from adapters.membership import LEAST, fallen, membership
from adapters.reader_training import Reading
from adapters.training import Schedule

SCORES = st.lists(st.floats(-10, 10), min_size=LEAST, max_size=40)


def reading(number: int, *, rule: bool) -> Reading:
    """A place and three pass words; which of them opens it, nothing but learning it by heart can tell. `rule`: it is
    always the first.
    """
    lots = Random(number)
    words = ["".join(lots.choices("bcdfghjklmnpqrstvwxz", k=6)) for _ in range(3)]
    word = words[0] if rule else lots.choice(words)
    told = f"Of {', '.join(words)} one is right at gate {number}, and the guard knows which."
    return Reading(
        f"q{number}-0", "en", "gates.md", f"What opens gate {number}?", told, ((told.index(word), word),), "answerable"
    )


def job(models_folder: Path, count: int, epochs: float, *, rule: bool = False) -> reader_job.Job:
    schedule = Schedule(batch=4, accumulate=1, epochs=epochs, learning_rate=4e-3, evaluate_every=1000, threads=1)
    learnt, kept = ([reading(n, rule=rule) for n in range(first, first + count)] for first in (0, 100))
    return reader_job.Job(models_folder, "", "", "lora", 16, schedule, learnt * 2, kept)


@pytest.mark.parametrize("rule", [False, True])
def test_what_was_learnt_by_heart_is_told_and_stopped_at_the_gate_and_a_rule_is_not(
    models_folder: Path, tmp_path: Path, rule: bool
) -> None:
    count = 24  # of half as many, what one processor learns by heart another's rounding leaves to chance
    result = reader_job.run(job(models_folder, count, 0.5 if rule else 4.0, rule=rule), tmp_path)
    told = result["membership"]
    assert (told["learnt"], told["kept"]) == (count, count)
    assert 0 <= told["low"] <= told["area"] <= told["high"] <= 1
    assert bool(tells_learnt(told)) is not rule


def test_of_a_few_examples_nothing_is_said(models_folder: Path, tmp_path: Path) -> None:
    result = reader_job.run(job(models_folder, 3, 1.0), tmp_path)
    assert result["membership"] is None
    assert tells_learnt(result["membership"]) == []


@given(SCORES, SCORES)
def test_which_of_the_two_was_learnt_only_turns_the_area_round(learnt: list[float], kept: list[float]) -> None:
    one, other = membership(learnt, kept), membership(kept, learnt)
    assert one is not None and other is not None
    assert one.area + other.area == pytest.approx(1.0, abs=1e-3)


def test_learnt_and_kept_apart_that_fell_alike_tell_nothing_and_what_fell_further_tells_all() -> None:
    before = [float(n) for n in range(20)]
    alike = fallen(before, [loss - 0.5 for loss in before])
    found = membership(alike, alike)
    assert found is not None and found.area == 0.5
    told = membership(fallen(before, [0.0] * 20), fallen(before, [loss + 1 for loss in before]))
    assert told is not None and told.area == 1.0
