"""Ranked lists made one: per-query min-max of scores, weighted; across languages by scores that know no language."""

from collections.abc import Collection, Mapping, Sequence

DENSE_WEIGHT = 0.6  # between 0.5 and 0.7 by the measurements on Japanese and English sets
WORDS_WEIGHT, TRANSLATED_WEIGHT = 0.25, 0.3  # beside a cosine; fitted on the example company's training questions
RRF_K = 60


def min_max(scores: Mapping[int, float]) -> dict[int, float]:
    """Scores of one query brought to 0..1; all alike become 1."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    return {key: (score - low) / (high - low) if high > low else 1.0 for key, score in scores.items()}


def fuse(dense: Mapping[int, float], lexical: Mapping[int, float], weight: float = DENSE_WEIGHT) -> dict[int, float]:
    """Weighted sum of the min-max scores; what one list lacks counts 0 there. Values in 0..1.

    With only one list there is nothing to weigh: its own min-max scores.
    """
    if not dense or not lexical:
        return min_max(dense or lexical)
    left, right = min_max(dense), min_max(lexical)
    return {key: weight * left.get(key, 0.0) + (1 - weight) * right.get(key, 0.0) for key in left | right}


def across_languages(
    fused: Mapping[int, float], neutral: Mapping[int, float], same: Collection[int]
) -> dict[int, float]:
    """One ranking of passages in two languages. Values in 0..1.

    How the languages mix is decided by `neutral`, which favours neither; in what order the passages in the question's
    own language come, by `fused`, which is the better judge of these.

    Args:
        fused: of the passages in the question's language; a missing one counts 0.
        neutral: of every passage to be ranked.
        same: those in the question's language.
    """
    own = [key for key in neutral if key in same]
    values = sorted((neutral[key] for key in own), reverse=True)
    order = sorted(own, key=lambda key: (-fused.get(key, 0.0), -neutral[key], key))
    return min_max(dict(neutral) | dict(zip(order, values, strict=True)))


def reciprocal_rank(rankings: Sequence[Sequence[int]], k: int = RRF_K) -> dict[int, float]:
    """Sum of 1 / (k + rank) over the rankings (Cormack et al. 2009), best first in each."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, key in enumerate(ranking, start=1):
            scores[key] = scores.get(key, 0.0) + 1.0 / (k + rank)
    return scores
