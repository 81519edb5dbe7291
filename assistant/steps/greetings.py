"""Greetings and thanks: they ask nothing, whatever a department's documents lie near to."""

from functools import lru_cache
from importlib.resources import files

from assistant.steps.review import same_words


def is_greeting(message: str) -> bool:
    """Whether a message is nothing else, in Japanese or English."""
    return same_words(message) in _greetings()


@lru_cache(maxsize=1)
def _greetings() -> frozenset[str]:
    lines = (files("assistant.steps") / "greetings.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(map(same_words, lines))
