"""How long verifying the audit chain takes: `python -m benchmarks.audit_verify [--entries 1000000]`.

Fills an empty home with a chain of entries as the product makes them, then walks it, signs it, and holds it against the
signed checkpoint. Prints seconds.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, update

from assistant import audit, audit_checkpoints
from assistant.database import Database
from assistant.schema import upgrade
from assistant.tables import AuditEntry, AuditHead

BATCH = 10_000


def chain(count: int) -> Iterator[dict[str, Any]]:
    """Entries like those of a question asked, each with its hash."""
    previous, began = audit.GENESIS, datetime(2026, 4, 1, tzinfo=UTC)
    for number in range(1, count + 1):
        entry = AuditEntry(
            number=number,
            time=(began + timedelta(seconds=number)).isoformat(),
            actor=f"user:{number % 50:032x}",
            action="answer.recorded",
            object_type="answer",
            object_id=f"{number:032x}",
            reason="question answered",
            before="{}",
            after=audit.canonical({"status": "answered", "domain": "people", "adapter": None}),
            previous_hash=previous,
        )
        entry.hash = previous = audit.entry_hash(entry)
        yield {column.key: getattr(entry, column.key) for column in (*audit.HASHED, AuditEntry.hash)}


def fill(database: Database, count: int) -> None:
    """Put the chain into the records."""
    batch: list[dict[str, Any]] = []
    with database.engine.begin() as connection:
        for values in chain(count):
            batch.append(values)
            if len(batch) == BATCH or values["number"] == count:
                connection.execute(insert(AuditEntry), batch)
                batch.clear()
        connection.execute(update(AuditHead).values(entries=count, hash=values["hash"]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    count = parser.parse_args().entries
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        database = Database(f"sqlite:///{home / 'records.db'}")
        upgrade(database)
        fill(database, count)
        began = time.perf_counter()
        with database.read() as session:
            found = audit.verify(session)
        walked = time.perf_counter()
        audit_checkpoints.write(database, home, home / "points.jsonl", "benchmark")
        signed = time.perf_counter()
        with database.read() as session:
            held = audit_checkpoints.against(session, home / "points.jsonl")
        ended = time.perf_counter()
        size = (home / "points.jsonl").stat().st_size / 1e6
        database.close()
    print(f"entries {count}: walked in {walked - began:.1f} s (intact: {found.intact})")
    print(
        f"signed in {signed - walked:.1f} s, {size:.1f} MB; held against it in {ended - signed:.1f} s ({held.intact})"
    )


if __name__ == "__main__":
    main()
