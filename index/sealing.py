"""Files that only a holder of the key reads: AES-256-GCM in pieces, so that a long file needs little memory.

STREAM (Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015): a piece's nonce is the file's random prefix, the piece's
number and whether it is the last, so that none can be altered, moved, left out or cut off unnoticed.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"\x93madoguchi sealed 1\n"
KEY_BYTES, ID_BYTES, PREFIX_BYTES, TAG_BYTES, LENGTH_BYTES = 32, 4, 7, 16, 4
HEAD_BYTES = len(MAGIC) + ID_BYTES + PREFIX_BYTES
PIECE = 1 << 20
HALF = ".half-"  # what is half written begins with it


class Unopened(ValueError):
    """A sealed file that cannot be opened: its key is not there, or it was altered."""


@dataclass(frozen=True, repr=False)
class Key:
    """A secret of 32 bytes. What is sealed with it names it by `id`, which tells nothing of it."""

    secret: bytes

    @property
    def id(self) -> str:
        """Eight hexadecimal digits."""
        return sha256(b"madoguchi key id" + self.secret).hexdigest()[: 2 * ID_BYTES]

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose alone (HKDF, RFC 5869)."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"madoguchi " + purpose.encode()).derive(self.secret)


class Keyring:
    """The keys of a home, the newest first: it seals, the older ones only open. Without keys nothing is sealed."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self.keys = tuple(keys)
        self._ciphers = {key.id: AESGCM(key.derived("files")) for key in self.keys}

    def seal(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """What is to be written for `pieces`, of PIECE bytes at most; the pieces themselves where there is no key."""
        if not self.keys:
            yield from pieces
            return
        newest, prefix = self.keys[0].id, os.urandom(PREFIX_BYTES)
        yield MAGIC + bytes.fromhex(newest) + prefix
        waiting, number = b"", 0
        for piece in pieces:
            if number or waiting:
                yield self._sealed(newest, _nonce(prefix, number, last=False), waiting)
                number += 1
            waiting = piece
        yield self._sealed(newest, _nonce(prefix, number, last=True), waiting)

    def sealed(self, data: bytes) -> bytes:
        """The same for what is in memory."""
        return b"".join(self.seal(data[at : at + PIECE] for at in range(0, len(data), PIECE)))

    def reseal(self, path: Path) -> bool:
        """Write a file anew under the newest key, in one step; False where it is. Raises Unopened, OSError."""
        half = path.with_name(f"{HALF}{path.name}")
        half.unlink(missing_ok=True)  # of a crash
        if self.is_current(path):
            return False
        try:
            with half.open("wb") as anew, path.open("rb") as file:
                anew.writelines(self.seal(self.open(file)))
                anew.flush()
                os.fsync(anew.fileno())
            os.replace(half, path)
        finally:
            half.unlink(missing_ok=True)
        return True

    def _sealed(self, key: str, nonce: bytes, piece: bytes) -> bytes:
        return (len(piece) + TAG_BYTES).to_bytes(LENGTH_BYTES, "big") + self._ciphers[key].encrypt(nonce, piece, None)

    def open(self, file: BinaryIO) -> Iterator[bytes]:
        """What was sealed, piece by piece; of a file in clear, its bytes. Raises Unopened, OSError."""
        head = file.read(HEAD_BYTES)
        if not head.startswith(MAGIC):
            yield head
            while piece := file.read(PIECE):
                yield piece
            return
        key, prefix = head[len(MAGIC) : -PREFIX_BYTES].hex(), head[-PREFIX_BYTES:]
        if key not in self._ciphers:
            raise Unopened(f"it is sealed with the key {key}")
        number, sealed = 0, _piece(file)
        while sealed:
            after = _piece(file)
            try:
                yield self._ciphers[key].decrypt(_nonce(prefix, number, last=not after), sealed, None)
            except InvalidTag as error:
                raise Unopened("it was altered or cut off") from error
            number, sealed = number + 1, after
        if not number:
            raise Unopened("it was cut off")

    def is_current(self, path: Path) -> bool:
        """Whether a file is as the newest key would write it. Raises OSError."""
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        return not self.keys or head.startswith(MAGIC + bytes.fromhex(self.keys[0].id))

    @contextmanager
    def opened(self, path: Path) -> Iterator[Path]:
        """Where a file can be read in clear until the block ends: where it lies, or in memory and never on disk.

        Raises Unopened, OSError.
        """
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                yield path
                return
            file.seek(0)
            with os.fdopen(os.memfd_create("opened"), "wb") as clear:
                for piece in self.open(file):
                    clear.write(piece)
                clear.flush()
                yield Path(f"/proc/{os.getpid()}/fd/{clear.fileno()}")


NO_KEYS = Keyring()


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


def _piece(file: BinaryIO) -> bytes:
    """The next sealed piece; nothing at the end. Raises Unopened where less is there than it says."""
    told = file.read(LENGTH_BYTES)
    length = int.from_bytes(told, "big")
    if not told:
        return b""
    sealed = file.read(length) if TAG_BYTES <= length <= PIECE + TAG_BYTES else b""
    if len(told) < LENGTH_BYTES or len(sealed) < max(length, 1):
        raise Unopened("it was altered or cut off")
    return sealed
