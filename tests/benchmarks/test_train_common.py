"""What teaches common knowledge: questions of our own in both languages, and a direction that tells them apart."""

from collections.abc import Sequence

import numpy as np
import pytest

from adapters.router import Vectors
from assistant.language import language_of
from benchmarks import train_common


def test_no_question_is_taught_as_both_and_each_kind_is_in_both_languages() -> None:
    common, own = train_common.learnt()
    assert len(set(common)) == len(common)
    assert not set(common) & set(own)
    for texts in (common, own):
        assert {language_of(text, "en") for text in texts} == {"en", "ja"}


def test_the_direction_points_to_what_is_common(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)

    def embed(texts: Sequence[str]) -> Vectors:
        rows = random.normal(0.0, 0.3, (len(texts), 8))
        rows[:, 3] += [1.0 if text.startswith("Which king") else -1.0 for text in texts]
        return np.asarray(rows, np.float32)

    told = [f"Which king {n}?" for n in range(30)], [f"Which form {n}?" for n in range(90)]
    monkeypatch.setattr(train_common, "learnt", lambda: told)
    found = train_common.direction(embed)
    assert found.argmax() == 3
    assert np.isclose(np.linalg.norm(found), 1.0)
