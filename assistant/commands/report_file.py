"""How commands hand a report over: printed, or written to the file that `--report` names."""

from pathlib import Path
from typing import Annotated

import typer

from assistant.commands.output import spoken
from assistant.errors import BadInput
from assistant.plain_report import Report, as_html, as_markdown, as_text
from assistant.wording import say

ReportFile = Annotated[Path | None, typer.Option(metavar="FILE", help="Write it here: .md or .html.")]


def check_format(file: Path | None) -> None:
    """Raise BadInput, before anything is asked, where a report cannot be written under that name."""
    if file is not None and file.suffix not in (".md", ".html"):
        raise BadInput("report_format", file=file.name)


def delivered(made: Report, file: Path | None) -> str:
    """The report for reading, or, once it is written, where it is."""
    if file is None:
        return as_text(made)
    file.write_text(as_markdown(made) if file.suffix == ".md" else as_html(made, spoken()), "utf-8")
    return say(spoken(), "check.saved", file=file)
