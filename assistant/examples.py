"""A department's examples: imported, written by hand, or approved at the desk; found in the documents, kept, retired.

An example serves the next asker as a reviewed answer at once, and trains the next adapter. Its topic decides which
split it is in, once and for all, so that no question is both learnt from and judged by.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select

from adapters.example_checks import CheckedExample, Finding, check, facts_of
from adapters.judging import place_of
from adapters.questions import Piece, Question, Severity
from adapters.tables import Example
from assistant.access import User
from assistant.answer import Citation
from assistant.audit import digest
from assistant.corrections import ALIKE, Corrections, Rival
from assistant.database import Database
from assistant.errors import BadInput, NotFound
from assistant.example_sheet import SheetRow, read_sheet, row_of
from assistant.language import language_of
from assistant.question_vectors import QuestionVectors
from assistant.steps.review import same_words
from assistant.tables import Account, Domain
from assistant.verdicts import CAUSES, SEVERITIES
from index import Index, Scope

SHARES = (("train", 0.5), ("calibration", 0.2), ("frozen", 0.2), ("regression", 0.1))
SPLITS = tuple(name for name, _ in SHARES)
LONGEST = 10_000  # characters of a question or an answer


@dataclass(frozen=True)
class ExampleInfo:
    """An example as its department's reviewers see it."""

    id: str
    domain: str
    question: str
    answer: str
    evidence: list[dict[str, Any]]
    facts: list[list[str]]
    topic: str
    split: str
    failed_part: str | None
    source: str
    approver: str
    language: str
    severity: str | None
    state: str
    created_at: datetime

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return vars(self) | {"created_at": self.created_at.isoformat()}


@dataclass(frozen=True)
class Contradicting:
    """A row of a sheet that answers a question otherwise than an approved example, a person's, or than another row."""

    row: int
    answer: str  # the other one
    person: str | None
    other_row: int | None = None


@dataclass
class Imported:
    """What became of a sheet."""

    read: int = 0
    imported: int = 0
    known: int = 0  # the same question with the same answer was there
    elsewhere: int = 0  # rows of other departments
    without_evidence: int = 0  # imported; no passage of the department holds what they say
    waiting: list[Contradicting] = field(default_factory=list)  # proposals, until somebody has decided
    refused: list[tuple[int, str]] = field(default_factory=list)  # row, code of the reason


class Examples:
    """The examples of one home."""

    def __init__(
        self,
        database: Database,
        index: Index,
        corrections: Corrections,
        vectors: QuestionVectors,
    ) -> None:
        self._database = database
        self._corrections = corrections
        self._index = index
        self._vectors = vectors

    def import_sheet(self, user: User, path: Path, domain: str) -> Imported:
        """Take the rows of a sheet as approved examples: all that can be used, in one transaction. A row that
        contradicts an approved example, or an earlier row, waits as a proposal until somebody has decided.

        Raises BadInput (the sheet cannot be read), NotFound, NotAllowed (below reviewer).
        """
        user.require("reviewer", domain)
        rows = read_sheet(path)
        said = Imported(read=len(rows))
        fresh = self._fresh(domain, rows, said)
        topics = self._topics(domain, [(row.get("question"), row.get("topic")) for row in fresh])
        asked = [(row.get("question"), row.get("answer")) for row in fresh]
        with self._database.read() as session:  # encodes what is new before the records are locked
            self._corrections.contradicted(session, domain, asked)
        with self._database.transaction(user.actor, "examples imported") as change:
            two_agree = change.session.get_one(Domain, domain, with_for_update=True).second_approval
            against = self._corrections.contradicted(change.session, domain, asked)
            served: dict[str, SheetRow] = {}  # by question, the rows of this sheet that answer from now on
            for row, topic, rival in zip(fresh, topics, against, strict=True):
                waits = _against(row, rival, served.get(same_words(row.get("question"))))
                example = self._example(user, domain, row, topic)
                example.state = "proposed" if two_agree or waits else "approved"
                said.without_evidence += not example.evidence and bool(example.answer)
                change.session.add(example)
                change.session.flush()
                if waits:
                    said.waiting.append(waits)
                else:
                    said.imported += 1
                    served.setdefault(same_words(example.question), row)
                action = "example.approved" if example.state == "approved" else "example.proposed"
                change.record(action, "example", example.id, after={"domain": domain, "source": "sheet"})
        return said

    def _fresh(self, domain: str, rows: Sequence[SheetRow], said: Imported) -> list[SheetRow]:
        """The rows that can be used and are not there yet; `said` counts the others."""
        known = {
            (same_words(one.question), same_words(one.answer)) for one in self._rows(domain) if one.state != "retired"
        }
        fresh = []
        for row in rows:
            key = same_words(row.get("question")), same_words(row.get("answer"))
            if row.get("domain") and row.get("domain") != domain:
                said.elsewhere += 1
            elif why := _refusal(row):
                said.refused.append((row.number, why))
            elif key in known:
                said.known += 1
            else:
                known.add(key)
                fresh.append(row)
        return fresh

    def _example(self, user: User, domain: str, row: SheetRow, topic: str) -> Example:
        evidence = self._evidence(user, domain, row)
        facts = [list(forms) for forms in row.facts] or facts_of(row.get("answer"), [c.quote for c in evidence])
        return Example(
            domain=domain,
            question=row.get("question"),
            answer=row.get("answer"),
            evidence=[vars(citation) for citation in evidence],
            facts=facts if row.get("answer") else [],
            topic=topic,
            split=_split(row.get("split"), domain, topic, bool(facts) or not row.get("answer")),
            failed_part=row.get("failed_part") or None,
            source="sheet",
            approver=user.id,
            second_approver=None,
            language=language_of(row.get("question"), "en"),
            severity=row.get("severity") or None,
        )

    def listing(self, user: User, domain: str, *, retired: bool = False) -> list[ExampleInfo]:
        """The examples of a department, newest first. Raises NotFound, NotAllowed (below reviewer)."""
        user.require("reviewer", domain)
        return [_info(row) for row in self._rows(domain) if retired or row.state == "approved"]

    def export(self, user: User, domain: str) -> list[ExampleInfo]:
        """The approved examples of a department; that they were taken out goes on record."""
        found = self.listing(user, domain)
        with self._database.transaction(user.actor, "examples exported") as change:
            change.record("example.exported", "domain", domain, after={"examples": len(found)})
        return found

    def retire(self, user: User, example_id: str) -> None:
        """Take an example out of use: it serves and trains nobody any more. Raises NotFound."""
        with self._database.transaction(user.actor, "example retired") as change:
            row = change.session.get(Example, example_id)
            if row is None or not user.may("reviewer", row.domain):
                raise NotFound("unknown_example", example=example_id)
            change.record("example.retired", "example", row.id, {"state": row.state}, {"state": "retired"})
            row.state = "retired"

    def edit(self, user: User, example_id: str, changes: Mapping[str, str]) -> ExampleInfo:
        """Change an approved example; whoever does vouches for it. Topic and split stay: what was kept apart is. Where
        two people have to agree, it is a proposal again until another approves it.

        Args:
            changes: by the names of a sheet's columns: question, answer (empty: no document answers), file, quote,
                facts ('a / b; c'), severity, failed_part. With another answer, evidence and facts are found anew.

        Raises: NotFound, BadInput, Conflict (another approved answer to the same words says otherwise).
        """
        row = self._may_change(user, example_id)
        given = {name: text.strip() for name, text in changes.items()}
        kept = {name: getattr(row, name) or "" for name in ("question", "answer", "severity", "failed_part")}
        now = {name: text for name, text in (kept | given).items() if text}
        cells = row_of(0, now | ({} if now.get("answer") else {"answerable": "no"}))
        if why := _refusal(cells):
            raise BadInput(f"example_{why}")
        evidence, facts = row.evidence, row.facts
        if cells.pieces or cells.get("answer") != row.answer:
            found = self._evidence(user, row.domain, cells)
            if cells.pieces and not found:
                raise BadInput("example_no_such_quote")
            evidence = [vars(citation) for citation in found]
            facts = facts_of(cells.get("answer"), [citation.quote for citation in found])
        facts = [list(forms) for forms in cells.facts] or facts
        with self._database.read() as session:  # encodes a question that is new before the records are locked
            self._corrections.rivals(session, row.domain, cells.get("question"), cells.get("answer"))
        with self._database.transaction(user.actor, "example edited") as change:
            row = change.session.get_one(Example, example_id)
            two_agree = change.session.get_one(Domain, row.domain, with_for_update=True).second_approval
            before = _recorded(row)
            row.question, row.answer = cells.get("question"), cells.get("answer")
            row.evidence, row.facts = evidence, facts if row.answer else []
            row.severity, row.failed_part = cells.get("severity") or None, cells.get("failed_part") or None
            row.language, row.approver = language_of(row.question, "en"), user.id
            row.second_approver = None
            row.state = "proposed" if two_agree else row.state
            if row.answer:
                change.session.flush()
                self._corrections.settle(change, row.domain, row.question, row.answer, ())
            after = _recorded(row) | {"changed": sorted(given), "domain": row.domain}
            change.record("example.edited", "example", row.id, before, after)
            return _info(row)

    def _may_change(self, user: User, example_id: str) -> Example:
        with self._database.read() as session:
            row = session.get(Example, example_id)
        if row is None or not user.may("reviewer", row.domain) or row.state != "approved":
            raise NotFound("unknown_example", example=example_id)
        return row

    def check(self, user: User, domain: str) -> list[Finding]:
        """What stands against training on a department's examples. Raises NotFound, NotAllowed (below reviewer)."""
        user.require("reviewer", domain)
        rows = self._approved(domain)
        with self._database.read() as session:
            current = {row.id: self._in_force(session, row) for row in rows}
            names = set(session.scalars(select(Account.display_name)))
        vectors = self._vectors.of([row.question for row in rows]) if rows else np.zeros((0, 1), np.float32)
        checked = [
            CheckedExample(
                id=row.id,
                question=row.question,
                answer=row.answer,
                evidence=tuple(piece["quote"] for piece in row.evidence),
                language=row.language,
                topic=row.topic,
                approver=row.approver,
                source=row.source,
                split=row.split,
                current=current[row.id],
                seconded=row.second_approver is not None,
            )
            for row in rows
        ]
        return check(checked, vectors, names)

    def questions(self, domain: str, split: str) -> list[Question]:
        """The approved examples of a split as questions with known answers, where they name what to judge by."""
        return [
            question_of(row) for row in self._approved(domain) if row.split == split and (row.facts or not row.answer)
        ]

    def training(self, domain: str) -> list[ExampleInfo]:
        """The approved examples that may be learnt from: of the training split, their evidence in force."""
        return self._current(domain, "train")

    def calibration(self, domain: str) -> list[ExampleInfo]:
        """Those by which a training is stopped and a threshold set."""
        return self._current(domain, "calibration")

    def _current(self, domain: str, split: str) -> list[ExampleInfo]:
        rows = [row for row in self._approved(domain) if row.split == split]
        with self._database.read() as session:
            return [_info(row) for row in rows if self._in_force(session, row)]

    def counts(self, domain: str) -> dict[str, int]:
        """How many approved examples each split holds."""
        approved = select(Example.split, func.count()).where(Example.domain == domain, Example.state == "approved")
        with self._database.read() as session:
            counted = {split: count for split, count in session.execute(approved.group_by(Example.split))}
        return {split: counted.get(split, 0) for split in SPLITS}

    def _in_force(self, session: Any, row: Example) -> bool:
        """Whether what an example rests on is in force, and may be learnt: nobody's own and nothing confidential."""
        open_to_all = Scope(frozenset(piece["domain"] for piece in row.evidence), user=None)
        return self._index.in_force(session, [piece["version"] for piece in row.evidence], open_to_all)

    def _rows(self, domain: str) -> list[Example]:
        with self._database.read() as session:
            newest = select(Example).where(Example.domain == domain).order_by(Example.created_at.desc(), Example.id)
            return list(session.scalars(newest))

    def _approved(self, domain: str) -> list[Example]:
        return [row for row in self._rows(domain) if row.state == "approved"]

    def _evidence(self, user: User, domain: str, row: SheetRow) -> list[Citation]:
        """Where the answer stands: the pieces that the row names, else what holds all that the answer says."""
        scope = Scope(frozenset({domain}), user="")
        found: list[Citation] = []
        with self._database.read() as session:
            for file, quote in row.pieces:
                passages = self._index.passages_of(session, file, scope) if file else []
                if not file:
                    passages = [hit.passage for hit in self._index.search(session, quote, scope, 10)]
                for passage in passages:
                    place = place_of(quote or row.get("answer"), passage.text)
                    if place is not None:
                        found.append(Citation.of(len(found) + 1, passage, passage.text[slice(*place)], 1.0))
                        break
            if not found and not row.pieces and row.get("answer"):
                for hit in self._index.search(session, f"{row.get('question')} {row.get('answer')}", scope, 3):
                    place = place_of(row.get("answer"), hit.passage.text)
                    if place is not None:
                        return [Citation.of(1, hit.passage, hit.passage.text[slice(*place)], 1.0)]
        return found

    def _topics(self, domain: str, asked: Sequence[tuple[str, str]]) -> list[str]:
        """A topic for each (question, topic given): the given one, else that of a question that is nearly the same."""
        known = self._rows(domain)
        if not asked:
            return []
        vectors = self._vectors.of([row.question for row in known] + [question for question, _ in asked])
        topics = [row.topic for row in known]
        for number, (question, given) in enumerate(asked, start=len(known)):
            nearest = int(np.argmax(vectors[:number] @ vectors[number])) if number else -1
            near = nearest >= 0 and float(vectors[nearest] @ vectors[number]) >= ALIKE
            own = hashlib.sha256(question.encode()).hexdigest()[:16]
            topics.append(given[:100] or (topics[nearest] if near else own))
        return topics[len(known) :]


def question_of(row: Example | ExampleInfo) -> Question:
    """An example as a question with a known answer."""
    severity: Severity = row.severity if row.severity in SEVERITIES else "medium"  # type: ignore[assignment]
    return Question(
        id=row.id,
        language=row.language,
        domain=row.domain,
        kind="plain" if row.answer else "near-miss",
        question=row.question,
        history=(),
        answerable=bool(row.answer),
        facts=tuple(tuple(forms) for forms in row.facts) if row.answer else (),
        evidence=tuple(Piece(piece["file"], piece["quote"]) for piece in row.evidence),
        gold=row.answer or None,
        severity=severity,
        group=row.topic,
        split=row.split,
    )


def split_of(domain: str, topic: str) -> str:
    """The split of a topic, the same for ever: by its hash, in the shares of SHARES."""
    drawn = int.from_bytes(hashlib.sha256(f"{domain}/{topic}".encode()).digest()[:4], "big") / 2**32
    for name, share in SHARES:
        drawn -= share
        if drawn < 0:
            return name
    return SHARES[0][0]


def _split(given: str, domain: str, topic: str, judgeable: bool) -> str:
    split = given if given in SPLITS else split_of(domain, topic)
    return split if judgeable else "train"


def _refusal(row: SheetRow) -> str | None:
    """Why a row cannot be used, as a code; None where it can."""
    if not any(character.isalnum() for character in row.get("question")):
        return "no_question"
    if row.get("follows"):
        return "follows"
    if bool(row.get("answer")) == row.unanswerable:
        return "no_answer"
    if max(len(row.get("question")), len(row.get("answer"))) > LONGEST:
        return "too_long"
    if row.get("severity") not in ("", *SEVERITIES):
        return "unknown_severity"
    if row.get("failed_part") not in ("", *CAUSES):
        return "unknown_cause"
    return None


def _against(row: SheetRow, rival: Rival | None, earlier: SheetRow | None) -> Contradicting | None:
    """What a row contradicts. Within a sheet that is another answer to the same words: its author had both in view."""
    if not row.get("answer"):
        return None
    if rival is not None:
        return Contradicting(row.number, rival.answer, rival.person)
    if earlier is not None and earlier.get("answer"):
        return Contradicting(row.number, earlier.get("answer"), None, earlier.number)
    return None


def _recorded(row: Example) -> dict[str, Any]:
    """What goes on record of it: nobody's words."""
    return {"state": row.state, "question": digest(row.question), "answer": digest(row.answer)}


def _info(row: Example) -> ExampleInfo:
    return ExampleInfo(**{name: getattr(row, name) for name in ExampleInfo.__dataclass_fields__})
