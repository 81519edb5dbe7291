"""Questions being answered right now, each on its own thread, so that a closed page loses nothing.

A page looks at a run to show its progress; leaving the page does not stop it, 'stop' does.
"""

import logging
import secrets
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from assistant.access import User
from assistant.answer import Answer
from assistant.ask import Assistant, Progress
from assistant.errors import Refusal
from assistant.steps.write import Cancelled
from assistant.wording import Language

logger = logging.getLogger("madoguchi")


class Run:
    """One question on its way. `progress` is the latest stage; `result` is done when it is over."""

    def __init__(self) -> None:
        self.cancel = threading.Event()
        self.changed = threading.Event()
        self.progress: Progress | None = None
        self.result: Future[Answer]

    def report(self, progress: Progress) -> None:
        """Note a stage and wake whoever watches."""
        self.progress = progress
        self.changed.set()


class Running:
    """The runs of this process, found again by conversation."""

    def __init__(self, assistant: Assistant, places: int) -> None:
        self._assistant = assistant
        self._pool = ThreadPoolExecutor(max_workers=places, thread_name_prefix="ask")
        self._lock = threading.Lock()
        self._runs: set[Run] = set()

    def start(
        self,
        question: str,
        user: User,
        domain: str | None,
        conversation: str | None,
        language: Language,
        *,
        reviewed: bool = True,
    ) -> Run:
        """Begin answering, see `Assistant.ask`; returns at once."""
        run = Run()
        with self._lock:
            self._runs.add(run)
        run.result = self._pool.submit(self._answer, run, question, user, domain, conversation, language, reviewed)
        run.result.add_done_callback(lambda _future: self._forget(run))
        return run

    def _answer(
        self,
        run: Run,
        question: str,
        user: User,
        domain: str | None,
        conversation: str | None,
        language: Language,
        reviewed: bool,
    ) -> Answer:
        try:
            return self._assistant.ask(
                question,
                user,
                domain,
                conversation,
                language=language,
                report=run.report,
                cancel=run.cancel,
                reviewed=reviewed,
            )
        except (Refusal, Cancelled):
            raise
        except Exception as error:  # border: background run; the page shows a reference to the log
            reference = secrets.token_hex(4)
            logger.exception("answering failed, reference %s", reference)
            raise Refusal("unexpected", reference=reference) from error

    def _forget(self, run: Run) -> None:
        with self._lock:
            self._runs.discard(run)
        run.changed.set()

    def of(self, conversation: str | None) -> Run | None:
        """The run that is answering in a conversation, or None."""
        with self._lock:
            for run in self._runs:
                if conversation and run.progress and run.progress.conversation == conversation:
                    return run
        return None

    def close(self) -> None:
        """Stop taking questions and let the ones under way end."""
        with self._lock:
            for run in self._runs:
                run.cancel.set()
        self._pool.shutdown(wait=True)
