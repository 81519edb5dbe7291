"""One home, opened: every service wired to the next, models loaded when first needed.

This is the only place that knows how the rooms fit together: `index` is handed the encoder's functions,
`adapters` the domains' examples.
"""

import fcntl
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cached_property, partial
from importlib.metadata import version
from threading import RLock, Thread
from typing import Any, TypeVar

from adapters import (
    AdapterError,
    AdaptersError,
    Encoder,
    LanguageModelWorker,
    Marking,
    Matcher,
    Remembering,
    Reranker,
    SearchEncoder,
    Writers,
    model_store,
    shipped_sentences,
    skills,
)
from adapters import Reader as SpanReader
from adapters.pins import EMBEDDED, LANGUAGE_MODEL
from adapters.router import Vectors
from adapters.version_folder import Part
from assistant import audit, clock, keys
from assistant.accounts import Accounts
from assistant.ask import Assistant
from assistant.audit_log import AuditLog
from assistant.comparisons import Comparisons
from assistant.confidences import Confidences
from assistant.corrections import Corrections
from assistant.database import Database
from assistant.desk import Desk
from assistant.document_care import DocumentCare
from assistant.document_requests import DocumentRequests
from assistant.document_texts import DocumentTexts
from assistant.documents import Documents
from assistant.domain_check import DomainChecks
from assistant.domains import Domains
from assistant.errors import Busy
from assistant.evaluations import Evaluations
from assistant.examples import Examples
from assistant.figures import DeskFigures
from assistant.glossaries import Glossaries
from assistant.housekeeping import Housekeeping
from assistant.ingestion import Ingestion
from assistant.outbox import Outbox
from assistant.personal import PersonalData
from assistant.promotion import Promotions
from assistant.provenance import Provenances
from assistant.question_vectors import QuestionVectors
from assistant.release import Releases
from assistant.replay import Replays
from assistant.reply_drafts import ReplyDrafts
from assistant.rereview import Rereviews
from assistant.reserve import Reserve
from assistant.retention import Retention
from assistant.running import Running
from assistant.sampling import Samples
from assistant.schema import upgrade
from assistant.sending import Sending
from assistant.settings import Settings
from assistant.steps.candidates import Mark
from assistant.steps.read import PassageReader, Reader, SentenceReader
from assistant.steps.record import Recorder, Records
from assistant.steps.review import ReviewedAnswers
from assistant.steps.second_look import SecondLook
from assistant.steps.write import Writer, WritersAdapter
from assistant.straight import StraightToDesk
from assistant.tokens import Tokens
from assistant.trainings import Trainings
from assistant.variation import FULL, Variation
from assistant.versions import Versions
from index import Index, locked

T = TypeVar("T")


class loaded_once(cached_property[T]):  # noqa: N801  # used as a decorator
    """A cached property that two threads asking at once still make once."""

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> T:  # type: ignore[override]
        with instance.loading:
            made: T = super().__get__(instance, owner)
            return made


class Services:
    """The services of one home. Close it when done."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.loading = RLock()
        self._warming: Thread | None = None
        self._open = ExitStack()
        self._open.enter_context(locked(settings.home / keys.OPEN, fcntl.LOCK_SH))
        self.keys = keys.load(settings.key_file)
        self.database = Database(settings.database_address, self.keys)
        upgrade(self.database)
        self.reserve = Reserve(settings.home)
        self.database.spare = self.reserve.release
        with self.database.read() as session:
            clock.not_before(audit.latest(session))
        self.accounts = Accounts(self.database, settings.session_hours)
        self.tokens = Tokens(self.database)
        self.question_vectors = QuestionVectors(lambda texts: self.route_encoder.encode(texts, query=True))
        self.searched_vectors = QuestionVectors(lambda texts: self.search_encoder.encode(texts, query=True))
        self.corrections = Corrections(self.database, self.question_vectors)
        self.desk = Desk(self.database, self.corrections)
        self.reply_drafts = ReplyDrafts(self.database)
        self.straight = StraightToDesk(self.database, settings.question_characters)
        self.document_requests = DocumentRequests(self.database)
        self.samples = Samples(self.database, self.corrections)
        self.audit_log = AuditLog(self.database, settings.home)
        self.figures = DeskFigures(self.database, self.samples, self.question_vectors)
        self.outbox = Outbox(self.database, settings)
        self.sending = Sending(self.database, settings)
        self.retention = Retention(self.database)
        self.provenances = Provenances(self.database)
        self.housekeeping = Housekeeping(self.database, self.retention, settings.home, settings.checkpoints)
        self.personal = PersonalData(self.database, settings.home / "documents", self.keys, lambda: self.index)

    @loaded_once
    def encoder(self) -> Encoder:
        """The sentence encoder of retrieval; its weights never change."""
        encoder = Encoder.load(self.settings.encoder, self.settings.models_folder, self.settings.threads)
        shipped_sentences.recall(encoder, self.settings.models_folder)
        return encoder

    @loaded_once
    def route_encoder(self) -> Encoder:
        """The same for routing and for comparing questions: those about the same matter lie together."""
        encoder = skills.load_router(self.encoder)
        if encoder is not self.encoder:
            shipped_sentences.recall(encoder, self.settings.models_folder)
        return encoder

    @loaded_once
    def common_knowledge(self) -> Vectors | None:
        """Where in that one's vectors lies what an encyclopaedia says (D,)."""
        return skills.load_common(self.encoder.identity)

    @loaded_once
    def search_encoder(self) -> SearchEncoder:
        """The same for search: questions of both languages, as people ask, find passages of both."""
        return SearchEncoder.fit(self.encoder.encode, skills.load_retriever(self.encoder.identity))

    @loaded_once
    def sentence_encoder(self) -> Remembering:
        """The encoder of the search for the few sentences that answer: often the same ones."""
        return Remembering(self.search_encoder.encode)

    @loaded_once
    def span_reader(self) -> SpanReader | None:
        """The reader's skill on an encoder of its own; None where the settings want none."""
        if self.settings.reader == "none":
            return None
        return SpanReader.load(self.settings.models_folder, self.settings.reader, self.encoder.word_embeddings)

    @loaded_once
    def reranker(self) -> Reranker:
        """What judges the few best sentences each by itself."""
        return Reranker.load(self.settings.models_folder)

    @loaded_once
    def matcher(self) -> Matcher:
        """What judges the answers that people gave to other questions, and is a witness of what the reranker chose."""
        return Matcher.load(self.settings.models_folder, words=self.encoder.word_embeddings)

    @loaded_once
    def worker(self) -> LanguageModelWorker:
        """The one owner of the language model."""
        shipped = self.settings.language_model == EMBEDDED and skills.writer(self.settings.models_folder)
        worker = LanguageModelWorker.load(
            self.settings.language_model,
            self.settings.models_folder,
            threads=self.settings.threads,
            max_queue=self.settings.queue_length,
            prompt_tokens=self.settings.prompt_tokens,
        )
        if shipped:
            worker.load_adapter(shipped.name, shipped)
        return worker

    @loaded_once
    def index(self) -> Index:
        """The documents and their search; what an older tokenizer or reader of dates made is made anew here."""
        index = Index(
            self.settings.home,
            self.search_encoder.encode,
            self.encoder.count_tokens,
            self.encoder.identity,
            self.encoder.dimension,
            self.settings.upload_megabytes,
            self.keys,
        )
        with self.database.read() as session:
            stale, unread = index.stale_postings(session), index.stale_validity(session)
        if stale:
            with self.database.transaction("system", "a newer tokenizer") as change:
                count = index.retokenise(change.session)
                change.record("index.retokenised", "index", "passages", after={"passages": count})
        if unread:
            with self.database.transaction("system", "a newer reader of dates") as change:
                count = index.reread_validity(change.session)
                change.record("index.validity_read", "index", "documents", after={"documents": count})
        return index

    @loaded_once
    def domains(self) -> Domains:
        """The departments and their router."""
        return Domains(
            self.database,
            lambda: self.index,
            lambda texts: self.route_encoder.encode(texts, query=True),
            lambda: self.common_knowledge,
        )

    @loaded_once
    def ingestion(self) -> Ingestion:
        """The queue of files, at work."""
        return Ingestion(self.database, self.index)

    @loaded_once
    def documents(self) -> Documents:
        """The documents, as people handle them."""
        return Documents(self.database, self.index, self.ingestion, self.reserve)

    @loaded_once
    def document_care(self) -> DocumentCare:
        """What keeps them true and in the right hands."""
        return DocumentCare(self.database, self.index)

    @loaded_once
    def document_texts(self) -> DocumentTexts:
        """What stands in them."""
        return DocumentTexts(self.database, self.index)

    @loaded_once
    def glossaries(self) -> Glossaries:
        """The departments' own words."""
        return Glossaries(self.database)

    @loaded_once
    def reviewed_answers(self) -> ReviewedAnswers:
        """The answers that people gave."""
        return ReviewedAnswers(
            self.database,
            self.index,
            self.searched_vectors,
            self.sentence_encoder.encode,
            lambda asked, told: self.matcher.odds(asked, told),
            lambda asked, told: self.reranker.odds(asked, told),
        )

    @loaded_once
    def examples(self) -> Examples:
        """What the departments learn from."""
        return Examples(self.database, self.index, self.corrections, self.question_vectors)

    @loaded_once
    def assistant(self) -> Assistant:
        """The way from a question to an answer."""
        return self.assistant_with(Records(self.database), FULL)

    def assistant_with(self, recorder: Recorder, variation: Variation, reader: Reader | None = None) -> Assistant:
        """The same way, recorded elsewhere, with a part switched off or another reader."""
        writer = Writer(
            variation.writer or self.settings.writer,
            self.settings.answer_tokens,
            lambda: self.worker,
            model_store.languages(self.settings.language_model),
            self.writers_adapter(variation),
            skills.WRITER.name if self.settings.language_model == EMBEDDED else None,
            self.versions,
        )
        return Assistant(
            self.settings,
            self.database,
            self.index,
            self.domains,
            reader or self.reader(variation),
            writer,
            self.reviewed_answers,
            recorder,
            partial(self.worn, variation),
            self.confidences.of,
            variation,
        )

    def reader(self, variation: Variation) -> Reader:
        """What reads the passages: with the skills, or without what is switched off."""
        if not variation.reader:
            return PassageReader()
        mark = self.mark(variation) if variation.adapters else None
        if mark is None:
            return SentenceReader(self.encoder.encode, None)
        again = SecondLook(self.sentence_encoder.encode, self.reranker.odds, self.matcher.odds)
        return SentenceReader(self.encoder.encode, mark, again)

    def mark(self, variation: Variation) -> Mark | None:
        """The reader's skill, each passage with its department's version; None where the settings want none."""
        reader = self.span_reader
        if reader is None:
            return None

        def mark(question: str, passages: Sequence[tuple[str, str, str]]) -> list[list[Marking]]:
            told = [(heading, text) for _, heading, text in passages]
            while True:
                worn = self.adapter_versions.worn(variation.versions, "reader")
                try:
                    return reader.read(question, told, [worn.get(domain) for domain, _, _ in passages])
                except AdapterError as error:
                    if error.params["adapter"] in variation.versions.values():
                        raise  # what is tried must not be passed off as tried
                    self.adapter_versions.refuse(error.params["adapter"], "reader", str(error))

        return mark

    def writers_adapter(self, variation: Variation) -> WritersAdapter:
        """Which adapter words a department's answers: that of its version, where this holds a writer."""

        def adapter_of(domain: str) -> str | None:
            version = self.adapter_versions.worn(variation.versions, "writer").get(domain)
            if version is None or not variation.adapters:
                return None
            try:
                return self.writers.use(version)
            except AdaptersError as error:  # the language model's among them: without it answers are quoted
                if version.name in variation.versions.values():
                    raise  # what is tried must not be passed off as tried
                self.adapter_versions.refuse(version.name, "writer", str(error))
                return None

        return adapter_of

    @loaded_once
    def writers(self) -> Writers:
        """The departments' writers in the language model's memory."""
        base = model_store.base_identity(self.settings.language_model, LANGUAGE_MODEL, self.settings.models_folder)
        return Writers(self.worker, base)

    @loaded_once
    def adapter_versions(self) -> Versions:
        """The departments' adapter versions."""
        return Versions(self.database, self.settings.home / "adapters")

    @loaded_once
    def replays(self) -> Replays:
        """Answers made again from their records."""
        return Replays(self.database, self.index, self.provenances, self.reader, self.versions)

    @loaded_once
    def rereviews(self) -> Rereviews:
        """Approved answers whose documents have changed."""
        return Rereviews(self.database, self.index, self.corrections)

    @loaded_once
    def trainings(self) -> Trainings:
        """Training runs."""
        return Trainings(
            self.database, self.settings, self.keys, self.index, self.examples, self.adapter_versions, self.crowded
        )

    def crowded(self) -> bool:
        """Whether so many questions are being answered here that what can wait should."""
        return "running" in self.__dict__ and self.running.crowded

    @loaded_once
    def evaluations(self) -> Evaluations:
        """Runs over questions with known answers."""
        return Evaluations(self.database, self.assistant_with, self.evaluated_versions)

    @loaded_once
    def promotions(self) -> Promotions:
        """The way from a candidate to a live version."""
        return Promotions(self.domains, self.examples, self.evaluations, self.adapter_versions)

    @loaded_once
    def releases(self) -> Releases:
        """How the departments release answers."""
        return Releases(self.database, self.domains, self.adapter_versions, self.promotions, self.confidences)

    @loaded_once
    def domain_checks(self) -> DomainChecks:
        """Whether departments are ready for a trial."""
        return DomainChecks(
            self.database,
            self.index,
            self.documents,
            self.domains,
            self.examples,
            self.promotions,
            self.releases,
            self.encoder.pieces,
        )

    @loaded_once
    def confidences(self) -> Confidences:
        """What each department's confidence is weighed with."""
        return Confidences(self.database)

    @loaded_once
    def comparisons(self) -> Comparisons:
        """Comparisons being made."""
        return Comparisons(self.promotions, self.releases)

    def evaluated_versions(self, variation: Variation) -> dict[str, Any]:
        """What an evaluation was made with: this program, the models, the adapters, and the state of the documents."""
        return self.versions() | {
            "madoguchi": version("madoguchi"),
            "index": self.index.generation,
            "adapters": self.worn(variation),
            "confidences": self.confidences.versions(),
            "words": variation.writer or self.settings.writer,
        }

    def worn(self, variation: Variation) -> dict[str, str]:
        """The version that answers in each department that has one."""
        if not variation.adapters:
            return {}
        part: Part | None = "writer" if self.span_reader is None else None
        return {domain: path.name for domain, path in self.adapter_versions.worn(variation.versions, part).items()}

    @loaded_once
    def running(self) -> Running:
        """The questions under way in this process."""
        return Running(self.assistant, self.settings.queue_length, self.settings.answer_seconds)

    def busy(self, crowded: bool) -> Busy | None:
        """Why no question more would be taken now, or None. Waits for nothing.

        Args:
            crowded: there are more people than the server can do with, and fewer places than otherwise.
        """
        running: Running | None = self.__dict__.get("running")  # before the first question all places are free
        return running.busy(crowded) if running else None

    def warm_up(self, then: Callable[[], None] = lambda: None) -> None:
        """Load the models and start reading what waits, on a thread of its own; asking meanwhile waits for it.

        Args:
            then: done on that thread afterwards.
        """
        with self.loading:
            if self._warming is None:
                self._warming = Thread(target=self._warm, args=(then,), name="warm-up", daemon=True)
                self._warming.start()

    def _warm(self, then: Callable[[], None]) -> None:
        self.reserve.hold()
        self.ingestion.start()
        self.housekeeping.start()
        self.sending.start()
        self.domains.router()
        self.trainings.recover()
        self.assistant  # noqa: B018  # loads the reader
        worded = self.settings.writer == "auto" and self.adapter_versions.worn({}, "writer")
        if worded or self.settings.writer == "model":
            self.worker.estimated_wait()
        then()

    @property
    def warm(self) -> bool:
        """Whether the models are loaded."""
        return "assistant" in self.__dict__

    def versions(self) -> dict[str, str]:
        """What an answer is made with, for its record."""
        return {
            "encoder": self.encoder.identity,
            "router": self.route_encoder.identity,
            "retriever": self.search_encoder.identity,
            "reader": self.span_reader.identity if self.span_reader else "none",
            "reranker": self.reranker.identity if self.span_reader else "none",
            "matcher": self.matcher.identity if self.span_reader else "none",
            "language_model": self.settings.language_model,
            "writer": model_store.identity(skills.WRITER) if self.settings.language_model == EMBEDDED else "none",
        }

    def close(self) -> None:
        """End the threads and let go of the records. Only what was used is touched."""
        if self._warming is not None:
            self._warming.join()
        self.housekeeping.close()
        self.sending.close()
        for name in ("running", "trainings", "ingestion", "worker"):
            if name in self.__dict__:
                getattr(self, name).close()
        self.database.close()
        self._open.close()
