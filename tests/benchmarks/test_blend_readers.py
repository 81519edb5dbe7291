"""A reader between two trainings is what it says to be."""

from pathlib import Path

import pytest
import torch

from adapters.reader_training import Reading, found
from adapters.skills import READER, load_reader
from adapters.spans import SpanModel
from benchmarks.blend_readers import blend, diffs

pytestmark = pytest.mark.slow  # a tool for making the skill that ships, which tests of its own read with


@pytest.fixture
def two(models_folder: Path) -> tuple[SpanModel, SpanModel]:
    before, after = (load_reader(models_folder, READER, trained_on=True)[0] for _ in range(2))
    return before, after


def test_a_reader_blended_with_itself_reads_as_before(two: tuple[SpanModel, SpanModel]) -> None:
    before, after = two
    passage = "Receipts must be handed in within thirty days of the purchase."
    asked = [Reading("1", "en", "", "When must receipts be handed in?", passage, ((33, "thirty days"),), "answerable")]
    [known] = found(before, asked)
    assert blend(before, after, 0.5) < 1e-6
    [read] = found(after, asked)
    assert read.span == known.span
    assert read.gate == pytest.approx(known.gate, abs=0.01)


@torch.no_grad()
def test_a_share_of_nothing_takes_that_share_of_each_change_away(two: tuple[SpanModel, SpanModel]) -> None:
    before, after = two
    for layer in diffs(before).values():
        layer.lora_B["default"].weight.zero_()
    name, layer = next(iter(diffs(after).items()))
    whole = layer.lora_B["default"].weight @ layer.lora_A["default"].weight
    blend(before, after, 0.25)
    rest = diffs(after)[name].lora_B["default"].weight @ diffs(after)[name].lora_A["default"].weight
    assert torch.allclose(rest, 0.75 * whole, atol=1e-5)
