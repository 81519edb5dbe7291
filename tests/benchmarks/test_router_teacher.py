"""What the router's skill learns from a teacher: texts of both languages, in batches of neighbours."""

from collections.abc import Sequence

import numpy as np
import pytest

from adapters.router import Embed, Vectors
from benchmarks import router_teacher
from benchmarks.router_teacher import MESSAGES, Texts, drawn


def vectors(count: int) -> Vectors:
    """Directions on a circle: neighbours have neighbouring numbers."""
    angles = np.linspace(0, np.pi, count)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def texts(english: int = 600, japanese: int = 200) -> Texts:
    """Numbered ones, every tenth English one with its translation."""
    ones, others = [f"message {at}" for at in range(english)], [f"質問{at}" for at in range(japanese)]
    pairs = [(at, f"伝言{at}") for at in range(0, english, 10)]
    return Texts(ones, others, pairs, vectors(english), vectors(japanese))


def test_every_message_stands_once_and_has_at_most_one_translation() -> None:
    rows = [line.split("\t") for line in MESSAGES.read_text("utf-8").splitlines()]
    assert all(1 <= len(row) <= 2 and all(cell.strip() for cell in row) for row in rows)
    assert len({row[0] for row in rows}) == len(rows)


def test_a_batch_has_texts_beside_their_neighbours() -> None:
    [batch] = drawn(texts(), [[("a", "b")]], seed=0)

    def apart(numbers: Sequence[int]) -> list[int]:
        return [min(abs(one - other) for other in numbers if other != one) for one in numbers]

    assert len(set(batch.english)) == len(batch.english) == router_teacher.ENGLISH
    assert max(apart(batch.english)[:-1]) <= router_teacher.NEAR  # the last one may stand alone
    assert len(set(batch.japanese)) == router_teacher.JAPANESE


def test_japanese_texts_and_the_contrast_come_in_turn() -> None:
    batches = drawn(texts(), [[("a", "b")]] * 12, seed=0)
    assert sum(bool(batch.japanese) for batch in batches) == 12 / router_teacher.EVERY_JAPANESE
    assert sum(bool(batch.contrast) for batch in batches) == 12 / router_teacher.EVERY_CONTRAST
    assert all(len(batch.translated) == router_teacher.TRANSLATED for batch in batches)


def test_the_same_seed_gives_the_same_batches() -> None:
    pairs = [[("a", "b")]] * 3
    assert drawn(texts(), pairs, seed=1) == drawn(texts(), pairs, seed=1) != drawn(texts(), pairs, seed=2)


def test_both_encoders_have_an_equal_say_in_how_near_texts_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    told = (["a", "b", "c"], ["あ", "い"], [("a", "あ")])
    monkeypatch.setattr(router_teacher, "gathered", lambda *_: told)
    monkeypatch.setattr(router_teacher, "background", lambda: ["x", "y"])

    def encoder(**of: Sequence[float]) -> Embed:
        return lambda asked: np.array([of.get(text, (0.0, 0.0)) for text in asked], np.float32)

    ours = encoder(a=(1, 0), b=(0, 1), c=(-1, 0), あ=(1, 0), い=(0, 1))
    theirs = encoder(a=(1, 0), b=(1, 0), c=(1, 0))
    made = router_teacher.taught(None, ours, theirs, 0)  # type: ignore[arg-type]
    assert made.of_english @ made.of_english.T == pytest.approx(np.array([[1, 0.5, 0], [0.5, 1, 0.5], [0, 0.5, 1]]))
    assert made.translated == [(0, "あ")]
