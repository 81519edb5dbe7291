"""What the steps measured, brought to one scale (0 to 1) for the decision.

It weighs nothing; `decide` does.
"""

from collections.abc import Sequence

import numpy as np

from adapters import Routing
from assistant.answer import Evidence, Reading
from assistant.steps.candidates import odds_share
from assistant.steps.compare import says_the_same
from assistant.steps.decide import Signals
from assistant.steps.second_look import LOOKED_AT, SUREST
from assistant.steps.verify import Verification
from index import Hit

# a turned question's closeness to its best passage: from where hardly one has an answer to where nearly all do
LEAST_CLOSE, MOST_CLOSE = 0.07, 0.28
FAR = 1 / 3  # a lead in closeness that counts as whole


def measure(
    routing: Routing,
    domain: str | None,
    hits: Sequence[Hit],
    reading: Reading,
    checked: Verification | None,
) -> Signals:
    """The signals of one answer. What is not in force takes no part: that it says otherwise is no doubt."""
    hits = [hit for hit in hits if not hit.aside]
    first, rival, allies = _sides(reading)
    route = dict(routing.ranked).get(domain, 0.0) if domain else 0.0
    others = [probability for name, probability in routing.ranked if name != domain]
    return Signals(
        route=route,
        route_margin=_share(route - max(others, default=0.0)),
        retrieval=_share((_best(hits) - LEAST_CLOSE) / (MOST_CLOSE - LEAST_CLOSE)),
        agreement=_agreement(hits),
        answers=reading.evidence[0].answers if reading.evidence else 0.0,
        reading=_share(first),
        reading_margin=_share(first - rival),
        seconded=max((evidence.answers for evidence in allies), default=0.0),
        coverage=_share(reading.coverage),
        identifiers=0.0 if reading.missing else 1.0,
        kind=1.0 if reading.right_kind else 0.0,
        support=_share(checked.support if checked else 0.0),
        alone=odds_share(reading.evidence[0].alone) if reading.evidence else 0.0,
        ahead=_ahead(reading.evidence),
        witnessed=odds_share(reading.evidence[0].witnessed) if reading.evidence else 0.0,
    )


def is_sound(checked: Verification | None, reading: Reading) -> bool:
    """Whether a draft may be given at all: it stands in its evidence, which names what a follow-up asks about instead,
    and nothing in force says otherwise.
    """
    return checked is not None and checked.supported and reading.against is None and not reading.unnamed


def _sides(reading: Reading) -> tuple[float, float, list[Evidence]]:
    """How likely the best sentence answers, with those that say the same; how likely the best of the others does, each
    of them against all and 'none does' (a soft-max, as the weights of the scores are fitted); and those that say the
    same.
    """
    if not reading.evidence:
        return 0.0, 0.0, []
    best, *others = reading.evidence
    allies = [evidence for evidence in others if says_the_same(best, evidence)]
    looked = [best, *(one for one in reading.judged or others if one.place != best.place)][:LOOKED_AT]
    scores = np.array([evidence.score for evidence in looked])
    odds = scores / np.maximum(1 - scores, SUREST)
    shares = odds / (1 + odds.sum())
    agree = np.array([evidence is best or says_the_same(best, evidence) for evidence in looked])
    return float(shares[agree].sum()), float(shares[~agree].max(initial=0.0)), allies


def _ahead(evidence: Sequence[Evidence]) -> float:
    if not evidence:
        return 0.0
    return _share(0.5 + (evidence[0].close - max((other.close for other in evidence[1:]), default=0.0)) / (2 * FAR))


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def _best(hits: Sequence[Hit]) -> float:
    return max((hit.dense for hit in hits if hit.dense is not None), default=0.0)


def _agreement(hits: Sequence[Hit]) -> float:
    dense = max((h for h in hits if h.dense is not None), key=lambda h: h.dense or 0.0, default=None)
    lexical = max((h for h in hits if h.lexical is not None), key=lambda h: h.lexical or 0.0, default=None)
    if dense is None or lexical is None:
        return 0.0
    return 1.0 if dense is lexical else 0.5
