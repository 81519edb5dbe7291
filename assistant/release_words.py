"""A department's promise about wrong answers, in words; the same on the page and on the command line."""

from assistant.domains import DomainInfo
from assistant.release import Preview
from assistant.wording import Language, say


def promised(language: Language, found: Preview) -> str:
    """What can be promised, or why nothing can be yet."""
    kept = found.promise
    figures = vars(kept) | {"tolerated": 100 * kept.tolerated, "hold_below": found.hold_below}
    if kept.bound is None:
        return say(language, "release.not_kept", **figures)
    return say(language, "release.kept", **figures | {"bound": 100 * kept.bound})


def released(language: Language, info: DomainInfo) -> str:
    """How a department releases answers now."""
    way = say(language, f"release.way_{info.release}")
    told = say(language, "release.now", domain=info.title(language), way=way, hold_below=info.hold_below)
    if info.tolerated is not None:
        told += say(language, "release.now_promise", tolerated=100 * info.tolerated)
    return told
