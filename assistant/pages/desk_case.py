"""One question at the desk, on one screen: what was asked, what the assistant made of it, and the reply."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import gradio as gr

from assistant.access import User
from assistant.answer import Citation
from assistant.clock import now
from assistant.errors import Refusal
from assistant.pages import turn
from assistant.pages.frame import Events, current_user, good_news, markdown, notice, refused
from assistant.pages.markup import marked, tag, text
from assistant.reply_drafts import offered
from assistant.steps.explain import place
from assistant.ticket_conversation import read_conversation
from assistant.tickets import DeskTicket
from assistant.verdicts import CAUSES, SEVERITIES, VERDICTS
from assistant.wording import Language, say

FOUND = 5
NEAREST = 3
PAUSE = 3.0  # seconds between two savings of a reply while somebody types
DUE_HOURS = (4, 24, 72, 168)
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

_next = count(1).__next__
Choices = list[tuple[str, Any]]


@dataclass(frozen=True)
class Places:
    """Where the page tells what came of an action, and what is drawn anew by a number never seen before."""

    result: gr.Markdown
    revision: gr.State


@dataclass(frozen=True)
class Given:
    """A reply as it was filled in. `shown`: the contradicting answers that this person has looked at, if any."""

    reply: str
    passages: list[int]
    verdict: str | None
    cause: str | None
    severity: str | None
    keep: bool
    no_document: bool
    replaced: list[str]
    shown: list[str] | None
    question: str


def choices(language: Language, name: str, values: tuple[str, ...]) -> list[tuple[str, str]]:
    """Values with their words."""
    return [(say(language, f"desk.{name}_{value}"), value) for value in values]


class Case(Events):
    """Draws a ticket, and does what is asked of it; each event finds out anew who is asking."""

    def draw(self, places: Places, user: User, ticket: DeskTicket) -> None:
        """The question with its draft, signals and passages, and what one can do with it."""
        markdown(self._told(user, ticket))
        self._around(user, ticket)
        if ticket.state == "answered":
            markdown(turn.reply(self._language, ticket.reply or ""))
            return
        self._reply(places, user, ticket)
        self._desk(places, user, ticket)

    def _told(self, user: User, ticket: DeskTicket) -> str:
        facts = [
            self._tell(f"desk.kind_{ticket.kind}"),
            self.title(ticket.domain),
            self._tell("desk.asked_by", person=ticket.asker),
            ticket.created_at.astimezone().strftime("%Y-%m-%d %H:%M"),
            self._tell("desk.due", when=ticket.due_at.astimezone().strftime("%m-%d %H:%M")),
        ]
        if ticket.reopened:
            facts.append(self._tell("desk.reopened"))
        if ticket.claimed_by:
            facts.append(self._tell("desk.claimed_by", person=ticket.claimed_by))
        parts = [tag("p", text(" · ".join(facts)), "small"), turn.question(self._language, ticket.question)]
        if ticket.by_itself != ticket.question:
            parts.append(tag("p", text(self._tell("desk.goes_on", question=ticket.by_itself)), "small"))
        if ticket.is_overdue:
            parts.append(tag("p", text(self._tell("desk.overdue")), "notice error"))
        if ticket.note:
            parts.append(tag("p", text(self._tell("desk.note", note=ticket.note)), "notice"))
        if ticket.answer.draft and ticket.answer.status != "answered":
            parts.append(tag("p", text(self._tell("desk.draft", draft=ticket.answer.draft)), "draft"))
        passages = self._services.document_texts.passage_texts(user, ticket.answer.citations)
        parts.append(turn.answer_card(self._language, ticket.answer, self.title(ticket.domain), passages))
        return tag("div", "".join(parts))

    def _around(self, user: User, ticket: DeskTicket) -> None:
        """Similar answers, and the conversation, which is read only when somebody asks for it."""
        near = []
        if not ticket.domain or user.may("reviewer", ticket.domain):
            near = self._services.reviewed_answers.nearest(ticket.by_itself, user, ticket.domain, NEAREST)
        if near:
            items = "".join(
                tag(
                    "li",
                    tag("p", tag("strong", text(one.question)))
                    + tag("blockquote", text(one.text))
                    + tag("p", text(one.person), "small"),
                )
                for one in near
            )
            summary = tag("summary", text(self._tell("desk.similar", count=len(near))))
            markdown(tag("details", summary + tag("ul", items, "sources")))
        show = gr.Button(self._tell("desk.show_conversation"), size="sm")
        told = markdown()

        def read(request: gr.Request) -> str:
            return self._conversation(ticket.id, request)

        show.click(read, None, told, **QUIET)

    def _reply(self, places: Places, user: User, ticket: DeskTicket) -> None:
        cited: Choices = [(self._source(one), one.passage) for one in ticket.answer.citations]
        used = [one.passage for one in ticket.answer.citations[:1] if offered(ticket.answer)]
        with gr.Group():
            words = self._words(user, ticket)
            rests_on = gr.CheckboxGroup(
                cited, value=used, label=self._tell("desk.evidence"), visible=bool(cited), interactive=True
            )
            with gr.Row():
                verdict = gr.Radio(choices(self._language, "verdict", VERDICTS), label=self._tell("desk.verdict"))
                cause = gr.Dropdown(
                    choices(self._language, "cause", CAUSES), label=self._tell("desk.cause"), value=None
                )
                severity = gr.Dropdown(
                    choices(self._language, "severity", SEVERITIES), label=self._tell("desk.severity"), value=None
                )
            keep = gr.Checkbox(label=self._tell("desk.keep"), value=False, interactive=True)
            put = gr.Textbox(
                value=ticket.by_itself, label=self._tell("desk.put"), max_length=400, visible=False, interactive=True
            )
            nothing = gr.Checkbox(label=self._tell("desk.no_document"), value=False, interactive=True)
            rivals = gr.CheckboxGroup([], label=self._tell("desk.rivals"), visible=False, interactive=True)
            send = gr.Button(self._tell("desk.send"), variant="primary")
        shown = gr.State(None)  # the rivals that were put before this person
        with gr.Accordion(self._tell("desk.find_evidence"), open=False):
            wanted = gr.Textbox(value=ticket.by_itself, label=self._tell("desk.search"), interactive=True)
            find = gr.Button(self._tell("desk.find"), size="sm")
            found = markdown()

        # closures and not partials: Gradio hands the request only to a function whose signature it can read
        def answer(
            reply: str,
            passages: list[int],
            said: str | None,
            why: str | None,
            grave: str | None,
            kept: bool,
            missing: bool,
            ticked: list[str],
            before: list[str] | None,
            question: str,
            request: gr.Request,
        ) -> tuple[Any, ...]:
            given = Given(reply, passages, said, why, grave, kept, missing, ticked, before, question)
            return self._answer(ticket, given, request)

        def look(query: str, chosen: list[int], request: gr.Request) -> tuple[str, Any]:
            return self._find(ticket, query, chosen, request)

        told = [words, rests_on, verdict, cause, severity, keep, nothing, rivals, shown, put]
        keep.change(lambda kept: gr.Textbox(visible=kept), keep, put, **QUIET)
        send.click(answer, told, [places.result, places.revision, rivals, shown], **QUIET)
        find.click(look, [wanted, rests_on], [found, rests_on], **QUIET)

    def _words(self, user: User, ticket: DeskTicket) -> gr.Textbox:
        """Where the reply is written. What stands there is kept while somebody types, and when he leaves the box."""
        unsent = self._services.reply_drafts.of(user, ticket.id)
        words = gr.Textbox(
            value=offered(ticket.answer) if unsent is None else unsent,
            label=self._tell("desk.reply"),
            lines=4,
            interactive=True,
        )
        restored = "" if unsent is None else tag("p", text(self._tell("desk.unsent_restored")), "small")
        kept = markdown(restored, elem_classes="kept")

        def keep(reply: str, request: gr.Request) -> Any:
            return self._keep(ticket.id, reply, request)

        async def keep_in_turn(reply: str, request: gr.Request) -> Any:
            told = await asyncio.to_thread(keep, reply, request)
            await asyncio.sleep(PAUSE)  # Gradio sends what was typed meanwhile when this has ended, once
            return told

        words.blur(keep, words, kept, **QUIET)
        words.input(keep_in_turn, words, kept, trigger_mode="always_last", concurrency_limit=None, **QUIET)
        return words

    def _keep(self, ticket: str, reply: str, request: gr.Request) -> Any:
        user = current_user(self._services, request)
        try:
            new = self._services.reply_drafts.keep(user, ticket, reply)
        except Refusal as error:
            return notice(self._language, error)
        return tag("p", text(self._tell("desk.unsent_kept")), "small") if new else gr.skip()

    def _desk(self, places: Places, user: User, ticket: DeskTicket) -> None:
        """Who is at it, until when, and whether another desk should be."""
        colleagues = [(name, account) for account, name in self._services.desk.colleagues(user, ticket.id)]
        listed = self._services.domains.listing(user)
        others = [(one.title(self._language), one.name) for one in listed if one.name != ticket.domain]
        with gr.Accordion(self._tell("desk.more"), open=False):
            claim = gr.Button(self._tell("desk.claim"), size="sm")
            with gr.Row():
                colleague = gr.Dropdown(colleagues, label=self._tell("desk.colleague"), value=None)
                assign = gr.Button(self._tell("desk.assign"), size="sm")
            with gr.Row():
                hours = [(self._tell("desk.in_hours", hours=one), one) for one in DUE_HOURS]
                due = gr.Dropdown(hours, label=self._tell("desk.due_time"), value=None)
                put_off = gr.Button(self._tell("desk.set_due"), size="sm")
            with gr.Row():
                target = gr.Dropdown(others, label=self._tell("desk.other_department"), value=None)
                hand = gr.Button(self._tell("desk.hand_over"), size="sm")
        desk = self._services.desk

        def take(request: gr.Request) -> tuple[str, Any]:
            return self._done(request, lambda user: desk.claim(user, ticket.id), "desk.claimed")

        def give(account: str | None, request: gr.Request) -> tuple[str, Any]:
            chosen = account or ""
            return self._done(request, lambda user: desk.assign(user, ticket.id, chosen), "desk.assigned")

        def until(wait: int | None, request: gr.Request) -> tuple[str, Any]:
            moment = now() + timedelta(hours=wait or 0)
            return self._done(request, lambda user: desk.set_due(user, ticket.id, moment), "desk.due_set")

        def hand_over(domain: str | None, request: gr.Request) -> tuple[str, Any]:
            if not domain:
                return notice(self._language, Refusal("choose_department")), gr.skip()
            return self._done(request, lambda user: desk.hand_over(user, ticket.id, domain), "desk.handed_over")

        told = [places.result, places.revision]
        claim.click(take, None, told, **QUIET)
        assign.click(give, colleague, told, **QUIET)
        put_off.click(until, due, told, **QUIET)
        hand.click(hand_over, target, told, **QUIET)

    def _answer(self, ticket: DeskTicket, given: Given, request: gr.Request) -> tuple[Any, ...]:
        """Send the reply; where it is to be kept and contradicts another answer, show that one first."""
        user = current_user(self._services, request)
        desk = self._services.desk
        try:
            wanted = given.keep and given.reply.strip()
            found = desk.rivals(user, ticket.id, given.reply, given.question) if wanted else []
            if not {rival.id for rival in found} <= set(given.shown or ()):
                options = [(f"{rival.person}: {rival.question} → {rival.answer}", rival.id) for rival in found]
                told = tag("p", text(self._tell("desk.look_at_rivals")), "notice error", role="alert")
                ticked = [rival.id for rival in found if rival.is_same_question]
                box = gr.CheckboxGroup(options, value=ticked, visible=True)
                return told, gr.skip(), box, [rival.id for rival in found]
            desk.answer(
                user,
                ticket.id,
                given.reply,
                verdict=given.verdict,
                cause=given.cause,
                severity=given.severity,
                keep=given.keep,
                replaces=None if given.shown is None else given.replaced,
                question=given.question,
                evidence=self._evidence(user, ticket, given.passages),
                no_document=given.no_document,
            )
        except Refusal as error:
            return notice(self._language, error), gr.skip(), gr.skip(), gr.skip()
        return good_news(self._language, "desk.sent"), _next(), gr.skip(), gr.skip()

    def _evidence(self, user: User, ticket: DeskTicket, passages: list[int]) -> list[Citation]:
        cited = {one.passage: one for one in ticket.answer.citations}
        return [cited.get(passage) or self._services.documents.cite(user, [passage])[0] for passage in passages]

    def _done(self, request: gr.Request, action: Callable[[User], None], key: str) -> tuple[str, Any]:
        user = current_user(self._services, request)
        try:
            action(user)
        except Refusal as error:
            return notice(self._language, error), gr.skip()
        return good_news(self._language, key), _next()

    def _find(self, ticket: DeskTicket, wanted: str, chosen: list[int], request: gr.Request) -> tuple[str, Any]:
        """Passages for a search, each of which may be ticked as what the reply rests on."""
        user = current_user(self._services, request)
        try:
            ticket = self._services.desk.ticket(user, ticket.id)  # what it cites is shown to its desk alone
        except Refusal as error:
            return notice(self._language, error), gr.skip()
        hits = self._services.documents.search(user, wanted, None, FOUND) if wanted.strip() else []
        found = [Citation.of(hit.rank, hit.passage, hit.passage.text, hit.score) for hit in hits]
        known = {one.passage: one for one in [*ticket.answer.citations, *found]}
        options = [(self._source(one), passage) for passage, one in known.items()]
        kept = [passage for passage in chosen if passage in known]
        told = "".join(
            tag(
                "li",
                tag("p", tag("strong", text(self._source(one)))) + tag("blockquote", marked(one.quote, wanted)),
            )
            for one in found
        )
        nothing = tag("p", text(self._tell("why.nothing_found")))
        return tag("ol", told, "sources") if told else nothing, gr.CheckboxGroup(options, value=kept, visible=True)

    def _conversation(self, ticket: str, request: gr.Request) -> str:
        user = current_user(self._services, request)

        def read() -> str:
            seen, left_out = read_conversation(self._services.database, user, ticket)
            parts = []
            for one in seen:
                if one.author == "employee":
                    parts.append(turn.question(self._language, one.text))
                elif one.author == "person":
                    passages = self._services.document_texts.passage_texts(user, one.rests_on)
                    parts.append(turn.reply(self._language, one.text, one.rests_on, passages))
                elif one.answer is not None:
                    told = one.answer
                    parts.append(tag("div", tag("p", text(told.answer or self._tell("desk.no_answer"))), "turn card"))
            if left_out:
                parts.append(tag("p", text(self._tell("desk.left_out", count=left_out)), "small"))
            return "".join(parts)

        return refused(self._language, read)

    def _source(self, one: Citation) -> str:
        return f"{one.file} {place(self._language, one)}".strip()

    def title(self, domain: str | None) -> str:
        """A department's name; of none, that there is none."""
        return self._services.domains.title(domain, self._language) if domain else self._tell("desk.no_domain")
