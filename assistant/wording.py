"""What people read: every sentence in Japanese and English, from `texts/ja.toml` and `texts/en.toml`.

Knows keys and placeholders only; which sentence fits when is decided elsewhere.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, Protocol, runtime_checkable

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = ("ja", "en")


@runtime_checkable
class Coded(Protocol):
    """An error that says what happened by a stable code, so that it can be told in either language."""

    code: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Sentences:
    """Sentences to be said inside another one, in its language: each a key and what it takes."""

    told: tuple[tuple[str, Mapping[str, Any]], ...]


def as_language(value: str | None, default: Language = "en") -> Language:
    """`value` if it is a language we speak, else `default`."""
    return value if value in LANGUAGES else default


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All sentences of one language, flattened to `section.name`."""
    tree = tomllib.loads((files("assistant") / "texts" / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{section}.{name}": text for section, texts in tree.items() for name, text in texts.items()}


def say(language: Language, key: str, /, **params: object) -> str:
    """The sentence `key` in `language`. Raises KeyError for an unknown key or a missing placeholder."""
    return catalogue(language)[key].format(**{name: _said(language, one) for name, one in params.items()})


class _Number(int):
    """A number that takes the word for one or for many: '{count:day|days}' is '1 day', '2 days'."""

    def __format__(self, form: str) -> str:
        one, either, many = form.partition("|")
        return f"{self:d} {one if self == 1 else many}" if either else int.__format__(self, form)


def _said(language: Language, value: object) -> object:
    if isinstance(value, Sentences):
        return " ".join(say(language, key, **params) for key, params in value.told)
    return _Number(value) if type(value) is int else value


def say_error(language: Language, error: Exception) -> str:
    """One sentence for an error: by its code where the catalogue has it, else the error's own words."""
    if isinstance(error, Coded) and f"error.{error.code}" in catalogue(language):
        return say(language, f"error.{error.code}", **error.params)
    return str(error)
