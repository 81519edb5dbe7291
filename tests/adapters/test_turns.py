"""Turns: one at a time, and nobody for whom a person waits stands behind those who can wait."""

import threading
import time

from adapters.turns import Turns


def test_who_comes_first_is_next_however_many_wait_before() -> None:
    turns, done = Turns(), []

    def take(kind: str) -> None:
        with turns.first() if kind == "first" else turns.later():
            done.append(kind)

    with turns.later():
        waiting = [threading.Thread(target=take, args=(kind,)) for kind in ["later"] * 5 + ["first"] * 3]
        for thread in waiting:
            thread.start()
        while turns._first < 3:  # until all who come first are there
            time.sleep(0.01)
        assert done == []
    for thread in waiting:
        thread.join()
    assert done == ["first"] * 3 + ["later"] * 5


def test_two_are_never_at_it_at_once_and_a_failure_gives_the_turn_back() -> None:
    turns, inside, most = Turns(), [0], [0]

    def take(number: int) -> None:
        try:
            with turns.first() if number % 3 == 0 else turns.later():
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.001)
                inside[0] -= 1
                if number % 5 == 0:
                    raise ValueError(number)
        except ValueError:
            pass

    threads = [threading.Thread(target=take, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == [1]
    assert not any(thread.is_alive() for thread in threads)
