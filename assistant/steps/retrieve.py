"""Step 3: where a question is searched, and in what order the passages are read.

All that may be seen is searched, or the picked department alone; where the question seems to belong counts as a prior,
so that a wrong route costs a place in the ranking and not the answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from assistant.steps.standing import asks_for_the_past, was_replaced
from index import Hit, Scope

POOL = 30  # passages that search gives; the best of them are read
ROUTE_WEIGHT = 0.3  # of the department's probability beside the passage's score
REPLACED = 0.3  # is taken from the score of a document that was replaced, unless the past is asked for


def narrowed(scope: Scope, picked: str | None) -> Scope:
    """Where a question is searched: in the department that was picked, and nowhere else; or in all that is visible."""
    return scope if picked is None else Scope(scope.domains & {picked}, scope.user)


def ranked(question: str, hits: Sequence[Hit], routes: Mapping[str, float], count: int) -> list[Hit]:
    """The best `count` of the passages by their score and their department's probability, both 0 to 1; what was
    replaced comes after what is in force.
    """
    past = asks_for_the_past(question)
    scored = []
    for hit in hits:
        score = (hit.score + ROUTE_WEIGHT * routes.get(hit.passage.domain, 0.0)) / (1 + ROUTE_WEIGHT)
        if not past and was_replaced(PurePath(hit.passage.file).stem):
            score = max(0.0, score - REPLACED)
        scored.append((hit, score))
    scored.sort(key=lambda pair: -pair[1])
    return [replace(hit, rank=rank, score=score) for rank, (hit, score) in enumerate(scored[:count], start=1)]
