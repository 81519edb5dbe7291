"""T09: a version's comparison, promotion and taking back killed at every statement, file and commit.

A training's own kills are `tests/assistant/test_versions.py`'s slow one: there real weights are trained.
"""

import random
from pathlib import Path
from typing import Any

from sqlalchemy import select

from adapters import version_folder
from adapters.questions import read_questions
from adapters.tables import AdapterVersion
from assistant import audit
from assistant.services import Services
from assistant.tables import Domain
from benchmarks.fault_feedback import as_sheet
from benchmarks.fault_home import DOMAIN, REVIEWER, Case, home_open, kept_version
from benchmarks.kill_points import KillPoint, Tell, forked, spread
from benchmarks.many_people import QUESTIONS

ACTS = ("compare", "promote", "roll back")
THRESHOLDS = {False: 0.71, True: 0.72}  # of the version before, of the new one
JUDGED = 12  # questions that a comparison asks


def killed_versions(case: Case, count: int) -> None:
    """T09: comparisons, promotions and takings back of a version killed at every act."""
    home, draw, wrong, ended = case.home("T09"), random.Random(9), [], 0
    with home_open(home) as services:
        old = _prepared(case.folder, services)
    points: list[tuple[str, int]] = []
    for n, act in enumerate(ACTS):
        said, _ = _attempt(home, act, old, _candidate(case.folder, home, act, old, act), 0)
        acts, share = int(said[-1].split()[1]), count // len(ACTS) + (n < count % len(ACTS))
        points += [(act, point) for point in spread(share, acts, draw)]
        case.say(f"{act}: {acts} acts, {share} kills")
    draw.shuffle(points)
    for n, (act, point) in enumerate(points):
        new = _candidate(case.folder, home, act, old, f"{n}")
        _, code = _attempt(home, act, old, new, point)
        ended += code < 0
        wrong += [f"{act} at {point}: {what}" for what in _wrong(home, act, old, new)]
        said, _ = _attempt(home, act, old, new, 0)  # whoever does it again finds the lock free and the way open
        if not said:
            wrong.append(f"{act} at {point}: not done when asked again")
    case.all_of("killed", ended, count)
    case.must("two live, another's threshold, half a version, a broken chain, a lock kept", len(wrong), 0, "")
    for line in wrong[:20]:
        case.say(line)


def _prepared(folder: Path, services: Services) -> str:
    """A live version, and questions to compare others with it by."""
    owner = services.accounts.user_by_name(REVIEWER)
    asked = [one for one in read_questions(QUESTIONS, "frozen") if one.domain == DOMAIN and one.answerable][:JUDGED]
    services.examples.import_sheet(owner, as_sheet(asked, folder / "T09.jsonl", "frozen"), DOMAIN)
    old = kept_version(services, owner, folder / "T09-first")
    services.adapter_versions.put_live(owner, old, THRESHOLDS[False], "the first", {"against": None})
    return old


def _candidate(folder: Path, home: Path, act: str, old: str, name: str) -> str:
    """A version that nobody has compared yet, beside the first, which is live; to be taken back it is live itself."""
    with home_open(home) as services:
        owner = services.accounts.user_by_name(REVIEWER)
        if services.adapter_versions.live(DOMAIN) != old:
            services.adapter_versions.roll_back(owner, DOMAIN, old, "as before")
        new = kept_version(services, owner, folder / f"T09-{name}")
        if act == "roll back":
            _do(services, owner, "promote", old, new)
    return new


def _attempt(home: Path, act: str, old: str, new: str, point: int) -> tuple[list[str], int]:
    """Do it in a child that ends at its act number `point`; 0: at none."""

    def done(tell: Tell) -> None:
        kill = KillPoint(home, point)
        with home_open(home) as services:
            kill.hear(services.database.engine)
            owner = services.accounts.user_by_name(REVIEWER)
            with kill.during():
                _do(services, owner, act, old, new)
            tell(f"acts {kill.acts}")

    return forked(done)


def _do(services: Services, owner: Any, act: str, old: str, new: str) -> None:
    live = services.adapter_versions.live(DOMAIN)
    if act == "compare":
        services.promotions.compare(owner, new)
    elif act == "promote" and live == old:
        services.adapter_versions.put_live(owner, new, THRESHOLDS[True], "better", {"against": old})
    elif act == "roll back" and live == new:
        services.adapter_versions.roll_back(owner, DOMAIN, old, "worse")


def _wrong(home: Path, act: str, old: str, new: str) -> list[str]:
    """What is not as it must be after the restart."""
    wrong = []
    with home_open(home) as services, services.database.read() as session:
        rows = session.scalars(select(AdapterVersion).where(AdapterVersion.state == "live")).all()
        live = [row.id for row in rows]
        if len(live) != 1 or live[0] not in ((old,) if act == "compare" else (old, new)):
            wrong.append(f"live: {live}")
        elif session.get_one(Domain, DOMAIN).hold_below != THRESHOLDS[live[0] == new]:
            wrong.append("a threshold that is not the live version's")
        folder = home / "adapters" / DOMAIN
        wrong += [f"{name} is not whole" for name in (old, new) if not version_folder.whole(folder / name)]
        known = set(session.scalars(select(AdapterVersion.id)))
        wrong += [f"left over: {path.name}" for path in folder.iterdir() if path.name not in known]
        if not audit.verify(session).intact:
            wrong.append("the audit chain is broken")
    return wrong
