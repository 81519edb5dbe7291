"""A desk's figures in words, for the page and the command line."""

from assistant.figures import Figures
from assistant.wording import Language, say


def figure_rows(language: Language, found: Figures) -> list[tuple[str, str]]:
    """Names with their values."""

    def hours(value: float | None) -> str:
        return "–" if value is None else say(language, "figures.hours", hours=value)

    values = {
        "open": str(found.open),
        "overdue": str(found.overdue),
        "oldest": hours(found.oldest_hours),
        "answered": str(found.answered),
        "first_reply": f"{hours(found.first_reply_hours_median)} / {hours(found.first_reply_hours_p90)}",
        "reopened": str(found.reopened),
        "wrong": say(language, "figures.of", share=found.wrong, count=found.wrong.of),
    }
    return [(say(language, f"figures.{name}", days=found.days), value) for name, value in values.items()]
