"""The example company in a home of its own for the length of a benchmark, and what is found for its questions."""

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
QUESTIONS = EXAMPLES / "questions.jsonl"


@contextmanager
def opened(cache: Path | None = None) -> Iterator[tuple[Services, User]]:
    """Services over the example company, and its owner. `cache`: a file that keeps what the reader marked."""
    with tempfile.TemporaryDirectory() as home:
        services = Services(Settings(home=Path(home), models=Settings().models_folder))
        load_example(services, EXAMPLES, lambda _line: None)
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


def questions(splits: Sequence[str]) -> list[Question]:
    """The questions of some splits."""
    return [question for split in splits for question in read_questions(QUESTIONS, split)]


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


def handed(services: Services, operator: User, splits: Sequence[str]) -> Iterator[tuple[Question, Handed]]:
    """Every question of some splits with what the product's reader is handed for it."""
    noted = Handed()
    ask = WholeAssistant(
        lambda recorder, variation: services.assistant_with(recorder, variation, noted), FULL, operator
    )
    for question in questions(splits):
        ask(question)
        yield question, replace(noted)
