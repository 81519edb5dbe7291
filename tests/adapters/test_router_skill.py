"""The router's skill: questions about one matter come to lie together; the frozen encoder stays as it was."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from adapters import Encoder, ModelError, skills
from adapters.router_training import contrast, train, with_adapter
from adapters.training import Schedule

PAIRS = [
    ("How long may I be off when the baby comes?", "産休は何週間ですか"),
    ("my screen stays black", "ノートPCの画面がつかない"),
    ("Where do I hand in the taxi receipt?", "タクシー代の精算はどうしますか"),
]
WORDED = [  # the same matter in other words
    *PAIRS,
    ("How many days off do I get a year?", "年休は全部で何日もらえる？"),
    ("パスワードを忘れた", "it says my login is wrong and I can't remember what I chose"),
    ("出張のホテル代の上限は", "What may a room cost when I travel for work?"),
    ("壊れた部品が出荷されていたらどこに知らせますか", "a customer got a faulty part from us, who must hear of it?"),
    ("Who signs for an order of 500,000 yen?", "50万円の買い物は誰の承認が要りますか"),
]


def nearest(encoder: Encoder) -> int:
    """How many questions have their other wording nearest."""
    ones, others = (encoder.encode(list(told), query=True) for told in zip(*WORDED, strict=True))
    return int((np.argmax(ones @ others.T, axis=1) == np.arange(len(WORDED))).sum())


def test_the_shipped_skill_is_for_the_embedded_encoder_and_leaves_it_as_it_was(
    encoder: Encoder, route_encoder: Encoder
) -> None:
    told = ["How many days of leave?"]
    assert route_encoder is not encoder
    assert route_encoder.identity.startswith(encoder.identity)
    assert route_encoder.word_embeddings is encoder.word_embeddings  # not a second time in memory
    before = encoder.encode(told, query=True)
    again = skills.load_router(encoder)
    assert np.array_equal(encoder.encode(["", *told], query=True)[1], before[0])
    assert np.array_equal(again.encode(told, query=True), route_encoder.encode(told, query=True))


def test_for_another_encoder_the_router_goes_without() -> None:
    class Other:
        identity = "another"

    other = Other()
    assert skills.load_router(other) is other  # type: ignore[arg-type, comparison-overlap]


def test_an_altered_skill_is_refused(encoder: Encoder, tmp_path: Path) -> None:
    folder = shutil.copytree(skills.ROUTER, tmp_path / "skill")
    with (folder / "adapter_model.safetensors").open("ab") as file:
        file.write(b"0")
    with pytest.raises(ModelError, match="not as it was made"):
        skills.load_router(encoder, folder)


def test_the_same_matter_in_other_words_and_the_other_language_lies_nearest(
    encoder: Encoder, route_encoder: Encoder
) -> None:
    assert nearest(route_encoder) == len(WORDED) > nearest(encoder)


def test_learning_brings_other_wordings_together(models_folder: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(
        str(models_folder / "multilingual-e5-small"), device="cpu", model_kwargs={"dtype": torch.float32}
    )
    model = with_adapter(plain)
    model.eval()
    with torch.no_grad():
        before = float(contrast(model, PAIRS))
    done = train(
        model, [PAIRS] * 12, lambda: 0.0, Schedule(batch=1, accumulate=1, threads=1), tmp_path, lambda _step: None
    )
    with torch.no_grad():
        after = float(contrast(model, PAIRS))
    assert done.steps == 12
    assert after < before / 2
