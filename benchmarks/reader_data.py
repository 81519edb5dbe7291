"""What the shipped reader learns from: outside data's training parts and the example company's train split.

policyqa takes no part. Whoever changes the mix changes the skill's card by training it again.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from sqlalchemy import select

from adapters.judging import says_all, stands_in
from adapters.questions import Question
from adapters.reader_training import Reading
from assistant.steps.candidates import passage_heading
from benchmarks.company import Handed, handed, opened
from benchmarks.outside_data import Part, read, with_negatives
from index import Passage
from index.search import load
from index.tables import PassageRow

ANSWERING = 3  # how often a passage of the company that answers is seen, for each time that one is that does not
# how often a reading is seen, by language and kind; there are seven Japanese questions for one English
SHARE = {
    "ja": {"answerable": 0.28, "near": 0.1, "far": 0.03, "altered": 0.04},
    "en": {"answerable": 1.6, "unanswerable": 1.4, "near": 0.4, "far": 0.15, "altered": 0.35},
}
_NAMED = re.compile(r"\d[\d,.]*|[\u30a1-\u30faー]{3,}|(?<=[a-z] )[A-Z][a-z]+(?: [A-Z][a-z]+)*|[\u4e00-\u9fff]{3,}")
TITLED = 0.5  # of the readings begin with their article's title, as a passage of the index does with its heading


def company(splits: Sequence[str]) -> list[Reading]:
    """The example company's questions of some splits, with the passages of its index.

    An answerable one comes with the passages that hold its evidence; every one with those that search hands to the
    reader and that do not answer it: the negatives that the product meets.
    """
    found = []
    with opened() as (services, operator):
        passages: dict[str, list[Passage]] = {}
        with services.database.read() as session:
            every = session.scalars(select(PassageRow.id)).all()
            for passage in load(session, every, operator.scope).values():
                passages.setdefault(passage.file, []).append(passage)
        for question, given in handed(services, operator, splits):
            found += _of(question, given, passages)
    return found


def _of(question: Question, given: Handed, passages: dict[str, list[Passage]]) -> list[Reading]:
    made: dict[int, tuple[str, Passage, tuple[tuple[int, str], ...]]] = {}
    for piece in question.evidence:
        for passage in passages.get(piece.file, []):
            span = _span(question, passage.text, piece.quote)
            if span is not None and stands_in(piece, piece.file, passage.text):
                made[passage.id] = "answerable", passage, ((span[0], passage.text[slice(*span)]),)
    for passage in (hit.passage for hit in given.hits):
        if (
            passage.id not in made
            and not any(stands_in(piece, passage.file, passage.text) for piece in question.evidence)
            and not says_all(question, passage.text)
        ):
            made[passage.id] = "near", passage, ()
    return [
        Reading(
            id=f"{question.id}-{n}",
            language=question.language,
            title=passage.file,
            question=given.question,
            passage=passage.text,
            answers=answers,
            kind=kind,
            heading=passage_heading(passage),
        )
        for n, (kind, passage, answers) in enumerate(made.values())
    ]


def _span(question: Question, passage: str, quote: str) -> tuple[int, int] | None:
    """The characters from the first to the last required fact that stands near the quote; of a question with one
    piece of evidence all of them must. None where there is none.
    """
    begin = max(0, passage.find(quote.split(" | ")[0])) if quote else 0
    ends = []
    for forms in question.facts:
        hits = [match.span() for form in forms for match in re.finditer(re.escape(form), passage, re.IGNORECASE)]
        after = [hit for hit in hits if hit[0] >= begin] or hits
        if after:
            ends.append(min(after))
        elif len(question.evidence) == 1:
            return None
    if not ends:
        return None
    return min(start for start, _ in ends), max(end for _, end in ends)


def mixed(data: Path, part: Part, seed: int = 0) -> list[Reading]:
    """The outside training mix: Japanese and English sets with built negatives."""
    random = Random(seed)  # a choice, not a secret
    made: list[Reading] = []
    english = read(data, "squad2", part) + read(data, "xquad-en", part)
    for readings in (read(data, "jaquad", part), english):
        for reading in with_negatives(readings) + altered(readings):
            seen = SHARE[reading.language][reading.kind]
            times = int(seen) + (random.random() < seen % 1)
            made += [
                replace(reading, heading=reading.title) if random.random() < TITLED else reading for _ in range(times)
            ]
    return made


def answering_often(found: Sequence[Reading]) -> list[Reading]:
    """The company's readings: what answers `ANSWERING` times, the rest once."""
    return [reading for reading in found for _ in range(ANSWERING if reading.answers else 1)]


def altered(readings: Sequence[Reading]) -> list[Reading]:
    """Near misses by rule: a number or name of the question, which its passage holds, becomes another of the article
    that the passage does not hold.
    """
    named: dict[str, set[str]] = {}
    for reading in readings:
        named.setdefault(reading.title, set()).update(_NAMED.findall(reading.question))
    made = []
    for reading in readings:
        held = [name for name in _NAMED.findall(reading.question) if name in reading.passage]
        if not reading.answers or not held:
            continue
        name = max(held, key=lambda name: (name[0].isdigit(), len(name)))
        like = [
            other
            for other in sorted(named[reading.title])
            if _form(other) == _form(name) and other not in reading.passage and other not in reading.question
        ]
        if like:
            other = Random(reading.id).choice(like)  # the same every time
            question = reading.question.replace(name, other, 1)
            made.append(replace(reading, id=f"{reading.id}-altered", question=question, answers=(), kind="altered"))
    return made


def _form(name: str) -> str:
    return "number" if name[0].isdigit() else "katakana" if "\u30a0" <= name[0] <= "\u30ff" else "name"


def tuning(data: Path, count: int, seed: int = 0) -> list[list[Reading]]:
    """`count` questions a language of the tuning parts, with negatives."""
    random = Random(seed)
    sets: list[Sequence[Reading]] = [
        read(data, "jaquad", "tune"),
        read(data, "squad2", "tune") + read(data, "xquad-en", "tune"),
    ]
    return [with_negatives(random.sample(list(readings), min(count, len(readings)))) for readings in sets]
