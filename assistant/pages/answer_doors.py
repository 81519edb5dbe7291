"""What an asker can do with an answer, below it: find it right or wrong, ask a person, write to him, ask elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.answer import Answer
from assistant.errors import Refusal
from assistant.fates import Fate
from assistant.pages.frame import Events, current_user, good_news, markdown, notice, refused
from assistant.pages.markup import tag, text
from assistant.services import Services
from assistant.wording import Language

WRONG_REASONS = ("wrong_fact", "wrong_source", "outdated", "incomplete")

Titles = Mapping[str, str]  # the departments that the person sees, by name


@dataclass(frozen=True)
class Asking:
    """Asking anew, from the page's components: what it takes from and fills."""

    ask: Callable[..., Any]
    ask_documents: Callable[..., Any]
    question: gr.Textbox
    domain: gr.Dropdown
    conversation: gr.State
    shown: list[Any]


class Doors(Events):
    """Draws them; each event finds out anew who is asking."""

    def __init__(self, services: Services, language: Language, asking: Asking) -> None:
        super().__init__(services, language)
        self._asking = asking

    def draw(self, answer: Answer, fate: Fate | None, titles: Titles) -> None:
        """What one can do with an answer, and what became of it at a desk."""
        self._choices(answer, titles)
        answered = answer.status == "answered"
        result = markdown(self._fate(fate, titles, answered) if fate else "")
        with gr.Row(elem_classes="actions"):
            verdicts = [gr.Button(self._tell(name), size="sm") for name in ("ask.right", "ask.wrong") if answered]
            person = gr.Button(self._tell("ask.person"), size="sm", visible=fate is None)
            if answer.reviewed and answer.similar:  # to other words, which may mean another thing
                instead = gr.Button(self._tell("ask.documents_instead"), size="sm")
                self._asks_again(instead, answer.question, "", self._asking.ask_documents)
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        if answered:
            self._judge(answer.id, verdicts, person, result, quiet)
        if fate is not None:
            self._write_back(answer.id, fate, result, quiet)

        # closures and not partials: Gradio hands the request only to a function whose signature it can read
        def escalate(request: gr.Request) -> tuple[str, Any]:
            return self._escalate(answer.id, request)

        person.click(escalate, None, [result, person], **quiet)

    def _judge(
        self, answer: str, verdicts: list[gr.Button], person: gr.Button, result: gr.Markdown, quiet: dict[str, Any]
    ) -> None:
        """Where the asker says that an answer is right, or what is wrong with it."""
        with gr.Group(visible=False) as form:
            reason = gr.Radio(
                [(self._tell(f"ask.reason_{name}"), name) for name in WRONG_REASONS],
                label=self._tell("ask.reason"),
            )
            correction = gr.Textbox(label=self._tell("ask.correction"), lines=2)
            flag = gr.Button(self._tell("ask.send_flag"), size="sm", variant="primary")

        def approve(request: gr.Request) -> str:
            return self._approve(answer, request)

        def flag_wrong(why: str | None, right_words: str, request: gr.Request) -> tuple[str, Any, Any]:
            return self._flag(answer, why, right_words, request)

        right, wrong = verdicts
        right.click(approve, None, result, **quiet)
        wrong.click(lambda: gr.Group(visible=True), None, form, **quiet)
        flag.click(flag_wrong, [reason, correction], [result, form, person], **quiet)

    def _fate(self, fate: Fate, titles: Titles, answered: bool) -> str:
        """What became of a question that went to a desk, as far as this person may know: of a draft that was held he
        has seen nothing.
        """
        if fate.is_waiting:
            title = titles.get(fate.domain or "")
            key = "handed_over" if fate.handed_over else "waiting"
            return good_news(self._language, f"ask.{key}_at" if title else f"ask.{key}", department=title)
        told = [self._tell("ask.desk_flag" if fate.kind == "flagged" else "ask.desk_answered")]
        if fate.found and answered:
            told.append(self._tell(f"ask.found_{fate.found}"))
        if fate.kept:
            told.append(self._tell(f"ask.kept_{fate.kept}"))
        return tag("p", text(self._tell("why.joint").join(told)), "notice good", role="status")

    def _write_back(self, answer: str, fate: Fate, result: gr.Markdown, quiet: dict[str, Any]) -> None:
        """Where the asker writes to the person who answers."""
        with gr.Accordion(self._tell("ask.add" if fate.is_waiting else "ask.write_back"), open=False):
            words = gr.Textbox(label=self._tell("ask.to_person"), lines=2)
            send = gr.Button(self._tell("ask.send_back"), size="sm")

        def write(said: str, request: gr.Request) -> tuple[str, Any]:
            return self._send_back(answer, said, request)

        send.click(write, words, [result, words], **quiet)

    def _send_back(self, answer: str, words: str, request: gr.Request) -> tuple[str, Any]:
        user = current_user(self._services, request)
        try:
            self._services.desk.write_back(user, answer, words)
        except Refusal as error:
            return notice(self._language, error), gr.skip()
        return good_news(self._language, "ask.sent_back"), ""

    def _choices(self, answer: Answer, titles: Titles) -> None:
        """A button for each department that may have been meant: the question is asked there again."""
        if not answer.choices:
            return
        markdown(tag("p", text(self._tell("ask.choose_department"))))
        with gr.Row(elem_classes="actions"):
            for name in answer.choices:
                button = gr.Button(titles[name], size="sm")
                self._asks_again(button, answer.question, name, self._asking.ask)

    def _asks_again(self, button: gr.Button, question: str, domain: str, ask: Callable[..., Any]) -> None:
        asking = self._asking
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        again = button.click(lambda: (question, domain), None, [asking.question, asking.domain], **quiet)
        shown = [asking.question, asking.domain, asking.conversation]
        asked = again.then(ask, shown, asking.shown, concurrency_limit=None, **quiet)
        asked.then(lambda: "", None, asking.domain, **quiet)  # the next question finds its own department

    def _approve(self, answer: str, request: gr.Request) -> str:
        user = current_user(self._services, request)

        def approve() -> str:
            self._services.desk.approve(user, answer)
            return good_news(self._language, "ask.thanks")

        return refused(self._language, approve)

    def _escalate(self, answer: str, request: gr.Request) -> tuple[str, Any]:
        user = current_user(self._services, request)

        def escalate() -> str:
            self._services.desk.escalate(user, answer)
            return good_news(self._language, "ask.waiting")

        return refused(self._language, escalate), gr.Button(visible=False)

    def _flag(self, answer: str, reason: str | None, correction: str, request: gr.Request) -> tuple[str, Any, Any]:
        user = current_user(self._services, request)
        words = self._tell(f"ask.reason_{reason}") if reason in WRONG_REASONS else ""

        def flag() -> str:
            self._services.desk.flag(user, answer, words, correction)
            return good_news(self._language, "ask.flagged")

        return refused(self._language, flag), gr.Group(visible=False), gr.Button(visible=False)
