"""Records in SQLite that only a holder of the key reads: SQLCipher in its place (AES-256, every page authenticated)."""

import os
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from assistant.errors import Conflict, Refusal
from index import Key, Keyring

IN_CLEAR = b"SQLite format 3\0"
HALF = ".half-records.db"


def key_of(file: Path, keys: Keyring) -> Key | None:
    """The key that the records in `file` are under: the newest for those that are not there yet, None in clear.

    Raises Conflict: they are in clear though there is a key (records_in_clear), sealed though there is none
    (records_sealed), or under another key (records_other_key).
    """
    head = _head(file)
    if not head:
        return keys.keys[0] if keys.keys else None
    if head == IN_CLEAR and keys.keys:
        raise Conflict("records_in_clear", file=str(file))
    return _found(file, keys, head)


def _found(file: Path, keys: Keyring, head: bytes) -> Key | None:
    if head == IN_CLEAR:
        return None
    if not keys.keys:
        raise Conflict("records_sealed", file=str(file))
    key = next((key for key in keys.keys if _opens(file, key)), None)
    if key is None:
        raise Conflict("records_other_key", file=str(file))
    return key


def connect(file: Path, key: Key | None) -> Any:
    """A DB-API connection to records under `key`, for any thread."""
    connection = sqlcipher.connect(str(file), check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA cipher_log_level = NONE")  # a key that does not fit is told by us
    if key is not None:
        connection.execute(f"PRAGMA key = {_spoken(key)}")
    return connection


def reseal(file: Path, keys: Keyring) -> bool:
    """Write the records anew under the newest key; False where they are under it. Nobody else may have them open.

    What is there is replaced in one step: a crash leaves the old records or the new ones.
    Raises Conflict (home_in_use, records_other_key), Refusal (no_disk).
    """
    head = _head(file)
    present = _found(file, keys, head) if head else keys.keys[0]
    if present == keys.keys[0]:
        return False
    beside = file.with_name(HALF)
    beside.unlink(missing_ok=True)
    old = connect(file, present)
    try:
        if old.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise Conflict("home_in_use")
        old.execute(f"ATTACH DATABASE ? AS anew KEY {_spoken(keys.keys[0])}", (str(beside),))
        old.execute("SELECT sqlcipher_export('anew')")
        old.execute("DETACH DATABASE anew")
        with beside.open("rb") as written:
            os.fsync(written.fileno())
    except sqlcipher.OperationalError as error:
        beside.unlink(missing_ok=True)
        raise Refusal("no_disk", detail=str(error)) from error
    finally:
        old.close()
    os.replace(beside, file)
    return True


def _head(file: Path) -> bytes:
    if not file.exists():
        return b""
    with file.open("rb") as records:
        return records.read(len(IN_CLEAR))


def _opens(file: Path, key: Key) -> bool:
    connection = connect(file, key)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlcipher.OperationalError:
        raise  # locked or unreadable, which says nothing of the key
    except sqlcipher.DatabaseError:
        return False
    finally:
        connection.close()
    return True


def _spoken(key: Key) -> str:
    return f"\"x'{key.derived('records').hex()}'\""
