"""Accounts: the first administrator, signing in, rights that count from this moment, passwords."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from assistant import accounts as module
from assistant.clock import now
from assistant.errors import BadInput, Conflict, NotAllowed, NotFound
from assistant.services import Services
from assistant.tables import Account, OneTimeLink, SignIn

GOOD = "correct horse battery"


@pytest.fixture
def person(services: Services) -> str:
    return services.accounts.create("test", "Aki", GOOD, must_change=False)


def test_the_one_time_link_makes_one_administrator_who_owns_every_department(services: Services) -> None:
    services.domains.add("test", "people", description_en="leave")
    token = services.accounts.one_time_link("test")
    account = services.accounts.redeem_link(token, "boss", GOOD, "The Boss")
    user = services.accounts.user_by_id(account)
    assert user is not None
    assert (user.administrator, dict(user.roles)) == (True, {"people": "owner"})
    with pytest.raises(NotAllowed):
        services.accounts.redeem_link(token, "second", GOOD, "")


def test_an_old_or_expired_link_is_refused(services: Services) -> None:
    old = services.accounts.one_time_link("test")
    new = services.accounts.one_time_link("test")
    assert not services.accounts.link_is_valid(old)
    with services.database.transaction("test", "time passes") as change:
        change.session.execute(update(OneTimeLink).values(expires_at=now() - timedelta(seconds=1)))
        change.record("time", "link", "all")
    assert not services.accounts.link_is_valid(new)


def test_signing_in_gives_a_token_that_works_until_it_ends(services: Services, person: str) -> None:
    token = services.accounts.sign_in("ＡＫＩ", GOOD)  # full-width letters are the same name
    user = services.accounts.user_of(token)
    assert user is not None
    assert user.account == person
    services.accounts.end_session(token)
    assert services.accounts.user_of(token) is None


def test_a_sign_in_expires(services: Services, person: str) -> None:
    token = services.accounts.sign_in("aki", GOOD)
    with services.database.transaction("test", "time passes") as change:
        change.session.execute(update(SignIn).values(expires_at=now() - timedelta(seconds=1)))
        change.record("time", "sign-in", "all")
    assert services.accounts.user_of(token) is None


def test_a_wrong_name_and_a_wrong_password_are_told_apart_by_nobody(services: Services, person: str) -> None:
    said = set()
    for name, password in (("aki", "wrong password"), ("nobody", GOOD), ("a b", GOOD), ("", "")):
        with pytest.raises(NotAllowed) as refused:
            services.accounts.sign_in(name, password)
        said.add(str(refused.value))
    assert len(said) == 1


def test_too_many_wrong_passwords_lock_the_account_for_a_while(
    services: Services, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(module.FAILURES_BEFORE_LOCK):
        with pytest.raises(NotAllowed):
            services.accounts.sign_in("aki", "wrong password")
    with pytest.raises(NotAllowed):
        services.accounts.sign_in("aki", GOOD)
    later = now() + module.LOCK
    monkeypatch.setattr(module, "now", lambda: later)
    assert services.accounts.sign_in("aki", GOOD)


def test_a_changed_password_ends_all_other_sign_ins(services: Services, person: str) -> None:
    token = services.accounts.sign_in("aki", GOOD)
    services.accounts.change_password(person, GOOD, "another good password")
    assert services.accounts.user_of(token) is None
    with pytest.raises(NotAllowed):
        services.accounts.sign_in("aki", GOOD)
    assert services.accounts.sign_in("aki", "another good password")


@pytest.mark.parametrize("password", ["", "short", "x" * 201])
def test_a_password_has_a_sensible_length(services: Services, password: str) -> None:
    with pytest.raises(BadInput):
        services.accounts.create("test", "aki", password)


@pytest.mark.parametrize("name", ["", "a b", "x" * 81, "bad\x00name"])
def test_a_name_that_cannot_be_one_is_refused(services: Services, name: str) -> None:
    with pytest.raises(BadInput):
        services.accounts.create("test", name, GOOD)


def test_two_people_cannot_have_one_name(services: Services, person: str) -> None:
    with pytest.raises(Conflict):
        services.accounts.create("test", "AKI", GOOD)


def test_a_disabled_account_can_do_nothing_from_that_moment(services: Services, person: str) -> None:
    token = services.accounts.sign_in("aki", GOOD)
    services.accounts.disable("test", person)
    assert services.accounts.user_of(token) is None
    assert services.accounts.user_by_id(person) is None
    with pytest.raises(NotAllowed):
        services.accounts.sign_in("aki", GOOD)


def test_who_forgot_the_password_or_was_closed_out_comes_in_again_with_a_first_one(
    services: Services, person: str
) -> None:
    token = services.accounts.sign_in("aki", GOOD)
    services.accounts.disable("test", person)
    services.accounts.give_password("test", person, "another horse battery")
    assert services.accounts.user_of(token) is None
    with pytest.raises(NotAllowed):
        services.accounts.sign_in("aki", GOOD)
    user = services.accounts.user_of(services.accounts.sign_in("aki", "another horse battery"))
    assert user is not None and user.must_change_password
    with pytest.raises(BadInput):
        services.accounts.give_password("test", person, "short")
    with services.database.transaction("test", "as a provider's, or erased") as change:
        change.session.get_one(Account, person).password_hash = None
        change.record("password.changed", "account", person)
    with pytest.raises(NotAllowed):
        services.accounts.give_password("test", person, "another horse battery")


def test_a_role_counts_at_once_and_is_gone_at_once(services: Services, person: str) -> None:
    services.domains.add("test", "secret", description_en="secrets", open_to_all=False)
    token = services.accounts.sign_in("aki", GOOD)

    def roles() -> dict[str, str]:
        user = services.accounts.user_of(token)
        return dict(user.roles) if user else {}

    assert roles() == {}
    services.accounts.set_role("test", person, "secret", "reviewer")
    assert roles() == {"secret": "reviewer"}
    services.accounts.set_role("test", person, "secret", None)
    assert roles() == {}


def test_unknown_roles_domains_and_people_are_refused(services: Services, person: str) -> None:
    services.domains.add("test", "people", description_en="leave")
    with pytest.raises(BadInput):
        services.accounts.set_role("test", person, "people", "king")
    with pytest.raises(NotFound):
        services.accounts.set_role("test", person, "nowhere", "owner")
    with pytest.raises(NotFound):
        services.accounts.set_role("test", "nobody", "people", "owner")


def test_no_password_and_no_token_is_kept_in_clear(services: Services, person: str) -> None:
    token = services.accounts.sign_in("aki", GOOD)
    link = services.accounts.one_time_link("test")
    with services.database.engine.connect() as connection:
        for table in ("accounts", "sign_ins", "one_time_links", "audit_entries"):
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}"):  # noqa: S608  # names are ours
                assert not any(secret in str(row) for secret in (GOOD, token, link))


NAMES = {
    "arabic": "محمد بن سلمان",
    "hangul": "김민수",
    "thai": "สมชาย ใจดี",
    "combining": "Zoë\u0301\u0323 Müller",
    "emoji": "👩🏽‍💻 Ada",
    "kanji outside the basic plane": "𠮷野家",
    "apostrophe and ampersand": "O'Neil & <Söhne>",
}


@pytest.mark.parametrize("script", NAMES)
def test_a_person_is_called_what_he_is_called_in_any_script(services: Services, script: str) -> None:
    account = services.accounts.create("test", "someone", GOOD, display_name=NAMES[script], must_change=False)
    known = services.accounts.user_by_id(account)
    assert known is not None and known.name == NAMES[script]
    assert [one.display_name for one, _ in services.accounts.listing()] == [NAMES[script]]
