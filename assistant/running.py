"""Questions being answered right now, each on its own thread, so that a closed page loses nothing.

So many at once, and no queue before them: one more is refused at once, and told how long the others take. A page or a
program looks at a run to show its progress, and holds no thread meanwhile: however many wait, everybody else is served.
Leaving the page does not stop it; 'stop' does, and the time limit.
"""

import asyncio
import logging
import secrets
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor

from assistant.access import User
from assistant.answer import Answer
from assistant.ask import Assistant, Progress
from assistant.errors import Busy, Refusal
from assistant.steps.write import Cancelled
from assistant.wording import Language

LOOK_SECONDS = 0.1  # between two looks of whoever waits for an answer
SIGN_SECONDS = 1.0  # at most between two stages that are told, also where nothing is new: a page that left is noticed
CROWDED_SHARE = 0.25  # of the places, where there are more people than the server can do with
FIRST_GUESS_SECONDS = 5.0  # of an answer, before one has been measured

logger = logging.getLogger("madoguchi")


class Run:
    """One question on its way. `progress` is the latest stage; `result` is done when it is over."""

    def __init__(self, seconds: float) -> None:
        """`seconds`: how long anybody waits for it."""
        self.cancel = threading.Event()
        self.progress: Progress | None = None
        self.result: Future[Answer]
        self.began = time.monotonic()
        self._until = self.began + seconds

    def report(self, progress: Progress) -> None:
        """Note a stage."""
        self.progress = progress

    async def stages(self) -> AsyncIterator[Progress | None]:
        """Each stage as it comes, and the last one again every second, until `result` is done.

        Raises Busy once the time limit has passed; the run is stopped then.
        """
        told, at = None, 0.0
        while not self.result.done():
            now = time.monotonic()
            if now >= self._until:
                self.cancel.set()
                raise Busy("too_slow", seconds=round(self._until - self.began))
            if self.progress is not told or now - at >= SIGN_SECONDS:
                told, at = self.progress, now
                yield told
            await asyncio.sleep(LOOK_SECONDS)


class Running:
    """The runs of this process, found again by conversation."""

    def __init__(self, assistant: Assistant, places: int, seconds: float) -> None:
        """`places`: how many at once; `seconds`: how long anybody waits for an answer."""
        self._assistant = assistant
        self._places = places
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(max_workers=places, thread_name_prefix="ask")
        self._lock = threading.Lock()
        self._runs: set[Run] = set()
        self._usual = FIRST_GUESS_SECONDS

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
        """Begin answering, see `Assistant.ask`; returns at once. Raises Busy where all places are taken."""
        with self._lock:
            if (error := self.busy()) is not None:
                raise error
            run = Run(self._seconds)
            self._runs.add(run)
        run.result = self._pool.submit(self._answer, run, question, user, domain, conversation, language, reviewed)
        run.result.add_done_callback(lambda _future: self._forget(run))
        return run

    def busy(self, crowded: bool = False) -> Busy | None:
        """Why no question more is taken now, or None; where it is `crowded`, most places are not given."""
        places = self._places * CROWDED_SHARE if crowded else self._places
        return Busy("busy", seconds=max(1, round(self._usual))) if len(self._runs) >= places else None

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
            self._usual = 0.9 * self._usual + 0.1 * (time.monotonic() - run.began)

    def of(self, conversation: str | None) -> Run | None:
        """The run that is answering in a conversation, or None."""
        with self._lock:
            for run in self._runs:
                if conversation and run.progress and run.progress.conversation == conversation:
                    return run
        return None

    @property
    def crowded(self) -> bool:
        """Whether more than half of the places are taken: what can wait should."""
        return len(self._runs) > self._places / 2

    def close(self) -> None:
        """Stop taking questions and let the ones under way end."""
        with self._lock:
            for run in self._runs:
                run.cancel.set()
        self._pool.shutdown(wait=True)
