"""The example company in a home of its own for the length of a benchmark, and what is found for its questions."""

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
from index import Hit

EXAMPLES = Path(__file__).parent.parent / "examples"
QUESTIONS = EXAMPLES / "questions.jsonl"


@contextmanager
def opened() -> Iterator[tuple[Services, User]]:
    """Services over the example company, and its owner."""
    with tempfile.TemporaryDirectory() as home:
        services = Services(Settings(home=Path(home), models=Settings().models_folder))
        load_example(services, EXAMPLES, lambda _line: None)
        with services.database.read() as session:
            operator = local_operator(session, "benchmark")
        yield services, operator
        services.close()


def questions(splits: Sequence[str]) -> list[Question]:
    """The questions of some splits."""
    return [question for split in splits for question in read_questions(QUESTIONS, split)]


@dataclass
class Handed:
    """What the product's reader is handed for a question; as a reader it notes that and finds nothing."""

    question: str = ""
    hits: Sequence[Hit] = ()
    rarity: Mapping[str, float] = field(default_factory=dict)
    routes: Mapping[str, float] = field(default_factory=dict)

    def read(
        self, question: str, hits: Sequence[Hit], rarity: Mapping[str, float], routes: Mapping[str, float]
    ) -> Reading:
        """Nothing."""
        self.question, self.hits, self.rarity, self.routes = question, hits, rarity, routes
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
