"""What is told of a department that was closed; the same on the page and on the command line."""

from assistant.domains import DomainInfo, Domains
from assistant.wording import Language, say


def closing_told(domains: Domains, language: Language, closed: DomainInfo, waiting: int) -> str:
    """That a department is closed, and where its questions are now."""
    told = {"domain": closed.title(language), "waiting": waiting}
    if closed.successor is None:
        return say(language, "departments.closed_to_administrators", **told)
    return say(language, "departments.closed_to", **told, successor=domains.title(closed.successor, language))
