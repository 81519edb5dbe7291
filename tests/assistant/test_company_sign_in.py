"""Signing in with the company's account: who comes back is who left, with the rights of the groups of today."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import RSAKey
from pydantic import ValidationError

from assistant.access import User
from assistant.accounts import Accounts
from assistant.database import Database
from assistant.identity import Provider, rights_of
from assistant.provider_accounts import account_of
from assistant.schema import upgrade
from assistant.settings import Settings
from assistant.tables import Domain
from assistant.web import sign_in
from assistant.web.oidc import Company
from assistant.web.session import COOKIE
from tests.assistant.identity_provider import CLIENT, SECRET, SmallProvider, free_port, served

RIGHTS = {"hr": "people:employee", "hr-leads": "people:owner it:reviewer", "operators": "administrator"}
GOOD = "correct horse battery"


@pytest.fixture(scope="module")
def running() -> Iterator[SmallProvider]:
    port = free_port()
    provider = SmallProvider(f"http://127.0.0.1:{port}")
    with served(provider.application(), port):
        yield provider


@pytest.fixture
def provider(running: SmallProvider) -> SmallProvider:
    """The provider as it is when nobody has told it anything."""
    fresh = SmallProvider(running.issuer, key=running.key)
    running.__dict__ |= {name: value for name, value in fresh.__dict__.items() if name != "codes"}
    return running


class Door:
    """The assistant's sign-in on an empty home, and a browser."""

    def __init__(self, home: Path, issuer: str, **settings: Any) -> None:
        self.settings = Settings(
            home=home,
            oidc_issuer=issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_rights=RIGHTS,
            **settings,
        )
        self.database = Database(self.settings.database_address)
        upgrade(self.database)
        self.accounts = Accounts(self.database, 1)
        with self.database.transaction("test", "departments") as change:
            for name in ("people", "it"):
                words = dict.fromkeys(("title_ja", "title_en", "description_ja", "description_en"), name)
                change.session.add(Domain(name=name, **words, open_to_all=False, hold_below=0.5, tolerated=None))
            change.record("domain.added", "domain", "both")
        application = FastAPI()
        company = Company(Provider(self.settings), partial(account_of, self.database))
        application.include_router(sign_in.routes(self.accounts, 1, company))
        self.web = TestClient(application, base_url="http://testserver", follow_redirects=False)

    def come_back(self) -> str:
        """Leave for the provider, sign in there; where the provider sends the browser."""
        left = self.web.get("/sign-in/company")
        assert left.status_code == 303, left.text
        return httpx.get(left.headers["location"], trust_env=False).headers["location"]

    def enter(self) -> httpx.Response:
        """There and back."""
        return self.web.get(self.come_back())

    @property
    def user(self) -> User:
        """Who is signed in in this browser."""
        user = self.accounts.user_of(self.web.cookies.get(COOKIE))
        assert user is not None
        return user


@pytest.fixture
def door(provider: SmallProvider, tmp_path: Path) -> Door:
    return Door(tmp_path, provider.issuer)


def test_who_signs_in_at_the_company_gets_an_account_with_the_rights_of_the_groups(
    door: Door, provider: SmallProvider
) -> None:
    provider.groups = ["hr-leads", "hr", "something else"]
    assert door.enter().headers["location"] == "/"
    assert (door.user.name, dict(door.user.roles)) == ("Aki", {"people": "owner", "it": "reviewer"})
    assert not door.user.administrator


def test_a_group_that_was_left_takes_its_rights_away_at_the_next_sign_in(door: Door, provider: SmallProvider) -> None:
    provider.groups = ["hr-leads", "operators"]
    door.enter()
    before = door.user
    elsewhere = door.web.cookies.get(COOKIE)
    provider.groups = ["hr"]
    door.web.cookies.clear()
    door.enter()
    assert (door.user.id, dict(door.user.roles)) == (before.id, {"people": "employee"})
    assert (before.administrator, door.user.administrator) == (True, False)
    assert door.accounts.user_of(elsewhere) == door.user  # in the browser that was signed in already, too


def test_groups_may_be_told_by_the_userinfo_instead(door: Door, provider: SmallProvider) -> None:
    provider.groups, provider.in_userinfo = ["hr"], True
    door.enter()
    assert dict(door.user.roles) == {"people": "employee"}


def test_a_name_that_somebody_has_already_gives_nobody_his_account(door: Door, provider: SmallProvider) -> None:
    local = door.accounts.create("test", "aki", GOOD, administrator=True, must_change=False)
    door.enter()
    assert door.user.id != local
    first = door.user.id
    provider.person = {"sub": "u-2", "preferred_username": "aki"}
    door.web.cookies.clear()
    door.enter()
    assert door.user.id not in (local, first)


@pytest.mark.parametrize(
    "false",
    [{"nonce": "another"}, {"aud": "another"}, {"aud": [CLIENT, "another"], "azp": "another"}, {"iss": "http://another"},
     {"exp": 1}, {"iat": 99999999999}, {"sub": None}],
)  # fmt: skip
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    door: Door, provider: SmallProvider, false: dict[str, Any]
) -> None:
    provider.false = false
    answer = door.enter()
    assert answer.status_code == 400
    assert "could not be verified" in answer.text
    assert COOKIE not in door.web.cookies


def test_a_token_signed_by_another_key_is_refused(door: Door, provider: SmallProvider) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    assert "could not be verified" in door.enter().text


def test_a_changed_key_of_the_provider_is_learnt_at_the_next_try(door: Door, provider: SmallProvider) -> None:
    door.enter()
    provider.key = RSAKey.generate_key(2048, {"kid": "one"})
    door.web.cookies.clear()
    assert door.enter().status_code == 400
    assert door.enter().status_code == 303


def test_a_return_works_once_and_only_in_the_browser_that_left(door: Door) -> None:
    back = door.come_back()
    cookie = dict(door.web.cookies)
    door.web.cookies.clear()
    assert "another browser" in door.web.get(back).text
    door.web.cookies.update(cookie)
    assert "another browser" in door.web.get(back).text  # used up by the first try
    door.web.cookies.clear()
    assert door.enter().status_code == 303
    for made_up in ("?state=x&code=y", "?code=y", "", "?state=%00&code=%00"):
        assert door.web.get(f"/sign-in/company/return{made_up}").status_code == 400


def test_who_is_refused_there_is_told_so_here(door: Door, provider: SmallProvider) -> None:
    provider.refuse = True
    assert "did not let you in" in door.enter().text


def test_a_provider_that_is_down_is_one_sentence_and_local_accounts_still_work(tmp_path: Path) -> None:
    door = Door(tmp_path, f"http://127.0.0.1:{free_port()}")
    door.accounts.create("test", "local", GOOD, must_change=False)
    assert "/sign-in/company" in door.web.get("/sign-in").text
    for language, words in (("ja", "会社のサインインにつながりません"), ("en", "does not answer at the moment")):
        answer = door.web.get("/sign-in/company", headers={"accept-language": language})
        assert (answer.status_code, words in answer.text) == (400, True)
        assert 'action="/sign-in"' in answer.text
    assert door.web.post("/sign-in", data={"name": "local", "password": GOOD}).status_code == 303


def test_nothing_is_asked_of_another_address_than_the_issuers(door: Door, provider: SmallProvider) -> None:
    provider.elsewhere = "http://127.0.0.1:1/token"
    assert "does not answer" in door.enter().text


def test_a_closed_account_stays_closed_and_has_no_password_to_guess(door: Door) -> None:
    door.enter()
    user = door.user
    assert door.web.post("/sign-in", data={"name": "aki", "password": ""}).status_code in (400, 422)
    door.accounts.disable("test", user.id)
    assert "closed" in door.enter().text


@pytest.mark.parametrize("issuer", ["http://login.example.com", "ftp://login.example.com", "login.example.com"])
def test_a_provider_is_asked_over_an_encrypted_line_only(issuer: str) -> None:
    with pytest.raises(ValidationError):
        Settings(oidc_issuer=issuer)


@pytest.mark.parametrize("words", ["", "people", "people:king", "administrators", "people:owner,it:owner"])
def test_rights_that_cannot_be_are_refused_at_the_start(words: str) -> None:
    with pytest.raises(ValidationError):
        Settings(oidc_rights={"group": words})


@given(st.dictionaries(st.sampled_from("abc"), st.lists(st.sampled_from(
    ["administrator", *(f"{d}:{r}" for d in ("people", "it") for r in ("employee", "reviewer", "owner"))]), min_size=1,
).map(" ".join)), st.sets(st.sampled_from("abc")))  # fmt: skip
def test_more_groups_never_give_fewer_rights_and_no_group_gives_none(rights: dict[str, str], groups: set[str]) -> None:
    rank = {None: 0, "employee": 1, "reviewer": 2, "owner": 3}
    none, administrator = rights_of([], rights)
    assert set(none.values()) <= {None}
    assert not administrator
    some, every = rights_of(sorted(groups), rights)[0], rights_of(["a", "b", "c"], rights)[0]
    assert set(none) == set(some) == set(every)
    assert all(rank[some[d]] <= rank[every[d]] for d in some)
