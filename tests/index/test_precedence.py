"""Who reads files lets whoever searches go first, and comes to his turn all the same."""

import threading
import time
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy.orm import Session

from index import precedence as module
from index.precedence import Precedence

QUESTION = "annual leave days"
LONGEST = 0.5  # a busy machine stops a test for a tenth of a second

pytestmark = pytest.mark.usefixtures("longer")


@pytest.fixture
def longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", LONGEST)


@pytest.fixture
def document(shelf: Any) -> str:
    """One that somebody has searched for."""
    shelf.put("leave.md", "# Leave\n\nStaff receive 25 days of annual leave.\n")
    found: str = shelf.search(QUESTION)[0].passage.document
    return found


def seconds_given(precedence: Precedence) -> float:
    began = time.monotonic()
    precedence.give()
    return time.monotonic() - began


def test_nobody_waits_where_nobody_searches() -> None:
    assert seconds_given(Precedence()) < LONGEST


def test_a_reader_goes_on_when_the_last_of_two_searches_has_ended() -> None:
    precedence, going_on, on = Precedence(), ExitStack(), threading.Event()
    with precedence.taken():
        going_on.enter_context(precedence.taken())
    assert seconds_given(precedence) >= LONGEST  # one still searches

    def read() -> None:
        time.sleep(LONGEST)  # the turn that the wait before has earned
        precedence.give()
        on.set()

    reader = threading.Thread(target=read)
    reader.start()
    going_on.close()
    assert on.wait(10)
    reader.join()


def test_where_searches_never_end_half_of_the_time_is_the_readers() -> None:
    precedence = Precedence()
    with precedence.taken():
        assert seconds_given(precedence) >= LONGEST
        assert seconds_given(precedence) < LONGEST  # his turn
        time.sleep(LONGEST)
        assert seconds_given(precedence) >= LONGEST


def test_what_is_published_is_ready_before_the_next_search(shelf: Any, document: str) -> None:
    index = shelf.index
    with Session(shelf.engine) as session:
        index.library.delete(session, document)
        made = index.ahead(session)
        session.commit()
    index.adopt(made)
    ready = index.generation
    assert not shelf.search(QUESTION)
    assert index.generation == ready


def test_what_was_made_ahead_and_not_committed_is_never_searched(shelf: Any, document: str) -> None:
    with Session(shelf.engine) as session:
        shelf.index.library.delete(session, document)
        assert shelf.index.ahead(session) is not None
        session.rollback()
    assert [hit.passage.document for hit in shelf.search(QUESTION)] == [document]


def test_nothing_is_made_ahead_where_nobody_searches(shelf: Any, document: str) -> None:
    with Session(shelf.engine) as session:
        shelf.index.library.delete(session, document)
        assert shelf.index.ahead(session) is not None
        assert shelf.index.ahead(session) is None
