"""Answers of people whose documents change: they serve nobody until somebody has looked at them, then again."""

from pathlib import Path
from typing import Any

import pytest

from adapters.tables import Example
from assistant.errors import BadInput, Conflict, NotFound
from tests.assistant.test_corrections import reply
from tests.assistant.test_desk import QUESTION, colleague_at_the_desk

REPLY = "Fourteen months, says the expert."


@pytest.fixture
def replaced(company: Any, tmp_path: Path) -> Any:
    """An answer kept with its evidence, and a way to give the document that it cites a new version."""
    answer = company.ask(QUESTION, company.employee, reviewed=False)
    ticket = company.services.desk.escalate(company.employee, answer.id)
    company.services.desk.answer(company.reviewer, ticket, REPLY, evidence=answer.citations[:1], keep=True)
    cited = answer.citations[0]
    assert company.ask(QUESTION, company.colleague).answer == REPLY

    def replace(words: str) -> None:
        file = tmp_path / cited.file
        file.write_text(words, encoding="utf-8")
        documents = company.services.documents
        assert documents.settle(file, documents.replace(company.reviewer, cited.document, file)).status == "indexed"
        assert not company.ask(QUESTION, company.colleague).reviewed

    replace.quote = cited.quote  # type: ignore[attr-defined]
    return replace


def test_an_answer_whose_words_still_stand_serves_again_from_the_new_version(company: Any, replaced: Any) -> None:
    replaced(f"# Leave\n\nWhat was added.\n\n{replaced.quote}\n")
    [lapsed] = company.services.rereviews.waiting(company.reviewer)
    assert (lapsed.question, lapsed.answer, lapsed.person) == (QUESTION, REPLY, "reviewer")
    assert [source.stands for source in lapsed.sources] == [True]
    assert company.services.rereviews.confirm(company.reviewer, lapsed.id)
    again = company.ask(QUESTION, company.colleague)
    assert (again.answer, again.reviewed, len(again.citations)) == (REPLY, True, 1)
    assert company.services.rereviews.waiting(company.reviewer) == []
    with pytest.raises(Conflict):
        company.services.rereviews.confirm(company.reviewer, lapsed.id)


def test_what_the_document_no_longer_says_is_no_source_of_the_new_words(company: Any, replaced: Any) -> None:
    replaced("# Leave\n\nParental leave lasts eighteen months.\n")
    [lapsed] = company.services.rereviews.waiting(company.reviewer)
    assert [source.stands for source in lapsed.sources] == [False]
    with pytest.raises(BadInput):
        company.services.rereviews.confirm(company.reviewer, lapsed.id, " ")
    assert company.services.rereviews.confirm(company.reviewer, lapsed.id, "Eighteen months now.")
    again = company.ask(QUESTION, company.colleague)
    assert (again.answer, again.citations) == ("Eighteen months now.", [])


def test_new_words_wait_for_a_second_person_where_two_must_agree(company: Any, replaced: Any) -> None:
    company.services.domains.set_desk(company.operator, "people", "four eyes", second_approval=True)
    replaced("# Leave\n\nParental leave lasts eighteen months.\n")
    other = colleague_at_the_desk(company)
    [lapsed] = company.services.rereviews.waiting(company.reviewer)
    assert not company.services.rereviews.confirm(company.reviewer, lapsed.id, "Eighteen months now.")
    assert not company.ask(QUESTION, company.colleague).reviewed
    company.services.corrections.approve(other, lapsed.id)
    assert company.ask(QUESTION, company.colleague).answer == "Eighteen months now."


def test_only_those_of_the_desk_see_and_decide(company: Any, replaced: Any) -> None:
    replaced("# Leave\n\nParental leave lasts eighteen months.\n")
    [lapsed] = company.services.rereviews.waiting(company.reviewer)
    for user in (company.employee, company.outsider):
        assert company.services.rereviews.waiting(user) == []
        with pytest.raises(NotFound):
            company.services.rereviews.confirm(user, lapsed.id)


def test_an_answer_with_a_source_that_the_reviewer_may_not_see_is_not_his_to_judge(company: Any, replaced: Any) -> None:
    replaced("# Leave\n\nParental leave lasts eighteen months.\n")
    [lapsed] = company.services.rereviews.waiting(company.reviewer)
    with company.services.database.transaction("test", "a source of a closed department") as change:
        row = change.session.get_one(Example, lapsed.id)
        row.evidence = [*row.evidence, dict(row.evidence[0]) | {"document": "elsewhere"}]
        change.record("example.edited", "example", row.id)
    assert company.services.rereviews.waiting(company.reviewer) == []
    with pytest.raises(Conflict):
        company.services.rereviews.confirm(company.reviewer, lapsed.id)


def test_new_words_meet_an_approved_answer_that_says_otherwise(company: Any, replaced: Any) -> None:
    replaced("# Leave\n\nParental leave lasts eighteen months.\n")
    reply(company, "Sixteen months.", question="How long is the parental leave?", replaces=[])
    [lapsed] = company.services.rereviews.waiting(company.reviewer)
    with pytest.raises(Conflict) as refused:
        company.services.rereviews.confirm(company.reviewer, lapsed.id, "Eighteen months now.")
    assert refused.value.code == "contradicts"
    assert [one.answer for one in company.services.rereviews.waiting(company.reviewer)] == [REPLY]


def test_the_sources_numbers_stay_those_that_the_answers_marks_have(company: Any, replaced: Any) -> None:
    replaced(f"# Leave\n\n{replaced.quote}\n")
    [lapsed] = company.services.rereviews.waiting(company.reviewer)
    with company.services.database.transaction("test", "two sources") as change:
        row = change.session.get_one(Example, lapsed.id)
        row.evidence = [dict(row.evidence[0]) | {"quote": "Gone."}, dict(row.evidence[0]) | {"n": 2}]
        change.record("example.edited", "example", row.id)
    company.services.rereviews.confirm(company.reviewer, lapsed.id)
    assert [one.n for one in company.ask(QUESTION, company.colleague).citations] == [2]


def test_an_answer_whose_documents_are_in_force_does_not_wait(company: Any) -> None:
    reply(company, REPLY)
    assert company.services.rereviews.waiting(company.reviewer) == []


@pytest.mark.parametrize("still_said", [True, False])
def test_an_answer_whose_documents_time_is_over_waits_and_cites_what_came_in_its_place(
    company: Any, replaced: Any, tmp_path: Path, still_said: bool
) -> None:
    replaced(f"# Leave\n\nEffective from 1 April 2024.\n\n{replaced.quote}\n")
    [changed] = company.services.rereviews.waiting(company.reviewer)
    company.services.rereviews.confirm(company.reviewer, changed.id)
    assert company.ask(QUESTION, company.colleague).answer == REPLY
    newer = tmp_path / "leave_2025.md"
    said = replaced.quote if still_said else "Parental leave lasts eighteen months."
    newer.write_text(f"# Leave\n\nEffective from 1 April 2025.\n\n{said}\n", encoding="utf-8")
    assert company.services.documents.ingest(company.reviewer, newer, "people").status == "indexed"
    assert not company.ask(QUESTION, company.colleague).reviewed
    [lapsed] = company.services.rereviews.waiting(company.reviewer)
    assert [source.stands for source in lapsed.sources] == [still_said]
    assert company.services.rereviews.confirm(company.reviewer, lapsed.id)
    again = company.ask(QUESTION, company.colleague)
    assert (again.answer, [one.file for one in again.citations]) == (REPLY, ["leave_2025.md"] if still_said else [])
    assert company.services.rereviews.waiting(company.reviewer) == []
