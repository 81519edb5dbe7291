"""Corrections that wait for approval, each beside what it contradicts."""

from typing import Any

import gradio as gr

from assistant.access import User
from assistant.corrections import Proposal
from assistant.errors import Refusal
from assistant.pages.desk_case import QUIET
from assistant.pages.frame import Events, current_user, good_news, markdown, refused
from assistant.pages.markup import tag, text
from assistant.services import Services
from assistant.wording import Language


class Proposals(Events):
    """The part of the page, and its events."""

    def __init__(self, services: Services, language: Language, result: gr.Markdown) -> None:
        super().__init__(services, language)
        with gr.Accordion(self._tell("desk.proposals"), open=False):
            markdown(tag("p", text(self._tell("desk.proposals_lead")), "small"))
            proposed = gr.Dropdown([], label=self._tell("desk.proposed"), filterable=False)
            card = markdown(elem_id="proposed")
            rivals = gr.CheckboxGroup([], label=self._tell("desk.rivals"), visible=False)
            with gr.Row(elem_classes="actions"):
                approve = gr.Button(self._tell("desk.approve_proposal"))
                decline = gr.Button(self._tell("desk.decline_proposal"))
        self.places = [proposed, card, rivals]
        approve.click(self.approve, [proposed, rivals], [result, *self.places], **QUIET)
        decline.click(self.decline, proposed, [result, *self.places], **QUIET)
        proposed.input(self.show, proposed, [card, rivals], **QUIET)

    def fill(self, user: User) -> tuple[Any, ...]:
        """What stands in `places` at first, and after each decision."""
        found = self._services.corrections.proposals(user)
        options = [(f"{self._title(one.domain)} · {one.person} · {one.question[:60]}", one.id) for one in found]
        first = found[0].id if found else None
        return gr.Dropdown(choices=options, value=first), *self._shown(found, first)

    def show(self, example: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Another proposal."""
        return self._shown(self._services.corrections.proposals(current_user(self._services, request)), example)

    def approve(self, example: str | None, replaced: list[str], request: gr.Request) -> tuple[Any, ...]:
        """Agree; the page has shown what it contradicts."""
        user = current_user(self._services, request)

        def approve() -> str:
            if not example:
                raise Refusal("choose_example")
            self._services.corrections.approve(user, example, replaced)
            return good_news(self._language, "desk.proposal_approved")

        return refused(self._language, approve), *self.fill(user)

    def decline(self, example: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Say no."""
        user = current_user(self._services, request)

        def decline() -> str:
            if not example:
                raise Refusal("choose_example")
            self._services.corrections.decline(user, example, "")
            return good_news(self._language, "desk.proposal_declined")

        return refused(self._language, decline), *self.fill(user)

    def _shown(self, found: list[Proposal], example: str | None) -> tuple[str, Any]:
        one = next((proposal for proposal in found if proposal.id == example), None)
        if one is None:
            return tag("p", text(self._tell("desk.no_proposal")), "small"), gr.CheckboxGroup([], visible=False)
        told = tag("p", tag("strong", text(one.question))) + tag("blockquote", text(one.answer))
        if one.is_own and one.needs_another:
            told += tag("p", text(self._tell("desk.own_proposal")), "notice")
        options = [(f"{rival.person}: {rival.question} → {rival.answer}", rival.id) for rival in one.rivals]
        ticked = [rival.id for rival in one.rivals if rival.is_same_question]
        return told, gr.CheckboxGroup(options, value=ticked, visible=bool(options))

    def _title(self, domain: str) -> str:
        return self._services.domains.title(domain, self._language)
