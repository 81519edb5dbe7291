"""The small steps by themselves: sentences, follow-ups, kinds of answers, verification, explanation."""

import itertools
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Status
from assistant.steps.complete import complete, is_follow_up
from assistant.steps.decide import Signals, confidence_of, decide, shipped
from assistant.steps.expected import fits, identifiers
from assistant.steps.sentences import sentences
from assistant.steps.verify import numbers, verify

TEXTS = st.text(st.sampled_from("ab Z.。！?\n「」（）1.5第条 eg,;:-・"), max_size=200)
SHARES = st.floats(0.0, 1.0)
SIGNALS = len(fields(Signals))
VALUES = st.tuples(*[SHARES] * SIGNALS)


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("有休は10日です。半日も可。", ["有休は10日です。", "半日も可。"]),
        ("It costs 3.50. See No. 5 for e.g. details.", ["It costs 3.50.", "See No. 5 for e.g. details."]),
        ("「はい。」と答える。", ["「はい。」", "と答える。"]),
        (
            "Warehouse staff who have passed their probation of three months may\nwork remotely.",
            ["Warehouse staff who have passed their probation of three months may\nwork remotely."],
        ),
        ("Name: Aki\nRole: Owner", ["Name: Aki", "Role: Owner"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_say(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@given(TEXTS)
def test_sentences_lose_nothing_but_blanks_and_never_overlap(text: str) -> None:
    spans = list(sentences(text))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())


@pytest.mark.parametrize(
    "question",
    ["And for part-timers?", "How long?", "What about Germany?", "パートの場合は?", "それは何日前まで?"],
)
def test_a_follow_up_is_completed_with_the_question_before_it(question: str) -> None:
    assert complete(question, ["How many days of leave do I get?"]) == f"How many days of leave do I get? {question}"
    assert complete(question, []) == question


@pytest.mark.parametrize(
    "question",
    ["How long must a password be at our company?", "年休は入社後いつから何日もらえますか", "Where is the canteen?"],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert not is_follow_up(question)


@pytest.mark.parametrize(
    ("question", "sentence", "can"),
    [
        ("有休は何日ですか", "年次有給休暇を10日付与する。", True),
        ("有休は何日ですか", "翌年度に限り繰り越すことができる。", False),
        ("VPNは何分で切れる", "30分で切断される。", True),
        ("VPNは何分で切れる", "12時間まで使える。", False),
        ("How many days of leave?", "Staff get twenty-five working days.", True),
        ("How many days of leave?", "It costs £18.", False),
        ("いくらですか", "定額 3,000円", True),
        ("誰が決めますか", "課長が決める。", True),
    ],
)
def test_a_sentence_of_another_kind_answers_no_question_of_how_many(question: str, sentence: str, can: bool) -> None:
    assert fits(question, sentence) is can


def test_identifiers_are_names_with_letters_and_digits() -> None:
    assert identifiers("ＡＳ－２０４１とQS-104、M6ねじ、2026年、ISO 9001") == {"as-2041", "qs-104", "m6"}


@pytest.mark.parametrize(
    ("draft", "evidence", "holds"),
    [
        ("A password has at least 14 characters. [1]", "Passwords have at least 14 characters.", True),
        ("A password has at least 12 characters. [1]", "Passwords have at least 14 characters.", False),
        ("The hardness is 61 HRC. [1]", "Hardness is 58 to 61 HRC.", False),
        ("USB sticks are allowed. [1]", "USB sticks are not allowed.", False),
        ("USB sticks are not allowed. [1]", "USB sticks are allowed.", False),
        ("<evidence> Passwords have 14 characters. [1]", "Passwords have 14 characters.", False),
        ("The moon is made of green cheese and honey. [1]", "Passwords have 14 characters.", False),
        ("有休は10日です。 [1]", "年次有給休暇を10日付与する。", False),
        ("", "Passwords have 14 characters.", False),
    ],
)
def test_a_draft_holds_if_it_keeps_every_number_and_the_negation(draft: str, evidence: str, holds: bool) -> None:
    assert verify(draft, evidence, "How long must a password be?").supported is holds


@given(st.text(max_size=120))
def test_a_quotation_always_holds_its_own_numbers(text: str) -> None:
    checked = verify(text, text, "")
    assert checked.foreign_numbers == checked.lost_numbers == ()


def test_numbers_are_compared_as_they_are_meant() -> None:
    assert numbers("２４，５００円 and twelve") == {"24500", "12"}


@given(VALUES, st.booleans(), SHARES)
def test_a_decision_follows_from_confidence_support_and_threshold(
    values: tuple[float, ...], supported: bool, hold_below: float
) -> None:
    signals = Signals(*values)
    decision = decide(signals, supported, hold_below)
    confidence, _ = confidence_of(signals)
    expected: Status = "answered" if supported and confidence >= hold_below else "held"
    assert decision.status == ("declined" if confidence < shipped().decline_below else expected)
    assert 0.0 <= decision.confidence <= 1.0


@given(VALUES, st.integers(0, SIGNALS - 1), SHARES)
def test_a_stronger_signal_never_lowers_the_confidence(values: tuple[float, ...], which: int, more: float) -> None:
    stronger = list(values)
    stronger[which] = max(values[which], more)
    assert confidence_of(Signals(*stronger))[0] >= confidence_of(Signals(*values))[0]
