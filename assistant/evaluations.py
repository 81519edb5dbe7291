"""Evaluating the whole assistant on questions with known answers, and keeping what came out.

Nothing of a run reaches conversations, desks or reviewed answers: the assistant asked is the product's own, with a
recorder that forgets. Only owners of a department may evaluate on it.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import or_, select

import adapters.tables
from adapters.evaluation import Judged, Outcome, Progress, evaluate
from adapters.questions import Question, read_questions
from assistant.access import User
from assistant.answer import Answer
from assistant.ask import Assistant
from assistant.ask import Progress as Stage
from assistant.database import Database
from assistant.errors import BadInput, NotFound
from assistant.language import language_of
from assistant.steps.record import Recorder
from assistant.variation import FULL, VARIATIONS, Variation
from assistant.wording import as_language

BY_DOMAIN = ("adapters", "confidences")  # what of an evaluation's versions is each department's own


class Forgetful:
    """A recorder that keeps only what the present run needs: earlier questions, and the last answer's trace."""

    def __init__(self) -> None:
        self._earlier: dict[str, list[str]] = {}
        self.trace: dict[str, Any] = {}

    def question(self, user: User, conversation: str | None, text: str) -> tuple[str, Sequence[str]]:
        """The conversation's id and its earlier questions."""
        identifier = conversation or uuid4().hex
        return identifier, list(self._earlier.setdefault(identifier, []))

    def answer(self, user: User, made: Answer, trace: dict[str, Any]) -> Answer:
        """The answer as it was made."""
        self._earlier[made.conversation].append(trace["searched"])
        self.trace = trace
        return replace(made, id=uuid4().hex)


class WholeAssistant:
    """The assistant as `adapters.evaluation` asks it."""

    def __init__(
        self,
        make: Callable[[Recorder, Variation], Assistant],
        variation: Variation,
        user: User,
        *,
        picking: bool = False,
    ) -> None:
        """`picking`: every question is put to its own department, as by a person who knows which."""
        self._memory = Forgetful()
        self._assistant = make(self._memory, variation)
        self._user = user
        self._picking = picking

    def __call__(self, question: Question) -> Outcome:
        """Ask it, after the earlier questions of its conversation. A reviewed answer takes no part."""
        conversation = None
        for earlier in question.history:
            conversation = self._ask(earlier, question, conversation)[0].conversation
        answer, hits = self._ask(question.question, question, conversation)
        trace = self._memory.trace
        cited = answer.citations[:1] if answer.answer or answer.draft else []
        return Outcome(
            status=answer.status,
            text=answer.answer or answer.draft,
            confidence=answer.confidence,
            domain=None if trace["out_of_scope"] else trace["domain"],
            passages=hits,
            cited=[(citation.file, citation.quote) for citation in cited],
            seconds=answer.seconds.total,
        )

    def quotes(self, question: Question) -> list[tuple[str, str]]:
        """(file, quotation) of the evidence found for a question, best first."""
        answer, _ = self._ask(question.question, question, None)
        return [(citation.file, citation.quote) for citation in answer.citations]

    def _ask(self, text: str, question: Question, conversation: str | None) -> tuple[Answer, list[tuple[str, str]]]:
        read: list[list[tuple[str, str]]] = []  # of each part; as search ranked them, then as reading did

        def watch(progress: Stage) -> None:
            if progress.stage == "reading":
                read.append([])
            if progress.hits:
                read[-1] = [(hit.passage.file, f"{hit.passage.heading}\n{hit.passage.text}") for hit in progress.hits]

        language = as_language(question.language)
        picked = question.domain if self._picking else None
        answer = self._assistant.ask(
            text, self._user, picked, conversation, language=language, report=watch, reviewed=False
        )
        return answer, [passage for row in zip_longest(*read) for passage in row if passage is not None]


@dataclass(frozen=True)
class Run:
    """An evaluation that was kept."""

    id: str
    variation: str
    split: str
    domain: str | None
    questions_hash: str
    versions: dict[str, Any]
    judged: list[Judged]
    created_by: str
    created_at: datetime

    @property
    def title(self) -> str:
        """When, what, on which questions; for choosing one."""
        return f"{self.created_at:%Y-%m-%d %H:%M} · {self.variation} · {self.split} · {self.domain or '*'}"


class Evaluations:
    """Runs evaluations and keeps them."""

    def __init__(
        self,
        database: Database,
        assistant_with: Callable[[Recorder, Variation], Assistant],
        versions: Callable[[Variation], dict[str, Any]],
    ) -> None:
        self._database = database
        self._assistant_with = assistant_with
        self._versions = versions

    def run(
        self,
        user: User,
        questions: Path | Sequence[Question],
        split: str,
        *,
        domain: str | None = None,
        variation: str = "full",
        instead: Mapping[str, str | None] | None = None,
        progress: Progress = lambda _done, _all: None,
    ) -> Run:
        """Ask and judge the questions of a file's split, or those given, and keep the result.

        Args:
            instead: versions tried in place of the live ones, by department; None: the shipped skills.

        Raises: BadInput (no such variation), NotFound and NotAllowed (who is not the owner of every department
        concerned), QuestionsError, AdapterError (a version tried cannot be loaded).
        """
        if variation not in VARIATIONS:
            raise BadInput("unknown_variation", variation=variation, known=", ".join(VARIATIONS))
        parts = replace(VARIATIONS[variation], versions=instead or {})
        if isinstance(questions, Path):
            asked: Sequence[Question] = read_questions(questions, split, None if domain is None else [domain])
        else:
            asked = questions
        for concerned in sorted({question.domain for question in asked if question.domain is not None}):
            user.require("owner", concerned)
        ask = WholeAssistant(self._assistant_with, parts, user)
        judged = evaluate(ask, asked, progress)
        row = adapters.tables.Evaluation(
            variation=variation,
            split=split,
            domain=domain,
            questions_hash=_hash(asked),
            versions=self._versions(parts),
            judged=[one.as_dict() for one in judged],
            created_by=user.actor,
        )
        with self._database.transaction(user.actor, "evaluated") as change:
            change.session.add(row)
            change.session.flush()
            after = {"variation": variation, "split": split, "domain": domain, "questions": len(judged)}
            change.record("evaluation.kept", "evaluation", row.id, after=after)
        return self.get(user, row.id)

    def known(
        self, user: User, questions: Sequence[Question], split: str, domain: str, instead: Mapping[str, str | None]
    ) -> Run | None:
        """The latest run of the full assistant on exactly these questions, made with what there is now; or None."""
        now = self._versions(replace(FULL, versions=instead))
        rows = (
            select(adapters.tables.Evaluation)
            .where(
                adapters.tables.Evaluation.questions_hash == _hash(questions),
                adapters.tables.Evaluation.variation == "full",
                adapters.tables.Evaluation.split == split,
                adapters.tables.Evaluation.domain == domain,
            )
            .order_by(adapters.tables.Evaluation.created_at.desc())
        )
        with self._database.read() as session:
            found = next((row for row in session.scalars(rows) if row.versions == now), None)
            run = _as_run(user, found) if found else None
        return run if run is None or _may_see(user, run) else None

    def ask_again(self, user: User, judged: Judged) -> Answer:
        """The answer that a judged question gets now, after the earlier questions of its conversation; not kept."""
        assistant = self._assistant_with(Forgetful(), FULL)
        conversation = None
        language = as_language(judged.language)
        for text in (*judged.history, judged.question):
            answer = assistant.ask(text, user, conversation=conversation, language=language, reviewed=False)
            conversation = answer.conversation
        return answer

    def side_by_side(self, user: User, domain: str, question: str, versions: Sequence[str | None]) -> list[Answer]:
        """The answers that one question gets with each version of a department (None: the skills); not kept.

        Raises: NotFound, NotAllowed (below owner), BadInput, AdapterError (one cannot be loaded).
        """
        user.require("owner", domain)
        language = language_of(question, "en")
        return [
            self._assistant_with(Forgetful(), replace(FULL, versions={domain: version})).ask(
                question, user, domain, language=language, reviewed=False
            )
            for version in versions
        ]

    def listing(self, user: User, limit: int = 20) -> list[Run]:
        """The latest runs that this person may see."""
        kept = adapters.tables.Evaluation
        concerned = select(kept).where(or_(kept.domain.is_(None), kept.domain.in_(user.owned)))
        newest = concerned.order_by(kept.created_at.desc()).execution_options(yield_per=limit)
        with self._database.read() as session:
            seen = (run for row in session.scalars(newest) if _may_see(user, run := _as_run(user, row)))
            return list(islice(seen, limit))

    def get(self, user: User, run: str) -> Run:
        """One run. Raises NotFound."""
        with self._database.read() as session:
            row = session.get(adapters.tables.Evaluation, run)
            found = _as_run(user, row) if row else None
        if found is None or not _may_see(user, found):
            raise NotFound("unknown_evaluation", evaluation=run)
        return found


def _hash(questions: Sequence[Question]) -> str:
    return hashlib.sha256("\n".join(repr(question) for question in questions).encode()).hexdigest()


def _may_see(user: User, run: Run) -> bool:
    concerned = {run.domain, *(one.domain for one in run.judged)} - {None}
    return all(user.may("owner", domain) for domain in concerned)


def _as_run(user: User, row: adapters.tables.Evaluation) -> Run:
    """A run as it is kept; of what it was made with, nothing of departments that this person does not see."""
    versions = {
        name: {domain: one for domain, one in made.items() if domain in user.roles} if name in BY_DOMAIN else made
        for name, made in row.versions.items()
    }
    return Run(
        id=row.id,
        variation=row.variation,
        split=row.split,
        domain=row.domain,
        questions_hash=row.questions_hash,
        versions=versions,
        judged=[Judged(**one) for one in row.judged],
        created_by=row.created_by,
        created_at=row.created_at,
    )
