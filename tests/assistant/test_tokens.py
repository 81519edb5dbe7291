"""API tokens: a person's, for what they were made for, until they end; nothing of them is kept in clear."""

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import update

from assistant.access import User, local_operator
from assistant.clock import now
from assistant.errors import BadInput, NotAllowed, NotFound
from assistant.services import Services
from assistant.tables import ApiToken
from assistant.tokens import MOST_TOKENS
from assistant.web.rate import Rate

GOOD = "correct horse battery"


def person(services: Services, name: str) -> User:
    services.accounts.create("test", name, GOOD, must_change=False)
    return services.accounts.user_by_name(name)


def test_a_token_acts_as_its_person_for_what_it_was_made_for(services: Services) -> None:
    aki = person(services, "aki")
    secret, made = services.tokens.add(aki, "nightly report", ["search", "ask"], 30)
    caller = services.tokens.caller(secret)
    assert caller is not None
    assert (caller.user.id, caller.scopes) == (aki.id, ("ask", "search"))
    caller.require("ask")
    with pytest.raises(NotAllowed, match="scope ingest"):
        caller.require("ingest")
    assert services.tokens.listing(aki)[0].last_used_at is not None
    assert services.tokens.listing(person(services, "other")) == []
    assert made.last_used_at is None


def test_a_role_taken_away_is_taken_from_the_token_too(services: Services) -> None:
    aki = person(services, "aki")
    services.domains.add("test", "people", description_en="Leave", open_to_all=False)
    services.accounts.set_role("test", aki.id, "people", "reviewer")
    secret, _ = services.tokens.add(aki, "one", ["ask"], 1)
    assert services.tokens.caller(secret).user.roles == {"people": "reviewer"}  # type: ignore[union-attr]
    services.accounts.set_role("test", aki.id, "people", None)
    assert services.tokens.caller(secret).user.roles == {}  # type: ignore[union-attr]


def test_a_revoked_ended_or_unknown_token_and_one_of_a_closed_account_open_nothing(services: Services) -> None:
    aki, other = person(services, "aki"), person(services, "other")
    secrets = {}
    for name in ("revoked", "ended", "closed"):
        secrets[name], made = services.tokens.add(other if name == "closed" else aki, name, ["ask"], 1)
        if name == "revoked":
            with pytest.raises(NotFound):
                services.tokens.revoke(other, made.id)
            services.tokens.revoke(aki, made.id)
        if name == "ended":
            with services.database.transaction("test", "time passes") as change:
                change.session.execute(
                    update(ApiToken).where(ApiToken.id == made.id).values(expires_at=now() - timedelta(seconds=1))
                )
                change.record("time", "token", made.id)
    services.accounts.disable("test", other.id)
    assert [services.tokens.caller(secret) for secret in (*secrets.values(), "", "mdg_x")] == [None] * 5


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [("", ["ask"], 1), ("x" * 81, ["ask"], 1), ("a", [], 1), ("a", ["ask", "all"], 1), ("a", ["ask"], 0)],
)
def test_a_token_needs_a_name_scopes_and_an_end(services: Services, name: str, scopes: list[str], days: int) -> None:
    aki = services.accounts.user_by_id(services.accounts.create("test", "aki", GOOD))
    assert aki is not None
    with pytest.raises(BadInput):
        services.tokens.add(aki, name, scopes, days)


def test_nobody_has_tokens_without_number_and_the_operator_none(services: Services) -> None:
    aki = person(services, "aki")
    for number in range(MOST_TOKENS):
        services.tokens.add(aki, str(number), ["ask"], 1)
    with pytest.raises(BadInput, match="Revoke"):
        services.tokens.add(aki, "one more", ["ask"], 1)
    with services.database.read() as session:
        operator = local_operator(session, "root")
    with pytest.raises(NotAllowed, match="--as"):
        services.tokens.add(operator, "x", ["ask"], 1)


def test_a_token_is_kept_as_its_digest_only_and_its_life_is_on_record(services: Services) -> None:
    aki = person(services, "aki")
    secret, made = services.tokens.add(aki, "one", ["ask"], 1)
    for _ in range(3):
        services.tokens.caller(secret)
    services.tokens.revoke(aki, made.id)
    with services.database.engine.connect() as connection:
        rows = [str(row) for row in connection.exec_driver_sql("SELECT * FROM api_tokens")]
        chain = [str(row) for row in connection.exec_driver_sql("SELECT action, after FROM audit_entries")]
    assert not any(secret in row or secret.removeprefix("mdg_") in row for row in rows + chain)
    assert [sum(f"token.{event}" in row for row in chain) for event in ("created", "used", "revoked")] == [1, 1, 1]


@given(st.integers(1, 50), st.lists(st.floats(0, 30), max_size=200))
@example(per_minute=1, pauses=[4.2462616072860495, 0.0])
def test_in_no_minute_does_more_than_twice_the_rate_get_through(per_minute: int, pauses: list[float]) -> None:
    """A full bucket and what is filled meanwhile; and whoever waits as told gets through."""
    rate, moment, taken = Rate(per_minute), 0.0, []
    for pause in pauses:
        moment += pause
        if wait := rate.wait("k", moment):
            moment += wait
            assert rate.wait("k", moment) == 0
        taken.append(moment)
    assert all(sum(start <= at < start + 60 for at in taken) <= 2 * per_minute for start in taken)
