"""The errors of this room, each with a stable code and the offending thing.

AdaptersError
├── ModelError      a base model cannot be used: choose another, or prepare it
├── AdapterError    an adapter is refused: nothing of it is loaded
├── QuestionsError  a questions file cannot be used (in adapters.questions)
├── PromptTooLong   shorten what is asked
└── ModelBusy       try again after `wait` seconds
"""

from typing import Any


class AdaptersError(Exception):
    """Root. `code` is stable, `params` fill the sentence in the person's language."""

    def __init__(self, code: str, message: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(message)


class ModelError(AdaptersError):
    """A base model is missing, damaged or of a kind that cannot be used."""


class AdapterError(AdaptersError):
    """An adapter is not what it has to be; nothing of it was loaded."""


class PromptTooLong(AdaptersError):
    """A prompt has more tokens than its budget."""

    def __init__(self, tokens: int, limit: int) -> None:
        super().__init__(
            "prompt_too_long",
            f"The prompt has {tokens} tokens, at most {limit} are taken. Shorten it.",
            tokens=tokens,
            limit=limit,
        )


class ModelBusy(AdaptersError):
    """The queue for the language model is full."""

    def __init__(self, wait: float) -> None:
        self.wait = wait
        super().__init__(
            "model_busy",
            f"The language model's queue is full; try again in {wait:.0f} seconds.",
            seconds=max(1, round(wait)),
        )
