"""Step 7: from the recorded signals to a confidence, and from that to answered, held or declined.

A first honest version: the weights follow a logistic fit on the first 60 example questions, set lower by hand, and
are **not calibrated**; the answer says so. It reads signals and a threshold, nothing else.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from assistant.answer import Status


@dataclass(frozen=True)
class Signals:
    """What the steps measured about an answer; every value 0 to 1."""

    route: float  # probability of the chosen domain
    route_margin: float  # over the runner-up
    retrieval: float  # best passage's cosine, mapped from the encoder's band
    agreement: float  # 1 when dense and lexical search agree on the best passage, 0.5 when each lists it
    reading: float  # the best sentence's score
    reading_margin: float  # over the best sentence of the next passage
    coverage: float  # share of the question's content, by rarity, that stands in the evidence
    identifiers: float  # 1 unless the question names one (AS-2041) that the passage does not
    kind: float  # 1 if the evidence can be the kind of answer asked for
    support: float  # share of the draft that stands in its evidence

    def as_dict(self) -> dict[str, Any]:
        """Rounded for the record."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


BIAS = -7.9
WEIGHTS: Mapping[str, float] = {
    "route": 0.9,
    "route_margin": 0.2,
    "retrieval": 2.0,
    "agreement": 1.4,
    "reading": 2.2,
    "reading_margin": 0.4,
    "coverage": 2.0,
    "identifiers": 2.6,
    "kind": 0.6,
    "support": 0.2,
}
# these can only lower: that a passage names what the question names is no merit
USUAL: Mapping[str, float] = {"identifiers": 1.0, "kind": 1.0, "support": 1.0}
# below this there is no draft worth a person's time: the documents do not say
DECLINE_BELOW = 0.2


@dataclass(frozen=True)
class Decision:
    """The outcome, with what raised and lowered it (signed, in log-odds against the usual)."""

    status: Status
    confidence: float
    contributions: Mapping[str, float]


def confidence_of(signals: Signals) -> tuple[float, Mapping[str, float]]:
    """Logistic confidence, and each signal's share in it against its usual value."""
    values = asdict(signals)
    contributions = {name: weight * (values[name] - USUAL.get(name, 0.5)) for name, weight in WEIGHTS.items()}
    logit = BIAS + sum(weight * values[name] for name, weight in WEIGHTS.items())
    return 1 / (1 + math.exp(-logit)), contributions


def decide(signals: Signals, supported: bool, hold_below: float) -> Decision:
    """Answered at or above the domain's threshold, held below it, declined where nothing answers.

    A draft that does not stand in its evidence is held whatever the figures say.
    """
    confidence, contributions = confidence_of(signals)
    if confidence < DECLINE_BELOW:
        return Decision("declined", confidence, contributions)
    status: Status = "answered" if supported and confidence >= hold_below else "held"
    return Decision(status, confidence, contributions)
