"""Markdown, by its own tokens: headings, paragraphs, list items, tables with headers; HTML in it as a page has it.

A line that was broken for want of room goes on; a short one that somebody ended stays a line.
"""

import re
import unicodedata
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.blocks import Block
from index.items import as_item
from index.parsers import html
from index.parsers.rows import rows_with_header
from index.parsers.source import Source
from index.parsers.text import decode, paragraphs
from index.rules import split_opening

_TEXT = ("text", "code_inline")
_ROOM = 60  # columns; a line that would have been longer with the next word was broken for want of room
_WORD = re.compile(r"!?\[[^\]]*\]\([^)]*\)\S*|\S+")  # a link is not broken
_OPENS = re.compile(
    r"\s*([-・•●○■□◆◇※*＊]\s|[0-9０-９]+[.．)）]|[（(][0-9０-９一-十]+[)）]|[①-⑳]|[^\s:：]{1,40}[:：](?!//))"
)


def parse(source: Source) -> Iterator[Block]:
    """The blocks of a Markdown file."""
    text = decode(source.data, source.name)
    tokens = MarkdownIt("commonmark").enable("table").parse(_without_front_matter(text))
    at = depth = 0
    mark = ""  # of the item that has just begun
    while at < len(tokens):
        token = tokens[at]
        if token.type in ("list_item_open", "list_item_close"):
            depth += token.nesting
        if token.type == "list_item_open":
            mark = f"{token.info}{token.markup}" if token.info else "-"
        if token.type == "heading_open":
            yield Block("heading", _inline(tokens[at + 1]), level=int(token.tag[1:]))
            at += 3
        elif token.type == "table_open":
            end = next(i for i in range(at, len(tokens)) if tokens[i].type == "table_close")
            yield from rows_with_header(_table(tokens[at:end]), headers=1)
            at = end + 1
        elif token.type == "html_block" or (token.type == "inline" and html.hides(token.content)):
            yield from html.blocks(token.content)
            at += 1
        elif token.type == "inline" and token.content.strip():
            if depth:
                yield Block("item", as_item(_inline(token), mark) if mark else _inline(token))
                mark = ""
            else:
                yield from paragraphs(_inline(token))
            at += 1
        elif token.type in ("fence", "code_block") and token.content.strip():
            yield Block("paragraph", token.content.strip())
            at += 1
        else:
            at += 1


def _without_front_matter(source: str) -> str:
    if not source.startswith("---\n"):
        return source
    _, separator, rest = source[4:].partition("\n---\n")
    return rest if separator else source


def _inline(token: Token) -> str:
    lines = token.content.split("\n")
    parts, at = [], 0
    for child in token.children or []:
        if child.type in _TEXT:
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(_between(lines[at], lines[at + 1]))
        elif child.type == "hardbreak" or _is_break(child):
            parts.append("\n")
        at += child.type in ("softbreak", "hardbreak")
    return "".join(parts).strip()


def _between(line: str, following: str) -> str:
    """What stands for a break between two lines of the source: a break, a blank, nothing (Japanese)."""
    line, following = line.strip(), following.strip()
    first = _WORD.match(following)
    if first is None or _OPENS.match(following) or split_opening(following) is not None:
        return "\n"
    wide = _is_wide(following[0])
    if _columns(line) + 1 + (2 if wide else _columns(first.group())) <= _ROOM:
        return "\n"
    return "" if wide and _is_wide(line.rstrip("*_`)]")[-1:] or " ") else " "


def _columns(text: str) -> int:
    return sum(2 if _is_wide(character) else 1 for character in text)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _is_break(token: Token) -> bool:
    return token.type == "html_inline" and token.content.lower().startswith("<br")


def _table(tokens: list[Token]) -> list[list[str]]:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_inline(token))
    return rows
