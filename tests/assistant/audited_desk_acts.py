"""What desks do that goes on record: tickets, examples, glossaries, notices; each thing once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from assistant.clock import now
from assistant.sending import DELIVERIES
from assistant.steps.record import Records
from index.glossary import Entry
from tests.assistant.audited_acts import WHY, act, simple
from tests.assistant.audited_home import NOTE, REPLY, WORDS, Act, Home

ENTRY = Entry.of("secret word", "秘密")

simple("ticket.claimed", "change", lambda h: on_ticket(h, lambda t: h.services.desk.claim(h.rui, t)))
simple("ticket.assigned", "change", lambda h: on_ticket(h, lambda t: h.services.desk.assign(h.rui, t, h.mia.id)))
simple("ticket.handed-over", "change", lambda h: on_ticket(h, lambda t: h.services.desk.hand_over(h.rui, t, "it")))
simple("ticket.drafted", "change", lambda h: on_ticket(h, lambda t: h.services.reply_drafts.keep(h.rui, t, REPLY)))
simple("ticket.answered", "change", lambda h: on_ticket(h, lambda t: h.services.desk.answer(h.rui, t, REPLY)))
simple(
    "ticket.due-set",
    "change",
    lambda h: on_ticket(h, lambda t: h.services.desk.set_due(h.rui, t, now() + timedelta(days=3))),
)
simple(
    "glossary.added", "new", lambda h: Act(lambda: h.services.glossaries.add(h.rui, "people", [ENTRY]), h.rui, "people")
)


def on_ticket(home: Home, do: Callable[[str], object]) -> Act:
    ticket = home.ticket()
    return Act(lambda: do(ticket), home.rui, ticket)


@act("ticket.asked-again", "change")
def _(home: Home) -> Act:
    asked = home.answer()
    again = replace(asked, domain="it")
    return Act(lambda: Records(home.services.database).answer(home.emi, again, {}), home.emi, asked.ticket)


@act("ticket.changed", "change")
def _(home: Home) -> Act:
    asked = home.answer()
    return Act(lambda: home.services.desk.flag(home.emi, asked.id, NOTE, REPLY), home.emi, asked.ticket)


@act("ticket.written-to", "new")
def _(home: Home) -> Act:
    asked = home.answered()
    return Act(lambda: home.services.desk.write_back(home.emi, asked.id, NOTE), home.emi)


@act("ticket.reopened", "change")
def _(home: Home) -> Act:
    asked = home.answered()
    return Act(lambda: home.services.desk.write_back(home.emi, asked.id, NOTE), home.emi, asked.ticket)


@act("document.requested", "new")
def _(home: Home) -> Act:
    ticket = home.ticket()
    return Act(lambda: home.services.desk.answer(home.rui, ticket, REPLY, no_document=True), home.rui)


@act("document.request-closed", "change")
def _(home: Home) -> Act:
    home.services.desk.answer(home.rui, home.ticket(), REPLY, no_document=True)
    [row] = home.services.document_requests.listing(home.aki)
    return Act(lambda: home.services.document_requests.close(home.aki, row.id, NOTE), home.aki, row.id)


@act("example.proposed", "new")
def _(home: Home) -> Act:
    home.two_agree()
    ticket = home.ticket()
    return Act(lambda: home.services.desk.answer(home.rui, ticket, REPLY, keep=True), home.rui)


@act("example.approved", "change")
def _(home: Home) -> Act:
    row = home.example(state="proposed")
    return Act(lambda: home.services.corrections.approve(home.mia, row), home.mia, row)


@act("example.declined", "change")
def _(home: Home) -> Act:
    row = home.example(state="proposed")
    return Act(lambda: home.services.corrections.decline(home.mia, row, WHY), home.mia, row, WHY)


@act("example.edited", "change")
def _(home: Home) -> Act:
    row = home.example()
    return Act(lambda: home.services.examples.edit(home.mia, row, {"answer": NOTE}), home.mia, row)


@act("example.retired", "change")
def _(home: Home) -> Act:
    row = home.example()
    return Act(lambda: home.services.examples.retire(home.mia, row), home.mia, row)


@act("example.confirmed", "change")
def _(home: Home) -> Act:
    home.document("rui", WORDS)
    row = home.example(evidence=[vars(one) for one in home.citations()])
    home.document("rui", f"{WORDS} It closes at noon.")
    return Act(lambda: home.services.rereviews.confirm(home.mia, row), home.mia, row)


@act("glossary.removed", "gone")
def _(home: Home) -> Act:
    home.services.glossaries.add(home.rui, "people", [ENTRY])
    [(key, _)] = home.services.glossaries.listing(home.rui, "people")
    return Act(lambda: home.services.glossaries.remove(home.mia, "people", [key]), home.mia, "people")


@act("notice.tried", "change")
def _(home: Home) -> Act:
    home.answer()
    return Act(home.services.sending.send_next, "job:sending")


@act("notice.failed", "change")
def _(home: Home) -> Act:
    home.answer()
    return Act(home.services.sending.send_next, "job:sending")


@act("notice.sent", "change")
def _(home: Home) -> Act:
    def arrives() -> None:
        with pytest.MonkeyPatch.context() as delivered:
            delivered.setitem(DELIVERIES, "webhook", lambda _settings, _letter: None)
            home.services.sending.send_next()

    home.answer()
    return Act(arrives, "job:sending")
