"""`madoguchi domain add`, `describe`, `list`, `close`, `reopen`, `load`, `release`, `retention` and `desk`."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.commands.lines import lines_of
from assistant.commands.output import As, Json, acting, asked, emit, home, spoken
from assistant.departments_words import closing_told
from assistant.domains import DomainInfo
from assistant.errors import NotFound
from assistant.example import load_domains
from assistant.release import WAYS
from assistant.release_words import own_confidence, promised, released
from assistant.retention import Kept
from assistant.wording import say

group = typer.Typer(no_args_is_help=True, help="Departments that answer questions.")


@group.command("add")
def add(
    name: str,
    description: Annotated[str, typer.Option(help="What it answers, in a sentence (English or any language).")],
    description_ja: Annotated[str, typer.Option(help="The same in Japanese.")] = "",
    title_en: Annotated[str, typer.Option(help="Its name in English.")] = "",
    title_ja: Annotated[str, typer.Option(help="Its name in Japanese.")] = "",
    questions: Annotated[Path | None, typer.Option(help="File of example questions, one a line.")] = None,
    restricted: Annotated[bool, typer.Option(help="Only for accounts with a role in it.")] = False,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Add a department."""
    lines = lines_of(questions) if questions else []
    with home() as services:
        user = acting(services, as_user)
        user.require_administrator()
        info = services.domains.add(
            user.actor,
            name,
            description_en=description,
            description_ja=description_ja,
            title_en=title_en,
            title_ja=title_ja,
            questions=lines,
            open_to_all=not restricted,
        )
    emit(asdict(info), json, f"{info.name}: {info.title(spoken())} ({info.examples})")


@group.command("describe")
def describe(
    name: str,
    description: Annotated[str | None, typer.Option(help="What it answers, in a sentence, in English.")] = None,
    description_ja: Annotated[str | None, typer.Option(help="The same in Japanese.")] = None,
    title_en: Annotated[str | None, typer.Option(help="Its name in English.")] = None,
    title_ja: Annotated[str | None, typer.Option(help="Its name in Japanese.")] = None,
    questions: Annotated[
        Path | None, typer.Option(help="File of example questions, one a line; in place of those there are.")
    ] = None,
    restricted: Annotated[
        bool | None, typer.Option("--restricted/--open", help="Only for accounts with a role in it, or for all.")
    ] = None,
    remark: Annotated[str, typer.Option(help="Why; goes on record. Without it nothing is changed.")] = "",
    as_user: As = None,
    json: Json = False,
) -> None:
    """Show what was said of a department, or say it anew."""
    with home() as services:
        user = acting(services, as_user)
        said = services.domains.described(user, name)
        given = {
            "description_en": description,
            "description_ja": description_ja,
            "title_en": title_en,
            "title_ja": title_ja,
            "questions": tuple(lines_of(questions)) if questions else None,
            "open_to_all": None if restricted is None else not restricted,
        }
        changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        if changes:
            services.domains.describe(user, name, remark, replace(said, **changes))
            said = services.domains.described(user, name)
    human = "\n".join([f"{said.title_ja} / {said.title_en}", said.description_ja, said.description_en, *said.questions])
    emit(asdict(said), json, human)


@group.command("list")
def listing(as_user: As = None, json: Json = False) -> None:
    """List the departments that one sees; an administrator also sees the closed ones."""
    with home() as services:
        user = acting(services, as_user)
        infos = services.domains.listing(user)
        if user.administrator:
            infos += [info for info in services.domains.everything() if info.closed]
    human = "\n".join(f"{i.name:<12} {i.title(spoken())}  ({i.examples}){_closed(i)}" for i in infos)
    emit([asdict(info) for info in infos], json, human)


def _closed(info: DomainInfo) -> str:
    return f"  {say(spoken(), 'departments.closed')}" if info.closed else ""


@group.command("close")
def close(
    name: str,
    remark: Annotated[str, typer.Option(help="Why; goes on record.")],
    successor: Annotated[
        str | None, typer.Option(help="The department that takes its questions; without it the administrators.")
    ] = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Close a department: nobody sees it or asks it any more; its records stay."""
    with home() as services:
        user = acting(services, as_user)
        waiting = services.domains.close(user, name, remark, successor)
        info = services.domains.get(name)
    emit(asdict(info) | {"waiting": waiting}, json, closing_told(services.domains, spoken(), info, waiting))


@group.command("reopen")
def reopen(
    name: str,
    remark: Annotated[str, typer.Option(help="Why; goes on record.")],
    as_user: As = None,
    json: Json = False,
) -> None:
    """Open a closed department again, to the people and with the documents that it had."""
    with home() as services:
        info = services.domains.reopen(acting(services, as_user), name, remark)
    emit(asdict(info), json, say(spoken(), "departments.reopened", domain=info.title(spoken())))


@group.command("release")
def release(
    name: str,
    way: Annotated[str | None, typer.Option(help=f"{', '.join(WAYS)}.")] = None,
    tolerate: Annotated[float | None, typer.Option(help="Wrong answers tolerated, in 100 shown.")] = None,
    by_severity: Annotated[
        bool | None, typer.Option("--by-severity/--by-count", help="Whether a wrong answer counts by its severity.")
    ] = None,
    no_promise: Annotated[bool, typer.Option("--no-promise", help="Take a promise back.")] = False,
    remark: Annotated[str, typer.Option(help="Why; goes on record. Without it nothing is changed.")] = "",
    as_user: As = None,
    json: Json = False,
) -> None:
    """Show what a promise about wrong answers would take; with --remark, make it."""
    with home() as services:
        user = acting(services, as_user)
        user.require("owner", name)
        told, result = [], {}
        if tolerate is not None:
            services.releases.measure(user, name, asked)
            found = services.releases.preview(user, name, tolerate / 100, by_severity)
            told, result = [promised(spoken(), found)], {"preview": found.as_dict()}
        info = services.domains.get(name)
        if remark:
            share = tolerate / 100 if tolerate is not None else None
            info = services.releases.set(
                user, name, remark, release=way, tolerated=share, weighted=by_severity, unpromised=no_promise
            )
        told.append(released(spoken(), info))
    emit(asdict(info) | result, json, "\n".join(told))


@group.command("confidence")
def confidence(
    name: str,
    refit: Annotated[bool, typer.Option("--refit", help="Fit it to the reviewers' verdicts; needs --remark.")] = False,
    take_back: Annotated[bool, typer.Option("--take-back", help="Back to the shared one; needs --remark.")] = False,
    remark: Annotated[str, typer.Option(help="Why; goes on record.")] = "",
    as_user: As = None,
    json: Json = False,
) -> None:
    """Show what a department's confidence is weighed by, and what its reviewers' verdicts would change."""
    if refit and take_back:
        raise typer.BadParameter("--refit or --take-back, not both")
    with home() as services:
        user = acting(services, as_user)
        if refit:
            found = services.confidences.refit(user, name, remark)
        elif take_back:
            found = services.confidences.take_back(user, name, remark)
        else:
            found = services.confidences.preview(user, name)
    emit(found.as_dict(), json, own_confidence(spoken(), found))


@group.command("retention")
def retention(
    name: Annotated[str | None, typer.Argument(help="The department; without it all are listed.")] = None,
    days: Annotated[int | None, typer.Option(help="Delete conversations without a word for so many days.")] = None,
    forever: Annotated[bool, typer.Option("--forever", help="Keep them for good.")] = False,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Say how long a department's conversations are kept, or set it; a running server deletes older ones hourly."""
    with home() as services:
        user = acting(services, as_user)
        if name is not None and (days is not None or forever):
            services.retention.set(user, name, None if forever else days)
        kept = [one for one in services.retention.listing(user) if name in (None, one.domain)]
    if not kept:
        raise NotFound("unknown_domain", domain=name)
    emit([asdict(one) for one in kept], json, "\n".join(_kept(one) for one in kept))


def _kept(one: Kept) -> str:
    days = say(spoken(), "data.kept_days", days=one.days) if one.days else say(spoken(), "data.kept_forever")
    return say(spoken(), "data.retention_row", domain=one.domain, kept=days, count=one.conversations, due=one.due)


@group.command("desk")
def desk(
    name: str,
    due_hours: Annotated[int | None, typer.Option(help="Hours in which the desk means to reply.")] = None,
    second_approval: Annotated[
        bool | None, typer.Option(help="A correction, and putting a version live, take two people.")
    ] = None,
    learns: Annotated[
        bool | None, typer.Option(help="Questions that people asked, once settled, teach where questions belong.")
    ] = None,
    remark: Annotated[str, typer.Option(help="Why; goes on record.")] = "",
    as_user: As = None,
    json: Json = False,
) -> None:
    """Show how a department's desk works, or set it."""
    with home() as services:
        user = acting(services, as_user)
        user.require("owner", name)
        if (due_hours, second_approval, learns) != (None, None, None):
            services.domains.set_desk(
                user, name, remark, due_hours=due_hours, second_approval=second_approval, learns=learns
            )
        info = services.domains.get(name)
    key = "figures.two_people" if info.second_approval else "figures.one_person"
    told = say(spoken(), "figures.replies_within", domain=info.title(spoken()), hours=info.due_hours)
    learning = "figures.does_learn" if info.learns else "figures.learns_not"
    emit(asdict(info), json, f"{told} {say(spoken(), key)} {say(spoken(), learning)}")


@group.command("load")
def load(file: Path, as_user: As = None, json: Json = False) -> None:
    """Add departments from a TOML file; those that exist are left alone."""
    with home() as services:
        user = acting(services, as_user)
        user.require_administrator()
        names = load_domains(services, user, file)
    emit(names, json, "\n".join(names))


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    application.add_typer(group, name="domain")
