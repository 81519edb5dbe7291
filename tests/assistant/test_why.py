"""Why an answer is what it is: every sentence agrees with the record, and a hold says what would help."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from assistant.evaluations import Forgetful
from assistant.variation import FULL
from assistant.wording import as_language
from benchmarks.why import disagreements, statements

ASKED = (
    "How many days of annual leave do I get?",
    "結婚するときの休暇は何日ですか",
    "After how many minutes does the VPN disconnect?",
    "パスワードは何文字以上？",
    "What does error NX-999 mean?",
    "How many days of bereavement leave do I get?",
    "駐車場の料金はいくら",
    "Is a doctor's note wanted when the manager is ill?",
    "Who won the world cup?",
    "休みのときに端末を使えますか",
)


def test_every_statement_of_ten_answers_agrees_with_the_record(company: Any) -> None:
    memory = Forgetful()
    assistant = company.services.assistant_with(memory, FULL)
    for question in ASKED:
        answer = assistant.ask(question, company.employee, reviewed=False)
        language = as_language(answer.language)
        limit = company.services.domains.get(answer.domain or "people").hold_below
        title = partial(company.services.domains.title, language=language)
        assert disagreements(answer, memory.trace, limit, title) == []
        assert statements(answer.why, language)


def test_a_file_is_known_again_by_its_whole_name_and_no_other_file_is_taken_for_it(company: Any) -> None:
    memory = Forgetful()
    answer = company.services.assistant_with(memory, FULL).ask(ASKED[1], company.employee, reviewed=False)
    limit = company.services.domains.get(answer.domain).hold_below
    title = partial(company.services.domains.title, language="ja")
    first, *others = answer.citations
    other = "変更（4M）.md"
    why = answer.why.replace(first.file, other)
    renamed = replace(answer, citations=[replace(first, file=other), *others], why=why)
    assert disagreements(renamed, memory.trace, limit, title) == []
    assert disagreements(replace(answer, why=why), memory.trace, limit, title) != []


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_why_of_other_words_is_not_taken_for_one_of_ours(language: Any) -> None:
    assert statements("The moon is made of cheese.", language) is None
