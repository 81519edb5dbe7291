"""One home, opened: every service wired to the next, models loaded when first needed.

This is the only place that knows how the rooms fit together: `index` is handed the encoder's functions,
`adapters` the domains' examples.
"""

from functools import cached_property

from adapters import Encoder, LanguageModelWorker, model_store
from assistant.accounts import Accounts
from assistant.ask import Assistant
from assistant.database import Database
from assistant.desk import Desk
from assistant.documents import Documents
from assistant.domains import Domains
from assistant.running import Running
from assistant.schema import upgrade
from assistant.settings import Settings
from assistant.steps.write import Writer
from index import Index


class Services:
    """The services of one home. Close it when done."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        settings.home.mkdir(parents=True, exist_ok=True)
        self.database = Database(settings.database_address)
        upgrade(self.database)
        self.accounts = Accounts(self.database, settings.session_hours)
        self.desk = Desk(self.database)

    @cached_property
    def encoder(self) -> Encoder:
        """The sentence encoder of retrieval and routing; it never carries an adapter."""
        return Encoder.load(self.settings.encoder, self.settings.models_folder, self.settings.threads)

    @cached_property
    def worker(self) -> LanguageModelWorker:
        """The one owner of the language model."""
        return LanguageModelWorker.load(
            self.settings.language_model,
            self.settings.models_folder,
            threads=self.settings.threads,
            max_queue=self.settings.queue_length,
            prompt_tokens=self.settings.prompt_tokens,
        )

    @cached_property
    def index(self) -> Index:
        """The documents and their search."""
        return Index(
            self.settings.home,
            self.encoder.encode,
            self.encoder.count_tokens,
            self.encoder.identity,
            self.encoder.dimension,
            self.settings.upload_megabytes,
        )

    @cached_property
    def domains(self) -> Domains:
        """The departments and their router."""
        return Domains(self.database, lambda texts: self.encoder.encode(texts, query=True))

    @cached_property
    def documents(self) -> Documents:
        """Uploads and the queue that reads them."""
        return Documents(self.database, self.index)

    @cached_property
    def assistant(self) -> Assistant:
        """The way from a question to an answer."""
        writer = Writer(
            self.settings,
            lambda: self.worker,
            model_store.languages(self.settings.language_model),
            self.live_adapter,
            self.versions,
        )
        return Assistant(self.settings, self.database, self.index, self.encoder, self.domains, writer)

    @cached_property
    def running(self) -> Running:
        """The questions under way in this process."""
        return Running(self.assistant, self.settings.queue_length)

    def live_adapter(self, domain: str) -> str | None:
        """The version of the domain's adapter that answers now; None: the base model."""
        return None

    def versions(self) -> dict[str, str]:
        """What an answer is made with, for its record."""
        return {"encoder": self.encoder.identity, "language_model": self.settings.language_model}

    def close(self) -> None:
        """End the threads and let go of the records. Only what was used is touched."""
        for name in ("running", "documents", "worker"):
            if name in self.__dict__:
                getattr(self, name).close()
        self.database.close()
