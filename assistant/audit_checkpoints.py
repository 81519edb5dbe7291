"""Signed checkpoints of the audit chain, written where whoever owns this machine's database cannot reach them.

A chain that was rebuilt from its first entry, or that an older database brought back, is whole in itself. A checkpoint
kept elsewhere says what the chain was: how long, its last hash, and the beginning of every entry's hash, so that the
first entry that differs can be named. The file is JSON lines; each line goes on where the one before ended.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.audit import Verification, canonical, verify
from assistant.clock import now
from assistant.database import Database
from assistant.errors import BadInput, Conflict
from assistant.tables import AuditEntry

FORMAT = 1
KEPT = 16  # hexadecimal digits of each entry's hash: 64 bits, under a signature and the full last hash
FILE = "madoguchi-audit.jsonl"
KEY = "audit-key.pem"


@dataclass(frozen=True)
class Checkpoint:
    """What the chain was at a moment.

    first, entries: the numbers that it covers. hash: the last entry's. hashes: the beginnings of all of theirs, KEPT
    digits each. key, signature: Ed25519, hexadecimal; the signature is over everything else as canonical JSON.
    """

    format: int
    time: str
    first: int
    entries: int
    hash: str
    hashes: str
    key: str
    signature: str

    @property
    def _signed(self) -> bytes:
        return canonical({k: v for k, v in asdict(self).items() if k != "signature"}).encode()

    def is_genuine(self) -> bool:
        """Whether its own key signed it, and it covers as many entries as it says."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            key.verify(bytes.fromhex(self.signature), self._signed)
        except (InvalidSignature, ValueError):
            return False
        return len(self.hashes) == KEPT * (self.entries - self.first + 1)

    def signed_by(self, key: Ed25519PrivateKey) -> "Checkpoint":
        """The same with a signature."""
        return Checkpoint(**(asdict(self) | {"signature": key.sign(self._signed).hex()}))


def public_part(key: Ed25519PrivateKey) -> str:
    """A key's public part, hexadecimal."""
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return key.public_key().public_bytes(*raw).hex()


def public_key(home: Path) -> str | None:
    """The home's public key, hexadecimal; None before the first checkpoint."""
    return public_part(own_key(home)) if (home / KEY).exists() else None


def own_key(home: Path) -> Ed25519PrivateKey:
    """The home's signing key; made the first time, readable to its owner alone."""
    path = home / KEY
    if not path.exists():
        made = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        half = home / f".{KEY}.{os.getpid()}"
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(made)
            os.fsync(file.fileno())
        try:
            os.link(half, path)  # the first of two that come at once stays
        except FileExistsError:
            pass
        finally:
            half.unlink()
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput("not_an_audit_key", file=str(path))
    return key


def write(database: Database, home: Path, to: Path, actor: str) -> Checkpoint:
    """Add a checkpoint of the whole chain to a file, or to FILE in a folder. That it was made goes on record first.

    Raises: Conflict (the chain contradicts the file: whatever was done to it must not be signed over), BadInput.
    """
    key = own_key(home)
    path = to / FILE if to.is_dir() else to
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with database.read() as session:
            found = against(session, path, public_part(key)) if path.stat().st_size else verify(session)
        if not found.intact:
            raise Conflict("checkpoints_contradict", file=str(path), number=found.first_broken, problem=found.problem)
        with database.transaction(actor, "checkpoint of the audit chain") as change:
            change.record("audit.checkpointed", "audit", "chain", after={"key": public_part(key)})
        with database.read() as session:
            made = _of(session, last.entries + 1 if (last := _last(path)) else 1, public_part(key)).signed_by(key)
        _append(file, canonical(asdict(made)) + "\n")
    return made


def _append(file: TextIO, line: str) -> None:
    """The whole line or nothing of it, also where the disk is full."""
    size = os.fstat(file.fileno()).st_size
    try:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    except OSError:
        os.ftruncate(file.fileno(), size)
        raise


def _of(session: Session, first: int, key: str) -> Checkpoint:
    rows = select(AuditEntry.hash).where(AuditEntry.number >= first).order_by(AuditEntry.number)
    hashes = list(session.scalars(rows))
    return Checkpoint(
        format=FORMAT,
        time=now().isoformat(),
        first=first,
        entries=first + len(hashes) - 1,
        hash=hashes[-1],
        hashes="".join(one[:KEPT] for one in hashes),
        key=key,
        signature="",
    )


def read(path: Path) -> Iterator[Checkpoint]:
    """The checkpoints of a file. Raises BadInput for a line that is none."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                body: dict[str, Any] = json.loads(line)
                yield Checkpoint(**body)
            except (ValueError, TypeError) as error:
                raise BadInput("bad_checkpoint_line", file=str(path), line=number) from error


def _last(path: Path) -> Checkpoint | None:
    return next(reversed(list(read(path))), None)


def against(session: Session, path: Path, key: str | None = None) -> Verification:
    """The chain, walked, and held against a file of checkpoints.

    Args:
        key: the public key that must have signed them; None: the first one's, which a forger could have chosen.

    Raises: BadInput (no file of checkpoints).
    """
    walked = verify(session)
    covered, limit = 0, walked.first_broken or walked.entries + 1
    for one in read(path):
        key = key or one.key
        if one.key != key:
            return Verification(False, covered, one.first, "other-key")
        if not one.is_genuine() or one.first != covered + 1:
            return Verification(False, covered, one.first, "forged")
        if (different := _first_difference(session, one)) is not None and different < limit:
            return Verification.broken(different, "rebuilt")
        if walked.problem in (None, "unguarded") and one.entries > walked.entries:
            return Verification.broken(walked.entries + 1, "cut")
        covered = one.entries
    if not covered:
        raise BadInput("no_checkpoints", file=str(path))
    return walked


def _first_difference(session: Session, one: Checkpoint) -> int | None:
    """The first entry that is not what it was; one that is not there any more is none."""
    rows = (
        select(AuditEntry.number, AuditEntry.hash)
        .where(AuditEntry.number.between(one.first, one.entries))
        .order_by(AuditEntry.number)
        .execution_options(yield_per=5000)
    )
    for number, kept in session.execute(rows):
        at = KEPT * (number - one.first)
        if kept[:KEPT] != one.hashes[at : at + KEPT] or (number == one.entries and kept != one.hash):
            return int(number)
    return None
