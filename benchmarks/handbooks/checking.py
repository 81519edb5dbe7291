"""Whether the questions can be answered rightly at all: every fact and quotation stands in the file that is named."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from pathlib import Path

from adapters.judging import fold, stands_in, states
from adapters.questions import Question
from benchmarks.handbooks import Handbook
from index.parsing import parse_file

TextOf = Callable[[str], str]


def unfounded(questions: Sequence[Question], files: Collection[str], text_of: TextOf) -> Iterator[str]:
    """What does not stand where a question says that it does, a line each.

    Args:
        files: names of the handbook's files.
        text_of: a file's text by its name.
    """
    for question in questions:
        named = {piece.file for piece in question.evidence} | ({question.near} if question.near else set())
        missing = sorted(named - set(files))
        if missing:
            yield from (f"{question.id}: no file {name}" for name in missing)
            continue
        for piece in question.evidence:
            if not stands_in(piece, piece.file, text_of(piece.file)):
                yield f"{question.id}: '{piece.quote}' does not stand in {piece.file}"
        said = fold("\n".join(text_of(piece.file) for piece in question.evidence))
        for forms in question.facts:
            if not any(states(said, form) for form in forms):
                yield f"{question.id}: none of {', '.join(forms)} stands in {', '.join(sorted(named))}"


def check(book: Handbook, data: Path) -> list[str]:
    """What does not stand in a handbook as the product reads it."""
    paths = {path.name: path for path in book.files(data)}

    @cache
    def text_of(name: str) -> str:
        return "\n".join(block.text for block in parse_file(paths[name], name))

    return list(unfounded(book.questions(), paths.keys(), text_of))
