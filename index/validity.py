"""From when to when a document is in force, for whom, and which edition it is: read from its own words.

A document speaks of itself in its name, in its head (before the first numbered section), in 附則, and in sentences that
begin with 'この規程は' or 'This policy'. A date anywhere else is about something else. It decides nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from index.dates import Dated, dates, plain
from index.scope import Told, read_scope

VERSION = "validity-3"  # any change of what is read: documents are read anew at the next start
HEAD = 400  # characters in which a document tells of itself
LINE = 90  # characters of a line that may name the edition
BARE, BARE_ONES = 40, 4  # characters; first passages up to here are a sheet's name and titles, and the head goes on

_SECTION = re.compile(r"^\s*(#|第\s*[\d一二三四五六七八九十]+\s*[章節条]|\d{1,2}[.．)）]\s*\D|[■□◆●])", re.MULTILINE)
_SUPPLEMENT = re.compile(r"附\s*則|supplementary provision", re.IGNORECASE)
_PIECE = re.compile(r"[^。\n]+?(?:。|\n|[.!](?=\s)|$)")
_IN_ITS_PLACE = re.compile(r"(?:現行|最新版)(?:は|の|:)[^。】\n]*")
_OF_OTHERS = re.compile(
    r"は、?廃止する|にかかわらず|に優先|(?:条|項|号|別表)[^、。]{0,10}は|"
    r"\b(?:replaces|supersedes|notwithstanding|takes precedence)\b|\bcurrent (?:version|edition|policy)\b",
    re.IGNORECASE,
)
_ITSELF = re.compile(
    r"(?:この|本)(?:規程|規則|規定|要領|要綱|基準|標準|細則|通達|手順書?|内規|指針|方針|ガイドライン|マニュアル|協定|規約|"
    r"取扱い|制度|版|改[訂定正][^、。]{0,10})は"
    r"|\bthis (?:\w+ )?(?:policy|handbook|procedure|standard|guide|guideline|document|regulation|rule|version|notice|"
    r"agreement|edition|manual|instruction|price list|list)s? (?:\w+ )?"
    r"(?:takes? effect|comes? into|appl(?:ies|y)|(?:is|are) (?:effective|in force|valid))",
    re.IGNORECASE,
)
_BEGINS_AFTER = re.compile(
    r"\s*(?:付け?で?|から|より)?\s*(?:これを)?\s*(?:一部)?(施行|適用|実施|発効|有効|改[訂定正]|制定)"
)
_BEGINS_BEFORE = re.compile(
    r"(?:(?:施行|適用開始|発効|実施|改[訂定正]|制定)(?:年月日|期日|日)?|最終改[訂定正]日?|(?:有効|適用)期間|"
    r"\beffective(?: date)?(?: from| as of| on| since)?|\bin force(?: from| since| as of)?|"
    r"\bvalid (?:from|since|as of)|\bapplies (?:from|as of)|"
    r"\btakes? effect(?: on| from)?|\binto (?:force|effect)(?: on| from)?|"
    r"\bwith effect from|(?:last |)(?:amended|revised|updated)(?: on)?|\bversion of)[\s:]*(?:the )?$",
    re.IGNORECASE,
)
_ENDS_AFTER = re.compile(r"\s*(?:まで(?:有効|適用)|(?:付け?で?|をもって|限りで?|に)?\s*(?:廃止|失効))")
_ENDS_BEFORE = re.compile(
    r"(?:有効期限|失効日|\b(?:valid|in force|effective) (?:until|through|to)|\bexpires?(?: on)?)[\s:]*(?:the )?$",
    re.IGNORECASE,
)
_WITHDRAWN_BEFORE = re.compile(
    r"(?:廃止日|\b(?:superseded|withdrawn|repealed|obsolete)\b[^.\n]{0,40}?\b(?:on|since|from|as of))[\s:]*(?:the )?$",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s*(?:から|より|to|until|through|[-–—~〜])\s*")
_SAYS_REPLACED = re.compile(
    r"[【(\[][^】)\]]*(?:廃止|失効|旧版)|\(旧\)"
    r"|\((?:superseded|withdrawn|obsolete)[^)]*\)"
    r"|\b(?:superseded|withdrawn|repealed) (?:by|on|since|as of)\b|\bno longer (?:valid|in force)\b",
    re.IGNORECASE,
)
_NAMED_REPLACED = re.compile(
    r"\([^)]*(廃止|失効|旧)[^)]*\)|(廃止|失効|旧版)$|(^|\s)旧"
    r"|\b(superseded|obsolete|withdrawn|archived|outdated|no longer valid|not in force)\b",
    re.IGNORECASE,
)
_COUNTER = r"[\d一二三四五六七八九十]{1,3}(?:\.\d{1,3}){0,2}"
_EDITION = re.compile(
    rf"第\s*{_COUNTER}\s*版|改[訂定]\s*(?:第\s*{_COUNTER}\s*[版回]|[A-Z](?![A-Za-z])|\d{{1,2}}(?![\d年月]))"
    rf"|\b(?:version|ver\.?|revision|rev\.?|edition)\s*(?:no\.?\s*)?(?:\d{{1,3}}(?:\.\d{{1,3}}){{0,2}}|[A-Z](?![A-Za-z]))(?!\d)"
    rf"|(?<![A-Za-z0-9])[vV]\d{{1,3}}(?:\.\d{{1,3}}){{0,2}}(?!\d)|\d{{4}}年(?:\d{{1,2}}月)?版",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Validity:
    """What a document says of its own time, and of whom it holds for.

    since: from when it is in force, or amended. until: the last day. dated: the date in its head where it doesn't say
    what the date means. edition: as written, '第3版'. replaced: it says that another took its place, and not when.
    scope: for whom or what, in its words (`read_scope`).
    """

    since: date | None = None
    until: date | None = None
    dated: date | None = None
    edition: str = ""
    replaced: bool = False
    scope: str = ""

    @property
    def label(self) -> str:
        """The edition with the date that stands in the head, in any language: '第5版 (2026-07-01)'."""
        if self.dated is None:
            return self.edition
        return f"{self.edition} ({self.dated})" if self.edition else str(self.dated)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> "Validity":
        """What `as_dict` wrote; nothing known where it is empty."""
        days = {name: date.fromisoformat(body[name]) for name in ("since", "until", "dated") if body.get(name)}
        edition, scope, replaced = body.get("edition", ""), body.get("scope", ""), body.get("replaced", False)
        return cls(**days, edition=edition, scope=scope, replaced=replaced)


def read_validity(filename: str, passages: Sequence[Told]) -> Validity:
    """What a document says of its own time and scope, from its name and its passages in their order."""
    name = plain(PurePath(filename).stem)
    head = [piece for piece in _pieces(_head(passages)) if not _OF_OTHERS.search(piece) and "; " not in piece]
    told = [*head, *_about_itself(passages)]
    since = [found.first for piece in told for found in dates(piece) if _begins(piece, found)]
    until = [day for piece in head for day in _last_days(piece)]
    short = [
        piece for piece in head if len(piece) <= LINE and not piece.endswith("。")
    ]  # a sentence may name another's
    edition = _EDITION.search("\n".join(short)) or _EDITION.search(name.replace("_", " "))
    return Validity(
        since=max(since, default=None),
        until=min(until, default=None),
        dated=None if since else next((day for piece in head for day in _plain_days(piece)), None),
        edition=" ".join(edition.group().split()) if edition else "",
        replaced=not until and (was_replaced(name) or any(_SAYS_REPLACED.search(piece) for piece in head)),
        scope=read_scope(passages),
    )


def was_replaced(name: str) -> bool:
    """Whether a document's name (without its ending) says that another took its place."""
    return bool(_NAMED_REPLACED.search(plain(name).replace("_", " ")))


def _head(passages: Sequence[Told]) -> str:
    """What stands before the first numbered section, the title among it; what names the one in force left out."""
    told = ""
    for passage in passages[:BARE_ONES]:
        told += f"{plain(passage.heading)}\n{plain(passage.text)}\n"
        if len(passage.text) > BARE:
            break
    told = _IN_ITS_PLACE.sub("", told[:HEAD])
    section = _SECTION.search(told, len(plain(passages[0].heading)) if passages else 0)
    return told[: section.start()] if section else told


def _pieces(text: str) -> Iterator[str]:
    for match in _PIECE.finditer(text):
        yield match.group()


def _about_itself(passages: Iterable[Told]) -> Iterator[str]:
    """The sentences anywhere that speak of the document's own beginning."""
    for passage in passages:
        supplement = _SUPPLEMENT.search(plain(passage.heading))
        for piece in _pieces(plain(passage.text)):
            supplement = supplement or _SUPPLEMENT.match(piece.strip())
            if (supplement or _ITSELF.search(piece)) and not _OF_OTHERS.search(piece) and "ただし" not in piece:
                yield piece


def _begins(piece: str, found: Dated) -> bool:
    return bool(_BEGINS_AFTER.match(piece, found.end) or _BEGINS_BEFORE.search(piece[: found.start]))


def _ends(piece: str, found: Dated) -> date | None:
    """The last day that a date tells of, if it does."""
    before = piece[: found.start]
    if _ENDS_AFTER.match(piece, found.end) or _ENDS_BEFORE.search(before):
        return found.last
    if not _WITHDRAWN_BEFORE.search(before):
        return None
    before_it = found.first - timedelta(days=1)
    # who withdraws a rule on the last of a month means its last day, on any other day the first without it
    return before_it if (found.first + timedelta(days=1)).month == found.first.month else found.first


def _last_days(piece: str) -> Iterator[date]:
    previous: Dated | None = None
    for found in dates(piece):
        if last := _ends(piece, found):
            yield last
        elif previous and _begins(piece, previous) and _RANGE.fullmatch(piece, previous.end, found.start):
            yield found.last
        previous = found


def _plain_days(piece: str) -> Iterator[date]:
    """The days of a piece that end nothing."""
    return (found.first for found in dates(piece) if _ends(piece, found) is None)


@lru_cache(maxsize=20_000)
def matter(filename: str) -> tuple[str, str]:
    """What a document is about by its name, whatever its edition or year: (document number, title), either may be ''.

    '在宅勤務規程_2023年版（廃止）.pdf' and '在宅勤務規程.docx' have one matter.
    """
    name = unicodedata.normalize("NFKC", PurePath(filename).stem).casefold()
    number = re.match(r"[a-z]{1,4}-?\d{1,5}(?![\da-z-])", name)
    rest = name[number.end() :] if number else name
    rest = re.sub(r"[【(\[][^】)\]]*[】)\]]", " ", rest)
    rest = _EDITION.sub(" ", rest.replace("_", " "))
    rest = re.sub(r"(?:令和|平成)[\d元]+年度?|(?<!\d)(?:19|20)\d\d(?:年度?|[-.]?\d\d){0,2}(?![\d])|第\d+期", " ", rest)
    rest = re.sub(r"\b[a-z]{1,4}-\d[\d-]*\b|(?:^|\s)旧|廃止|失効|旧版|改[訂定正]版?|最新版?", " ", rest)
    rest = re.sub(r"\b(?:superseded|obsolete|withdrawn|archived|outdated)\b|\b(?:old|new|final|copy)\s*$", " ", rest)
    return number.group() if number else "", " ".join(re.sub(r"[-_.・,、]+", " ", rest).split())


def same_matter(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two matters are one: the same document number and title, where one may lack its title."""
    return one[0] == other[0] and (one[1] == other[1] or bool(one[0] and not (one[1] and other[1])))
