"""Blocks to passages: cut on structure first, then inside what is too long; nothing is lost.

A passage keeps its heading path and place. Counted in the encoder's tokens, which the caller hands in.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from semchunk.semchunk import chunkerify

from index.blocks import Block
from index.items import without_bullets

CountTokens = Callable[[str], int]

TARGET = 220  # tokens: neighbours under one heading are joined up to here
LONGEST = 320  # tokens: a block above is cut; the reader takes it with heading and question in one window
HEADING_DEPTH = 4
BETWEEN = "\n\n"  # between blocks; a single line break stands inside one


@dataclass(frozen=True)
class Cut:
    """A passage before it has an id. `heading` is the path, 'A > B'."""

    text: str
    heading: str
    page: int | None
    sheet: str | None
    slide: int | None
    cells: str | None
    box: tuple[float, float, float, float] | None
    tokens: int


@dataclass
class _Open:
    """A passage that is still growing."""

    blocks: list[Block]
    heading: str
    tokens: int


def cut(blocks: Iterable[Block], count_tokens: CountTokens) -> list[Cut]:
    """The passages of a document in reading order."""
    return [passage for group in _groups(blocks, count_tokens) if (passage := _close(group)) is not None]


def _groups(blocks: Iterable[Block], count_tokens: CountTokens) -> Iterator[_Open]:
    path: list[tuple[int, str]] = []
    group: _Open | None = None
    bare: Block | None = None  # the last heading, as long as no text stands under it
    for block in blocks:
        if block.kind == "heading":
            if group is not None:
                yield group
                group = None
            elif bare is not None:  # a heading without text of its own must stay findable
                yield _Open([_as_text(path[-1][1], bare)], _joined(path[:-1]), count_tokens(path[-1][1]))
            path = [entry for entry in path if entry[0] < block.level] + [(block.level, " ".join(block.text.split()))]
            bare = block
            continue
        bare = None
        for piece in _pieces(block, count_tokens):
            tokens = count_tokens(without_bullets(piece.text))
            if group is not None and (group.tokens + tokens > TARGET or _apart(group.blocks[-1], piece)):
                yield group
                group = None
            if group is None:
                group = _Open([], _joined(path), 0)
            group.blocks.append(piece)
            group.tokens += tokens
    if group is not None:
        yield group
    elif bare is not None:
        yield _Open([_as_text(path[-1][1], bare)], _joined(path[:-1]), count_tokens(path[-1][1]))


def _as_text(text: str, heading: Block) -> Block:
    return replace(heading, kind="paragraph", text=text)


def _joined(path: list[tuple[int, str]]) -> str:
    return " > ".join(text for _, text in path[-HEADING_DEPTH:])


def _apart(above: Block, below: Block) -> bool:
    return (above.page, above.sheet, above.slide) != (below.page, below.sheet, below.slide)


def _pieces(block: Block, count_tokens: CountTokens) -> Iterator[Block]:
    tokens = count_tokens(block.text)
    if tokens <= LONGEST:
        yield block
        return
    pieces = math.ceil(tokens / LONGEST)
    chunker = chunkerify(
        _counter(count_tokens), math.ceil(tokens / pieces)
    )  # alike: a short rest says little by itself
    for text in chunker(block.text):
        yield replace(block, text=str(text))


def _counter(count_tokens: CountTokens) -> Callable[[str], int]:
    # semchunk asks for any callable that counts; a plain function keeps its cache small
    return lambda text: count_tokens(text)


def _close(group: _Open) -> Cut | None:
    text = BETWEEN.join(block.text.strip() for block in group.blocks).strip()
    if not text:
        return None
    first = group.blocks[0]
    return Cut(
        text=text,
        heading=group.heading,
        page=first.page,
        sheet=first.sheet,
        slide=first.slide,
        cells=_cells([b.cells for b in group.blocks if b.cells]),
        box=_box([b.box for b in group.blocks if b.box]),
        tokens=group.tokens,
    )


def _cells(ranges: list[str]) -> str | None:
    if not ranges:
        return None
    return ranges[0] if len(ranges) == 1 else f"{ranges[0].split(':')[0]}:{ranges[-1].split(':')[-1]}"


def _box(boxes: list[tuple[float, float, float, float]]) -> tuple[float, float, float, float] | None:
    if not boxes:
        return None
    left, bottom, right, top = zip(*boxes, strict=True)
    return (min(left), min(bottom), max(right), max(top))


def searched_text(title: str, passage: Any) -> str:
    """What is embedded and tokenised for a passage: the document's title and heading path before its text."""
    return "\n".join(part for part in (title, passage.heading, without_bullets(passage.text)) if part)
