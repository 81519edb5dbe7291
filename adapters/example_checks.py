"""What stands against training on examples: too few, alike, contradicting, lopsided, private, hostile, out of date.

It looks at examples and their vectors, and says which rows and how bad; what to do about it is the caller's to word.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from adapters.judging import fold

FEW = 16  # training examples below which nothing is learnt that lasts
FEW_JUDGED = 20  # frozen questions below which a difference cannot be told from chance
SAME = 0.96  # cosine, as the router sees them, from which two questions are one: inner and outer diameter have 0.957
ONE_PERSONS = 0.02  # share of the examples that one person's corrections may be
CAPPED = 5  # rows of one person that are never too many
LOPSIDED = 0.5  # share of the examples that one topic may be
LONGEST_FACT = 60  # characters

_UNIT = "[かヶカ箇]月|営業日|[年月日週]|時間?半?|分|秒|[千万億]?円|[人名回件台個枚歳割倍度点部期級階号条]"
_NUMBER = re.compile(
    r"\d+年\d+月(?:\d+日)?|\d+月\d+日|(?:[¥$€]\s?)?\d+(?:[.,:/-]\d+)*"
    rf"(?:\s?%|\s?(?!(?:to|and|or|of|in|is|are|on|at|by|for|with|per|a|the)\b)[a-zA-Zµ°℃]{{1,12}}(?![a-zA-Z])|{_UNIT})?"
)
_PATTERNS: dict[str, re.Pattern[str]] = {
    "mail": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "phone": re.compile(r"(?<![\d-])(?:\+81[-\s]?|0)\d{1,4}[-(\s]\d{1,4}[-)\s]\d{3,4}(?![\d-])"),
    "bank account": re.compile(r"(?:口座番号|普通預金|普通|account\s*(?:number|no\.?))\s*[:：]?\s*\d{6,8}(?!\d)", re.I),
}
_DIGITS = re.compile(r"(?<!\d)\d(?:[ -]?\d){11,18}(?!\d)")
_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\b(?:ghp|gho|sk|xox[bp])[-_][A-Za-z0-9_-]{16,}"
    r"|(?:password|passwd|パスワード|暗証番号)\s*(?:is|は|[:：=])\s*[「\"']?(?=\S*\d)[A-Za-z0-9!#$%&*+@^_-]{6,}",
    re.IGNORECASE,
)
_INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,30}\b(?:previous|above|all|prior)\b.{0,20}\b(?:instructions?|rules?|prompts?)\b"
    r"|\bsystem prompt\b|\byou are now\b|</?(?:system|evidence|assistant)>|<\|im_start\|>"
    r"|(?:これまで|上記|以前|すべて)の?(?:指示|命令|ルール)を?(?:無視|忘れ)|システムプロンプト",
    re.IGNORECASE,
)

Severity = Literal["severe", "warning"]
Kind = Literal[
    "none",
    "few",
    "few_judged",
    "same_question",
    "leak",
    "contradiction",
    "one_topic",
    "one_language",
    "one_person",
    "personal_data",
    "secret",
    "instruction",
    "outdated",
    "no_evidence",
]


NEVER_LEARNT: tuple[Kind, ...] = ("personal_data", "secret")  # whoever overrides: it cannot be unlearnt


@dataclass(frozen=True)
class CheckedExample:
    """An example as it is checked. current: its evidence is in force; evidence: the quotations; seconded: a second
    person approved it.
    """

    id: str
    question: str
    answer: str
    evidence: tuple[str, ...]
    language: str
    topic: str
    approver: str
    source: str
    split: str
    current: bool = True
    seconded: bool = False


@dataclass(frozen=True)
class Finding:
    """What stands against the examples `rows`; severe ones stop a training."""

    kind: Kind
    severity: Severity
    rows: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)


def facts_of(answer: str, quotes: Sequence[str]) -> list[list[str]]:
    """What a right answer must say where nobody said it: the answer's numbers with their units; else the quotation,
    where it is short enough that a right answer would repeat it. Empty where neither is there.
    """
    plain = unicodedata.normalize("NFKC", answer)
    numbers = list(dict.fromkeys(match.group().strip() for match in _NUMBER.finditer(plain)))
    if numbers:
        return [[number] for number in numbers]
    return [[quote] for quote in quotes[:1] if len(quote) <= LONGEST_FACT]


def check(examples: Sequence[CheckedExample], vectors: NDArray[np.float32], names: Iterable[str] = ()) -> list[Finding]:
    """All findings, the severe ones first.

    Args:
        vectors: of the questions (N, D), normalised.
        names: of people that must not be learnt.
    """
    found = [
        *_counts(examples),
        *_likeness(examples, vectors),
        *_balance(examples),
        *_private(examples, sorted(name for name in names if len(name) > 2)),
        *_rows("instruction", "severe", [one.id for one in examples if _INSTRUCTION.search(_whole(one))]),
        *_rows("outdated", "warning", [one.id for one in examples if not one.current]),
        *_rows("no_evidence", "warning", [one.id for one in examples if one.answer and not one.evidence]),
    ]
    return sorted(found, key=lambda finding: finding.severity != "severe")


def _rows(kind: Kind, severity: Severity, rows: Sequence[str], **params: Any) -> list[Finding]:
    return [Finding(kind, severity, tuple(rows), params | {"count": len(rows)})] if rows else []


def _whole(example: CheckedExample) -> str:
    return f"{example.question}\n{example.answer}"


def _counts(examples: Sequence[CheckedExample]) -> list[Finding]:
    learnt = [one for one in examples if one.split == "train" and one.evidence and one.current]
    judged = [one for one in examples if one.split == "frozen"]
    found = []
    if not learnt:
        found.append(Finding("none", "severe"))
    elif len(learnt) < FEW:
        found.append(Finding("few", "warning", (), {"count": len(learnt), "wanted": FEW}))
    if len(judged) < FEW_JUDGED:
        found.append(Finding("few_judged", "warning", (), {"count": len(judged), "wanted": FEW_JUDGED}))
    return found


def _likeness(examples: Sequence[CheckedExample], vectors: NDArray[np.float32]) -> list[Finding]:
    """Questions that are one: learnt twice, learnt and judged by, or answered in two ways."""
    same: dict[str, None] = {}
    leak: dict[str, None] = {}
    against: dict[str, None] = {}
    for number, one in enumerate(examples):
        for other in np.flatnonzero(vectors[:number] @ vectors[number] >= SAME).tolist():
            before = examples[other]
            if _contradict(one, before):
                against |= {before.id: None, one.id: None}
            if (one.split == "train") != (before.split == "train"):
                leak |= {before.id: None, one.id: None}
            elif one.language == before.language:
                same |= {before.id: None, one.id: None}
    return [
        *_rows("contradiction", "severe", list(against)),
        *_rows("leak", "severe", list(leak)),
        *_rows("same_question", "warning", list(same)),
    ]


def _contradict(one: CheckedExample, other: CheckedExample) -> bool:
    """Whether two answers to one question cannot both be right: their numbers differ, or only one has an answer."""
    if bool(one.answer) != bool(other.answer):
        return True
    ours, theirs = (set(re.findall(r"\d+(?:[.,:]\d+)*", fold(answer))) for answer in (one.answer, other.answer))
    return bool(ours and theirs) and not (ours <= theirs or theirs <= ours)


def _balance(examples: Sequence[CheckedExample]) -> list[Finding]:
    learnt = [one for one in examples if one.split == "train"]
    if len(learnt) < FEW:
        return []
    found = []
    topic, most = Counter(one.topic for one in learnt).most_common(1)[0]
    if most > LOPSIDED * len(learnt):
        rows = tuple(one.id for one in learnt if one.topic == topic)
        found.append(Finding("one_topic", "warning", rows, {"count": most, "of": len(learnt)}))
    languages = Counter(one.language for one in learnt)
    if len(languages) == 1:
        found.append(Finding("one_language", "warning", (), {"language": next(iter(languages))}))
    by: defaultdict[str, list[str]] = defaultdict(list)
    for one in learnt:
        if one.source != "sheet" and not one.seconded:
            by[one.approver].append(one.id)
    for rows_of in by.values():
        if len(rows_of) > max(CAPPED, ONE_PERSONS * len(learnt)):
            found.append(Finding("one_person", "severe", tuple(rows_of), {"count": len(rows_of), "of": len(learnt)}))
    return found


def _private(examples: Sequence[CheckedExample], names: Sequence[str]) -> list[Finding]:
    rows: defaultdict[str, None] = defaultdict()
    kinds: dict[str, None] = {}
    for one in examples:
        told = personal_data(_whole(one), names, public="\n".join(one.evidence))
        if told:
            rows[one.id] = None
            kinds |= dict.fromkeys(told)
    secret = [one.id for one in examples if _SECRET.search(unicodedata.normalize("NFKC", _whole(one)))]
    return [
        *_rows("personal_data", "severe", list(rows), kinds=", ".join(kinds)),
        *_rows("secret", "severe", secret),
    ]


def personal_data(text: str, names: Sequence[str] = (), public: str = "") -> list[str]:
    """The kinds of personal data in a text: mail, phone, bank account, My Number, card, name.

    Args:
        public: the quoted document; an address or number that stands in it is the department's, not a person's.
    """
    plain, known = unicodedata.normalize("NFKC", text), unicodedata.normalize("NFKC", public)
    found = [
        kind
        for kind, pattern in _PATTERNS.items()
        if any(match.group() not in known for match in pattern.finditer(plain))
    ]
    for match in _DIGITS.finditer(plain):
        digits = re.sub(r"\D", "", match.group())
        if len(digits) == 12 and _my_number(digits):
            found.append("My Number")
        elif 14 <= len(digits) <= 19 and _luhn(digits):
            found.append("card")
    folded = fold(plain)
    if any(fold(name) in folded for name in names):
        found.append("name")
    return list(dict.fromkeys(found))


def _my_number(digits: str) -> bool:
    """The check digit of an individual number: Ordinance 85 of 2014 of the Ministry of Internal Affairs, article 5."""
    total = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(digits[:11]), start=1))
    rest = total % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)


def _luhn(digits: str) -> bool:
    """The check digit of a payment card: ISO/IEC 7812-1, annex B."""
    doubled = [int(d) * 2 if n % 2 else int(d) for n, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
