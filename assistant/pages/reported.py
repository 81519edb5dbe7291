"""A plain report as markup of a page."""

from assistant.pages.markup import pairs, tag, text
from assistant.plain_report import Report


def told(made: Report) -> str:
    """Its verdict, then its sections."""
    shown = [tag("p", text(made.verdict), "notice good" if made.good else "notice error", role="status")]
    for section in made.sections:
        shown.append(tag("h3", text(section.title)))
        shown.append(pairs(section.figures) if section.figures else "")
        items = "".join(tag("li", text(sentence)) for sentence in section.sentences)
        shown.append(tag("ul", items) if items else "")
    return "".join(shown)
