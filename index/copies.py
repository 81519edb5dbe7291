"""The same text in several documents: found once, with all its sources."""

from collections.abc import Sequence
from dataclasses import replace

from index.search import Hit
from index.tokenizer import fold, unify

LONG = 60  # characters; a shorter text says something else under another heading


def merged(hits: Sequence[Hit]) -> list[Hit]:
    """The hits, best first, without those that a better one of the same department and time says word for word; these
    are its `copies`. Width, case, blanks, punctuation and spelling variants don't matter; a number or a word does.
    """
    kept: list[tuple[Hit, str]] = []
    for hit in hits:
        told = _letters(hit.passage.text)
        if len(told) < LONG:
            told = f"{_letters(hit.passage.heading)}|{told}"
        at = next((n for n, (better, said) in enumerate(kept) if _may_be(better, hit) and _holds(said, told)), None)
        if at is None:
            kept.append((hit, told))
        else:
            better, said = kept[at]
            kept[at] = replace(better, copies=(*better.copies, hit.passage)), said
    return [hit for hit, _ in kept]


def _letters(text: str) -> str:
    return "".join(character for character in unify(fold(text)) if character.isalnum())


def _may_be(one: Hit, other: Hit) -> bool:
    mine, its = one.passage, other.passage
    return mine.domain == its.domain and mine.document != its.document and mine.standing == its.standing


def _holds(said: str, told: str) -> bool:
    return said == told or (len(told) >= LONG and told in said)
