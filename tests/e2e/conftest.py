"""A real server with the real models on the example company, and a real browser that may load nothing else."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from assistant.accounts import Accounts
from assistant.database import Database
from assistant.web.session import COOKIE
from tests.conftest import made_once

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"
JAPANESE_FIRST = [pytest.param("en", marks=pytest.mark.slow), "ja"]  # where only the words differ
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
FILLED = ".head .links, body:not(:has(gradio-app)) :is(form, h1)"  # a page that has its head, or that needs none
expect.set_options(timeout=40_000)  # a first answer on a busy machine; how long things take is for the benchmarks


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A worker's first test has the time of the whole start in it: eighty documents read, two servers, their models."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(900))


@dataclass
class Server:
    """`madoguchi serve` on a home of its own."""

    home: Path
    models: Path
    port: int
    process: "subprocess.Popen[str] | None" = None
    said: list[str] = field(default_factory=list)

    @property
    def watch(self) -> Path:
        """Where the server's attempts to reach another machine are noted."""
        return self.home.parent / "reached.txt"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, ready: bool = True) -> None:
        """Start it and wait until it answers and has its models, so that no test waits for them.

        Args:
            ready: False waits until it answers, which is when the example company is there.
        """
        environment = os.environ | {
            "MADOGUCHI_HOME": str(self.home),
            "MADOGUCHI_MODELS": str(self.models),
            "MADOGUCHI_LANGUAGE": "en",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(Path(__file__).parent / "watch"),
            "MADOGUCHI_WATCH": str(self.watch),
        }
        log = self.home.parent / "server.log"
        with log.open("w") as out:
            self.process = subprocess.Popen(
                [str(Path(sys.executable).parent / "madoguchi"), "serve", "--port", str(self.port),
                 "--example", str(ROOT / "examples")],
                stdout=out, stderr=subprocess.STDOUT, env=environment, cwd=ROOT, text=True,
            )  # fmt: skip
        for _ in range(1500):  # five minutes: the first start reads eighty documents
            if self.process.poll() is not None:
                pytest.fail(f"The server ended: {log.read_text()[-2000:]}")
            try:
                with urlopen(f"{self.address}/health", timeout=2) as answer:  # noqa: S310  # our own address
                    if json.load(answer)["models"] or not ready:
                        break
            except OSError:
                pass  # it is not there yet
            time.sleep(0.2)
        else:
            pytest.fail(f"The server does not answer: {log.read_text()[-2000:]}")
        self.said = log.read_text().splitlines()

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        """End it."""
        if self.process is not None:
            self.process.send_signal(by)
            self.process.wait(60)

    def command(self, *arguments: str, words: str = "") -> str:
        """Run `madoguchi …` beside the running server."""
        environment = os.environ | {"MADOGUCHI_HOME": str(self.home), "MADOGUCHI_MODELS": str(self.models)}
        return subprocess.run(
            [str(Path(sys.executable).parent / "madoguchi"), *arguments],
            input=words, env=environment, text=True, capture_output=True, check=True, cwd=ROOT,
        ).stdout  # fmt: skip


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, models_folder: Path) -> Iterator[Server]:
    """The example company, served."""
    home = tmp_path_factory.mktemp("e2e") / "home"

    def started_first(folder: Path) -> None:
        first = Server(folder / "home", models_folder, _free_port())
        folder.mkdir()
        try:
            first.start(ready=False)
        finally:
            first.stop()
        assert not first.watch.exists(), f"the server tried to reach another machine: {first.watch.read_text()}"

    shutil.copytree(made_once(tmp_path_factory, "company", started_first) / "home", home)
    made = Server(home, models_folder, _free_port())
    try:
        made.start()
        yield made
    finally:
        made.stop()
    assert not made.watch.exists(), f"the server tried to reach another machine: {made.watch.read_text()}"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's browser. Without it these tests fail; they never vanish."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("The browser tests need Debian's chromium: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """One person's browser: what it asked for, and what went wrong in it."""

    context: BrowserContext
    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page of the assistant."""
        self.page.goto(self.address + path)
        return self.page

    def shoot(self, name: str) -> None:
        """Keep a screenshot where MADOGUCHI_SCREENSHOTS says."""
        if folder := os.environ.get("MADOGUCHI_SCREENSHOTS"):
            self.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chromium: Browser, server: Server) -> Iterator[Visit]:
    """Opens browsers, signed in as somebody; at the end nothing may have been asked of another machine."""
    visitors: list[Visitor] = []

    def one(state: Any = None, locale: str = "en-GB", viewport: dict[str, int] | None = None) -> Visitor:
        context = chromium.new_context(locale=locale, viewport=viewport or DESKTOP, storage_state=state)  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        visitor = Visitor(context, context.new_page(), server.address)

        def note(request: Request) -> None:
            visitor.requests.append(request.url)

        context.on("request", note)
        visitor.page.on("pageerror", lambda error: visitor.errors.append(str(error)))
        visitors.append(visitor)
        return visitor

    yield one
    elsewhere = [
        url
        for visitor in visitors
        for url in visitor.requests
        if not url.startswith((server.address, "data:", "blob:", "about:"))
    ]
    errors = [error for visitor in visitors for error in visitor.errors]
    for visitor in visitors:
        visitor.context.close()
    assert elsewhere == [], "a page asked another machine"
    assert errors == [], "a page's own script failed"


@pytest.fixture(scope="session")
def states(chromium: Browser, server: Server) -> dict[str, Any]:
    """Signed-in browsers' cookies: the administrator by the one-time link, an employee by the sign-in form, others."""
    link = next(match.group() for line in server.said if (match := re.search(r"http://\S+welcome\?token=\S+", line)))
    states: dict[str, Any] = {}
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(link)
    page.fill("#name", "admin")
    page.fill("#display_name", "Aki Admin")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("button")
    page.wait_for_selector("text=What would you like to know?")
    states["admin"] = context.storage_state()
    context.close()
    add_person(server, "emi", "Emi Employee")
    context = chromium.new_context(locale="ja-JP")
    page = context.new_page()
    page.goto(server.address)
    page.fill("#name", "emi")
    page.fill("#password", PASSWORD)
    page.click("button")
    page.wait_for_selector("text=何をお調べですか？")
    states["emi"] = context.storage_state()
    context.close()
    states["sho"] = add_person(server, "sho", "Sho Second")
    states["rui"] = add_person(server, "rui", "Rui Reviewer", "people", "it", "accounting")
    return states


def add_person(server: Server, name: str, shown: str, *desks: str) -> dict[str, Any]:
    """An account with a password, a reviewer of some departments; gives the cookies of a browser signed in as it."""
    database = Database(f"sqlite:///{server.home / 'records.db'}")
    accounts = Accounts(database, session_hours=1)
    person = accounts.create("test", name, PASSWORD, display_name=shown, must_change=False)
    for desk in desks:
        accounts.set_role("test", person, desk, "reviewer")
    token = accounts.start_session(person)
    database.close()
    cookie = {"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/", "expires": -1}
    return {"cookies": [cookie | {"httpOnly": True, "secure": False, "sameSite": "Lax"}], "origins": []}
