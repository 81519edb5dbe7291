"""Step 7: from the recorded signals to a confidence, and from that to answered, held or declined.

The coefficients are a logistic fit on questions with known answers (`benchmarks.fit_confidence`), or a department's own
(`assistant.confidences`); the answer says which. It reads signals, coefficients and a threshold, nothing else.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from importlib.resources import files
from typing import Any

from assistant.answer import Status


@dataclass(frozen=True)
class Signals:
    """What the steps measured about an answer; every value 0 to 1."""

    route: float  # probability of the chosen domain
    route_margin: float  # over the runner-up
    retrieval: float  # best passage's cosine, mapped from the encoder's band
    agreement: float  # 1 when dense and lexical search agree on the best passage, 0.5 when each lists it
    answers: float  # probability, by the reader, that the best sentence's passage answers
    reading: float  # probability that the best sentence, or one that says the same, and none of the others answers
    reading_margin: float  # over the best sentence of another passage that says otherwise
    seconded: float  # probability, by the reader, that another passage answers and says the same
    coverage: float  # share of the question's content, by rarity, that stands in the evidence
    identifiers: float  # 1 unless the question names one (AS-2041) that the passage does not
    kind: float  # 1 if the evidence can be the kind of answer asked for
    support: float  # share of the draft that stands in its evidence
    # an answer recorded before these were measured has nothing of them, and its coefficients do not weigh them
    alone: float = 0.0  # the reranker's log-odds of the best sentence by itself, mapped to 0..1
    ahead: float = 0.0  # how much closer to the question it is than other passages' sentences; 0.5: not at all
    witnessed: float = 0.0  # the matcher's log-odds of the best sentence, which had no part in choosing it; as `alone`

    def as_dict(self) -> dict[str, Any]:
        """Rounded for the record."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


NOBODYS = 0.1  # the probability of its department below which a question is taken for nobody's where little answers it
SIGNALS = tuple(field.name for field in fields(Signals))


@dataclass(frozen=True)
class Decision:
    """The outcome, with what raised and lowered it (signed, in log-odds against the usual)."""

    status: Status
    confidence: float
    contributions: Mapping[str, float]
    fitted: str  # the version of the coefficients


@dataclass(frozen=True)
class Coefficients:
    """A logistic model of 'the draft is right'; `usual` are the signals' means over right drafts."""

    bias: float
    weights: Mapping[str, float]
    usual: Mapping[str, float]
    decline_below: float  # below this it is said that no document answers, which is true nine times of ten
    version: str = "shipped"
    show_from: float = 0.0  # what an automatic department shows; an answer recorded before there was this has none

    @property
    def identity(self) -> str:
        """Of the weights: a hash."""
        told = json.dumps([self.bias, sorted(self.weights.items())])
        return hashlib.sha256(told.encode()).hexdigest()


@lru_cache(maxsize=1)
def shipped() -> Coefficients:
    """The coefficients that come with the product."""
    fitted = json.loads((files("assistant") / "steps" / "confidence.json").read_text("utf-8"))
    return Coefficients(**{name: fitted[name] for name in ("bias", "weights", "usual", "decline_below", "show_from")})


def confidence_of(signals: Signals, fitted: Coefficients) -> tuple[float, Mapping[str, float]]:
    """Logistic confidence, and each signal's share in it against its usual value."""
    values = asdict(signals)
    contributions = {name: weight * (values[name] - fitted.usual[name]) for name, weight in fitted.weights.items()}
    logit = fitted.bias + sum(weight * values[name] for name, weight in fitted.weights.items())
    return 1 / (1 + math.exp(-logit)), contributions


def decide(
    signals: Signals,
    fitted: Coefficients,
    sound: bool,
    hold_below: float,
    release: str = "hold",
    aside: bool = False,
) -> Decision:
    """Answered at or above the domain's threshold, held below it, declined where nothing answers.

    A draft that is not sound is held whatever the figures say, see `signal.is_sound`.

    Args:
        aside: small talk and the like is for nobody to answer; what is not answered is declined.
        release: 'hold' goes by the threshold, 'review' holds every draft for a person, 'automatic' only the unlikely.
    """
    confidence, contributions = confidence_of(signals, fitted)
    limits = {"hold": hold_below, "automatic": fitted.show_from}
    sure = sound and release in limits and confidence >= limits[release]
    nobodys = signals.route < NOBODYS
    unlikely = confidence < max(fitted.decline_below, fitted.show_from if nobodys else 0.0)
    declined = unlikely or (aside and not sure)
    status: Status = "declined" if declined else "answered" if sure else "held"
    return Decision(status, confidence, contributions, fitted.version)
