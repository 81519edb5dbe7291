"""`madoguchi domain check NAME`: is a department ready for a trial?"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from assistant.clock import now
from assistant.commands.domain import group
from assistant.commands.output import As, Json, acting, asked, emit, home, spoken
from assistant.domain_findings import advice, remarks
from assistant.domain_report import report as words_of
from assistant.errors import BadInput
from assistant.plain_report import as_html, as_markdown
from assistant.wording import say


def check(
    name: str,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask the questions kept for the threshold first (minutes).")
    ] = False,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it here: .md or .html.")] = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Say whether a department is ready for a trial: what it has, how well that is found and answered, what to do."""
    if report is not None and report.suffix not in (".md", ".html"):
        raise BadInput("report_format", file=report.name)
    with home() as services:
        user = acting(services, as_user)
        if ask:
            services.domain_checks.ask(user, name, asked)
        found = services.domain_checks.check(user, name)
        made = words_of(spoken(), found, services.domains.get(name), now())
    written = as_markdown(made)
    if report is not None:
        report.write_text(written if report.suffix == ".md" else as_html(made, spoken()), "utf-8")
        written = say(spoken(), "check.saved", file=report)
    advised = asdict(advice(found)) | {"remarks": [asdict(one) for one in remarks(found)]}
    emit(found.as_dict() | advised, json, written)


def register(_application: typer.Typer) -> None:
    """Put the command among those of departments."""
    group.command("check")(check)
