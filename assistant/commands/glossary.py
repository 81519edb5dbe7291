"""`madoguchi glossary import FILE --domain D`, `export`, `list`, `propose` and `remove`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.commands.output import As, Json, OfDomain, acting, emit, home, spoken
from assistant.errors import BadInput
from assistant.glossaries import as_table
from assistant.wording import say
from index import Entry

group = typer.Typer(no_args_is_help=True, help="A department's own words: abbreviations and names in both languages.")


@group.command("import")
def import_(file: Path, domain: OfDomain, as_user: As = None, json: Json = False) -> None:
    """Take a .tsv or .csv of two columns, English and Japanese; forms of one word are joined by '|'."""
    with home() as services:
        done = services.glossaries.import_file(acting(services, as_user), domain, file)
    lines = [say(spoken(), "glossary.imported", added=done.added, known=done.known)]
    if done.refused:
        lines.append(say(spoken(), "glossary.refused", rows=", ".join(map(str, done.refused))))
    emit(vars(done) | {"refused": list(done.refused)}, json, "\n".join(lines))


@group.command("export")
def export(
    domain: OfDomain,
    out: Annotated[Path | None, typer.Option(help="Write here: .tsv or .csv; stdout (tsv) without it.")] = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Write a department's entries as `import` takes them."""
    with home() as services:
        found = services.glossaries.listing(acting(services, as_user), domain)
    if out is not None:
        if out.suffix not in (".tsv", ".csv"):
            raise BadInput("glossary_format", file=out.name)
        table = as_table([entry for _, entry in found], "\t" if out.suffix == ".tsv" else ",")
        out.write_text(table, encoding="utf-8-sig" if out.suffix == ".csv" else "utf-8")
        emit({"file": str(out), "entries": len(found)}, json, say(spoken(), "glossary.exported", count=len(found)))
        return
    emit(_told(found), json, as_table([entry for _, entry in found], "\t").rstrip("\n"))


@group.command("list")
def listing(domain: OfDomain, as_user: As = None, json: Json = False) -> None:
    """List a department's own entries."""
    with home() as services:
        found = services.glossaries.listing(acting(services, as_user), domain)
    lines = [f"{key[:8]}  {', '.join(entry.english)}  =  {', '.join(entry.japanese)}" for key, entry in found]
    emit(_told(found), json, "\n".join(lines))


@group.command("propose")
def propose(domain: OfDomain, as_user: As = None, json: Json = False) -> None:
    """Write what the department's documents explain themselves, as `import` takes it: look it through first."""
    with home() as services:
        found = services.glossaries.propose(acting(services, as_user), domain)
    told = [_plain(one.entry) | {"count": one.count, "example": one.example} for one in found]
    emit(told, json, as_table([one.entry for one in found], "\t").rstrip("\n"))


@group.command("remove")
def remove(entry: str, domain: OfDomain, as_user: As = None, json: Json = False) -> None:
    """Take an entry out; its id, or the beginning of it that `list` shows."""
    with home() as services:
        user = acting(services, as_user)
        keys = [key for key, _ in services.glossaries.listing(user, domain) if key.startswith(entry)]
        if len(keys) != 1:
            raise BadInput("unknown_glossary_entry", entry=entry, domain=domain)
        services.glossaries.remove(user, domain, keys)
    emit({"entry": keys[0], "state": "removed"}, json, say(spoken(), "glossary.removed", count=1))


def _told(found: Sequence[tuple[str, Entry]]) -> list[dict[str, Any]]:
    return [{"id": key} | _plain(entry) for key, entry in found]


def _plain(entry: Entry) -> dict[str, Any]:
    return {"english": list(entry.english), "japanese": list(entry.japanese)}


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    application.add_typer(group, name="glossary")
