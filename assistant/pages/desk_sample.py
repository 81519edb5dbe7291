"""The desk's daily sample: shown answers that wait for a verdict, one after the other."""

from typing import Any

import gradio as gr

from assistant.access import User
from assistant.errors import Refusal
from assistant.pages import turn
from assistant.pages.desk_case import QUIET, choices
from assistant.pages.frame import Events, current_user, good_news, markdown, refused
from assistant.pages.markup import tag, text
from assistant.services import Services
from assistant.verdicts import CAUSES, SEVERITIES, VERDICTS
from assistant.wording import Language


class Sample(Events):
    """The part of the page, and its events."""

    def __init__(self, services: Services, language: Language, result: gr.Markdown) -> None:
        super().__init__(services, language)
        with gr.Accordion(self._tell("desk.sample"), open=False):
            markdown(tag("p", text(self._tell("desk.sample_lead")), "small"))
            sampled = gr.Dropdown([], label=self._tell("desk.sampled"), filterable=False)
            card = markdown(elem_id="sampled")
            with gr.Row():
                verdict = gr.Radio(choices(language, "verdict", VERDICTS), label=self._tell("desk.verdict_shown"))
                cause = gr.Dropdown(choices(language, "cause", CAUSES), label=self._tell("desk.cause"), value=None)
                severity = gr.Dropdown(
                    choices(language, "severity", SEVERITIES), label=self._tell("desk.severity"), value=None
                )
            keep = gr.Checkbox(label=self._tell("desk.keep_right"))
            with gr.Row(elem_classes="actions"):
                judge = gr.Button(self._tell("desk.judge"))
            measured = markdown(elem_id="measured")
        self.places = [sampled, card, measured]
        judge.click(
            self.judge, [sampled, verdict, cause, severity, keep], [result, verdict, keep, *self.places], **QUIET
        )
        sampled.input(self.show, sampled, card, **QUIET)

    def fill(self, user: User) -> tuple[Any, ...]:
        """What stands in `places` at first, and after each verdict."""
        found = self._services.samples.waiting(user)
        options = [(f"{one.day:%m-%d} · {self._title(one.domain)} · {one.question[:60]}", one.id) for one in found]
        first = found[0].id if found else None
        rates = []
        for domain in user.desks:
            share = self._services.samples.wrong(user, domain)
            if share.value is not None:
                rates.append(self._tell("desk.wrong_rate", domain=self._title(domain), share=share, count=share.of))
        told = "".join(tag("p", text(rate), "small") for rate in rates)
        return gr.Dropdown(choices=options, value=first), self._card(user, first), told

    def show(self, answer: str | None, request: gr.Request) -> str:
        """Another answer of the sample."""
        return self._card(current_user(self._services, request), answer)

    def judge(
        self,
        answer: str | None,
        verdict: str | None,
        cause: str | None,
        severity: str | None,
        keep: bool,
        request: gr.Request,
    ) -> tuple[Any, ...]:
        """The verdict on a sampled answer; then the next one."""
        user = current_user(self._services, request)

        def judge() -> str:
            if not answer or not verdict:
                raise Refusal("choose_verdict")
            self._services.samples.judge(user, answer, verdict, cause, severity, keep=keep)
            return good_news(self._language, "desk.judged")

        return refused(self._language, judge), None, False, *self.fill(user)

    def _card(self, user: User, answer: str | None) -> str:
        found = next((one for one in self._services.samples.waiting(user) if one.id == answer), None)
        if found is None:
            return tag("p", text(self._tell("desk.no_sample")), "small")
        passages = self._services.document_texts.passage_texts(user, found.answer.citations)
        return turn.question(self._language, found.question) + turn.answer_card(
            self._language, found.answer, self._title(found.domain), passages
        )

    def _title(self, domain: str) -> str:
        return self._services.domains.title(domain, self._language)
