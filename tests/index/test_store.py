"""Originals arrive whole or not at all."""

import io
import threading
from pathlib import Path

from index.store import Store, StoredFile


class SlowFile(io.BytesIO):
    """An upload that stops half-way until it is told to go on."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.half_way = threading.Event()
        self.go_on = threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        """All that is left, after waiting at the end."""
        if self.tell():
            self.half_way.set()
            self.go_on.wait(10)
        return super().read(size)


def halves(folder: Path) -> list[Path]:
    return list(folder.glob(".half-*"))


def said(store: Store, stored: StoredFile) -> bytes:
    with store.opened(stored.path, "a file") as clear:
        return clear.read_bytes()


def test_what_a_crash_left_half_received_is_removed(tmp_path: Path) -> None:
    store = Store(tmp_path, megabytes=1)
    (tmp_path / ".half-left").write_bytes(b"half of a file")
    stored = store.receive(io.BytesIO(b"a whole file"), "whole.txt")
    store.tidy(set)
    assert halves(tmp_path) == []
    assert said(store, stored) == b"a whole file"


def test_tidying_leaves_a_file_alone_that_is_being_received(tmp_path: Path) -> None:
    receiving, other = Store(tmp_path, megabytes=1), Store(tmp_path, megabytes=1)
    content, taken = SlowFile(b"slow but whole"), []
    thread = threading.Thread(target=lambda: taken.append(receiving.receive(content, "slow.txt")))
    thread.start()
    assert content.half_way.wait(10)
    other.tidy(set)
    assert len(halves(tmp_path)) == 1
    content.go_on.set()
    thread.join(10)
    assert said(other, taken[0]) == b"slow but whole"
    other.tidy(set)
    assert halves(tmp_path) == []


def test_what_was_received_and_is_on_no_record_is_removed_and_nothing_else(tmp_path: Path) -> None:
    store = Store(tmp_path, megabytes=1)
    confirmed, recorded, lost = (store.receive(io.BytesIO(word), "f.txt") for word in (b"one", b"two", b"three"))
    store.confirm(confirmed)
    store.tidy(lambda places: {recorded.path} & set(places))
    assert (said(store, confirmed), said(store, recorded)) == (b"one", b"two")
    assert not (tmp_path / lost.path).exists()
    store.tidy(set)  # what was on record once is never asked for again
    assert said(store, recorded) == b"two"


def test_a_file_is_not_tidied_away_before_it_is_on_record(tmp_path: Path) -> None:
    store = Store(tmp_path, megabytes=1)
    with store.receiving():
        stored = store.receive(io.BytesIO(b"on its way"), "f.txt")
        Store(tmp_path, megabytes=1).tidy(set)
    assert said(store, stored) == b"on its way"
