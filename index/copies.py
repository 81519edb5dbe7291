"""The same text in several documents: found once, with all its sources."""

from collections.abc import Sequence
from dataclasses import replace

from index.search import Hit
from index.tokenizer import fold, unify

LONG = 60  # characters; a shorter text says something else under another heading


def merged(hits: Sequence[Hit]) -> list[Hit]:
    """The hits, best first, without those that a better one of the same department and time says word for word; these
    are its `copies`. Width, case, blanks, punctuation and spelling variants don't matter; a number or a word does. What
    somebody uploaded for himself is no source where the department has the same.
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
            first, copy = better.passage, hit.passage
            if first.own and not copy.own and said == told:
                first, copy = copy, first
            kept[at] = replace(better, passage=first, copies=(*better.copies, copy)), said
    return [hit for hit, _ in kept]


def _letters(text: str) -> str:
    return "".join(character for character in unify(fold(text)) if character.isalnum())


def _may_be(one: Hit, other: Hit) -> bool:
    mine, its = one.passage, other.passage
    if mine.domain != its.domain or mine.document == its.document:
        return False
    ours, theirs = mine.standing, its.standing
    return (ours.validity, ours.succeeded) == (theirs.validity, theirs.succeeded)


def _holds(said: str, told: str) -> bool:
    return said == told or (len(told) >= LONG and told in said)
