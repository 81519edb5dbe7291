"""The two invented handbooks that weights are fitted on: counted, and every fact stands where it is said to stand."""

from functools import cache

import pytest

from benchmarks.company import COMPANIES, PRACTICE, Company
from benchmarks.handbooks import HANDBOOKS
from benchmarks.handbooks.checking import unfounded
from index.parsing import parse_file

BOOKS = [company for company in COMPANIES if company.folder.parent == PRACTICE]
EACH = pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.folder.name)


@EACH
def test_every_fact_and_quotation_stands_in_the_file_that_is_named(book: Company) -> None:
    paths = {path.name: path for path in (book.folder / "documents" / "handbook").iterdir()}

    @cache
    def text_of(name: str) -> str:
        return "\n".join(block.text for block in parse_file(paths[name], name))

    assert list(unfounded(book.questions(), paths.keys(), text_of)) == []


@EACH
def test_a_third_of_the_questions_has_no_answer_and_both_languages_ask(book: Company) -> None:
    asked = book.questions()
    assert [sum(q.answerable is answerable for q in asked) for answerable in (True, False)] == [94, 41]
    assert {question.language for question in asked} == {"en", "ja"}
    assert len({question.id for question in asked}) == 135


def test_nothing_that_is_measured_on_is_fitted_on() -> None:
    measured = {question.question for book in HANDBOOKS.values() for question in book.questions()}
    assert not measured & {question.question for book in BOOKS for question in book.questions()}
