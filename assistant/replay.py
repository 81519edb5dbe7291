"""An answer made again from its record: from the same passages, versions, coefficients and threshold.

`kept` says what is recorded for it, `Replays` reads that. What the reader is handed is recorded as numbers; the
passages themselves are those of the index, as long as their documents have not been replaced.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from adapters import Routing
from assistant.access import User
from assistant.answer import Reading
from assistant.database import Database
from assistant.errors import Conflict
from assistant.provenance import Provenances
from assistant.steps.candidates import passage_heading
from assistant.steps.decide import Coefficients, Decision, Signals, decide
from assistant.steps.read import Reader
from assistant.steps.signal import is_sound, measure
from assistant.steps.verify import Verification, verify
from assistant.tables import AnswerRecord
from assistant.variation import Variation
from index import Hit, Index, Meaning

TOLERANCE = 0.005  # of a signal or the confidence: what is recorded is rounded
ReaderWith = Callable[[Variation], Reader]

READ_WITH = (
    "encoder",
    "reader",
    "reranker",
    "matcher",
    "language_model",
)  # not the retriever: what was found is on record


@dataclass(frozen=True)
class Replayed:
    """One question of an answer, then and now.

    signals: (then, now) by name. obstacles: what is not there any more to read the passages again, by kind: a model as
    it was called then, how many passages are replaced; the decision is then made anew from the recorded signals.
    """

    question: str
    status: tuple[str, str]
    confidence: tuple[float, float]
    signals: Mapping[str, tuple[float, float]]
    obstacles: Mapping[str, str | int]

    @property
    def same(self) -> bool:
        """Whether the same was decided from the same signals."""
        figures = [self.confidence, *self.signals.values()]
        return self.status[0] == self.status[1] and all(abs(then - now) <= TOLERANCE for then, now in figures)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"same": self.same}


def kept(
    hits: Sequence[Hit],
    rarity: Mapping[str, float],
    known: Sequence[Meaning],
    adapters: Mapping[str, str],
    fitted: Coefficients,
    hold_below: float,
    release: str,
    sound: bool,
    signals: Signals,
    decision: Decision,
    aside: bool,
) -> dict[str, Any]:
    """What is recorded of an answer besides its trace. Args: adapters: each department's version, where it has one."""
    return {
        "hits": [[hit.passage.id, hit.passage.version, hit.score, hit.dense, hit.lexical, hit.aside] for hit in hits],
        "rarity": dict(rarity),
        "known": [[sorted(one.asked), [sorted(form) for form in one.forms]] for one in known],
        "adapters": dict(adapters),
        "coefficients": asdict(fitted),
        "hold_below": hold_below,
        "release": release,
        "supported": sound,  # as it was called before contradictions were noticed
        "signals": asdict(signals),
        "status": decision.status,
        "confidence": decision.confidence,
        "aside": aside,
    }


class Replays:
    """Makes answers again, for whom their provenance is open."""

    def __init__(
        self,
        database: Database,
        index: Index,
        provenances: Provenances,
        reader_with: ReaderWith,
        versions: Callable[[], dict[str, str]],
    ) -> None:
        self._database = database
        self._index = index
        self._provenances = provenances
        self._reader_with = reader_with
        self._versions = versions

    def of(self, user: User, answer_id: str, reason: str = "") -> list[Replayed]:
        """Each question of an answer made again.

        Raises NotFound, BadInput (a reviewer without a reason), Conflict (given by a person, or recorded too early).
        """
        self._provenances.of(user, answer_id, reason)
        with self._database.read() as session:
            trace = session.get_one(AnswerRecord, answer_id).trace
        traces = trace.get("parts", [trace])
        if not all(one.get("replay") for one in traces):
            raise Conflict("no_replay")
        return [self._again(one) for one in traces]

    def _again(self, trace: Mapping[str, Any]) -> Replayed:
        was = trace["replay"]
        hits, obstacles = self._hits(was, trace["models"])
        said = Signals(**was["signals"])
        signals, sound = said, was["supported"]
        if hits is not None:
            signals, sound = self._measured(trace, hits)
        decision = Decision("declined", 0.0, {}, "")
        if trace["draft"] is not None:
            fitted = Coefficients(**was["coefficients"])
            aside = was.get("aside", False)  # an answer recorded before it was noted
            decision = decide(signals, fitted, sound, was["hold_below"], was["release"], aside)
        return Replayed(
            question=trace["searched"],
            status=(was["status"], decision.status),
            confidence=(was["confidence"], decision.confidence),
            signals={one.name: (getattr(said, one.name), getattr(signals, one.name)) for one in fields(Signals)},
            obstacles=obstacles,
        )

    def _hits(
        self, was: Mapping[str, Any], models: Mapping[str, str]
    ) -> tuple[list[Hit] | None, Mapping[str, str | int]]:
        """What was found then; None with the reasons where it cannot be read again."""
        now = self._versions()
        changed: dict[str, str | int] = {
            name: models.get(name, "") for name in READ_WITH if models.get(name) != now[name]
        }
        with self._database.read() as session:
            found = self._index.passages(session, [key for key, *_ in was["hits"]])
        gone = sum(key not in found or found[key].version != version for key, version, *_ in was["hits"])
        if changed or gone:
            return None, changed | ({"passages": gone} if gone else {})
        return [
            Hit(rank, score, dense, lexical, found[key], aside)
            for rank, (key, _, score, dense, lexical, aside) in enumerate(was["hits"], start=1)
        ], {}

    def _measured(self, trace: Mapping[str, Any], hits: Sequence[Hit]) -> tuple[Signals, bool]:
        was = trace["replay"]
        ranked = [(name, probability) for name, probability in trace["routing"]]
        top = ranked[0] if ranked else (None, 0.0)
        routing = Routing(top[0], top[1], 0.0, ranked, trace["out_of_scope"], [], [])
        known = [Meaning(frozenset(asked), tuple(map(frozenset, forms))) for asked, forms in was["known"]]
        worn: dict[str, str | None] = {hit.passage.domain: None for hit in hits}
        reader = self._reader_with(Variation(versions=worn | was["adapters"]))
        reading = reader.read(trace["searched"], hits, was["rarity"], known, dict(ranked))
        checked = _checked(trace, reading)
        return measure(routing, trace["domain"], hits, reading, checked), is_sound(checked, reading)


def _checked(trace: Mapping[str, Any], reading: Reading) -> Verification | None:
    evidence = reading.evidence[:1]
    if not evidence or trace["draft"] is None:
        return None
    told = "\n".join(passage_heading(one.hit.passage) for one in evidence)
    return verify(trace["draft"], [one.quote for one in evidence], trace["searched"], told)
