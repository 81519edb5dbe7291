"""What the shipped reader learns from: outside data's training parts, questions of our own writing that their passages
nearly answer (`near_misses.tsv`), the example company's train split, and the invented organisations of `lessons/`.

policyqa takes no part. Whoever changes the mix changes the skill's card by training it again.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from sqlalchemy import select

from adapters.reader_examples import answering_often, readings_of
from adapters.reader_training import Reading
from assistant.steps.candidates import passage_heading
from benchmarks.company import EXAMPLES, LESSONS, handed, opened, questions
from benchmarks.outside_data import Part, read, with_negatives
from index import Passage
from index.search import load
from index.tables import PassageRow

Shares = Mapping[str, Mapping[str, float]]
# how often a reading is seen, by language and kind; there are seven Japanese questions for one English
SHARE: Shares = {
    "ja": {"answerable": 0.28, "near": 0.1, "far": 0.03, "altered": 0.04},
    "en": {"answerable": 1.6, "unanswerable": 1.4, "near": 0.4, "far": 0.15, "altered": 0.35},
}
# the same where what nearly answers is to be learnt further: its passages' own questions are seen once as well
NEARLY: Shares = {
    "ja": {"answerable": 0.07, "unanswerable": 1.0, "near": 0.03, "far": 0.012, "altered": 0.012},
    "en": {"answerable": 0.8, "unanswerable": 0.6, "near": 0.12, "far": 0.08, "altered": 0.1},
}
NEAR_MISSES = Path(__file__).parent / "near_misses.tsv"
_NAMED = re.compile(r"\d[\d,.]*|[\u30a1-\u30faー]{3,}|(?<=[a-z] )[A-Z][a-z]+(?: [A-Z][a-z]+)*|[\u4e00-\u9fff]{3,}")
TITLED = 0.5  # of the readings begin with their article's title, as a passage of the index does with its heading


# what the reader's skill has learnt from; the others did not help it (see the lab log)
_ENGLISH = ("agency", "charity", "factory", "hotel", "logistics", "saas", "software", "univ")
_JAPANESE = ("bank", "build", "city", "clinic", "cloud", "food", "retail", "univ")
TAUGHT = [*(LESSONS / f"en-{name}" for name in _ENGLISH), *(LESSONS / f"ja-{name}" for name in _JAPANESE)]
FIRST = 6  # of the passages that search gives for a lesson's question are learnt from; the rest are hardly near


def lessons() -> list[Reading]:
    """The questions of the invented organisations, with what search finds in their own documents."""
    return [reading for folder in TAUGHT for reading in answering_often(company(["train"], folder, FIRST)["train"])]


def company(splits: Sequence[str], folder: Path = EXAMPLES, first: int | None = None) -> dict[str, list[Reading]]:
    """By split, an invented company's questions with the passages of its index.

    An answerable one comes with the passages that hold its evidence; every one with those that search hands to the
    reader and that do not answer it: the negatives that the product meets.
    """
    found: dict[str, list[Reading]] = {split: [] for split in splits}
    with opened(folder=folder) as (services, operator):
        passages: dict[str, list[Passage]] = {}
        with services.database.read() as session:
            every = session.scalars(select(PassageRow.id)).all()
            for passage in load(session, every, operator.scope).values():
                passages.setdefault(passage.file, []).append(passage)
        for question, given in handed(services, operator, questions(splits, folder)):
            where = [_told(one) for piece in question.evidence for one in passages.get(piece.file, [])]
            told = [_told(hit.passage) for hit in given.hits[:first]]
            found[question.split] += readings_of(question, given.question, where, told)
    return found


def _told(passage: Passage) -> tuple[str, str, str]:
    return passage.file, passage_heading(passage), passage.text


def near_misses(readings: Sequence[Reading]) -> list[Reading]:
    """Questions of our own writing that these readings' passages speak of and do not answer."""
    passages = {hashlib.sha256(reading.passage.encode()).hexdigest()[:12]: reading for reading in readings}
    made = []
    for number, line in enumerate(NEAR_MISSES.read_text("utf-8").splitlines()):
        passage, question = line.split("\t")
        if known := passages.get(passage):
            made.append(replace(known, id=f"own-{number}", question=question, answers=(), kind="unanswerable"))
    return made


def mixed(data: Path, part: Part, seed: int = 0, *, nearly: bool = False) -> list[Reading]:
    """The outside training mix: Japanese and English sets with built negatives; `nearly`: above all our own near misses
    and the other questions of their passages.
    """
    random = Random(seed)  # a choice, not a secret
    shares = NEARLY if nearly else SHARE
    made: list[Reading] = []
    english = read(data, "squad2", part) + read(data, "xquad-en", part)
    for readings in (read(data, "jaquad", part), english):
        own = near_misses(readings) if nearly else []
        passages = {reading.passage for reading in own}
        once = {reading.id for reading in own}
        once |= {reading.id for reading in readings if reading.answers and reading.passage in passages}
        for reading in [*with_negatives(readings), *altered(readings), *own]:
            seen = max(shares[reading.language][reading.kind], float(reading.id in once))
            times = int(seen) + (random.random() < seen % 1)
            made += [
                replace(reading, heading=reading.title) if random.random() < TITLED else reading for _ in range(times)
            ]
    return made


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
