"""The numbers that Word writes before paragraphs by itself: '第3条', '(2)', '①'; they stand in no text of the file."""

from typing import Any

from docx.oxml.ns import qn

KANJI = "〇一二三四五六七八九"
ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
LEVELS = 9
BULLETS = ("bullet", "none", None)


class Numbering:
    """Counts a document's numbered paragraphs as Word does; ask for each paragraph once, in order."""

    def __init__(self, document: Any) -> None:
        self._levels: dict[str, list[Any]] = {}
        self._abstract: dict[str, str] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._counts: dict[str, list[int]] = {}
        self._styles = _by_style(document)
        part = next((r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None)
        root = getattr(part, "element", None)
        if root is None:
            return
        for abstract in root.findall(qn("w:abstractNum")):
            self._levels[abstract.get(qn("w:abstractNumId"))] = abstract.findall(qn("w:lvl"))
        for number in root.findall(qn("w:num")):
            target = number.find(qn("w:abstractNumId"))
            if target is not None:
                self._abstract[number.get(qn("w:numId"))] = target.get(qn("w:val"))
            for override in number.findall(qn("w:lvlOverride")):
                start = override.find(qn("w:startOverride"))
                if start is not None:
                    self._starts[number.get(qn("w:numId")), _whole(override.get(qn("w:ilvl")))] = _value(start, 1)

    def listed(self, paragraph: Any) -> bool:
        """Whether a paragraph is one of a list, numbered or not."""
        return self._place(paragraph) is not None

    def sign(self, paragraph: Any) -> str:
        """What Word writes before a paragraph, with the blank after it; nothing for bullets."""
        place = self._place(paragraph)
        if place is None:
            return ""
        number, level = place
        abstract = self._abstract.get(number, "")
        levels = self._levels.get(abstract, [])
        if level >= len(levels) or level >= LEVELS:
            return ""
        counts = self._counts.setdefault(abstract, [0] * LEVELS)
        start = self._starts.pop((number, level), None)
        if start is not None:
            counts[level] = start - 1
        elif counts[level] == 0:
            counts[level] = _value(levels[level].find(qn("w:start")), 1) - 1
        counts[level] += 1
        counts[level + 1 :] = [0] * (LEVELS - level - 1)
        if _format(levels[level]) in BULLETS:
            return ""
        pattern = levels[level].find(qn("w:lvlText"))
        text = (pattern.get(qn("w:val")) or "") if pattern is not None else ""
        for at in range(min(level, len(levels) - 1), -1, -1):
            text = text.replace(f"%{at + 1}", written(max(1, counts[at]), _format(levels[at]) or "decimal"))
        return f"{text} " if text.strip() else ""

    def _place(self, paragraph: Any) -> tuple[str, int] | None:
        """The list and level that a paragraph or its style names."""
        own = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if own is not None:
            number, level = own.find(qn("w:numId")), own.find(qn("w:ilvl"))
            if number is not None and number.get(qn("w:val")) == "0":
                return None  # numbering taken away from a style that has it
            if number is not None:
                return number.get(qn("w:val")), _value(level, 0)
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return self._styles.get(style.get(qn("w:val"))) if style is not None else None


def _by_style(document: Any) -> dict[str, tuple[str, int]]:
    found = {}
    for style in document.styles.element.findall(qn("w:style")):
        place = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        number = place.find(qn("w:numId")) if place is not None else None
        if number is not None:
            found[style.get(qn("w:styleId"))] = (number.get(qn("w:val")), _value(place.find(qn("w:ilvl")), 0))
    return found


def _format(level: Any) -> str | None:
    found = level.find(qn("w:numFmt"))
    return found.get(qn("w:val")) if found is not None else "decimal"


def _value(node: Any, default: int) -> int:
    return _whole(node.get(qn("w:val")), default) if node is not None else default


def _whole(text: str | None, default: int = 0) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else default


def written(number: int, form: str) -> str:
    """A number in one of Word's forms."""
    if form in ("decimalFullWidth", "decimalFullWidth2"):
        return str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    if form.startswith(("japaneseCounting", "chineseCounting", "ideographDigital", "taiwaneseCounting")):
        return _kanji(number)
    if form.startswith("decimalEnclosedCircle") and number <= 20:
        return chr(ord("①") + number - 1)
    if form in ("aiueo", "aiueoFullWidth") and number <= len(AIUEO):
        return AIUEO[number - 1]
    if form in ("iroha", "irohaFullWidth") and number <= len(IROHA):
        return IROHA[number - 1]
    if form in ("lowerLetter", "upperLetter") and number <= 26:
        return chr(ord("a" if form == "lowerLetter" else "A") + number - 1)
    if form in ("lowerRoman", "upperRoman") and number < 40:
        text = ""
        for value, sign in ROMAN:
            text += sign * (number // value)
            number %= value
        return text if form == "lowerRoman" else text.upper()
    return f"{number:02d}" if form == "decimalZero" else str(number)


def _kanji(number: int) -> str:
    if number >= 100:
        return "".join(KANJI[int(digit)] for digit in str(number))
    tens, ones = divmod(number, 10)
    before = "" if tens == 0 else "十" if tens == 1 else KANJI[tens] + "十"
    return before + (KANJI[ones] if ones else "")
