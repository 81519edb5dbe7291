"""Whoever knows the id of another department's thing hears what is said of an id that nobody has: of every service.

The services' methods are found by their signatures; one that takes something these tables don't know fails.
"""

import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from io import BytesIO
from operator import attrgetter
from pathlib import Path
from typing import IO, Any

import pytest
from sqlalchemy import select

from adapters.errors import AdaptersError
from assistant.access import User
from assistant.answer import Evidence
from assistant.clock import now
from assistant.comparisons import Comparisons
from assistant.document_care import Care
from assistant.documents import Upload
from assistant.domains import Described
from assistant.errors import Refusal
from assistant.running import Run
from assistant.services import Services, loaded_once
from assistant.settings import Settings
from assistant.tables import AuditEntry, Ticket
from index import DocumentError
from tests.assistant.belongings import UNKNOWN, Belongings, make
from tests.assistant.conftest import Company

Parameters = dict[str, inspect.Parameter]
IDS: dict[str, Callable[[Belongings], Any]] = {  # what a parameter is called -> what it takes of somebody's belongings
    **{kind: attrgetter(kind) for kind in ("account", "conversation", "document", "domain", "passage", "run", "token")},
    **{f"{kind}_id": attrgetter(kind) for kind in ("answer", "example", "request", "ticket")},
    "colleague": attrgetter("account"),
    "ids": lambda one: [one.glossary],
    "name": attrgetter("domain"),
    "named": attrgetter("document"),
    "passages": lambda one: [one.passage],
    "to": attrgetter("adapter"),
    "upload": lambda one: Upload("a.txt", one.domain, replaces=one.document),
    "version": attrgetter("adapter"),
    "versions": lambda one: [one.adapter],
}
OTHERWISE = {  # where the same word means another kind
    ("DocumentTexts", "version"): attrgetter("version"),
    ("Documents", "version"): attrgetter("version"),
    ("Evaluations", "run"): attrgetter("evaluation"),
    ("PersonalData", "to"): None,
    ("AuditLog", "to"): None,
    ("Tokens", "name"): None,
}
WITHIN = {  # called by another service that has asked for the right, with things and not with ids
    ("Corrections", "keep"), ("Versions", "keep"), ("Versions", "keep_within"), ("Evaluations", "ask_again"),
}  # fmt: skip
PLAIN: dict[Any, Any] = {
    str: "words", int: 1, int | None: 1, float: 0.5, IO[bytes]: BytesIO(), Care: Care(responsible="me"),
    datetime: now() + timedelta(days=1), Evidence | None: None, Described: Described(description_en="words"),
}  # fmt: skip


def services_of(home: Services) -> Iterator[Any]:
    """Every service of a home that a person uses."""
    made = [name for name, kind in vars(Services).items() if isinstance(kind, loaded_once)]
    for name in [*vars(home), *(name for name in made if name not in ("worker", "writers"))]:
        one = getattr(home, name)
        if type(one).__module__.startswith("assistant.") and not isinstance(one, Settings):
            yield one


def methods_of(home: Services) -> Iterator[tuple[str, str, Callable[..., Any], Parameters]]:
    """(service, method, itself, its parameters beside the person) of all that take a person and an id."""
    for kind, service in {type(one).__name__: one for one in services_of(home)}.items():
        for name, method in inspect.getmembers(service, inspect.ismethod):
            if name.startswith("_") or (kind, name) in WITHIN:
                continue
            parameters = dict(inspect.signature(method).parameters)
            if parameters.pop("user", None) is not None and any(taker(kind, one) for one in parameters):
                yield kind, name, method, parameters


def taker(service: str, parameter: str) -> Callable[[Belongings], Any] | None:
    return OTHERWISE.get((service, parameter), IDS.get(parameter))


def calls(
    service: str, method: str, parameters: Parameters, own: Belongings, other: Belongings, file: Path
) -> Iterator[dict[str, Any]]:
    """The arguments with every id another's, and with each of several another's alone."""
    ids = {name: take for name in parameters if (take := taker(service, name)) is not None}
    plain = {
        name: value_for(service, method, one, file)
        for name, one in parameters.items()
        if name not in ids and one.default is one.empty and one.kind is not one.VAR_POSITIONAL
    }
    yield plain | {name: take(other) for name, take in ids.items()}
    for chosen in ids if len(ids) > 1 else ():
        yield plain | {name: take(other if name == chosen else own) for name, take in ids.items()}


def value_for(service: str, method: str, parameter: inspect.Parameter, file: Path) -> Any:
    """Something for a parameter that is no id."""
    wanted, told = parameter.annotation, str(parameter.annotation)
    if wanted in PLAIN:
        return PLAIN[wanted]
    if "Path" in told:
        return file
    if "Literal" in told:
        return wanted.__args__[0]
    if told.startswith(("dict", "collections.abc.Mapping")):
        return {}
    if told.startswith(("collections.abc.Sequence", "collections.abc.Iterable")):
        return []
    if parameter.name == "progress":
        return lambda _done, _all: None
    pytest.fail(f"{service}.{method}: nothing is known to give for {parameter}")


def said(home: Services, act: Callable[..., Any], user: User, given: dict[str, Any]) -> str:
    """What a person hears who asks that."""
    try:
        told = act(user=user, **given)
        if isinstance(told, Run):
            told = told.result.result()
        if isinstance(told, AbstractContextManager):
            with told as found:
                return f"opened {found}"
        if isinstance(getattr(act, "__self__", None), Comparisons):
            name = next(iter(given.values()))
            while not (under_way := home.comparisons.progress(name)).over:  # type: ignore[union-attr]
                time.sleep(0.01)
            raise under_way.error or AssertionError(f"{given} was compared")  # type: ignore[union-attr]
        return str(told)
    except (Refusal, AdaptersError, DocumentError) as error:
        return f"{type(error).__name__} {getattr(error, 'code', '')}: {error}"


def test_no_service_tells_another_departments_id_from_one_that_nobody_has(company: Company, tmp_path: Path) -> None:
    home = company.services
    foreign = make(company, "people", "How long is parental leave?", "pia")
    own = make(company, "it", "Why does the VPN disconnect?", "ivo")
    lead = home.accounts.user_by_name("ivo")
    file = tmp_path / "a.txt"
    file.write_text("A file.", encoding="utf-8")
    wrong, asked = [], set()
    for service, method, act, parameters in methods_of(home):
        told = [
            [
                other.hidden(said(home, act, lead, given))
                for given in calls(service, method, parameters, own, other, file)
            ]
            for other in (foreign, UNKNOWN)
        ]
        asked.add(f"{service}.{method}")
        wrong += [f"{service}.{method}: {one} | {two}" for one, two in zip(*told, strict=True) if one != two]
    assert not wrong, "\n".join(wrong)
    assert len(asked) > 80
    with home.database.read() as session:
        deeds = session.scalars(select(AuditEntry).where(AuditEntry.actor == lead.actor)).all()
        assert session.get_one(Ticket, foreign.ticket).state == "open"
    done = [f"{deed.action} {deed.object_id} {deed.before} {deed.after}" for deed in deeds]
    assert [one for one in done if foreign.hidden(one) != one] == []


def test_of_an_evaluation_an_owner_sees_what_his_own_departments_answered_with(company: Company) -> None:
    own = make(company, "it", "Why does the VPN disconnect?", "ivo")
    seen = company.services.evaluations.get(company.services.accounts.user_by_name("ivo"), own.evaluation).versions
    assert seen == {"encoder": "e5", "adapters": {"it": "an it's"}}
