"""Is a question the one that a person has answered, in other words? What is measured of two questions, and weighed.

Meaning alone doesn't tell: an encoder finds 'the outer' and 'the inner diameter' as near as two paraphrases. What tells
is whether the answer answers the new question too, as the matcher judges it, whether the new question's own evidence
is what it rests on, and whether anything of either question is left over. The likeliest are judged by the reranker too,
which is slower and tells more. The weights are fitted by `benchmarks.fit_similar`.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files

from assistant.answer import Evidence
from assistant.steps.bands import one_band
from assistant.steps.candidates import content_weights, covered
from assistant.steps.facts import facts, strange, strangers
from assistant.steps.matters import as_question
from assistant.steps.places import countries, elsewhere
from assistant.wording import Language
from index import meanings

# of two questions, both as search turns them: towards what answers them, so that other words for the same come nearer
COSINE_FLOOR, COSINE_CEILING = 0.1, 0.8  # below the floor they are never the same
NEAREST = 8  # answered questions that are compared with one asked
LIKELIEST, LIKELY = 3, 0.2  # of them at most so many, each this probable, are judged by the reranker too
_SEVERAL = re.compile(
    r"\b(and|or)\b[^.?]{0,40}\b(what|how|when|where|whom?|which|is|are|do|does|can)\b"
    r"|(何|いくら|いつ|どこ|誰|どの|どう|どれ).{0,25}(何|いくら|いつ|どこ|誰|どの|どう|どれ)|と、.+は[?？]?$",
    re.IGNORECASE,
)
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
    """What is measured of a question and an answered one; 0 to 1 where nothing else is said."""

    meaning: float  # cosine, mapped
    meaning_within: float  # the same where both are in one language, else 0: other words come nearer there
    close: float  # cosine of the question, as search turns it, with the longest quotation that the answer rests on
    evidence: float  # 1 if the question's best evidence is what the answer rests on
    says_other: float  # 1 if what the reader marked there for the question names a number that the answer doesn't
    back: float  # share of the answered one's content that stands in the question
    told: float  # share of the question's content that stands in the answered one, its answer or its evidence
    numbers: float  # 1 if both name the same
    asks_more: float  # 1 if it asks for several things, and the answered one for one
    elsewhere: float  # 1 if they speak of different countries
    language: float  # 1 if both are in one language
    answer: float  # log-odds that the answer answers the question
    in_context: float  # … with the answered question before it: what a person writes may not be understood without
    quote: float  # … that the longest quotation it rests on does
    reranked: float | None = None  # log-odds by the reranker of what `in_context` says; None: it was not asked


def told_by(answer: str, rests_on: Sequence[str]) -> str:
    """What says most of an answer: the longest quotation that it cites, or itself where it cites none."""
    return max(rests_on, key=len, default=answer)


def to_judge(known: str, answer: str, rests_on: Sequence[str]) -> list[tuple[str, str]]:
    """What the matcher is asked about an answered question: its answer, with the question as a heading too, and the
    longest quotation that it cites."""
    return [("", answer), (known, answer), ("", told_by(answer, rests_on))]


def likeness(
    asked: Asked,
    known: Asked,
    cosine: float,
    close: float,
    found: Evidence | None,
    answer: str,
    rests_on: Sequence[str],
    odds: Sequence[float],
) -> Likeness:
    """Measure two questions.

    Args:
        cosine: of the two, as search turns them.
        close: see `Likeness`.
        found: the best that was found for the question.
        answer, rests_on: the answer to the known one, and the quotations that it cites.
        odds: the matcher's on `to_judge` of these.
    """
    whole = " ".join((known.text, answer, *rests_on))
    meaning = min(1.0, max(0.0, (cosine - COSINE_FLOOR) / (COSINE_CEILING - COSINE_FLOOR)))
    return Likeness(
        meaning=meaning,
        meaning_within=meaning * (asked.language == known.language),
        close=close,
        evidence=float(found is not None and any(_same(found.quote, one) for one in rests_on)),
        says_other=float(found is not None and bool(strange(facts(found.marked or found.quote), facts(answer)))),
        back=covered(known.weights, meanings(known.text), asked.text),
        told=covered(asked.weights, meanings(asked.text), whole),
        numbers=float(_same_numbers(asked.text, known.text)),
        asks_more=float(asks_several(asked.text) and not asks_several(known.text)),
        elsewhere=float(elsewhere(countries(asked.text), countries(known.text))),
        language=float(asked.language == known.language),
        answer=odds[0],
        in_context=odds[1],
        quote=odds[2],
    )


def _same_numbers(one: str, other: str) -> bool:
    ours, theirs = facts(one), facts(other)
    return not strangers(ours, theirs) and not strangers(theirs, ours)


def plainly_other(question: str, known: str, answer: str) -> bool:
    """Whether a question differs from a known one in what no likeness outweighs: each names a number that the other
    doesn't, and the answer is for no band that holds them; they speak of different countries; the first asks for
    several things and the known one for one; or it asks for something, and the known one only told what has happened.
    """
    ours, theirs = facts(question), facts(known)
    only_ours, only_theirs = strange(ours, theirs), strange(theirs, ours)
    if only_ours and only_theirs and not one_band(answer, [*only_ours, *only_theirs]):
        return True
    if as_question(known) != known and as_question(question) == question:
        return True
    return elsewhere(countries(question), countries(known)) or asks_several(question) > asks_several(known)


def asks_several(question: str) -> bool:
    """Whether a question asks for more than one thing."""
    return bool(_SEVERAL.search(question))


def _same(one: str, other: str) -> bool:
    """Whether one quotation holds the other, however their rows and lines are set."""
    ours, theirs = _GAPS.sub("", one), _GAPS.sub("", other)
    return bool(ours) and bool(theirs) and (ours in theirs or theirs in ours)


@dataclass(frozen=True)
class Weights:
    """A logistic model of the measures."""

    bias: float
    weights: Mapping[str, float]

    def probability(self, measured: Likeness) -> float:
        """That the answer to the known question answers the new one."""
        values = asdict(measured)
        return 1 / (1 + math.exp(-(self.bias + sum(weight * values[name] for name, weight in self.weights.items()))))


@dataclass(frozen=True)
class Matching:
    """Weights before and after the reranker was asked, and the probabilities from which an answer is told of, given."""

    first: Weights
    reranked: Weights
    told_from: float
    given_from: float

    def probability(self, measured: Likeness) -> float:
        """That the answer to the known question answers the new one."""
        return (self.first if measured.reranked is None else self.reranked).probability(measured)


@lru_cache(maxsize=1)
def shipped() -> Matching:
    """The weights that come with the product."""
    fitted = json.loads((files("assistant") / "steps" / "similar.json").read_text("utf-8"))
    return Matching(
        Weights(**fitted["first"]), Weights(**fitted["reranked"]), fitted["told_from"], fitted["given_from"]
    )


def likeliest(probabilities: Sequence[float]) -> list[int]:
    """Which of the compared the reranker judges too, the likeliest first."""
    ordered = sorted(range(len(probabilities)), key=lambda n: -probabilities[n])
    return [n for n in ordered[:LIKELIEST] if probabilities[n] >= LIKELY]
