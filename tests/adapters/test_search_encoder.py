"""Questions of one language find passages of the other, by what they say and not by the language they are in."""

import numpy as np
import pytest

from adapters import Encoder, SearchEncoder
from adapters.search_encoder import language_of

PASSAGES = [
    "測定機器は年に一回校正する。",
    "在宅勤務は週に二日までとする。",
    "請求書は翌月末に支払う。",
    "The canteen is open from eleven to two.",
    "Visitors sign in at the reception.",
    "Please keep the meeting rooms tidy.",
]
ASKED = [
    ("How often are measuring instruments calibrated?", 0),
    ("How many days a week may I work from home?", 1),
    ("When is an invoice paid?", 2),
    ("食堂は何時から開いていますか", 3),
    ("来客はどこで受付をしますか", 4),
]


@pytest.fixture(scope="module")
def centred(encoder: Encoder) -> SearchEncoder:
    return SearchEncoder.fit(encoder.encode)


@pytest.mark.parametrize(("question", "right"), ASKED)
def test_a_question_finds_the_passage_of_the_other_language(centred: SearchEncoder, question: str, right: int) -> None:
    scores = centred.encode(PASSAGES) @ centred.encode([question], query=True)[0]
    assert int(scores.argmax()) == right


def test_passages_stay_as_they_are_and_questions_have_length_one(encoder: Encoder, centred: SearchEncoder) -> None:
    assert np.allclose(centred.encode(PASSAGES), encoder.encode(PASSAGES), atol=1e-5)
    assert np.allclose(np.linalg.norm(centred.encode(["何日ですか", "How many?"], query=True), axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "language"), [("有休は何日", "ja"), ("AS-2041の公差", "ja"), ("What is 特採?", "ja"), ("AG-310", "en")]
)
def test_the_language_is_told_by_its_characters(text: str, language: str) -> None:
    assert language_of(text) == language
