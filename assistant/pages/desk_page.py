"""The desk: the queue of held, escalated and flagged questions, with everything needed to answer one."""

from functools import partial
from itertools import count
from typing import Any

import gradio as gr

from assistant.access import User
from assistant.answer import Citation
from assistant.desk import CAUSES, SEVERITIES, DeskTicket
from assistant.errors import Refusal
from assistant.pages import turn
from assistant.pages.frame import current_user, good_news, head, head_place, markdown, notice, refused
from assistant.pages.markup import marked, tag, text
from assistant.sampling import VERDICTS
from assistant.services import Services
from assistant.steps.explain import place
from assistant.wording import Language, say

LOOK_SECONDS = 10.0
FOUND = 5

_next = count(1).__next__


def build(services: Services, language: Language) -> gr.Blocks:
    """The page in one language."""
    tell = partial(say, language)
    handle = Handlers(services, language)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    page: gr.Blocks
    with gr.Blocks(title=f"{tell('page.desk')} · Madoguchi", analytics_enabled=False) as page:
        top = head_place()
        revision = gr.State(0)
        markdown(tag("h1", text(tell("desk.title"))))
        with gr.Row(elem_classes="columns"):
            with gr.Column(scale=2, min_width=300, elem_classes="side"):
                answered = gr.Checkbox(label=tell("desk.show_answered"))
                queue = gr.Radio([], label=tell("desk.queue"), elem_classes="past")
                empty = markdown()
            with gr.Column(scale=4, min_width=320):
                result = markdown()
                case = gr.Column()
        with case:

            def draw(chosen: str | None, _revision: int, request: gr.Request) -> None:
                handle.case(result, revision, chosen, request)

            gr.render(inputs=[queue, revision], triggers=[queue.change, revision.change])(draw)

        with gr.Accordion(tell("desk.sample"), open=False):
            markdown(tag("p", text(tell("desk.sample_lead")), "small"))
            sampled = gr.Dropdown([], label=tell("desk.sampled"), filterable=False)
            card = markdown(elem_id="sampled")
            with gr.Row():
                verdict = gr.Radio(handle.choices("verdict", VERDICTS), label=tell("desk.verdict_shown"))
                cause = gr.Dropdown(handle.choices("cause", CAUSES), label=tell("desk.cause"), value=None)
                severity = gr.Dropdown(handle.choices("severity", SEVERITIES), label=tell("desk.severity"), value=None)
            with gr.Row(elem_classes="actions"):
                judge = gr.Button(tell("desk.judge"))
            measured = markdown(elem_id="measured")
        sample = [sampled, card, measured]
        judge.click(handle.judge, [sampled, verdict, cause, severity], [result, verdict, *sample], **quiet)
        sampled.input(handle.show_sampled, sampled, card, **quiet)
        shown = [queue, empty]
        page.load(handle.open, None, [top, *shown, *sample], **quiet)
        answered.change(handle.show_list, [answered, queue], shown, **quiet)
        revision.change(handle.show_list, [answered, queue], shown, **quiet)
        revision.change(head(services, language, "desk"), None, top, **quiet)
        gr.Timer(LOOK_SECONDS).tick(handle.show_list, [answered, queue], shown, **quiet)
    return page


class Handlers:
    """The events of the page; each finds out anew who is asking."""

    def __init__(self, services: Services, language: Language) -> None:
        self._services = services
        self._language = language
        self._tell = partial(say, language)

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fill the page."""
        user = current_user(self._services, request)
        opened = head(self._services, self._language, "desk")(request)
        return opened, *self._queue(user, False, None), *self._sample(user)

    def show_sampled(self, answer: str | None, request: gr.Request) -> str:
        """Another answer of the sample."""
        return self._sampled(current_user(self._services, request), answer)

    def judge(
        self, answer: str | None, verdict: str | None, cause: str | None, severity: str | None, request: gr.Request
    ) -> tuple[Any, ...]:
        """The verdict on a sampled answer; then the next one."""
        user = current_user(self._services, request)

        def judge() -> str:
            if not answer or not verdict:
                raise Refusal("choose_verdict")
            self._services.samples.judge(user, answer, verdict, cause, severity)
            return good_news(self._language, "desk.judged")

        return refused(self._language, judge), None, *self._sample(user)

    def _sample(self, user: User) -> tuple[Any, ...]:
        found = self._services.samples.waiting(user)
        choices = [(f"{one.day:%m-%d} · {self._title(one.domain)} · {one.question[:60]}", one.id) for one in found]
        first = found[0].id if found else None
        rates = []
        for domain in user.desks:
            share = self._services.samples.wrong(user, domain)
            if share.value is not None:
                rates.append(self._tell("desk.wrong_rate", domain=self._title(domain), share=share, count=share.of))
        told = "".join(tag("p", text(rate), "small") for rate in rates)
        return gr.Dropdown(choices=choices, value=first), self._sampled(user, first), told

    def _sampled(self, user: User, answer: str | None) -> str:
        found = next((one for one in self._services.samples.waiting(user) if one.id == answer), None)
        if found is None:
            return tag("p", text(self._tell("desk.no_sample")), "small")
        passage_text = partial(self._services.documents.passage_text, user)
        return turn.question(self._language, found.question) + turn.answer_card(
            self._language, found.answer, self._title(found.domain), passage_text
        )

    def show_list(self, answered: bool, chosen: str | None, request: gr.Request) -> tuple[Any, ...]:
        """The queue anew; what is open stays open."""
        return self._queue(current_user(self._services, request), answered, chosen)

    def _queue(self, user: User, answered: bool, chosen: str | None) -> tuple[Any, ...]:
        tickets = self._services.desk.queue(user, answered=answered)
        choices = [(self._line(ticket), ticket.id) for ticket in tickets]
        kept = chosen if chosen in [ticket.id for ticket in tickets] else None
        nothing = "" if tickets else tag("p", text(self._tell("desk.nothing")), "empty")
        return gr.Radio(choices=choices, value=kept), nothing

    def _line(self, ticket: DeskTicket) -> str:
        title = self._title(ticket.domain)
        when = ticket.created_at.astimezone().strftime("%m-%d %H:%M")
        return f"{self._tell(f'desk.kind_{ticket.kind}')} · {title} · {when} · {ticket.question[:60]}"

    def _title(self, domain: str | None) -> str:
        return self._services.domains.get(domain).title(self._language) if domain else self._tell("desk.no_domain")

    def case(self, result: gr.Markdown, revision: gr.State, chosen: str | None, request: gr.Request) -> None:
        """One question with its draft, signals and passages, a search, and the reply."""
        user = current_user(self._services, request)
        if not chosen:
            markdown(tag("p", text(self._tell("desk.choose")), "empty"))
            return
        ticket = self._services.desk.ticket(user, chosen)
        markdown(self._case(user, ticket))
        if ticket.state == "answered":
            markdown(turn.reply(self._language, ticket.reply or ""))
            return
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        with gr.Group():
            words = gr.Textbox(
                value=ticket.answer.draft or "",
                label=self._tell("desk.reply"),
                lines=4,
                interactive=True,
            )
            with gr.Row():
                verdict = gr.Radio(self.choices("verdict", VERDICTS), label=self._tell("desk.verdict"))
                cause = gr.Dropdown(self.choices("cause", CAUSES), label=self._tell("desk.cause"), value=None)
                severity = gr.Dropdown(
                    self.choices("severity", SEVERITIES), label=self._tell("desk.severity"), value=None
                )
            keep = gr.Checkbox(label=self._tell("desk.keep"), value=False, interactive=True)
            send = gr.Button(self._tell("desk.send"), variant="primary")
        with gr.Accordion(self._tell("desk.more"), open=False):
            claim = gr.Button(self._tell("desk.claim"), size="sm")
            others = [(d.title(self._language), d.name) for d in self._services.domains.listing(user)]
            target = gr.Dropdown(others, label=self._tell("desk.other_department"), value=None)
            hand = gr.Button(self._tell("desk.hand_over"), size="sm")
            wanted = gr.Textbox(value=ticket.question, label=self._tell("desk.search"), interactive=True)
            find = gr.Button(self._tell("desk.find"), size="sm")
            found = markdown()

        # closures and not partials: Gradio hands the request only to a function whose signature it can read
        def answer(
            reply: str, said: str | None, why: str | None, grave: str | None, kept: bool, request: gr.Request
        ) -> tuple[str, Any]:
            return self._answer(ticket.id, reply, said, why, grave, kept, request)

        def take(request: gr.Request) -> tuple[str, Any]:
            return self._claim(ticket.id, request)

        def hand_over(domain: str | None, request: gr.Request) -> tuple[str, Any]:
            return self._hand_over(ticket.id, domain, request)

        send.click(answer, [words, verdict, cause, severity, keep], [result, revision], **quiet)
        claim.click(take, None, [result, revision], **quiet)
        hand.click(hand_over, target, [result, revision], **quiet)
        find.click(self._find, wanted, found, **quiet)

    def choices(self, name: str, values: tuple[str, ...]) -> list[tuple[str, str]]:
        """Values with their words."""
        return [(self._tell(f"desk.{name}_{value}"), value) for value in values]

    def _case(self, user: User, ticket: DeskTicket) -> str:
        facts = [
            self._tell(f"desk.kind_{ticket.kind}"),
            self._title(ticket.domain),
            self._tell("desk.asked_by", person=ticket.asker),
            ticket.created_at.astimezone().strftime("%Y-%m-%d %H:%M"),
        ]
        if ticket.claimed_by:
            facts.append(self._tell("desk.claimed_by", person=ticket.claimed_by))
        parts = [
            tag("p", text(" · ".join(facts)), "small"),
            turn.question(self._language, ticket.question),
        ]
        if ticket.note:
            parts.append(tag("p", text(self._tell("desk.note", note=ticket.note)), "notice"))
        if ticket.answer.draft and ticket.answer.status != "answered":
            parts.append(tag("p", text(self._tell("desk.draft", draft=ticket.answer.draft)), "draft"))
        passage_text = partial(self._services.documents.passage_text, user)
        parts.append(turn.answer_card(self._language, ticket.answer, self._title(ticket.domain), passage_text))
        return tag("div", "".join(parts))

    def _answer(
        self,
        ticket: str,
        words: str,
        verdict: str | None,
        cause: str | None,
        severity: str | None,
        keep: bool,
        request: gr.Request,
    ) -> tuple[str, Any]:
        user = current_user(self._services, request)

        def answer() -> str:
            self._services.desk.answer(user, ticket, words, verdict=verdict, cause=cause, severity=severity, keep=keep)
            return good_news(self._language, "desk.sent")

        return self._done(answer)

    def _claim(self, ticket: str, request: gr.Request) -> tuple[str, Any]:
        user = current_user(self._services, request)

        def claim() -> str:
            self._services.desk.claim(user, ticket)
            return good_news(self._language, "desk.claimed")

        return self._done(claim)

    def _hand_over(self, ticket: str, domain: str | None, request: gr.Request) -> tuple[str, Any]:
        user = current_user(self._services, request)

        def hand_over() -> str:
            if not domain:
                raise Refusal("choose_department")
            self._services.desk.hand_over(user, ticket, domain)
            return good_news(self._language, "desk.handed_over")

        return self._done(hand_over)

    def _done(self, action: Any) -> tuple[str, Any]:
        try:
            return action(), _next()
        except Refusal as error:
            return notice(self._language, error), gr.skip()

    def _find(self, wanted: str, request: gr.Request) -> str:
        user = current_user(self._services, request)

        def find() -> str:
            hits = self._services.documents.search(user, wanted, None, FOUND)
            items = []
            for hit in hits:
                citation = Citation.of(hit.rank, hit.passage, hit.passage.text, hit.score)
                where = place(self._language, citation)
                items.append(
                    tag(
                        "li",
                        tag("p", tag("strong", text(f"{hit.passage.file} {where}")))
                        + tag("blockquote", marked(hit.passage.text, wanted)),
                    )
                )
            return tag("ol", "".join(items), "sources") if items else tag("p", text(self._tell("why.nothing_found")))

        return refused(self._language, find)
