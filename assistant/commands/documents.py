"""`madoguchi documents …`: what is there, how sensitive it is, what changed, what waits to be read; withdrawing."""

from typing import Annotated, Any

import typer

from assistant.clock import today
from assistant.commands.output import As, Json, acting, emit, home, spoken
from assistant.derived import NAMED, Derived
from assistant.document_care import Care
from assistant.document_filter import ORDERS, STATES, Filter
from assistant.documents import as_date, as_label
from assistant.errors import BadInput
from assistant.wording import say, say_error
from index import DocumentInfo, VersionInfo

group = typer.Typer(no_args_is_help=True, help="Documents: list, show, label, withdraw, what changed, what waits.")
Document = Annotated[str, typer.Argument(metavar="DOCUMENT", help="A document's id, or its file name.")]
Version = Annotated[
    str | None, typer.Argument(metavar="VERSION", help="A version's id, as `documents queue` shows it.")
]
All = Annotated[bool, typer.Option("--all", help="All of them.")]


def as_row(info: DocumentInfo) -> dict[str, Any]:
    """A document as JSON."""
    latest = info.latest
    return {
        "document": info.id,
        "domain": info.domain,
        "file": info.filename,
        "source": info.source,
        "responsible": info.responsible,
        "visibility": info.visibility,
        "label": info.sensitivity,
        "review_on": info.review_on.isoformat() if info.review_on else None,
        "overdue": info.overdue(today()),
        "version": info.serving.number if info.serving else None,
        "passages": info.passages,
        "latest": version_row(latest),
    }


def version_row(version: VersionInfo) -> dict[str, Any]:
    """A version as JSON."""
    return {
        "id": version.id,
        "number": version.number,
        "file": version.filename,
        "state": version.state,
        "error": say_error(spoken(), version.error) if version.error else None,
        "passages": version.passages,
        "bytes": version.bytes,
        "sha256": version.sha256,
        "uploaded_by": version.uploaded_by,
        "uploaded_at": version.uploaded_at.isoformat(),
    }


def line(info: DocumentInfo) -> str:
    """A document for reading."""
    late = f"  {say(spoken(), 'documents.overdue')}" if info.overdue(today()) else ""
    where = info.source or info.filename
    if info.visibility == "private":
        where += f"  ({say(spoken(), 'documents.is_private')})"
    return (
        f"{info.id}  {info.domain:<12} {info.latest.state:<10} v{info.latest.number:<3} "
        f"{info.passages:>6}  {say(spoken(), f'documents.label_{info.sensitivity}'):<8}  {where}{late}"
    )


@group.command("list")
def list_(
    domain: Annotated[str, typer.Option(help="Of this department.")] = "",
    name: Annotated[str, typer.Option(help="Words of the name, the source or who is responsible.")] = "",
    type_: Annotated[str, typer.Option("--type", help="pdf, docx, …")] = "",
    state: Annotated[str, typer.Option(help=", ".join(STATES))] = "",
    label: Annotated[str, typer.Option(help="public, internal, confidential")] = "",
    order: Annotated[str, typer.Option("--sort", help=", ".join(ORDERS))] = "name",
    as_user: As = None,
    json: Json = False,
) -> None:
    """List the documents that one may see."""
    if state not in ("", *STATES) or order not in ORDERS:
        raise BadInput("unknown_filter", states=", ".join(STATES), orders=", ".join(ORDERS))
    wanted = Filter(domain, name, type_.lower().lstrip("."), state, as_label(label) or "", order)
    with home() as services:
        documents = wanted.pick(services.documents.listing(acting(services, as_user)), today())
    emit([as_row(info) for info in documents], json, "\n".join(map(line, documents)))


@group.command("show")
def show(
    document: Document,
    text: Annotated[bool, typer.Option("--text", help="With the text that is searched.")] = False,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Show a document with its versions and, with --text, its passages."""
    with home() as services:
        user = acting(services, as_user)
        info = services.documents.find(user, document)
        versions = services.document_texts.versions(user, info.id)[1]
        passages = services.document_texts.whole(user, info.id) if text else []
    row = as_row(info) | {"versions": [version_row(one) for one in versions]}
    row |= {"text": [{"heading": one.heading, "text": one.text} for one in passages]} if text else {}
    told = [
        line(info),
        *(f"  v{v.number}  {v.state:<10} {v.uploaded_at:%Y-%m-%d %H:%M}  {v.filename}" for v in versions),
    ]
    told += [f"\n{one.heading}\n{one.text}" for one in passages]
    emit(row, json, "\n".join(told))


@group.command("label")
def label(
    document: Document,
    label: Annotated[str, typer.Argument(help="public, internal, or confidential: reviewers and owners only.")],
    as_user: As = None,
    json: Json = False,
) -> None:
    """Say how sensitive a document is: who finds it, and whether anything is learnt from it."""
    with home() as services:
        user = acting(services, as_user)
        info = services.documents.find(user, document)
        info = services.document_care.describe(user, info.id, Care(sensitivity=as_label(label)))
    emit(as_row(info), json, line(info))


@group.command("describe")
def describe(
    document: Document,
    responsible: Annotated[str | None, typer.Option(help="Who keeps it true: a person or a team.")] = None,
    review_on: Annotated[
        str | None, typer.Option(metavar="DATE|none", help="When it is to be looked at again.")
    ] = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Say who keeps a document true, and until when it is taken to be."""
    never = review_on == "none"
    care = Care(responsible=responsible, review_on=None if never else as_date(review_on or ""), no_review=never)
    with home() as services:
        user = acting(services, as_user)
        info = services.document_care.describe(user, services.documents.find(user, document).id, care)
    emit(as_row(info), json, line(info))


@group.command("accept")
def accept(document: Document, as_user: As = None, json: Json = False) -> None:
    """Let a whole department find an employee's upload."""
    with home() as services:
        user = acting(services, as_user)
        info = services.documents.find(user, document)
        services.documents.accept(user, info.id)
    emit({"document": info.id, "visibility": "department"}, json, say(spoken(), "documents.accepted"))


@group.command("changes")
def changes(
    document: Document,
    old: Annotated[
        int | None, typer.Option("--from", help="Version number; the one before the newest if left out.")
    ] = None,
    new: Annotated[int | None, typer.Option("--to", help="Version number; the newest if left out.")] = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Say what changed from one version to another."""
    with home() as services:
        user = acting(services, as_user)
        info = services.documents.find(user, document)
        newer = new or info.latest.number
        told = services.document_texts.changes(user, info.id, old or newer - 1, newer)
    row = {
        "document": info.id,
        "from": told.old.number,
        "to": told.new.number,
        **{kind: told.count(kind) for kind in ("added", "removed", "changed")},
        "changes": [vars(change) for change in told.changes],
    }
    marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    human = [say(spoken(), "documents.changes", **{k: row[k] for k in ("from", "to", "added", "removed", "changed")})]
    for one in told.changes:
        words = "".join(marks[part].format(piece) for part, piece in one.parts)
        human.append(f"\n{say(spoken(), f'documents.change_{one.kind}')}  {one.heading}\n{words}")
    emit(row, json, "\n".join(human))


@group.command("withdraw")
def withdraw(
    document: Document,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only what it would take along is told.")] = False,
    reason: Annotated[str, typer.Option(help="Why; goes on record.")] = "",
    as_user: As = None,
    json: Json = False,
) -> None:
    """Take a document out of the search for good; without --yes, name what was made from it."""
    with home() as services:
        user = acting(services, as_user)
        info = services.documents.find(user, document)
        care = services.document_care
        derived = care.withdraw(user, info.id, reason) if yes else care.derived(user, info.id)
    told = derived_lines(derived)
    told += [say(spoken(), "documents.withdrawn" if yes else "documents.say_yes")]
    emit({"document": info.id, "withdrawn": yes, "derived": derived.as_dict()}, json, "\n".join(told))


@group.command("clear")
def clear(as_user: As = None, json: Json = False) -> None:
    """Withdraw every document of which nothing could be read."""
    with home() as services:
        count = services.document_care.withdraw_unread(acting(services, as_user))
    emit({"withdrawn": count}, json, say(spoken(), "documents.cleared", count=count))


def derived_lines(derived: Derived) -> list[str]:
    """What was made from a document, for reading."""
    lines = [say(spoken(), "documents.derived", count=len(derived.examples), learnt=derived.learnt)]
    lines += [_line_of(one, one["question"]) for one in derived.examples]
    lines += [
        f"  {one['id'][:8]}  {one['domain']}  {say(spoken(), 'version.' + one['state'])}" for one in derived.versions
    ]
    for name, rows in (("proposals", derived.proposals), ("answers", derived.answers), ("tickets", derived.tickets)):
        if rows:
            lines.append(say(spoken(), f"documents.derived_{name}", count=len(rows)))
            lines += [_line_of(one, one.get("question") or one["at"][:16]) for one in rows[:NAMED]]
        if len(rows) > NAMED:
            lines.append("  " + say(spoken(), "adapters.more", count=len(rows) - NAMED))
    return lines + ([say(spoken(), "documents.elsewhere", count=derived.elsewhere)] if derived.elsewhere else [])


def _line_of(one: dict[str, str], told: str) -> str:
    return f"  {one['id']}  {one['domain']}  {told}"


@group.command("queue")
def queue(as_user: As = None, json: Json = False) -> None:
    """List what waits to be read, is being read, failed or was stopped."""
    with home() as services:
        user = acting(services, as_user)
        jobs = services.documents.jobs(user, "indexing", "queued", "failed", "cancelled").documents
        paces = {info.id: services.ingestion.pace(info.latest) for info in jobs}
    rows, told = [], []
    for info in jobs:
        pace = paces[info.id]
        rows.append(as_row(info) | {"pace": vars(pace) if pace else None})
        how_far = say(spoken(), f"documents.pace_{pace.stage}", done=pace.done, of=pace.of) if pace and pace.of else ""
        error = say_error(spoken(), info.latest.error) if info.latest.error else ""
        told.append(f"{info.latest.id}  {info.latest.state:<10} {info.filename}  {how_far}{error}")
    emit(rows, json, "\n".join(told))


@group.command("stop")
def stop(version: Version = None, all_: All = False, as_user: As = None, json: Json = False) -> None:
    """Leave unread what waits."""
    with home() as services:
        user = acting(services, as_user)
        count = _each(
            version, all_, lambda: services.documents.cancel_all(user), lambda v: services.documents.cancel(user, v)
        )
    emit({"stopped": count}, json, say(spoken(), "documents.stopped", count=count))


@group.command("retry")
def retry(version: Version = None, all_: All = False, as_user: As = None, json: Json = False) -> None:
    """Read once more what failed or was stopped; by the running server, or at the next `ingest`."""
    with home() as services:
        user = acting(services, as_user)
        documents = services.documents
        count = _each(version, all_, lambda: documents.ask_again_all(user), lambda v: documents.ask_again(user, v))
    emit({"queued": count}, json, say(spoken(), "documents.again", count=count))


def _each(version: str | None, all_: bool, every: Any, one: Any) -> int:
    if (version is None) != all_:
        raise BadInput("version_or_all")
    if version is None:
        return int(every())
    one(version)
    return 1


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    application.add_typer(group, name="documents")
