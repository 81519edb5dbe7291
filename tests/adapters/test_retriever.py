"""The retriever's skill: learnt from questions and the passages that answer them, loaded for its own encoder alone."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import Encoder, Remembering, SearchEncoder, model_store, skills
from adapters.errors import ModelError
from adapters.retriever_training import Corpus, Turning, learn
from adapters.search_encoder import Vectors, turned

QUICK = Turning(steps=200, rate=3e-3, temperature=0.05)


def corpus(seed: int, moved: Vectors, count: int = 120) -> Corpus:
    """Passages anywhere, and a question about each that lies where `moved` (D, D) has taken it, with some noise."""
    draw = np.random.default_rng(seed)
    passages = draw.normal(size=(count, len(moved))).astype(np.float32)
    questions = passages @ moved + 0.3 * draw.normal(size=passages.shape).astype(np.float32)
    return Corpus(unit(passages), unit(questions), [[row] for row in range(count)])


def unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def first(one: Corpus, turn: Vectors) -> float:
    scores = turned(one.questions, turn) @ one.passages.T
    return float(np.mean(scores.argmax(1) == np.arange(len(one.passages))))


@pytest.fixture(scope="module")
def moved() -> Vectors:
    return np.asarray(np.random.default_rng(0).normal(size=(24, 24)) / 4 + np.eye(24) / 2, np.float32)


def test_what_is_learnt_on_some_corpora_finds_more_in_another(moved: Vectors) -> None:
    losses: list[float] = []
    turn = learn([corpus(1, moved), corpus(2, moved)], QUICK, lambda _step, loss: losses.append(loss))
    other = corpus(3, moved)
    assert first(other, turn) > first(other, np.zeros_like(moved)) + 0.2
    assert np.mean(losses[-20:]) < 0.5 * losses[0]


def test_the_same_seed_learns_the_same_and_a_question_without_a_passage_is_left_out(moved: Vectors) -> None:
    one = corpus(1, moved)
    lonely = Corpus(one.passages, one.questions, [[] if row % 2 else [row] for row in range(len(one.answers))])
    once, again = (learn([lonely], QUICK, lambda _step, _loss: None) for _ in range(2))
    assert np.isfinite(once).all()
    assert np.array_equal(once, again)


def test_the_shipped_skill_is_for_the_embedded_encoder_and_for_no_other(encoder: Encoder) -> None:
    turn = skills.load_retriever(encoder.identity)
    assert turn is not None
    assert turn.shape == (encoder.dimension, encoder.dimension)
    assert skills.load_retriever("another") is None


def test_an_altered_skill_is_refused(encoder: Encoder, tmp_path: Path) -> None:
    folder = shutil.copytree(skills.RETRIEVER, tmp_path / "skill")
    with (folder / skills.TURN).open("ab") as file:
        file.write(b"0")
    with pytest.raises(ModelError, match="not as it was made"):
        skills.load_retriever(encoder.identity, folder)
    (folder / model_store.MANIFEST).write_text(json.dumps({"base": encoder.identity, "files": {}})[:-5])
    with pytest.raises(ModelError, match="holds no skill"):
        skills.load_retriever(encoder.identity, folder)


@pytest.mark.parametrize(
    ("question", "right"),
    [
        ("my gran died, how long can I stay away", 0),
        ("can I take the dog in", 1),
        ("lost my door card, who do I tell", 2),
        ("おばあちゃんが亡くなった、何日休める?", 3),
        ("スマホ壊した、弁償？", 4),
    ],
)
def test_a_question_in_the_askers_own_words_finds_the_formal_passage(
    encoder: Encoder, question: str, right: int
) -> None:
    passages = [
        "Bereavement: on the death of a grandparent an employee receives two days of special leave.",
        "Animals are not admitted to the premises, guide animals excepted.",
        "The loss of an access badge is reported to the security desk without delay.",
        "忌引：祖父母の死亡の際は、連続する2日の特別休暇を与える。",
        "貸与端末を過失により破損した者には、修理費の一部を負担させることがある。",
        "Annual leave is requested two weeks beforehand.",
        "年次有給休暇は、2週間前までに申請する。",
    ]
    search = SearchEncoder.fit(encoder.encode, skills.load_retriever(encoder.identity))
    scores = search.encode(passages) @ search.encode([question], query=True)[0]
    assert int(scores.argmax()) == right


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6), max_size=12), st.integers(1, 5))
def test_what_is_remembered_is_what_would_be_embedded_and_nothing_is_embedded_twice_in_a_row(
    asked: list[list[str]], most: int
) -> None:
    embedded: list[str] = []

    def encode(texts: Sequence[str], *, query: bool = False) -> Vectors:
        embedded.extend(texts)
        return np.array([[float(ord(text)), float(query)] for text in texts], np.float32)

    remembering = Remembering(encode, most)
    for texts in asked:
        told = remembering.encode(texts)
        assert told.tolist() == [[float(ord(text)), 0.0] for text in texts]
        before = len(embedded)
        again = remembering.encode(texts[-1:])
        assert again.tolist() == told[-1:].tolist()
        assert len(embedded) - before <= (0 if len(set(texts)) <= most else 1)
    assert remembering.encode(["a"], query=True).tolist() == [[97.0, 1.0]]
