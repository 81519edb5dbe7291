"""The server of `benchmarks.load`: the product with mock models, one of which writes at a set pace, and its gauges.

A line of gauges every so often tells what only the process knows: rows being written, questions under way, what Gradio
keeps of open pages; and its memory.
"""

import argparse
import json
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
from fastapi import FastAPI
from gradio.routes import App
from starlette.routing import Mount

from adapters import LanguageModelWorker
from adapters.completion import Completion, Row
from assistant import web
from assistant.services import Services
from benchmarks.many_people import opened, serve

GAUGE_SECONDS = 0.2
TOKENS = 150
REMEMBERED = 10_000  # prompts that were tokenized and perhaps never written from
_EVIDENCE = re.compile(r"<evidence>\n(?:\([^\n]*?\) )?(.*?)\n</evidence>", re.DOTALL)


class MockLanguageModel:
    """Writes the evidence itself, in so many tokens: the first after a while, each further one after a moment."""

    adapters: tuple[str, ...] = ()
    hidden_size = 1

    def __init__(self, first: float, each: float) -> None:
        self._first, self._each = first, each
        self._prompts: OrderedDict[int, str] = OrderedDict()
        self.writing = 0  # rows now
        self.cut = 0  # rows that ran out of time

    def tokenize(self, messages: Sequence[dict[str, str]]) -> list[int]:
        """One token, which stands for the prompt."""
        found = _EVIDENCE.search(messages[-1]["content"])
        number = time.monotonic_ns()
        self._prompts[number] = found[1] if found else ""
        while len(self._prompts) > REMEMBERED:
            self._prompts.popitem(last=False)
        return [number]

    def generate(self, rows: Sequence[Row]) -> list[Completion]:
        """See `adapters.language_model.LanguageModel.generate`: a row ends by itself, the batch with its last row."""
        texts = [self._prompts.pop(row.tokens[0], "") for row in rows]
        reasons: dict[int, str] = {}
        for token in range(TOKENS):
            self.writing = len(rows) - len(reasons)
            time.sleep(self._each if token else self._first)
            reasons |= {n: why for n, row in enumerate(rows) if n not in reasons and (why := row.stopped())}
            if len(reasons) == len(rows):
                break
        self.writing = 0
        self.cut += sum(why == "deadline" for why in reasons.values())
        return [Completion(text, [], 0.9, 0.9, reasons.get(n, "stop")) for n, text in enumerate(texts)]


class Gauges:
    """What the server's process holds, as lines of a file."""

    def __init__(self, services: Services, model: MockLanguageModel, application: FastAPI, file: Path) -> None:
        self._services, self._model, self._file = services, model, file
        self._own = psutil.Process()
        mounts = [route for route in application.routes if isinstance(route, Mount)]
        self._pages = [route.app for route in mounts if isinstance(route.app, App)]
        threading.Thread(target=self._work, name="gauges", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(self.read()) + "\n")
            time.sleep(GAUGE_SECONDS)

    def read(self) -> dict[str, Any]:
        """The gauges now."""
        queues = [page.get_blocks()._queue for page in self._pages]
        states = [state for page in self._pages for state in list(page.state_holder.session_data.values())]
        return {
            "at": time.time(),
            "writing": self._model.writing,
            "cut": self._model.cut,
            "runs": len(self._services.running._runs) if "running" in self._services.__dict__ else 0,
            "events": sum(len(queue.event_ids_to_events) for queue in queues),
            "iterators": sum(len(page.iterators) for page in self._pages),
            "pages": sum(not state.is_closed for state in states),
            "kept": len(states),  # closed ones too
            "memory": self._own.memory_info().rss,
        }


def main() -> None:
    """The server process; what it is given comes from `benchmarks.load`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("told", help="JSON: home, port, gauges, first, each, settings")
    told = json.loads(parser.parse_args().told)
    model = MockLanguageModel(told["first"], told["each"])
    services = opened(
        Path(told["home"]), "mock", told["port"], writer="model", language_model="mock", **told["settings"]
    )
    length = services.settings.queue_length
    services.__dict__["worker"] = LanguageModelWorker(model, max_queue=length)  # type: ignore[arg-type]
    make = web.create_application

    def watched(services: Services) -> FastAPI:
        application = make(services)
        Gauges(services, model, application, Path(told["gauges"]))
        return application

    web.create_application = watched
    serve(services, told["port"])


if __name__ == "__main__":
    main()
