"""An imported row that answers a question otherwise than others do waits for a person, as a single correction does."""

import json
from pathlib import Path

import pytest

from assistant import import_words
from assistant.errors import Conflict, NotAllowed
from assistant.examples import Contradicting, Imported
from tests.assistant.conftest import Company
from tests.assistant.test_commands import Run, run
from tests.assistant.test_desk import QUESTION, colleague_at_the_desk

__all__ = ["run"]  # a fixture

FIRST = {QUESTION: "Fourteen months."}
LATER = [
    ("Where is the canteen?", "In hall 2."),
    (QUESTION, "Sixteen months."),  # the same words as an approved one
    ("How long is the parental leave?", "Eighteen months."),  # other words, which may ask the same
    (QUESTION, "fourteen months"),  # known
    ("Where is the canteen", "In hall 3."),  # contradicts the first row
    ("Who waters the plants?", "Facility management."),
]


def sheet(folder: Path, rows: list[tuple[str, str]]) -> Path:
    path = folder / "faq.jsonl"
    lines = [json.dumps({"question": question, "answer": answer}) for question, answer in rows]
    path.write_text("\n".join(lines), "utf-8")
    return path


def import_both(company: Company, folder: Path) -> Imported:
    company.services.examples.import_sheet(company.reviewer, sheet(folder, list(FIRST.items())), "people")
    return company.services.examples.import_sheet(company.reviewer, sheet(folder, LATER), "people")


def test_rows_that_contradict_wait_are_named_and_keep_no_other_row_back(company: Company, tmp_path: Path) -> None:
    said = import_both(company, tmp_path)
    assert (said.read, said.imported, said.known, said.refused) == (6, 2, 1, [])
    assert said.waiting == [
        Contradicting(2, "Fourteen months.", "reviewer"),
        Contradicting(3, "Fourteen months.", "reviewer"),
        Contradicting(5, "In hall 2.", None, 1),
    ]
    answers = {QUESTION: "Fourteen months.", LATER[0][0]: "In hall 2.", LATER[5][0]: LATER[5][1]}
    assert {question: company.ask(question, company.employee).answer for question in answers} == answers
    assert len(company.services.examples.listing(company.reviewer, "people")) == 3
    again = company.services.examples.import_sheet(company.reviewer, sheet(tmp_path, LATER), "people")
    assert (again.imported, again.known, again.waiting) == (0, 6, [])


def test_whoever_approves_a_waiting_row_sees_both_answers_and_decides(company: Company, tmp_path: Path) -> None:
    import_both(company, tmp_path)
    corrections = company.services.corrections
    waiting = {one.answer: one for one in corrections.proposals(company.reviewer)}
    assert set(waiting) == {"Sixteen months.", "Eighteen months.", "In hall 3."}
    one = waiting["Sixteen months."]
    assert (one.is_own, one.needs_another) == (True, False)
    [rival] = [found for found in one.rivals if found.state == "approved"]
    with pytest.raises(Conflict):
        corrections.approve(company.reviewer, one.id)
    corrections.approve(company.reviewer, one.id, [rival.id])
    assert company.ask(QUESTION, company.employee).answer == "Sixteen months."
    corrections.decline(company.reviewer, waiting["In hall 3."].id, "it moved back")
    assert company.ask(LATER[0][0], company.employee).answer == "In hall 2."


def test_where_two_must_agree_nobody_approves_a_row_of_his_own_sheet(company: Company, tmp_path: Path) -> None:
    company.services.examples.import_sheet(company.reviewer, sheet(tmp_path, list(FIRST.items())), "people")
    company.services.domains.set_desk(company.operator, "people", "four eyes", second_approval=True)
    said = company.services.examples.import_sheet(company.reviewer, sheet(tmp_path, LATER), "people")
    assert (said.imported, [one.row for one in said.waiting]) == (2, [2, 3, 5])
    found = company.services.corrections.proposals(company.reviewer)
    assert len(found) == 5 and all(one.needs_another for one in found)
    first = next(one for one in found if one.answer == "In hall 2.")
    with pytest.raises(NotAllowed):
        company.services.corrections.approve(company.reviewer, first.id)
    company.services.corrections.approve(colleague_at_the_desk(company), first.id)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_command_names_each_waiting_row_and_what_it_contradicts(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("MADOGUCHI_LANGUAGE", language)
    assert run("examples", "import", str(sheet(tmp_path, list(FIRST.items()))), "--domain", "people")[0] == 0
    code, out, _ = run("examples", "import", str(sheet(tmp_path, LATER)), "--domain", "people")
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 4)
    assert [number in line for number, line in zip("235", lines[1:], strict=True)] == [True] * 3
    assert all("Fourteen months." in line for line in lines[1:3]) and "In hall 2." in lines[3]


def test_the_pages_words_name_rows_in_the_sheets_order() -> None:
    said = Imported(refused=[(4, "no_answer")], waiting=[Contradicting(7, "x", "Aki"), Contradicting(2, "y", None, 1)])
    assert [row for row, _ in import_words.rows("ja", said)] == [2, 4, 7]
    assert "Aki" in import_words.rows("en", said)[2][1]
