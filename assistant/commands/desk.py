"""`madoguchi desk list`, `desk answer TICKET --text …`, `desk sample` and `desk judge ANSWER --verdict …`."""

from typing import Annotated

import typer

from assistant.commands.output import As, Json, acting, emit, home, spoken
from assistant.wording import say

group = typer.Typer(no_args_is_help=True, help="Questions that wait for a person.")


@group.command("list")
def listing(
    answered: Annotated[bool, typer.Option(help="Those that have been answered.")] = False,
    as_user: As = None,
    json: Json = False,
) -> None:
    """List the questions at one's desks, oldest first."""
    with home() as services:
        tickets = services.desk.queue(acting(services, as_user), answered=answered)
    human = "\n".join(
        f"{t.id}  {say(spoken(), f'desk.kind_{t.kind}'):<10}  {t.domain or '-':<12}  {t.question}" for t in tickets
    )
    emit([ticket.as_dict() for ticket in tickets], json, human)


@group.command("answer")
def answer(
    ticket: str,
    text: Annotated[str, typer.Option(help="The reply to the person who asked.")],
    verdict: Annotated[str | None, typer.Option(help="Of the draft: right, partly or wrong.")] = None,
    cause: Annotated[str | None, typer.Option(help="What failed, if the draft was not right.")] = None,
    severity: Annotated[str | None, typer.Option(help="low, medium or high.")] = None,
    keep: Annotated[bool, typer.Option(help="Let it answer the next person who asks the same.")] = False,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Reply; the answer appears in the asker's conversation."""
    with home() as services:
        done = services.desk.answer(
            acting(services, as_user),
            ticket,
            text,
            verdict=verdict,
            cause=cause,
            severity=severity,
            keep=keep,
        )
    emit(done.as_dict(), json, say(spoken(), "desk.sent"))


@group.command("sample")
def sample(as_user: As = None, json: Json = False) -> None:
    """List shown answers that are to be judged: a few a day, drawn by chance."""
    with home() as services:
        found = services.samples.waiting(acting(services, as_user))
    rows = [vars(one) | {"day": one.day.isoformat(), "answer": one.answer.as_dict()} for one in found]
    human = "\n".join(f"{one.id}  {one.day}  {one.domain:<12}  {one.question} → {one.answer.answer}" for one in found)
    emit(rows, json, human)


@group.command("judge")
def judge(
    answer: str,
    verdict: Annotated[str, typer.Option(help="right, partly or wrong.")],
    cause: Annotated[str | None, typer.Option(help="What failed, if it was not right.")] = None,
    severity: Annotated[str | None, typer.Option(help="low, medium or high.")] = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Say whether a sampled answer is right."""
    with home() as services:
        services.samples.judge(acting(services, as_user), answer, verdict, cause, severity)
    emit({"answer": answer, "verdict": verdict}, json, say(spoken(), "desk.judged"))


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    application.add_typer(group, name="desk")
