"""The part of the page of adapters that says whether a department is ready for a trial."""

from functools import partial
from typing import Any

import gradio as gr

from assistant.clock import now
from assistant.domain_report import report
from assistant.pages.frame import Events, current_user, markdown, notice, refused
from assistant.pages.markup import tag, text
from assistant.pages.reported import told
from assistant.plain_report import Report
from assistant.services import Services
from assistant.wording import Language, say

LOOK_SECONDS = 3.0


def build(services: Services, language: Language, domain: gr.Dropdown) -> gr.Column:
    """The part for the department chosen in `domain`; owners see it."""
    tell = partial(say, language)
    handle = Handlers(services, language)
    part: gr.Column
    with gr.Column() as part, gr.Accordion(tell("check.open"), open=False):
        with gr.Row(elem_classes="actions"):
            look = gr.Button(tell("check.look"), variant="primary")
            ask = gr.Button(tell("check.ask"))
        asking = markdown(elem_id="asking")
        found = markdown(elem_id="domain-check")
    look.click(handle.look, domain, found, api_visibility="private", show_progress="minimal")
    ask.click(handle.ask, domain, asking, api_visibility="private", show_progress="hidden")
    domain.input(lambda: ("", ""), None, [asking, found], api_visibility="private", show_progress="hidden")
    gr.Timer(LOOK_SECONDS).tick(
        handle.watch, [domain, asking], [asking, found], api_visibility="private", show_progress="hidden"
    )
    return part


class Handlers(Events):
    """The events of the part; each finds out anew who is asking."""

    def look(self, domain: str, request: gr.Request) -> str:
        """Check the department."""
        user = current_user(self._services, request)

        def look() -> str:
            measured = self._services.domain_checks.check(user, domain)
            info = self._services.domains.get(domain)
            return self._shown(report(self._language, measured, info, now()), domain)

        return refused(self._language, look)

    def ask(self, domain: str, request: gr.Request) -> str:
        """Ask the questions kept for the threshold, in the background."""
        user = current_user(self._services, request)

        def ask() -> str:
            self._services.comparisons.measure(user, domain)
            return self._stage(0, 0)

        return refused(self._language, ask)

    def watch(self, domain: str | None, before: str, request: gr.Request) -> tuple[Any, Any]:
        """How far the asking is; the check anew once it is over."""
        user = current_user(self._services, request)
        if domain is None or not before:
            return gr.skip(), gr.skip()
        user.require("reviewer", domain)
        under_way = self._services.comparisons.progress(f"release/{domain}")
        if under_way is None:
            return gr.skip(), gr.skip()
        if not under_way.over:
            return self._stage(under_way.done, under_way.total), gr.skip()
        if under_way.error is not None:
            return notice(self._language, under_way.error), gr.skip()
        return "", self.look(domain, request)

    def _stage(self, done: int, total: int) -> str:
        words = say(self._language, "release.measuring")
        if total:
            words = say(self._language, "evaluation.progress", done=done, total=total)
        return tag("div", tag("span", text(words), "stage"), "stages", role="status")

    def _shown(self, made: Report, domain: str) -> str:
        link = tag("a", text(say(self._language, "check.link")), href=f"/domain-check/{domain}/{self._language}")
        return told(made) + tag("p", link, "small")
