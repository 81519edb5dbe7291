"""Judging an answer against what it must say. No model takes part: the same answer is judged the same every time."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from adapters.questions import Piece, Question

_DIGIT_COMMA = re.compile(r"(?<=\d),(?=\d{3})")
_SPACE_BEFORE_UNIT = re.compile(r"(?<=\d)\s+(?=%)")
_COLON = re.compile(r":(?=\s)")  # between a column's name and its cell
_UNIT_IN_HEAD = re.compile(
    r"[(（]([^()（）:;\d]{1,12})[)）][^():;]{0,30}:\s*(\d[\d,.]*)(?=\s*(?:;|\[|$))", re.MULTILINE
)
# between two cells of a row: a bar, or '; ' and the next column's name (whose colon `fold` has taken away)
_NEXT_CELL = r" ?(?:\| ?|; [^;|]*?(?<= ))"
_DENIED_AFTER = re.compile(r"\s*(では|じゃ)(な[いく]|ありません)")
_DENIED_BEFORE = re.compile(r"\b(not|no longer|instead of|rather than|never)\s+(an?\s+|the\s+)?$")


def fold(text: str) -> str:
    """What is compared: NFKC, case folded, blanks as one, no commas inside numbers, no blank before a per cent sign, no
    colon before a blank.
    """
    plain = " ".join(_COLON.sub(" ", unicodedata.normalize("NFKC", text).casefold()).split())
    return _SPACE_BEFORE_UNIT.sub("", _DIGIT_COMMA.sub("", plain))


@lru_cache(maxsize=4096)
def _pattern(form: str) -> re.Pattern[str]:
    """A form, not as a part of something longer: `5日` is not in `15日` or `4月5日`, nor `6か月` in `1年6か月`. Of a
    row (`cell | cell`) the cells that follow each other, as a table writes them or each after its column's name.
    """
    return re.compile(_NEXT_CELL.join(_bounded(fold(cell)) for cell in form.split(" | ")))


def _bounded(plain: str) -> str:
    before = after = ""
    if plain[0].isdigit():
        before = r"(?<!\d)(?<!\d[.:,/-])"
        if re.fullmatch(r"\d+日", plain):
            before += "(?<!月)"
        elif re.fullmatch(r"\d+(か月|ヶ月|months)", plain):
            before += "(?<!年)"
        elif re.fullmatch(r"\d+分", plain):
            before += "(?<!時)"
    elif plain[0].isascii() and plain[0].isalpha():
        before = "(?<![a-z])"
    if plain[-1].isdigit():
        after = r"(?!\d)(?![.:,]\d)"
    elif plain[-1] == "時":
        after = r"(?!0*[1-9]\d*分|半|間)"
    elif plain[-1].isascii() and plain[-1].isalpha():
        after = "s?(?![a-z])"
    return before + re.escape(plain) + after


def states(text: str, form: str) -> bool:
    """Whether a folded text says `form` somewhere, and does not deny it there."""
    return any(
        not _DENIED_AFTER.match(text, found.end()) and not _DENIED_BEFORE.search(text[: found.start()])
        for found in _pattern(form).finditer(text)
    )


def says_all(question: Question, text: str) -> bool:
    """Whether `text` says every required fact in one of its forms, beyond what the question said itself.

    A cell says its column's unit too: 'days (working days): 15' says '15 working days'. A question without an answer is
    never answered rightly.
    """
    cells = "".join(f"; {number}{unit}; {number} {unit}" for unit, number in _UNIT_IN_HEAD.findall(text))
    said = fold(text + cells).replace(fold(question.question), " ")
    return bool(question.facts) and all(any(states(said, form) for form in forms) for forms in question.facts)


def _flat(text: str) -> str:
    return re.sub(r"[\s|]+", "", unicodedata.normalize("NFKC", text))


def place_of(quote: str, text: str) -> tuple[int, int] | None:
    """The characters (start, end) of `text` from the first to the last cell of a quotation; None where one is missing.

    Blanks, bars, widths of letters and commas don't matter.
    """
    flat, at = "", []
    for number, character in enumerate(text):
        kept = _flat(character).replace(",", "")
        flat += kept
        at += [number] * len(kept)
    places: list[tuple[int, int]] = []
    for part in quote.split(" | "):
        wanted = _flat(part).replace(",", "")
        found = flat.find(wanted, places[-1][1] if places else 0)
        found = flat.find(wanted) if found < 0 else found
        if found < 0 or not wanted:
            return None
        places.append((found, found + len(wanted)))
    first, last = min(start for start, _ in places), max(end for _, end in places)
    return at[first], at[last - 1] + 1


def stands_in(piece: Piece, file: str, text: str) -> bool:
    """Whether a passage holds a piece of evidence, however its parser set the cells of a row apart."""
    if unicodedata.normalize("NFC", piece.file) != unicodedata.normalize("NFC", file):
        return False
    flat = _flat(text)
    plain = flat.replace(",", "")
    return all(_flat(part) in flat or _flat(part).replace(",", "") in plain for part in piece.quote.split(" | "))


def evidence_found(question: Question, passages: Iterable[tuple[str, str]]) -> bool:
    """Whether passages (file, text) hold every piece of the question's evidence."""
    held = list(passages)
    return all(any(stands_in(piece, file, text) for file, text in held) for piece in question.evidence)


def f1(said: str, gold: str, by: str) -> float:
    """Overlap of two texts, 0 to 1, as in SQuAD: of characters (`by` 'character') or words ('word')."""
    ours, theirs = _units(said, by), _units(gold, by)
    counts: dict[str, int] = {}
    for unit in theirs:
        counts[unit] = counts.get(unit, 0) + 1
    common = 0
    for unit in ours:
        if counts.get(unit, 0):
            counts[unit] -= 1
            common += 1
    return 2 * common / (len(ours) + len(theirs)) if common else 0.0


def _units(text: str, by: str) -> list[str]:
    plain = re.sub(r"\[\d+\]", " ", fold(text))
    if by == "word":
        return re.findall(r"\w+", plain)
    return [character for character in plain if character.isalnum()]
