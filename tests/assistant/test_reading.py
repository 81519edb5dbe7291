"""Candidates and their weighing: what the reader marked decides, and what a route says is only a prior."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from adapters import Marking
from assistant.answer import Evidence, Reading
from assistant.steps.candidates import candidates
from assistant.steps.compare import denies, other_amounts, says_the_same
from assistant.steps.holders import holders
from assistant.steps.places import countries, elsewhere
from assistant.steps.read import SentenceReader, own_language_first, widened
from assistant.steps.retrieve import ranked
from assistant.steps.second_look import OF_ONE, SecondLook
from assistant.steps.standing import told_otherwise
from index import Hit, Passage, Standing, Validity

TEXT = "The shop opens at nine.\nClaims need a receipt.\nThey are paid on the tenth.\nAsk Accounting."


TODAY = date(2026, 11, 25)


def hit(number: int, text: str, score: float = 0.5, domain: str = "people", **told: Any) -> Hit:
    """A passage as search gives it; `told`: its document's time."""
    passage = Passage(
        number, domain, f"d{number}", f"v{number}", f"{number}.md", text, "Rules", None, None, None, None, None,
        datetime(2026, 1, 1, tzinfo=UTC), Standing(Validity(**told), matter=("", "leave rules")),
    )  # fmt: skip
    return Hit(number, score, 0.8, 1.0, passage)


def marking(text: str, span: str, gate: float) -> Marking:
    """A window over single characters, sure of one span."""
    start, end = text.index(span), text.index(span) + len(span) - 1
    places = np.array([[i, i + 1] for i in range(len(text))], np.int64)
    starts, ends = (np.full(len(text), 1e-6) for _ in range(2))
    starts[start] = ends[end] = 1.0
    return Marking(gate, places, starts, ends)


def encode(texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
    """Nobody is to be asked for vectors where the skill reads."""
    raise AssertionError("sentences were embedded")


def test_the_best_span_is_told_with_its_log_probability() -> None:
    start, end, fit = marking(TEXT, "on the tenth", 2.0).best
    assert TEXT[start:end] == "on the tenth"
    assert math.isclose(fit, 0.0, abs_tol=1e-3)


def test_all_sentences_that_a_marked_span_touches_are_one_candidate() -> None:
    span = "a receipt.\nThey are paid on the tenth"
    found = candidates("?", [hit(1, TEXT)], {}, {}, [], encode, lambda _q, _p: [[marking(TEXT, span, 1.0)]])
    texts = {TEXT[c.start : c.end]: c for c in found}
    assert "Claims need a receipt.\nThey are paid on the tenth." in texts
    whole = texts["Claims need a receipt.\nThey are paid on the tenth."]
    assert whole.within > texts["Ask Accounting."].within
    assert all(math.isclose(c.answers, 0.731, abs_tol=1e-3) for c in found)


def test_a_marked_span_that_runs_into_the_next_row_of_a_table_does_not_make_one_quotation_of_both() -> None:
    text = "Item: hotel; Limit: 9,000\n\nItem: hotel in London; Limit: 12,000"
    marks = [[marking(text, "9,000\n\nItem: hotel in London; Limit: 12,000", 1.0)]]
    found = candidates("?", [hit(1, text)], {}, {}, [], encode, lambda _q, _p: marks)
    assert {text[c.start : c.end] for c in found} == set(text.split("\n\n"))


def test_the_sentence_that_was_marked_comes_first_and_the_surer_passage_before_the_other() -> None:
    other = "The canteen closes at two. It is on the tenth floor."

    def mark(_question: str, passages: Sequence[tuple[str, str, str]]) -> list[list[Marking]]:
        assert [heading for _, heading, _ in passages] == ["1 > Rules", "2 > Rules"]
        return [[marking(other, "at two", -4.0)], [marking(TEXT, "on the tenth", 4.0)]]

    reading = SentenceReader(encode, mark).read("When are claims paid?", [hit(1, other), hit(2, TEXT)], {}, [], {})
    assert reading.evidence[0].quote == "They are paid on the tenth."
    assert math.isclose(reading.evidence[0].answers, 0.982, abs_tol=1e-3)
    assert [evidence.hit.passage.id for evidence in reading.evidence] == [2, 1]
    assert 0.0 <= reading.evidence[1].score < reading.evidence[0].score <= 1.0


LISTED = "Staff may do this if:\n\n- they are in the third year\n\n- nobody else is away\n\nOthers ask Accounting."


def test_a_rule_is_judged_by_its_sentence_and_quoted_with_the_conditions_that_follow_it() -> None:
    seen: list[str] = []

    def judge(_question: str, sentences: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        seen.extend(sentence for _, sentence in sentences)
        return np.array([9.0 if sentence.startswith("Staff") else -9.0 for _, sentence in sentences])

    def alike(texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        return np.ones((len(texts), 1), np.float32)

    marks = [[marking(LISTED, "do this", 3.0)]]
    reader = SentenceReader(encode, lambda _q, _p: marks, SecondLook(alike, judge, judge))
    reading = reader.read("May I do this?", [hit(1, LISTED)], {}, [], {})
    assert reading.evidence[0].quote == LISTED[: LISTED.index("\n\nOthers")]
    assert "Staff may do this if:" in seen


def test_a_question_for_steps_may_be_answered_by_all_of_them() -> None:
    steps = "1. Open the client.\n\n2. Choose the line.\n\n3. Sign in."
    marks = [[marking(steps, "the line", 3.0)]]
    for question, whole in (("How do I connect?", True), ("Which line is it?", False)):
        found = candidates(question, [hit(1, steps)], {}, {}, [], encode, lambda _q, _p: marks)
        assert (steps in {steps[c.start : c.end] for c in found}) is whole


def test_a_second_look_may_prefer_another_sentence_of_the_passage_and_one_of_each_is_told() -> None:
    def alike(texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        return np.ones((len(texts), 1), np.float32)

    def judge(_question: str, sentences: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        return np.array([9.0 if "receipt" in sentence else -9.0 for _, sentence in sentences])

    long = TEXT.replace("\n", "\n\n")  # paragraphs of their own
    reader = SentenceReader(
        encode,
        lambda _q, _p: [[marking(long, "at nine", 3.0)]],
        SecondLook(alike, judge, lambda _q, _s: np.array([-2.0])),
    )
    reading = reader.read("What do claims need?", [hit(1, long)], {}, [], {})
    assert [one.quote for one in reading.evidence] == ["Claims need a receipt."]
    assert 1 < len(reading.judged) <= OF_ONE
    assert (reading.evidence[0].alone, reading.evidence[0].witnessed) == (9.0, -2.0)


def test_who_names_a_number_is_read_in_the_words_of_the_row_that_holds_it_and_no_other_question_is_read_twice() -> None:
    rows = ["Service: 6 months; Days: 9", "Service: 18 months; Days: 12", "Service: 30 months or more; Days: 17"]
    table = "\n\n".join(rows)
    asked: list[str] = []

    def mark(question: str, _passages: Sequence[tuple[str, str, str]]) -> list[list[Marking]]:
        asked.append(question)
        row = next((row for row in rows if "18 months" in question and "18 months" in row), rows[0])
        return [[marking(table, row, 3.0)]]

    reader = SentenceReader(encode, mark)
    reading = reader.read("How many days after TWO years?", [hit(1, table)], {}, [], {})
    assert asked == ["How many days after TWO years?", "how many days after 18 months?"]
    assert [one.quote for one in reading.evidence] == [rows[1]]
    asked.clear()
    reader.read("How many days?", [hit(1, table)], {}, [], {})
    reader.read("How many days after 18 months?", [hit(1, table)], {}, [], {})
    assert asked == ["How many days?", "How many days after 18 months?"]


def test_nothing_is_read_where_nothing_was_found() -> None:
    assert SentenceReader(encode, lambda _q, _p: []).read("?", [], {}, [], {}).evidence == []


def test_a_department_lifts_its_passages_but_a_much_better_one_elsewhere_stays_first() -> None:
    hits = [hit(1, TEXT, 0.9, "it"), hit(2, TEXT, 0.8, "people"), hit(3, "Lunch is at noon.", 0.1, "people")]
    routes: dict[str, Any] = {"people": 0.9, "it": 0.1}
    assert [h.passage.id for h in ranked("", hits, routes, 3, TODAY)] == [2, 1, 3]
    assert [h.passage.id for h in ranked("", [hit(3, TEXT, 0.3), hit(1, TEXT, 1.0, "it")], routes, 2, TODAY)] == [1, 3]
    assert [h.rank for h in ranked("", hits, {}, 2, TODAY)] == [1, 2]


OLD: dict[str, Any] = {"since": date(2023, 4, 1), "until": date(2025, 9, 30)}
NEXT: dict[str, Any] = {"since": date(2027, 4, 1)}


@pytest.mark.parametrize(
    ("question", "told", "aside"),
    [
        ("在宅勤務は週に何日まで？", OLD, True),
        ("How many days before the start must I apply?", OLD, True),
        ("退勤前は何をしますか", OLD, True),
        ("以前は在宅勤務は週に何日まで？", OLD, False),
        ("What was the old policy on working at home?", OLD, False),
        ("2024年5月の在宅勤務の上限は", OLD, False),
        ("在宅勤務は週に何日まで？", NEXT, True),
        ("以前は在宅勤務は週に何日まで？", NEXT, True),
        ("来年度の在宅勤務は週に何日まで？", NEXT, False),
        ("How many days from 1 May 2027?", NEXT, False),
        ("How many days from 1 May 2027?", OLD, True),
        ("How many days from 1 May 2027?", {"until": date(2027, 3, 31)}, True),
        ("How many days?", {"dated": date(2027, 3, 31)}, False),
        ("How many days?", {"replaced": True}, True),
    ],
)
def test_only_what_is_in_force_at_the_time_asked_about_is_answered_from(
    question: str, told: dict[str, Any], aside: bool
) -> None:
    found = ranked(question, [hit(1, TEXT, 0.9, **told), hit(2, TEXT, 0.7)], {}, 2, TODAY)
    assert [(h.passage.id, h.aside) for h in found] == ([(2, False), (1, True)] if aside else [(1, False), (2, False)])


def test_what_is_put_aside_takes_no_place_of_what_is_in_force_and_is_read_besides() -> None:
    hits = [
        *(hit(n, TEXT, 1 - n / 100, **OLD) for n in range(1, 9)),
        *(hit(n, f"{n} {TEXT}", 0.5) for n in range(11, 15)),
    ]
    found = ranked("What do I claim?", hits, {}, 3, TODAY)
    assert [h.passage.id for h in found] == [11, 12, 13, 1, 2]
    assert [h.rank for h in found] == [1, 2, 3, 4, 5]


def read_two(old: str, new: str, **told: Any) -> Reading:
    """What the reader makes of a document that is not in force and of one that is; both marked alike."""

    def mark(_question: str, passages: Sequence[tuple[str, str, str]]) -> list[list[Marking]]:
        return [[marking(text, text.rstrip("."), 3.0)] for _, _, text in passages]

    hits = ranked("How many days may I work at home?", [hit(1, old, 0.9, **told), hit(2, new, 0.8)], {}, 3, TODAY)
    return SentenceReader(encode, mark).read("How many days may I work at home?", hits, {}, [], {})


def test_of_two_that_disagree_the_one_in_force_answers_and_the_older_one_is_told_of() -> None:
    reading = read_two("Two days a week at home.", "Three days a week at home.", **OLD)
    assert [evidence.quote for evidence in reading.evidence] == ["Three days a week at home."]
    other = told_otherwise(reading, "people")
    assert other is not None and other.quote == "Two days a week at home."
    assert told_otherwise(reading, "it") is None


def test_an_older_one_that_says_the_same_is_not_worth_a_word() -> None:
    assert told_otherwise(read_two("Three days a week.", "Three days a week at home.", **OLD), "people") is None


def test_where_only_a_later_document_answers_nothing_is_answered_and_that_is_told() -> None:
    hits = ranked("How many days?", [hit(1, TEXT, 0.9, **NEXT)], {}, 3, TODAY)
    reading = SentenceReader(encode, lambda _q, _p: [[marking(TEXT, "at nine", 3.0)]]).read("?", hits, {}, [], {})
    assert reading.evidence == []
    assert told_otherwise(reading, "people") is not None


def evidence(number: int, text: str, marked: str) -> Evidence:
    return Evidence(hit(number, text), 0, len(text), 0.5, marked=marked)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("前日の15時", "15:00 the day before", True),
        ("１４文字以上", "14 characters", True),
        ("14 characters", "12 characters", False),
        ("the plant manager", "The plant  manager", True),
        ("the plant manager", "the president", False),
        ("30日", "人事課", False),
    ],
)
def test_two_passages_say_the_same_when_their_numbers_or_words_are_the_same(one: str, other: str, same: bool) -> None:
    assert says_the_same(evidence(1, one, one), evidence(2, other, other)) is same


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        (("A lost badge costs $15.", "$15"), ("A badge is replaced for $25.", "$25"), True),
        (("再発行は1,500円とする。", "1,500円"), ("再発行は千五百円です。", "千五百円"), False),
        (("再発行は1,500円とする。", "1,500円"), ("再発行には3日かかる。", "3日"), False),
        (("自宅での文書の印刷は、禁止する。", "禁止"), ("文書は自宅で印刷してもかまいません。", "かまいません"), True),
        (("You can buy your old laptop.", "You can"), ("You can't buy your old laptop.", "can't"), True),
        (("You can buy your old laptop.", "You can"), ("Pets are not welcome.", "not"), False),
        (("Two weeks at full pay.", "Two weeks"), ("Two weeks, within 52 weeks of birth.", "52 weeks"), False),
        (("1通に10MBまで付けられる。", "1通に10MB"), ("1通25MBまで。", "1通25MB"), True),
        (("週2日を限度とする。", "週2日"), ("東京営業所では週4日を限度とする。", "週4日"), False),
        (("週2日を限度とする。", "週2日"), ("前項にかかわらず、週4日を限度とする。", "週4日"), False),
        (("給与は20日に払う。", "20日"), ("Wages are paid on the 25th.", "25th"), False),
        (("Who: staff; Days: 5", "5"), ("Who: staff; Contractors: 3", "3"), False),
        (("Who: staff; Days: 5", "5"), ("Who: staff; Days: 6", "6"), True),
    ],
)
def test_two_passages_differ_where_an_amount_of_a_kind_does_or_one_denies_what_the_other_says(
    one: tuple[str, str], other: tuple[str, str], differ: bool
) -> None:
    first, second = evidence(1, *one), evidence(2, *other)
    for ours, theirs in ((first, second), (second, first)):
        assert (other_amounts(ours, theirs) or denies(ours, theirs)) is differ
        assert not (other_amounts(ours, theirs) and denies(ours, theirs))


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("契約社員・アルバイト就業規則 > 第3章 休暇", {"契約社員", "アルバイト"}),
        ("パートタイマー就業規則", {"パート"}),
        ("大阪支店の駐車場", {"大阪支店"}),
        ("雇用契約書の書き方", set()),
        ("Visitors > Badges", {"visitor"}),
        ("The_Lisbon_office", {"lisbon office"}),
        ("Direct debits", set()),
    ],
)
def test_a_title_tells_for_whom_or_for_which_place_its_document_holds(title: str, named: set[str]) -> None:
    assert holders(title) == named


RULE = (
    "Hotels cost up to 12,000 yen. Breakfast is part of it. Nobody pays more in Tokyo.\n\n"
    "However, the limit is 15,000 yen during a fair.\nTaxis are paid after 22:00."
)


def test_a_short_paragraph_is_quoted_whole_with_the_exception_that_follows_it() -> None:
    start = RULE.index("Breakfast")
    first, last = widened(RULE, start, start + 9)
    assert RULE[first:last] == RULE[: RULE.index("\nTaxis")]


@given(st.text("あ。 ただし\nabc. However", max_size=400), st.data())
def test_widening_loses_nothing_and_takes_whole_sentences(text: str, data: Any) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = widened(text, start, end)
    assert 0 <= first <= start <= end <= last <= len(text)


@pytest.mark.parametrize(
    ("question", "document", "conflict"),
    [
        ("英国の法人カードの限度額は", "UK_Expenses_Policy", False),
        ("How many days do I get in Japan?", "UK_Employee_Handbook", True),
        ("How many days do I get?", "UK_Employee_Handbook", False),
        ("How many days do I get in Japan?", "就業規則", False),
    ],
)
def test_another_countrys_document_is_told_by_its_name(question: str, document: str, conflict: bool) -> None:
    assert elsewhere(countries(question), countries(document)) is conflict


def test_of_two_passages_that_say_the_same_the_one_in_the_questions_language_is_quoted() -> None:
    def given(number: int, text: str, score: float) -> Evidence:
        return Evidence(hit(number, text), 0, len(text), score, marked=text)

    japanese, english = given(1, "14文字以上とする", 0.9), given(2, "at least 14 characters", 0.7)
    assert [e.hit.passage.id for e in own_language_first("How long is it?", [japanese, english])] == [2, 1]
    assert [e.score for e in own_language_first("How long is it?", [japanese, english])] == [0.9, 0.9]
    assert own_language_first("何文字ですか", [japanese, english]) == [japanese, english]
    for other in (given(2, "at least 12 characters", 0.7), given(2, "at least 14 characters", 0.2)):
        assert own_language_first("How long is it?", [japanese, other]) == [japanese, other]
