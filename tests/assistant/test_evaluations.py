"""Evaluating: the whole assistant is judged, the run is kept, and nobody's conversations or desks notice."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from adapters.questions import QuestionsError
from adapters.tables import Example
from assistant.errors import BadInput, NotAllowed, NotFound
from assistant.evaluation_report import failures, html_report
from assistant.tables import AnswerRecord, AuditEntry, Conversation, Ticket
from assistant.variation import VARIATIONS
from tests.assistant.conftest import Company
from tests.assistant.test_commands import Run, run

__all__ = ["run"]  # a fixture

ROWS: list[dict[str, Any]] = [
    {"domain": "people", "question": "How many days of annual leave do I get?", "facts": [["24 days"]],
     "evidence": [{"file": "leave.md", "quote": "Full-time employees receive 24 days of annual leave each year."}]},
    {"domain": "people", "question": "And when must they be taken?", "history": ["How many days may be carried over?"],
     "kind": "follow-up", "facts": [["31 March"]],
     "evidence": [{"file": "leave.md", "quote": "they lapse on 31 March"}]},
    {"domain": "people", "question": "結婚するときの休暇は何日ですか", "language": "ja", "facts": [["5日"]],
     "evidence": [{"file": "休暇規程.md", "quote": "連続する5日の休暇を与える"}]},
    {"domain": "it", "question": "What does error NX-204 mean?", "facts": [["certificate has expired"]],
     "evidence": [{"file": "remote_access.txt", "quote": "Error NX-204 means that the certificate has expired"}]},
    {"domain": None, "question": "Who won the world cup?", "kind": "small-talk", "facts": [], "evidence": []},
]  # fmt: skip


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    usual = {"language": "en", "kind": "plain", "severity": "low", "split": "frozen", "gold": "…"}
    lines = []
    for number, row in enumerate(ROWS):
        given = {"id": f"q{number}", "group": f"g{number}", "answerable": bool(row["facts"])}
        lines.append(json.dumps(usual | given | row, ensure_ascii=False))
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def count(company: Company, table: type) -> int:
    with company.services.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_run_judges_every_question_and_is_kept_with_its_versions(company: Company, questions: Path) -> None:
    seen: list[tuple[int, int]] = []
    kept = company.services.evaluations.run(
        company.operator, questions, "frozen", progress=lambda done, total: seen.append((done, total))
    )
    assert [one.id for one in kept.judged] == ["q0", "q1", "q2", "q3", "q4"]
    assert seen[-1] == (5, 5)
    first, last = kept.judged[0], kept.judged[-1]
    assert (first.verdict, first.evidence_in_top, first.cited_supports, first.routed) == ("right", True, True, "people")
    assert (last.verdict, last.routed) == ("declined", None)
    assert {"encoder", "language_model", "madoguchi", "index"} <= set(kept.versions)
    assert company.services.evaluations.get(company.operator, kept.id) == kept
    assert [one.id for one in company.services.evaluations.listing(company.operator)] == [kept.id]


def test_nothing_of_a_run_reaches_conversations_answers_or_desks(company: Company, questions: Path) -> None:
    before = [count(company, table) for table in (Conversation, AnswerRecord, Ticket)]
    entries = count(company, AuditEntry)
    company.services.evaluations.run(company.operator, questions, "frozen")
    assert [count(company, table) for table in (Conversation, AnswerRecord, Ticket)] == before
    assert count(company, AuditEntry) == entries + 1


@pytest.mark.parametrize("variation", VARIATIONS)
def test_every_part_can_be_switched_off(company: Company, questions: Path, variation: str) -> None:
    english, _follow_up, japanese, *_others = questions.read_text("utf-8").splitlines()
    questions.write_text(f"{english}\n{japanese}\n", "utf-8")  # a language model takes seconds for each
    kept = company.services.evaluations.run(company.operator, questions, "frozen", variation=variation)
    assert len(kept.judged) == 2 and kept.variation == variation


def test_without_the_reader_whole_passages_are_quoted(company: Company, questions: Path) -> None:
    full, bare = (
        company.services.evaluations.run(company.operator, questions, "frozen", variation=name).judged[0]
        for name in ("full", "no-reader")
    )
    file, said = bare.cited[0]
    with company.services.database.read() as session:
        whole = company.services.index.passages_of(session, file, company.operator.scope)
    assert said in {passage.text for passage in whole}
    assert full.cited[0][1] in said


def test_a_reviewed_answer_takes_no_part(company: Company, questions: Path) -> None:
    asked = str(ROWS[0]["question"])
    with company.services.database.transaction("test", "a person's answer") as change:
        words = {"question": asked, "answer": "99 days", "domain": "people", "language": "en"}
        words |= {"topic": "leave", "split": "train"}
        example = Example(**words, facts=[], evidence=[], source="desk", approver=company.reviewer.id, state="approved")
        change.session.add(example)
        change.record("example.approved", "example", "test")
    assert company.ask(asked, company.employee).answer == "99 days"
    kept = company.services.evaluations.run(company.operator, questions, "frozen")
    assert "24 days" in (kept.judged[0].text or "")


def test_only_owners_evaluate_and_only_they_see_runs(company: Company, questions: Path) -> None:
    for person, refusal in ((company.employee, NotAllowed), (company.outsider, (NotAllowed, NotFound))):
        with pytest.raises(refusal):
            company.services.evaluations.run(person, questions, "frozen")
    kept = company.services.evaluations.run(company.operator, questions, "frozen")
    assert company.services.evaluations.listing(company.reviewer) == []
    with pytest.raises(NotFound):
        company.services.evaluations.get(company.reviewer, kept.id)


def test_what_cannot_be_run_is_refused_before_anything_is_asked(company: Company, questions: Path) -> None:
    with pytest.raises(BadInput):
        company.services.evaluations.run(company.operator, questions, "frozen", variation="nonsense")
    with pytest.raises(QuestionsError):
        company.services.evaluations.run(company.operator, questions, "router")
    assert company.services.evaluations.listing(company.operator) == []


def test_a_failure_can_be_asked_again(company: Company, questions: Path) -> None:
    kept = company.services.evaluations.run(company.operator, questions, "frozen")
    answer = company.services.evaluations.ask_again(company.operator, kept.judged[0])
    assert "24 days" in (answer.answer or "")


def test_the_report_needs_no_network_and_lists_the_failures_escaped(company: Company, questions: Path) -> None:
    kept = company.services.evaluations.run(company.operator, questions, "frozen")
    page = html_report({"<b>run": kept.judged}, kept.versions)
    assert "<b>run" not in page and "&lt;b&gt;run" in page
    assert 'src="http' not in page
    assert all(one.id in page for one in failures(kept.judged))


def test_the_command_prints_the_figures_as_json_and_compares(run: Run, questions: Path, tmp_path: Path) -> None:
    code, out, err = run("evaluate", "--questions", str(questions), "--json", "--details")
    first = json.loads(out)
    assert code == 0 and first["scores"]["questions"] == 5 and len(first["judged"]) == 5 and "5 of 5" in err
    report = tmp_path / "report.html"
    more = ("--variation", "lexical-only", "--against", first["run"], "--report", str(report), "--json")
    code, out, _ = run("evaluate", "--questions", str(questions), *more)
    assert code == 0 and json.loads(out)["against"]["questions"] == 5
    assert report.read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--questions", "nowhere.jsonl"), "nowhere.jsonl"),
        (("--split", "nonsense"), "frozen"),
        (("--variation", "nonsense"), "no-reader"),
        (("--against", "nonsense"), "nonsense"),
    ],
)
def test_the_command_refuses_in_one_line(run: Run, questions: Path, arguments: tuple[str, ...], word: str) -> None:
    given = arguments if "--questions" in arguments else ("--questions", str(questions), *arguments)
    code, out, err = run("evaluate", *given)
    assert (code, out) == (1, "") and len(err.strip().splitlines()) == 1 and word in err
