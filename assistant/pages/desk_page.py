"""The desk: the queue of held, escalated and flagged questions, one of them opened, and what else waits there."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from assistant.access import User
from assistant.desk import SHOWN
from assistant.errors import NotFound
from assistant.pages.desk_case import QUIET, Case, Places
from assistant.pages.desk_proposals import Proposals
from assistant.pages.desk_rereview import Rereview
from assistant.pages.desk_sample import Sample
from assistant.pages.frame import Events, current_user, head, head_place, markdown
from assistant.pages.markup import tag, text
from assistant.pages.page import LISTING, Page
from assistant.pages.page_memory import redrawn
from assistant.services import Services
from assistant.tickets import DeskTicket, QueuedTicket
from assistant.wording import Language, say

LOOK_SECONDS = 10.0


def build(services: Services, language: Language) -> gr.Blocks:
    """The page in one language."""
    tell = partial(say, language)
    handle = Handlers(services, language)
    page: gr.Blocks
    with Page(tell("page.desk")) as page:
        top = head_place()
        revision = gr.State(0)
        markdown(tag("h1", text(tell("desk.title"))))
        with gr.Row(elem_classes="columns"):
            with gr.Column(scale=2, min_width=300, elem_classes="side"):
                within = gr.Dropdown([], label=tell("desk.within"), filterable=False)
                words = gr.Textbox("", label=tell("desk.words"), max_length=200)
                answered = gr.Checkbox(label=tell("desk.show_answered"))
                queue = gr.Radio([], label=tell("desk.queue"), elem_classes=LISTING)
                empty = markdown()
            with gr.Column(scale=4, min_width=320):
                result = markdown()
                case = gr.Column()
        with case:
            places = Places(result, revision)

            def draw(chosen: str | None, _revision: int, request: gr.Request) -> None:
                handle.case(places, chosen, request)

            redrawn(draw, [queue, revision], [queue.change, revision.change])

        proposals = Proposals(services, language, result)
        rereview = Rereview(services, language, result)
        sample = Sample(services, language, result)

        def open_page(request: gr.Request) -> tuple[Any, ...]:
            user = current_user(services, request)
            return *handle.open(user, request), *proposals.fill(user), *rereview.fill(user), *sample.fill(user)

        shown = [queue, empty]
        listed = [within, words, answered, queue]
        page.load(open_page, None, [top, within, *shown, *proposals.places, *rereview.places, *sample.places], **QUIET)
        within.input(handle.show_list, listed, shown, **QUIET)
        answered.change(handle.show_list, listed, shown, **QUIET)
        words.input(handle.show_list, listed, shown, trigger_mode="always_last", **QUIET)
        revision.change(handle.go_on, listed, shown, **QUIET)
        revision.change(head(services, language, "desk"), None, top, **QUIET)
        gr.Timer(LOOK_SECONDS).tick(handle.show_list, listed, shown, **QUIET)
    return page


@dataclass(frozen=True)
class Listed:
    """Which questions one wants to see listed: of one desk, with some words, those that were answered."""

    within: str = ""
    words: str = ""
    answered: bool = False


class Handlers(Events):
    """The events of the queue; each finds out anew who is asking."""

    def __init__(self, services: Services, language: Language) -> None:
        super().__init__(services, language)
        self._case = Case(services, language)

    def open(self, user: User, request: gr.Request) -> tuple[Any, ...]:
        """Head, departments and queue."""
        desks = [(self._case.title(domain), domain) for domain in user.desks]
        within = gr.Dropdown(choices=[(self._tell("desk.all_desks"), ""), *desks], value="", visible=len(desks) > 1)
        return head(self._services, self._language, "desk")(request), within, *self._queue(user, Listed(), value=None)

    def show_list(
        self, within: str, words: str, answered: bool, chosen: str | None, request: gr.Request
    ) -> tuple[Any, ...]:
        """The queue anew. What is open stays open, also when somebody else has answered it: words may stand there."""
        user = current_user(self._services, request)
        wanted = Listed(within, words, answered)
        opened = self._at_the_desk(user, chosen)
        if chosen and opened is None:
            return self._queue(user, wanted, value=None)
        return self._queue(user, wanted, opened)  # no value: another may have been chosen meanwhile

    def go_on(
        self, within: str, words: str, answered: bool, chosen: str | None, request: gr.Request
    ) -> tuple[Any, ...]:
        """The queue after one's own action: what one has answered or handed on is put away."""
        user = current_user(self._services, request)
        wanted = Listed(within, words, answered)
        stays = chosen in [ticket.id for ticket in self._tickets(user, wanted)]
        return self._queue(user, wanted, value=chosen if stays else None)

    def _tickets(self, user: User, wanted: Listed) -> list[QueuedTicket]:
        return self._services.desk.queue(
            user, answered=wanted.answered, domain=wanted.within or None, words=wanted.words
        )

    def _queue(self, user: User, wanted: Listed, opened: QueuedTicket | None = None, **value: Any) -> tuple[Any, ...]:
        """The list, with what is opened in it in any case. Args: value: what is chosen from now on."""
        tickets = self._tickets(user, wanted)
        listed = [*tickets]
        if opened is not None and opened.id not in [ticket.id for ticket in tickets]:
            listed.append(opened)
        titles = {domain: self._case.title(domain) for domain in {ticket.domain for ticket in listed}}
        options = [(self._line(ticket, titles[ticket.domain]), ticket.id) for ticket in listed]
        return gr.Radio(choices=options, **value), self._beside(user, wanted, len(tickets))

    def _beside(self, user: User, wanted: Listed, shown: int) -> str:
        """What the list does not say: that nothing waits, or that more does than it shows."""
        if not shown:
            return tag("p", text(self._tell("desk.none_found" if wanted.words.strip() else "desk.nothing")), "empty")
        if wanted.answered or shown < SHOWN:
            return ""
        total = self._services.desk.open_count(user)
        return tag("p", text(self._tell("desk.more_wait", shown=shown, total=total)), "small")

    def _line(self, ticket: QueuedTicket, title: str) -> str:
        when = ticket.waiting_since.astimezone().strftime("%m-%d %H:%M")
        state = [self._tell("desk.overdue_mark")] if ticket.is_overdue else []
        if ticket.claimed_by and ticket.state == "open":
            state.append(ticket.claimed_by)
        parts = [self._tell(f"desk.kind_{ticket.kind}"), title, when, *state, ticket.question[:60]]
        return " · ".join(parts)

    def case(self, places: Places, chosen: str | None, request: gr.Request) -> None:
        """The chosen question, unless it went to another desk before the list knows it."""
        user = current_user(self._services, request)
        ticket = self._at_the_desk(user, chosen)
        if ticket is None:
            markdown(tag("p", text(self._tell("desk.choose")), "empty"))
        else:
            self._case.draw(places, user, ticket)

    def _at_the_desk(self, user: User, chosen: str | None) -> DeskTicket | None:
        try:
            return self._services.desk.ticket(user, chosen) if chosen else None
        except NotFound:
            return None
