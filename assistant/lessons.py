"""What a department's training is taught: the examples that its part may learn from, as a job for its process."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from adapters import model_store, reader_job, skills, version_folder, writer_job
from adapters.judging import place_of
from adapters.pins import EMBEDDED, LANGUAGE_MODEL
from adapters.reader_examples import answering_often, readings_of
from adapters.reader_training import Method, Reading
from adapters.training import Schedule
from adapters.version_folder import BASE, Part
from adapters.writer_training import Writing
from assistant.database import Database
from assistant.examples import ExampleInfo, Examples, question_of
from assistant.language import language_of
from assistant.settings import Settings
from assistant.steps.candidates import passage_heading
from assistant.steps.read import widened
from assistant.steps.write import prompt
from assistant.versions import Versions
from index import Index, Passage, Scope

METHODS: tuple[Method, ...] = get_args(Method)
RATES = {
    "lora": 1e-4,
    "ia3": 1e-3,
    "prompt": 1e-2,
    "full": 1e-5,
}  # a department has little to learn from: more of it is learnt by heart
RANK = 16
EPOCHS = 1.0
WRITER_RATE, WRITER_EPOCHS = 2e-4, 3.0
PARTS: tuple[Part, ...] = ("reader", "writer")
OTHER: dict[Part, Part] = {"reader": "writer", "writer": "reader"}
FAILED: dict[Part, str] = {"reader": "reading", "writer": "writing"}  # how examples call what failed
HANDED = 10  # passages that search gives for a question, as when answering
NEAREST = 4  # passages of each question it is stopped by that do not answer it
_CITATION = re.compile(r"\s*\[\d+\]")


class Lessons:
    """Makes the jobs of one home's trainings."""

    def __init__(
        self, database: Database, settings: Settings, index: Index, examples: Examples, versions: Versions
    ) -> None:
        self._database = database
        self._settings = settings
        self._index = index
        self._examples = examples
        self._versions = versions

    def learnt(self, domain: str, part: Part) -> list[ExampleInfo]:
        """What a part learns from: not what failed in the other; the writer: answers in languages that it knows."""
        found = [one for one in self._examples.training(domain) if one.failed_part != FAILED[OTHER[part]]]
        return found if part == "reader" else self._worded(found)

    def _worded(self, examples: Sequence[ExampleInfo]) -> list[ExampleInfo]:
        """Those that the writer can learn from: an answer from one passage, all in a language that it knows."""
        known = model_store.languages(self._settings.language_model)

        def knows(one: ExampleInfo) -> bool:
            told = (one.question, one.answer, *(piece["quote"] for piece in one.evidence))
            return known is None or all(language_of(text, "en") in known for text in told)

        return [one for one in examples if one.answer and len(one.evidence) == 1 and knows(one)]

    def job(
        self,
        domain: str,
        part: Part,
        method: Any,
        learnt: Sequence[ExampleInfo],
        tuning: Sequence[ExampleInfo],
        minutes: float,
        start: str | None,
    ) -> reader_job.Job | writer_job.Job:
        """What the process of a training is to do.

        Args:
            learnt, tuning: what it learns from, and what it is stopped by.
            minutes: the budget.
            start: the version that is trained further; None: the shipped skill.
        """
        begun = str(self._versions.path(domain, start)) if start else ""
        beside = str(self._beside(domain, OTHER[part], start) or "")
        if part == "writer":
            writings = self._writings(domain, learnt)
            return writer_job.Job(
                models_folder=self._settings.models_folder,
                language_model=self._settings.language_model,
                start=begun,
                schedule=_writer_schedule(len(writings), minutes),
                writings=writings,
                tuning=self._writings(domain, self._worded(tuning)),
                beside=beside,
            )
        readings = answering_often([reading for one in learnt for reading in self._readings(domain, one)])
        return reader_job.Job(
            models_folder=self._settings.models_folder,
            skill="" if self._settings.reader == EMBEDDED else self._settings.reader,
            start=begun,
            method=method,
            rank=RANK,
            schedule=_schedule(method, len(readings), minutes),
            readings=readings,
            tuning=self._tuning(domain, tuning),
            beside=beside,
        )

    def _beside(self, domain: str, part: Part, start: str | None) -> Path | None:
        """The version whose part goes into the new one as it is: of the start, else the live one, if it still fits."""
        tried = [{domain: start}, {}] if start else [{}]
        found = [self._versions.worn(instead, part).get(domain) for instead in tried]
        base = self._base(part)
        fitting = (folder for folder in found if folder and version_folder.whole(folder)[BASE[part]] == base)
        return next(fitting, None)

    def _base(self, part: Part) -> str:
        """What a part is trained on now: the reader's skill, the language model."""
        if part == "reader":
            chosen = self._settings.reader
            return model_store.identity(skills.READER if chosen == EMBEDDED else Path(chosen).expanduser())
        return model_store.base_identity(self._settings.language_model, LANGUAGE_MODEL, self._settings.models_folder)

    def _readings(self, domain: str, example: ExampleInfo) -> list[Reading]:
        """What is learnt of an example: its evidence, and what else search gives in its department."""
        scope = Scope(frozenset({domain}), user="")
        with self._database.read() as session:
            files = dict.fromkeys(piece["file"] for piece in example.evidence)
            where = [passage for file in files for passage in self._index.passages_of(session, file, scope)]
            handed = [hit.passage for hit in self._index.search(session, example.question, scope, HANDED)]
        told = [[_told(passage) for passage in passages] for passages in (where, handed)]
        return readings_of(question_of(example), example.question, *told, whole=True)

    def _writings(self, domain: str, examples: Sequence[ExampleInfo]) -> list[Writing]:
        """What the writer learns of examples: their passage's paragraph, and the approved answer without its citations.

        One whose quotation stands in no passage of the department teaches to make things up, and is left out.
        """
        scope = Scope(frozenset({domain}), user="")
        made = []
        with self._database.read() as session:
            for one in examples:
                quote = one.evidence[0]["quote"]
                passages = self._index.passages_of(session, one.evidence[0]["file"], scope)
                places = ((passage, place_of(quote, passage.text)) for passage in passages)
                found = next(((passage, place) for passage, place in places if place), None)
                if found is not None:
                    passage, place = found
                    told = [(passage.heading, passage.text[slice(*widened(passage.text, *place))])]
                    answer = _CITATION.sub("", one.answer).strip()
                    made.append(Writing(one.id, one.language, prompt(one.question, told), answer))
        return made

    def _tuning(self, domain: str, examples: Sequence[ExampleInfo]) -> list[Reading]:
        kept: list[Reading] = []
        for one in examples:
            found = self._readings(domain, one)
            kept += [reading for reading in found if reading.answers]
            kept += [reading for reading in found if not reading.answers][:NEAREST]
        return kept


def _writer_schedule(writings: int, minutes: float) -> Schedule:
    steps = max(1, round(writings * WRITER_EPOCHS / 4))
    return Schedule(
        batch=2,
        accumulate=2,
        epochs=WRITER_EPOCHS,
        learning_rate=WRITER_RATE,
        evaluate_every=max(5, steps // 6),
        patience=3,
        minutes=minutes,
    )


def _schedule(method: str, readings: int, minutes: float) -> Schedule:
    steps = max(1, round(readings * EPOCHS / 8))
    return Schedule(
        batch=8,
        accumulate=1,
        epochs=EPOCHS,
        learning_rate=RATES[method],
        evaluate_every=max(5, steps // 6),
        patience=3,
        minutes=minutes,
    )


def _told(passage: Passage) -> tuple[str, str, str]:
    return passage.file, passage_heading(passage), passage.text
