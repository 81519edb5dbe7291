"""Candidates and their weighing: what the reader marked decides, and what a route says is only a prior."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters import Marking
from assistant.steps.candidates import candidates
from assistant.steps.read import SentenceReader
from assistant.steps.retrieve import ranked
from index import Hit, Passage

TEXT = "The shop opens at nine.\nClaims need a receipt.\nThey are paid on the tenth.\nAsk Accounting."


def hit(number: int, text: str, score: float = 0.5, domain: str = "people") -> Hit:
    """A passage as search gives it."""
    passage = Passage(
        number, domain, f"d{number}", f"v{number}", f"{number}.md", text, "Rules", None, None, None, None, None,
        datetime(2026, 1, 1, tzinfo=UTC),
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
    found = candidates("?", [hit(1, TEXT)], {}, {}, encode, lambda _q, _p: [[marking(TEXT, span, 1.0)]])
    texts = {TEXT[c.start : c.end]: c for c in found}
    assert "Claims need a receipt.\nThey are paid on the tenth." in texts
    whole = texts["Claims need a receipt.\nThey are paid on the tenth."]
    assert whole.within > texts["Ask Accounting."].within
    assert all(c.answers == 1.0 for c in found)


def test_the_sentence_that_was_marked_comes_first_and_the_surer_passage_before_the_other() -> None:
    other = "The canteen closes at two. It is on the tenth floor."

    def mark(_question: str, passages: Sequence[tuple[str, str]]) -> list[list[Marking]]:
        assert [heading for heading, _ in passages] == ["Rules", "Rules"]
        return [[marking(other, "at two", -4.0)], [marking(TEXT, "on the tenth", 4.0)]]

    reading = SentenceReader(encode, mark).read("When are claims paid?", [hit(1, other), hit(2, TEXT)], {}, {})
    assert reading.evidence[0].quote == "They are paid on the tenth."
    assert reading.evidence[0].answers == 4.0
    assert [evidence.hit.passage.id for evidence in reading.evidence] == [2, 1]
    assert 0.0 <= reading.evidence[1].score < reading.evidence[0].score <= 1.0


def test_nothing_is_read_where_nothing_was_found() -> None:
    assert SentenceReader(encode, lambda _q, _p: []).read("?", [], {}, {}).evidence == []


def test_a_department_lifts_its_passages_but_a_much_better_one_elsewhere_stays_first() -> None:
    hits = [hit(1, TEXT, 0.9, "it"), hit(2, TEXT, 0.8, "people"), hit(3, TEXT, 0.1, "people")]
    routes: dict[str, Any] = {"people": 0.9, "it": 0.1}
    assert [h.passage.id for h in ranked(hits, routes, 3)] == [2, 1, 3]
    assert [h.passage.id for h in ranked([hit(1, TEXT, 1.0, "it"), hit(3, TEXT, 0.3)], routes, 2)] == [1, 3]
    assert [h.rank for h in ranked(hits, {}, 2)] == [1, 2]
