"""The second look: sentences by themselves, so that the row that a question names comes before its neighbours."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from adapters import Encoder, Reranker, Routing, SearchEncoder, skills
from assistant.answer import Evidence, Reading
from assistant.steps.decide import Signals
from assistant.steps.second_look import BEHIND, LOOKED_AT, OF_ONE, SecondLook, worth_a_look
from assistant.steps.signal import measure
from tests.assistant.test_reading import hit

SCORES = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12)


def evidence(number: int, text: str, score: float, close: float = 0.0) -> Evidence:
    return Evidence(hit(number, text), 0, len(text), score, close=close)


def look(closes: Sequence[float], odds: Sequence[float] = ()) -> SecondLook:
    """One that finds the nth sentence that close to the question, and judges it by the nth odds."""

    def encode(texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        told = [(1.0, 0.0)] if query else [(close, 1.0) for close in closes[: len(texts)]]
        return np.array(told, np.float32)

    def judge(_question: str, sentences: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        return np.array([*odds, *([-2.0] * len(sentences))][: len(sentences)])

    return SecondLook(encode, judge, judge)


def test_of_two_alike_the_one_closer_to_the_question_comes_first() -> None:
    found, _ = look([0.1, 0.3]).ranked("?", [evidence(1, "Poland: 25.", 0.6), evidence(2, "Spain: 30.", 0.6)])
    assert [one.hit.passage.id for one in found] == [2, 1]
    assert [one.close for one in found] == pytest.approx([0.3, 0.1])


def test_of_two_as_close_the_one_that_answers_by_itself_comes_first_and_its_odds_are_kept() -> None:
    rows = [evidence(1, "Poland: 25.", 0.6), evidence(2, "Spain: 30.", 0.6)]
    found, _ = look([0.2, 0.2], [-3.0, 2.0]).ranked("?", rows)
    assert [(one.hit.passage.id, one.alone) for one in found] == [(2, 2.0), (1, -3.0)]


@pytest.mark.parametrize(("question", "first"), [("How long is paternity leave?", 2), ("父親の休みは何週間？", 1)])
def test_of_two_countries_rules_the_one_in_the_questions_language_comes_first(question: str, first: int) -> None:
    rows = [evidence(1, "出生時育児休業は4週間とする。", 0.6), evidence(2, "Paternity leave is two weeks.", 0.6)]
    found, _ = look([0.2, 0.2]).ranked(question, rows)
    assert found[0].hit.passage.id == first


@given(SCORES)
def test_nothing_is_lost_and_the_best_is_first(scores: list[float]) -> None:
    before = [evidence(n, f"Sentence {n}.", score) for n, score in enumerate(sorted(scores, reverse=True))]
    looked, rest = look([0.2, -0.1, 0.4, 0.0, 0.3, 0.1, 0.2, 0.0]).ranked("?", before)
    after = looked + rest
    assert sorted(one.hit.passage.id for one in after) == [one.hit.passage.id for one in before]
    assert [one.score for one in after] == sorted((one.score for one in after), reverse=True)
    assert all(0.0 <= one.score <= 1.0 for one in after)
    assert [one.hit.passage.id for one in rest] == list(range(len(looked), len(before)))


@given(st.lists(st.tuples(st.integers(1, 4), st.floats(-9, 9)), max_size=30))
def test_a_few_sentences_are_looked_at_the_best_first_and_not_all_of_one_passage(
    found: list[tuple[int, float]],
) -> None:
    found.sort(key=lambda one: -one[1])
    passages, odds = [passage for passage, _ in found], [sure for _, sure in found]
    chosen = worth_a_look(passages, odds)
    assert chosen == sorted(set(chosen))
    assert len(chosen) <= LOOKED_AT
    taken = [passages[place] for place in chosen]
    assert all(taken.count(passage) <= OF_ONE for passage in taken)
    left = {place for place in range(len(odds)) if odds[0] - odds[place] <= BEHIND} - set(chosen)
    assert len(chosen) == LOOKED_AT or all(taken.count(passages[place]) == OF_ONE for place in left)


def measured(found: list[Evidence], judged: Sequence[Evidence] = ()) -> Signals:
    routing = Routing("people", 1.0, 1.0, [("people", 1.0)], False, [], [])
    return measure(routing, "people", [one.hit for one in found], Reading(found, judged=list(judged)), None)


def test_a_rival_as_likely_halves_the_reading_and_one_that_says_the_same_does_not() -> None:
    first = evidence(1, "Poland: 25.", 0.9)
    by_itself = measured([first])
    rival = measured([first, evidence(2, "Spain: 30.", 0.9)])
    ally = measured([first, evidence(2, "In Poland 25.", 0.9)])
    assert by_itself.reading == pytest.approx(0.9)
    assert rival.reading == pytest.approx(9 / 19)
    assert rival.reading_margin == pytest.approx(0.0)
    assert ally.reading == ally.reading_margin == pytest.approx(18 / 19)


def test_a_rival_in_the_same_passage_takes_its_share_too() -> None:
    whole = evidence(1, "Poland: 25. Spain: 30.", 0.9)
    first, rival = replace(whole, end=len("Poland: 25.")), replace(whole, start=len("Poland: 25. "))
    assert measured([first], [first, rival]).reading == pytest.approx(9 / 19)
    assert measured([first], [first]).reading == pytest.approx(0.9)


@given(SCORES)
def test_signals_stay_between_nothing_and_one_however_sure_the_reader_is(scores: list[float]) -> None:
    found = [evidence(n, f"Sentence {n}.", score) for n, score in enumerate(sorted(scores, reverse=True))]
    assert all(0.0 <= value <= 1.0 for value in measured(found).as_dict().values())


def test_the_lead_over_other_passages_is_a_signal_and_none_of_it_is_half() -> None:
    first = evidence(1, "Poland: 25.", 0.6, close=0.3)
    ahead = [measured([first, evidence(2, "Spain: 30.", 0.5, close=close)]).ahead for close in (0.1, 0.3, 0.5)]
    assert ahead[0] > ahead[1] == 0.5 > ahead[2]


@pytest.mark.parametrize(
    ("heading", "question", "right", "neighbour", "beside"),
    [
        ("Benefits", "How much is the meal card in Poland?", "Country: Poland; Meal card: 25 PLN per working day",
         "Country: Portugal; Meal card: 8 EUR per working day", "Meal cards are handed out by the front desk."),
        ("慶弔見舞金", "弔慰金は配偶者が亡くなったときいくら？", "区分: 配偶者; 弔慰金: 10万円",
         "区分: 兄弟姉妹; 弔慰金: 1万円", "弔慰金は人事課が支給する。"),
    ],
)  # fmt: skip
def test_the_row_that_the_question_names_comes_first_and_answers_by_itself(
    encoder: Encoder, reranker: Reranker, heading: str, question: str, right: str, neighbour: str, beside: str
) -> None:
    def under(number: int, text: str) -> Evidence:
        one = evidence(number, text, 0.6)
        passage = replace(one.hit.passage, file=f"{heading}.md", heading=heading)
        return replace(one, hit=replace(one.hit, passage=passage))

    search = SearchEncoder.fit(encoder.encode, skills.load_retriever(encoder.identity))
    rows = [under(n, text) for n, text in enumerate((neighbour, right, beside), 1)]
    (first, *others), _ = SecondLook(search.encode, reranker.odds, reranker.odds).ranked(question, rows)
    assert first.quote == right
    assert first.alone > max(other.alone for other in others)


def noticing(there: float, back: float) -> SecondLook:
    """One whose judge finds the first sentence answered by the others that surely, and the others by the first."""

    def judge(question: str, sentences: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        return np.full(len(sentences), there if "15" in question else back)

    def encode(texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        raise AssertionError("sentences were embedded")

    return SecondLook(encode, judge, judge)


@pytest.mark.parametrize(
    ("there", "back", "score", "noticed"),
    [(4.0, 2.0, 0.3, True), (4.0, 0.5, 0.3, False), (-1.0, 9.0, 0.3, False), (4.0, 2.0, 0.001, False)],
)
def test_what_differs_contradicts_where_each_answers_the_other_and_it_may_answer_at_all(
    there: float, back: float, score: float, noticed: bool
) -> None:
    best, rival = evidence(1, "A badge costs $15.", 0.9), evidence(2, "A badge costs $25.", score)
    alike = evidence(3, "Badges: $15.", 0.8)
    assert noticing(there, back).contradicting([best, alike, rival]) == (rival if noticed else None)
