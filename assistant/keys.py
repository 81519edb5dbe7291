"""The key file of a home, and what it means to have one: documents, index and records are sealed with its newest key.

A line a key, the newest first; what is after a number sign is for people. It lies outside the home, so that whoever
takes the home or its backup has not got it.
"""

import base64
import binascii
import fcntl
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from assistant.clock import now
from assistant.database import Database
from assistant.errors import BadInput, Conflict
from assistant.schema import upgrade
from assistant.sealed_records import reseal
from assistant.settings import Settings
from assistant.trainings import JOB
from index import NO_KEYS, Key, Keyring, Store, Unopened, locked
from index.sealing import KEY_BYTES

OPEN = ".open"  # in the home; shared by whoever has it open
OWN = 0o077  # nobody else may read it


@dataclass(frozen=True)
class Applied:
    """What was written anew under the newest key. `records` is None where a database server keeps them."""

    key: str
    documents: int
    records: bool | None


def load(file: Path | None) -> Keyring:
    """The keys in a key file; none without one. Raises BadInput (key_file_missing, key_file_wrong, key_file_open)."""
    if file is None:
        return NO_KEYS
    try:
        lines = file.read_text(encoding="ascii").splitlines()
        if file.stat().st_mode & OWN:
            raise BadInput("key_file_open", file=str(file))
        keys = [Key(base64.b64decode(line, validate=True)) for line in _without_remarks(lines)]
    except OSError as error:
        raise BadInput("key_file_missing", file=str(file), detail=str(error.strerror)) from error
    except (UnicodeDecodeError, binascii.Error) as error:
        raise BadInput("key_file_wrong", file=str(file)) from error
    if not keys or any(len(key.secret) != KEY_BYTES for key in keys):
        raise BadInput("key_file_wrong", file=str(file))
    return Keyring(keys)


def _without_remarks(lines: list[str]) -> list[str]:
    return [kept for line in lines if (kept := line.partition("#")[0].strip())]


def add(file: Path) -> Key:
    """Put a new key first in a key file, which is made where there is none. Raises BadInput, OSError."""
    known = file.read_text(encoding="ascii") if file.exists() and load(file) else ""
    key = Key(secrets.token_bytes(KEY_BYTES))
    beside = file.with_name(f".{file.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as written:
        written.write(f"{base64.b64encode(key.secret).decode()}  # {key.id}, made {now():%Y-%m-%d}\n{known}")
        written.flush()
        os.fsync(written.fileno())
    os.replace(beside, file)
    return key


def apply(settings: Settings, actor: str, *, rotate: bool = False) -> Applied:
    """Seal what lies in the home with the newest key; what was cut off goes on with the next call.

    Args:
        rotate: put a new key into the key file before.

    Raises Conflict (home_in_use: somebody has it open; records_other_key, training_other_key: their key is not there),
    DocumentError (not_opened: the same of a document), BadInput (the key file), Refusal (no_disk), OSError.
    """
    file = settings.key_file
    if file is None:
        raise BadInput("key_file_unset")
    load(file)
    address = make_url(settings.database_address)
    own = address.get_backend_name() == "sqlite" and bool(address.database)
    try:
        with locked(settings.home / OPEN, fcntl.LOCK_EX | fcntl.LOCK_NB):
            if rotate:
                add(file)  # only now: whoever had the home open would not know the key that others seal with
            keys = load(file)
            documents = Store(settings.home / "documents", settings.upload_megabytes, keys).reseal()
            for job in (settings.home / "training").glob(f"*/{JOB}"):
                keys.reseal(job)
            if (settings.home / "index").exists():  # what cannot be removed would stay as it is: OSError tells it
                shutil.rmtree(settings.home / "index")  # made anew from the records
            records = reseal(Path(str(address.database)), keys) if own else None
            applied = Applied(keys.keys[0].id, documents, records)
            if documents or records:
                _tell(Database(settings.database_address, keys), applied, actor)
    except BlockingIOError as error:
        raise Conflict("home_in_use") from error
    except Unopened as error:
        raise Conflict("training_other_key") from error
    return applied


def _tell(database: Database, applied: Applied, actor: str) -> None:
    upgrade(database)
    with database.transaction(actor, "sealed with the newest key") as change:
        change.record("keys.applied", "home", applied.key, after={"documents": applied.documents})
    database.close()
