"""Questions with known answers: what everything is judged on. The format is told in `examples/QUESTIONS.md`."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from adapters.errors import AdaptersError

Severity = Literal["low", "medium", "high"]
Split = Literal["router", "train", "calibration", "frozen", "regression"]
SPLITS: tuple[Split, ...] = get_args(Split)


class QuestionsError(AdaptersError):
    """A questions file that cannot be used."""


@dataclass(frozen=True)
class Piece:
    """Where an answer stands: a file and an exact piece of its text (cells of one row: joined by ' | ')."""

    file: str
    quote: str


@dataclass(frozen=True)
class Question:
    """A question, and what a right answer must say: every fact in one of its forms; none where it has no answer."""

    id: str
    language: str
    domain: str | None
    kind: str
    question: str
    history: tuple[str, ...]
    answerable: bool
    facts: tuple[tuple[str, ...], ...]
    evidence: tuple[Piece, ...]
    gold: str | None
    severity: Severity
    group: str
    split: str
    near: str | None = None  # of a near miss: the file whose topic it shares

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> "Question":
        """The question of one line. Raises KeyError, TypeError or ValueError where it is not of the format."""
        facts = tuple(tuple(str(form) for form in forms) for forms in row["facts"])
        if bool(facts) != bool(row["answerable"]) or not all(facts):
            raise ValueError("A question has facts if and only if it has an answer.")
        if row["severity"] not in get_args(Severity) or not str(row["question"]).strip():
            raise ValueError("A question has words and a severity.")
        return cls(
            id=str(row["id"]),
            language=str(row["language"]),
            domain=row["domain"],
            kind=str(row["kind"]),
            question=str(row["question"]),
            history=tuple(row.get("history", ())),
            answerable=bool(row["answerable"]),
            facts=facts,
            evidence=tuple(Piece(piece["file"], piece["quote"]) for piece in row["evidence"]),
            gold=row["gold"],
            severity=cast(Severity, row["severity"]),
            group=str(row["group"]),
            split=str(row["split"]),
            near=row.get("near"),
        )


def drawn(questions: Sequence[Question], count: int) -> list[Question]:
    """`count` of the questions, the same ones every time, in their order; all where there are no more."""
    chosen = sorted(questions, key=lambda question: hashlib.sha256(question.id.encode()).hexdigest())[:count]
    kept = {question.id for question in chosen}
    return [question for question in questions if question.id in kept]


def read_questions(path: Path, split: str | None = None, domains: Iterable[str | None] | None = None) -> list[Question]:
    """The questions of a file, of one split (None: all) and of `domains` (None: all).

    Raises QuestionsError: the file is not there, a line is not of the format, or none is left.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsError("questions_unreadable", f"{path} cannot be read.", file=str(path)) from error
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(Question.from_dict(json.loads(line)))
        except (KeyError, TypeError, ValueError) as error:
            raise QuestionsError(
                "bad_question_line",
                f"Line {number} of {path} is not a question as examples/QUESTIONS.md describes it.",
                file=str(path),
                line=number,
            ) from error
    wanted = None if domains is None else set(domains)
    kept = [q for q in found if split in (None, q.split) and (wanted is None or q.domain in wanted)]
    if not kept:
        raise QuestionsError("no_questions", f"{path} holds no question of this split and department.", file=str(path))
    return kept
