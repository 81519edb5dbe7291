"""The reviewers' page of a department's own words: what is there, what the documents propose, add, take out, import."""

from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.access import User
from assistant.errors import Refusal
from assistant.pages.frame import Events, current_user, good_news, head, head_place, markdown, refused
from assistant.pages.markup import table, tag, text
from assistant.pages.page import Page
from assistant.services import Services
from assistant.wording import Language, say
from index import Entry

BETWEEN = " ・ "


def build(services: Services, language: Language) -> gr.Blocks:
    """The page in one language."""
    tell = partial(say, language)
    handle = Handlers(services, language)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    page: gr.Blocks
    with Page(tell("page.glossary"), takes_files=True) as page:
        top = head_place()
        markdown(tag("h1", text(tell("glossary.title"))) + tag("p", text(tell("glossary.lead"))))
        domain = gr.Dropdown([], label=tell("documents.department"), filterable=False)
        listing = markdown(elem_classes="listing")
        markdown(tag("h2", text(tell("glossary.add"))))
        with gr.Group(), gr.Row():
            english = gr.Textbox(label=tell("glossary.english_forms"))
            japanese = gr.Textbox(label=tell("glossary.japanese_forms"))
        add = gr.Button(tell("glossary.add"), variant="primary")
        markdown(tag("h2", text(tell("glossary.proposed"))))
        proposed = gr.CheckboxGroup([], label=tell("glossary.proposed_label"))
        take = gr.Button(tell("glossary.take"))
        markdown(tag("h2", text(tell("glossary.change"))))
        with gr.Group():
            chosen = gr.Dropdown([], label=tell("glossary.entry"), multiselect=True)
            file = gr.File(label=tell("glossary.file"), file_count="single", type="filepath", height=140)
        with gr.Row():
            remove = gr.Button(tell("glossary.remove"), variant="stop")
            send = gr.Button(tell("glossary.import"))
        result = markdown()
        shown = [listing, proposed, chosen]
        page.load(handle.open, None, [top, domain, *shown], **quiet)
        domain.input(handle.show, [domain], shown, **quiet)
        add.click(handle.add, [domain, english, japanese], [result, english, japanese, *shown], **quiet)
        take.click(handle.take, [domain, proposed], [result, *shown], **quiet)
        remove.click(handle.remove, [domain, chosen], [result, *shown], **quiet)
        send.click(handle.import_file, [domain, file], [result, file, *shown], **quiet)
    return page


class Handlers(Events):
    """The events of the page; each finds out anew who is asking."""

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fill the page with the first department whose desk this person works at."""
        user = current_user(self._services, request)
        own = [(d.title(self._language), d.name) for d in self._services.domains.listing(user) if d.name in user.desks]
        first = own[0][1] if own else None
        return (
            head(self._services, self._language, "glossary")(request),
            gr.Dropdown(choices=own, value=first),
            *self._shown(user, first),
        )

    def show(self, domain: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Another department's."""
        return self._shown(current_user(self._services, request), domain)

    def add(self, domain: str | None, english: str, japanese: str, request: gr.Request) -> tuple[Any, ...]:
        """One entry, typed."""
        user = current_user(self._services, request)

        def add() -> str:
            count = self._services.glossaries.add(user, domain or "", [Entry.of(_bars(english), _bars(japanese))])
            return good_news(self._language, "glossary.imported", added=count, known=1 - count)

        words = refused(self._language, add)
        kept = gr.skip() if "error" in words else ""
        return words, kept, kept, *self._shown(user, domain)

    def take(self, domain: str | None, lines: list[str], request: gr.Request) -> tuple[Any, ...]:
        """The proposals that were ticked."""
        user = current_user(self._services, request)

        def take() -> str:
            if not lines:
                raise Refusal("choose_glossary_entry")
            entries = [Entry.of(english, japanese) for english, _, japanese in (line.partition("\t") for line in lines)]
            count = self._services.glossaries.add(user, domain or "", entries)
            return good_news(self._language, "glossary.imported", added=count, known=len(entries) - count)

        return refused(self._language, take), *self._shown(user, domain)

    def remove(self, domain: str | None, keys: list[str], request: gr.Request) -> tuple[Any, ...]:
        """Take the chosen entries out."""
        user = current_user(self._services, request)

        def remove() -> str:
            if not keys:
                raise Refusal("choose_glossary_entry")
            count = self._services.glossaries.remove(user, domain or "", keys)
            return good_news(self._language, "glossary.removed", count=count)

        return refused(self._language, remove), *self._shown(user, domain)

    def import_file(self, domain: str | None, path: str | None, request: gr.Request) -> tuple[Any, ...]:
        """A file of entries."""
        user = current_user(self._services, request)

        def take() -> str:
            if not path:
                raise Refusal("no_file_chosen")
            done = self._services.glossaries.import_file(user, domain or "", Path(path))
            told = good_news(self._language, "glossary.imported", added=done.added, known=done.known)
            if not done.refused:
                return told
            rows = ", ".join(map(str, done.refused))
            return told + tag("p", text(self._tell("glossary.refused", rows=rows)), "notice error")

        words = refused(self._language, take)
        if path:
            Path(path).unlink(missing_ok=True)
        return words, None, *self._shown(user, domain)

    def _shown(self, user: User, domain: str | None) -> tuple[Any, ...]:
        if not user.may("reviewer", domain):
            return tag("p", text(self._tell("glossary.none")), "empty"), gr.CheckboxGroup([]), gr.Dropdown([])
        entries = self._services.glossaries.listing(user, domain or "")
        found = self._services.glossaries.propose(user, domain or "")
        labels = [self._tell("glossary.english"), self._tell("glossary.japanese")]
        rows = [[text(BETWEEN.join(side)) for side in (entry.english, entry.japanese)] for _, entry in entries]
        shown = table(labels, rows) if rows else tag("p", text(self._tell("glossary.none")), "empty")
        proposed = [(f"{_told(one.entry)}  — {one.example}", _line(one.entry)) for one in found]
        chosen = [(_told(entry), key) for key, entry in entries]
        return shown, gr.CheckboxGroup(choices=proposed, value=[]), gr.Dropdown(choices=chosen, value=[])


def _told(entry: Entry) -> str:
    return " = ".join((*entry.english, *entry.japanese))


def _line(entry: Entry) -> str:
    return "|".join(entry.english) + "\t" + "|".join(entry.japanese)


def _bars(typed: str) -> str:
    """Forms as people type them, divided by commas or bars."""
    for sign in (",", "、", "，", "｜"):
        typed = typed.replace(sign, "|")
    return typed
