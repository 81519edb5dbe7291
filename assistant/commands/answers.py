"""`madoguchi search`, `route` and `ask`: for one question, or for each of a file (`--batch`)."""

import json as jsonlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.access import User
from assistant.answer import Answer
from assistant.ask import check_question
from assistant.commands.lines import lines_of
from assistant.commands.output import As, InDomain, Json, acting, emit, home, spoken, visible
from assistant.errors import BadInput, Refusal
from assistant.results import as_result, as_routing
from assistant.services import Services
from assistant.steps.explain import percent, place
from assistant.wording import as_language, say, say_error

Question = Annotated[str | None, typer.Argument(metavar="QUESTION", help="What to ask.")]
DocumentsOnly = Annotated[bool, typer.Option("--documents-only", help="Give no answer that a person gave before.")]
Batch = Annotated[Path | None, typer.Option("--batch", metavar="FILE.jsonl", help="One JSON object a line.")]


def each(
    question: str | None,
    batch: Path | None,
    domain: str | None,
    do: Callable[[str, str | None], Any],
    wrap: str | None,
) -> Iterator[Any]:
    """The result for the question, or for each of the batch; a refused line of a batch gives its reason."""
    if (question is None) == (batch is None):
        raise BadInput("question_or_batch")
    if question is not None:
        yield do(question, domain)
        return
    file = batch or Path()
    for number, line in enumerate(lines_of(file), start=1):
        if not line.strip():
            continue
        item = _batch_item(file, number, line)
        try:
            result = do(item["question"], item.get("domain") or domain)
        except Refusal as error:
            result = {"error": say_error(spoken(), error)}
        given = {"id": item["id"]} if "id" in item else {}
        yield ({wrap: result} if wrap and isinstance(result, list) else result) | given


def _batch_item(batch: Path, number: int, line: str) -> dict[str, Any]:
    try:
        item = jsonlib.loads(line)
    except ValueError:
        item = None
    if not isinstance(item, dict) or not isinstance(item.get("question"), str):
        raise BadInput("bad_batch_line", file=str(batch), line=number)
    return item


def run(
    question: str | None,
    batch: Path | None,
    domain: str | None,
    as_user: str | None,
    json: bool,
    work: Callable[[Services, User, str, str | None], Any],
    human: Callable[[Any], str],
    wrap: str | None = None,
) -> None:
    """Do `work` for the question or each of the batch, and print."""
    with home() as services:
        user = acting(services, as_user)
        visible(user, domain)
        for result in each(question, batch, domain, lambda q, d: work(services, user, q, visible(user, d)), wrap):
            if batch is not None:
                typer.echo(jsonlib.dumps(result, ensure_ascii=False))
            else:
                emit(result, json, human(result))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:160]


def search(
    question: Question = None,
    domain: InDomain = None,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 10,
    batch: Batch = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Find passages."""

    def work(services: Services, user: User, asked: str, within: str | None) -> list[dict[str, Any]]:
        text = check_question(asked, services.settings.question_characters)
        return [as_result(hit) for hit in services.documents.search(user, text, within, k)]

    def human(results: list[dict[str, Any]]) -> str:
        return "\n".join(
            f"{r['rank']:>2}  {r['score']:.2f}  {r['file']}  {r['heading'] or ''}\n    {_one_line(r['text'])}"
            for r in results
        )

    run(question, batch, domain, as_user, json, work, human, wrap="results")


def route(question: Question = None, batch: Batch = None, as_user: As = None, json: Json = False) -> None:
    """Say which department a question belongs to."""

    def work(services: Services, user: User, asked: str, _within: str | None) -> dict[str, Any]:
        text = check_question(asked, services.settings.question_characters)
        return as_routing(services.domains.router().route(text, list(user.roles)))

    def human(result: dict[str, Any]) -> str:
        ranked = "  ".join(f"{r['domain']} {r['probability']:.2f}" for r in result["ranked"])
        return f"{result['domain'] or '-'}\n{ranked}"

    run(question, batch, None, as_user, json, work, human)


def ask(
    question: Question = None,
    domain: InDomain = None,
    batch: Batch = None,
    as_user: As = None,
    json: Json = False,
    documents_only: DocumentsOnly = False,
) -> None:
    """Ask, and get a cited answer or an honest hold."""

    def work(services: Services, user: User, asked: str, within: str | None) -> dict[str, Any]:
        answer = services.assistant.ask(asked, user, within, language=spoken(), reviewed=not documents_only)
        return answer.as_dict()

    run(question, batch, domain, as_user, json, work, _read_out)


def _read_out(body: dict[str, Any]) -> str:
    answer = Answer.from_dict(body)
    language = as_language(answer.language)
    lines = [answer.answer or say(language, f"ask.{'aside' if answer.is_aside else answer.status}_words"), ""]
    for citation in answer.citations[:3]:
        where = place(language, citation)
        lines.append(
            f"[{citation.n}] {citation.file}{'  ' + where if where else ''}\n    {' '.join(citation.quote.split())}"
        )
        if citation.scope:
            lines.append(f"    {say(language, 'place.scope', scope=citation.scope, file=citation.file)}")
        if citation.copies:
            lines.append(f"    {say(language, 'ask.also_in')} {', '.join(copy['file'] for copy in citation.copies)}")
    word = say(language, f"ask.{answer.status}")
    lines += ["", f"{word} · {answer.domain or '-'} · {percent(answer.confidence)} %", answer.why]
    return "\n".join(lines)


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    application.command()(search)
    application.command()(route)
    application.command()(ask)
