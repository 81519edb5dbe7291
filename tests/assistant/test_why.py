"""Why an answer is what it is: every sentence agrees with the record, and a hold says what would help."""

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


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_why_of_other_words_is_not_taken_for_one_of_ours(language: Any) -> None:
    assert statements("The moon is made of cheese.", language) is None
