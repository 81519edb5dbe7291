"""The shipped sentences are embedded once and recalled at every later start; what was altered is made anew."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from adapters import Encoder, shipped_sentences
from adapters.router import background
from adapters.shipped_sentences import FOLDER, recall, shipped

DIMENSION = 8


class Model(torch.nn.Module):
    """What an encoder stands on, which counts what it is asked for."""

    prompts: dict[str, str] = {}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def get_embedding_dimension(self) -> int:
        return DIMENSION

    def preprocess(self, texts: Sequence[str], prompt: str | None) -> dict[str, torch.Tensor]:
        return {"lengths": torch.tensor([[float(len(text) % 7)] for text in texts])}

    def forward(self, given: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        self.asked += len(given["lengths"])
        return {"sentence_embedding": given["lengths"] + torch.arange(1.0, DIMENSION + 1)}


def started(folder: Path, identity: str = "one") -> tuple[Encoder, Model]:
    model = Model()
    encoder = Encoder(model, identity)
    recall(encoder, folder)
    return encoder, model


def test_a_later_start_embeds_none_of_them_and_gives_the_same_vectors(tmp_path: Path) -> None:
    first, made = started(tmp_path)
    again, recalled = started(tmp_path)
    assert (made.asked, recalled.asked) == (len(shipped()), 0)
    assert np.array_equal(first.encode(shipped(), query=True), again.encode(shipped(), query=True))
    assert set(background()) <= set(shipped())
    again.encode(["another question"], query=True)
    assert recalled.asked == 1


@pytest.mark.parametrize("damage", ["cut", "other numbers", "none of ours"])
def test_what_was_altered_is_made_anew(tmp_path: Path, damage: str) -> None:
    right, _ = started(tmp_path)
    [file] = (tmp_path / FOLDER).iterdir()
    whole = file.read_bytes()
    changed = {"cut": whole[:-9], "other numbers": whole[:-4] + b"\x00\x00\x80?", "none of ours": b"pickle"}
    file.write_bytes(changed[damage])
    again, model = started(tmp_path)
    assert model.asked == len(shipped())
    assert np.array_equal(again.encode(shipped(), query=True), right.encode(shipped(), query=True))
    assert file.read_bytes() == whole


def test_another_encoder_or_another_processor_has_vectors_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(tmp_path)
    assert started(tmp_path, "another")[1].asked == len(shipped())
    monkeypatch.setattr(shipped_sentences, "number_type", lambda: "float64")
    assert started(tmp_path)[1].asked == len(shipped())
    assert len(list((tmp_path / FOLDER).iterdir())) == 3


def test_where_nothing_can_be_kept_they_are_made_at_each_start_and_the_log_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FOLDER).write_text("a file in the folder's place")
    encoder, model = started(tmp_path)
    assert len(encoder.encode(shipped(), query=True)) == model.asked == len(shipped())
    assert "made anew at each start" in caplog.text
