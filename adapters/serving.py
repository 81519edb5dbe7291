"""One worker thread owns the language model; everybody else queues.

Requests that wait are answered together, whatever their adapters: decoding is bound by work per step, so a batch
costs little more than one. The queue is bounded and says how long the wait is. An adapter belongs to its request,
never to the model.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.completion import Completion, Row
from adapters.errors import AdapterError, ModelBusy, PromptTooLong

if TYPE_CHECKING:
    from adapters.language_model import LanguageModel

FIRST_GUESS_SECONDS = 3.0  # of a batch, before one has been measured


@dataclass(frozen=True)
class GenerationRequest:
    """What to continue, with which adapter (None: the base), how far and for how long."""

    messages: Sequence[dict[str, str]]
    adapter: str | None = None
    max_new_tokens: int = 64
    deadline_s: float = 60.0


@dataclass(frozen=True)
class Generation(Completion):
    """A completion with the adapter that made it and how long it waited and took."""

    adapter: str | None = None
    queue_seconds: float = 0.0
    seconds: float = 0.0


@dataclass
class _Job:
    request: GenerationRequest
    tokens: list[int]
    future: "Future[Generation]" = field(default_factory=Future)
    submitted: float = field(default_factory=time.monotonic)
    cancelled: threading.Event = field(default_factory=threading.Event)

    def stopped(self) -> str | None:
        if self.cancelled.is_set():
            return "cancelled"
        return "deadline" if time.monotonic() - self.submitted >= self.request.deadline_s else None


@dataclass
class _Change:
    """An adapter that comes or goes: done by the worker itself, between two batches."""

    act: Callable[[], None]
    done: "Future[None]" = field(default_factory=Future)

    def run(self) -> None:
        try:
            self.act()
        except Exception as error:  # noqa: BLE001  # border: handed to whoever waits for it
            self.done.set_exception(error)
        else:
            self.done.set_result(None)


class Handle:
    """A request that was taken."""

    def __init__(self, job: _Job) -> None:
        self._job = job

    def result(self, timeout: float | None = None) -> Generation:
        """Wait for the generation. Raises TimeoutError, or what went wrong while generating."""
        return self._job.future.result(timeout)

    def cancel(self) -> None:
        """Stop it: at once while it waits, at the next token while it runs."""
        self._job.cancelled.set()


class LanguageModelWorker:
    """The queue before the language model."""

    def __init__(
        self,
        model: "LanguageModel",
        *,
        max_batch: int = 8,
        max_queue: int = 32,
        prompt_tokens: int = 640,
        threads: int = 1,
    ) -> None:
        self._model = model
        self._max_batch, self._max_queue, self._prompt_tokens = max_batch, max_queue, prompt_tokens
        self._threads = threads
        self._waiting: deque[_Job] = deque()
        self._changes: deque[_Change] = deque()
        self._running = 0
        self._changed = threading.Condition()
        self._batch_seconds = FIRST_GUESS_SECONDS
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="language-model", daemon=True)
        self._thread.start()

    @classmethod
    def load(
        cls,
        spec: str,
        models_folder: Path,
        *,
        max_queue: int = 32,
        prompt_tokens: int = 640,
        threads: int = 1,
    ) -> "LanguageModelWorker":
        """A worker over the language model of a setting. Raises ModelError."""
        from adapters.language_model import LanguageModel

        model = LanguageModel.load(spec, models_folder)
        return cls(model, max_queue=max_queue, prompt_tokens=prompt_tokens, threads=threads)

    def submit(self, request: GenerationRequest) -> Handle:
        """Queue a request.

        Raises: ModelBusy (the queue is full), PromptTooLong, AdapterError (the adapter is not in memory).
        """
        if request.adapter is not None and request.adapter not in self._model.adapters:
            raise _not_loaded(request.adapter)
        tokens = self._model.tokenize(request.messages)
        if len(tokens) > self._prompt_tokens:
            raise PromptTooLong(len(tokens), self._prompt_tokens)
        job = _Job(request, tokens)
        with self._changed:
            if self._closed:
                raise CancelledError
            if len(self._waiting) >= self._max_queue:
                raise ModelBusy(self._wait_of(len(self._waiting)))
            self._waiting.append(job)
            self._changed.notify()
        return Handle(job)

    @property
    def hidden_size(self) -> int:
        """The width of the model's layers."""
        return self._model.hidden_size

    def estimated_wait(self) -> float:
        """Seconds before a request made now would begin."""
        with self._changed:
            return self._wait_of(len(self._waiting))

    def _wait_of(self, ahead: int) -> float:
        batches = ahead // self._max_batch + (1 if self._running else 0)
        return batches * self._batch_seconds

    def load_adapter(self, name: str, folder: Path) -> None:
        """Take an adapter into memory, between batches. Raises AdapterError."""
        self._between_batches(lambda: self._model.load_adapter(name, folder))

    def unload_adapter(self, name: str) -> None:
        """Let an adapter go, between batches. Raises AdapterError."""
        self._between_batches(lambda: self._model.unload_adapter(name))

    def _between_batches(self, act: Callable[[], None]) -> None:
        change = _Change(act)
        with self._changed:
            if self._closed:
                raise CancelledError
            self._changes.append(change)
            self._changed.notify()
        change.done.result()

    def close(self) -> None:
        """Stop: what waits is cancelled, what runs ends at its next token."""
        with self._changed:
            self._closed = True
            for job in self._waiting:
                job.cancelled.set()
            self._changed.notify_all()
        self._thread.join()

    def _work(self) -> None:
        import torch

        torch.set_num_threads(self._threads)
        while not self._over():
            while self._changes:
                self._changes.popleft().run()
            if batch := self._take():
                self._answer(batch)

    def _over(self) -> bool:
        """Wait for something to do; true once closed with nothing left."""
        with self._changed:
            while not (self._waiting or self._changes or self._closed):
                self._changed.wait()
            return not (self._waiting or self._changes)

    def _take(self) -> list[_Job]:
        """The next jobs to answer together, of those that are still wanted and can be answered."""
        batch: list[_Job] = []
        with self._changed:
            while self._waiting and len(batch) < self._max_batch:
                job = self._waiting.popleft()
                if reason := job.stopped():
                    job.future.set_result(_nothing(job, reason))
                elif not self._lost_its_adapter(job):
                    batch.append(job)
            self._running = len(batch)
        return batch

    def _lost_its_adapter(self, job: _Job) -> bool:
        """Whether a job's adapter was let go while it waited; it is told so, the others go on."""
        adapter = job.request.adapter
        if adapter is None or adapter in self._model.adapters:
            return False
        job.future.set_exception(_not_loaded(adapter))
        return True

    def _answer(self, batch: list[_Job]) -> None:
        began = time.monotonic()
        self._complete(batch, began)
        with self._changed:
            self._running = 0
            self._batch_seconds = 0.7 * self._batch_seconds + 0.3 * (time.monotonic() - began)

    def _complete(self, batch: list[_Job], began: float) -> None:
        rows = [Row(j.tokens, j.request.adapter, j.request.max_new_tokens, j.stopped) for j in batch]
        try:
            completions = self._model.generate(rows)
        except Exception as error:  # noqa: BLE001  # border: the worker outlives whatever a batch does
            for job in batch:
                job.future.set_exception(error)
            return
        ended = time.monotonic()
        for job, completion in zip(batch, completions, strict=True):
            job.future.set_result(
                Generation(
                    **vars(completion),
                    adapter=job.request.adapter,
                    queue_seconds=began - job.submitted,
                    seconds=ended - began,
                )
            )


def _not_loaded(adapter: str) -> AdapterError:
    return AdapterError("adapter_not_loaded", f"No adapter named {adapter} is loaded.", adapter=adapter)


def _nothing(job: _Job, reason: str) -> Generation:
    return Generation("", [], None, None, reason, job.request.adapter, time.monotonic() - job.submitted, 0.0)
