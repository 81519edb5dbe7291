"""Whether departments that share one assistant stay apart: like documents, planted numbers, every mix of rights.

`python -m benchmarks.isolation [--tries 5000] [--asked 100]`: searches and routes as somebody with a random set of
rights, and looks for anything of the other departments in what comes back; asks some of it through the whole assistant,
and looks in the answer, its record, what the language model was handed and what was logged. Then it moves documents to
another department, takes a right away and withdraws documents, and looks again: at once, after a restart, after the
index was built anew; in what people export of themselves, and behind the ids of documents. Prints the tries and the
leaks, each with its question.
"""

import argparse
import io
import itertools
import logging
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from adapters import GenerationRequest, ModelBusy
from assistant.access import User
from assistant.errors import NotFound
from assistant.results import as_result, as_routing
from assistant.services import Services
from assistant.settings import Settings
from assistant.tables import AnswerRecord
from benchmarks.departments import DEPARTMENTS, Planted, leaks, plant, questions

POOL = 30  # candidate passages looked at in each try
PLAIN = "What is the locker code?"
LEAVER = "kestrel-heron"  # reviews heron, where he has asked and brought a document, until that right is taken from him
LOADED = ("encoder", "search_encoder", "span_reader", "reranker", "matcher", "worker")  # kept over a restart


class Overheard:
    """Stands for the language model: it notes what it is handed and is busy, so that the evidence is quoted."""

    def __init__(self) -> None:
        self.prompts: list[Any] = []

    def estimated_wait(self) -> float:
        """No wait."""
        return 0.0

    def submit(self, request: GenerationRequest) -> Any:
        """Note the prompt. Raises ModelBusy."""
        self.prompts.append(request.messages)
        raise ModelBusy(0.0)

    def close(self) -> None:
        """There is nothing to let go."""


def search_tries(planted: Planted, count: int, seed: int = 1) -> list[str]:
    """Leaks among the candidates and routes of `count` tries."""
    services, router = planted.services, planted.services.domains.router()
    found = []
    for user, question in questions(planted, count, seed):
        heard = {
            "candidates": [as_result(hit) for hit in services.documents.search(user, question, None, POOL)],
            "route": as_routing(router.route(question, list(user.roles))),
        }
        found += [f"{user.name}: {question}: {leak}" for leak in leaks(planted, user, question, heard)]
    return found


def ask_tries(planted: Planted, count: int, seed: int = 2) -> list[str]:
    """Leaks in the answer objects of `count` questions that went the whole way, their records, prompts and log."""
    found = []
    for number, (user, question) in enumerate(questions(planted, count, seed)):
        if number % 4 == 0:  # whoever sees all has just asked the same: what was kept of that helps nobody else
            planted.services.assistant.ask(question, planted.operator)
        found += [
            f"{user.name}: {question}: {leak}"
            for leak in leaks(planted, user, question, heard(planted, user, question))
        ]
    return found


def heard(planted: Planted, user: User, question: str) -> dict[str, Any]:
    """All that a question leaves behind."""
    worker = planted.services.worker
    before = len(worker.prompts) if isinstance(worker, Overheard) else 0
    with logged() as lines:
        answer = planted.services.assistant.ask(question, user)
    with planted.services.database.read() as session:
        trace = session.get_one(AnswerRecord, answer.id).trace
    prompts = worker.prompts[before:] if isinstance(worker, Overheard) else []
    return {"answer": answer.as_dict(), "record": trace, "prompts": prompts, "log": lines}


@contextmanager
def logged() -> Iterator[list[str]]:
    """What is logged meanwhile, by anybody."""
    lines: list[str] = []
    handler = logging.Handler(logging.INFO)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def moved(planted: Planted, folder: Path, source: str, target: str) -> Planted:
    """One department's documents brought to another: there is no other way than to withdraw and to upload them."""
    services, fresh = planted.services, set()
    for document in planted.documents[source]:
        info = services.documents.find(planted.operator, document)
        file = folder / f"moved-{info.filename}"
        with services.document_texts.original(planted.operator, document, info.latest.id) as (original, _):
            words = original.read_text(encoding="utf-8").replace(source.title(), target.title())
            file.write_text(words, encoding="utf-8")
        services.document_care.withdraw(planted.operator, document)
        fresh.add(str(services.documents.ingest(planted.operator, file, target).document))
    return replace(
        planted,
        numbers=planted.numbers | {target: planted.numbers[target] | planted.numbers[source], source: set()},
        documents=planted.documents | {target: planted.documents[target] | fresh, source: set()},
        gone=planted.gone | planted.documents[source],
    )


def without(planted: Planted, name: str, domain: str) -> Planted:
    """A person's right taken away."""
    accounts = planted.services.accounts
    accounts.set_role("benchmark", accounts.id_of(name), domain, None)
    return replace(planted, people=[accounts.user_by_name(user.name) for user in planted.people])


def withdrawn(planted: Planted, domain: str) -> Planted:
    """A department's documents deleted."""
    for document in planted.documents[domain]:
        planted.services.document_care.withdraw(planted.operator, document)
    gone = planted.gone | planted.documents[domain] | planted.numbers[domain]
    return replace(
        planted, gone=gone, documents=planted.documents | {domain: set()}, numbers=planted.numbers | {domain: set()}
    )


def reopened(planted: Planted, *, rebuild: bool) -> Planted:
    """The same home after a restart; `rebuild`: its index is gone from the disk."""
    settings = planted.services.settings
    loaded = {name: planted.services.__dict__[name] for name in LOADED if name in planted.services.__dict__}
    planted.services.close()
    if rebuild:
        shutil.rmtree(settings.home / "index")
    services = Services(settings)
    services.__dict__ |= loaded
    return replace(planted, services=services)


def histories(planted: Planted) -> list[str]:
    """Leaks in what every person can take away of himself: conversations, what he said, uploads, deeds."""
    found = []
    for user in planted.people:
        packed = io.BytesIO()
        planted.services.personal.export(user, user.id, packed)
        with zipfile.ZipFile(packed) as opened:
            told = [opened.read(name).decode() for name in opened.namelist()]
        with planted.services.database.read() as session:
            asked = session.scalars(select(AnswerRecord.question).where(AnswerRecord.account_id == user.id)).all()
        own = " ".join([user.name, *asked])  # his own words are his
        found += [f"{user.name}: export: {leak}" for leak in leaks(planted, user, own, told)]
    return found


def fetched(planted: Planted) -> list[str]:
    """The documents of other departments, and deleted ones, that somebody gets by their ids."""
    texts, found = planted.services.document_texts, []
    for user in planted.people:
        foreign = {one for name in set(DEPARTMENTS) - set(user.roles) for one in planted.documents[name]}
        for document in foreign | planted.deleted:
            for get in (texts.versions, texts.text, texts.whole):
                try:
                    get(user, document)
                    found.append(f"{user.name}: {get.__name__} of {document}")
                except NotFound:
                    pass
    return found


def after(planted: Planted, folder: Path, tries: int, asked: int) -> Iterator[tuple[str, int, list[str]]]:
    """(what, how many tries, leaks) once documents were moved, a right taken and others deleted; closes the home."""
    leaver, file = planted.services.accounts.user_by_name(LEAVER), folder / "note.md"
    file.write_text(f"# Note\n\nThe locker code of Heron was {min(planted.numbers['heron'])} once.\n", encoding="utf-8")
    brought = planted.services.documents.ingest(leaver, file, "heron")
    planted.services.assistant.ask(PLAIN, leaver, "heron")
    planted.documents["heron"].add(str(brought.document))
    known = without(planted, LEAVER, "heron")
    yield "people's own data after a right was taken", len(known.people), histories(known)
    began = time.perf_counter()
    now = withdrawn(known, "kestrel")
    found = search_tries(now, 5)
    yield f"at the first searches after a right and documents went, {time.perf_counter() - began:.2f} s", 5, found
    now = moved(now, folder, "osprey", "plover")
    for when in ("at once", "after a restart", "after the index was built anew"):
        if when != "at once":
            now = reopened(now, rebuild="anew" in when)
        found = search_tries(now, tries) + ask_tries(now, asked) + fetched(now)
        yield f"documents moved and deleted, a right taken: {when}", tries + asked, found
    now.services.close()


def main() -> None:
    """Print tries and leaks; exit code 1 where there is one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tries", type=int, default=5_000)
    parser.add_argument("--asked", type=int, default=100)
    options = parser.parse_args()
    every: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        services = Services(Settings(home=Path(folder) / "home", models=Settings().models_folder, writer="model"))
        services.__dict__["worker"] = overheard = Overheard()
        planted = plant(services, Path(folder))
        began = time.perf_counter()
        results = itertools.chain(
            [("candidate passages and routes", options.tries, search_tries(planted, options.tries))],
            [("questions through the whole assistant", options.asked, ask_tries(planted, options.asked))],
            after(planted, Path(folder), options.tries // 5, options.asked // 5),
        )
        for what, count, found in results:
            print(f"{what}: tries {count}, leaks {len(found)}", flush=True)
            every += found
        print(f"prompts looked at: {len(overheard.prompts)}; seconds: {time.perf_counter() - began:.0f}")
    for leak in every[:20]:
        print(leak)
    raise SystemExit(1 if every else 0)


if __name__ == "__main__":
    main()
