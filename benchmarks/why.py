"""Does every statement of the why agree with the record? `python -m benchmarks.why [--cache FILE] [--questions 200]`.

Questions of the example company's development splits are asked of the whole assistant; each why is taken apart by the
sentences that it can be made of, and what each says is looked up in the record: department, runner-up, example, file,
place, shares, limit, signals. What cannot be taken apart disagrees too.
"""

import argparse
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from assistant.answer import Answer
from assistant.ask import SURE_ROUTE
from assistant.evaluations import Forgetful
from assistant.steps.explain import place
from assistant.variation import FULL
from assistant.wording import Language, as_language, catalogue, say
from benchmarks.company import opened, questions

SPLITS = ("train", "router", "calibration", "regression")
QUESTIONS = 200
Said = Mapping[str, str]
Title = Callable[[str], str]  # of a department, in the answer's language


@lru_cache(maxsize=2)
def _forms(language: Language) -> list[tuple[str, re.Pattern[str]]]:
    """What a why can be made of, the most exact first: key, and the sentence with its blanks as groups."""
    found = []
    for key, words in catalogue(language).items():
        if key.startswith(("why.", "help.")) and key not in ("why.joint",) and not key.startswith("why.when_"):
            parts = re.split(r"\{(\w+)[^}]*\}", words.strip())
            fixed = [re.escape(part) if n % 2 == 0 else f"(?P<{part}>.*?)" for n, part in enumerate(parts)]
            found.append((key, re.compile("".join(fixed), re.DOTALL), len("".join(parts[::2]))))
    return [(key, form) for key, form, _ in sorted(found, key=lambda one: -one[2])]


def statements(why: str, language: Language) -> list[tuple[str, Said]] | None:
    """The sentences of a why with what fills their blanks; None where it cannot be taken apart."""
    text = why.strip()
    if not text:
        return []
    for key, form in _forms(language):
        match = form.match(text)
        if match and match.end():
            rest = statements(text[match.end() :], language)
            if rest is not None:
                return [(key, match.groupdict()), *rest]
    return None


def disagreements(answer: Answer, trace: Mapping[str, Any], hold_below: float, title: Title) -> list[str]:
    """The statements of a why that the record does not bear out."""
    language = as_language(answer.language)
    said = statements(answer.why, language)
    if said is None:
        return [f"not taken apart: {answer.why}"]
    record = Recorded(answer, trace, hold_below, title)
    return [
        f"{key}: {told}"
        for key, filled in said
        for claims in (_route, _source, _decision)
        for told, holds in claims(key, filled, record)
        if not holds
    ]


@dataclass(frozen=True)
class Recorded:
    """What was recorded of an answer, the department's limit then, and its departments' titles."""

    answer: Answer
    trace: Mapping[str, Any]
    hold_below: float
    title: Title


Claims = Iterator[tuple[str, bool]]  # what a sentence claims, and whether it is so


def _route(key: str, said: Said, record: Recorded) -> Claims:
    routing, domain = record.trace["routing"], record.trace["domain"]
    if "domain" in said:
        yield "department", said["domain"] == record.title(domain)
    if "runner_up" in said:
        yield "runner-up", said["runner_up"] == record.title(next(name for name, _ in routing if name != domain))
    if "routed" in said:
        yield "looked like", routing[0][0] != domain and said["routed"] == record.title(routing[0][0])
    if "example" in said:
        nearest = record.trace["nearest"]
        yield "example", any(name == domain and text == said["example"] for name, text, _ in nearest)
    if key.endswith("_documents"):
        yield "documents", record.trace["closest"][0][0] == domain
    if key == "why.searched_all":
        yield "no department was clear", routing[0][1] < SURE_ROUTE + 1e-4


def _source(key: str, said: Said, record: Recorded) -> Claims:
    answer = record.answer
    if key in ("why.passage", "why.passage_at"):
        language = as_language(answer.language)
        told = [
            say(language, key, file=one.file, place=place(language, one), share=said["share"])
            for one in answer.citations
        ]
        yield "file and place", say(language, key, **said) in told  # a bracket in a file's name may cut it elsewhere
        yield "share", said["share"] == str(round(100 * answer.signals["coverage"]))
    if key == "why.against":
        yield "found to contradict", answer.signals["contradicted"]
        yield "says otherwise", any(said["file"].startswith(one.file) for one in answer.citations[1:2])
    if key == "why.nothing_found":
        yield "nothing found", not answer.citations


def _decision(key: str, said: Said, record: Recorded) -> Claims:
    answer, limit = record.answer, record.hold_below
    effects = {reason["label"]: reason["effect"] for reason in answer.reasons}
    if "percent" in said:
        yield "confidence", -0.011 <= 100 * answer.confidence - float(said["percent"]) <= 1  # rounded down
    if "limit" in said:
        yield "limit", 0 <= 100 * limit - float(said["limit"]) + 1e-6 <= 1
        yield "side of the limit", (answer.confidence >= limit - 1e-4) == (key == "why.answered")
    if key == "why.aside":
        yield "nobody's", answer.is_aside
    if "raised" in said:
        yield "raised most", effects.get(said["raised"], 0.0) == max(effects.values()) > 0
    if "lowered" in said:
        yield "lowered most", effects.get(said["lowered"], 0.0) == min(effects.values()) < 0
    if key.startswith("help."):
        least = min(answer.reasons, key=lambda reason: float(reason["effect"]))
        yield "help for what lowered most", key == f"help.{least['name']}"
    for status in ("declined", "held", "answered"):
        if key.startswith(f"why.{status}"):
            yield status, answer.status == status


def main() -> None:
    """Ask, take apart, look up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, help="keeps what the reader marked, for the next run")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    given = parser.parse_args()
    known = [one for one in questions(SPLITS) if not one.history]
    drawn = known[:: max(1, len(known) // given.questions)][: given.questions]
    checked = told = 0
    with opened(given.cache) as (services, operator):
        memory = Forgetful()
        assistant = services.assistant_with(memory, FULL)
        for question in drawn:
            language = as_language(question.language)
            answer = assistant.ask(question.question, operator, language=language, reviewed=False)
            checked += 1
            if "parts" in answer.signals:
                continue
            told += len(statements(answer.why, as_language(answer.language)) or [])
            name = memory.trace["domain"]
            limit = services.domains.get(name).hold_below if name else 0.0

            title = partial(services.domains.title, language=as_language(answer.language))
            for wrong in disagreements(answer, memory.trace, limit, title):
                print(f"{question.id}: {wrong}\n    {answer.why}")
    print(f"{checked} answers, {told} statements")


if __name__ == "__main__":
    main()
