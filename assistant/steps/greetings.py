"""Greetings and thanks: they ask nothing, whatever a department's documents lie near to."""

import unicodedata
from functools import lru_cache
from importlib.resources import files


def is_greeting(message: str) -> bool:
    """Whether a message is nothing else, in Japanese or English."""
    return _letters(message) in _greetings()


@lru_cache(maxsize=1)
def _greetings() -> frozenset[str]:
    lines = (files("assistant.steps") / "greetings.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(map(_letters, lines)) - {""}


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalpha())
