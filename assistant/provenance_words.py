"""Where an answer came from, and the answer made again, in a person's language: for the command and the page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from assistant.answer import address_of
from assistant.provenance import Provenance
from assistant.replay import TOLERANCE, Replayed
from assistant.steps.explain import percent
from assistant.wording import Language, say

UNKNOWN = "–"


@dataclass(frozen=True)
class Line:
    """A sentence, and where it leads; `said`: words of a document or person that it is about."""

    text: str
    href: str | None = None
    said: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the way back, under its title. `aside`: it is of less matter and may be folded."""

    title: str
    lines: list[Line]
    aside: bool = False


def told(language: Language, found: Provenance) -> list[Section]:
    """The way back of one answer, nearest first."""
    tell = partial(say, language)
    models: dict[str, str] = found.made_with.get("models", {})
    words = found.answer["answer"] or found.answer["draft"] or ""
    rests_on = [one for one in found.sources if found.answer["reviewed"] or f"[{one['n']}]" in words]
    parts = {
        "sources": [_source(language, one) for one in rests_on] or [Line(tell("trace.no_sources"))],
        "read": [_source(language, one) for one in found.sources if one not in rests_on],
        "example": [_example(language, found.example)] if found.example else [Line(tell("trace.no_example"))],
        "version": list(_version(language, found.version)),
        "models": [Line(tell(f"trace.model_{name}", identity=value)) for name, value in models.items()],
        "verdicts": [_verdict(language, one) for one in found.verdicts] or [Line(tell("trace.no_verdicts"))],
        "desk": [_ticket(language, one) for one in found.tickets] or [Line(tell("trace.no_desk"))],
        "entries": [Line(tell("place.joint").join(map(str, found.entries)) or UNKNOWN)],
    }
    return [Section(tell(f"trace.{name}"), lines, aside=name == "read") for name, lines in parts.items() if lines]


def replayed(language: Language, one: Replayed) -> list[str]:
    """What came of making an answer again, in sentences; the last one says whether it is the same."""
    tell = partial(say, language)
    then, now = (tell(f"ask.{status}") for status in one.status)
    figures = [f"{percent(confidence, 1)} %" for confidence in one.confidence]
    lines = [tell("replay.decision", then=f"{then}, {figures[0]}", now=f"{now}, {figures[1]}")]
    lines += [
        tell("replay.signal", signal=tell(f"signal.{name}"), then=f"{then:.3f}", now=f"{now:.3f}")
        for name, (then, now) in one.signals.items()
        if abs(then - now) > TOLERANCE
    ]
    if one.obstacles:
        why = [tell(f"replay.other_{name}", before=before) for name, before in one.obstacles.items()]
        lines.append(tell("replay.not_read", why=tell("place.joint").join(why)))
    return [*lines, tell("replay.same" if one.same else "replay.another")]


def _source(language: Language, source: Mapping[str, Any]) -> Line:
    version = source["document_version"] or {"number": UNKNOWN}
    key = "trace.source" if source["still_says_so"] else "trace.source_changed"
    return Line(
        say(language, key, n=source["n"], file=source["file"], number=version["number"], passage=source["passage"]),
        address_of(source["document"], source["version"], source["passage"], source["quote"]),
        source["quote"],
    )


def _example(language: Language, example: Mapping[str, Any]) -> Line:
    if example["state"] == "gone":
        return Line(say(language, "trace.example_gone"))
    state = say(language, f"trace.example_{example['state']}")
    return Line(f"{example['question']} ({state})", said=example["answer"])


def _version(language: Language, version: Mapping[str, Any] | None) -> Iterator[Line]:
    if version is None:
        yield Line(say(language, "trace.no_version"))
        return
    count = version["learnt_from"]["examples"]
    yield Line(say(language, "trace.learnt", version=version["id"][:12], examples=count, person=version["made_by"]))
    for one in version["put_live"]:
        yield Line(say(language, "trace.put_live", day=one["at"][:10], person=one["by"]), said=one["remark"])


def _ticket(language: Language, ticket: Mapping[str, Any]) -> Line:
    kind, state = say(language, f"desk.kind_{ticket['kind']}"), say(language, f"trace.ticket_{ticket['state']}")
    return Line(f"{kind} · {state}", said=ticket["reply"] or "")


def _verdict(language: Language, verdict: Mapping[str, Any]) -> Line:
    words = [say(language, f"desk.verdict_{verdict['verdict']}")]
    words += [say(language, f"desk.{name}_{verdict[name]}") for name in ("cause", "severity") if verdict[name]]
    by = say(language, f"trace.by_{verdict['by']}")
    return Line(f"{by}: {' · '.join(words)}", said=verdict["text"])
