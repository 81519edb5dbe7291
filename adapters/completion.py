"""What goes into the language model and what comes out, without the weight of its libraries."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One prompt of a batch. `stopped` is asked before every token and names the reason to stop, if any."""

    tokens: list[int]
    adapter: str | None
    max_new_tokens: int
    stopped: Callable[[], str | None]


@dataclass(frozen=True)
class Completion:
    """What was generated for a row. Probabilities are of the chosen (most likely) tokens; None if there are none."""

    text: str
    tokens: list[int]
    first_token_probability: float | None
    minimum_token_probability: float | None
    finish_reason: str  # stop | length | cancelled | deadline
