"""Two ranked lists made one: per-query min-max of scores, weighted by how much of the question's words were found."""

from collections.abc import Collection, Mapping

# by the measurements on invented companies and outside tuning parts (lab log)
DENSE_WEIGHT = 0.9  # where no passage holds any of the question's words; 0 where one holds them all
FOREIGN_SHARE, OWN_SHARE = 0.6, 0.2  # of the known words that a passage holds, beside the two lists


def min_max(scores: Mapping[int, float]) -> dict[int, float]:
    """Scores of one query brought to 0..1; all alike become 1."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    return {key: (score - low) / (high - low) if high > low else 1.0 for key, score in scores.items()}


def fuse(
    dense: Mapping[int, float],
    lexical: Mapping[int, float],
    foreign: Collection[int] = (),
    shares: Mapping[int, float] | None = None,
) -> dict[int, float]:
    """Weighted sum of the min-max scores; what one list lacks counts 0 there. Values in 0..1, and above by `shares`.

    With only one list there is nothing to weigh: its own min-max scores.

    Args:
        lexical: of the most that the question's words could give a passage, the share that they gave.
        foreign: what is in another language than the question: words it lacks say nothing against it, so that its
            dense score stands alone unless the sum is better.
        shares: of the question's known words that a passage holds in any form, 0 to 1; added by weight.
    """
    left, right = min_max(dense), min_max(lexical)
    scores = left or right
    if left and right:
        weight = DENSE_WEIGHT * (1 - max(lexical.values()))
        scores = {key: weight * left.get(key, 0.0) + (1 - weight) * right.get(key, 0.0) for key in left | right}
        scores |= {key: max(scores[key], left.get(key, 0.0)) for key in foreign if key in scores}
    for key, share in (shares or {}).items():
        more = (FOREIGN_SHARE if key in foreign else OWN_SHARE) * share
        scores[key] = scores.get(key, 0.0) + more
    return scores
