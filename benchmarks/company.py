"""The example company in a home of its own for the length of a benchmark, and what is found for its questions."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adapters.questions import Question, read_questions
from assistant.access import User, local_operator
from assistant.example import load_example
from assistant.services import Services
from assistant.settings import Settings

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
