"""`madoguchi desk …`: the queue, the reply, whose a question is, and the daily sample."""

from datetime import timedelta
from typing import Annotated

import typer

from assistant.clock import now
from assistant.commands.output import As, Json, acting, emit, home, spoken
from assistant.figures_words import figure_rows
from assistant.steps.explain import place
from assistant.wording import say

group = typer.Typer(no_args_is_help=True, help="Questions that wait for a person.")


@group.command("list")
def listing(
    answered: Annotated[bool, typer.Option(help="Those that have been answered.")] = False,
    domain: Annotated[str | None, typer.Option(help="Only this department's.")] = None,
    words: Annotated[
        str, typer.Option(help="Only those with these words, in the question, the note or the asker's name.")
    ] = "",
    as_user: As = None,
    json: Json = False,
) -> None:
    """List the questions at one's desks, what is due first first."""
    with home() as services:
        tickets = services.desk.queue(acting(services, as_user), answered=answered, domain=domain, words=words)
    human = "\n".join(
        f"{t.id}  {say(spoken(), f'desk.kind_{t.kind}'):<10}  {t.domain or '-':<12}  {t.question}" for t in tickets
    )
    emit([ticket.as_dict() for ticket in tickets], json, human)


@group.command("show")
def show(ticket: str, as_user: As = None, json: Json = False) -> None:
    """Show a question with its draft, and what was found for it."""
    with home() as services:
        found = services.desk.ticket(acting(services, as_user), ticket)
    kind = say(spoken(), f"desk.kind_{found.kind}")
    lines = [found.by_itself, f"{kind} · {found.domain or '-'} · {found.asker}"]
    lines += [text for text in (found.note, found.answer.draft or found.answer.answer) if text]
    lines += [f"[{one.n}] {one.file} {place(spoken(), one)}\n    {one.quote}" for one in found.answer.citations]
    emit(found.as_dict(), json, "\n".join(lines))


@group.command("answer")
def answer(
    ticket: str,
    text: Annotated[str, typer.Option(help="The reply to the person who asked.")] = "",
    verdict: Annotated[str | None, typer.Option(help="Of the draft: right, partly or wrong.")] = None,
    cause: Annotated[str | None, typer.Option(help="What failed, if the draft was not right.")] = None,
    severity: Annotated[str | None, typer.Option(help="low, medium or high.")] = None,
    keep: Annotated[bool, typer.Option(help="Let it answer the next person who asks the same.")] = False,
    replaces: Annotated[list[str] | None, typer.Option(help="An example that it contradicts and replaces.")] = None,
    beside: Annotated[bool, typer.Option(help="What is alike and says otherwise stays: another question.")] = False,
    question: Annotated[str, typer.Option(help="With --keep: what it answers, in words that others may read.")] = "",
    no_document: Annotated[bool, typer.Option(help="No document says it yet: ask the owner for one.")] = False,
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
            replaces=replaces or ([] if beside else None),
            question=question,
            no_document=no_document,
        )
    emit(done.as_dict(), json, say(spoken(), "desk.sent"))


@group.command("give")
def give(
    ticket: str,
    to: Annotated[str | None, typer.Option(metavar="USER", help="A colleague; without it, yourself.")] = None,
    domain: Annotated[str | None, typer.Option(help="Another department's desk.")] = None,
    due_hours: Annotated[float | None, typer.Option(help="Reply within so many hours.")] = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Take a question, give it to a colleague or to another desk, or say until when it should be answered."""
    with home() as services:
        user = acting(services, as_user)
        if due_hours is not None:
            services.desk.set_due(user, ticket, now() + timedelta(hours=due_hours))
        if domain is not None:
            services.desk.hand_over(user, ticket, domain)
        elif to is not None:
            services.desk.assign(user, ticket, services.accounts.user_by_name(to).id)
        elif due_hours is None:
            services.desk.claim(user, ticket)
    done = {"ticket": ticket, "to": to, "domain": domain, "due_hours": due_hours}
    emit(done, json, say(spoken(), "desk.handed_over" if domain else "desk.assigned"))


@group.command("proposals")
def proposals(as_user: As = None, json: Json = False) -> None:
    """List corrections that wait for approval, with what they contradict."""
    with home() as services:
        found = services.corrections.proposals(acting(services, as_user))
    human = "\n".join(f"{one.id}  {one.domain:<12}  {one.person}: {one.question} → {one.answer}" for one in found)
    emit([one.as_dict() for one in found], json, human)


@group.command("approve")
def approve(
    example: str,
    replaces: Annotated[list[str] | None, typer.Option(help="An example that it contradicts and replaces.")] = None,
    beside: Annotated[bool, typer.Option(help="What is alike and says otherwise stays: another question.")] = False,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Agree to a correction that waits; one's own where the department does not want two people to agree."""
    with home() as services:
        services.corrections.approve(acting(services, as_user), example, replaces or ([] if beside else None))
    emit({"example": example, "state": "approved"}, json, say(spoken(), "desk.proposal_approved"))


@group.command("decline")
def decline(
    example: str,
    reason: Annotated[str, typer.Option(help="Why; goes on record.")] = "",
    as_user: As = None,
    json: Json = False,
) -> None:
    """Say no to a proposed correction."""
    with home() as services:
        services.corrections.decline(acting(services, as_user), example, reason)
    emit({"example": example, "state": "retired"}, json, say(spoken(), "desk.proposal_declined"))


@group.command("lapsed")
def lapsed(as_user: As = None, json: Json = False) -> None:
    """List approved answers whose documents have changed: they answer nobody until somebody has looked at them."""
    with home() as services:
        found = services.rereviews.waiting(acting(services, as_user))
    human = "\n".join(f"{one.id}  {one.domain:<12}  {one.question} → {one.answer}" for one in found)
    emit([one.as_dict() for one in found], json, human)


@group.command("confirm")
def confirm(
    example: str,
    text: Annotated[str | None, typer.Option(help="Other words; without them it holds as it is.")] = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Say that an approved answer whose document has changed still holds; to take it out of use: examples retire."""
    with home() as services:
        serves = services.rereviews.confirm(acting(services, as_user), example, text)
    done = {"example": example, "state": "approved" if serves else "proposed"}
    emit(done, json, say(spoken(), "desk.lapsed_confirmed" if serves else "desk.lapsed_proposed"))


@group.command("figures")
def figures(
    domain: Annotated[str | None, typer.Option(help="Only this department's.")] = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Show what waits, for how long, what comes back, and what nobody answers, of the departments one owns."""
    with home() as services:
        user = acting(services, as_user)
        found = [services.figures.of(user, name) for name in ([domain] if domain else user.owned)]
        human = "\n".join(
            f"{services.domains.title(one.domain, spoken())}\n"
            + "\n".join(f"  {name}: {value}" for name, value in figure_rows(spoken(), one))
            for one in found
        )
    emit([one.as_dict() for one in found], json, human)


@group.command("requests")
def requests(
    closed: Annotated[bool, typer.Option(help="Those that are done with.")] = False,
    as_user: As = None,
    json: Json = False,
) -> None:
    """List what no document says yet."""
    with home() as services:
        found = services.document_requests.listing(acting(services, as_user), closed=closed)
    human = "\n".join(f"{one.id}  {one.domain:<12}  {one.question}  ({one.person})" for one in found)
    emit([one.as_dict() for one in found], json, human)


@group.command("close-request")
def close_request(
    request: str,
    remark: Annotated[str, typer.Option(help="What became of it; whoever asked reads it.")],
    as_user: As = None,
    json: Json = False,
) -> None:
    """Say what became of a request for a document."""
    with home() as services:
        services.document_requests.close(acting(services, as_user), request, remark)
    emit({"request": request, "remark": remark}, json, say(spoken(), "figures.request_closed"))


@group.command("notices")
def notices(as_user: As = None, json: Json = False) -> None:
    """List mails and webhook calls that have not arrived, with the reason; a running server sends them."""
    with home() as services:
        found = services.outbox.listing(acting(services, as_user))
    human = "\n".join(f"{one['id']}  {one['kind']}  {one['attempts']}  {one['error']}" for one in found)
    emit(found, json, human)


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
    keep: Annotated[bool, typer.Option("--keep", help="It is right, and no later version may get it wrong.")] = False,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Say whether a sampled answer is right."""
    with home() as services:
        services.samples.judge(acting(services, as_user), answer, verdict, cause, severity, keep=keep)
    emit({"answer": answer, "verdict": verdict}, json, say(spoken(), "desk.judged"))


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    application.add_typer(group, name="desk")
