"""The page where an employee asks: conversation, department, progress, and what one can do with an answer."""

from collections.abc import AsyncIterator
from functools import partial
from itertools import count, repeat
from typing import Any

import gradio as gr
from starlette.concurrency import run_in_threadpool

from assistant import conversations
from assistant.access import User
from assistant.ask import Progress
from assistant.documents import kept_from
from assistant.errors import Busy, NotFound, Refusal
from assistant.fates import fates
from assistant.pages import turn
from assistant.pages.answer_doors import Asking, Doors
from assistant.pages.frame import (
    Events,
    current_user,
    head,
    head_place,
    markdown,
    notice,
    own_markup,
    watched,
)
from assistant.pages.markup import tag, text
from assistant.pages.page import LISTING, Page
from assistant.pages.page_memory import redrawn
from assistant.services import Services
from assistant.steps.write import Cancelled
from assistant.wording import Language, say

SHOWN_TURNS = 40
FOUND_FROM = 10  # conversations from which on they can be searched
SOON, NOT_SOON = 1, 4  # seconds between two looks for a reply, while one is waited for and otherwise
LOOK = "look"  # the button that `web/static/watch.js` presses when the thread is not up to date
ASK = "ask"  # the handler of the event by which an open page asks

Drawn = tuple[int, str]  # a number never seen before, so that the thread is drawn again, and the state it then shows
_next = count(1).__next__


def build(services: Services, language: Language) -> gr.Blocks:
    """The page in one language."""
    tell = partial(say, language)
    handle = Handlers(services, language)
    page: gr.Blocks
    with Page(tell("page.ask")) as page:
        top = head_place()
        conversation = gr.State(None)
        drawn = gr.State((0, ""))
        with gr.Row(elem_classes="columns"):
            with gr.Column(scale=1, min_width=220, elem_classes="side"):
                fresh = gr.Button(tell("ask.new"), size="sm", interactive=False)
                words = gr.Textbox("", label=tell("ask.find"), max_length=200, visible=False)
                past = gr.Radio([], label=tell("ask.conversations"), elem_classes=LISTING, interactive=True)
            with gr.Column(scale=4, min_width=320):
                markdown(tag("h1", text(tell("ask.title"))))
                thread = gr.Column()
                working = markdown(elem_classes="working")
                person = gr.Button(tell("ask.person_instead"), size="sm", visible=False)
                with gr.Group():
                    question = gr.Textbox(
                        label=tell("ask.question"),
                        placeholder=tell("ask.placeholder"),
                        lines=1,  # of one line, Enter sends; it grows all the same
                        max_lines=8,
                        autofocus=True,
                    )
                    domain = gr.Dropdown([(tell("ask.auto"), "")], value="", label=tell("ask.to"), filterable=False)
                with gr.Row():
                    send = gr.Button(tell("ask.send"), variant="primary", interactive=False)
                    stop = gr.Button(tell("ask.stop"), visible=False)
                markdown(tag("p", text(tell("ask.keys")), "small keys"))
        with thread:
            redrawn(handle.thread, [conversation, drawn], [drawn.change])  # filling the page is one
        # what acts waits for the page: a click before it is filled would be undone by the filling
        opened = [top, domain, words, past, conversation, drawn, fresh, send]
        shown = [working, question, send, stop, person, conversation, drawn, past]
        handle.doors = Doors(
            services, language, Asking(handle.ask, handle.ask_documents, question, domain, conversation, shown)
        )
        page.load(handle.open, None, opened, api_visibility="private")
        asking: dict[str, Any] = {
            "api_visibility": "private",
            "concurrency_limit": None,
            "show_progress": "hidden",
        }
        send.click(handle.ask, [question, domain, conversation], shown, **asking)
        question.submit(handle.ask, [question, domain, conversation], shown, **asking)
        person.click(handle.ask_person, [question, domain, conversation], shown, **asking)
        stop.click(handle.stop, [conversation], None, api_visibility="private", show_progress="hidden")
        fresh.click(handle.start_new, None, [conversation, drawn, past, domain], api_visibility="private")
        words.input(
            handle.find, words, past, api_visibility="private", show_progress="hidden", trigger_mode="always_last"
        )
        past.input(handle.show, past, [conversation, drawn], api_visibility="private")
        gr.Button(elem_id=LOOK, visible="hidden").click(
            handle.look, [conversation, drawn], drawn, api_visibility="private", show_progress="hidden"
        )
    return page


def no_place(language: Language, error: Busy) -> tuple[Any, ...]:
    """What asking shows where nothing has begun: why, and the way to a person. Nothing else changes."""
    return notice(language, error), *repeat(gr.skip(), 3), gr.update(visible=True), *repeat(gr.skip(), 3)


class Handlers(Events):
    """The events of the page; each finds out anew who is asking."""

    doors: Doors  # once the page is built

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fill the page: head, departments, conversations, and the latest of them."""
        user = current_user(self._services, request)
        past = self._past(user)
        latest = past[0][1] if past else None
        choices = [(self._tell("ask.auto"), "")] + [
            (info.title(self._language), info.name) for info in self._services.domains.listing(user)
        ]
        return (
            head(self._services, self._language, "ask")(request),
            gr.Dropdown(choices=choices, value=""),
            gr.Textbox(visible=len(past) >= FOUND_FROM),
            gr.Radio(choices=past, value=latest),
            latest,
            self._drawn(user, latest),
            gr.Button(interactive=True),
            gr.Button(interactive=True),
        )

    def start_new(self, request: gr.Request) -> tuple[Any, ...]:
        """An empty conversation; it is recorded with its first question."""
        user = current_user(self._services, request)
        return None, self._drawn(user, None), gr.Radio(choices=self._past(user), value=None), ""

    def find(self, words: str, request: gr.Request) -> Any:
        """The conversations in which some words were said."""
        return gr.Radio(choices=self._past(current_user(self._services, request), words))

    def show(self, chosen: str | None, request: gr.Request) -> tuple[str | None, Drawn]:
        """Open an earlier conversation."""
        return chosen, self._drawn(current_user(self._services, request), chosen)

    async def ask(
        self, question: str, domain: str, conversation: str | None, request: gr.Request
    ) -> AsyncIterator[tuple[Any, ...]]:
        """Ask, and show how far it is until it is answered."""
        async for shown in self._asked(question, domain, conversation, request, reviewed=True):
            yield shown

    async def ask_documents(
        self, question: str, domain: str, conversation: str | None, request: gr.Request
    ) -> AsyncIterator[tuple[Any, ...]]:
        """The same, from the documents only: what a person answered to another question was not what was meant."""
        async for shown in self._asked(question, domain, conversation, request, reviewed=False):
            yield shown

    async def _asked(
        self, question: str, domain: str, conversation: str | None, request: gr.Request, *, reviewed: bool
    ) -> AsyncIterator[tuple[Any, ...]]:
        user = await run_in_threadpool(current_user, self._services, request)
        running = await run_in_threadpool(lambda: self._services.running)  # made with the first question
        try:
            run = running.start(question, user, domain or None, conversation, self._language, reviewed=reviewed)
        except Busy as error:
            yield no_place(self._language, error)
            return
        yield self._begun(question, conversation)
        known, refusal = conversation, None
        try:
            shown: Progress | None = None
            async for progress in run.stages():
                if progress is None or progress is shown:  # each message costs as much as a look into the records
                    continue
                shown, known = progress, progress.conversation
                yield self._under_way(question, progress), *repeat(gr.skip(), 4), known, *repeat(gr.skip(), 2)
            known = run.result.result().conversation
        except (Refusal, Cancelled) as error:
            refusal = error
        yield await run_in_threadpool(self._finished, refusal, user, question, known)

    def _begun(self, question: str, conversation: str | None) -> tuple[Any, ...]:
        return (
            self._under_way(question, None),
            gr.Textbox(value="", interactive=False),
            gr.Button(interactive=False),
            gr.Button(visible=True),
            gr.Button(visible=False),
            conversation,
            gr.skip(),
            gr.skip(),
        )

    def _under_way(self, question: str, progress: Progress | None) -> str:
        """The question and how far it is, below the thread: that is drawn once, with the answer."""
        stage = progress.stage if progress else "queued"
        words = tag("p", text(self._tell(f"ask.stage_{stage}")), "stage")
        if progress and progress.hits:
            files = "".join(
                tag("li", text(f"{hit.passage.file} {hit.passage.heading or ''}")) for hit in progress.hits[:3]
            )
            words += tag("p", text(self._tell("ask.looking_at"))) + tag("ul", files)
        return turn.question(self._language, question) + tag("div", words, "stages", role="status")

    def _over(self, refusal: Refusal | Cancelled | None, question: str) -> tuple[Any, ...]:
        """The places of a question that is over; what was refused stays in the box, and a person can have it where all
        are busy."""
        words, box = "", gr.Textbox(interactive=True)
        if isinstance(refusal, Cancelled):
            words = tag("p", text(self._tell("error.cancelled")), "notice", role="status")
        elif refusal is not None:
            words, box = notice(self._language, refusal), gr.Textbox(value=question, interactive=True)
        send, stop, person = gr.Button(interactive=True), gr.Button(visible=False), isinstance(refusal, Busy)
        return words, box, send, stop, gr.Button(visible=person)

    def _finished(
        self, refusal: Refusal | Cancelled | None, user: User, question: str, known: str | None
    ) -> tuple[Any, ...]:
        """The page when it is over."""
        past = gr.Radio(choices=self._past(user), value=known)
        return *self._over(refusal, question), known, self._drawn(user, known), past

    def ask_person(self, question: str, domain: str, conversation: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Put what was refused before a person."""
        user, refusal, known = current_user(self._services, request), None, conversation
        try:
            known, _ticket = self._services.straight.ask(question, user, domain or None, conversation, self._language)
        except Refusal as error:
            refusal = error
        shown = self._finished(refusal, user, question, known)
        return shown if refusal else (shown[0], gr.Textbox(value="", interactive=True), *shown[2:])

    def stop(self, conversation: str | None, request: gr.Request) -> None:
        """Stop the answer that is under way in an own conversation."""
        user = current_user(self._services, request)
        run = self._services.running.of(conversation)
        if run is not None and conversation is not None:
            with self._services.database.read() as session:
                conversations.owned(session, user, conversation)
            run.cancel.set()

    def look(self, conversation: str | None, drawn: Drawn, request: gr.Request) -> Any:
        """Show what has come since the thread was drawn; while a question is under way, its end does."""
        user = current_user(self._services, request)
        if conversation is None or self._services.running.of(conversation) is not None:
            return gr.skip()
        now = self._drawn(user, conversation)
        return now if now[1] != drawn[1] else gr.skip()

    def _drawn(self, user: User, conversation: str | None) -> Drawn:
        """For drawing the thread now. A change between this and the drawing is drawn once more, and none is lost."""
        if conversation is None:
            return _next(), ""
        with self._services.database.statement() as records:
            try:
                return _next(), conversations.state(records, user, conversation)
            except NotFound:  # deleted elsewhere meanwhile: the thread says so
                return _next(), ""

    def thread(self, conversation: str | None, drawn: Drawn, request: gr.Request) -> None:
        """Draw the conversation: each turn, and under each answer what one can do with it."""
        user = current_user(self._services, request)
        if conversation is None:
            begun = user.roles or not user.administrator
            markdown(tag("p", text(self._tell("ask.empty" if begun else "ask.no_department")), "empty"))
            own_markup(watched(self._language, "/conversations/state", "", LOOK, NOT_SOON))
            return
        with self._services.database.read() as session:
            try:
                conversations.owned(session, user, conversation)
            except NotFound as error:
                markdown(notice(self._language, error))
                return
            turns = conversations.turns(session, conversation, SHOWN_TURNS)
            known = fates(session, conversation)
            hidden = kept_from(session, user, [one.answer for one in turns if one.answer is not None])
        conversations.see(self._services.database, user, conversation)
        answers = {one.answer.id: one.answer.visible_to(user.roles, hidden) for one in turns if one.answer is not None}
        cited = [citation for answer in answers.values() for citation in answer.citations]
        cited += [citation for one in turns for citation in one.rests_on]
        passages = self._services.document_texts.passage_texts(user, cited)
        titles = {one.name: one.title(self._language) for one in self._services.domains.listing(user)}
        often = SOON if any(fate.is_waiting for fate in known.values()) else NOT_SOON
        own_markup(watched(self._language, f"/conversations/{conversation}/state", drawn[1], LOOK, often))
        for one in turns:
            if one.author == "employee":
                markdown(turn.question(self._language, one.text))
            elif one.author == "person":
                markdown(turn.reply(self._language, one.text, one.rests_on, passages))
            elif one.answer is not None:
                answer = answers[one.answer.id]
                markdown(turn.answer_card(self._language, answer, titles.get(answer.domain or ""), passages))
                if answer.ticket is None or answer.id in known:  # else its question was asked again, and waits there
                    self.doors.draw(answer, known.get(answer.id), titles)
        unanswered = bool(turns) and turns[-1].author == "employee" and turns[-1].ticket is None
        if unanswered and self._services.running.of(conversation) is None:
            markdown(tag("p", text(self._tell("ask.interrupted")), "notice"))

    def _past(self, user: User, words: str = "") -> list[tuple[str, str]]:
        with self._services.database.read() as session:
            return [
                (("● " if answered else "") + title, key)
                for key, title, answered in conversations.listing(session, user, words)
            ]
