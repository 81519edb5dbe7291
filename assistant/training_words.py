"""A training's cost and its end, in words; the same on the page and on the command line."""

from assistant.training_costs import Cost
from assistant.trainings import RunInfo
from assistant.wording import Language, say


def expected(language: Language, found: Cost) -> str:
    """What a training will take, as far as that can be told."""
    figures = {
        "memory": found.memory / 1e9,
        "free": found.free / 1e9,
        "runs": found.runs,
        "examples": found.examples,
    }
    if found.seconds is None:
        return say(language, "training.cost_unknown", **figures)
    return say(language, "training.cost", minutes=max(1, round(found.seconds / 60)), **figures)


def ended(language: Language, run: RunInfo) -> list[str]:
    """Why a finished training ended before all its steps; nothing where it did not."""
    why = (run.result or {}).get("ended", "done")
    return [] if why == "done" else [say(language, f"training.ended_{why}")]
