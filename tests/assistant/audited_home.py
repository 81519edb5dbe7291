"""A small home without models, in which everything that goes on record can be done."""

import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from adapters.tables import Example
from assistant.access import User
from assistant.answer import Answer, Citation, Seconds
from assistant.clock import now
from assistant.documents import Upload
from assistant.services import Services
from assistant.settings import Settings
from assistant.steps.record import Records
from assistant.tables import AuditEntry, Conversation, Notice
from tests.index.conftest import WordEncoder

PASSWORD = "correct horse battery"
QUESTION, REPLY, NOTE = "may my salary secretly rise", "Only the director knows", "I was told otherwise"
WORDS = "The vault opens at seven minutes past nine."
FILE = "payslip of march.txt"
NAMES = ("aki", "rui", "mia", "emi")  # administrator and owner, two reviewers, employee


@dataclass
class Home:
    """The opened home; `private` are words that nothing on record may hold."""

    services: Services
    folder: Path
    people: dict[str, User]
    private: list[str] = field(default_factory=lambda: [PASSWORD, QUESTION, REPLY, NOTE, WORDS, FILE, "secret name"])

    def __getattr__(self, name: str) -> Any:
        """A person, by name."""
        return self.people[name]

    def account(self, name: str) -> str:
        return str(self.people[name].account)

    def answer(self, status: str = "held", **given: Any) -> Answer:
        """What was said to Emi's question; held: it waits at the desk."""
        records = Records(self.services.database)
        conversation, _ = records.question(self.people["emi"], None, QUESTION)
        values: dict[str, Any] = {
            "id": "", "question": QUESTION, "status": status, "answer": WORDS if status == "answered" else None,
            "draft": WORDS, "language": "en", "domain": "people", "adapter": None, "confidence": 0.5,
            "calibrated": False, "citations": self.citations() if status == "answered" else [], "why": "",
            "reasons": [], "signals": {}, "reviewed": False, "ticket": None, "conversation": conversation,
            "seconds": Seconds(),
        }  # fmt: skip
        return records.answer(self.people["emi"], Answer(**(values | given)), {})

    def ticket(self) -> str:
        return str(self.answer().ticket)

    def answered(self) -> Answer:
        """A question that Rui has replied to."""
        asked = self.answer()
        self.services.desk.answer(self.people["rui"], str(asked.ticket), REPLY)
        return asked

    def citations(self) -> list[Citation]:
        hits = self.services.documents.search(self.people["rui"], WORDS, "people", 1)
        return [Citation.of(1, hit.passage, hit.passage.text, 1.0) for hit in hits]

    def document(self, name: str = "emi", words: str = WORDS, *, read: bool = True) -> tuple[str, str]:
        """Somebody's upload: document and version."""
        user = self.people[name]
        done = self.services.documents.upload(user, io.BytesIO(words.encode()), Upload(FILE, "people"))
        if read:
            self.services.ingestion._read_waiting()
        return str(done.document), str(done.version_id)

    def example(self, question: str = QUESTION, answer: str = REPLY, **given: Any) -> str:
        """An approved example of Rui's."""
        values: dict[str, Any] = {
            "domain": "people", "question": question, "answer": answer, "evidence": [], "facts": [], "topic": "t",
            "split": "train", "failed_part": None, "source": "desk", "approver": self.people["rui"].id,
            "second_approver": None, "language": "en", "severity": None, "state": "approved",
        }  # fmt: skip
        row = Example(**(values | given))
        with self.services.database.transaction("test", "an example") as change:
            change.session.add(row)
            change.session.flush()
            change.record("test.filled", "example", row.id)
        return row.id

    def sheet(self) -> Path:
        path = self.folder / "sheet.csv"
        path.write_text(f"question,answer\n{QUESTION},{REPLY}\n", "utf-8")
        return path

    def two_agree(self) -> None:
        self.services.domains.set_desk(self.people["aki"], "people", "four eyes", second_approval=True)

    def make_old(self) -> None:
        """Every conversation was last used a year ago."""
        with self.services.database.transaction("test", "time passes") as change:
            change.session.execute(update(Conversation).values(updated_at=now() - timedelta(days=365)))
            change.record("time.passed", "conversations", "all")

    def notices_due(self) -> None:
        with self.services.database.transaction("test", "time passes") as change:
            change.session.execute(update(Notice).values(next_try_at=now()))
            change.record("time.passed", "notices", "all")

    def entries(self, after: int = 0) -> list[AuditEntry]:
        with self.services.database.read() as session:
            newer = select(AuditEntry).where(AuditEntry.number > after).order_by(AuditEntry.number)
            return list(session.scalars(newer))

    def last_entry(self) -> int:
        with self.services.database.read() as session:
            return session.scalar(select(func.max(AuditEntry.number))) or 0


def opened(folder: Path, **given: Any) -> Services:
    """The services of the home in `folder`, with an encoder that needs no model."""
    services = Services(Settings(home=folder / "home", writer="quote", threads=1, **given))
    services.__dict__ |= {"encoder": WordEncoder(), "search_encoder": WordEncoder()}
    return services


def found(folder: Path) -> None:
    """Two departments and four people."""
    services = opened(folder)
    for name in ("people", "it"):
        services.domains.add("test", name, description_en=name)
    for name in NAMES:
        account = services.accounts.create(
            "test", name, PASSWORD, display_name=f"secret name {name}", administrator=name == "aki", must_change=False
        )
        for domain, role in {"aki": {"people": "owner"}, "emi": {}}.get(name, {"people": "reviewer"}).items():
            services.accounts.set_role("test", account, domain, role)
    services.close()


def copy_of(founded: Path, folder: Path, **given: Any) -> Home:
    """A home of one's own."""
    shutil.copytree(founded / "home", folder / "home")
    services = opened(folder, **given)
    people = {name: services.accounts.user_by_name(name) for name in NAMES}
    return Home(services, folder, people)


Prepare = Callable[[Home], "Act"]


@dataclass
class Act:
    """What is done, by whom (as the chain names him), to what, and why; None: whatever the code says."""

    do: Callable[[], Any]
    by: User | str
    thing: str | None = None
    reason: str | None = None

    @property
    def actor(self) -> str:
        return self.by if isinstance(self.by, str) else self.by.actor
