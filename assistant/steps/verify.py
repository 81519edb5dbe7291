"""Step 6: does what was written stand in what it cites?

Sentence by sentence: numbers, dates and units exactly and all of them, in their places and with their bounds; negation
alike; names exactly; other words mostly. It looks at texts only and has no say in what follows. No model takes part:
whatever read the evidence or wrote the draft is no witness of it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.steps.bounds import exchanged, turned
from assistant.steps.facts import facts, unmatched
from assistant.steps.numerals import kanji_in_digits
from assistant.steps.sentences import sentences
from index import meanings, terms
from index.tokenizer import FUNCTION_WORDS, fold, unify

_CITATION = re.compile(r"\s*\[\d+\]")
_CITATIONS = re.compile(r"(?:\s*\[\d+\])+")
_MARKS = re.compile(r"</?evidence>", re.IGNORECASE)  # the prompt's own; an answer that repeats them is none
_NEGATION = re.compile(
    r"(?<!少)な(?:い|く(?![すせ])|かっ|けれ|し(?![でにはと])|ければ)|ません|ぬ(?=[。、]|もの)"
    r"|(?<=[わかがさたなばまらいきしちにひみりえけげせてねべめれ])ず(?=[、。にと]|$)"
    r"|不可|禁[止ず]|禁じ|無効|未[提承受]|\bnot\b|n't\b|\bno\b|\bnever\b|\bwithout\b|\bcannot\b|\bnor\b|\bneither\b"
    r"|\bnone\b|\bunless\b|\bforbidden\b|\bprohibited\b|\bexcept\b|\bunable\b|\bimpossible\b|\brefused?\b",
    re.IGNORECASE,
)
_NO_NEGATION = re.compile(
    r"なければ(?:なら|いけ)な(?:い|く)|なければなりません|ないと(?:いけ|なら)な(?:い|く)|なくては(?:なら|いけ)(?:ない|ません)"
    r"|(?:かま|構)(?:わない|いません)|差し?支え(?:ない|ありません)|問題は?(?:ない|ありません)"
    r"|しかな(?:い|く)|だけでなく|のみならず|に限らず|問わず|必ず|まず|少なく(?:とも|て)|間もなく|わず(?=か)"
    r"|\bnot only\b|\bno later than\b|\bno more than\b|\bnot more than\b|\bno less than\b|\bnot less than\b|\bno\. ?\d",
    re.IGNORECASE,
)
_NAME = re.compile(r"[ァ-ヴー]{3,}|[A-Za-z][A-Za-z0-9]*(?:[-.][A-Za-z0-9]+)*|[一-龯々]{2,}")
_EMPTY = re.compile(r"[\d\u3040-\u309f]")
_COUNTED = re.compile(
    r"令和|平成|昭和|午[前後]|(?<=\d)\s?[ap]\.?m\b"
    r"|\d\s?(?:営業日|[日月年分秒回人名円件歳枚割条項号時階本個台社倍度]|か月|時間|文字)間?(?:以[内上下前後]|未満|目|分)?"
)

MIN_SUPPORT = 0.75


@dataclass(frozen=True)
class Verification:
    """Whether a draft holds, and by what.

    support: share of the terms that stand in the evidence, of the sentence that has fewest, 0 to 1. foreign_numbers:
    numbers, dates and amounts that stand in no evidence. lost_numbers: the evidence's that the draft leaves out: a
    limit, a condition. foreign_names: names that stand in no evidence. turned: bounds ('at most') that stand in no
    evidence. exchanged: two numbers that have changed places.
    """

    supported: bool
    support: float
    foreign_numbers: tuple[str, ...]
    lost_numbers: tuple[str, ...]
    foreign_names: tuple[str, ...]
    negation_agrees: bool
    turned: tuple[str, ...] = ()
    exchanged: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether nothing that must agree exactly differs."""
        differs = self.foreign_numbers or self.lost_numbers or self.foreign_names or self.turned or self.exchanged
        return not differs and self.negation_agrees


@dataclass(frozen=True)
class _Cited:
    """A stretch of a draft and the evidence that it cites."""

    text: str
    pieces: tuple[str, ...]


def verify(draft: str, pieces: Sequence[str], question: str, told: str = "") -> Verification:
    """Check a draft against what it cites.

    Args:
        pieces: the evidence by number: [1] cites the first. What cites nothing is held against all.
        told: what else may be named: headings, the document's name. Words and names of the question are granted too.
    """
    stretches = _stretches(draft, pieces)
    cited = [part for part in stretches if part.text not in part.pieces]  # a quotation says what it says
    counted = [(facts(part.text), facts(_all(part))) for part in cited]
    foreign = {one for ours, theirs in counted for one in unmatched(ours, theirs)}
    lost = {one for ours, theirs in counted for one in unmatched(theirs, ours)}
    granted = f"{question}\n{told}"
    sayings = [(said, part) for part in cited for said in _sentences(part.text)]
    told_of = [(said, f"{_all(part)}\n{granted}") for said, part in sayings]
    support = min((_support(*one) for one in told_of), default=1.0 if stretches else 0.0)
    names = {name for one in told_of for name in _strange_names(*one)}
    found = Verification(
        supported=True,
        support=support,
        foreign_numbers=tuple(sorted(foreign)),
        lost_numbers=tuple(sorted(lost)),
        foreign_names=tuple(sorted(names)),
        negation_agrees=all(_negation_agrees(said, part) for said, part in sayings),
        turned=tuple(sorted({one for said, part in sayings for one in turned(said, _all(part))})),
        exchanged=next((two for said, part in sayings if (two := exchanged(said, _all(part)))), ()),
    )
    return replace(found, supported=found.exact and support >= MIN_SUPPORT and not _MARKS.search(draft))


def _stretches(draft: str, pieces: Sequence[str]) -> list[_Cited]:
    """The draft cut after each run of citations; one of nothing grants nothing, unless the evidence itself has it."""
    plain = tuple(" ".join(_CITATION.sub("", piece).split()) for piece in pieces)
    literal = "".join("".join(pieces).split())
    found: list[_Cited] = []
    start = 0
    for run in _CITATIONS.finditer(draft):
        numbers = [int(number) for number in re.findall(r"\d+", run.group())]
        cited = tuple(plain[number - 1] for number in numbers if 0 < number <= len(pieces))
        if not cited and "".join(run.group().split()) in literal:
            continue
        found.append(_Cited(" ".join(_CITATION.sub("", draft[start : run.start()]).split()), cited))
        start = run.end()
    found.append(_Cited(" ".join(_CITATION.sub("", draft[start:]).split()), plain))
    return [part for part in found if part.text]


def _all(part: _Cited) -> str:
    return "\n".join(part.pieces)


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def _uncounted(text: str) -> str:
    """The text without what belongs to numbers, dates and times: that is `facts`' business."""
    return _COUNTED.sub(" ", kanji_in_digits(text))


def _words(text: str) -> list[str]:
    """The terms that say something: no numbers, no function words, no endings in kana."""
    found = terms(_uncounted(text))
    return [term for term in found if term not in FUNCTION_WORDS and not _EMPTY.search(term)]


def _present(text: str, said: str) -> set[str]:
    """The terms of `text`, and those of `said` that it has in another form or language."""
    found = set(terms(text)) | set(terms(_uncounted(text)))
    for meaning in meanings(said):
        if meaning.stands_in(found):
            found |= meaning.asked
    return found


def _support(said: str, granted: str) -> float:
    own = _words(said)
    present = _present(granted, said)
    return sum(term in present for term in own) / len(own) if own else 1.0


def _strange_names(said: str, granted: str) -> set[str]:
    """Names of a sentence that are not granted: katakana words, kanji compounds, Latin words with a capital."""
    present, plain = _present(granted, said), unify(fold(granted))
    found = set()
    for match in _NAME.finditer(_uncounted(said)):
        word = match.group()
        if word.isascii() and (match.start() == 0 or not re.search(r"[A-Z0-9]", word)):
            continue
        if unify(fold(word)) not in plain and not all(term in present for term in terms(word)):
            found.add(word)
    return found


def _negation_agrees(said: str, part: _Cited) -> bool:
    """Whether a sentence denies what its closest sentence of the evidence denies, and nothing else."""
    own = set(terms(said))
    others = [(one, len(own & set(terms(one))) / max(len(own), 1)) for one in _sentences(_all(part))]
    if not others or not own:
        return True
    closest, overlap = max(others, key=lambda one: one[1])
    ours = denials(said)
    if overlap >= 0.8 and len(set(terms(closest)) & own) >= 0.8 * len(set(terms(closest))):
        return ours % 2 == denials(closest) % 2
    return bool(ours) == bool(denials(closest)) or bool(ours) == bool(denials(_all(part)))


def denials(text: str) -> int:
    """How many negations a text has; what only looks like one ('no later than', しなければならない) is none."""
    plain = _NO_NEGATION.sub(" ", unicodedata.normalize("NFKC", text))
    return len(_NEGATION.findall(plain))
