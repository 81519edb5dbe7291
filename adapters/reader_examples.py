"""What the reader learns from a question with known evidence: the passages that hold it, and those that do not."""

import re
from collections.abc import Sequence

from adapters.judging import place_of, says_all, stands_in
from adapters.questions import Question
from adapters.reader_training import Reading

ANSWERING = 3  # how often a passage that answers is seen, for each time that one is that does not
Passage = tuple[str, str, str]  # file, heading, text


def readings_of(
    question: Question, asked: str, where: Sequence[Passage], handed: Sequence[Passage], *, whole: bool = False
) -> list[Reading]:
    """An answerable reading for each passage that holds the evidence, then the negatives.

    Args:
        asked: the question as it is searched for.
        where: passages among which the evidence stands.
        handed: what search gives for the question; what of it does not answer is what the product must tell apart.
        whole: where no fact stands near the quotation, the quotation itself is the answer.
    """
    made: dict[Passage, tuple[str, tuple[tuple[int, str], ...]]] = {}
    for piece in question.evidence:
        for passage in where:
            file, _, text = passage
            if not stands_in(piece, file, text):
                continue
            span = _span(question, text, piece.quote) or (place_of(piece.quote, text) if whole else None)
            if span is not None:
                made[passage] = "answerable", ((span[0], text[slice(*span)]),)
    for passage in handed:
        file, _, text = passage
        holds = any(stands_in(piece, file, text) for piece in question.evidence)
        if passage not in made and not holds and not says_all(question, text):
            made[passage] = "near", ()
    return [
        Reading(
            id=f"{question.id}-{n}",
            language=question.language,
            title=file,
            question=asked,
            passage=text,
            answers=answers,
            kind=kind,
            heading=heading,
        )
        for n, ((file, heading, text), (kind, answers)) in enumerate(made.items())
    ]


def answering_often(found: Sequence[Reading]) -> list[Reading]:
    """What answers `ANSWERING` times, the rest once."""
    return [reading for reading in found for _ in range(ANSWERING if reading.answers else 1)]


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
