"""Drafts with one planted error each, and sound ones in other words, built by rule from texts of both languages.

The texts: the sources of the example company's documents, and, with outside data, passages of the training parts of
squad2 and jaquad. Each case has two pieces of evidence of one text; the draft says the first.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from assistant.language import language_of
from assistant.steps.sentences import sentences
from benchmarks.company import EXAMPLES
from benchmarks.outside_data import read

KINDS = ("number", "exchanged", "bound", "date", "unit", "negation", "swapped name", "added claim", "wrong citation")
LEAST = {"ja": 14, "en": 35}  # characters of a sentence that says something
MOST = 220
OUTSIDE_TEXTS = 900  # passages of each outside set


@dataclass(frozen=True)
class Text:
    """A text's sentences."""

    source: str
    language: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A draft with its evidence; kind: one of KINDS, or 'verbatim' or 'reworded' where nothing is wrong."""

    kind: str
    source: str
    language: str
    draft: str
    pieces: tuple[str, ...]


def company_texts() -> list[Text]:
    """The sources of the example company's documents, tables and headings left out."""
    found = []
    for path in sorted((EXAMPLES / "sources").rglob("*.md")):
        lines = path.read_text("utf-8").split("\n+++\n", 1)[-1].splitlines()
        kept = [re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "", line) for line in lines if not line.startswith(("#", "|"))]
        found.append(_text("company", re.sub(r"\*\*|`", "", "\n".join(kept))))
    return [text for text in found if len(text.sentences) > 1]


def outside_texts(data: Path) -> list[Text]:
    """Passages of the training parts of squad2 and jaquad."""
    found = []
    for name in ("squad2", "jaquad"):
        passages = sorted({reading.passage for reading in read(data, name, "train")})
        Random(1).shuffle(passages)
        found += [_text(name, passage) for passage in passages[:OUTSIDE_TEXTS]]
    return [text for text in found if len(text.sentences) > 1]


def _text(source: str, words: str) -> Text:
    language = language_of(words, "en")
    told = [" ".join(words[start:end].split()) for start, end in sentences(words)]
    said = tuple(dict.fromkeys(one for one in told if LEAST[language] <= len(one) <= MOST and one[-1] in "。.."))
    return Text(source, language, said)


def cases(texts: Sequence[Text], seed: int = 1) -> Iterator[Case]:
    """Every sentence verbatim and reworded, and once with each error that can be planted in it."""
    random = Random(seed)
    pools = {language: _Pool.of([text for text in texts if text.language == language]) for language in LEAST}
    for text in texts:
        pool = pools[text.language]
        for at, said in enumerate(text.sentences):
            other = text.sentences[(at + 1 + random.randrange(len(text.sentences) - 1)) % len(text.sentences)]
            pieces = (said, other)
            made = {"verbatim": f"{said} [1]", "reworded": f"{reworded(said, random)} [1]"}
            for kind, plant in _PLANTS.items():
                if (wrong := plant(said, random, pool)) is not None and wrong not in pieces:
                    made[kind] = f"{wrong} [1]"
            made["wrong citation"] = f"{said} [2]"
            yield from (Case(kind, text.source, text.language, draft, pieces) for kind, draft in made.items())


@dataclass(frozen=True)
class _Pool:
    """What may be put in: names by kind, sentences."""

    names: dict[str, list[str]]
    sentences: list[str]

    @classmethod
    def of(cls, texts: Sequence[Text]) -> "_Pool":
        said = [sentence for text in texts for sentence in text.sentences]
        names = {
            kind: sorted({match.group() for one in said for match in pattern.finditer(one)})
            for kind, pattern in _NAMES.items()
        }
        return cls(names, said)


_NAMES = {
    "katakana": re.compile(r"[ァ-ヴー]{4,}"),
    "department": re.compile(r"[一-龯]{2,4}[課部室](?=[のがにへをはと、])"),
    "place": re.compile(r"[一-龯]{2,3}(?:県|市|国|州|大学|駅|島|山|川)(?=[のがにへをはで、])"),
    "person": re.compile(r"[一-龯]{2,4}(?=さん|氏|課長|部長)"),
    "latin": re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: [A-Z][a-z]+)*(?![a-z])"),
    "called": re.compile(r"[A-Z]{2}-\d{2,4}"),
}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_NOT_DATE = r"(?!\d|[/:年月]|\.\d|-\d|st\b|nd\b|rd\b|th\b)"
_NUMBER = re.compile(
    rf"(?<![\d.,:/-])\d{{1,3}}(?:,\d{{3}})+{_NOT_DATE}|(?<![\d.,:/-])(?!(?:19|20)\d\d)\d+(?:\.\d+)?{_NOT_DATE}"
)
_UNIT_SWAPS = {
    "営業日": "日", "か月": "週間", "時間": "分", "分": "時間", "週間": "日", "日": "週間", "年": "か月", "円": "ドル",
    "ドル": "円", "mm": "cm", "cm": "mm", "km": "m", "kg": "g", "メートル": "センチ", "キロ": "メートル", "人": "件",
    "回": "日", "%": "円", "文字": "行", "GB": "MB", "MB": "GB",
    " working days": " days", " days": " weeks", " day": " week", " weeks": " months", " months": " weeks",
    " month": " week", " years": " months", " year": " month", " hours": " days", " hour": " day", " minutes": " hours",
    " yen": " dollars", " mm": " cm", " km": " m", " kg": " g", " per cent": " yen", " %": " yen", " percent": " yen",
    " miles": " metres", " metres": " miles", " feet": " metres", " people": " times", " times": " people",
}  # fmt: skip
_UNITS = re.compile(rf"(?<=\d)({'|'.join(map(re.escape, sorted(_UNIT_SWAPS, key=len, reverse=True)))})(?![a-z間])")
_BOUNDS = [
    (r"以上", "以下"), (r"以下|以内|未満", "以上"), (r"を超え(?!な)", "を下回"), (r"最大", "最低"),
    (r"少なくとも", "多くとも"),
    (r"\bat least\b", "at most"), (r"\b(?:at most|up to)\b", "at least"), (r"\bmore than\b", "less than"),
    (r"\b(?:less|fewer) than\b", "more than"), (r"\bwithin\b", "no sooner than"), (r"\bover\b(?= \d)", "under"),
    (r"\bor more\b", "or less"), (r"\bminimum\b", "maximum"), (r"\bmaximum\b", "minimum"),
]  # fmt: skip
_DENY_JA = [
    ("しなければならない。", "してはならない。"),
    ("できる。", "できない。"),
    ("できない。", "できる。"),
    ("認めない。", "認める。"),
    ("認める。", "認めない。"),
    ("しない。", "する。"),
    ("する。", "しない。"),
    ("される。", "されない。"),
    ("された。", "されなかった。"),
    ("した。", "しなかった。"),
    ("てはならない。", "てもよい。"),
    ("れる。", "れない。"),
    ("である。", "ではない。"),
    ("ている。", "ていない。"),
    ("であった。", "ではなかった。"),
    ("ます。", "ません。"),
    ("ません。", "ます。"),
    ("です。", "ではありません。"),
    ("がある。", "がない。"),
    ("はない。", "はある。"),
    ("ない。", "る。"),
    ("う。", "わない。"),
    ("く。", "かない。"),
    ("む。", "まない。"),
    ("れた。", "れなかった。"),
]
_DENY_EN = [
    (r"\b(must|may|can|should|will|could|would) (?!not\b)", r"\1 not "),
    (r"\bcannot ", "can "),
    (r"\b(is|are|was|were|has been|have been) (?!not\b|no\b)", r"\1 not "),
    (r"\b(must|may|is|are|do|does|was|were) not ", r"\1 "),
    (r"\bwithout\b", "with"),
    (r"\bno (?=[a-z])", "a "),
    (r"\bnever ", ""),
]


def _number(said: str, random: Random, _pool: _Pool) -> str | None:
    found = list(_NUMBER.finditer(said))
    if not found:
        return None
    match = random.choice(found)
    told = match.group()
    plain = told.replace(",", "")
    others = [str(round(float(plain) * 10)) if "." in plain else plain + "0"]
    others += [plain.translate(str.maketrans("0123456789", "1234567890"))] if plain != "9" else []
    others += [plain[:-1] + str((int(plain[-1]) + 1) % 10)] if plain not in ("9", "0") else []
    made = random.choice(others).lstrip("0") or "7"
    made = f"{int(made):,}" if "," in told and "." not in made else made
    return said[: match.start()] + made + said[match.end() :] if made != told else None


def _exchanged(said: str, random: Random, _pool: _Pool) -> str | None:
    found = list({match.group(): match for match in _NUMBER.finditer(said)}.values())
    if len(found) < 2:
        return None
    first, second = sorted(random.sample(found, 2), key=lambda match: match.start())
    between = said[first.end() : second.start()]
    return said[: first.start()] + second.group() + between + first.group() + said[second.end() :]


def _bound(said: str, _random: Random, _pool: _Pool) -> str | None:
    for ours, theirs in _BOUNDS:
        if re.search(ours, said):
            return re.sub(ours, theirs, said, count=1)
    return None


def _date(said: str, random: Random, _pool: _Pool) -> str | None:
    def another(match: re.Match[str]) -> str:
        return match[1] + f"{(int(match[2]) + random.randint(1, 20)) % 100:02}"

    changes: list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = [
        (re.compile(r"(?<!\d)(\d{1,2})月(?!間)"), lambda m: f"{int(m[1]) % 12 + 1}月"),
        (re.compile(r"(?<=月)(\d{1,2})日"), lambda m: f"{int(m[1]) % 28 + 1}日"),
        (re.compile(r"(?<!\d)(1[5-9]|20)(\d\d)(?=年)"), another),
        (re.compile(r"(令和|平成|昭和)(\d+)(?=年)"), lambda m: f"{m[1]}{int(m[2]) + 1}"),
        (re.compile(r"([月火水木金土日])(?=曜)"), lambda m: "火水木金土日月"["月火水木金土日".index(m[1])]),
        (re.compile(rf"\b({'|'.join(_MONTHS)})\b"), lambda m: _MONTHS[(_MONTHS.index(m[1]) + 1) % 12]),
        (re.compile(rf"\b({'|'.join(_DAYS)})s?\b"), lambda m: _DAYS[(_DAYS.index(m[1]) + 1) % 7]),
        (re.compile(r"(?<![\d,.])(1[5-9]|20)(\d\d)(?![\d,.年]\d|年|\d)"), another),
        (re.compile(r"(?<!\d)(\d{1,2})(?=時(?!間)|:\d\d)"), lambda m: str(int(m[1]) % 23 + 1)),
    ]
    random.shuffle(changes)
    for pattern, change in changes:
        if match := pattern.search(said):
            return said[: match.start()] + change(match) + said[match.end() :]
    return None


def _unit(said: str, random: Random, _pool: _Pool) -> str | None:
    found = [match for match in _UNITS.finditer(said) if not re.search(r"月\d+$|\d{4}$", said[: match.start()])]
    if not found:
        return None
    match = random.choice(found)
    return said[: match.start()] + _UNIT_SWAPS[match.group()] + said[match.end() :]


def _negation(said: str, _random: Random, _pool: _Pool) -> str | None:
    for ending, instead in _DENY_JA:
        if said.endswith(ending):
            return said[: -len(ending)] + instead
    for pattern, instead in _DENY_EN:
        if re.search(pattern, said):
            return re.sub(pattern, instead, said, count=1)
    return None


def _name(said: str, random: Random, pool: _Pool) -> str | None:
    found = [(kind, match) for kind, pattern in _NAMES.items() for match in pattern.finditer(said)]
    if not found:
        return None
    kind, match = random.choice(found)
    others = [name for name in pool.names[kind] if name not in said and name not in match.group()]
    if not others:
        return None
    return said[: match.start()] + random.choice(others) + said[match.end() :]


def _claim(said: str, random: Random, pool: _Pool) -> str | None:
    return f"{said} {random.choice(pool.sentences)}"


_PLANTS: dict[str, Callable[[str, Random, _Pool], str | None]] = {
    "number": _number,
    "exchanged": _exchanged,
    "bound": _bound,
    "date": _date,
    "unit": _unit,
    "negation": _negation,
    "swapped name": _name,
    "added claim": _claim,
}

_KANJI = "〇一二三四五六七八九"
_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_TIMES = r"(?:working )?(?:days?|weeks?|months?|years?|times|hours?)\b"
_REWORDINGS: list[tuple[str, Callable[[re.Match[str]], str]]] = [
    (r"\d(?=[\d年月日時分円人回件名%])", lambda m: chr(ord(m.group()) - ord("0") + ord("０"))),
    (r"(?<![\d,.月:/-])([1-9])(?=日(?![付程])|営業日|週間|か月|年以|回|人)", lambda m: _KANJI[int(m[1])]),
    (r"(?<![\d,.:/-])1時間(?!\d)", lambda _m: "60分"),
    (r"(?<![\d,.])([1-9])0 ?[%％]", lambda m: f"{m[1]}割"),
    (r"20(\d\d)年(?=\d|に|か|の|度)", lambda m: f"令和{int(m[1]) - 18}年" if int(m[1]) > 19 else m.group()),
    (r"(?<!\d)(1[3-9]|2[0-3])時(?!間|\d)", lambda m: f"午後{int(m[1]) - 12}時"),
    (r"できる。", lambda _m: "できます。"),
    (r"する。", lambda _m: "します。"),
    (r"である。", lambda _m: "です。"),
    (r"しない。", lambda _m: "しません。"),
    (r"れる。", lambda _m: "れます。"),
    (r"できない。", lambda _m: "できません。"),
    (r"ならない。", lambda _m: "なりません。"),
    (r"(?<=[一-龯])した。", lambda _m: "しました。"),
    (rf"\b({'|'.join(_WORDS)}) (?={_TIMES})", lambda m: f"{_WORDS.index(m[1]) + 1} "),
    (rf"(?<![\d,.:/-])([2-9]) (?={_TIMES})", lambda m: f"{_WORDS[int(m[1]) - 1]} "),
    (r"\b(is|are|does|do|was|were|must|should) not\b", lambda m: f"{m[1]}n't"),
    (r"\bcannot\b", lambda _m: "can't"),
    (r"(?<=\d) ?%", lambda _m: " per cent"),
    (r"(\d{1,2}) (January|March|April|June|December)", lambda m: f"{m[2]} {m[1]}"),
    (r"(?<!\d)(1[3-9]|2[0-3]):(\d\d)(?!\d)", lambda m: f"{int(m[1]) - 12}:{m[2]} pm"),
]


def reworded(said: str, random: Random) -> str:
    """The same in other words: other forms of numbers and dates, politer, contracted; two changes at most."""
    able = [(pattern, change) for pattern, change in _REWORDINGS if re.search(pattern, said)]
    for pattern, change in random.sample(able, min(2, len(able))):
        said = re.sub(pattern, change, said)
    return said
