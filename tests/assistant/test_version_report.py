"""What a version changes, told plainly: topics that moved, answers side by side, broken ones first."""

from dataclasses import replace

from adapters.evaluation import Judged
from adapters.gate import Objection
from assistant.clock import now
from assistant.domains import DomainInfo
from assistant.plain_report import as_html, as_markdown
from assistant.promotion import Compared
from assistant.version_report import moved, report
from assistant.versions import VersionInfo
from assistant.wording import LANGUAGES

INFO = DomainInfo("people", "人事課", "People", "", "", True, 0.7, "hold", None, 24, False, 12)
VERSION = VersionInfo("0123456789abcdef", "people", "candidate", {"method": "lora", "rank": 16}, None, "me", now())


def judged(number: int, group: str, *, right: bool, text: str = "24 days") -> Judged:
    return Judged(
        id=str(number), language="en", domain="people", kind="plain", group=group, severity="medium",
        question=f"Question {number}?", history=[], gold="24 days", answerable=True, status="answered", text=text,
        confidence=0.9, routed="people", cited=[], seconds=1.0, verdict="right" if right else "wrong",
        would_be_right=right, evidence_in_top=True, cited_supports=right, character_f1=1.0, word_f1=1.0, failed=None,
    )  # fmt: skip


LIVE = [
    judged(1, "leave", right=True), judged(2, "leave", right=False, text="25 days"), judged(3, "pay", right=True),
    judged(4, "a" * 16, right=False, text="<b>5</b>"),
]  # fmt: skip
WITH = [
    judged(1, "leave", right=False, text="6 days"), judged(2, "leave", right=True), judged(3, "pay", right=True),
    judged(4, "a" * 16, right=True),
]  # fmt: skip


def compared(live: list[Judged], candidate: list[Judged]) -> Compared:
    none: dict[str, list[Judged]] = {"regression": [], "calibration": []}
    return Compared(VERSION, None, {"frozen": live} | none, {"frozen": candidate} | none, 0.7, 0.72, [])


def test_topics_that_moved_come_with_what_they_won_and_lost_the_losses_first() -> None:
    assert moved(list(zip(LIVE, WITH, strict=True))) == [("leave", 1, 1), ("Question 4?", 1, 0)]


def test_the_report_tells_figures_topics_and_answers_broken_first() -> None:
    for language in LANGUAGES:
        made = report(language, compared(LIVE, WITH), INFO, now())
        assert made.good
        topics, answers = made.sections[1].sentences, made.sections[2].sentences
        assert len(topics) == 2
        assert [sentence.split("?")[0] for sentence in answers] == ["Question 1", "Question 2", "Question 4"]
        assert "<b>" not in as_html(made, language) + as_markdown(made).replace("\\<", "")


def test_the_report_says_how_well_what_was_taught_can_be_told_or_that_it_was_not_measured() -> None:
    told = {"area": 0.64, "low": 0.59, "high": 0.69, "learnt": 60, "kept": 24}
    measured = replace(VERSION, lineage=VERSION.lineage | {"membership": told})
    for language in LANGUAGES:
        known = report(language, replace(compared(LIVE, WITH), version=measured), INFO, now()).sections[-1].figures[-1]
        assert "0.64 [0.59–0.69]" in known[1]
        unknown = report(language, compared(LIVE, WITH), INFO, now()).sections[-1].figures[-1]
        assert unknown[0] == known[0] and "0." not in unknown[1]


def test_what_stands_against_a_version_comes_first_and_nothing_to_judge_by_is_said() -> None:
    against = replace(compared(LIVE, WITH), objections=[Objection("few_judged", {"count": 4, "wanted": 20})])
    made = report("en", against, INFO, now())
    assert not made.good
    assert "20" in made.sections[0].sentences[0]
    assert not report("ja", compared([], []), INFO, now()).good
