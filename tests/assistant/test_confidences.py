"""A department's own confidence: from its reviewers' verdicts, versioned, on record, never by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from adapters.shrunk_logistic import fit, log_loss, probabilities
from assistant.access import User
from assistant.clock import now
from assistant.confidences import FEWEST, Confidences
from assistant.database import Database
from assistant.errors import BadInput, Conflict, NotAllowed
from assistant.schema import upgrade
from assistant.steps.decide import SIGNALS, shipped
from assistant.tables import AnswerRecord, AuditEntry, Conversation, Domain, Ticket, Verdict, new_id

OWNER = User("owner", "Owner", {"people": "owner"})
REVIEWER = User("reviewer", "Reviewer", {"people": "reviewer"})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'records.db'}")
    upgrade(made)
    with made.transaction("test", "a department") as change:
        change.session.add(
            Domain(name="people", title_ja="人事課", title_en="People", description_ja="", description_en="",
                   open_to_all=True, hold_below=0.7, tolerated=None)
        )  # fmt: skip
        change.record("domain.added", "domain", "people")
    yield made
    made.close()


def judged(database: Database, count: int, *, kind: str | None = None, seed: int = 1) -> None:
    """Answers with a reviewer's verdict: right where the route was sure, which the shared weights do not know."""
    random = np.random.default_rng(seed)
    with database.transaction("test", "verdicts") as change:
        for _ in range(count):
            said = dict(zip(SIGNALS, random.uniform(0.4, 1.0, len(SIGNALS)).tolist(), strict=True))
            right = bool(said["route"] > 0.7)
            conversation, answer = new_id(), new_id()
            change.session.add(Conversation(id=conversation, account_id="emi", title="q"))
            change.session.flush()
            body = {"signals": said, "confidence": 0.7, "reviewed": False, "adapter": None}
            change.session.add(
                AnswerRecord(id=answer, conversation_id=conversation, account_id="emi", question="q", status="held",
                             domain="people", body=body, trace={})
            )  # fmt: skip
            change.session.flush()
            change.session.add(
                Verdict(answer_id=answer, account_id="reviewer", role="reviewer", verdict="right" if right else "wrong",
                        cause=None, severity=None)
            )  # fmt: skip
            if kind is not None:
                change.session.add(ticket(answer, conversation, kind))
        change.record("test.filled", "domain", "people")


def ticket(answer: str, conversation: str, kind: str) -> Ticket:
    return Ticket(
        domain="people",
        kind=kind,
        state="open",
        answer_id=answer,
        conversation_id=conversation,
        account_id="emi",
        due_at=now(),
        reply=None,
        claimed_by=None,
        answered_by=None,
        answered_at=None,
    )


def test_with_few_verdicts_nothing_is_fitted(database: Database) -> None:
    confidences = Confidences(database)
    judged(database, FEWEST - 1)
    found = confidences.preview(OWNER, "people")
    assert (found.verdicts, found.before, found.live) == (FEWEST - 1, None, None)
    with pytest.raises(Conflict):
        confidences.refit(OWNER, "people", "try")
    assert confidences.of("people") == shipped()


def test_verdicts_move_the_weights_on_record_and_are_taken_back_in_one_step(database: Database) -> None:
    confidences = Confidences(database)
    judged(database, 200)
    assert confidences.of("people") == shipped()  # never by itself
    with pytest.raises(BadInput):
        confidences.refit(OWNER, "people", " ")
    with pytest.raises(NotAllowed):
        confidences.refit(REVIEWER, "people", "mine")
    found = confidences.refit(OWNER, "people", "after two hundred verdicts")
    own = confidences.of("people")
    assert found.is_better
    assert (found.live, own.version, confidences.versions()) == (1, "people/1", {"people": 1})
    assert own.weights["route"] > shipped().weights["route"]
    assert confidences.take_back(OWNER, "people", "look again").live is None
    assert confidences.of("people") == shipped()
    assert confidences.refit(OWNER, "people", "once more").live == 2
    with database.read() as session:
        told = [(one.action, one.reason) for one in session.scalars(select(AuditEntry).order_by(AuditEntry.number))]
    assert told[-3:] == [
        ("confidence.refitted", "after two hundred verdicts"),
        ("confidence.taken-back", "look again"),
        ("confidence.refitted", "once more"),
    ]


def test_verdicts_on_what_somebody_complained_of_take_no_part(database: Database) -> None:
    judged(database, 20, kind="flagged")
    judged(database, 10, kind="held", seed=2)
    assert Confidences(database).preview(OWNER, "people").verdicts == 10


def test_a_fit_pulled_to_other_shared_weights_is_out_of_force(database: Database, monkeypatch: Any) -> None:
    confidences = Confidences(database)
    judged(database, 200)
    confidences.refit(OWNER, "people", "fit")
    newer = shipped().__class__(**(shipped().__dict__ | {"bias": shipped().bias + 1}))
    monkeypatch.setattr("assistant.confidences.shipped", lambda: newer)
    assert confidences.of("people") == newer
    assert confidences.preview(OWNER, "people").live is None


@given(st.integers(0, 10_000), st.floats(0.5, 200.0))
@settings(max_examples=20)
def test_a_stronger_pull_stays_nearer_and_no_weight_is_negative(seed: int, pull: float) -> None:
    random = np.random.default_rng(seed)
    measured, right = random.uniform(size=(40, 3)), random.random(40) > 0.5
    aim = np.array([1.0, 0.5, 2.0, -1.0])
    gentle, firm = fit(measured, right, pull, aim), fit(measured, right, 10 * pull, aim)
    assert (gentle[:-1] >= 0).all()
    assert np.linalg.norm(firm - aim) <= np.linalg.norm(gentle - aim) + 1e-3
    assert log_loss(probabilities(measured, firm), right) > 0
