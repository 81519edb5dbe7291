"""Is a department ready for a trial? What it has, what of it can be read and found, how well it is answered already.

Nothing is changed and nobody's conversation is looked at; what it costs are searches, and, when asked for, the
questions kept for the threshold.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from adapters.evaluation import Judged, Progress
from adapters.judging import evidence_found
from adapters.scores import Share
from assistant.access import User
from assistant.database import Database
from assistant.documents import Documents
from assistant.domain_findings import Answered, Measured
from assistant.domains import Domains
from assistant.examples import ExampleInfo, Examples, question_of
from assistant.language import language_of
from assistant.promotion import Promotions
from assistant.release import OFFERED, Releases
from index import DocumentInfo, Index, Mode, Passage, Scope

SAMPLE = 200  # passages whose words are looked at
SEARCHED = 100  # questions that are searched for
FIRST = 5  # passages among which the right one should stand
CountPieces = Callable[[str], tuple[int, int]]


class DomainChecks:
    """The checks of one home."""

    def __init__(
        self,
        database: Database,
        index: Index,
        documents: Documents,
        domains: Domains,
        examples: Examples,
        promotions: Promotions,
        releases: Releases,
        pieces: CountPieces,
    ) -> None:
        """`pieces`: how many of the encoder's tokens a text is, and how many of these it does not know."""
        self._database = database
        self._index = index
        self._documents = documents
        self._domains = domains
        self._examples = examples
        self._promotions = promotions
        self._releases = releases
        self._pieces = pieces

    def ask(self, user: User, domain: str, progress: Progress = lambda _done, _all: None) -> None:
        """Ask the questions kept for the threshold, unless that was done with what there is now."""
        self._releases.measure(user, domain, progress)

    def check(self, user: User, domain: str) -> Measured:
        """The department's figures as they are now. Raises NotFound, NotAllowed (below owner)."""
        user.require("owner", domain)
        documents = [one for one in self._documents.listing(user, domain) if one.visibility == "department"]
        passages = self._passages(documents)
        examples = self._examples.listing(user, domain)
        characters, unknown = self._words(passages)
        preview = self._releases.preview(user, domain, OFFERED[0])
        return Measured(
            domain=domain,
            documents=len(documents),
            waiting=sum(one.latest.waits for one in documents),
            unread=[(one.filename, one.latest.error) for one in documents if one.latest.error is not None],
            passages=dict(Counter(language_of(passage.text, "en") for passage in passages)),
            questions=dict(Counter(one.language for one in examples)),
            splits=self._examples.counts(domain),
            unanswerable=sum(not one.answer for one in examples),
            routed=self._domains.get(domain).examples,
            characters=characters,
            unknown=unknown,
            by_meaning=self._found(domain, examples, "dense"),
            found=self._found(domain, examples, "hybrid"),
            answered=_answered(self._promotions.asked_live(user, domain, "calibration")),
            severe=sum(finding.severity == "severe" for finding in self._examples.check(user, domain)),
            serious=sum(one.severity == "high" for one in examples) / max(1, len(examples)),
            judged=len(preview.drafts),
            promises=preview.others,
        )

    def _passages(self, documents: Sequence[DocumentInfo]) -> list[Passage]:
        with self._database.read() as session:
            return [one for document in documents for one in self._index.of_document(session, document.id)]

    def _words(self, passages: Sequence[Passage]) -> tuple[dict[str, float], float]:
        """Characters a token by language, and the share of tokens unknown, of passages spread over all."""
        spread = passages[:: max(1, len(passages) // SAMPLE)]
        counted: dict[str, list[int]] = {}
        for passage in spread:
            tokens, unknown = self._pieces(passage.text)
            sums = counted.setdefault(language_of(passage.text, "en"), [0, 0, 0])
            for place, number in enumerate((len("".join(passage.text.split())), tokens, unknown)):
                sums[place] += number
        tokens = sum(sums[1] for sums in counted.values())
        characters = {language: sums[0] / max(1, sums[1]) for language, sums in sorted(counted.items())}
        return characters, sum(sums[2] for sums in counted.values()) / max(1, tokens)

    def _found(self, domain: str, examples: Sequence[ExampleInfo], mode: Mode) -> Share:
        """Questions whose evidence stands among the first passages that search gives in the department."""
        scope = Scope(frozenset({domain}), user="")
        known = [one for one in examples if one.evidence][:SEARCHED]
        with self._database.read() as session:
            return Share.count([
                evidence_found(
                    question_of(one),
                    [(hit.passage.file, f"{hit.passage.heading}\n{hit.passage.text}")
                     for hit in self._index.search(session, one.question, scope, FIRST, mode)],
                )
                for one in known
            ])  # fmt: skip


def _answered(judged: Sequence[Judged] | None) -> Answered | None:
    if judged is None:
        return None
    shown = [one for one in judged if one.shown]
    return Answered(
        questions=len(judged),
        drafts=Share.count([one.would_be_right for one in judged if one.answerable]),
        shown=Share.count([one.shown for one in judged]),
        wrong=Share.count([one.verdict == "wrong" for one in shown]),
    )
