"""Whether a department is ready for a trial: what the check finds, advises and tells, and to whom."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.risk_control import Promise, fewest_shown
from adapters.scores import Share
from assistant.clock import now
from assistant.domain_findings import Answered, Measured, advice, remarks
from assistant.domain_report import report
from assistant.domains import DomainInfo
from assistant.errors import NotAllowed, NotFound
from assistant.plain_report import as_html, as_markdown
from assistant.wording import LANGUAGES
from index import DocumentError
from tests.assistant.conftest import Company
from tests.assistant.test_commands import Run, run
from tests.assistant.test_versions import sheet

__all__ = ["run", "sheet"]  # fixtures

SPLITS = {"train": 60, "calibration": 30, "frozen": 20, "regression": 10}
INFO = DomainInfo("people", "人事課", "People", "", "", True, 0.7, "hold", None, 24, False, 12)


def share(hits: int, of: int) -> Share:
    return Share.count([n < hits for n in range(of)])


def kept(tolerated: float, judged: int = 100) -> Promise:
    return Promise(tolerated, 0.05, 0.8, judged, 60, 1, tolerated, fewest_shown(tolerated))


def not_kept(tolerated: float) -> Promise:
    return Promise(tolerated, 0.05, None, 30, 0, 0, None, fewest_shown(tolerated))


READY = Measured(
    domain="people",
    documents=10,
    waiting=0,
    unread=(),
    passages={"ja": 40, "en": 30},
    questions={"ja": 60, "en": 60},
    splits=SPLITS,
    unanswerable=12,
    routed=12,
    characters={"en": 4.1, "ja": 1.6},
    unknown=0.0,
    by_meaning=share(90, 100),
    found=share(95, 100),
    answered=Answered(30, share(20, 25), share(12, 30), share(0, 12)),
    severe=0,
    serious=0.05,
    judged=100,
    promises=(not_kept(0.01), kept(0.05), kept(0.1)),
)


def test_a_department_whose_answers_keep_a_promise_may_begin_with_the_strictest_that_is_kept() -> None:
    assert remarks(READY) == []
    advised = advice(READY)
    assert (advised.verdict, advised.release, advised.tolerated, advised.missing) == ("ready", "hold", 0.05, 0)


def test_where_wrong_answers_are_serious_a_loose_promise_is_not_enough() -> None:
    advised = advice(replace(READY, serious=0.4))
    assert (advised.verdict, advised.release, advised.tolerated) == ("review", "review", 0.01)


def test_without_a_promise_a_person_sees_every_answer_and_the_missing_answers_are_counted() -> None:
    advised = advice(replace(READY, judged=30, promises=(not_kept(0.01), not_kept(0.1))))
    assert (advised.release, advised.tolerated, advised.missing) == ("review", 0.1, 0)
    advised = advice(replace(READY, judged=30, promises=(not_kept(0.01), not_kept(0.05))))
    assert (advised.verdict, advised.missing) == ("review", 59 - 30)


@pytest.mark.parametrize(
    ("changed", "code", "stops"),
    [
        ({"passages": {}}, "no_documents", True),
        ({"routed": 4}, "few_routed", True),
        ({"unread": (("a.pdf", DocumentError("empty_file", file="a.pdf")),)}, "unread", False),
        ({"waiting": 2}, "waiting", False),
        ({"splits": SPLITS | {"calibration": 5}}, "few_judged", False),
        ({"unanswerable": 0}, "all_answerable", False),
        ({"passages": {"ja": 40}}, "other_language", False),
        ({"answered": None}, "unmeasured", False),
        ({"by_meaning": share(50, 100)}, "not_found", False),
        ({"answered": Answered(30, share(5, 25), share(0, 30), share(0, 0))}, "few_right", False),
        ({"answered": Answered(30, share(20, 25), share(10, 30), share(3, 10))}, "many_wrong", False),
        ({"characters": {"ja": 0.9}}, "crumbs", False),
        ({"unknown": 0.05}, "unknown", False),
        ({"severe": 2}, "severe_examples", False),
        ({"splits": SPLITS | {"train": 3}}, "few_to_learn", False),
        ({"splits": dict.fromkeys(SPLITS, 0)}, "no_examples", False),
    ],
)
def test_each_thing_that_is_wrong_is_found_and_told_in_both_languages(
    changed: dict[str, object], code: str, stops: bool
) -> None:
    measured = replace(READY, **changed)  # type: ignore[arg-type]
    assert [(one.code, one.stops) for one in remarks(measured)][:1] == [(code, stops)]
    assert (advice(measured).verdict == "not_yet") == stops
    for language in LANGUAGES:
        made = report(language, measured, INFO, now())
        assert len(made.sections[0].sentences) == len(remarks(measured))
        assert "{" not in as_markdown(made) + as_html(made, language).partition("</style>")[2]


def test_a_file_name_stays_a_name_in_the_report() -> None:
    hostile = "<img src=x>[a](http://b) `c`.pdf"
    measured = replace(READY, unread=((hostile, DocumentError("empty_file", file=hostile)),))
    made = report("en", measured, INFO, now())
    assert "<img" not in as_html(made, "en")
    assert "<img" not in as_markdown(made).replace("\\<", "")
    assert "[a](" not in as_markdown(made)


def test_the_check_counts_what_a_department_has_and_only_its_owner_may_look(
    company: Company, sheet: Path, tmp_path: Path
) -> None:
    services = company.services
    services.examples.import_sheet(company.operator, sheet, "people")
    (tmp_path / "own.md").write_text("# Own\nOnly mine, for nobody else.\n", "utf-8")
    services.documents.ingest(company.employee, tmp_path / "own.md", "people")
    found = services.domain_checks.check(company.operator, "people")
    assert (found.documents, found.waiting, list(found.unread)) == (2, 0, [])  # an employee's own upload is not counted
    assert found.passages == {"en": 4, "ja": 3}
    assert found.found.of == 5
    assert (found.found.value or 0) >= 0.8
    assert found.answered is None or found.answered.questions == 0
    assert 1.0 < found.characters["ja"] < 3 < found.characters["en"] < 6
    assert {one.code for one in remarks(found)} >= {"few_judged", "all_answerable", "few_to_learn"}
    for user, error in ((company.reviewer, NotAllowed), (company.outsider, NotFound)):
        with pytest.raises(error):
            services.domain_checks.check(user, "people")


def test_the_command_prints_the_check_and_keeps_a_report(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("domain", "check", "people", "--json")
    told = json.loads(out)
    assert (code, told["verdict"], told["release"]) == (0, "review", "review")
    assert "no_examples" in [one["code"] for one in told["remarks"]]
    for name in ("check.md", "check.html"):
        assert run("domain", "check", "people", "--report", str(tmp_path / name))[0] == 0
        assert "People" in (tmp_path / name).read_text("utf-8")
    code, _, err = run("domain", "check", "people", "--report", str(tmp_path / "check.exe"))
    assert (code, ".md" in err) == (1, True)
