"""Departments' writers in memory: loaded when used, few at a time, and only as they were made for this model."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from adapters import (
    AdapterError,
    GenerationRequest,
    LanguageModelWorker,
    Writers,
    version_folder,
    writer_version,
    writers,
)
from adapters.language_model import LanguageModel, load
from adapters.writer_training import with_adapter

BASE = "0123456789abcdef"
ASKED = [{"role": "user", "content": "How many days of leave do I get?"}]


@pytest.fixture
def worker(make_model: Any) -> Iterator[LanguageModelWorker]:
    made = LanguageModelWorker(LanguageModel(*load(str(make_model("llama")), Path(), torch.float32)))
    yield made
    made.close()


def made(base: Path, folder: Path, seed: int, trained_on: str = BASE) -> Path:
    """A version with a writer whose weights are large enough to change what is said."""
    model = with_adapter(load(str(base), Path(), torch.float32)[0], 4)
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_" in name:
                weight.normal_(0.0, 0.3)
    writer_version.save(model, folder / f"half-{seed}", {"language_model": trained_on})
    return folder / version_folder.keep(folder / f"half-{seed}", folder)


def said(worker: LanguageModelWorker, adapter: str | None) -> list[int]:
    return worker.submit(GenerationRequest(ASKED, adapter, 12)).result(60).tokens


def test_of_many_writers_the_lately_used_stay_in_memory_and_any_comes_back_the_same(
    worker: LanguageModelWorker, make_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "MOST_LOADED", 2)
    held = Writers(worker, BASE)
    versions = [made(make_model("llama"), tmp_path, seed) for seed in range(4)]
    first = [said(worker, held.use(version)) for version in versions]
    assert len(worker._model.adapters) == 2
    assert [said(worker, held.use(version)) for version in versions] == first
    assert len({tuple(tokens) for tokens in first}) == len(first)


def test_a_writer_that_was_altered_or_made_for_another_model_is_refused_and_the_others_go_on(
    worker: LanguageModelWorker, make_model: Any, tmp_path: Path
) -> None:
    held = Writers(worker, BASE)
    good, altered = (made(make_model("llama"), tmp_path, seed) for seed in (1, 2))
    other = made(make_model("llama"), tmp_path, 3, trained_on="another")
    before = said(worker, held.use(good))
    weights = altered / "writer" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00")
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "madoguchi.json").write_text(json.dumps({"format": 1, "part": "reader", "method": "lora", "files": {}}))
    for version in (altered, other, empty):
        with pytest.raises(AdapterError):
            held.use(version)
    assert said(worker, held.use(good)) == before
