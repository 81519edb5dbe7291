"""What a parser gives: the pieces of a document in reading order, each with its place."""

import re
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["heading", "paragraph", "item", "row"]

# rules written without heading styles: 第3章, 第12条（…）, and 第2節
RULE_HEADING = re.compile(
    r"^\s*第\s*[0-9０-９一二三四五六七八九十百]+\s*(編|章|節|款|条)(の[0-9０-９一二三四五六七八九十]+)?"
)
RULE_LEVEL = {"編": 1, "章": 2, "節": 3, "款": 4, "条": 5}
LONGEST_HEADING = 80


@dataclass(frozen=True)
class Block:
    """One piece. `level` is 1.. for headings; `header` is what a table's rows repeat."""

    kind: Kind
    text: str
    level: int = 0
    page: int | None = None
    sheet: str | None = None
    slide: int | None = None
    cells: str | None = None
    box: tuple[float, float, float, float] | None = None  # left, bottom, right, top in points

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> "Block":
        """The block that `as_dict` wrote."""
        return cls(**(body | {"box": tuple(body["box"]) if body["box"] else None}))


def rule_level(text: str) -> int:
    """The level of a line that opens a chapter or article of a rule by itself; 0 for any other line."""
    match = RULE_HEADING.match(text)
    return RULE_LEVEL[match.group(1)] if match else 0


def split_rule(line: str) -> tuple[str, str] | None:
    """An article's heading and the text that follows it in the same line, if the line opens one.

    '第12条（年次有給休暇） 会社は…' gives ('第12条（年次有給休暇）', '会社は…').
    """
    match = RULE_HEADING.match(line)
    if match is None:
        return None
    rest = line[match.end() :]
    title = re.match(r"\s*[（(【][^）)】]{1,60}[）)】]", rest)
    if title:
        return line[: match.end() + title.end()].strip(), rest[title.end() :].strip()
    if RULE_LEVEL[match.group(1)] < RULE_LEVEL["条"] or (len(line) <= 40 and not line.rstrip().endswith("。")):
        return line.strip(), ""
    return match.group().strip(), rest.strip()
