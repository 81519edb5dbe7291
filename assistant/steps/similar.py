"""Is a question the one that a person has answered, in other words? What is measured of two questions, and weighed.

Meaning alone doesn't tell: an encoder finds 'the outer' and 'the inner diameter' as near as two paraphrases. What tells
is whether the new question's own evidence is what the answer rests on, and whether anything of either question is left
over. The weights are fitted by `benchmarks.fit_similar`.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files

from assistant.steps.candidates import content_weights, covered
from assistant.steps.facts import facts, strangers
from assistant.steps.places import countries, elsewhere
from assistant.wording import Language
from index import meanings

COSINE_FLOOR, COSINE_CEILING = 0.84, 0.96  # of two questions; below the floor they are never the same
BESIDE = 3  # passages after the best in which the answer's evidence may stand
_GAPS = re.compile(r"[\s|、。,.]+")


@dataclass(frozen=True)
class Asked:
    """A question, its language, and how much each of its terms says (see `content_weights`)."""

    text: str
    language: Language
    weights: Mapping[str, float]

    @classmethod
    def of(cls, text: str, language: Language, rarity: Mapping[str, float]) -> "Asked":
        """The question with its weights."""
        return cls(text, language, content_weights(text, rarity))


@dataclass(frozen=True)
class Likeness:
    """What is measured of a question and an answered one; every value 0 to 1."""

    meaning: float  # cosine, mapped
    evidence: float  # 1 if the question's best evidence is what the answer rests on
    beside: float  # 1 if one of the next is
    back: float  # share of the answered one's content that stands in the question
    told: float  # share of the question's content that stands in the answered one, its answer or its evidence
    numbers: float  # 1 if both name the same
    elsewhere: float  # 1 if they speak of different countries
    language: float  # 1 if both are in one language


def likeness(
    asked: Asked, known: Asked, cosine: float, found: Sequence[str], answer: str, rests_on: Sequence[str]
) -> Likeness:
    """Measure two questions.

    Args:
        found: the quotations found for the question, best first.
        answer, rests_on: the answer to the known one, and the quotations that it cites.
    """
    whole = " ".join((known.text, answer, *rests_on))
    return Likeness(
        meaning=min(1.0, max(0.0, (cosine - COSINE_FLOOR) / (COSINE_CEILING - COSINE_FLOOR))),
        evidence=float(any(_same(quote, one) for quote in found[:1] for one in rests_on)),
        beside=float(any(_same(quote, one) for quote in found[1 : 1 + BESIDE] for one in rests_on)),
        back=covered(known.weights, meanings(known.text), asked.text),
        told=covered(asked.weights, meanings(asked.text), whole),
        numbers=float(_same_numbers(asked.text, known.text)),
        elsewhere=float(elsewhere(countries(asked.text), countries(known.text))),
        language=float(asked.language == known.language),
    )


def _same_numbers(one: str, other: str) -> bool:
    ours, theirs = facts(one), facts(other)
    return not strangers(ours, theirs) and not strangers(theirs, ours)


def _same(one: str, other: str) -> bool:
    """Whether one quotation holds the other, however their rows and lines are set."""
    ours, theirs = _GAPS.sub("", one), _GAPS.sub("", other)
    return bool(ours) and bool(theirs) and (ours in theirs or theirs in ours)


@dataclass(frozen=True)
class Matching:
    """Weights of the measures, and the probability from which an answer is told of."""

    bias: float
    weights: Mapping[str, float]
    told_from: float


@lru_cache(maxsize=1)
def shipped() -> Matching:
    """The weights that come with the product."""
    fitted = json.loads((files("assistant") / "steps" / "similar.json").read_text("utf-8"))
    return Matching(**{name: fitted[name] for name in Matching.__dataclass_fields__})


def probability(measured: Likeness) -> float:
    """That the answer to the known question answers the new one."""
    fitted = shipped()
    values = asdict(measured)
    return 1 / (1 + math.exp(-(fitted.bias + sum(weight * values[name] for name, weight in fitted.weights.items()))))
