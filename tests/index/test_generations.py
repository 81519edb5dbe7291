"""The derived index: found damaged before it answers, rebuilt from the database, one writer at a time."""

import errno
import json
import random
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from index import Index
from tests.index.conftest import DIMENSION, Shelf, count_tokens, encode

QUESTION = "annual leave days"


@pytest.fixture
def home(shelf: Any, tmp_path: Path) -> Path:
    """A home with two departments' documents and a generation on disk."""
    shelf.put("leave.md", "# Leave\n\nStaff receive 25 days of annual leave.\n")
    shelf.put("pay.md", "# Pay\n\nSalaries are paid on the 25th day.\n")
    shelf.put("vpn.md", "# VPN\n\nThe VPN closes after 30 minutes.\n", domain="it")
    shelf.search(QUESTION)
    return tmp_path / "home" / "index"


def again(shelf: Any, home: Path) -> Shelf:
    """The same home, opened by another process."""
    made = Index(home.parent, encode, count_tokens, "words-1", DIMENSION, max_megabytes=5)
    return Shelf(made, shelf.engine, shelf.folder)


def found(shelf: Any) -> list[tuple[str, float | None]]:
    return [(hit.passage.file, hit.dense) for hit in shelf.search(QUESTION, "people", "it")]


def kept(shelf: Any) -> None:
    """What one does who has changed the documents."""
    shelf.index.refresh(lambda: Session(shelf.engine))


def generation(home: Path) -> Path:
    return home / (home / "current").read_text().split()[0]


def test_a_whole_generation_is_used_as_it_is(shelf: Any, home: Path) -> None:
    before = generation(home)
    assert found(again(shelf, home)) == found(shelf)
    assert generation(home) == before


def test_its_manifest_names_what_it_was_made_from(home: Path) -> None:
    manifest = json.loads((generation(home) / "manifest.json").read_text())
    assert {"encoder", "dimension", "revision", "format", "shelves"} == set(manifest)
    assert (manifest["encoder"], manifest["dimension"]) == ("words-1", DIMENSION)
    assert {shelf["shelf"] for shelf in manifest["shelves"]} == {"people", "it"}


def test_every_damage_is_noticed_and_mended_from_the_database(shelf: Any, home: Path) -> None:
    expected, lots = found(shelf), random.Random(3)
    for _ in range(30):
        files = sorted(path for path in generation(home).iterdir() if path.is_file())
        victim = lots.choice(files)
        content = bytearray(victim.read_bytes())
        kind = lots.choice(("flip", "cut", "remove", "swap"))
        if kind == "flip":
            content[lots.randrange(len(content))] ^= 1 << lots.randrange(8)
            victim.write_bytes(content)
        elif kind == "cut":
            victim.write_bytes(content[: lots.randrange(len(content))])
        elif kind == "remove":
            victim.unlink()
        else:
            ids = sorted(generation(home).glob("*.ids"))
            first, second = ids[0].read_bytes(), ids[-1].read_bytes()
            ids[0].write_bytes(second)
            ids[-1].write_bytes(first)
        assert found(again(shelf, home)) == expected, f"{kind} of {victim.name}"


def test_a_manifest_that_gives_a_departments_vectors_to_another_is_not_believed(
    shelf: Any, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expected, damaged = found(shelf), generation(home)
    manifest = damaged / "manifest.json"
    told = manifest.read_text()
    manifest.write_text(told.replace('"people"', '"?"').replace('"it"', '"people"').replace('"?"', '"it"'))
    assert found(again(shelf, home)) == expected
    assert generation(home) != damaged and not damaged.exists()
    assert "the index is damaged" in caplog.text


def test_a_change_writes_what_has_changed_alone_and_another_process_reads_the_same(shelf: Any, home: Path) -> None:
    for number in range(8):
        shelf.put(f"rule{number}.md", f"Rule {number} of annual leave.")
    kept(shelf)
    before = {path.name: path.stat().st_ino for path in generation(home).glob("*.faiss")}
    old = shelf.put("new.md", "# New\n\nAnnual leave days may be bought.\n")
    kept(shelf)
    shelf.put("new.md", "# New\n\nAnnual leave days may be sold.\n", replaces=old)
    expected = found(shelf)
    kept(shelf)
    after = {path.name: path.stat().st_ino for path in generation(home).glob("*.faiss")}
    assert before.items() < after.items()
    assert found(again(shelf, home)) == expected
    assert [path for path in home.iterdir() if path.is_dir()] == [generation(home)]


def test_who_only_searches_writes_nothing(shelf: Any, home: Path) -> None:
    shelf.put("new.md", "# New\n\nAnnual leave days may be bought.\n")
    before = [(path, path.stat().st_mtime_ns) for path in sorted(home.rglob("*"))]
    assert "new.md" in [file for file, _ in found(shelf)]
    assert [(path, path.stat().st_mtime_ns) for path in sorted(home.rglob("*"))] == before


def test_on_a_disk_without_links_all_is_written(shelf: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_paths: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("index.generations.os.link", unknown)
    shelf.put("new.md", "# New\n\nAnnual leave days may be bought.\n")
    kept(shelf)
    expected, before = found(shelf), generation(home)
    assert found(again(shelf, home)) == expected
    assert generation(home) == before


@pytest.mark.parametrize("content", [b"", b"nowhere", b"../../etc", b"\xff\xfe"])
def test_a_damaged_pointer_is_mended(shelf: Any, home: Path, content: bytes) -> None:
    expected = found(shelf)
    (home / "current").write_bytes(content)
    assert found(again(shelf, home)) == expected


def test_a_half_written_generation_is_never_used_and_is_swept(shelf: Any, home: Path) -> None:
    (home / ".00000009-half").mkdir()
    (home / ".00000009-half" / "0.faiss").write_bytes(b"half")
    shelf.put("new.md", "# New\n\nAnnual leave may be taken in hours.\n")
    kept(shelf)
    assert "new.md" in [file for file, _ in found(shelf)]
    assert [path.name for path in home.iterdir() if path.is_dir()] == [generation(home).name]


def test_a_change_by_another_process_is_seen_at_the_next_search(shelf: Any, home: Path) -> None:
    other = again(shelf, home)
    found(other)
    shelf.put("new.md", "# New\n\nAnnual leave days may be bought.\n")
    assert "new.md" in [file for file, _ in found(other)]


def test_many_searchers_build_one_generation(shelf: Any, home: Path) -> None:
    shelf.put("new.md", "# New\n\nAnnual leave days may be bought.\n")
    processes = [again(shelf, home) for _ in range(6)]
    results: list[object] = []
    threads = [threading.Thread(target=lambda p=p: results.append(found(p))) for p in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6
    assert all(result == results[0] for result in results)


def test_on_a_full_disk_what_is_new_is_found_and_the_generation_before_stays_as_it_was(
    shelf: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before, pointer = generation(home), (home / "current").read_bytes()
    shelf.put("new.md", "# New\n\nAnnual leave days may be bought.\n")
    with monkeypatch.context() as disk:
        disk.setattr("index.generations.os.fsync", full)
        kept(shelf)
        assert "new.md" in [file for file, _ in found(shelf)]
    assert (home / "current").read_bytes() == pointer
    assert [path for path in home.iterdir() if path.is_dir()] == [before]
    found(again(shelf, home))
    assert generation(home) != before
