"""A short follow-up that names something else than was asked about ('ノギスは？', 'And in London?') is answered by what
names that.

What judges sentences would read both questions, and find the first one answered best by what answered it.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from assistant.steps.candidates import Candidate, content_weights, covered, in_context
from assistant.steps.sentences import sentences
from index import Hit, Meaning

NAMED = 0.7  # share of what is named, by weight, that a sentence under its headings has at least
_CELLS = re.compile(r"\s*[;:：、,，・()（）/]\s*")
_ENDS = re.compile(r"(?<=[?？。.])\s+")
_JA = re.compile(
    r"(?:じゃあ?|では|ちなみに|あと|また|でも)?[、,]?\s*(?P<named>[^、。,?？]{1,16}?)"
    r"(?:の(?:場合|とき)は?|については?|だと|なら|は)(?:どう(?:ですか|なりますか|なの)?)?[?？。]?"
)
# 'じゃあブロックゲージ'
_JA_BARE = re.compile(r"(?:それ)?じゃあ?[、,]?\s*(?P<named>[^、。,?？はがをにで]{2,16})[?？。]?")
_EN = re.compile(
    r"(?:and|but|or|so|also|then|what about|how about|same for)\b[, ]*"
    r"(?:(?:in|for|at|on|with|from|to|by|as|if|the|a|an|it'?s?|is|was)\s+)*"
    r"(?P<named>[\w'’-]+(?:,? [\w'’-]+){0,3})\s*[?.]?",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(r"[（(][^（）()]*(?:を除[くき]|\bexcept|\bexcluding|\bother than)[^（）()]*[）)]", re.IGNORECASE)
_ASKS = re.compile(
    r"何|いつ|どこ|誰|いくら|\d"
    r"|\b(?:how|what|when|where|who|which|why|many|much|long|do|does|did|can|may|must|are|i|we|you)\b",
    re.IGNORECASE,
)


def named_instead(question: str) -> str:
    """What the last sentence of a completed question names instead of what the one before it asked about; else ''."""
    *before, last = _ENDS.split(question.strip())
    found = _JA.fullmatch(last) or _JA_BARE.fullmatch(last) or _EN.fullmatch(last)
    if not before or found is None:
        return ""
    named = found["named"]
    return "" if _ASKS.search(named) or named in before[-1] else named


def put_instead(question: str, named: str, hits: Sequence[Hit]) -> str:
    """The earlier question with what is named in the place of what it asked about, where that is told: the earlier one
    has a cell of a row beside one that names it ('Item: Headset; …' beside 'Item: Office chair; …'). Else as it was.
    """
    earlier = question[: question.rstrip().rfind(_ENDS.split(question.strip())[-1])].rstrip()
    rows: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for hit in hits:
        text = hit.passage.text
        rows[hit.passage.version, hit.passage.heading] += [text[start:end] for start, end in sentences(text)]
    for told in rows.values():
        those = " ".join(row for row in told if named.casefold() in row.casefold()).casefold()
        cells = {cell for row in told for cell in _CELLS.split(row.casefold()) if those and len(cell) > 1}
        beside = [cell for cell in cells if cell in earlier.casefold() and cell not in those]
        if beside:
            return re.sub(
                re.escape(max(sorted(beside), key=len)), lambda _: named, earlier, count=1, flags=re.IGNORECASE
            )
    return question


def naming(named: str, found: list[Candidate], known: Sequence[Meaning]) -> list[Candidate]:
    """The candidates that name it best, by themselves or in their headings; all of them where none does. Of a passage
    whose headings name it those are left that do so themselves, where some do.
    """
    weights = content_weights(named, {})
    shares = [covered(weights, known, _without(in_context(one.hit, one.start, one.end))) for one in found]
    best = max(shares, default=0.0)
    if best < NAMED:
        return found
    left = [one for one, share in zip(found, shares, strict=True) if share >= best]
    itself = {id(one) for one in left if covered(weights, known, _without(one.text)) >= NAMED}
    plain = {one.hit.passage.id for one in left if id(one) in itself}
    return [one for one in left if id(one) in itself or one.hit.passage.id not in plain]


def is_named(named: str, told: str, known: Sequence[Meaning]) -> bool:
    """Whether a text names it."""
    return covered(content_weights(named, {}), known, _without(told)) >= NAMED


def _without(told: str) -> str:
    """A text without what it names only to leave it out."""
    return _LEFT_OUT.sub(" ", told)
