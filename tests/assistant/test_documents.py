"""Documents as people handle them: uploaded, found, replaced, accepted, deleted; failures change nothing."""

import errno
import time
from pathlib import Path
from typing import Any

import pytest

from assistant.documents import Upload
from assistant.errors import NotAllowed, NotFound
from index import DocumentError
from index.tables import DocumentVersion


def write(folder: Path, name: str, words: str) -> Path:
    path = folder / name
    path.write_text(words, encoding="utf-8")
    return path


def finds(company: Any, user: Any, question: str, file: str) -> bool:
    return any(hit.passage.file == file for hit in company.services.documents.search(user, question, None, 20))


def upload(company: Any, user: Any, path: Path, domain: str) -> Any:
    documents = company.services.documents
    taken = documents.upload(user, path, Upload(path.name, domain))
    assert taken.status == "queued"
    return company.services.ingestion.wait(taken.version_id, 30)


@pytest.fixture
def working(company: Any) -> Any:
    """The company with its upload queue running."""
    company.services.ingestion.start()
    return company


def test_an_upload_is_found_seconds_later(working: Any, tmp_path: Path) -> None:
    path = write(tmp_path, "食堂.txt", "食堂の営業時間は11時30分から13時30分までです。")
    assert upload(working, working.reviewer, path, "people").state == "indexed"
    assert finds(working, working.employee, "食堂は何時から", "食堂.txt")


def test_an_employees_upload_is_his_alone_until_a_reviewer_accepts_it(working: Any, tmp_path: Path) -> None:
    path = write(tmp_path, "notes.txt", "The secret handshake takes seven seconds.")
    upload(working, working.employee, path, "people")
    question = "How long is the secret handshake?"
    assert finds(working, working.employee, question, "notes.txt")
    assert not finds(working, working.colleague, question, "notes.txt")
    row = next(d for d in working.services.documents.listing(working.reviewer) if d.filename == "notes.txt")
    with pytest.raises(NotAllowed):
        working.services.documents.accept(working.employee, row.id)
    working.services.documents.accept(working.reviewer, row.id)
    assert finds(working, working.colleague, question, "notes.txt")


def test_a_private_upload_changes_nobody_elses_ranking(working: Any, tmp_path: Path) -> None:
    question = "How many days of annual leave do I get?"
    documents = working.services.documents
    before = [(h.passage.id, h.score) for h in documents.search(working.colleague, question, None, 10)]
    upload(working, working.employee, write(tmp_path, "mine.txt", "annual leave days " * 50), "people")
    assert [(h.passage.id, h.score) for h in documents.search(working.colleague, question, None, 10)] == before


def test_an_own_upload_is_answered_from_whatever_department_it_was_filed_under(working: Any, tmp_path: Path) -> None:
    path = write(tmp_path, "mine.txt", "Parental leave at the Oslo office lasts forty-nine weeks.")
    upload(working, working.employee, path, "it")
    question = "How long is parental leave at the Oslo office?"
    assert "mine.txt" in [citation.file for citation in working.ask(question, working.employee).citations]
    assert "mine.txt" not in [citation.file for citation in working.ask(question, working.colleague).citations]
    picked = working.ask(question, working.employee, domain="people")
    assert "mine.txt" not in [citation.file for citation in picked.citations]


def test_the_same_file_again_changes_nothing(working: Any, tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "Badges are blue.")
    upload(working, working.reviewer, path, "people")
    again = working.services.documents.upload(working.reviewer, path, Upload(path.name, "people"))
    assert (again.status, again.version) == ("unchanged", 1)


def test_a_file_of_the_same_name_becomes_the_next_version(working: Any, tmp_path: Path) -> None:
    upload(working, working.reviewer, write(tmp_path, "badge.txt", "Badges are blue."), "people")
    upload(working, working.reviewer, write(tmp_path, "badge.txt", "Badges are green."), "people")
    rows = [d for d in working.services.documents.listing(working.employee) if d.filename == "badge.txt"]
    assert [(row.latest.number, row.latest.state) for row in rows] == [(2, "indexed")]
    hits = working.services.documents.search(working.employee, "What colour are badges?", None, 20)
    assert [hit.passage.text for hit in hits if "Badges" in hit.passage.text] == ["Badges are green."]


def test_a_new_version_that_cannot_be_read_leaves_the_old_one_in_force(working: Any, tmp_path: Path) -> None:
    upload(working, working.reviewer, write(tmp_path, "badge.txt", "Badges are blue."), "people")
    row = next(d for d in working.services.documents.listing(working.reviewer) if d.filename == "badge.txt")
    damaged = tmp_path / "badge.pdf"
    damaged.write_bytes(b"%PDF-1.7\nnothing")
    taken = working.services.documents.replace(working.reviewer, row.id, damaged)
    assert working.services.ingestion.wait(taken.version_id, 30).state == "failed"
    assert finds(working, working.employee, "What colour are badges?", "badge.txt")


def test_a_deleted_document_is_found_by_nobody_and_its_file_is_not_served(working: Any, tmp_path: Path) -> None:
    upload(working, working.reviewer, write(tmp_path, "badge.txt", "Badges are blue."), "people")
    documents = working.services.documents
    row = next(d for d in documents.listing(working.reviewer) if d.filename == "badge.txt")
    with working.services.document_texts.original(working.employee, row.id, row.latest.id) as (path, name):
        assert (path.read_text(), name) == ("Badges are blue.", "badge.txt")
    with pytest.raises(NotAllowed):
        working.services.document_care.withdraw(working.employee, row.id)
    working.services.document_care.withdraw(working.reviewer, row.id)
    assert not finds(working, working.employee, "What colour are badges?", "badge.txt")
    with pytest.raises(NotFound), working.services.document_texts.original(working.employee, row.id, row.latest.id):
        pass


def test_a_hidden_departments_document_looks_like_none(company: Any) -> None:
    documents = company.services.documents
    row = next(d for d in documents.listing(company.employee) if d.filename == "leave.md")
    for document, version in ((row.id, row.latest.id), ("none", "none")):
        with (
            pytest.raises(NotFound) as refused,
            company.services.document_texts.original(company.outsider, document, version),
        ):
            pass
        assert refused.value.code == "unknown_document"
    with pytest.raises(NotFound):
        documents.upload(company.outsider, Path("x"), Upload("x.txt", "people"))
    assert {d.domain for d in documents.listing(company.outsider)} == {"it"}


def test_one_bad_file_does_not_keep_the_next_from_being_read(working: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.docx"
    bad.write_bytes(b"PK\x03\x04 not a zip")
    good = write(tmp_path, "good.txt", "The lift is serviced on Mondays.")
    documents = working.services.documents
    first = documents.upload(working.reviewer, bad, Upload(bad.name, "people"))
    second = documents.upload(working.reviewer, good, Upload(good.name, "people"))
    wait = working.services.ingestion.wait
    failed, done = wait(first.version_id, 30), wait(second.version_id, 30)
    assert (failed.state, failed.error.code) == ("failed", "corrupt")
    assert done.state == "indexed"


def test_what_a_crash_left_half_read_is_read_at_the_next_start(company: Any, tmp_path: Path) -> None:
    path = write(tmp_path, "late.txt", "The late shift starts at 14:00.")
    documents = company.services.documents
    taken = documents.upload(company.reviewer, path, Upload(path.name, "people"))
    with company.services.database.transaction("test", "crash in the middle") as change:
        change.session.get_one(DocumentVersion, taken.version_id).state = "indexing"
        change.record("crash", "document-version", taken.version_id)
    company.services.ingestion.start()
    assert company.services.ingestion.wait(taken.version_id, 30).state == "indexed"
    assert finds(company, company.employee, "When does the late shift start?", "late.txt")


def test_a_file_over_the_limit_and_an_empty_one_are_refused_at_once(open_home: Any, tmp_path: Path) -> None:
    services = open_home(upload_megabytes=1)
    services.domains.add("test", "people", description_en="leave")
    account = services.accounts.create("test", "aki", "correct horse battery")
    services.accounts.set_role("test", account, "people", "reviewer")
    user = services.accounts.user_by_name("aki")
    big, empty = tmp_path / "big.txt", tmp_path / "empty.txt"
    big.write_bytes(b"x" * (1024 * 1024 + 1))
    empty.touch()
    for path, code in ((big, "too_large"), (empty, "empty_file")):
        with pytest.raises(DocumentError) as refused:
            services.documents.upload(user, path, Upload(path.name, "people"))
        assert refused.value.code == code
    assert services.documents.listing(user) == []
    assert list((tmp_path / "home" / "documents").rglob("*half*")) == []


def test_a_full_disk_refuses_the_upload_and_leaves_no_half_file(
    company: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("index.store.os.fsync", full)
    path = write(tmp_path, "a.txt", "The gate closes at nine.")
    with pytest.raises(DocumentError) as refused:
        company.services.documents.upload(company.reviewer, path, Upload(path.name, "people"))
    assert refused.value.code == "disk_full"
    assert "a.txt" not in [row.filename for row in company.services.documents.listing(company.reviewer)]
    assert list((company.services.settings.home / "documents").rglob(".half-*")) == []


def test_closing_waits_for_the_file_that_is_being_read(working: Any, tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "The gate closes at nine.")
    working.services.documents.upload(working.reviewer, path, Upload(path.name, "people"))
    began = time.monotonic()
    working.services.ingestion.close()
    assert time.monotonic() - began < 30


def test_documents_live_on_either_database_alike(company_anywhere: Any, tmp_path: Path) -> None:
    path = write(tmp_path, "gate.txt", "The gate closes at nine.")
    company_anywhere.services.ingestion.start()
    assert upload(company_anywhere, company_anywhere.reviewer, path, "people").state == "indexed"
    assert finds(company_anywhere, company_anywhere.employee, "When does the gate close?", "gate.txt")


def test_the_same_rule_in_two_documents_is_cited_once_with_both_sources(company: Any, tmp_path: Path) -> None:
    rule = "The bicycle stand behind hall 2 is open from 6:30 to 21:15 on working days; keys are kept at the main gate."
    for name in ("site_guide.md", "site_guide_copy.txt"):
        (tmp_path / name).write_text(rule, encoding="utf-8")
        assert company.services.documents.ingest(company.operator, tmp_path / name, "it").status == "indexed"
    answer = company.ask("When is the bicycle stand open?", company.outsider)
    about = [one for one in answer.citations if one.file.startswith("site_guide")]
    assert len(about) == 1
    assert {about[0].file, *(copy["file"] for copy in about[0].copies)} == {"site_guide.md", "site_guide_copy.txt"}
    copy = about[0].copies[0]["document"]
    assert answer.visible_to({"it"}, {copy}).citations[0].copies == []
