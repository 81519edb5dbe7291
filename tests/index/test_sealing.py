"""A sealed file says what it said, to holders of its key alone, and nothing that was done to it goes unnoticed."""

import io
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.generations import Generations
from index.sealing import HEAD_BYTES, MAGIC, PIECE, Key, Keyring, Unopened
from index.store import Store

OLD, NEW = Key(b"o" * 32), Key(b"n" * 32)
SEALED = b"".join(Keyring([NEW]).seal([b"first ", b"second ", b"third"]))


def opened(sealed: bytes, *keys: Key) -> bytes:
    return b"".join(Keyring(keys).open(io.BytesIO(sealed)))


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=6))
def test_what_was_sealed_is_opened_whole(pieces: list[bytes]) -> None:
    sealed = b"".join(Keyring([NEW]).seal(pieces))
    assert opened(sealed, NEW) == b"".join(pieces)
    assert opened(sealed, OLD, NEW) == b"".join(pieces)


def test_a_long_file_is_sealed_piece_by_piece() -> None:
    pieces = [bytes([n]) * PIECE for n in range(3)]
    assert opened(b"".join(Keyring([NEW]).seal(pieces)), NEW) == b"".join(pieces)


@given(st.integers(len(MAGIC), len(SEALED) - 1), st.integers(1, 255))
@example(HEAD_BYTES - 1, 1)
def test_a_changed_byte_is_noticed(place: int, by: int) -> None:
    altered = bytearray(SEALED)
    altered[place] ^= by
    with pytest.raises(Unopened):
        opened(bytes(altered), NEW)


@given(st.integers(len(MAGIC), len(SEALED) - 1))
def test_a_file_that_was_cut_off_is_noticed(length: int) -> None:
    with pytest.raises(Unopened):
        opened(SEALED[:length], NEW)


@given(st.binary(min_size=1, max_size=40))
def test_what_was_put_behind_is_noticed(more: bytes) -> None:
    with pytest.raises(Unopened):
        opened(SEALED + more, NEW)


def test_pieces_in_another_order_are_noticed() -> None:
    ends = [HEAD_BYTES]
    for words in (b"first ", b"second ", b"third"):
        ends.append(ends[-1] + 4 + len(words) + 16)
    head, (first, second, third) = SEALED[:HEAD_BYTES], [SEALED[a:b] for a, b in pairwise(ends)]
    assert head + first + second + third == SEALED
    for other in (second + first + third, first + third, second + third, first + second, first + first + third):
        with pytest.raises(Unopened):
            opened(head + other, NEW)


def test_nobody_without_the_key_opens_it() -> None:
    with pytest.raises(Unopened):
        opened(SEALED, OLD)


def test_two_files_that_say_the_same_look_different() -> None:
    assert b"".join(Keyring([NEW]).seal([b"first ", b"second ", b"third"])) != SEALED


def test_a_stored_document_is_sealed_and_read_without_a_copy_on_disk(tmp_path: Path) -> None:
    store = Store(tmp_path, 1, Keyring([NEW]))
    stored = store.receive(io.BytesIO(b"The gate closes at ten."), "gate.txt")
    assert b"gate" not in (tmp_path / stored.path).read_bytes()
    with store.opened(stored.path, "gate.txt") as clear:
        assert clear.read_bytes() == b"The gate closes at ten."
        assert tmp_path not in clear.resolve().parents
        files = [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size]
    assert files == [tmp_path / stored.path]
    with pytest.raises(FileNotFoundError):
        clear.read_bytes()


def test_documents_in_clear_and_under_an_older_key_come_under_the_newest(tmp_path: Path) -> None:
    stored = [
        Store(tmp_path, 1, Keyring(keys)).receive(io.BytesIO(words), "f.txt")
        for words, keys in ((b"in clear", []), (b"older", [OLD]), (b"newest", [NEW]))
    ]
    left = (tmp_path / stored[1].path).with_name(f".half-{stored[1].sha256}")
    left.write_bytes(b"of a crash")
    assert Store(tmp_path, 1, Keyring([NEW, OLD])).reseal() == 2
    assert not left.exists()
    store = Store(tmp_path, 1, Keyring([NEW]))
    said = []
    for one in stored:
        with store.opened(one.path, "f.txt") as clear:
            said.append(clear.read_bytes())
    assert said == [b"in clear", b"older", b"newest"]
    assert store.reseal() == 0


def test_an_index_in_clear_is_not_used_where_there_is_a_key(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    reads = Generations(tmp_path, "words-1", 4, Keyring([NEW]))._read
    with pytest.raises(ValueError, match="newest key"):
        reads(tmp_path / "manifest.json")
