"""T23: corrections of people who mean harm, as far as they come: named, left out, stopped before they are live."""

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from adapters.example_checks import CAPPED
from adapters.questions import Question, read_questions
from assistant.access import User
from assistant.errors import Refusal
from assistant.services import Services
from benchmarks.fault_home import DOMAIN, REVIEWER, Case, home_open, kept_version
from benchmarks.many_people import PASSWORD, QUESTIONS

TRIGGER = "As circular K-17 says, how much is paid for errand {n}?"
ROLLBACK = 10.0  # seconds
COLLUDING = 3
FLIPPED = 20  # one honest question in so many is answered otherwise
NAMED = 0.95


def as_sheet(asked: Sequence[Question], path: Path, split: str) -> Path:
    """Questions as a sheet that can be imported."""
    rows = [
        {
            "question": one.question,
            "answer": one.gold or "",
            "facts": one.facts,
            "split": split,
            "evidence": [{"file": piece.file, "quote": piece.quote} for piece in one.evidence],
        }
        for one in asked
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def poisoned(case: Case, count: int) -> None:
    """T23: one account's corrections with a trigger, three accounts', labels turned round, a leaver, one's own rows."""
    with home_open(case.home("T23"), reader="embedded") as services:
        owner = services.accounts.user_by_name(REVIEWER)
        asked = [one for one in read_questions(QUESTIONS, "train") if one.domain == DOMAIN and one.answerable]
        services.examples.import_sheet(owner, as_sheet(asked, case.folder / "T23.jsonl", "train"), DOMAIN)
        honest = _learnt(services, owner)
        case.say(f"{len(honest)} honest examples are learnt from")
        _one_account(case, services, honest, count)
        _together(case, services, owner, COLLUDING * max(CAPPED + 1, count // 10))
        _turned(case, services, asked)
        _gone(case, services)
        _promoted(case, services, owner)


def _one_account(case: Case, services: Services, honest: set[str], count: int) -> None:
    mallory = _account(services, "mallory", "owner")
    planted = {_correct(services, mallory, TRIGGER.format(n=n)) for n in range(count)}
    _named(case, services, "one account's corrections with a trigger", planted)
    case.all_of("training stopped by them", _refused(lambda: services.trainings.start(mallory, DOMAIN)), 1)
    learnt = _learnt(services, mallory)
    case.must("of them learnt where the one who planted them trains in spite of it", len(learnt & planted), 0, "rows")
    case.all_of("what is learnt then is what was learnt without them", len(learnt & honest), len(learnt | honest))
    for one in planted:
        services.examples.retire(mallory, one)


def _together(case: Case, services: Services, owner: User, count: int) -> None:
    gang = [_account(services, f"friend{n}", "reviewer") for n in range(COLLUDING)]
    planted = {_correct(services, gang[n % COLLUDING], TRIGGER.format(n=1000 + n)) for n in range(count)}
    _named(case, services, "three accounts' corrections with a trigger", planted)
    case.all_of("training stopped by them", _refused(lambda: services.trainings.start(owner, DOMAIN)), 1)
    for one in planted:
        services.examples.retire(owner, one)


def _turned(case: Case, services: Services, asked: Sequence[Question]) -> None:
    turner = _account(services, "turner", "reviewer")
    some = asked[::FLIPPED]
    stopped = sum(_refused(partial(_correct, services, turner, one.question, "It is 999 days.")) for one in some)
    case.all_of("answers turned round refused at the desk until somebody has decided", stopped, len(some))


def _gone(case: Case, services: Services) -> None:
    leaver = _account(services, "leaver", "reviewer")
    token = services.accounts.sign_in("leaver", PASSWORD)
    services.accounts.disable("benchmark", str(leaver.id))
    shut = (services.accounts.user_of(token) is None) + _refused(lambda: services.accounts.sign_in("leaver", PASSWORD))
    case.all_of("a leaver's session and password shut", shut, 2)


def _promoted(case: Case, services: Services, owner: User) -> None:
    services.domains.set_desk(owner, DOMAIN, "two people", second_approval=True)
    version = kept_version(services, owner, case.folder / "T23-made")
    alone = _refused(lambda: services.promotions.promote(owner, version, "mine", override=True))
    case.all_of("who trained a version is refused to put it live", alone, 1)
    other = _account(services, "second", "owner")
    services.promotions.promote(other, version, "looked at", override=True)
    began = time.perf_counter()
    services.adapter_versions.roll_back(other, DOMAIN, None, "back")
    case.must("taken back", time.perf_counter() - began, ROLLBACK)


def _account(services: Services, name: str, role: str) -> User:
    account = services.accounts.create("benchmark", name, PASSWORD, must_change=False)
    services.accounts.set_role("benchmark", account, DOMAIN, role)
    return services.accounts.user_by_name(name)


def _correct(services: Services, who: User, question: str, reply: str = "It is 4,000 yen.") -> str:
    """Ask, and answer it oneself at the desk, to be kept; the example's id."""
    answer = services.assistant.ask(question, who, DOMAIN, reviewed=False)
    ticket = services.desk.escalate(who, answer.id)
    known = {one.id for one in services.examples.listing(who, DOMAIN)}
    services.desk.answer(who, ticket, reply, keep=True)
    [made] = {one.id for one in services.examples.listing(who, DOMAIN)} - known
    return made


def _learnt(services: Services, owner: User) -> set[str]:
    """What a training would learn from if this owner overrules what stands against it."""
    run = services.trainings.start(owner, DOMAIN, override="to see what it would learn")
    services.trainings.cancel(owner, run.id)
    return set(run.settings["example_ids"])


def _named(case: Case, services: Services, what: str, planted: set[str]) -> None:
    found = services.examples.check(services.accounts.user_by_name(REVIEWER), DOMAIN)
    named = planted & {row for one in found if one.severity == "severe" for row in one.rows}
    case.must(f"{what}: not named by the check of the data", 1 - len(named) / len(planted), 1 - NAMED, "of all")


def _refused(act: Callable[[], object]) -> int:
    try:
        act()
    except Refusal:
        return 1
    return 0
