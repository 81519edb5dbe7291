"""Which adapter folders are refused before anything of them is loaded."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from adapters import AdapterError
from adapters.adapter_file import check

HIDDEN = 64


def truncate(folder: Path) -> None:
    weights = folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:200])


def poison(folder: Path) -> None:
    weights = load_file(folder / "adapter_model.safetensors")
    name = next(iter(weights))
    weights[name] = torch.full_like(weights[name], float("nan"))
    save_file(weights, folder / "adapter_model.safetensors")


def pickle_beside(folder: Path) -> None:
    (folder / "adapter_model.bin").write_bytes(b"\x80\x04.")


def link_out(folder: Path) -> None:
    (folder / "extra.json").symlink_to("/etc/hostname")


def full_modules(folder: Path) -> None:
    change(folder, modules_to_save=["lm_head"])


def high_rank(folder: Path) -> None:
    change(folder, r=64)


def other_kind(folder: Path) -> None:
    change(folder, peft_type="IA3")


def no_json(folder: Path) -> None:
    (folder / "adapter_config.json").write_text("[")


def pickle_named_safetensors(folder: Path) -> None:
    (folder / "adapter_model.safetensors").write_bytes(b"\x80\x04\x95" + b"x" * 400)


def change(folder: Path, **values: object) -> None:
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_plain_lora_adapter_is_taken(departments: dict[str, Path]) -> None:
    check(departments["people"], HIDDEN)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (truncate, "adapter_damaged"),
        (poison, "adapter_damaged"),
        (no_json, "adapter_damaged"),
        (pickle_named_safetensors, "adapter_damaged"),
        (pickle_beside, "adapter_unsafe"),
        (link_out, "adapter_unsafe"),
        (full_modules, "adapter_not_lora"),
        (other_kind, "adapter_not_lora"),
        (high_rank, "adapter_rank"),
    ],
)
def test_a_damaged_or_hostile_adapter_is_refused(
    damage: Callable[[Path], None], code: str, departments: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "adapter"
    shutil.copytree(departments["people"], folder)
    damage(folder)
    with pytest.raises(AdapterError) as refused:
        check(folder, HIDDEN)
    assert refused.value.code == code


def test_an_adapter_for_another_base_is_refused(departments: dict[str, Path]) -> None:
    with pytest.raises(AdapterError) as refused:
        check(departments["people"], HIDDEN * 2)
    assert refused.value.code == "adapter_wrong_base"


def test_a_missing_adapter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="not a folder"):
        check(tmp_path / "none", HIDDEN)
