"""A packed layer gives what the ordinary one gives, and a copy of it is an ordinary one again."""

import copy

import pytest
import torch
from torch import nn

from adapters.packed import PackedLinear, pack


def layers(bias: bool, dtype: torch.dtype) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(48, 96, bias=bias), nn.GELU(), nn.Sequential(nn.Linear(96, 24, bias=bias))).to(dtype)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("rows", [1, 16, 300])
def test_a_packed_model_gives_what_it_gave(rows: int, bias: bool) -> None:
    model, given = layers(bias, torch.float32), torch.randn(2, rows, 48)
    with torch.inference_mode():
        expected = model(given)
        pack(model)
        assert isinstance(model[0], PackedLinear)
        assert torch.allclose(model(given), expected, atol=1e-5)


def test_it_calculates_in_the_numbers_that_are_wanted() -> None:
    model, given = layers(True, torch.float32), torch.randn(3, 48)
    with torch.inference_mode():
        expected = copy.deepcopy(model).bfloat16()(given.bfloat16())
        pack(model, torch.bfloat16)
        told = model(given)
    assert told.dtype == torch.bfloat16
    assert torch.allclose(told.float(), expected.float(), atol=0.02)


def test_a_copy_can_be_changed_and_holds_the_same_numbers() -> None:
    model = layers(True, torch.bfloat16)
    weight = model[0].get_parameter("weight").detach().clone()
    pack(model)
    again = copy.deepcopy(model)
    assert type(again[0]) is nn.Linear
    assert torch.equal(again[0].get_parameter("weight"), weight)
