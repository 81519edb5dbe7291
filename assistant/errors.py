"""The errors of this room, split by what the caller can do.

Refusal
├── BadInput      change what you sent
├── NotFound      it does not exist, or not for you: the two look alike on purpose
├── NotAllowed    ask someone with the right, or sign in
├── Conflict      somebody was faster, or the state moved on: look again
└── Busy          try again later

Each carries `code` and `params`, from which `wording.say_error` makes a sentence in the person's language.
"""

from typing import Any

from assistant.wording import say


class Refusal(Exception):
    """Something was asked that will not be done; nothing was changed."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(say("en", f"error.{code}", **params))


class BadInput(Refusal):
    """What was sent cannot be used as it is."""


class NotFound(Refusal):
    """There is no such thing for this person."""


class NotAllowed(Refusal):
    """This person may not do that."""


class Conflict(Refusal):
    """The state has moved on since it was looked at."""


class Busy(Refusal):
    """Too much is waiting already."""
