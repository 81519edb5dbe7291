"""The benchmark of training methods: sweeps wide enough, runs not made twice or mixed, its figures."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from adapters.reader_training import Reading
from benchmarks import learning_curve, methods
from benchmarks.method_run import RESULT, SPEC, Spec, keep, kept

SPEC_OF_A_RUN = Spec("data", "lora", 1e-3, 0, 16, 1.0, 8, 1, "")


def reading(number: int, *, answered: bool) -> Reading:
    answers = ((0, "24 days"),) if answered else ()
    kind = "answerable" if answered else "near"
    return Reading(f"q{number}-{0 if answered else 1}", "en", "leave", f"Question {number}?", "24 days", answers, kind)


def row(number: int, *, right: bool, gate: float = 1.0, kind: str = "answerable") -> dict[str, Any]:
    return {"id": f"q{number}-0", "language": "en", "kind": kind, "gate": gate, "exact": 0.0, "f1": float(right)}


@pytest.mark.parametrize(
    ("best", "tried"),
    [
        (2e-3, {1e-3, 2e-3, 4e-3}),  # in the middle: three are enough
        (8e-3, {1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2}),  # beyond the upper edge
        (5e-4, {1e-3, 2e-3, 4e-3, 5e-4, 2.5e-4}),  # beyond the lower edge
    ],
)
def test_a_sweep_goes_on_while_the_best_rate_is_at_an_edge(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, best: float, tried: set[float]
) -> None:
    def trained(spec: Spec, _out: Path) -> dict[str, Any]:
        return {"chosen_by": [{"f1": -abs(spec.rate - best), "near": None, "far": None}]}

    monkeypatch.setattr(methods, "carry_out", trained)
    found = methods.sweep(SPEC_OF_A_RUN, (1e-3, 2e-3, 4e-3), tmp_path, lambda: False)
    assert {spec.rate for spec in found} == tried
    assert methods.sweep(SPEC_OF_A_RUN, (1e-3, 2e-3, 4e-3), tmp_path, lambda: True) == {}


def test_what_is_done_is_not_done_again_and_other_settings_are_not_mixed_in(tmp_path: Path) -> None:
    folder = tmp_path / SPEC_OF_A_RUN.name
    folder.mkdir()
    (folder / SPEC).write_text(json.dumps(asdict(SPEC_OF_A_RUN)), "utf-8")
    (folder / RESULT).write_text('{"seconds": 7}', "utf-8")
    assert methods.carry_out(SPEC_OF_A_RUN, tmp_path) == {"seconds": 7}
    with pytest.raises(SystemExit, match="other settings"):
        methods.carry_out(replace(SPEC_OF_A_RUN, epochs=2.0), tmp_path)


@pytest.mark.slow
def test_quality_is_compared_question_by_question_with_an_interval() -> None:
    full = [row(n, right=n % 2 == 0) for n in range(20)] + [
        row(n, right=False, gate=0.0, kind="near") for n in range(20)
    ]
    assert methods.quality(full) == {"f1": 0.5, "near": 1.0, "mean": 0.75}
    assert methods.ratios(full, full, "mean") == (1.0, 1.0, 1.0)
    worse = [one | {"f1": 0.0} if one["id"] == "q0-0" else one for one in full]
    value, low, high = methods.ratios(worse, full, "f1")
    assert value == pytest.approx(0.9)
    assert low < value <= high <= 1.0


def test_a_draw_of_examples_holds_whole_questions_and_the_same_ones_every_time(tmp_path: Path) -> None:
    both = [reading(n, answered=answered) for n in range(30) for answered in (True, False)]
    for part in ("train", "choose", "judge"):
        keep(both, tmp_path / f"{part}.json")
    place, count = learning_curve.dealt(tmp_path, 16, 1)
    drawn = kept(place / "train.json")
    assert count == 16
    assert len({one.question for one in drawn}) == 16
    assert len(drawn) == 16 * 4  # what answers three times, the rest once
    assert kept(learning_curve.dealt(tmp_path, 16, 1)[0] / "train.json") == drawn
    assert kept(learning_curve.dealt(tmp_path, 16, 2)[0] / "train.json") != drawn
    assert learning_curve.dealt(tmp_path, 256, 0)[1] == 30  # as many as there are


def test_the_curve_says_how_many_examples_bring_most_of_the_gain_or_that_there_is_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(right: int) -> list[dict[str, Any]]:
        return [{"judged": [row(n, right=n < right) for n in range(10)]}]

    learning_curve.report("people", {0: run(2), 16: run(5), 64: run(8), 74: run(8)})
    assert "is reached with 64 examples" in capsys.readouterr().out
    learning_curve.report("people", {0: run(5), 16: run(5)})
    assert "no gain" in capsys.readouterr().out
