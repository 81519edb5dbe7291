"""What people say of an answer: right, partly or wrong, what failed, and how serious that is.

Employees judge their own answers, one verdict each, which may change; reviewers' verdicts are kept beside each other.
"""

from sqlalchemy import select

from assistant.access import User
from assistant.audit import digest
from assistant.database import Change
from assistant.errors import BadInput
from assistant.tables import Verdict

VERDICTS = ("right", "partly", "wrong")
CAUSES = ("route", "passage", "reading", "writing", "outdated", "should-have-held")
SEVERITIES = ("low", "medium", "high")


def check_verdict(verdict: str | None, cause: str | None, severity: str | None) -> None:
    """Raises BadInput for a word that is none of ours."""
    if verdict not in (None, *VERDICTS):
        raise BadInput("unknown_verdict")
    if cause not in (None, *CAUSES) or severity not in (None, *SEVERITIES):
        raise BadInput("unknown_cause", causes=", ".join(CAUSES), severities=", ".join(SEVERITIES))


def employees_verdict(change: Change, user: User, answer_id: str, verdict: str, text: str = "") -> None:
    """The asker's verdict, in the place of an earlier one."""
    existing = change.session.scalar(
        select(Verdict).where(Verdict.answer_id == answer_id, Verdict.account_id == user.id, Verdict.role == "employee")
    )
    before = {"verdict": existing.verdict} if existing else {}
    if existing is None:
        existing = Verdict(answer_id=answer_id, account_id=user.id, role="employee", cause=None, severity=None)
        change.session.add(existing)
    existing.verdict, existing.text = verdict, text
    change.record("verdict.given", "answer", answer_id, before, {"verdict": verdict, "text": digest(text)})


def reviewers_verdict(
    change: Change, user: User, answer_id: str, verdict: str, cause: str | None, severity: str | None
) -> None:
    """A reviewer's verdict; its words have been checked."""
    row = Verdict(
        answer_id=answer_id, account_id=user.id, role="reviewer", verdict=verdict, cause=cause, severity=severity
    )
    change.session.add(row)
    change.record("verdict.given", "answer", answer_id, after={"verdict": verdict, "cause": cause})
