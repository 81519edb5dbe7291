"""Departments' readers: each passage with its own in one batch, nothing hostile loaded, one content one version."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from adapters import AdapterError, Marking, Reader, reader, reader_version, version_folder
from adapters.reader_training import with_adapter
from adapters.spans import SpanModel
from tests.adapters.test_reader import tiny

PASSAGES = [
    ("Rules", "The gate closes at 21:30 on weekdays."),
    ("規程", "有給休暇は入社から6か月後に12日付与する。"),
    ("Claims", "Claims must reach Accounting within 10 working days."),
]
SKILL = "skill-1"


def made(
    models_folder: Path, folder: Path, seed: int, *, rank: int = 4, skill: str = SKILL, method: str = "lora"
) -> Path:
    """A version with weights large enough to change what is marked, in a department's folder."""
    model = with_adapter(tiny(models_folder), method, rank)  # type: ignore[arg-type]
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.encoder.named_parameters():
            if "lora_" in name or "ia3_" in name:
                weight.normal_(0.0, 0.5)
    half = folder / f"half-{seed}"
    reader_version.save(model, method, half, {"skill": skill})  # type: ignore[arg-type]
    name = version_folder.keep(half, folder)
    shutil.rmtree(half)
    return folder / name


@pytest.fixture
def base(models_folder: Path) -> SpanModel:
    return tiny(models_folder).eval()


@pytest.fixture
def versions(models_folder: Path, tmp_path: Path) -> list[Path]:
    return [made(models_folder, tmp_path / "people", seed) for seed in (1, 2)]


def same(one: Marking, other: Marking) -> bool:
    near = np.allclose(one.starts, other.starts, atol=1e-5) and np.allclose(one.ends, other.ends, atol=1e-5)
    return near and abs(one.gate - other.gate) < 1e-4


def test_passages_of_several_departments_are_read_in_one_go_each_with_its_own(
    base: SpanModel, versions: list[Path]
) -> None:
    plain = Reader(base, SKILL).read("When does the gate close?", PASSAGES)
    worn = Reader(base, SKILL)
    alone = [worn.read("When does the gate close?", PASSAGES, [folder] * 3) for folder in (*versions, None)]
    mixed = worn.read("When does the gate close?", PASSAGES, [versions[0], None, versions[1]])
    assert same(mixed[0][0], alone[0][0][0])
    assert same(mixed[1][0], plain[1][0])
    assert same(mixed[2][0], alone[1][2][0])
    assert not same(alone[0][0][0], plain[0][0])
    assert not same(alone[0][0][0], alone[1][0][0])
    assert all(same(one[0], other[0]) for one, other in zip(alone[2], plain, strict=True))  # taken off: as before


EARLIER = sorted((Path(__file__).parent / "earlier").glob("*/*"))  # as releases with these formats wrote them


@pytest.mark.parametrize("folder", EARLIER, ids=lambda folder: folder.parent.name)
def test_a_version_that_an_earlier_release_saved_is_whole_and_worn(base: SpanModel, folder: Path) -> None:
    assert len(EARLIER) == version_folder.FORMAT  # one of each format: whoever changes it keeps one of the former
    worn = Reader(base, SKILL)
    plain = worn.read("When does the gate close?", PASSAGES)
    found = worn.read("When does the gate close?", PASSAGES, [folder] * 3)
    assert not any(same(one[0], other[0]) for one, other in zip(plain, found, strict=True))


def test_of_many_versions_only_the_lately_used_stay_in_memory_and_any_comes_back(
    base: SpanModel, models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MOST_LOADED", 2)
    folders = [made(models_folder, tmp_path / "many", seed) for seed in range(1, 6)]
    worn = Reader(base, SKILL)
    first = [worn.read("When?", PASSAGES[:1], [folder]) for folder in folders]
    assert len(base.encoder.peft_config) == 2
    again = [worn.read("When?", PASSAGES[:1], [folder]) for folder in folders]
    assert all(same(one[0][0], other[0][0]) for one, other in zip(first, again, strict=True))


def test_the_same_training_is_the_same_version(models_folder: Path, tmp_path: Path) -> None:
    assert made(models_folder, tmp_path, 1) == made(models_folder, tmp_path, 1)


Spoil = Callable[[Path], object]


def flip(folder: Path) -> None:
    path = folder / "adapter_model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def truncate(folder: Path) -> None:
    path = folder / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes()[:-7])


def not_finite(folder: Path) -> None:
    path = folder / "adapter_model.safetensors"
    tensors = load_file(path)
    next(iter(tensors.values()))[0] = float("nan")
    save_file(tensors, path)


def pickled(folder: Path) -> None:
    torch.save({"x": torch.zeros(1)}, folder / "adapter_model.safetensors")


def canary(folder: Path) -> None:
    (folder / "adapter_model.bin").write_bytes(b"canary")


def more_files(folder: Path) -> None:
    (folder / "more.json").write_text("{}")


def rank_32(folder: Path) -> None:
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"r": 32}))


def no_manifest(folder: Path) -> None:
    (folder / "madoguchi.json").write_text("[]")


def outside(folder: Path) -> None:
    path = folder / "madoguchi.json"
    said = json.loads(path.read_text())
    said["files"]["../../secret"] = {"sha256": "0" * 64, "bytes": 1}
    path.write_text(json.dumps(said))


def renamed(folder: Path) -> None:
    other = folder.with_name("0123456789abcdef")
    folder.rename(other)
    other.rename(folder)
    path = folder / "adapter_config.json"
    path.write_text(path.read_text() + " ")


def link(folder: Path) -> None:
    real = folder.with_name("elsewhere")
    folder.rename(real)
    folder.symlink_to(real)


def gone(folder: Path) -> None:
    shutil.rmtree(folder)


SPOILS = (flip, truncate, not_finite, pickled, canary, more_files, rank_32, no_manifest, outside, renamed, link, gone)


@pytest.fixture(params=SPOILS, ids=[spoil.__name__ for spoil in SPOILS])
def spoilt(request: pytest.FixtureRequest, models_folder: Path, tmp_path: Path) -> Iterator[Path]:
    folder = made(models_folder, tmp_path / "people", 1)
    request.param(folder)
    yield folder


def test_what_is_not_as_it_was_made_is_refused_and_the_reader_goes_on(base: SpanModel, spoilt: Path) -> None:
    worn = Reader(base, SKILL)
    before = worn.read("When?", PASSAGES)
    with pytest.raises(AdapterError):
        worn.read("When?", PASSAGES, [spoilt, None, None])
    assert all(same(one[0], other[0]) for one, other in zip(before, worn.read("When?", PASSAGES), strict=True))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"skill": "another"}, "adapter_wrong_base"),
        ({"rank": 17}, "adapter_rank"),
        ({"method": "ia3"}, "adapter_not_lora"),
        ({"method": "prompt"}, "adapter_not_lora"),
    ],
)
def test_a_version_for_another_reader_or_of_another_kind_is_refused(
    base: SpanModel, models_folder: Path, tmp_path: Path, given: dict[str, object], code: str
) -> None:
    folder = made(models_folder, tmp_path, 1, **given)  # type: ignore[arg-type]
    with pytest.raises(AdapterError) as refused:
        Reader(base, SKILL).read("When?", PASSAGES, [folder] * 3)
    assert refused.value.code == code
