"""The answer object: what a question gets, in one shape for pages, command line and records."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, Literal
from urllib.parse import urlencode

from index import Force, Hit, Passage

Status = Literal["answered", "held", "declined"]
LINKED = 600  # characters of a quotation that a link carries


def address_of(document: str, version: str, passage: int, quote: str) -> str:
    """Where a citation opens in its place, the quoted words marked."""
    return f"/documents/{document}/{version}/at/{passage}?{urlencode({'quote': quote[:LINKED]})}#cited"


@dataclass(frozen=True)
class Citation:
    """A numbered source: where it stands, and the exact piece of its text that is cited.

    `since`, `until` (days, ISO) and `edition` as far as the document tells them; `force` on the day of the answer;
    `scope`: for whom or what the document holds, in its own words, where the quotation does not say it;
    `marked`: the words of the quotation that the reader marked; `copies`: where else the same stands (document,
    version, passage, file).
    """

    n: int
    domain: str
    document: str
    file: str
    page: int | None
    sheet: str | None
    slide: int | None
    cells: str | None
    box: list[float] | None
    heading: str | None
    quote: str
    score: float
    passage: int
    version: str
    force: Force = "in_force"
    since: str | None = None
    until: str | None = None
    edition: str | None = None
    scope: str | None = None
    marked: str = ""
    copies: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of_evidence(cls, n: int, found: "Evidence", day: date) -> "Citation":
        """The citation number `n` of what the reader found. `day`: of the answer."""
        copies = [
            {"document": one.document, "version": one.version, "passage": one.id, "file": one.file}
            for one in found.hit.copies
        ]
        made = cls.of(n, found.hit.passage, found.quote, found.score, day)
        return replace(made, marked=found.marked, copies=copies)

    @classmethod
    def of(cls, n: int, passage: Passage, quote: str, score: float, day: date | None = None) -> "Citation":
        """The citation number `n` of `quote`, which stands in `passage`. `day`: of the answer."""
        standing = passage.standing
        since, until = standing.validity.since, standing.last_day_known
        scope = standing.validity.scope
        return cls(
            n=n,
            domain=passage.domain,
            document=passage.document,
            file=passage.file,
            page=passage.page,
            sheet=passage.sheet,
            slide=passage.slide,
            cells=passage.cells,
            box=list(passage.box) if passage.box else None,
            heading=passage.heading or None,
            quote=quote,
            score=round(score, 4),
            passage=passage.id,
            version=passage.version,
            force=standing.on(day) if day else "in_force",
            since=since.isoformat() if since else None,
            until=until.isoformat() if until else None,
            edition=standing.validity.label or None,
            scope=scope if scope and _flat(scope) not in _flat(quote) and _flat(quote) not in _flat(scope) else None,
        )


def _flat(said: str) -> str:
    return " ".join(said.split())


@dataclass(frozen=True)
class Seconds:
    """How long the steps took."""

    route: float = 0.0
    evidence: float = 0.0
    answer: float = 0.0
    total: float = 0.0


@dataclass(frozen=True)
class Answer:
    """A question's outcome. `answer` is None unless `status` is 'answered'."""

    id: str
    question: str
    status: Status
    answer: str | None
    draft: str | None
    language: str
    domain: str | None
    adapter: str | None
    confidence: float
    calibrated: bool
    citations: list[Citation]
    why: str
    reasons: list[dict[str, Any]]
    signals: dict[str, Any]
    reviewed: bool
    ticket: str | None
    conversation: str
    seconds: Seconds
    similar: dict[str, Any] | None = None  # a person's answer to a question in other words; given where `reviewed`
    choices: list[str] = field(default_factory=list)  # departments of which one may be meant: the asker may choose

    @property
    def is_aside(self) -> bool:
        """Whether it was declined as small talk or the like."""
        return self.status == "declined" and bool(self.signals.get("aside"))

    @property
    def is_contradicted(self) -> bool:
        """Whether it was held although it may be sure: another document in force says otherwise."""
        return self.status == "held" and bool(self.signals.get("contradicted"))

    @property
    def is_unnamed(self) -> bool:
        """Whether it was held although it may be sure: what its follow-up names stands in no passage."""
        return self.status == "held" and bool(self.signals.get("unnamed"))

    @property
    def is_reviewed_first(self) -> bool:
        """Whether it was held because its department lets a person see every answer first, however sure it is."""
        return self.status == "held" and self.signals.get("release") == "review"

    @property
    def straight(self) -> bool:
        """Whether the question went to a person without being looked up, see `assistant.straight`."""
        return bool(self.signals.get("straight"))

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    def visible_to(self, domains: Collection[str], hidden: Collection[str] = ()) -> "Answer":
        """What somebody may see who sees only `domains`, and of these not the `hidden` documents: nothing that comes
        from others.
        """
        citations = [
            replace(one, copies=[copy for copy in one.copies if copy["document"] not in hidden])
            for one in self.citations
            if one.domain in domains and one.document not in hidden
        ]
        others = [*self.choices, *(part["domain"] for part in self.signals.get("parts", []))]
        known = [name for name in (self.domain, self.similar and self.similar["domain"], *others) if name is not None]
        if len(citations) == len(self.citations) and all(name in domains for name in known):
            return self if citations == self.citations else replace(self, citations=citations)
        alone = replace(self, similar=None, choices=[], domain=self.domain if self.domain in domains else None)
        return replace(
            alone, citations=citations, answer=None, draft=None, adapter=None, why="", reasons=[], signals={}
        )

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> "Answer":
        """The answer that `as_dict` wrote."""
        known = dict(body)
        known["citations"] = [Citation(**citation) for citation in body["citations"]]
        known["seconds"] = Seconds(**body["seconds"])
        return cls(**known)


@dataclass(frozen=True)
class Evidence:
    """A span that may answer the question: `passage.text[start:end]`, and how well (0 to 1)."""

    hit: Hit
    start: int
    end: int
    score: float
    answers: float = 0.0  # probability, by the reader's skill, that an answer stands in the passage
    marked: str = ""  # the words of it that the skill marked
    # where it was looked at once more, by itself:
    close: float = 0.0  # cosine of the question with it
    alone: float = 0.0  # log-odds, by the reranker, that it answers and none of the others does
    witnessed: float = 0.0  # of the best: the same by the matcher, which had no part in choosing it

    @property
    def place(self) -> tuple[int, int, int]:
        """Its passage, first character and last."""
        return self.hit.passage.id, self.start, self.end

    @property
    def quote(self) -> str:
        """The span's exact text."""
        return self.hit.passage.text[self.start : self.end]


@dataclass(frozen=True)
class Reading:
    """What the reader found in all passages, one of each, best first; empty when nothing answers.

    `otherwise`: the same of documents that are not in force at the time asked about; never answered from.
    `judged`: the sentences that were looked at once more, several of a passage, best first.
    `against`: of the evidence, what says otherwise than the best in the same matter.
    """

    evidence: list[Evidence] = field(default_factory=list)
    otherwise: list[Evidence] = field(default_factory=list)
    judged: list[Evidence] = field(default_factory=list)
    against: Evidence | None = None
    coverage: float = 0.0  # share of the question's content found in the best evidence, 0 to 1
    missing: tuple[str, ...] = ()  # identifiers of the question that its passage does not name
    unnamed: str = ""  # what a follow-up names instead of what was asked about, where the best evidence does not
    right_kind: bool = True  # whether the best evidence can be the kind of answer asked for


@dataclass(frozen=True)
class Draft:
    """A written answer before it is checked: its text, and who wrote it."""

    text: str
    writer: Literal["quote", "model"]
    first_probability: float | None = None
    minimum_probability: float | None = None
    finish: str = "stop"
