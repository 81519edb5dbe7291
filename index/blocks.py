"""What a parser gives: the pieces of a document in reading order, each with its place."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["heading", "paragraph", "item", "row"]


@dataclass(frozen=True)
class Block:
    """One piece. `level` is 1.. for headings; a row carries its column headers in its text.

    `hidden` marks text that somebody who opens the document does not see: white on white, of no size, in a hidden
    row, sheet or slide. It is kept apart from the rest (`parsing.Parsed`) and never becomes a passage.
    """

    kind: Kind
    text: str
    level: int = 0
    page: int | None = None
    sheet: str | None = None
    slide: int | None = None
    cells: str | None = None
    box: tuple[float, float, float, float] | None = None  # left, bottom, right, top in points; a picture's in pixels
    hidden: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> "Block":
        """The block that `as_dict` wrote."""
        return cls(**(body | {"box": tuple(body["box"]) if body["box"] else None}))
