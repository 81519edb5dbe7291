"""No page names another machine for a browser to fetch from, and a hub's name in a model's place is refused (T25)."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from assistant.web.application import BUILDERS
from assistant.wording import LANGUAGES
from tests.assistant.conftest import PASSWORD, Site
from tests.assistant.test_commands import Run, run

__all__ = ["run"]  # a fixture

OWN_FORMS = ("/account", "/account/data", "/password", "/sign-in", "/api/v1/")
PAGES = (*(f"/{language}/{name}/" for language in LANGUAGES for name in BUILDERS), *OWN_FORMS)
ATTRIBUTES = "src|srcset|href|poster|action|data"
FETCHED = re.compile(rf"<(?!a\b)[a-z]+\b[^>]*?\s(?:{ATTRIBUTES})\s*=\s*[\"']((?:https?:)?//[^\"']*)")
STYLED = re.compile(r"(?:url\(\s*|@import\s+)[\"']?((?:https?:)?//[^)\"']+)")
SCRIPTED = re.compile(r"[\"'`]((?:https?:)?//[^\"'`]+)[\"'`]")
OWN = ("'self'", "'none'", "'unsafe-inline'", "data:", "blob:")


@pytest.fixture
def everything(site: Site) -> Site:
    """Signed in as somebody who may open every page."""
    accounts = site.company.services.accounts
    if "boss" not in {account.name for account, _ in accounts.listing()}:
        account = accounts.create("test", "boss", PASSWORD, administrator=True, must_change=False)
        accounts.set_role("test", account, "people", "owner")
    site.sign_in("boss")
    return site


def test_no_page_has_a_browser_fetch_from_or_send_to_another_machine(everything: Site) -> None:
    for path in PAGES:
        page = everything.web.get(path)
        assert page.status_code == 200, path
        assert FETCHED.findall(page.text.replace(f"{everything.web.base_url}", "")) == [], path
        assert STYLED.findall(page.text) == [], path
        told = dict(part.split(None, 1) for part in page.headers["content-security-policy"].split("; "))
        assert told["default-src"] == told["connect-src"] == "'self'"
        assert {source for sources in told.values() for source in sources.split()} <= set(OWN)


def test_no_style_or_font_and_no_script_of_our_own_comes_from_another_machine() -> None:
    gradios, own = Path(str(files("gradio"))) / "templates" / "frontend", Path(str(files("assistant"))) / "web"
    styles = [*gradios.rglob("*.css"), *own.rglob("*.css")]
    assert len(styles) > 50
    assert [(path.name, found) for path in styles if (found := STYLED.findall(path.read_text("utf-8")))] == []
    scripts = [*own.rglob("*.js"), *own.rglob("*.html")]
    assert [(path.name, found) for path in scripts if (found := SCRIPTED.findall(path.read_text("utf-8")))] == []


def test_what_a_browser_would_fetch_is_seen() -> None:
    assert FETCHED.findall("<script defer src='https://cdn.example/x.js'>") == ["https://cdn.example/x.js"]
    assert FETCHED.findall('<link rel="stylesheet" href="//cdn.example/x.css">') == ["//cdn.example/x.css"]
    assert STYLED.findall("@import url('https://fonts.example/f');") == ["https://fonts.example/f"]


@pytest.mark.parametrize(
    ("setting", "command", "offered"),
    [
        ("MADOGUCHI_ENCODER", ("search", "leave"), "MADOGUCHI_ALLOW_HUB"),
        ("MADOGUCHI_ENCODER", ("serve", "--port", "0"), "MADOGUCHI_ALLOW_HUB"),
        ("MADOGUCHI_READER", ("ask", "How many days of annual leave do I get?"), "MADOGUCHI_READER"),
        ("MADOGUCHI_LANGUAGE_MODEL", ("models",), "MADOGUCHI_ALLOW_HUB"),
        ("MADOGUCHI_LANGUAGE_MODEL", ("serve", "--port", "0"), "MADOGUCHI_ALLOW_HUB"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hubs_name_in_a_models_place_is_one_sentence_that_says_what_to_do(
    run: Run, monkeypatch: pytest.MonkeyPatch, setting: str, command: tuple[str, ...], offered: str, language: str
) -> None:
    monkeypatch.setenv(setting, "some-org/some-model")
    monkeypatch.setenv("MADOGUCHI_LANGUAGE", language)
    code, out, err = run(*command)
    assert (code, out, err.strip().count("\n")) == (1, "", 0)
    assert "some-org/some-model" in err and offered in err
