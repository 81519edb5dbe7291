"""What knowing what is in force is worth: `python -m benchmarks.in_force [--splits router,calibration,train]`.

The example company's questions, ranked as it was before (a document whose name says that it was replaced loses 0.3 of
its score) and as it is now (by what documents say of their time; what is not in force is put aside). Only questions for
which the two give other passages are read, both ways: what is right, and how many drafts quote a document that was
replaced. Prints the drafts that were won and lost.
"""

import argparse
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.judging import says_all
from adapters.questions import Question
from assistant.answer import Reading
from assistant.clock import today
from assistant.steps.read import Reader
from assistant.steps.retrieve import POOL, ROUTE_WEIGHT, ranked
from assistant.steps.standing import told_otherwise
from assistant.variation import FULL
from benchmarks.company import Handed, handed, opened, questions
from index import Hit
from index.validity import was_replaced

TAKEN = 0.3
PAST = re.compile(  # of before; 'before' and 'old' alone said nothing of the past
    r"廃止|以前|前は|昔|旧|改[訂定]前|前の版|もとは|元は|これまで"
    r"|\b(superseded|obsolete|old|older|previous|previously|former|formerly|earlier|used to|last year|before)\b",
    re.IGNORECASE,
)


def by_name(question: str, hits: Sequence[Hit], routes: Mapping[str, float], count: int) -> list[Hit]:
    """The ranking of before."""
    past = PAST.search(question)
    scored = []
    for hit in hits:
        score = (hit.score + ROUTE_WEIGHT * routes.get(hit.passage.domain, 0.0)) / (1 + ROUTE_WEIGHT)
        taken = 0.0 if past or not was_replaced(hit.passage.file) else TAKEN
        scored.append(replace(hit, score=max(0.0, score - taken)))
    return sorted(scored, key=lambda hit: -hit.score)[:count]


def outcome(question: Question, reading: Reading) -> tuple[str, str, bool]:
    """The file and the words of the draft, and whether it is right."""
    if not reading.evidence:
        return "", "", False
    best = reading.evidence[0]
    return best.hit.passage.file, best.quote, says_all(question, best.quote)


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", default="router,calibration,train")
    splits = parser.parse_args().splits.split(",")
    counted = Counter[str]()
    with opened() as (services, operator):
        reader = services.reader(FULL)
        for question, given in handed(services, operator, questions(splits)):
            counted["questions"] += 1
            with services.database.read() as session:
                pool = services.index.search(session, given.question, operator.scope, POOL)
            before = by_name(given.question, pool, given.routes, services.settings.passages)
            now = ranked(given.question, pool, given.routes, services.settings.passages, today())
            if [hit.passage.id for hit in before] != [hit.passage.id for hit in now]:
                _compare(question, given, reader, before, now, counted)
    print("\n".join(f"{count:>4} {name}" for name, count in counted.items()))


def _compare(
    question: Question, given: Handed, reader: Reader, before: list[Hit], now: list[Hit], counted: Counter[str]
) -> None:
    old = outcome(question, reader.read(given.question, before, given.rarity, given.known, given.routes))
    reading = reader.read(given.question, now, given.rarity, given.known, given.routes)
    new = outcome(question, reading)
    counted["with other passages"] += 1
    for name, (file, _, right) in (("before", old), ("now", new)):
        counted[f"{name}: right"] += right
        counted[f"{name}: quote a replaced document"] += was_replaced(file)
    domain = reading.evidence[0].hit.passage.domain if reading.evidence else None
    counted["told that another document says otherwise"] += told_otherwise(reading, domain) is not None
    if old != new:
        word = "won" if new[2] > old[2] else "lost" if new[2] < old[2] else "other words"
        counted[word] += 1
        print(f"{word}: {question.id} {given.question}\n   {old[0]}: {old[1]}\n   {new[0]}: {new[1]}", flush=True)


if __name__ == "__main__":
    main()
