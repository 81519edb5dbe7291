"""What all pages share: theme and style, the head with its links, and who is looking at them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import gradio as gr
from gradio.context import LocalContext

from adapters.errors import AdaptersError
from assistant import conversations
from assistant.access import User
from assistant.errors import NotAllowed, Refusal
from assistant.pages.markup import tag, text
from assistant.pages.page_memory import owned
from assistant.services import Services
from assistant.wording import LANGUAGES, Language, say, say_error
from index import DocumentError

CSS = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
FONTS = [
    "system-ui",
    "Hiragino Sans",
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Yu Gothic UI",
    "Meiryo",
    "sans-serif",
]
BRAND = tag("span", "窓 Madoguchi", "brand")
ADMINISTRATORS = ("people", "departments", "records")
PAGES = ("ask", "documents", "desk", "glossary", "figures", "adapters", "release", "evaluation", *ADMINISTRATORS)


def theme() -> gr.themes.Base:
    """Our colours, with a contrast of 4.5 and more; fonts of the system, none from elsewhere."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.slate,
        font=FONTS,
        font_mono=["monospace"],
    ).set(
        body_background_fill="#f4f7f6",
        body_text_color="#1d2b2a",
        body_text_color_subdued="#4b5b59",
        block_label_text_color="#33443f",
        block_title_text_color="#1d2b2a",
        button_primary_background_fill="#1f5f5b",
        button_primary_background_fill_hover="#174a47",
        button_primary_text_color="#ffffff",
        button_secondary_background_fill="#ffffff",
        button_secondary_border_color="#7b8c89",
        button_secondary_text_color="#1d2b2a",
        input_border_color="#7b8c89",
        input_placeholder_color="#5f706d",
    )


def own_words(language: Language) -> gr.I18n:
    """Gradio's own words in the page's language, whatever the browser's is."""
    words = {
        "upload_text.drop_file": say(language, "page.drop_file"),
        "upload_text.click_to_upload": say(language, "page.click_to_upload"),
        "common.or": say(language, "page.or"),
        "common.upload": say(language, "page.upload_icon"),
        "common.complete": say(language, "page.complete"),  # read out by screen readers
    }
    return gr.I18n(**dict.fromkeys(LANGUAGES, words))


def of_address(request: gr.Request, name: str) -> str | None:
    """What the page's address says after its '?'. Gradio's own requests have another, and tell the page's as theirs."""
    return dict(parse_qsl(urlsplit(request.headers.get("referer", "")).query)).get(name)


def current_user(services: Services, request: gr.Request) -> User:
    """The person behind an event, with the rights of this moment. Raises NotAllowed."""
    user = services.accounts.user_by_id(request.username) if request.username else None
    if user is None:
        raise NotAllowed("not_signed_in")
    return user


def may_open(page: str, user: User) -> bool:
    """Whether a page is this person's to open."""
    if page == "desk":
        return user.works_at_desk
    if page in ("glossary", "adapters"):
        return bool(user.desks)
    if page in ("figures", "evaluation", "release"):
        return bool(user.owned)
    return user.administrator if page in ADMINISTRATORS else True


class Events:
    """What the events of a page share: the services, the page's language and its words."""

    def __init__(self, services: Services, language: Language) -> None:
        self._services = services
        self._language = language
        self._tell = partial(say, language)

    def _administrator(self, request: gr.Request) -> User:
        """Who is asking, on an administrator's page. Raises NotAllowed."""
        user = current_user(self._services, request)
        user.require_administrator()
        return user


def head_place() -> gr.Markdown:
    """Where `head` goes; what it will not change stands there from the first, so that little moves when it comes."""
    return own_markup(tag("nav", BRAND, "head"))


def head(services: Services, language: Language, page: str) -> Callable[[gr.Request], str]:
    """The handler that fills the head: links to the pages that this person may open, language, sign-out."""

    def fill(request: gr.Request) -> str:
        user = current_user(services, request)
        other: Language = "en" if language == "ja" else "ja"
        counts = {"desk": services.desk.open_count(user) if user.works_at_desk else 0, "ask": _unseen(services, user)}
        links = [
            tag(
                "a",
                text(say(language, f"page.{name}")) + _count(language, name, counts.get(name, 0)),
                "here" if name == page else "",
                href=f"/{language}/{name}/",
            )
            for name in PAGES
            if may_open(name, user)
        ]
        own = [
            tag("a", text(user.name), "who", href="/account", title=say(language, "account.title")),
            tag("a", text(say(other, "page.language_name")), href=f"/language/{other}?to=/{other}/{page}/"),
            tag("a", text(say(language, "page.sign_out")), href="/sign-out"),
        ]
        shown = BRAND + tag("span", "".join(links), "links") + tag("span", "".join(own), "own")
        return tag("nav", shown + _leaving(request, user), "head")

    return fill


def _leaving(request: gr.Request, user: User) -> str:
    """A mark by which `web/static/watch.js` says that the page is being left; none where no open page asks."""
    page = LocalContext.blocks.get(None)
    if page is None or request.session_hash is None:
        return ""
    return tag("i", "", hidden="", **{"data-leave": owned(page, request.session_hash, user.id)})


def _unseen(services: Services, user: User) -> int:
    with services.database.read() as session:
        return conversations.unseen(session, user)


def _count(language: Language, page: str, number: int) -> str:
    """How much waits behind a link, also for those who cannot see the figure's colour."""
    told = say(language, f"page.count_{page}", count=number) if number else ""
    return " " + tag("span", str(number), "count", title=told) if number else ""


def notice(language: Language, error: Exception) -> str:
    """An error as people see it: one sentence in their language."""
    return tag("p", text(say_error(language, error)), "notice error", role="alert")


def good_news(language: Language, key: str, **params: object) -> str:
    """A confirmation."""
    return tag("p", text(say(language, key, **params)), "notice good", role="status")


def markdown(value: str = "", **options: Any) -> gr.Markdown:
    """A Markdown component that shows our own markup and typesets nothing."""
    return gr.Markdown(value, sanitize_html=True, latex_delimiters=[], **options)


def own_markup(value: str = "") -> gr.Markdown:
    """A place for markup of which every part was escaped here: the head and marks for scripts.

    Gradio's sanitizer would open the head's links in new tabs and drop what marks tell.
    """
    return gr.Markdown(value, sanitize_html=False, latex_delimiters=[])


def watched(language: Language, address: str, state: str, button: str, every: int) -> str:
    """A mark by which `web/static/watch.js` notices that `address` no longer tells `state`, and presses a button.

    Args:
        every: how often it asks, in seconds.
    """
    told = {"data-watch": address, "data-state": state, "data-press": button, "data-every": str(every)}
    told["data-signed-out"] = say(language, "page.signed_out")
    return tag("i", "", hidden="", **told)


def refused(language: Language, action: Callable[[], str]) -> str:
    """The markup that `action` makes, or the sentence of its refusal."""
    try:
        return action()
    except (Refusal, AdaptersError, DocumentError) as error:
        return notice(language, error)
