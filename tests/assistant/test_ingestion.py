"""The queue of files: what a person may rely on while files are read, stopped, tried again and cut off."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from sqlalchemy import func, select

from assistant import audit
from assistant.access import User
from assistant.documents import Documents, Upload
from assistant.errors import Conflict, NotAllowed, NotFound, Refusal
from assistant.ingestion import Ingestion
from assistant.services import Services
from assistant.settings import Settings
from index import DocumentError, GivenUp, ReadAhead, queue
from index.passages import Cut
from index.tables import Document, DocumentVersion, PassageRow
from tests.index.conftest import WordEncoder


def opened(home: Path) -> Services:
    """A home with the quick encoder."""
    services = Services(Settings(home=home, models=home, writer="quote", reader="none", threads=1))
    services.__dict__["encoder"] = WordEncoder()
    return services


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Services]:
    """An empty home with two departments."""
    services = opened(tmp_path / "home")
    for name in ("people", "it"):
        services.domains.add("test", name, description_en=name)
    yield services
    services.close()


def person(name: str, role: str = "reviewer") -> User:
    return User(name, name, {"people": role, "it": "employee"})  # type: ignore[dict-item]


OPERATOR = User(None, "operator", {"people": "owner", "it": "owner"})
AKI, EMI, BEN = person("aki"), person("emi", "employee"), person("ben", "employee")


def write(folder: Path, name: str, words: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(words, encoding="utf-8")
    return path


def send(services: Services, user: User, path: Path, **said: Any) -> Any:
    return services.documents.upload(user, path, Upload(path.name, "people", **said))


def read_all(services: Services) -> None:
    """What the server's thread does once."""
    services.ingestion._read_waiting()


def test_a_queued_file_is_stopped_and_can_be_tried_again(home: Services, tmp_path: Path) -> None:
    taken = send(home, AKI, write(tmp_path, "gate.txt", "The gate closes at nine."))
    home.documents.cancel(AKI, taken.version_id)
    read_all(home)
    assert home.ingestion.version(taken.version_id).state == "cancelled"
    with pytest.raises(Conflict):
        home.documents.cancel(AKI, taken.version_id)
    home.documents.ask_again(AKI, taken.version_id)
    read_all(home)
    assert home.ingestion.version(taken.version_id).state == "indexed"
    with pytest.raises(Conflict):
        home.documents.ask_again(AKI, taken.version_id)


def test_only_its_uploader_or_a_reviewer_stops_a_file(home: Services, tmp_path: Path) -> None:
    taken = send(home, EMI, write(tmp_path, "mine.txt", "My own notes."))
    with pytest.raises(NotFound):
        home.documents.cancel(BEN, taken.version_id)
    departments = send(home, AKI, write(tmp_path, "all.txt", "For everybody."))
    with pytest.raises(NotAllowed):
        home.documents.cancel(EMI, departments.version_id)
    assert [job.filename for job in home.documents.jobs(BEN, "queued").documents] == []
    assert [job.filename for job in home.documents.jobs(EMI, "queued").documents] == ["mine.txt"]
    assert home.documents.cancel_all(EMI) == 1
    assert home.documents.cancel_all(AKI) == 1


def test_a_file_that_is_being_read_is_stopped_before_it_is_found(
    home: Services, tmp_path: Path, monkeypatch: Any
) -> None:
    taken = send(home, AKI, write(tmp_path, "long.txt", "Word after word.\n\n" * 400))
    monkeypatch.setattr("assistant.ingestion.LOOK_SECONDS", 0.0)
    cuts = home.index.library.cuts

    def stopped_in_the_middle(path: str, filename: str, watch: Any) -> Any:
        home.documents.cancel(AKI, taken.version_id)
        return cuts(path, filename, watch)

    monkeypatch.setattr(home.index.library, "cuts", stopped_in_the_middle)
    read_all(home)
    assert home.ingestion.version(taken.version_id).state == "cancelled"
    assert home.documents.search(AKI, "word", None, 5) == []


def test_a_server_that_ends_leaves_the_file_waiting(home: Services, tmp_path: Path, monkeypatch: Any) -> None:
    taken = send(home, AKI, write(tmp_path, "long.txt", "Word after word.\n\n" * 400))
    cuts = home.index.library.cuts

    def ended_in_the_middle(path: str, filename: str, watch: Any) -> Any:
        home.ingestion._stop.set()
        return cuts(path, filename, watch)

    monkeypatch.setattr(home.index.library, "cuts", ended_in_the_middle)
    read_all(home)
    monkeypatch.undo()
    version = home.ingestion.version(taken.version_id)
    assert version.state == "queued"
    other = Ingestion(home.database, home.index)
    assert other.settle(taken.version_id).state == "indexed"


def test_a_file_that_ends_its_reader_again_and_again_is_given_up(
    home: Services, tmp_path: Path, monkeypatch: Any
) -> None:
    taken = send(home, AKI, write(tmp_path, "bomb.txt", "Boom."))

    class Killed(BaseException):
        """Stands for the end of the process: nothing after it runs."""

    def killed(*_rest: Any) -> Any:
        raise Killed

    monkeypatch.setattr(home.index.library, "prepare", killed)
    for _ in range(queue.ATTEMPTS):
        with pytest.raises(Killed):
            read_all(home)
        assert home.ingestion.version(taken.version_id).state == "indexing"
    read_all(home)
    version = home.ingestion.version(taken.version_id)
    assert version.error is not None
    assert (version.state, version.error.code) == ("failed", "interrupted")
    monkeypatch.undo()
    home.documents.ask_again(AKI, taken.version_id)
    read_all(home)
    assert home.ingestion.version(taken.version_id).state == "indexed"


def test_nobody_waits_behind_anothers_thousand_files(home: Services, tmp_path: Path, monkeypatch: Any) -> None:
    for number in range(6):
        send(home, AKI, write(tmp_path, f"folder-{number}.txt", f"Rule {number}."))
    send(home, EMI, write(tmp_path, "mine-1.txt", "One."))
    send(home, EMI, write(tmp_path, "mine-2.txt", "Two."))
    order: list[str] = []

    def note(name: str, *_rest: Any) -> Any:
        order.append(name)
        raise DocumentError("no_text", file=name)

    monkeypatch.setattr(home.index.library, "prepare", note)
    read_all(home)
    assert order[:4] == ["folder-0.txt", "mine-1.txt", "folder-1.txt", "mine-2.txt"]
    assert len(order) == 8


def test_while_a_file_is_embedded_the_next_one_is_read_and_none_is_read_twice(
    home: Services, tmp_path: Path, monkeypatch: Any
) -> None:
    names = [f"rule-{number}.txt" for number in range(3)]
    taken = [send(home, AKI, write(tmp_path, name, f"The {name} gate closes at nine.")) for name in names]
    library, read, embedded = home.index.library, {name: threading.Event() for name in names}, list[str]()
    cuts, prepare = library.cuts, library.prepare

    def once(path: str, name: str, watch: Any) -> list[Cut]:
        assert not read[name].is_set()
        read[name].set()
        return cuts(path, name, watch)

    def slow(name: str, *rest: Any) -> Any:
        embedded.append(name)
        following = names[len(embedded) : len(embedded) + 1]
        assert all(read[one].wait(10) for one in following)
        return prepare(name, *rest)

    monkeypatch.setattr(library, "cuts", once)
    monkeypatch.setattr(library, "prepare", slow)
    home.__dict__["ingestion"] = Ingestion(home.database, home.index)
    read_all(home)
    assert embedded == names
    assert [home.ingestion.version(one.version_id).state for one in taken] == ["indexed"] * 3


def test_a_long_file_that_is_read_ahead_shows_its_pages_and_is_stopped_once_its_turn_has_come() -> None:
    going, pages, told = threading.Event(), iter(range(1000)), list[tuple[str, int, int]]()

    def cuts(_path: str, _name: str, watch: Any) -> list[Cut]:
        for page in pages:
            if not watch("reading", page, 1000):
                raise GivenUp
            going.set()
            time.sleep(0.001)
        return []

    def watch(stage: str, done: int, of: int) -> bool:
        told.append((stage, done, of))
        return len(told) < 3

    ahead = ReadAhead(cuts)
    ahead.begin("long", "there", "long.pdf")
    assert going.wait(10)
    assert ahead.passages("another", watch) is None
    with pytest.raises(GivenUp):
        ahead.passages("long", watch)
    assert len(told) == 3
    ahead.begin("other", "there", "other.pdf")
    ahead.close()  # gives it up: else a second goes by for the pages that are left


def test_one_reader_at_a_time_in_a_home(home: Services, tmp_path: Path) -> None:
    taken = send(home, AKI, write(tmp_path, "gate.txt", "The gate closes at nine."))
    with home.index.turnstile.through() as alone:
        assert alone
        assert not home.ingestion._read_waiting()
        assert home.ingestion.version(taken.version_id).state == "queued"
        waiting = threading.Thread(target=home.ingestion.settle, args=(taken.version_id,))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
    waiting.join(30)
    assert home.ingestion.version(taken.version_id).state == "indexed"


def test_a_full_disk_is_told_and_the_file_can_be_tried_again(home: Services, tmp_path: Path, monkeypatch: Any) -> None:
    taken = send(home, AKI, write(tmp_path, "gate.txt", "The gate closes at nine."))

    def full(*_rest: Any) -> Any:
        raise Refusal("no_disk", detail="no space left")

    monkeypatch.setattr(home.index.library, "publish", full)
    read_all(home)
    version = home.ingestion.version(taken.version_id)
    assert version.error is not None
    assert version.error.code == "disk_full"
    monkeypatch.undo()
    assert home.documents.ask_again_all(AKI) == 1
    read_all(home)
    assert home.ingestion.version(taken.version_id).state == "indexed"


def test_a_file_taken_again_while_it_waits_is_not_taken_twice(home: Services, tmp_path: Path) -> None:
    path = write(tmp_path, "gate.txt", "The gate closes at nine.")
    first, second = send(home, AKI, path), send(home, AKI, path)
    assert (second.status, second.version_id) == ("queued", first.version_id)
    read_all(home)
    assert send(home, AKI, path).status == "unchanged"


def test_the_same_content_after_a_failed_change_is_unchanged(home: Services, tmp_path: Path) -> None:
    path = write(tmp_path, "gate.txt", "The gate closes at nine.")
    send(home, AKI, path)
    read_all(home)
    path.write_text("  \n")
    send(home, AKI, path)
    read_all(home)
    info = home.documents.listing(AKI)[0]
    assert (info.latest.state, info.serving and info.serving.number) == ("failed", 1)
    path.write_text("The gate closes at nine.")
    assert send(home, AKI, path).status == "unchanged"


def test_what_could_not_be_read_is_removed_at_once_and_what_an_older_version_answers_stays(
    home: Services, tmp_path: Path
) -> None:
    path = write(tmp_path, "gate.txt", "The gate closes at nine.")
    send(home, AKI, path)
    read_all(home)
    path.write_text("  \n")
    send(home, AKI, path)
    for name in ("empty.txt", "blank.txt"):
        send(home, AKI, write(tmp_path, name, "\n \n"))
    read_all(home)
    assert home.document_care.withdraw_unread(EMI) == 0
    assert home.document_care.withdraw_unread(AKI) == 2
    assert [info.filename for info in home.documents.listing(AKI)] == ["gate.txt"]


def test_a_replacement_does_not_rename_what_is_still_in_force(home: Services, tmp_path: Path) -> None:
    send(home, AKI, write(tmp_path, "gate.txt", "The gate closes at nine."))
    read_all(home)
    info = home.documents.listing(AKI)[0]
    home.documents.replace(AKI, info.id, write(tmp_path, "gate2.txt", " "))
    read_all(home)
    assert home.documents.listing(AKI)[0].filename == "gate.txt"
    home.documents.replace(AKI, info.id, write(tmp_path, "gate3.txt", "The gate closes at ten."))
    read_all(home)
    info = home.documents.listing(AKI)[0]
    assert (info.filename, info.latest.number) == ("gate3.txt", 3)
    first = home.document_texts.versions(AKI, info.id)[1][-1]
    with home.document_texts.original(AKI, info.id, first.id) as (_, filename):
        assert filename == "gate.txt"


def taken_folder(services: Services, folder: Path) -> list[Any]:
    from assistant.commands.ingest import files_of

    return [
        services.documents.take(OPERATOR, path, Upload(path.name, "people", place=path, folder=within))
        for path, within in files_of([folder])
    ]


def test_files_of_one_name_in_two_folders_are_two_documents(home: Services, tmp_path: Path) -> None:
    folder = tmp_path / "minutes"
    write(folder, "2025/notes.txt", "We met in May.")
    write(folder, "2026/notes.txt", "We met in June.")
    assert len({one.document for one in taken_folder(home, folder)}) == 2
    read_all(home)
    assert {one.status for one in taken_folder(home, folder)} == {"unchanged"}
    assert {one.status for one in taken_folder(home, folder / "2026")} == {"unchanged"}
    write(folder, "2026/notes.txt", "We met in July.")
    changed = home.documents.ingest(OPERATOR, folder / "2026" / "notes.txt", "people")
    assert changed.version == 2
    shutil.move(folder, tmp_path / "elsewhere")
    assert sorted(info.source for info in home.documents.listing(OPERATOR)) == [
        "minutes/2025/notes.txt",
        "minutes/2026/notes.txt",
    ]


def test_a_single_file_from_another_place_is_the_next_version(home: Services, tmp_path: Path) -> None:
    home.documents.ingest(OPERATOR, write(tmp_path, "a/badge.txt", "Badges are blue."), "people")
    done = home.documents.ingest(OPERATOR, write(tmp_path, "b/badge.txt", "Badges are green."), "people")
    assert (done.status, done.version) == ("indexed", 2)


class Jobs(RuleBasedStateMachine):
    """People and a reader that crashes, in any order; what is found is always one whole version or none."""

    versions = Bundle("versions")

    @initialize()
    def begin(self) -> None:
        import tempfile

        self.folder = Path(tempfile.mkdtemp())
        self.home = opened(self.folder / "home")
        self.home.domains.add("test", "people", description_en="people")
        self.documents: Documents = self.home.documents
        self.home.index.library.cuts = self._cuts  # type: ignore  # a child a file would take minutes

    def _cuts(self, path: str, filename: str, *_rest: Any) -> list[Cut]:
        with self.home.index.store.opened(path, filename) as clear:
            words = clear.read_text().strip()
        if not words:
            raise DocumentError("no_text", file=filename)
        return [Cut(words, "", None, None, None, None, None, 1)]

    @rule(target=versions, name=st.sampled_from(["a.txt", "b.txt"]), words=st.sampled_from(["one", "two", " "]))
    def upload(self, name: str, words: str) -> Any:
        taken = send(self.home, OPERATOR, write(self.folder, name, words))
        return taken.version_id if taken.version_id else multiple()

    @rule(version=versions)
    def cancel(self, version: str) -> None:
        self._try(self.documents.cancel, version)

    @rule(version=versions)
    def ask_again(self, version: str) -> None:
        self._try(self.documents.ask_again, version)

    @rule(version=versions)
    def withdraw(self, version: str) -> None:
        document = self.home.ingestion.version(version).document
        self._try(self.home.document_care.withdraw, document)

    @rule()
    def read(self) -> None:
        read_all(self.home)

    @rule()
    def crash(self) -> None:
        """A reader takes the next one up and is seen no more."""
        with self.home.database.read() as session:
            found = queue.next_waiting(session, {})
        if found is not None:
            self.home.ingestion._begin(found[0])

    def _try(self, act: Any, thing: str) -> None:
        with suppress(Conflict, NotFound):
            act(OPERATOR, thing)

    @invariant()
    def what_is_found_is_one_whole_version_or_none(self) -> None:
        with self.home.database.read() as session:
            for document in session.scalars(select(Document)):
                rows = list(session.scalars(select(DocumentVersion).where(DocumentVersion.document_id == document.id)))
                serving = [row for row in rows if row.state == "indexed"]
                assert len(serving) <= 1
                held = select(func.count()).select_from(PassageRow).where(PassageRow.document_id == document.id)
                assert session.scalar(held) == sum(row.passages for row in serving)
                newest_read = max((row.number for row in rows if row.state in ("indexed", "replaced")), default=0)
                if serving:
                    assert serving[0].number == newest_read, "an older version was put over a newer one"
                if document.deleted_at:
                    assert not serving and not any(row.state in queue.WAITING for row in rows)
            assert audit.verify(session).intact

    def teardown(self) -> None:
        self.home.close()
        shutil.rmtree(self.folder)


Jobs.TestCase.settings = settings(
    max_examples=20, stateful_step_count=15, suppress_health_check=list(HealthCheck), derandomize=True
)
TestJobs = Jobs.TestCase


def test_a_reading_that_is_given_up_says_so_and_changes_nothing(home: Services, tmp_path: Path) -> None:
    stored = home.index.store.receive(write(tmp_path, "gate.txt", "The gate closes at nine."), "gate.txt")
    with pytest.raises(GivenUp):
        home.index.library.cuts(stored.path, "gate.txt", lambda *_step: False)
    passages = home.index.library.cuts(stored.path, "gate.txt")
    with pytest.raises(GivenUp):
        home.index.library.prepare("gate.txt", passages, lambda *_step: False)


def test_a_pdf_tells_its_pages_while_it_is_read(home: Services) -> None:
    file = next(Path("examples/documents").rglob("*.pdf"))
    stored = home.index.store.receive(file, file.name)
    told: list[tuple[str, int, int]] = []

    def watch(*step: Any) -> bool:
        told.append(step)
        return True

    home.index.library.cuts(stored.path, file.name, watch)
    pages = [done for stage, done, of in told if stage == "reading" and of]
    assert pages and pages == sorted(pages)
