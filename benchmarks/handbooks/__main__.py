"""How right the product is on two real handbooks: `python -m benchmarks.handbooks --data DIR [--only ja|18f]`.

Each handbook is taken into a department of an empty home, and its forty questions are asked through the whole
assistant as it is configured. `--failures` adds a line for each that went wrong: the first step that failed, the
question, what was drafted. `--check` asks nothing and says which facts do not stand in the files that are named.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from adapters.evaluation import TOP, Judged, evaluate
from assistant.access import User, local_operator
from assistant.evaluations import WholeAssistant
from assistant.example import load_domains
from assistant.services import Services
from assistant.settings import Settings
from assistant.variation import FULL
from benchmarks.handbooks import HANDBOOKS, Handbook
from benchmarks.handbooks.checking import check

DOMAIN = "handbook"
SHOWN = 160  # characters of a draft in a line


@dataclass(frozen=True)
class Taken:
    """What became of a handbook's files."""

    files: int
    failed: list[str]
    passages: int
    seconds: float

    def __str__(self) -> str:
        failed = f", not taken: {'; '.join(self.failed)}" if self.failed else ""
        rate = self.passages / self.seconds
        return f"{self.files} files, {self.passages} passages in {self.seconds:.0f} s ({rate:.1f} a second){failed}"


@contextmanager
def opened(book: Handbook) -> Iterator[tuple[Services, User]]:
    """Services over a home that has the handbook's department and no documents, and its owner."""
    with tempfile.TemporaryDirectory() as home:
        services = Services(Settings(home=Path(home), models=Settings().models_folder))
        with services.database.read() as session:
            operator = local_operator(session, "benchmark")
        load_domains(services, operator, book.department)
        with services.database.read() as session:
            operator = local_operator(session, "benchmark")
        yield services, operator
        services.close()


def take_in(services: Services, operator: User, files: Sequence[Path]) -> Taken:
    """Every file through the product's own ingestion."""
    began = time.perf_counter()
    done = [services.documents.ingest(operator, path, DOMAIN) for path in files]
    failed = [f"{Path(one.path).name} ({one.error.code})" for one in done if one.error]
    return Taken(len(done), failed, sum(one.passages for one in done), time.perf_counter() - began)


def figures(judged: Sequence[Judged]) -> list[str]:
    """A line a figure."""
    answerable = [one for one in judged if one.answerable]
    nothing = [one for one in judged if not one.answerable]
    shown = [one for one in judged if one.shown]
    seconds = [one.seconds for one in judged]
    return [
        f"  answerable answered rightly   {sum(one.verdict == 'right' for one in answerable)} of {len(answerable)}",
        f"  drafts right, shown or not    {sum(one.would_be_right for one in answerable)} of {len(answerable)}",
        f"  wrong among shown             {sum(one.verdict == 'wrong' for one in shown)} of {len(shown)}",
        f"  unanswerable not shown        {sum(not one.shown for one in nothing)} of {len(nothing)}",
        f"  evidence in the first {TOP}       {sum(one.evidence_in_top for one in answerable)} of {len(answerable)}",
        f"  seconds an answer             median {median(seconds):.2f}, p95 {np.quantile(seconds, 0.95):.2f}",
    ]


def failures(judged: Sequence[Judged]) -> list[str]:
    """A line a question that went wrong: the first step that failed, what became of it, the question, the draft."""
    return [
        f"  {one.failed:<9} {one.status:<9} {one.id} {one.question} → {' '.join((one.text or '–').split())[:SHOWN]}"
        for one in judged
        if one.failed
    ]


def told(done: int, total: int) -> None:
    """Every tenth question, that it is answered."""
    if done % 10 == 0:
        print(f"  {done} of {total} asked", flush=True)


def run(book: Handbook, data: Path, with_failures: bool) -> None:
    """Take a handbook in, ask, and print."""
    with opened(book) as (services, operator):
        print(f"{book.name}: {take_in(services, operator, book.files(data))}", flush=True)
        judged = evaluate(WholeAssistant(services.assistant_with, FULL, operator), book.questions(), told)
    print("\n".join(figures(judged) + (failures(judged) if with_failures else [])), flush=True)


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the outside data")
    parser.add_argument("--only", choices=HANDBOOKS)
    parser.add_argument("--failures", action="store_true")
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    books = [HANDBOOKS[given.only]] if given.only else list(HANDBOOKS.values())
    if given.check:
        found = [line for book in books for line in check(book, given.data)]
        print("\n".join(found) or "every fact and quotation stands where it is said to stand")
        sys.exit(bool(found))
    for book in books:
        run(book, given.data, given.failures)


if __name__ == "__main__":
    main()
