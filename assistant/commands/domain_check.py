"""`madoguchi domain check NAME`: is a department ready for a trial?"""

from dataclasses import asdict
from typing import Annotated

import typer

from assistant.clock import now
from assistant.commands.domain import group
from assistant.commands.output import As, Json, acting, asked, emit, home, spoken
from assistant.commands.report_file import ReportFile, check_format, delivered
from assistant.domain_findings import advice, remarks
from assistant.domain_report import report as words_of


def check(
    name: str,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask the questions kept for the threshold first (minutes).")
    ] = False,
    report: ReportFile = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Say whether a department is ready for a trial: what it has, how well that is found and answered, what to do."""
    check_format(report)
    with home() as services:
        user = acting(services, as_user)
        if ask:
            services.domain_checks.ask(user, name, asked)
        found = services.domain_checks.check(user, name)
        made = words_of(spoken(), found, services.domains.get(name), now())
    written = delivered(made, report)
    advised = asdict(advice(found)) | {"remarks": [asdict(one) for one in remarks(found)]}
    emit(found.as_dict() | advised, json, written)


def register(_application: typer.Typer) -> None:
    """Put the command among those of departments."""
    group.command("check")(check)
