"""Everything that people do which goes on record, each thing once, by the service that does it in earnest."""

import io
from collections.abc import Callable
from contextlib import suppress

from pydantic import SecretStr

from assistant import conversations
from assistant.accounts import create_account
from assistant.audit_log import Wanted
from assistant.domains import Described
from assistant.errors import NotAllowed
from assistant.identity import Identity
from assistant.provider_accounts import account_of
from assistant.settings import Settings
from assistant.settings_record import record_settings
from assistant.ticket_conversation import read_conversation
from assistant.tokens import SCOPES
from tests.assistant.audited_home import NOTE, PASSWORD, REPLY, Act, Home, Prepare

WHY = "as the board decided"
OTHER = "another battery horse"
ACTS: dict[str, tuple[str, Prepare]] = {}


def act(action: str, kind: str) -> Callable[[Prepare], Prepare]:
    """kind: change (tells before and after), new (after), gone (before), deed (changes nothing that could be told)."""

    def kept(prepare: Prepare) -> Prepare:
        ACTS[action] = kind, prepare
        return prepare

    return kept


def simple(action: str, kind: str, prepare: Prepare) -> None:
    """An act that takes one line."""
    act(action, kind)(prepare)


simple("account.created", "new", lambda h: Act(lambda: h.services.accounts.create(h.aki.actor, "new", PASSWORD), h.aki))
simple(
    "account.disabled",
    "change",
    lambda h: Act(lambda: h.services.accounts.disable(h.aki.actor, h.account("emi")), h.aki, h.account("emi")),
)
simple(
    "account.email-set",
    "change",
    lambda h: Act(
        lambda: h.services.accounts.set_email(h.aki.actor, h.account("emi"), "secret@example.com"),
        h.aki,
        h.account("emi"),
    ),
)
simple(
    "account.password-given",
    "change",
    lambda h: Act(
        lambda: h.services.accounts.give_password(h.aki.actor, h.account("emi"), "another horse battery"),
        h.aki,
        h.account("emi"),
    ),
)
simple(
    "role.changed",
    "change",
    lambda h: Act(
        lambda: h.services.accounts.set_role(h.aki.actor, h.account("emi"), "it", "owner"), h.aki, h.account("emi")
    ),
)
simple(
    "sign-in.started",
    "new",
    lambda h: Act(lambda: h.private.append(h.services.accounts.sign_in("emi", PASSWORD)), h.emi),
)
simple(
    "link.created",
    "new",
    lambda h: Act(lambda: h.private.append(h.services.accounts.one_time_link("cli:serve")), "cli:serve"),
)
simple(
    "domain.added",
    "new",
    lambda h: Act(lambda: h.services.domains.add(h.aki.actor, "quality", description_en="-"), h.aki, "quality"),
)
simple(
    "domain.described",
    "change",
    lambda h: Act(
        lambda: h.services.domains.describe(h.aki, "people", WHY, Described(description_en="Leave")),
        h.aki,
        "people",
        WHY,
    ),
)
simple(
    "domain.closed",
    "change",
    lambda h: Act(lambda: h.services.domains.close(h.aki, "people", WHY, "it"), h.aki, "people", WHY),
)


@act("domain.reopened", "change")
def _reopened(h: Home) -> Act:
    h.services.domains.close(h.aki, "people", "a mistake")
    return Act(lambda: h.services.domains.reopen(h.aki, "people", WHY), h.aki, "people", WHY)


simple(
    "desk.set",
    "change",
    lambda h: Act(lambda: h.services.domains.set_desk(h.aki, "people", WHY, due_hours=3), h.aki, "people", WHY),
)
simple(
    "release.set",
    "change",
    lambda h: Act(lambda: h.services.releases.set(h.aki, "people", WHY, release="review"), h.aki, "people", WHY),
)
simple("retention.set", "change", lambda h: Act(lambda: h.services.retention.set(h.aki, "people", 30), h.aki, "people"))
simple(
    "person.exported",
    "deed",
    lambda h: Act(lambda: h.services.personal.export(h.emi, h.emi.id, io.BytesIO()), h.emi, h.emi.id),
)
simple(
    "audit.exported",
    "deed",
    lambda h: Act(lambda: list(h.services.audit_log.export(h.aki, Wanted(who="secret name"), "csv")), h.aki),
)
simple(
    "audit.checkpointed",
    "deed",
    lambda h: Act(lambda: h.services.audit_log.checkpoint(h.aki, h.folder / "points"), h.aki),
)
simple(
    "settings.changed",
    "change",
    lambda h: Act(lambda: record_settings(h.services.database, with_secrets(h), "cli:serve"), "cli:serve"),
)
simple("question.asked", "new", lambda h: Act(h.answer, h.emi))
simple("conversation.started", "deed", lambda h: Act(h.answer, h.emi))
simple("answer.recorded", "new", lambda h: Act(h.answer, h.emi))
simple("ticket.opened", "new", lambda h: Act(h.answer, h.emi))
simple("notice.written", "new", lambda h: Act(h.answer, h.emi))
simple("document.received", "new", lambda h: Act(lambda: h.document("emi", read=False), h.emi))
simple("example.exported", "deed", lambda h: Act(lambda: h.services.examples.export(h.rui, "people"), h.rui, "people"))
simple(
    "token.created",
    "new",
    lambda h: Act(lambda: h.private.append(h.services.tokens.add(h.emi, NOTE, SCOPES, 3)[0]), h.emi),
)


def with_secrets(home: Home) -> Settings:
    home.private.append("hunter2")
    return Settings(
        home=home.folder,
        database="postgresql+psycopg://m:hunter2@db/records",
        mail_password=SecretStr("hunter2"),
        webhooks="https://hooks.example/T0/B0/hunter2",
        webhook_secret=SecretStr("hunter2"),
    )


@act("account.changed", "change")
def _(home: Home) -> Act:
    with home.services.database.transaction("test", "known to the provider") as change:
        row = create_account(change, "ivy", None, "secret name ivy")
        row.issuer, row.subject = "https://idp", "7"
    who = Identity("https://idp", "7", "ivy", "secret name ivy", {}, administrator=True)
    return Act(lambda: account_of(home.services.database, who), "identity provider", row.id)


@act("password.changed", "change")
def _(home: Home) -> Act:
    home.services.accounts.sign_in("emi", PASSWORD)
    home.private.append(OTHER)
    account = home.account("emi")
    return Act(lambda: home.services.accounts.change_password(account, PASSWORD, OTHER), home.emi, account)


@act("sign-in.refused", "change")
def _(home: Home) -> Act:
    def wrong() -> None:
        with suppress(NotAllowed):
            home.services.accounts.sign_in("emi", OTHER)

    return Act(wrong, home.emi, home.account("emi"))


@act("sign-in.ended", "change")
def _(home: Home) -> Act:
    token = home.services.accounts.sign_in("emi", PASSWORD)
    return Act(lambda: home.services.accounts.end_session(token), home.emi, home.account("emi"))


@act("token.used", "change")
def _(home: Home) -> Act:
    secret, token = home.services.tokens.add(home.emi, "mine", SCOPES, 3)
    home.private.append(secret)
    return Act(lambda: home.services.tokens.caller(secret), home.emi, token.id)


@act("token.revoked", "change")
def _(home: Home) -> Act:
    _, token = home.services.tokens.add(home.emi, "mine", SCOPES, 3)
    return Act(lambda: home.services.tokens.revoke(home.aki, token.id), home.aki, token.id)


@act("person.erased", "gone")
def _(home: Home) -> Act:
    home.answer()
    return Act(lambda: home.services.personal.erase(home.aki, home.account("emi")), home.aki, home.account("emi"))


@act("conversation.deleted", "gone")
def _(home: Home) -> Act:
    home.answer()
    return Act(lambda: home.services.personal.forget_conversations(home.emi), home.emi, home.account("emi"))


@act("retention.applied", "gone")
def _(home: Home) -> Act:
    home.answer("declined")
    home.services.retention.set(home.aki, "people", 1)
    home.make_old()
    return Act(home.services.retention.apply, "job:retention")


@act("answer.read", "deed")
def _(home: Home) -> Act:
    asked = home.answer()
    return Act(lambda: home.services.provenances.of(home.rui, asked.id, WHY), home.rui, asked.id, WHY)


@act("conversation.read", "deed")
def _(home: Home) -> Act:
    asked, database = home.answer(), home.services.database
    return Act(lambda: read_conversation(database, home.rui, str(asked.ticket)), home.rui, asked.conversation)


@act("verdict.given", "change")
def _(home: Home) -> Act:
    asked = home.answer()
    home.services.desk.flag(home.emi, asked.id, NOTE, REPLY)
    return Act(lambda: home.services.desk.approve(home.emi, asked.id), home.emi, asked.id)


@act("reply.seen", "change")
def _(home: Home) -> Act:
    asked, database = home.answered(), home.services.database
    return Act(lambda: conversations.see(database, home.emi, asked.conversation), home.emi, asked.conversation)
