"""A department's promise about wrong answers, in words; the same on the page and on the command line."""

from assistant.confidences import Refit
from assistant.domains import DomainInfo
from assistant.release import Preview
from assistant.wording import Language, say


def promised(language: Language, found: Preview) -> str:
    """What can be promised, or why nothing can be yet."""
    kept = found.promise
    figures = vars(kept) | {"tolerated": 100 * kept.tolerated, "hold_below": found.hold_below}
    if kept.bound is None:
        told = say(language, "release.not_kept", **figures)
    else:
        told = say(language, "release.kept", **figures | {"bound": 100 * kept.bound})
    return told + say(language, "why.joint") + say(language, "release.by_severity") if found.weighted else told


def own_confidence(language: Language, found: Refit) -> str:
    """What a department's confidence is weighed by, and what a fit to its verdicts would be worth."""
    now = (
        say(language, "release.own_none")
        if found.live is None
        else say(language, "release.own_live", number=found.live, since=found.live_since)
    )
    if found.before is None or found.after is None:
        worth = say(language, "release.own_too_few", verdicts=found.verdicts, needed=found.needed)
    else:
        key = "release.own_better" if found.is_better else "release.own_no_better"
        worth = say(language, key, verdicts=found.verdicts, before=found.before, after=found.after)
    return now + say(language, "why.joint") + worth


def released(language: Language, info: DomainInfo) -> str:
    """How a department releases answers now."""
    way = say(language, f"release.way_{info.release}")
    told = say(language, "release.now", domain=info.title(language), way=way, hold_below=info.hold_below)
    if info.tolerated is not None:
        told += say(language, "release.now_promise", tolerated=100 * info.tolerated)
    return told
