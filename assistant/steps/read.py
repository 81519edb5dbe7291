"""Step 4: mark in each passage the sentence that answers the question, evidence first.

Every sentence is a candidate; what was measured about it is weighed by coefficients that `benchmarks.fit_reading`
fitted. It knows nothing of domains or rights.
"""

import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from typing import Protocol

from assistant.answer import Evidence, Reading
from assistant.language import language_of
from assistant.steps.bands import compared
from assistant.steps.candidates import Candidate, Mark, candidates, content_weights, covered, in_context
from assistant.steps.compare import says_the_same
from assistant.steps.expected import fits, identifiers
from assistant.steps.instead import is_named, named_instead, naming, put_instead
from assistant.steps.lists import with_its_list
from assistant.steps.months import of_another_month
from assistant.steps.second_look import SecondLook
from assistant.steps.sentences import sentences
from index import Encode, Hit, Meaning

NEARLY = 0.5  # of the best score
LIKELIEST = 3  # sentences at the first look, one of which must be a row for the question's number
PARAGRAPH = 240  # characters; a longer one is not quoted whole
_EXCEPTION = re.compile(r"\s*(ただし|但し|なお|この場合|however\b|except\b|unless\b|but\b)", re.IGNORECASE)


class Reader(Protocol):
    """Finds in passages what answers a question."""

    def read(
        self,
        question: str,
        hits: Sequence[Hit],
        rarity: Mapping[str, float],
        known: Sequence[Meaning],
        routes: Mapping[str, float],
    ) -> Reading:
        """The evidence of the passages, best first.

        Args:
            rarity: how much each term of the question says, see `content_weights`.
            known: its words that the glossary knows.
            routes: how likely the question belongs to each department.
        """


class SentenceReader:
    """Ranks the sentences of the passages; with the reader's skill (`mark`) or, for comparison, without.

    `again`: a second look at the best.
    """

    def __init__(self, encode: Encode, mark: Mark | None, again: SecondLook | None = None) -> None:
        self._encode = encode
        self._mark = mark
        self._again = again
        fitted = json.loads((files("assistant") / "steps" / "reading.json").read_text("utf-8"))
        self._weights: dict[str, float] = fitted["with_skill" if mark else "without_skill"]["weights"]

    def read(
        self,
        question: str,
        hits: Sequence[Hit],
        rarity: Mapping[str, float],
        known: Sequence[Meaning],
        routes: Mapping[str, float],
    ) -> Reading:
        """The best sentence of each passage, best first; with it what belongs to it, see `widened`. Of the ways to put
        a follow-up that names something else the one that is answered best.

        Args:
            rarity, known, routes: see `Reader`.
        """
        instead = named_instead(question)
        ways = dict.fromkeys([question, put_instead(question, instead, hits)] if instead else [question])
        readings = [self._read(way, instead, hits, rarity, known, routes) for way in ways]
        return max(readings, key=lambda one: one.evidence[0].score if one.evidence else 0.0)

    def _read(
        self,
        question: str,
        instead: str,
        hits: Sequence[Hit],
        rarity: Mapping[str, float],
        known: Sequence[Meaning],
        routes: Mapping[str, float],
    ) -> Reading:
        """What is found for one way to put the question. A second look is taken at several sentences of a passage:
        which of them is best is often what the first look does not know.
        """

        def found_for(asked: str) -> list[Candidate]:
            weights = content_weights(asked, rarity)
            found = candidates(asked, hits, routes, weights, known, self._encode, self._mark)
            found = [one for one in found if not of_another_month(asked, one.text)]
            return naming(instead, found, known) if instead else found

        told, question = self._in_its_band(question, found_for)
        looked = first_look(told, self._weights)
        if not looked:
            return Reading()
        found, otherwise = _parted([_evidence(told[number], place, odds) for odds, number, place in looked])
        otherwise = _one_of_each(otherwise)
        if not found:
            return Reading(otherwise=otherwise)
        judged: list[Evidence] = []
        if self._again is not None:
            judged, rest = self._again.ranked(question, found)
            found = [*judged, *rest]
        ranked = own_language_first(question, _one_of_each(found))
        if self._again is not None:
            ranked[0] = self._again.witnessed(question, ranked[0])
        against = self._again.contradicting(ranked) if self._again is not None else None
        ranked = [_complete(one) for one in ranked]  # for whoever reads it; judges know sentences
        top = ranked[0]
        told_of = f"{top.hit.passage.file} {top.hit.passage.heading} {top.hit.passage.text}"
        named = identifiers(question)
        return Reading(
            ranked,
            otherwise,
            judged,
            against=_complete(against) if against else None,
            coverage=covered(content_weights(question, rarity), known, in_context(top.hit, top.start, top.end)),
            missing=tuple(sorted(named - identifiers(told_of))),
            right_kind=fits(question, top.quote),
            unnamed="" if not instead or _names(top, instead, known) else instead,
        )

    def _in_its_band(self, question: str, found: Callable[[str], list[Candidate]]) -> tuple[list[Candidate], str]:
        """What may answer, and the question that it was found for: who asks about six years of service is read as
        asking about five where a row that is among the likeliest is for five and more, and no other one is.
        """
        left, worded = _in_their_bands(question, found(question))
        likeliest = first_look(left, self._weights)[:LIKELIEST]
        best = next((worded[number] for _, number, _ in likeliest if number in worded), None)
        return (left, question) if best is None else (_in_their_bands(best, found(best))[0], best)


def _in_their_bands(question: str, found: Sequence[Candidate]) -> tuple[list[Candidate], dict[int, str]]:
    """Without the rows that are for other numbers than the question's; each is compared with those of its section. And
    by the number of a row that is left for them, the question as it would put it.
    """
    sections: defaultdict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for one in found:
        sections[one.hit.passage.version, one.hit.passage.heading].append(one)
    rules = {
        id(one): rule
        for those in sections.values()
        for one, rule in zip(those, compared(question, [each.text for each in those]), strict=True)
    }
    left = [one for one in found if not rules[id(one)].another]
    return left, {number: worded for number, one in enumerate(left) if (worded := rules[id(one)].question) is not None}


def first_look(found: Sequence[Candidate], weights: Mapping[str, float]) -> list[tuple[float, int, tuple[int, int]]]:
    """What would be quoted, best first: (log-odds, number of its best candidate, its characters with what belongs to
    it); candidates that belong to the same are one.
    """
    best: dict[tuple[int, int, int], tuple[float, int]] = {}
    for number, candidate in enumerate(found):
        passage, odds = candidate.hit.passage, log_odds(candidate, weights)
        key = passage.id, *widened(passage.text, candidate.start, candidate.end)
        if key not in best or odds > best[key][0]:
            best[key] = odds, number
    made = [(odds, number, (start, end)) for (_, start, end), (odds, number) in best.items()]
    return sorted(made, key=lambda one: -one[0])


def _names(evidence: Evidence, named: str, known: Sequence[Meaning]) -> bool:
    """Whether it names what a follow-up asks about; in another language it may in words that nobody told."""
    spoken = language_of(named, "en")
    told = in_context(evidence.hit, evidence.start, evidence.end)
    return language_of(evidence.quote, spoken) != spoken or is_named(named, told, known)


def _evidence(candidate: Candidate, place: tuple[int, int], odds: float) -> Evidence:
    return Evidence(candidate.hit, *place, 1 / (1 + math.exp(-odds)), candidate.answers, candidate.marked)


def log_odds(candidate: Candidate, weights: Mapping[str, float]) -> float:
    """Of a candidate to be what answers: a weighted sum of its measures."""
    measured = {name: weight for name, weight in weights.items() if name != "bias"}
    return weights["bias"] + sum(weight * float(getattr(candidate, name)) for name, weight in measured.items())


class PassageReader:
    """What is left without reading: every passage whole, as it was ranked. For comparison only."""

    def read(
        self,
        question: str,
        hits: Sequence[Hit],
        rarity: Mapping[str, float],
        known: Sequence[Meaning],
        routes: Mapping[str, float],
    ) -> Reading:
        """The passages as evidence, best first."""
        found, otherwise = _parted([Evidence(hit, 0, len(hit.passage.text), hit.score) for hit in hits])
        if not found:
            return Reading(otherwise=otherwise)
        best = found[0].hit.passage
        return Reading(
            found,
            otherwise,
            coverage=covered(content_weights(question, rarity), known, f"{best.heading} {best.text}"),
        )


def _parted(found: list[Evidence]) -> tuple[list[Evidence], list[Evidence]]:
    """What may be answered from, and what documents say that are not in force."""
    return [one for one in found if not one.hit.aside], [one for one in found if one.hit.aside]


def _one_of_each(ranked: list[Evidence]) -> list[Evidence]:
    """The best of each passage, in their order."""
    first: dict[int, Evidence] = {}
    for one in ranked:
        first.setdefault(one.hit.passage.id, one)
    return list(first.values())


def _complete(one: Evidence) -> Evidence:
    start, end = with_its_list(one.hit.passage.text, one.start, one.end)
    return replace(one, start=start, end=end)


def own_language_first(question: str, ranked: list[Evidence]) -> list[Evidence]:
    """The evidence, best first; where the best is in another language than the question and a passage in the question's
    says the same nearly as surely, that one comes first, with the best one's score.
    """
    best, *others = ranked
    asked = language_of(question, "en")
    if language_of(best.quote, asked) == asked:
        return ranked
    for other in others:
        same = language_of(other.quote, asked) == asked and says_the_same(best, other)
        if same and other.score >= NEARLY * best.score:
            return [replace(other, score=best.score), *(evidence for evidence in ranked if evidence is not other)]
    return ranked


def widened(text: str, start: int, end: int) -> tuple[int, int]:
    """A span with what belongs to it: its whole paragraph where that is short, so that no condition is lost, and the
    sentences after it that limit it ('ただし…', 'However, …').
    """
    told = list(sentences(text))
    first = next((n for n, (_, stop) in enumerate(told) if stop > start), 0)
    last = next((n for n in range(len(told) - 1, -1, -1) if told[n][0] < end), first)
    while last + 1 < len(told) and _goes_with(text, told[last], told[last + 1], start):
        last += 1
    end = max(end, told[last][1]) if told else end
    while first > 0 and _one_paragraph(text, told[first - 1], told[first]) and end - told[first - 1][0] <= PARAGRAPH:
        first -= 1
    return (min(start, told[first][0]) if told else start), end


def _goes_with(text: str, one: tuple[int, int], following: tuple[int, int], start: int) -> bool:
    if _EXCEPTION.match(text, following[0]) and not text[one[1] : following[0]].strip():
        return True
    return _one_paragraph(text, one, following) and following[1] - start <= PARAGRAPH


def _one_paragraph(text: str, one: tuple[int, int], following: tuple[int, int]) -> bool:
    return "\n" not in text[one[1] : following[0]]
