"""How a department releases answers: by its threshold, after a person, or always; and what it can promise."""

import json

import pytest
from sqlalchemy import select

from assistant.domains import DEFAULT_HOLD_BELOW
from assistant.errors import BadInput, NotAllowed, NotFound
from assistant.release import STRICT, JudgedDraft, Preview, Releases
from assistant.tables import AuditEntry
from tests.assistant.conftest import Company
from tests.assistant.test_commands import Run, run

__all__ = ["run"]  # a fixture

SURE = "How many days of annual leave do I get?"
UNSURE = "Is a doctor's note wanted when the manager is ill?"


def test_a_department_may_look_at_every_answer_first_or_at_none(company: Company) -> None:
    releases, owner = company.services.releases, company.operator
    assert company.ask(SURE, company.employee).status == "answered"
    releases.set(owner, "people", "the first weeks", release="review")
    held = company.ask(SURE, company.employee)
    assert (held.status, held.answer, bool(held.ticket)) == ("held", None, True)
    assert "lets a person see every answer first" in held.why
    assert company.ask("What does error NX-204 mean?", company.employee).status == "answered"  # IT's are as before
    releases.set(owner, "people", "all of them", release="automatic")
    unsure = company.ask(UNSURE, company.employee)
    assert unsure.status == "declined" or (unsure.status == "answered" and "shows every answer" in unsure.why)
    assert company.ask("Who won the world cup?", company.employee).status == "declined"
    with company.services.database.read() as session:
        reasons = [entry.reason for entry in session.scalars(select(AuditEntry)) if entry.action == "release.set"]
    assert reasons == ["the first weeks", "all of them"]


def test_only_owners_set_it_and_only_with_a_reason_and_a_way_that_exists(company: Company) -> None:
    releases = company.services.releases
    for user, error in ((company.reviewer, NotAllowed), (company.outsider, NotFound)):
        with pytest.raises(error):
            releases.set(user, "people", "because", release="automatic")
        with pytest.raises(error):
            releases.preview(user, "people", 0.05)
    for given in ({"release": "sometimes"}, {"tolerated": 0.0}, {"tolerated": 0.9}):
        with pytest.raises(BadInput):
            releases.set(company.operator, "people", "because", **given)
    with pytest.raises(BadInput):
        releases.set(company.operator, "people", " ", release="automatic")


def test_with_too_few_judged_answers_nothing_is_promised_and_more_is_held(company: Company) -> None:
    found = company.services.releases.preview(company.operator, "people", 0.05)
    assert (found.is_kept, found.promise.hold_below, found.hold_below) == (False, None, STRICT)
    done = company.services.releases.set(company.operator, "people", "be strict", tolerated=0.05)
    assert (done.tolerated, done.hold_below) == (0.05, STRICT)


def test_a_mode_alone_promises_nothing_and_a_promise_can_be_taken_back(company: Company) -> None:
    releases, owner = company.services.releases, company.operator
    usual = company.services.domains.get("people").hold_below
    seen_first = releases.set(owner, "people", "the first weeks", release="review", unpromised=True)
    assert (seen_first.release, seen_first.tolerated, seen_first.hold_below) == ("review", None, usual)
    assert releases.set(owner, "people", "be strict", tolerated=0.05).hold_below == STRICT
    with pytest.raises(BadInput):
        releases.set(owner, "people", "both", tolerated=0.05, unpromised=True)
    taken_back = releases.set(owner, "people", "too strict", unpromised=True)
    assert (taken_back.tolerated, taken_back.hold_below) == (None, DEFAULT_HOLD_BELOW)


def test_reviewers_verdicts_are_what_a_promise_is_made_of(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, releases = company.services.desk, company.services.releases
    for verdict in ("right", "wrong"):
        answer = company.ask(SURE, company.employee, reviewed=False)
        ticket = desk.escalate(company.employee, answer.id)
        desk.answer(company.reviewer, ticket, "24 days.", verdict=verdict)
    found = releases.preview(company.operator, "people", 0.05)
    assert sorted(draft.right for draft in found.drafts) == [False, True]
    assert (found.traffic, found.held) == (2, 2 if answer.confidence < STRICT else 0)

    many = [JudgedDraft(0.9, True)] * 250 + [JudgedDraft(0.5, False)] * 50
    monkeypatch.setattr(Releases, "_judged", lambda *_given: many)
    kept: Preview = releases.preview(company.operator, "people", 0.05)
    assert (kept.is_kept, kept.hold_below, kept.promise.shown) == (True, 0.9, 250)
    assert [other.hold_below for other in kept.others] == [None, 0.9, 0.9, 0.9]  # 1 % takes 299


def test_the_command_shows_what_a_promise_takes_and_changes_nothing_without_a_reason(run: Run) -> None:
    code, out, _ = run("domain", "release", "people", "--tolerate", "5", "--json")
    said = json.loads(out)
    assert (code, said["preview"]["kept"], said["tolerated"]) == (0, False, None)
    code, out, _ = run("domain", "release", "people", "--way", "review", "--remark", "first weeks", "--json")
    assert (code, json.loads(out)["release"]) == (0, "review")
