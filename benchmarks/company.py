"""Invented companies in homes of their own for the length of a benchmark, and what is found for their questions.

The example company is what the product ships with. The two handbooks of `practice/` are for fitting alone, as are two
of the `lessons/`, which no skill has learnt from; nothing is learnt from or fitted on two more. Their
questions were written in the asker's words and never the document's, as those of the example company often are; but
the short ones, which leave out the condition of the rule they ask for, use its key word as often as not.
"""

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from adapters.questions import Question, read_questions
from assistant.access import User, local_operator
from assistant.answer import Reading
from assistant.evaluations import WholeAssistant
from assistant.example import load_example
from assistant.services import Services
from assistant.settings import Settings
from assistant.variation import FULL
from benchmarks.remembered import RememberedReader
from index import Hit, Meaning

EXAMPLES = Path(__file__).parent.parent / "examples"
PRACTICE = Path(__file__).parent / "practice"
LESSONS = Path(__file__).parent / "lessons"
LISTS = Path(__file__).parent / "lists"
MATTERS = Path(__file__).parent / "matters"


@dataclass(frozen=True)
class Company:
    """An invented company: its folder (departments, documents, questions), and the splits that may be fitted on."""

    folder: Path
    splits: tuple[str, ...]

    def questions(self) -> list[Question]:
        """Its questions of these splits."""
        return questions(self.splits, self.folder)

    def lists(self) -> list[Question]:
        """Its questions for steps, conditions, what is needed: all of a list answers them."""
        return self._beside(LISTS)

    def matters(self) -> list[Question]:
        """What people tell and ask nothing of: what to do then."""
        return self._beside(MATTERS)

    def all_questions(self) -> list[Question]:
        """All that the confidence is fitted to."""
        return [*self.questions(), *self.lists(), *self.matters()]

    def _beside(self, folder: Path) -> list[Question]:
        path = folder / f"{self.folder.name}.jsonl"
        return read_questions(path) if path.exists() else []


COMPANIES = (
    Company(EXAMPLES, ("router", "calibration")),
    Company(PRACTICE / "ja", ("calibration",)),
    Company(PRACTICE / "en", ("calibration",)),
    Company(LESSONS / "en-remote", ("train",)),
    Company(LESSONS / "ja-fukushi", ("train",)),
)
UNSEEN = (Company(LESSONS / "en-civic", ("train",)), Company(LESSONS / "ja-webtech", ("train",)))
TAUGHT = sorted(set(LESSONS.iterdir()) - {company.folder for company in (*COMPANIES, *UNSEEN)})  # for skills


@contextmanager
def opened(cache: Path | None = None, folder: Path = EXAMPLES) -> Iterator[tuple[Services, User]]:
    """Services over an invented company, and its owner. `cache`: a file that keeps what the reader marked."""
    with tempfile.TemporaryDirectory() as home:
        services = Services(Settings(home=Path(home), models=Settings().models_folder))
        load_example(services, folder, lambda _line: None)
        with services.database.read() as session:
            operator = local_operator(session, "benchmark")
        if cache is None or services.span_reader is None:
            yield services, operator
        else:
            remembered = RememberedReader(services.span_reader, cache)
            services.__dict__["span_reader"] = remembered
            yield services, operator
            remembered.close()
        services.close()


def questions(splits: Sequence[str], folder: Path = EXAMPLES) -> list[Question]:
    """The questions of some splits of a company."""
    return [question for split in splits for question in read_questions(folder / "questions.jsonl", split)]


def asked_for_cache() -> Path | None:
    """The file of the command line's `--cache`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cache", type=Path, help="keeps what the reader marked, for the next fit")
    given: Path | None = parser.parse_args().cache
    return given


@dataclass
class Handed:
    """What the product's reader is handed for a question; as a reader it notes that and finds nothing."""

    question: str = ""
    hits: Sequence[Hit] = ()
    rarity: Mapping[str, float] = field(default_factory=dict)
    known: Sequence[Meaning] = ()
    routes: Mapping[str, float] = field(default_factory=dict)

    def read(
        self,
        question: str,
        hits: Sequence[Hit],
        rarity: Mapping[str, float],
        known: Sequence[Meaning],
        routes: Mapping[str, float],
    ) -> Reading:
        """Nothing."""
        self.question, self.hits, self.rarity, self.known, self.routes = question, hits, rarity, known, routes
        return Reading()


def handed(services: Services, operator: User, asked: Sequence[Question]) -> Iterator[tuple[Question, Handed]]:
    """Every question with what the product's reader is handed for it."""
    noted = Handed()
    ask = WholeAssistant(
        lambda recorder, variation: services.assistant_with(recorder, variation, noted), FULL, operator
    )
    for question in asked:
        ask(question)
        yield question, replace(noted)
