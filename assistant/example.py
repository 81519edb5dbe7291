"""The example company: its departments from `domains.toml`, its documents from a folder per department.

Loaded once into an empty home, so that whoever starts the product has something to ask.
"""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.access import User, local_operator
from assistant.documents import Upload
from assistant.domains import DEFAULT_HOLD_BELOW
from assistant.errors import BadInput
from assistant.services import Services

Report = Callable[[str], None]


def load_domains(services: Services, user: User, file: Path) -> list[str]:
    """Add the departments of a TOML file that are not there yet. Returns the names added.

    A table a department: `title_ja`, `title_en`, `description_ja`, `description_en`, `questions` (list), `hold_below`
    (0 to 1; without it the one of a new department). Raises BadInput for a file that is not of this form.
    """
    try:
        tables: dict[str, dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput("bad_domain_file", file=str(file), detail=str(error)) from error
    thresholds = {name: table.get("hold_below", DEFAULT_HOLD_BELOW) for name, table in tables.items()}
    for name, threshold in thresholds.items():
        if not isinstance(threshold, int | float) or not 0 <= threshold <= 1:
            raise BadInput("bad_domain_file", file=str(file), detail=f"[{name}] hold_below = {threshold!r} (0–1)")
    added = []
    for name, table in tables.items():
        if name in user.roles:
            continue
        services.domains.add(
            user.actor,
            name,
            title_ja=table.get("title_ja", ""),
            title_en=table.get("title_en", ""),
            description_ja=table.get("description_ja", ""),
            description_en=table.get("description_en", ""),
            questions=table.get("questions", []),
            hold_below=thresholds[name],
        )
        added.append(name)
    return added


def load_example(services: Services, folder: Path, report: Report) -> None:
    """Build the example company in a home that has no departments; does nothing in any other."""
    with services.database.read() as session:
        operator = local_operator(session, "setup")
    if operator.roles:
        return
    load_domains(services, operator, folder / "domains.toml")
    with services.database.read() as session:
        operator = local_operator(session, "setup")
    documents = sorted(
        (path, domain)
        for domain in operator.roles
        for path in (folder / "documents" / domain).rglob("*")
        if path.is_file()
    )
    report(f"example company: {len(documents)} documents in {len(operator.roles)} departments")
    uploads = [Upload(path.name, domain, place=path.resolve()) for path, domain in documents]
    taken = [services.documents.take(operator, path, one) for (path, _), one in zip(documents, uploads, strict=True)]
    for number, ((path, domain), one) in enumerate(zip(documents, taken, strict=True), start=1):
        done = services.documents.settle(path, one)
        outcome = f"{done.passages} passages" if done.error is None else str(done.error)
        report(f"  {number}/{len(documents)} {domain}/{path.name}: {outcome}")
