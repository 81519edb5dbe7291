"""What belongs to a department or a person, by id: to be asked for by those whose it is not."""

import re
from dataclasses import dataclass, fields

from adapters.tables import AdapterVersion, Evaluation, Example, TrainingRun
from assistant.access import User
from assistant.answer import Citation
from assistant.audit import digest
from assistant.tables import DocumentRequest
from assistant.tokens import SCOPES
from index import Entry
from tests.assistant.conftest import PASSWORD, Company


@dataclass(frozen=True)
class Belongings:
    """One of each kind."""

    domain: str
    account: str
    token: str
    conversation: str
    answer: str
    ticket: str
    request: str
    document: str
    version: str  # of the document
    passage: int
    glossary: str
    example: str
    adapter: str
    run: str
    evaluation: str

    def hidden(self, said: object) -> str:
        """What was said, without the ids in it."""
        words = str(said)
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):  # a whole one: a short id may well begin another thing's long one
                words = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "…", words)
        return words


UNKNOWN = Belongings(
    domain="nowhere", account="1" * 32, token="2" * 32, conversation="3" * 32, answer="4" * 32, ticket="5" * 32,
    request="6" * 32, document="7" * 32, version="8" * 32, passage=987_654, glossary="9" * 32, example="a" * 32,
    adapter="b" * 64, run="c" * 32, evaluation="d" * 32,
)  # fmt: skip


def make(company: Company, domain: str, question: str, name: str) -> Belongings:
    """A department's own things, and those of `name`, who asks there, reviews and owns it."""
    services = company.services
    account = services.accounts.create("test", name, PASSWORD, must_change=False)
    services.accounts.set_role("test", account, domain, "owner")
    owner = services.accounts.user_by_name(name)
    answer = company.ask(question, owner, domain)
    ticket = services.desk.escalate(owner, answer.id)
    cited: Citation = answer.citations[0]
    services.glossaries.add(owner, domain, [Entry.of(f"{name} one", f"{name} two")])
    [(glossary, _), *_] = services.glossaries.listing(owner, domain)
    return Belongings(
        domain=domain,
        account=account,
        token=services.tokens.add(owner, "test", SCOPES, 1)[1].id,
        conversation=answer.conversation,
        answer=answer.id,
        ticket=ticket,
        document=cited.document,
        version=cited.version,
        passage=cited.passage,
        glossary=glossary,
        **_rows(company, owner, domain, ticket, question),
    )


def _rows(company: Company, owner: User, domain: str, ticket: str, question: str) -> dict[str, str]:
    """What takes a training or a second person to make, as it is kept."""
    example = Example(
        domain=domain, question=question, answer=f"{owner.name} says so.", evidence=[], facts=[], topic=question,
        split="train", failed_part=None, source="desk", approver=owner.id, second_approver=None, language="en",
        severity=None, state="proposed",
    )  # fmt: skip
    by = {"domain": domain, "created_by": owner.actor}
    rows = {
        "example": example,
        "adapter": AdapterVersion(id=digest(owner.id), state="candidate", lineage={}, hold_below=0.5, **by),
        "run": TrainingRun(state="paused", settings={}, version=None, error=None, **by),
        "evaluation": Evaluation(
            variation="full",
            split="frozen",
            questions_hash="0" * 64,
            judged=[],
            **by,
            versions={"encoder": "e5", "adapters": {"people": "a people's", "it": "an it's"}},
        ),
        "request": DocumentRequest(
            domain=domain, ticket_id=ticket, question=question, requested_by=owner.id, closed_at=None
        ),
    }
    with company.services.database.transaction("test", "made") as change:
        change.session.add_all(rows.values())
        change.session.flush()
        change.record("things.made", "domain", domain)
        return {name: row.id for name, row in rows.items()}  # type: ignore[attr-defined]
