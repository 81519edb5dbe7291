"""Step 3: where a question is searched, and in what order the passages are read.

All that may be seen is searched, or the picked department alone; where the question seems to belong counts as a prior,
so that a wrong route costs a place in the ranking and not the answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from assistant.steps.standing import asked_time
from index import Hit, Scope, merged

POOL = 30  # passages that search gives; the best of them are read
ROUTE_WEIGHT = 0.3  # of the department's probability beside the passage's score
ASIDE = 2  # passages of documents not in force that are read besides, for what they say otherwise


def narrowed(scope: Scope, picked: str | None) -> Scope:
    """Where a question is searched: in the department that was picked, and nowhere else; or in all that is visible."""
    return scope if picked is None else scope.within({picked})


def ranked(question: str, hits: Sequence[Hit], routes: Mapping[str, float], count: int, today: date) -> list[Hit]:
    """The best `count` of the passages by their score and their department's probability, both 0 to 1; what several
    documents say alike once. After them a few of documents that are not in force at the time asked about, marked
    `aside`.
    """
    asked = asked_time(question, today)
    scored = [
        replace(hit, score=(hit.score + ROUTE_WEIGHT * routes.get(hit.passage.domain, 0.0)) / (1 + ROUTE_WEIGHT))
        for hit in hits
    ]
    scored.sort(key=lambda hit: -hit.score)
    standing = merged([hit for hit in scored if not asked.puts_aside(hit.passage.standing)])
    aside = [replace(hit, aside=True) for hit in scored if asked.puts_aside(hit.passage.standing)]
    return [replace(hit, rank=rank) for rank, hit in enumerate([*standing[:count], *aside[:ASIDE]], start=1)]
