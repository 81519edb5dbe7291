"""What the shipped reader learns from: outside data's training parts and the example company's train split.

policyqa takes no part. Whoever changes the mix changes the skill's card by training it again.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from adapters.judging import stands_in
from adapters.questions import Question, read_questions
from adapters.reader_training import Reading
from benchmarks.outside_data import Part, read, with_negatives
from index import DocumentError, terms
from index.parsing import parse_file
from index.passages import cut

EXAMPLES = Path(__file__).parent.parent / "examples"
NEGATIVES = 3  # passages of the same document that do not answer, for a question
# how often a reading is seen, by language and kind; there are seven Japanese questions for one English
SHARE = {
    "ja": {"answerable": 0.28, "near": 0.1, "far": 0.03, "altered": 0.04},
    "en": {"answerable": 1.6, "unanswerable": 1.4, "near": 0.4, "far": 0.15, "altered": 0.35},
}
_NAMED = re.compile(r"\d[\d,.]*|[\u30a1-\u30faー]{3,}|(?<=[a-z] )[A-Z][a-z]+(?: [A-Z][a-z]+)*|[\u4e00-\u9fff]{3,}")
TITLED = 0.5  # of the readings begin with their article's title, as a passage of the index does with its heading


def company(split: str, count_tokens: Callable[[str], int]) -> list[Reading]:
    """The example company's questions of a split, with passages cut as the index cuts them.

    An answerable one comes with the passage that holds its evidence and with those of the same document that share
    most with it and do not answer; a near miss with the passages of the document whose topic it shares.
    """
    passages: dict[str, list[str]] = {}
    for path in sorted((EXAMPLES / "documents").rglob("*.*")):
        try:
            blocks = parse_file(path, path.name)
        except DocumentError:
            continue
        passages[path.name] = [f"{part.heading}\n{part.text}" for part in cut(blocks, count_tokens)]
    found = []
    for question in read_questions(EXAMPLES / "questions.jsonl", split):
        asked = " ".join([*question.history[-1:], question.question])
        found += _of(question, asked, passages)
    return found


def _of(question: Question, asked: str, passages: dict[str, list[str]]) -> list[Reading]:
    made: list[tuple[str, str, str, tuple[tuple[int, str], ...]]] = []
    others: list[tuple[str, str]] = []
    for piece in question.evidence:
        for passage in passages.get(piece.file, []):
            span = _span(question, passage, piece.quote)
            if span is None:
                others.append((piece.file, passage))
            elif stands_in(piece, piece.file, passage):
                answers = ((span[0], passage[slice(*span)]),)
                made.append(("answerable", piece.file, passage, answers))
    if question.near:
        others += [(question.near, passage) for passage in passages.get(question.near, [])]
    words = set(terms(asked))
    others.sort(key=lambda other: -len(words & set(terms(other[1]))))
    made += [("near", file, passage, ()) for file, passage in others[:NEGATIVES]]
    return [
        Reading(f"{question.id}-{n}", question.language, file, asked, passage, answers, kind)
        for n, (kind, file, passage, answers) in enumerate(made)
    ]


def _span(question: Question, passage: str, quote: str) -> tuple[int, int] | None:
    """The characters from the first required fact to the last, near the quote; None where one is missing."""
    begin = max(0, passage.find(quote.split(" | ")[0])) if quote else 0
    ends = []
    for forms in question.facts:
        hits = [match.span() for form in forms for match in re.finditer(re.escape(form), passage, re.IGNORECASE)]
        after = [hit for hit in hits if hit[0] >= begin] or hits
        if not after:
            return None
        ends.append(min(after))
    if not ends:
        return None
    return min(start for start, _ in ends), max(end for _, end in ends)


def mixed(data: Path, part: Part, count_tokens: Callable[[str], int], seed: int = 0) -> list[Reading]:
    """The training mix: Japanese and English sets with built negatives, and the example company twice."""
    random = Random(seed)  # a choice, not a secret
    made: list[Reading] = []
    english = read(data, "squad2", part) + read(data, "xquad-en", part)
    for readings in (read(data, "jaquad", part), english):
        for reading in with_negatives(readings) + altered(readings):
            seen = SHARE[reading.language][reading.kind]
            times = int(seen) + (random.random() < seen % 1)
            made += [titled(reading) if random.random() < TITLED else reading for _ in range(times)]
    return made + company(part, count_tokens) * 2


def titled(reading: Reading) -> Reading:
    """The reading with its title as the passage's first line."""
    lead = f"{reading.title}\n"
    answers = tuple((start + len(lead), text) for start, text in reading.answers)
    return replace(reading, passage=lead + reading.passage, answers=answers)


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
