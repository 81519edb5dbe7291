"""What people and documents say is shown as words: no link, no picture, no script, on any page; nothing is asked for.

Every place where somebody's words are kept holds markup; then every page is opened in a real browser, with all that
opens on it. The content policy would stop most of it: here nothing gets so far.
"""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from adapters.tables import Evaluation, Example
from assistant.access import User
from assistant.answer import Answer
from assistant.document_care import Care
from assistant.services import Services
from assistant.settings import Settings
from assistant.tokens import SCOPES
from assistant.web import create_application
from assistant.web.application import BUILDERS
from index import Entry
from tests.assistant.conftest import PASSWORD, filled
from tests.assistant.test_version_report import judged
from tests.e2e.conftest import DESKTOP, FILLED

pytestmark = pytest.mark.browser
__all__ = ["filled"]  # a fixture

ELSEWHERE = "//evil.example"
SHORT = f"<img src={ELSEWHERE} onerror=ran=1>[l](javascript:ran=1)![i]({ELSEWHERE})"
FILE = "<svg onload=ran=1>![i](javascript:ran=1)[l](javascript:ran=1)<img src=x onerror=ran=1> evil.example.txt"
LONG = (
    f"{SHORT} ![i](http:{ELSEWHERE}/i.png) [l](http:{ELSEWHERE}/l) [r][r] ![q][r] http:{ELSEWHERE}/bare "
    "www.evil.example <a href='javascript:ran=1'>j</a> <a href='data:text/html,<script>ran=1</script>'>d</a> "
    f"<script>ran=1</script> <svg><a xlink:href='javascript:ran=1'><text>s</text></a></svg> "
    f"<iframe src='http:{ELSEWHERE}/f'></iframe> "
    f"<form action='http:{ELSEWHERE}'><button formaction='javascript:ran=1'>b</button></form> "
    f"<style>@import '{ELSEWHERE}';</style> $$\\href{{javascript:ran=1}}{{x}}$$ <details open ontoggle=ran=1> "
    f"\n\n[r]: http:{ELSEWHERE}/r\n"
)
ALIVE = """() => {
  const found = [], leads = ['href', 'src', 'action', 'formaction', 'xlink:href', 'poster', 'data', 'srcset'];
  const own = (value) => { const to = new URL(value, location);
    return to.origin === location.origin || /^(blob:|data:(image|font))/.test(to.href) };
  const look = (root) => root.querySelectorAll('*').forEach((element) => {
    if (element.shadowRoot) look(element.shadowRoot);
    for (const one of element.closest('.modebar') ? [] : element.attributes)  // the plots' own tools name their maker
      if ((leads.includes(one.name) && !own(one.value)) || (one.name.startsWith('on') && one.value.includes('ran=1'))
          || (one.name === 'style' && one.value.includes('evil.example')))
        found.push(`${element.tagName} ${one.name}=${one.value.slice(0, 200)}`);
    if (['SCRIPT', 'STYLE'].includes(element.tagName) && /evil\\.example|ran=1/.test(element.textContent))
      found.push(element.outerHTML.slice(0, 200));
  });
  look(document);
  return typeof window.ran === 'undefined' ? found : [...found, 'a script ran'];
}"""
WORDLESS = {"/en/release/", "/password", "/account/data"}  # they show figures and nobody's words


@dataclass
class Planted:
    """A home full of markup, served, and who opens all its pages."""

    services: Services
    address: str
    user: User
    answer: Answer
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)  # of the browser, about what the policy stopped


def plant(services: Services, folder: Path) -> tuple[User, Answer]:
    """Markup in every place that keeps somebody's words; gives the person whose it is, and an answer to him."""
    services.domains.add(
        "test", "evil", description_en=LONG, description_ja=LONG, title_en=SHORT, title_ja=SHORT,
        questions=[f"Locker? {LONG}"],
    )  # fmt: skip
    account = services.accounts.create(
        "test", "mallory", PASSWORD, display_name=SHORT, administrator=True, must_change=False
    )
    for domain in ("evil", "people", "it"):
        services.accounts.set_role("test", account, domain, "owner")
    user = services.accounts.user_by_name("mallory")
    services.tokens.add(user, SHORT[:80], SCOPES, 1)
    (folder / FILE).write_text(f"Lockers\n\nLocker keys cost 7 pounds {LONG} a year.\n", encoding="utf-8")
    done = services.documents.ingest(user, folder / FILE, "evil")
    assert done.status == "indexed"
    services.document_care.describe(user, str(done.document), Care(responsible=SHORT))
    services.glossaries.add(user, "evil", [Entry.of(f"locker {SHORT}", f"ロッカー {SHORT}")])
    services.domains.set_desk(user, "evil", LONG, due_hours=8)
    for number, part in enumerate(("held", "flagged", "answered", "asked for")):
        answer = services.assistant.ask(f"How much do locker keys cost, {number}? {LONG}", user, "evil")
        ticket = services.desk.flag(user, answer.id, LONG, LONG)
        if part in ("answered", "asked for"):
            services.desk.answer(user, ticket, f"Seven. {LONG}", keep=part == "answered", replaces=[],
                                 no_document=part == "asked for")  # fmt: skip
    with services.database.transaction("test", LONG) as change:
        for state in ("approved", "proposed"):
            change.session.add(example(user, state))
        failed = judged(1, "locker", right=False, text=LONG)
        asked = vars(failed) | {"question": LONG, "gold": LONG, "domain": "evil", "routed": "evil", "failed": "reading"}
        by = {"domain": "evil", "created_by": user.actor, "questions_hash": "0" * 64}
        change.session.add(Evaluation(variation="full", split="frozen", versions={}, judged=[asked], **by))
        change.record("example.approved", "example", SHORT, after={"words": SHORT})
    return user, answer


def example(user: User, state: str) -> Example:
    return Example(
        domain="evil", question=f"What is {state}? {LONG}", answer=f"It is {state}. {LONG}", facts=[[LONG]],
        topic=LONG[:90], evidence=[], split="train", failed_part=None, source="sheet", approver=user.id,
        second_approver=None, language="en", severity=None, state=state,
    )  # fmt: skip


@pytest.fixture(scope="module")
def planted(
    filled: Path, tmp_path_factory: pytest.TempPathFactory, models_folder: Path, loaded: dict[str, object]
) -> Iterator[Planted]:
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(filled, folder / "home")
    services = Services(Settings(home=folder / "home", models=models_folder, writer="quote", threads=1))
    services.__dict__ |= loaded
    user, answer = plant(services, folder)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_application(services), log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield Planted(services, f"http://127.0.0.1:{listener.getsockname()[1]}", user, answer)
    server.should_exit = True
    thread.join(30)


@pytest.fixture
def page(planted: Planted, chromium: Browser) -> Iterator[Page]:
    """His browser; it notes what is asked for and what the policy stops."""
    context = chromium.new_context(locale="en-GB", viewport=DESKTOP)  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    token = planted.services.accounts.start_session(planted.user.id)
    context.add_cookies([{"name": "madoguchi_session", "value": token, "url": planted.address}])
    context.on("request", lambda request: planted.requests.append(request.url))
    page = context.new_page()
    page.on("console", lambda told: planted.complaints.append(told.text))
    page.on("dialog", lambda dialog: planted.complaints.append(f"dialog {dialog.message}"))
    yield page
    context.close()


def everything_open(page: Page) -> None:
    """All that a page keeps closed until somebody wants it: parts, choices."""
    page.wait_for_selector(FILLED)
    page.wait_for_timeout(600)  # what a page fills in after it opens
    page.evaluate("document.querySelectorAll('button.label-wrap:not(.open)').forEach((one) => one.click())")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    for choice in page.locator("input[role=listbox]:visible").all():
        choice.focus()
        page.wait_for_timeout(50)


def test_no_page_makes_anything_of_what_people_and_documents_say(planted: Planted, page: Page) -> None:
    found: list[str] = []
    cited = planted.answer.citations[0]
    at = f"/documents/{cited.document}/{cited.version}/at/{cited.passage}?quote=pounds"
    pages = [f"/en/{name}/" for name in BUILDERS] + ["/ja/ask/", "/ja/documents/"]
    plain = ["/account", "/account/data", "/password", f"/documents/{cited.document}/text", at,
             f"/answers/{planted.answer.id}", "/domain-check/evil/en"]  # fmt: skip
    for path in pages + plain:
        page.goto(planted.address + path)
        if path not in WORDLESS:
            page.get_by_text("evil.example").first.wait_for(state="attached")  # there is something to look at
        everything_open(page)
        found += [f"{path}: {one}" for one in page.evaluate(ALIVE)]
    assert not found, "\n".join(found)
    asked = [
        url for url in planted.requests if not url.startswith((planted.address, "data:image", "data:font", "blob:"))
    ]
    assert asked == []
    assert [told for told in planted.complaints if "evil" in told or "dialog" in told or "ran=1" in told] == []


def test_a_question_opened_at_the_desk_is_words_too(planted: Planted, page: Page) -> None:
    page.goto(f"{planted.address}/en/desk/")
    everything_open(page)
    page.get_by_text("How much do locker keys cost, 0").first.click()
    page.get_by_role("button", name="Send the reply").wait_for()
    everything_open(page)
    page.get_by_role("button", name="conversation").click()
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_timeout(1000)
    assert page.evaluate(ALIVE) == []
    assert [url for url in planted.requests if "evil" in url and not url.startswith(planted.address)] == []
    assert [told for told in planted.complaints if "evil" in told or "dialog" in told] == []
