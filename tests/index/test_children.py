"""Children that read files: many at once, each by itself, and there again whatever became of the one before."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index import children
from index.errors import DocumentError
from index.parsing import parse_file


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.md"
    path.write_text("# Gate\n\nThe gate closes at nine.\n", "utf-8")
    return path


def words(path: Path) -> list[str]:
    return [block.text for block in parse_file(path, path.name)]


def test_files_read_at_once_from_several_threads_do_not_meet(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.txt" for number in range(12)]
    for number, path in enumerate(paths):
        path.write_text(f"Gate {number} closes at nine.", "utf-8")
    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(words, paths)) == [[f"Gate {number} closes at nine."] for number in range(12)]


def test_after_whoever_starts_the_children_was_killed_the_next_file_is_read(notes: Path) -> None:
    assert words(notes)
    process = children.starter.process
    assert process is not None
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert words(notes) == ["Gate", "The gate closes at nine."]


def test_a_forked_process_starts_children_of_its_own(notes: Path) -> None:
    assert words(notes)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, "|".join(words(notes)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as told:
        assert told.read() == "Gate|The gate closes at nine."
    os.waitpid(child, 0)
    assert words(notes) == ["Gate", "The gate closes at nine."]


def test_a_child_that_does_not_end_is_ended_and_the_next_one_reads(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "WAITING", 0)
    with pytest.raises(DocumentError) as refused:
        words(notes)
    assert refused.value.code == "took_too_long"
    monkeypatch.undo()
    assert words(notes) == ["Gate", "The gate closes at nine."]


def test_no_descriptor_and_no_thread_is_left_of_a_file(notes: Path) -> None:
    words(notes)
    before = sorted(os.listdir("/proc/self/fd")), threading.active_count()
    for _ in range(5):
        words(notes)
    assert (sorted(os.listdir("/proc/self/fd")), threading.active_count()) == before
