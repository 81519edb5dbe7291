"""The drafts that the questions of invented companies get, with their signals and whether they are right.

Asking takes a quarter of an hour on one core, so what came of it is kept in a file. It is made anew when the documents,
the questions, the reader's skill or the reading's weights are others; after a change of the program, delete it. No
confidence is kept: it follows from the signals.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapters.judging import says_all
from adapters.questions import Question
from assistant.ask import Report
from assistant.evaluations import Forgetful
from assistant.steps.decide import Signals
from assistant.variation import FULL
from assistant.wording import as_language
from benchmarks.company import COMPANIES, EXAMPLES, Company, opened

NAMES = tuple(field.name for field in fields(Signals))
ROOT = EXAMPLES.parent
MADE_FROM = (
    "examples/documents",
    "examples/questions.jsonl",
    "benchmarks/practice",
    "benchmarks/lessons",
    "benchmarks/lists",
    "benchmarks/matters",
    "adapters/skills",
    "assistant/steps/reading.json",
)


@dataclass(frozen=True)
class JudgedDraft:
    """A question's draft: its signals, whether it is right, and the weight of what it would be to be wrong."""

    id: str
    company: str
    split: str
    language: str
    domain: str | None
    topic: str
    severity: str
    answerable: bool
    draft: str
    signals: dict[str, float]
    right: bool

    def values(self) -> NDArray[np.float64]:
        """The signals (S,), in the order of NAMES."""
        return np.array([self.signals[name] for name in NAMES])


def judged_drafts(cache: Path | None, file: Path | None) -> list[JudgedDraft]:
    """The drafts of all questions that may be fitted on. `cache`: see `opened`; `file`: keeps the drafts themselves."""
    kept = json.loads(file.read_text("utf-8")) if file and file.exists() else {}
    made_from = _identity()
    if kept.get("made_from") == made_from:
        return [JudgedDraft(**one) for one in kept["drafts"]]
    found = [draft for company in COMPANIES for draft in drafts_of(company, company.all_questions(), cache)]
    if file is not None:
        body = {"made_from": made_from, "drafts": [asdict(one) for one in found]}
        file.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return found


def drafts_of(
    company: Company, asked: Sequence[Question], cache: Path | None = None, report: Report = lambda _: None
) -> Iterator[JudgedDraft]:
    """The drafts of questions to a company. `cache`: see `opened`; `report` is told how far each question is."""
    with opened(cache, company.folder) as (services, operator):
        memory = Forgetful()
        assistant = services.assistant_with(memory, FULL)
        services.encoder.encode([question.question for question in asked], query=True)  # remembered: a batch is faster
        for question in asked:
            conversation, language = None, as_language(question.language)
            for text in (*question.history, question.question):
                answer = assistant.ask(
                    text, operator, conversation=conversation, language=language, report=report, reviewed=False
                )
                conversation = answer.conversation
            draft = memory.trace["draft"]
            if draft is not None:
                signals = {name: float(answer.signals[name]) for name in NAMES}
                yield _judged(company.folder.name, question, draft, signals)


def _judged(company: str, question: Question, draft: str, signals: dict[str, float]) -> JudgedDraft:
    return JudgedDraft(
        id=question.id,
        company=company,
        split=question.split,
        language=question.language,
        domain=question.domain,
        topic=f"{company}/{question.group}",
        severity=question.severity,
        answerable=question.answerable,
        draft=draft,
        signals=signals,
        right=says_all(question, draft),
    )


def _identity() -> str:
    """Of what the drafts were made from."""
    told = hashlib.sha256(",".join(NAMES).encode())
    for name in MADE_FROM:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                told.update(str(file.relative_to(ROOT)).encode() + hashlib.sha256(file.read_bytes()).digest())
    return told.hexdigest()


def arguments(about: str | None, **switches: str) -> argparse.Namespace:
    """The command line of a benchmark over judged drafts: `--cache`, `--drafts` and switches with their help."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, help="keeps what the reader marked, for the next run")
    parser.add_argument("--drafts", type=Path, help="keeps the judged drafts, for the next run")
    for name, told in switches.items():
        parser.add_argument(f"--{name}", action="store_true", help=told)
    return parser.parse_args()
