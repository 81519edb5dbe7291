"""kill -9 at any moment: nothing acknowledged is lost, nothing is half-visible, the chain stays whole."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from adapters.tables import AdapterVersion, Promotion
from assistant import audit
from assistant.conversations import turns
from assistant.services import Services
from assistant.settings import Settings
from assistant.tables import AnswerRecord, Conversation, Domain, Message, Ticket
from index.tables import DocumentVersion, PassageRow, PassageVector
from tests.index.conftest import WordEncoder

TIMES = pytest.mark.parametrize("times", [8, pytest.param(20, marks=pytest.mark.slow)])

# One process that has everything loaded and forks a child per attempt, so that an attempt takes no start.
# The child says on a pipe what has been acknowledged; the kill comes at a random moment.
DRIVER = """
import faulthandler, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from assistant.access import local_operator
from assistant.documents import Upload
from assistant.services import Services
from assistant.settings import Settings
from tests.index.conftest import WordEncoder

def say(*words):
    os.write(1, f"{' '.join(map(str, words))}\\n".encode())  # in one piece: a kill leaves no half line behind

def opened():
    home, nowhere = Path(sys.argv[2]), Path("/nowhere")
    services = Services(Settings(home=home, models=nowhere, writer="quote", reader="none", threads=1))
    services.__dict__["encoder"] = WordEncoder()
    return services

def upload(n):
    services = opened()
    services.ingestion.start()
    user = services.accounts.user_by_name("reviewer")
    for part in range(50):
        path = Path(sys.argv[2]).parent / f"upload-{n}-{part}.txt"
        path.write_text(f"Rule {n}-{part}: the gate closes at {part} o'clock.\\n\\n" * 20)
        taken = services.documents.upload(user, path, Upload(path.name, "people"))
        say("uploaded", path.name)
        services.ingestion.wait(taken.version_id, 5)
        say("indexed", path.name)

def ask(n):
    services = opened()
    user = services.accounts.user_by_name("employee")
    for part in range(200):
        answer = services.assistant.ask(f"How many days of annual leave are there, try {n}-{part}?", user)
        say("answered", answer.id)

def promote(n):
    services = opened()
    with services.database.read() as session:
        user = local_operator(session, "test")
    for part in range(200):
        made = Path(sys.argv[2]) / "made" / f"{n}-{part}"
        made.mkdir(parents=True)
        (made / "weights").write_text(f"{n}-{part}")
        version = services.adapter_versions.keep(user, "people", made, {"method": "lora"}).id
        say("kept", version)
        services.adapter_versions.put_live(user, version, round(0.5 + part % 40 / 100, 2), "a try", {})
        say("live", version)
        if part % 3 == 2:
            say("back", services.adapter_versions.roll_back(user, "people", None, "back"))

for line in sys.stdin:
    what, n = line.split()
    child = os.fork()
    if child == 0:
        say("child", os.getpid())
        faulthandler.dump_traceback_later(60, exit=True)  # a child that hangs says where, and ends
        {"upload": upload, "ask": ask, "promote": promote}[what](n)
        os._exit(0)
    os.waitpid(child, 0)
    say("gone", n)
"""


def opened(home: Path) -> Services:
    """The home with the quick encoder."""
    services = Services(Settings(home=home, models=home, writer="quote", reader="none", threads=1))
    services.__dict__["encoder"] = WordEncoder()
    return services


@pytest.fixture
def driver(filled_words: Path) -> Iterator[Any]:
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(root), str(filled_words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},  # pools don't survive a fork
    )
    yield process
    process.kill()
    process.communicate()


@pytest.fixture
def filled_words(filled: Path, tmp_path: Path) -> Path:
    """The filled home with vectors of the quick encoder."""
    home = tmp_path / "home"
    shutil.copytree(filled, home)
    services = opened(home)
    with services.database.transaction("test", "quick encoder") as change:
        services.index.reencode(change.session)
        change.record("index.reencoded", "index", "all")
    services.close()
    return home


def killed(driver: Any, what: str, n: int, lots: random.Random) -> list[str]:
    """Start an attempt, kill it at a random moment after its first acknowledgement; gives all acknowledgements."""
    driver.stdin.write(f"{what} {n}\n")
    driver.stdin.flush()
    child = int(driver.stdout.readline().split()[1])
    acknowledged = [driver.stdout.readline().strip()]
    assert not acknowledged[0].startswith("gone"), "the child ended before it acknowledged anything; stderr says where"
    time.sleep(lots.uniform(0.0, 0.4))
    os.kill(child, signal.SIGKILL)
    while not (line := driver.stdout.readline().strip()).startswith("gone"):
        acknowledged.append(line)
    return acknowledged


@TIMES
def test_no_upload_is_lost_or_half_visible_after_many_kills(driver: Any, filled_words: Path, times: int) -> None:
    lots, acknowledged = random.Random(11), []
    for n in range(times):
        acknowledged += killed(driver, "upload", n, lots)
    services = opened(filled_words)
    try:
        services.ingestion.start()
        reviewer = services.accounts.user_by_name("reviewer")
        uploaded = {line.split()[1] for line in acknowledged if line.startswith("uploaded")}
        assert len(uploaded) >= times
        rows = {row.filename: row for row in services.documents.listing(reviewer)}
        assert uploaded <= set(rows), "an acknowledged upload is gone"
        for name in uploaded:
            upload = services.ingestion.wait(rows[name].latest.id, 60)
            if upload.error is not None and upload.error.code == "interrupted":  # cut off thrice: waits to be asked
                services.documents.ask_again(reviewer, upload.id)
                upload = services.ingestion.wait(upload.id, 60)
            assert upload.state == "indexed", name
        with services.database.read() as session:
            versions = {v.id: v for v in session.scalars(select(DocumentVersion))}
            for version in versions.values():
                held = session.scalar(
                    select(func.count()).select_from(PassageRow).where(PassageRow.version_id == version.id)
                )
                assert held == (version.passages if version.state == "indexed" else 0)
            passages = session.scalar(select(func.count()).select_from(PassageRow))
            assert session.scalar(select(func.count()).select_from(PassageVector)) == passages
            assert audit.verify(session).intact
        indexed = {line.split()[1] for line in acknowledged if line.startswith("indexed")}
        for name in list(indexed)[:5]:
            number = name.removeprefix("upload-").removesuffix(".txt")
            hits = services.documents.search(reviewer, f"Rule {number} gate", None, 30)
            assert name in {hit.passage.file for hit in hits}
        services.ingestion.wake()
        until = time.monotonic() + 30
        while list((filled_words / "documents").rglob(".half-*")):
            assert time.monotonic() < until, "a half-received file was left"
            time.sleep(0.1)
    finally:
        services.close()


@TIMES
def test_no_answer_is_lost_or_half_recorded_after_many_kills(driver: Any, filled_words: Path, times: int) -> None:
    lots, acknowledged = random.Random(12), []
    for n in range(times):
        acknowledged += killed(driver, "ask", n, lots)
    services = opened(filled_words)
    try:
        given = {line.split()[1] for line in acknowledged if line.startswith("answered")}
        assert len(given) >= times
        with services.database.read() as session:
            records = {record.id: record for record in session.scalars(select(AnswerRecord))}
            assert given <= set(records), "an answer that was shown is gone"
            told = [m.answer_id for m in session.scalars(select(Message).where(Message.author == "assistant"))]
            assert set(told) == set(records), "an answer without its message, or a message without its answer"
            held = {record.id for record in records.values() if record.status == "held"}
            assert {ticket.answer_id for ticket in session.scalars(select(Ticket))} == held
            for conversation in session.scalars(select(Conversation.id)):
                assert turns(session, conversation)[0].author == "employee"
            assert audit.verify(session).intact
    finally:
        services.close()


@TIMES
def test_after_many_kills_in_promotion_and_rollback_one_version_answers_with_its_own_threshold(
    driver: Any, filled_words: Path, times: int
) -> None:
    lots, acknowledged = random.Random(13), []
    for n in range(times):
        acknowledged += killed(driver, "promote", n, lots)
    services = opened(filled_words)
    try:
        kept = {line.split()[1] for line in acknowledged if line.startswith("kept")}
        gone_live = [line.split()[1] for line in acknowledged if line.startswith("live")]
        assert len(kept) >= times
        assert gone_live, "no kill came late enough to let a version go live"
        with services.database.read() as session:
            versions = {row.id: row for row in session.scalars(select(AdapterVersion))}
            assert kept <= set(versions), "a version that was told of is gone"
            for version in versions:
                assert (filled_words / "adapters" / "people" / version).is_dir(), "a version without its folder"
            changes = list(session.scalars(select(Promotion).order_by(Promotion.id)))
            assert set(gone_live) <= {change.version for change in changes}, "a promotion that was told of is gone"
            live = [row.id for row in versions.values() if row.state == "live"]
            assert live == [changes[-1].version] if changes[-1].version else live == []
            assert session.get_one(Domain, "people").hold_below == changes[-1].hold_below
            assert audit.verify(session).intact
    finally:
        services.close()
