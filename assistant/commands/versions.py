"""`madoguchi train`, `versions`, `compare`, `promote`, `rollback`: an adapter from examples to the counter and back."""

from datetime import datetime
from typing import Annotated, Any

import typer

from adapters.training import Step
from adapters.version_folder import Part
from assistant.clock import now
from assistant.commands.output import As, Json, OfDomain, acting, asked, emit, home, spoken
from assistant.commands.report_file import ReportFile, check_format, delivered
from assistant.errors import Refusal
from assistant.evaluation_report import lines
from assistant.lessons import METHODS
from assistant.promotion import Compared
from assistant.training_words import ended, expected
from assistant.trainings import MINUTES, RunInfo
from assistant.version_report import report as words_of
from assistant.versions import SHIPPED, PromotionInfo, VersionInfo
from assistant.wording import say


def train(
    domain: Annotated[str | None, typer.Option("--domain", help="The department.")] = None,
    method: Annotated[str, typer.Option(help=f"{', '.join(METHODS)}; only lora can go live.")] = "lora",
    part: Annotated[Part, typer.Option(help="reader: finds what answers; writer: words it.")] = "reader",
    examples: Annotated[int | None, typer.Option(help="Only so many of the approved examples.")] = None,
    minutes: Annotated[float, typer.Option(help="Budget; the best so far is kept when it is spent.")] = MINUTES,
    start: Annotated[str, typer.Option(help="A version to be trained further; else the shipped skill.")] = SHIPPED,
    override: Annotated[str | None, typer.Option(metavar="REASON", help="Train in spite of severe findings.")] = None,
    resume: Annotated[str | None, typer.Option(metavar="RUN", help="Take up a paused run.")] = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Learn from a department's approved examples; makes a candidate. Ctrl-C pauses."""
    with home() as services:
        user = acting(services, as_user)
        if resume is not None:
            run = services.trainings.resume(user, resume)
        elif domain is None:
            raise typer.BadParameter("--domain")
        else:
            typer.echo(
                expected(spoken(), services.trainings.cost(user, domain, part=part, method=method, minutes=minutes)),
                err=True,
            )
            run = services.trainings.start(
                user,
                domain,
                method=method,
                part=part,
                examples=examples,
                minutes=minutes,
                start=start,
                override=override,
            )
        try:
            done = services.trainings.follow(user, run.id, _progress)
        except KeyboardInterrupt:
            services.trainings.pause(user, run.id)
            done = services.trainings.get(user, run.id)
    if done.state != "done" or done.result is None:
        reason = say(spoken(), f"training.error_{done.error}") if done.error else ""
        raise Refusal("training_not_done", run=done.id, state=say(spoken(), f"training.{done.state}"), reason=reason)
    told = [say(spoken(), "training.made", version=done.version, **done.result), *ended(spoken(), done)]
    emit(_trained(done), json, " ".join(told))


def _progress(step: Step) -> None:
    words = say(spoken(), "training.step", **vars(step) | {"minutes": f"{step.seconds_left / 60:.0f}"})
    typer.echo(words, err=True)


def _trained(done: RunInfo) -> dict[str, Any]:
    result = done.result or {}
    names = ("method", "trainable_parameters", "base_parameters", "seconds", "peak_memory_bytes", "adapter_bytes")
    return {
        "version": done.version,
        **{name: result.get(name) for name in names},
        "examples": done.settings["examples"],
        "readings": result.get("readings"),
        "steps": result.get("steps"),
        "ended": result.get("ended"),
        "tuning": result.get("tuning"),
        "membership": result.get("membership"),
        "run": done.id,
    }


def versions(domain: OfDomain, as_user: As = None, json: Json = False) -> None:
    """List a department's adapter versions, and what went live when."""
    with home() as services:
        user = acting(services, as_user)
        found = services.adapter_versions.listing(user, domain)
        past = services.adapter_versions.history(user, domain)
    result = [_version(one) | {"promotions": [_change(c) for c in past if c.version == one.id]} for one in found]
    shown = [
        f"{one.id}  {say(spoken(), f'version.{one.state}'):<10}  {_when(one.created_at)}  {one.part}  {one.created_by}"
        for one in found
    ]
    emit(result, json, "\n".join([*shown, *(_history(change) for change in past)]))


def _version(one: VersionInfo) -> dict[str, Any]:
    return {
        "version": one.id,
        "domain": one.domain,
        "state": one.state,
        "part": one.part,
        "who": one.created_by,
        "when": one.created_at.isoformat(),
        "hold_below": one.hold_below,
        **{name: one.lineage.get(name) for name in ("method", "rank", "start", "examples", "examples_hash", "seconds")},
        "lineage": one.lineage,
    }


def _change(change: PromotionInfo) -> dict[str, Any]:
    return vars(change) | {"at": change.at.isoformat()}


def _history(change: PromotionInfo) -> str:
    name = change.version or say(spoken(), "version.shipped")
    return f"  {_when(change.at)}  {say(spoken(), f'version.{change.kind}')}  {name}  {change.by}  {change.remark}"


def _when(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def compare(
    version: str,
    question: Annotated[
        str | None, typer.Option(help="Only this one: its answers without and with the version.")
    ] = None,
    report: ReportFile = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Say what a version changes: asks it and what is live the department's questions; nothing goes live."""
    check_format(report)
    with home() as services:
        user = acting(services, as_user)
        if question is not None:
            pair = services.promotions.side_by_side(user, version, question)
            told = [
                f"{one.adapter or say(spoken(), 'version.shipped')}: {one.answer or one.draft or '–'}" for one in pair
            ]
            emit([one.as_dict() for one in pair], json, "\n".join(told))
            return
        found = services.promotions.compare(user, version, asked)
        made = words_of(spoken(), found, services.domains.get(found.version.domain), now())
    written = delivered(made, report)
    answers = [{"before": before.as_dict(), "after": after.as_dict()} for before, after in found.changed()]
    emit(found.as_dict() | {"answers": answers}, json, written)


def promote(
    version: str,
    remark: Annotated[str, typer.Option(help="Why; goes on record.")],
    override: Annotated[bool, typer.Option("--override", help="In spite of objections; the remark says why.")] = False,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Compare a candidate with what is live and, if nothing stands against it, let it answer."""
    with home() as services:
        user = acting(services, as_user)
        services.promotions.admit(user, version, remark)
        found = services.promotions.compare(user, version, asked)
        if not json:
            typer.echo("\n".join(_compared(found)))
        done, found = services.promotions.promote(user, version, remark, override=override, progress=asked)
    emit(_version(done) | {"comparison": found.as_dict()}, json, say(spoken(), "version.promoted", version=done.id))


def _compared(found: Compared) -> list[str]:
    told = list(lines(found.scores())) if found.live["frozen"] else []
    difference = found.difference
    if difference is not None:
        won, lost, p = difference.only_b, difference.only_a, f"{difference.p_value:.3g}"
        told.append(say(spoken(), "adapters.drafts", won=won, lost=lost, p=p))
    told.append(say(spoken(), "version.threshold", before=found.live_hold_below, after=found.hold_below))
    return told + [f"- {say(spoken(), f'gate.{one.code}', **one.params)}" for one in found.objections]


def rollback(
    domain: OfDomain,
    to: Annotated[str | None, typer.Option(help=f"An earlier version, or '{SHIPPED}'; else the one before.")] = None,
    remark: Annotated[str, typer.Option(help="Why; goes on record.")] = "rolled back",
    as_user: As = None,
    json: Json = False,
) -> None:
    """Let an earlier version answer again, with its threshold, at once."""
    with home() as services:
        user = acting(services, as_user)
        now = services.adapter_versions.roll_back(user, domain, to, remark)
        hold_below = services.domains.get(domain).hold_below
    name = now or say(spoken(), "version.shipped")
    result = {"domain": domain, "version": now, "state": "live", "hold_below": hold_below}
    emit(result, json, say(spoken(), "version.rolled_back", domain=domain, version=name))


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    for command in (train, versions, compare, promote, rollback):
        application.command()(command)
