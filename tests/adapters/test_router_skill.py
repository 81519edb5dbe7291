"""The router's skill: questions about one matter come to lie together; the frozen encoder stays as it was."""

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from adapters import Encoder, ModelError, skills
from adapters.router_training import contrast, disagreement, embedded, train, with_adapter
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


@pytest.mark.parametrize("name", ["adapter_model.safetensors", skills.COMMON])
def test_an_altered_skill_is_refused(encoder: Encoder, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(skills.ROUTER, tmp_path / "skill")
    with (folder / name).open("ab") as file:
        file.write(b"0")
    with pytest.raises(ModelError, match="not as it was made"):
        skills.load_router(encoder, folder)
    with pytest.raises(ModelError, match="not as it was made"):
        skills.load_common(encoder.identity, folder)


def test_what_an_encyclopaedia_is_asked_lies_elsewhere_than_what_a_workplace_is(
    encoder: Encoder, route_encoder: Encoder
) -> None:
    common = ["Which king lost the battle?", "What gas do plants take in?", "この塔を設計した建築家は誰か。"]
    own = [one for pair in PAIRS for one in pair]
    direction = skills.load_common(encoder.identity)
    assert direction is not None and skills.load_common("another") is None
    far, near = (route_encoder.encode(told, query=True) @ direction for told in (common, own))
    assert far.min() > near.max()


def test_a_direction_learnt_anew_becomes_part_of_the_skill(encoder: Encoder, tmp_path: Path) -> None:
    folder = shutil.copytree(skills.ROUTER, tmp_path / "skill")
    before = json.loads((folder / "madoguchi.json").read_text("utf-8"))
    skills.save_common(np.eye(1, encoder.dimension, dtype=np.float32)[0], folder, {"questions": 0})
    found = skills.load_common(encoder.identity, folder)
    assert found is not None and found.tolist() == [1.0, *[0.0] * (encoder.dimension - 1)]
    after = json.loads((folder / "madoguchi.json").read_text("utf-8"))
    assert {key for key in after if after[key] != before[key]} == {"files", "common"}
    assert skills.load_router(encoder, folder).identity != skills.load_router(encoder).identity


def test_the_same_matter_in_other_words_and_the_other_language_lies_nearest(
    encoder: Encoder, route_encoder: Encoder
) -> None:
    assert nearest(route_encoder) == len(WORDED) > nearest(encoder)


@pytest.fixture
def plain(models_folder: Path) -> Any:
    """The frozen encoder, to be trained."""
    from sentence_transformers import SentenceTransformer

    kind = {"dtype": torch.float32}
    return SentenceTransformer(str(models_folder / "multilingual-e5-small"), device="cpu", model_kwargs=kind)


SCHEDULE = Schedule(batch=1, accumulate=1, threads=1)


def test_learning_brings_other_wordings_together(plain: Any, tmp_path: Path) -> None:
    model = with_adapter(plain, 16)
    model.eval()
    with torch.no_grad():
        before = float(contrast(model, PAIRS))
    rest = (lambda: 0.0, SCHEDULE, tmp_path, lambda _step: None)
    done = train(model, [PAIRS] * 12, partial(contrast, model), *rest)
    with torch.no_grad():
        after = float(contrast(model, PAIRS))
    assert done.steps == 12
    assert after < before / 2


def test_a_training_that_begins_with_a_skill_of_a_lower_rank_begins_where_that_one_is(
    plain: Any, route_encoder: Encoder
) -> None:
    model = with_adapter(plain, 48, skills.ROUTER)
    model.eval()
    with torch.no_grad():
        begun = embedded(model, [one for one, _ in PAIRS]).numpy()
    shipped = route_encoder.encode([one for one, _ in PAIRS], query=True)
    assert (begun * shipped).sum(axis=1) == pytest.approx(np.ones(len(PAIRS)), abs=2e-3)


def test_a_pupil_comes_to_say_what_its_teacher_says_of_who_lies_near_whom(plain: Any, tmp_path: Path) -> None:
    texts = [text for pair in PAIRS for text in pair]
    taught = torch.full((6, 6), 0.1)
    for near in ((0, 3), (1, 4), (2, 5)):  # other ones than the encoder would put together
        taught[near] = taught[near[::-1]] = 0.9
    model = with_adapter(plain, 16)

    def loss(_batch: None) -> torch.Tensor:
        vectors = embedded(model, texts)
        return disagreement(vectors @ vectors.T, taught)

    train(model, [None] * 30, loss, lambda: 0.0, SCHEDULE, tmp_path, lambda _step: None)
    with torch.no_grad():
        vectors = embedded(model, texts)
    cosines = (vectors @ vectors.T).fill_diagonal_(-1.0)
    assert cosines.argmax(dim=1).tolist() == [3, 4, 5, 0, 1, 2]


def test_a_pupil_that_says_the_same_has_nothing_to_learn() -> None:
    cosines = torch.rand(4, 4, generator=torch.Generator().manual_seed(0))
    assert float(disagreement(cosines, cosines)) == pytest.approx(0.0, abs=1e-6)
    assert float(disagreement(cosines, cosines + torch.eye(4))) == pytest.approx(0.0, abs=1e-6)  # each with itself
    assert float(disagreement(cosines, 1 - cosines)) > 1.0
