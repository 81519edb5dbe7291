"""A person's data: given to that person whole, gone without a trace in the files, and gone by itself when it is old."""

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from adapters.tables import Example
from assistant import audit
from assistant.access import User, local_operator
from assistant.answer import Answer, Seconds
from assistant.clock import now
from assistant.documents import Upload
from assistant.errors import BadInput, Conflict, NotAllowed, NotFound
from assistant.personal import NAMELESS
from assistant.services import Services
from assistant.settings import Settings
from assistant.steps.record import Records
from assistant.tables import Account, AnswerRecord, AuditEntry, Conversation, Domain, Ticket, Verdict
from index import Index
from tests.index.conftest import WordEncoder

PASSWORD = "correct horse battery"
SECRET = "zweiundvierzig 私の給料は四十二万円ですか"


@dataclass
class Office:
    """A home without models: two departments, an administrator, an employee, a reviewer."""

    services: Services
    operator: User
    people: dict[str, User]

    def user(self, name: str) -> User:
        return self.people[name]

    def account(self, name: str) -> str:
        return str(self.people[name].account)

    def ask(self, name: str, question: str, domain: str | None = "people", **given: Any) -> Answer:
        """A question with its answer, recorded as the assistant records them."""
        user, records = self.people[name], Records(self.services.database)
        conversation, _ = records.question(user, given.pop("conversation", None), question)
        values: dict[str, Any] = {
            "id": "", "question": question, "status": "held", "answer": None, "draft": f"draft on {question}",
            "language": "en", "domain": domain, "adapter": None, "confidence": 0.5, "calibrated": False,
            "citations": [], "why": f"because of {question}", "reasons": [], "signals": {}, "reviewed": False,
            "ticket": None, "conversation": conversation, "seconds": Seconds(),
        }  # fmt: skip
        return records.answer(user, Answer(**(values | given)), {"searched": question})

    def count(self, table: type[Any]) -> int:
        with self.services.database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def files(self) -> bytes:
        """All that the home holds, byte for byte."""
        self.services.database.close()
        home = self.services.settings.home
        return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())

    def holds(self, words: str) -> bool:
        """Whether some file of the home holds the words, as they are or as JSON writes them."""
        held = self.files()
        return words.encode() in held or json.dumps(words)[1:-1].encode() in held


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an office in which nothing has happened yet, to be copied."""
    home = tmp_path_factory.mktemp("office") / "home"
    services = Services(Settings(home=home, reader="none", threads=1))
    for name in ("people", "it"):
        with services.database.transaction("test", "domain added") as change:
            change.session.add(
                Domain(name=name, title_ja=name, title_en=name, description_ja="-", description_en="-",
                       open_to_all=True, hold_below=0.7, tolerated=None, retention_days=None)
            )  # fmt: skip
            change.record("domain.added", "domain", name)
    for name, shown in (("aki", "秋山 あき"), ("emi", "Emi Employee-Smith"), ("rui", "Rui Reviewer-Jones")):
        account = services.accounts.create(
            "test", name, PASSWORD, display_name=shown, administrator=name == "aki", must_change=False
        )
        if name == "rui":
            services.accounts.set_role("test", account, "people", "reviewer")
    services.close()
    return home


@pytest.fixture
def office(founded: Path, tmp_path: Path) -> Iterator[Office]:
    shutil.copytree(founded, tmp_path / "home")
    services = Services(Settings(home=tmp_path / "home", reader="none", threads=1))
    one = WordEncoder
    services.__dict__["index"] = Index(
        services.settings.home, one.encode, one.count_tokens, one.identity, one.dimension, 5
    )
    with services.database.read() as session:
        operator = local_operator(session, "test")
    people = {name: services.accounts.user_by_name(name) for name in ("aki", "emi", "rui")}
    yield Office(services, operator, people)
    services.close()


def export(office: Office, by: User, name: str) -> dict[str, Any]:
    to = io.BytesIO()
    office.services.personal.export(by, office.account(name), to)
    with zipfile.ZipFile(to) as packed:
        told = {name: packed.read(name) for name in packed.namelist()}
    return {name.removesuffix(".json"): json.loads(body) if "/" not in name else body for name, body in told.items()}


def upload(office: Office, name: str, filename: str, words: str) -> None:
    user = office.user(name)
    done = office.services.documents.upload(user, io.BytesIO(words.encode()), Upload(filename, "people"))
    assert done.status == "queued"
    office.services.ingestion._read_waiting()


def test_a_person_gets_all_that_is_kept_of_him_and_nothing_of_others(office: Office) -> None:
    answer = office.ask("emi", SECRET)
    office.ask("aki", "somebody else's question")
    office.services.desk.flag(office.user("emi"), answer.id, "it is wrong", "it is 43")
    upload(office, "emi", "給与=明細.txt", "my own notes")
    got = export(office, office.user("emi"), "emi")
    assert got["account"]["display_name"] == "Emi Employee-Smith"
    turns = got["conversations"][0]["turns"]
    assert [turn.get("text") for turn in turns] == [SECRET, None]
    assert "draft on" not in json.dumps(got["conversations"])  # a held draft was never shown
    assert (
        got["said"]["verdicts"][0]["text"] == got["said"]["waiting_or_answered"][0]["note"] == "it is wrong\nit is 43"
    )
    assert got["documents"][0]["file"] == "給与=明細.txt"
    assert next(body for name, body in got.items() if name.startswith("uploads/")) == b"my own notes"
    assert got["audit"]["by_action"]["person.exported"] == 1
    assert "somebody else" not in json.dumps(got, default=str)


def test_an_administrator_does_not_read_a_persons_data_by_being_one(office: Office) -> None:
    for reader in ("aki", "rui"):
        with pytest.raises(NotAllowed):
            export(office, office.user(reader), "emi")
    assert export(office, office.operator, "emi")["account"]["name"] == "emi"  # whoever runs the machine can
    with pytest.raises(NotFound):
        office.services.personal.export(office.operator, "nobody", io.BytesIO())
    for reader in ("emi", "rui"):
        with pytest.raises(NotAllowed):
            office.services.personal.erase(office.user(reader), office.account("emi"))


def test_an_erased_persons_words_and_name_are_in_no_file_of_the_home(office: Office) -> None:
    answer = office.ask("emi", SECRET)
    office.services.desk.flag(office.user("emi"), answer.id, "flagsecret", "correctionsecret")
    upload(office, "emi", "filenamesecret.txt", "uploadsecret stands here")
    words = [
        SECRET,
        "flagsecret",
        "correctionsecret",
        "filenamesecret",
        "uploadsecret",
        "Emi Employee-Smith",
        "because of zwei",
    ]
    assert all(office.holds(one) for one in words)
    held = office.services.personal.erase(office.operator, office.account("emi"))
    assert (held.conversations, held.waiting, held.uploads) == (1, 1, 1)
    assert [one for one in words if office.holds(one)] == []
    with office.services.database.read() as session:
        assert audit.verify(session).intact
        assert session.get_one(Account, office.account("emi")).display_name == NAMELESS
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "person.erased")).one()
    assert (entry.object_id, "Emi" in entry.reason) == (office.account("emi"), False)
    assert office.services.accounts.user_by_id(office.account("emi")) is None
    with pytest.raises(Conflict):
        office.services.personal.erase(office.operator, office.account("emi"))


def test_what_others_rely_on_stays_without_the_name(office: Office) -> None:
    asked = office.ask("emi", SECRET)
    ticket = str(asked.ticket)
    office.services.desk.answer(office.user("rui"), ticket, "Forty-two.", keep=True)
    with office.services.database.read() as session:
        example = session.scalars(select(Example)).one()
    reviewed = office.ask(
        "aki", SECRET, status="answered", answer="Forty-two.", reviewed=True, why="Rui Reviewer-Jones gave it.",
        signals={"reviewed_example": example.id},
        similar={"person": "Rui Reviewer-Jones", "domain": "people", "question": "How many?"},
    )  # fmt: skip
    assert office.services.personal.holdings(office.operator, office.account("emi")).own_words == {
        "people": [example.id]
    }
    held = office.services.personal.erase(office.operator, office.account("rui"))
    assert (held.replies, held.examples) == (1, 1)
    assert not office.holds("Rui Reviewer-Jones")
    with office.services.database.read() as session:
        body = session.get_one(AnswerRecord, reviewed.id).body
        assert session.get_one(Example, example.id).answer == "Forty-two."
        assert session.get_one(Ticket, ticket).reply == "Forty-two."
    assert NAMELESS in body["why"]
    assert body["similar"]["person"] == NAMELESS
    office.services.personal.erase(office.operator, office.account("emi"))
    assert office.holds(SECRET)  # the approved example keeps the question, as the preview said


def test_a_retired_example_goes_with_the_person_whose_question_it_was(office: Office) -> None:
    asked = office.ask("emi", SECRET)
    office.services.desk.answer(office.user("rui"), str(asked.ticket), "Forty-two.", keep=True)
    with office.services.database.read() as session:
        example = session.scalars(select(Example.id)).one()
    office.ask(
        "aki", "in other words", status="answered", answer="Forty-two.", reviewed=True, why=f"Rui answered {SECRET}.",
        similar={"example": example, "person": "Rui", "domain": "people", "question": SECRET},
    )  # fmt: skip
    with office.services.database.transaction("test", "retired") as change:
        change.session.execute(update(Example).values(state="retired"))
        change.record("example.retired", "example", "x")
    office.services.personal.erase(office.operator, office.account("emi"))
    assert not office.holds(SECRET)


def test_a_file_that_somebody_else_uploaded_too_stays(office: Office) -> None:
    upload(office, "emi", "mine.txt", "the same content")
    upload(office, "rui", "everybodys.txt", "the same content")
    office.services.personal.erase(office.operator, office.account("emi"))
    assert office.holds("the same content")
    assert not office.holds("mine.txt")


def test_nobody_erases_himself_or_the_last_administrator(office: Office) -> None:
    with pytest.raises(BadInput):
        office.services.personal.erase(office.user("aki"), office.account("aki"))
    with pytest.raises(Conflict):
        office.services.personal.erase(office.operator, office.account("aki"))


def test_an_answer_that_comes_after_its_conversation_was_erased_is_refused_in_a_sentence(office: Office) -> None:
    records, emi = Records(office.services.database), office.user("emi")
    conversation, _ = records.question(emi, None, SECRET)
    office.services.personal.forget_conversations(emi)
    with pytest.raises(NotFound):
        office.ask("emi", "x", conversation=conversation)
    assert not office.holds(SECRET)


def test_a_person_deletes_his_own_conversations_and_keeps_the_account(office: Office) -> None:
    office.ask("emi", SECRET)
    office.ask("aki", "stays")
    assert office.services.personal.forget_conversations(office.user("emi")) == 1
    assert not office.holds(SECRET)
    assert (office.count(Conversation), office.count(Ticket), office.count(Verdict)) == (1, 1, 0)
    assert office.services.accounts.user_by_id(office.account("emi")) is not None


def age(office: Office, conversation: str, days: float) -> None:
    with office.services.database.read() as session:
        session.execute(
            update(Conversation).where(Conversation.id == conversation).values(updated_at=now() - timedelta(days=days))
        )
        session.execute(update(Ticket).values(state="answered"))
        session.commit()


def test_conversations_older_than_their_department_keeps_them_go(office: Office) -> None:
    old = office.ask("emi", SECRET)
    young = office.ask("emi", "young")
    elsewhere = office.ask("emi", "of another department", domain="it")
    mixed = office.ask("emi", "begun at it", domain="it")
    office.ask("emi", "went on at people", conversation=mixed.conversation)
    nowhere = office.ask("emi", "of no department", domain=None)
    waiting = office.ask("emi", "waits")
    for answer, days in ((old, 31), (young, 29), (elsewhere, 400), (mixed, 31), (nowhere, 31), (waiting, 31)):
        age(office, answer.conversation, days)
    with office.services.database.read() as session:
        session.execute(update(Ticket).where(Ticket.answer_id == waiting.id).values(state="open"))
        session.commit()
    assert office.services.retention.apply() == 0  # nothing is set
    office.services.retention.set(office.user("aki"), "people", 30)
    assert [(kept.domain, kept.due) for kept in office.services.retention.listing(office.user("aki"))] == [
        ("it", 1), ("people", 2)]  # fmt: skip
    assert office.services.retention.apply() == 3
    with office.services.database.read() as session:
        left = set(session.scalars(select(Conversation.id)))
        assert audit.verify(session).intact
    assert left == {young.conversation, elsewhere.conversation, waiting.conversation}
    assert not office.holds(SECRET)
    last = office.services.retention.last_removal(office.user("aki"))
    assert last is not None
    assert last[1] == 3
    assert office.services.retention.apply() == 0


def test_retention_takes_sensible_days_from_administrators_alone(office: Office) -> None:
    for days in (0, -1, 100_000):
        with pytest.raises(BadInput):
            office.services.retention.set(office.user("aki"), "people", days)
    with pytest.raises(NotAllowed):
        office.services.retention.set(office.user("rui"), "people", 30)
    with pytest.raises(NotFound):
        office.services.retention.set(office.user("aki"), "nowhere", 30)


def test_a_running_server_deletes_what_is_old_and_signs_the_chain_once_a_day(office: Office, tmp_path: Path) -> None:
    from assistant.audit_checkpoints import FILE
    from assistant.housekeeping import Housekeeping

    answer = office.ask("emi", SECRET)
    age(office, answer.conversation, 31)
    office.services.retention.set(office.user("aki"), "people", 30)
    folder = tmp_path / "elsewhere"
    services = office.services
    keeping = Housekeeping(services.database, services.retention, services.settings.home, folder)
    keeping.turn()  # the folder is not mounted: told in the log, and the rest is done
    assert office.count(Conversation) == 0
    folder.mkdir()
    keeping.turn()
    keeping.turn()
    assert len((folder / FILE).read_text().splitlines()) == 1
    assert office.services.audit_log.verify(office.operator, folder / FILE).intact


def test_an_erasure_that_was_broken_off_leaves_no_file_behind(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(office, "emi", "mine.txt", "uploadsecret stands here")
    with monkeypatch.context() as broken, pytest.raises(OSError, match="disk"):
        broken.setattr(Index, "tidy", lambda *_: (_ for _ in ()).throw(OSError("the disk is away")))
        office.services.personal.erase(office.operator, office.account("emi"))
    office.services.index.tidy(office.services.database.read)  # as the reader of documents does when it begins
    office.services.database.scrub()
    assert not office.holds("uploadsecret")
