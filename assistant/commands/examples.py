"""`madoguchi examples import FILE --domain D`, `export`, `check`, `list`, `edit` and `retire`."""

from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.example_checks import Finding
from assistant.commands.output import As, Json, OfDomain, acting, emit, home, spoken
from assistant.errors import BadInput
from assistant.examples import ExampleInfo
from assistant.import_words import against, counts, rows
from assistant.sheet_cell import sheet_line
from assistant.wording import say

group = typer.Typer(no_args_is_help=True, help="What a department learns from: questions with approved answers.")
FIELDS = ("question", "answer", "file", "quote", "facts", "topic", "severity", "failed_part", "split", "answerable")


@group.command("import")
def import_(file: Path, domain: OfDomain, as_user: As = None, json: Json = False) -> None:
    """Take a sheet (jsonl, csv, tsv, xlsx) as approved examples; they answer at once and can be learnt from."""
    with home() as services:
        said = services.examples.import_sheet(acting(services, as_user), file, domain)
        result = vars(said) | {
            "refused": [{"row": row, "why": say(spoken(), f"examples.why_{why}")} for row, why in said.refused],
            "waiting": [vars(one) | {"why": against(spoken(), one)} for one in said.waiting],
        }
        told = [say(spoken(), "examples.refused_row", row=row, why=why) for row, why in rows(spoken(), said)]
        human = "\n".join([say(spoken(), "examples.imported", **counts(said)), *told])
        emit(result | {"splits": services.examples.counts(domain)}, json, human)


@group.command("list")
def listing(
    domain: OfDomain,
    retired: Annotated[bool, typer.Option(help="Retired ones too.")] = False,
    as_user: As = None,
    json: Json = False,
) -> None:
    """List a department's examples, newest first."""
    with home() as services:
        found = services.examples.listing(acting(services, as_user), domain, retired=retired)
    emit([one.as_dict() for one in found], json, "\n".join(f"{o.id}  {o.split:<11}  {o.question}" for o in found))


@group.command("export")
def export(
    domain: OfDomain,
    out: Annotated[Path | None, typer.Option(help="Write here: .jsonl or .csv; stdout (jsonl) without it.")] = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Write a department's examples in the form that `import` takes."""
    with home() as services:
        found = [_line(one) for one in services.examples.export(acting(services, as_user), domain)]
    if out is None:
        whole = dumps(found, ensure_ascii=False, indent=2)
        typer.echo(whole if json else "\n".join(dumps(line, ensure_ascii=False) for line in found))  # data as they are
        return
    if out.suffix == ".csv":
        text = _as_csv(found)
    elif out.suffix == ".jsonl":
        text = "".join(dumps(line, ensure_ascii=False) + "\n" for line in found)
    else:
        raise BadInput("export_format", file=out.name)
    out.write_text(text, encoding="utf-8-sig" if out.suffix == ".csv" else "utf-8")
    emit({"file": str(out), "examples": len(found)}, json, say(spoken(), "examples.exported", count=len(found)))


def _line(one: ExampleInfo) -> dict[str, Any]:
    return {
        "question": one.question,
        "answer": one.answer,
        "answerable": bool(one.answer),
        "evidence": [{"file": piece["file"], "quote": piece["quote"]} for piece in one.evidence],
        "facts": one.facts,
        "topic": one.topic,
        "severity": one.severity,
        "failed_part": one.failed_part,
        "split": one.split,
        "language": one.language,
        "source": one.source,
        "approver": one.approver,
        "state": one.state,
    }


def _as_csv(lines: list[dict[str, Any]]) -> str:
    return sheet_line(FIELDS) + "".join(sheet_line(_cells(one)) for one in lines)


def _cells(one: dict[str, Any]) -> list[str]:
    piece = one["evidence"][0] if one["evidence"] else {"file": "", "quote": ""}
    cells = one | piece | {"facts": "; ".join(" / ".join(forms) for forms in one["facts"])}
    cells["answerable"] = "" if one["answerable"] else "no"
    return [str(cells[name] or "") for name in FIELDS]


@group.command("check")
def check(domain: OfDomain, as_user: As = None, json: Json = False) -> None:
    """Say what stands against training on a department's examples, and what to do about it."""
    with home() as services:
        user = acting(services, as_user)
        found = services.examples.check(user, domain)
        counts = services.examples.counts(domain)
    result = {"domain": domain, "splits": counts, "severe": sum(f.severity == "severe" for f in found)}
    emit(result | {"findings": [_finding(f) for f in found]}, json, "\n".join(_checked(counts, found)))


def _finding(finding: Finding) -> dict[str, Any]:
    words = say(spoken(), f"finding.{finding.kind}", **finding.params)
    return vars(finding) | {"rows": list(finding.rows), "text": words}


def _checked(counts: dict[str, int], found: list[Finding]) -> list[str]:
    lines = [say(spoken(), "examples.counts", **counts)]
    if not found:
        return [*lines, say(spoken(), "finding.nothing")]
    for finding in found:
        rows = "" if not finding.rows else "  " + " ".join(row[:8] for row in finding.rows[:12])
        words = say(spoken(), f"finding.{finding.kind}", **finding.params)
        lines.append(f"[{say(spoken(), f'finding.{finding.severity}')}] {words}{rows}")
    return lines


@group.command("retire")
def retire(example: str, as_user: As = None, json: Json = False) -> None:
    """Take an example out of use."""
    with home() as services:
        services.examples.retire(acting(services, as_user), example)
    emit({"example": example, "state": "retired"}, json, say(spoken(), "examples.retired"))


@group.command("edit")
def edit(
    example: str,
    question: Annotated[str | None, typer.Option(help="How it is asked.")] = None,
    answer: Annotated[str | None, typer.Option(help="The right answer; '' where no document answers.")] = None,
    file: Annotated[str | None, typer.Option(help="The document in which the quotation stands.")] = None,
    quote: Annotated[str | None, typer.Option(help="Where the answer stands, as it is written there.")] = None,
    facts: Annotated[
        str | None, typer.Option(help="What an answer must say: 'form / other form; second fact'.")
    ] = None,
    severity: Annotated[str | None, typer.Option(help="low, medium or high.")] = None,
    failed_part: Annotated[str | None, typer.Option(help="What failed when it was answered wrongly.")] = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Change an example. Topic and split stay as they are; with another answer its evidence is found anew."""
    given = {
        "question": question,
        "answer": answer,
        "file": file,
        "quote": quote,
        "facts": facts,
        "severity": severity,
        "failed_part": failed_part,
    }
    changes = {name: text for name, text in given.items() if text is not None}
    if not changes:
        raise typer.BadParameter("nothing to change: give --question, --answer, --quote …")
    with home() as services:
        done = services.examples.edit(acting(services, as_user), example, changes)
    emit(_line(done) | {"id": done.id}, json, say(spoken(), "examples.edited"))


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    application.add_typer(group, name="examples")
