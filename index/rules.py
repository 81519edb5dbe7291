"""The structure of Japanese rules, as they are written: 第3章, 第12条（…）, and inside an article 項 and 号.

A chapter or article opens a heading. 項 and 号 become headings only where the article is too long for one passage;
a short article stays whole, its numbers in the text, so that it is found and read as one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from index.blocks import Block

NUMBER = "[0-9０-９一二三四五六七八九十百]+"
OPENING = re.compile(rf"^\s*第\s*{NUMBER}\s*(編|章|節|款|条)(の[0-9０-９一二三四五六七八九十]+)?")
LEVEL = {"編": 1, "章": 2, "節": 3, "款": 4, "条": 5}
TITLE = re.compile(r"\s*[（(【][^（()）【】]{1,60}[）)】]")
# a reference, not an opening: 第12条の規定により…, 第3条に定める…
REFERENCE = re.compile(r"^\s*(の(規定|定め|各号)|に|を|及び|および|又は|または|から|で|は|第|と|、|各号|本文|ただし)")
CLAUSE = re.compile(r"^\s*(?:第?\s*([0-9０-９]{1,2})\s*項?)(?:[.．、)）]|\s)\s*(?=\D)")
COUNT = "[一二三四五六七八九十]{1,3}"
ITEM = re.compile(rf"^\s*(?:[（(]\s*([0-9０-９]{{1,2}}|{COUNT})\s*[)）]|([①-⑳])|({COUNT})\s)")
LONG_ARTICLE = 400  # characters; about what one passage holds
KANJI = {sign: value for value, sign in enumerate("一二三四五六七八九十", start=1)}


def level_of(text: str) -> int:
    """The level of a line that opens a chapter or article by itself; 0 for any other line."""
    match = OPENING.match(text)
    return LEVEL[match.group(1)] if match else 0


def split_opening(line: str) -> tuple[str, str] | None:
    """An article's heading and the text that follows it in the same line, if the line opens one.

    '第12条（年次有給休暇） 会社は…' gives ('第12条（年次有給休暇）', '会社は…').
    """
    match = OPENING.match(line)
    if match is None:
        return None
    rest = line[match.end() :]
    title = TITLE.match(rest)
    if title:
        return line[: match.end() + title.end()].strip(), rest[title.end() :].strip()
    if REFERENCE.match(rest):
        return None
    if LEVEL[match.group(1)] < LEVEL["条"] or (len(line) <= 40 and not line.rstrip().endswith("。")):
        return line.strip(), ""
    return match.group().strip(), rest.strip()


def with_clauses(blocks: Iterable[Block]) -> Iterator[Block]:
    """The same blocks; in articles too long for one passage each 項, and in a long 項 each 号, has its heading."""
    article: list[Block] = []
    inside = False
    for block in blocks:
        if block.kind == "heading":
            yield from _opened(article, "項", LEVEL["条"] + 1)
            article = []
            inside = level_of(block.text) == LEVEL["条"]
            yield block
        elif inside:
            article.append(block)
        else:
            yield block
    yield from _opened(article, "項", LEVEL["条"] + 1)


def _opened(blocks: list[Block], unit: str, level: int) -> Iterator[Block]:
    """Blocks of an article (unit 項) or of a 項 (unit 号), with headings where they are long and numbered."""
    groups = _numbered(blocks, unit)
    if sum(len(block.text) for block in blocks) <= LONG_ARTICLE or len(groups) < 2:
        yield from blocks
        return
    for number, group in groups:
        if number:
            yield replace(group[0], kind="heading", text=f"第{number}{unit}", level=level, cells=None)
        yield from _opened(group, "号", level + 1) if unit == "項" else group


def _numbered(blocks: list[Block], unit: str) -> list[tuple[int, list[Block]]]:
    """(number, blocks) of each 項 or 号. A rule's first 項 is seldom numbered; before the first 号 stands a text."""
    groups: list[tuple[int, list[Block]]] = []
    for block in blocks:
        for piece in _lines(block):
            last = groups[-1][0] if groups else 0
            number = _number(piece.text, unit)
            if number == last + 1 or (unit == "項" and number == 2 and last == 0):
                if unit == "項" and number == 2 and groups:
                    groups[0] = (1, groups[0][1])
                groups.append((number, [piece]))
            elif groups:
                groups[-1][1].append(piece)
            else:
                groups.append((0, [piece]))
    return groups


def _lines(block: Block) -> Iterator[Block]:
    """A paragraph's lines, each a block where one of them opens a 項 or 号; else the block as it is."""
    lines = block.text.split("\n")
    if len(lines) > 1 and any(CLAUSE.match(line) or ITEM.match(line) for line in lines):
        yield from (replace(block, text=line) for line in lines if line.strip())
    else:
        yield block


def _number(text: str, unit: str) -> int:
    """The number that a line opens with as a 項 or 号; 0 for none."""
    match = (CLAUSE if unit == "項" else ITEM).match(text)
    if match is None:
        return 0
    sign = next(group for group in match.groups() if group)
    if sign.isdecimal():
        return int(sign)
    if "①" <= sign <= "⑳":
        return ord(sign) - ord("①") + 1
    tens, _, ones = sign.rpartition("十") if "十" in sign else ("", "", sign)
    return (KANJI.get(tens, 1) * 10 if "十" in sign else 0) + KANJI.get(ones, 0)
