"""Homes for the tests of the assistant: empty ones on both databases, and a small company on its own copy."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from adapters import Encoder
from assistant.access import User
from assistant.services import Services
from assistant.settings import Settings
from tests.conftest import create_database, made_once

PASSWORD = "correct horse battery"
SITE = "http://testserver"
OpenHome = Callable[..., Services]

PEOPLE = {
    "leave.md": """# Leave rules

## Annual leave
Full-time employees receive 24 days of annual leave each year.
Up to 6 days may be carried over to the next year; they lapse on 31 March.

## Sick leave
A doctor's note is needed from the fourth day of illness.
However, the manager may ask for it from the first day.

## Parental leave
Either parent may take up to fourteen months of parental leave in total.
""",
    "休暇規程.md": """# 休暇規程

## 年次有給休暇
入社から6か月勤務した社員には、年次有給休暇を12日付与する。
半日単位での取得は年10回までとする。

## 慶弔休暇
本人が結婚するときは、連続する5日の休暇を与える。
""",
}
IT = {
    "remote_access.txt": (
        "Remote access\n\nThe VPN disconnects after 45 minutes without activity.\n"
        "Error NX-204 means that the certificate has expired; ask the service desk for a new one.\n"
    ),
    "パスワード.txt": (
        "パスワードの決まり\n\nパスワードは14文字以上とし、90日ごとに変更する。\n"
        "5回続けて間違えると30分間ロックされる。\n"
    ),
}
QUESTIONS = {
    "people": [
        "How many days of annual leave do I get?",
        "When do I need a doctor's note?",
        "年次有給休暇は何日ですか",
        "結婚するときの休暇は",
        "How long is parental leave?",
    ],
    "it": [
        "Why does the VPN disconnect?",
        "What does error NX-204 mean?",
        "パスワードは何文字以上ですか",
        "アカウントがロックされた",
        "How do I get remote access?",
    ],
}


@pytest.fixture
def open_home(tmp_path: Path, models_folder: Path, loaded: dict[str, object]) -> Iterator[OpenHome]:
    """Opens homes that share the encoder and quote their answers; closes them at the end."""
    opened: list[Services] = []

    def open_one(folder: Path | None = None, **settings: Any) -> Services:
        values: dict[str, Any] = {
            "home": folder or tmp_path / "home",
            "models": models_folder,
            "writer": "quote",
            "threads": 1,
            "passages": 4,  # all that may be relevant here; reading them is most of a question's time
        }
        services = Services(Settings(**(values | settings)))
        services.__dict__ |= loaded
        opened.append(services)
        return services

    yield open_one
    for services in opened:
        services.close()


@pytest.fixture
def services(address: str, open_home: OpenHome) -> Services:
    """An empty home, on SQLite and on PostgreSQL."""
    return open_home(database=address)


@dataclass(frozen=True)
class Company:
    """A home with two departments, their documents and four people."""

    services: Services
    operator: User
    employee: User
    colleague: User
    reviewer: User  # of people; sees it as an employee
    outsider: User  # sees only it

    @property
    def ask(self) -> Any:
        """`Assistant.ask` of this home."""
        return self.services.assistant.ask


def fill(services: Services, folder: Path) -> None:
    """Two departments (people is not open to all), their documents and the accounts."""
    from assistant.access import local_operator

    services.domains.add("test", "people", description_en="Leave, pay, working time", questions=QUESTIONS["people"],
                         title_ja="人事課", title_en="People", open_to_all=False)  # fmt: skip
    services.domains.add("test", "it", description_en="Computers and accounts", questions=QUESTIONS["it"],
                         title_ja="情報システム課", title_en="IT")  # fmt: skip
    with services.database.read() as session:
        operator = local_operator(session, "test")
    for domain, documents in (("people", PEOPLE), ("it", IT)):
        for name, words in documents.items():
            (folder / name).write_text(words, encoding="utf-8")
            done = services.documents.ingest(operator, folder / name, domain)
            assert done.status == "indexed"
    grants = {"employee": "employee", "colleague": "employee", "reviewer": "reviewer", "outsider": None}
    for name, role in grants.items():
        account = services.accounts.create("test", name, PASSWORD, must_change=False)
        if role is not None:
            services.accounts.set_role("test", account, "people", role)


def company_of(services: Services) -> Company:
    """The people of a filled home."""
    from assistant.access import local_operator

    with services.database.read() as session:
        operator = local_operator(session, "test")
    names = ("employee", "colleague", "reviewer", "outsider")
    return Company(services, operator, *(services.accounts.user_by_name(name) for name in names))


def fill_home(folder: Path, documents: Path, models_folder: Path, encoder: Encoder, database: str | None) -> Path:
    """A filled home in `folder`, closed again."""
    services = Services(Settings(home=folder, models=models_folder, database=database, writer="quote", threads=1))
    services.__dict__["encoder"] = encoder
    fill(services, documents)
    services.close()
    return folder


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, models_folder: Path, encoder: Encoder) -> Path:
    """The folder of a filled home on SQLite, to be copied."""
    documents = tmp_path_factory.mktemp("documents")
    return made_once(
        tmp_path_factory, "filled", lambda folder: fill_home(folder, documents, models_folder, encoder, None)
    )


@pytest.fixture(scope="session")
def filled_postgresql(
    tmp_path_factory: pytest.TempPathFactory, models_folder: Path, encoder: Encoder, postgresql: str
) -> Path:
    """The folder of a filled home whose records are the PostgreSQL database 't_filled', both to be copied."""
    make = tmp_path_factory.mktemp
    database = create_database(postgresql, "filled")
    return fill_home(make("filled"), make("documents"), models_folder, encoder, database)


@pytest.fixture
def company(filled: Path, tmp_path: Path, open_home: OpenHome) -> Company:
    """The small company on a copy of its own."""
    shutil.copytree(filled, tmp_path / "home")
    return company_of(open_home())


@pytest.fixture(params=["sqlite", "postgresql"])
def company_anywhere(request: pytest.FixtureRequest, tmp_path: Path, open_home: OpenHome) -> Company:
    """The small company, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        company: Company = request.getfixturevalue("company")
        return company
    shutil.copytree(request.getfixturevalue("filled_postgresql"), tmp_path / "home")
    server: str = request.getfixturevalue("postgresql")
    return company_of(open_home(database=create_database(server, str(tmp_path), "t_filled")))


@dataclass(frozen=True)
class Site:
    """The small company's web application and a browser that follows nothing by itself."""

    company: Company
    application: FastAPI
    web: TestClient

    def sign_in(self, name: str) -> None:
        """As somebody; a fresh browser."""
        self.web.cookies.clear()
        done = self.web.post("/sign-in", data={"name": name, "password": PASSWORD}, headers={"origin": SITE})
        assert done.status_code == 303, done.text


@pytest.fixture(scope="session")
def served(
    filled: Path,
    tmp_path_factory: pytest.TempPathFactory,
    models_folder: Path,
    loaded: dict[str, object],
) -> Iterator[Site]:
    """The small company on one copy for all tests of the web; making its pages takes seconds."""
    from assistant.web import create_application

    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(filled, home)
    provider = {"oidc_issuer": "http://127.0.0.1:1", "oidc_client_id": "madoguchi"}  # configured, and down
    services = Services(Settings(home=home, models=models_folder, writer="quote", threads=1, **provider))  # type: ignore[arg-type]
    services.__dict__ |= loaded
    application = create_application(services)
    with TestClient(application, base_url=SITE, follow_redirects=False) as client:
        yield Site(company_of(services), application, client)


@pytest.fixture
def site(served: Site) -> Site:
    """The web application, signed out, as a browser asks."""
    served.web.cookies.clear()
    served.web.headers["accept"] = "text/html"
    return served
