"""Labels, responsibility, review dates, withdrawal: what is kept close, what nothing is learnt from, what is told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.tables import AdapterVersion, Example
from assistant.access import User
from assistant.answer import Answer, Citation, Seconds
from assistant.audit_log import Wanted
from assistant.clock import now
from assistant.commands.documents import derived_lines
from assistant.document_care import Care
from assistant.document_filter import Filter
from assistant.documents import Upload, as_date, kept_from
from assistant.errors import BadInput, NotAllowed, NotFound
from assistant.pages.documents_view import View
from assistant.services import Services
from assistant.steps.record import Records
from tests.assistant.test_ingestion import AKI, EMI, OPERATOR, opened, read_all, send, write

TODAY = now().astimezone().date()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Services]:
    """A home with a plain document and a confidential one, and a reviewed answer that rests on each."""
    services = opened(tmp_path / "home")
    for name in ("people", "it"):
        services.domains.add("test", name, description_en=name)
    send(services, AKI, write(tmp_path, "leave.txt", "Annual leave is twenty days."))
    send(
        services, AKI, write(tmp_path, "pay.txt", "The bonus of directors is nine months."), sensitivity="confidential"
    )
    read_all(services)
    with services.database.transaction("test", "examples") as change:
        for name in ("leave.txt", "pay.txt"):
            passage = services.document_texts.whole(OPERATOR, services.documents.find(OPERATOR, name).id)[0]
            citation = Citation.of(1, passage, passage.text, 1.0)
            change.session.add(example(f"What does {name} say?", citation))
        change.record("examples.made", "example", "both")
    yield services
    services.close()


def example(question: str, citation: Citation) -> Example:
    return Example(
        domain="people", question=question, answer=citation.quote, evidence=[vars(citation)], facts=[[citation.quote]],
        topic=question, split="train", failed_part=None, source="sheet", approver="aki", language="en", severity=None,
        state="approved",
    )  # fmt: skip


def answer_citing(citation: Citation) -> Answer:
    return Answer(
        id="a", question="q", status="answered", answer=citation.quote, draft=None, language="en", domain="people",
        adapter=None, confidence=1.0, calibrated=False, citations=[citation], why="because", reasons=[], signals={},
        reviewed=False, ticket=None, conversation="c", seconds=Seconds(),
    )  # fmt: skip


def named(services: Services, user: Any, name: str) -> Any:
    return services.documents.find(user, name)


def finds(services: Services, user: Any, question: str) -> set[str]:
    return {hit.passage.file for hit in services.documents.search(user, question, None, 20)}


def test_a_confidential_document_is_found_by_reviewers_alone(home: Services) -> None:
    assert finds(home, AKI, "bonus of directors") == {"leave.txt", "pay.txt"}
    assert finds(home, EMI, "bonus of directors") == {"leave.txt"}
    assert [info.filename for info in home.documents.listing(EMI)] == ["leave.txt"]
    info = named(home, AKI, "pay.txt")
    for refused in (
        lambda: home.document_texts.original(EMI, info.id, info.latest.id).__enter__(),
        lambda: home.document_texts.text(EMI, info.id),
        lambda: home.document_texts.changes(EMI, info.id, 1, 1),
        lambda: home.document_care.describe(EMI, info.id, Care(sensitivity="public")),
    ):
        with pytest.raises(NotFound):
            refused()


def test_a_confidential_document_changes_nothing_in_what_others_see(home: Services, tmp_path: Path) -> None:
    def seen() -> Any:
        with home.database.read() as session:
            rarity = home.index.rarity(session, "annual bonus leave", EMI.scope)
        hits = home.documents.search(EMI, "annual leave", None, 10)
        return rarity, [(hit.passage.id, hit.score) for hit in hits]

    before = seen()
    send(home, AKI, write(tmp_path, "secret.txt", "annual leave bonus " * 30), sensitivity="confidential")
    read_all(home)
    assert seen() == before


def test_a_label_takes_effect_at_once_and_can_be_taken_back(home: Services) -> None:
    info = named(home, AKI, "leave.txt")
    home.document_care.describe(AKI, info.id, Care(sensitivity="confidential"))
    assert finds(home, EMI, "annual leave") == set()
    home.document_care.describe(AKI, info.id, Care(sensitivity="internal"))
    assert finds(home, EMI, "annual leave") == {"leave.txt"}
    with pytest.raises(NotAllowed):
        home.document_care.describe(EMI, info.id, Care(sensitivity="confidential"))


def test_a_new_version_of_a_confidential_document_is_confidential(home: Services, tmp_path: Path) -> None:
    send(home, AKI, write(tmp_path, "pay.txt", "The bonus of directors is ten months."))
    read_all(home)
    assert finds(home, EMI, "bonus of directors") == {"leave.txt"}
    assert named(home, AKI, "pay.txt").serving.number == 2


def test_a_confidential_upload_of_an_employee_stays_so_when_it_is_accepted(home: Services, tmp_path: Path) -> None:
    send(home, EMI, write(tmp_path, "mine.txt", "My case number is 77."), sensitivity="confidential")
    read_all(home)
    assert "mine.txt" in finds(home, EMI, "case number")
    home.documents.accept(AKI, named(home, EMI, "mine.txt").id)
    assert "mine.txt" not in finds(home, EMI, "case number")
    assert "mine.txt" in finds(home, AKI, "case number")


def test_nothing_is_learnt_from_a_confidential_document(home: Services) -> None:
    assert [one.question for one in home.examples.training("people")] == ["What does leave.txt say?"]
    home.document_care.describe(AKI, named(home, AKI, "leave.txt").id, Care(sensitivity="confidential"))
    assert home.examples.training("people") == []


def test_a_reviewed_answer_is_given_to_those_who_may_see_what_it_rests_on(home: Services) -> None:
    question = "What does pay.txt say?"
    assert home.reviewed_answers.same(question, AKI, None) is not None
    assert home.reviewed_answers.same(question, EMI, None) is None


def test_an_answer_that_cites_what_became_confidential_is_hidden(home: Services) -> None:
    passage = home.document_texts.whole(AKI, named(home, AKI, "pay.txt").id)[0]
    answer = answer_citing(Citation.of(1, passage, passage.text, 1.0))
    for user, shown in ((AKI, answer.answer), (EMI, None)):
        with home.database.read() as session:
            hidden = kept_from(session, user, [answer])
        assert answer.visible_to(user.roles, hidden).answer == shown


def test_withdrawing_names_what_rests_on_the_document_first(home: Services) -> None:
    info = named(home, AKI, "leave.txt")
    with home.database.read() as session:
        resting = session.query(Example).filter(Example.question == "What does leave.txt say?").one().id
    with home.database.transaction("test", "a version") as change:
        lineage = {"example_ids": [resting]}
        version = AdapterVersion(id="v1", domain="people", state="live", lineage=lineage, created_by="aki")
        change.session.add(version)
        change.record("version.made", "version", "v1")
    derived = home.document_care.derived(AKI, info.id)
    assert [one["question"] for one in derived.examples] == ["What does leave.txt say?"]
    assert ([one["id"] for one in derived.versions], derived.learnt) == (["v1"], 1)
    with pytest.raises(NotAllowed):
        home.document_care.withdraw(EMI, info.id)
    home.document_care.withdraw(AKI, info.id, "superseded by law")
    assert home.reviewed_answers.same("What does leave.txt say?", AKI, None) is None
    assert finds(home, EMI, "annual leave") == set()


def test_withdrawing_names_proposals_given_answers_and_open_questions_that_cite_it(home: Services) -> None:
    info = named(home, AKI, "leave.txt")
    passage = home.document_texts.whole(AKI, info.id)[0]
    other = home.document_texts.whole(AKI, named(home, AKI, "pay.txt").id)[0]
    citation = Citation.of(1, passage, passage.text, 1.0)
    with home.database.transaction("test", "a proposal") as change:
        proposed = example("May leave be sold?", citation)
        proposed.state = "proposed"
        change.session.add(proposed)
        change.record("example.proposed", "example", "x")
    records, kept = Records(home.database), {}
    for name, status, domain, cited in (
        ("given", "answered", "people", citation),
        ("waits", "held", "people", citation),
        ("elsewhere", "answered", "it", citation),
        ("another", "answered", "people", Citation.of(1, other, other.text, 1.0)),
    ):
        conversation, _ = records.question(EMI, None, name)
        given = {"question": name, "status": status, "domain": domain, "conversation": conversation}
        kept[name] = records.answer(EMI, replace(answer_citing(cited), **given), {})  # type: ignore[arg-type]
    derived = home.document_care.derived(AKI, info.id)
    assert [one["question"] for one in derived.proposals] == ["May leave be sold?"]
    assert [one["id"] for one in derived.answers] == [kept["given"].id]
    assert [(one["id"], one["question"]) for one in derived.tickets] == [(kept["waits"].ticket, "waits")]
    assert derived.elsewhere == 1
    page = View("en").derived(derived, {"people": "People"})
    assert f'href="/answers/{kept["given"].id}"' in page and page.count('href="/en/desk/"') == 2
    told = "\n".join(derived_lines(derived))
    assert kept["given"].id in told and str(kept["waits"].ticket) in told and "May leave be sold?" in told
    home.document_care.withdraw(AKI, info.id, "superseded by law")
    [entry], _ = home.audit_log.search(User(None, "root", {}, administrator=True), Wanted(what="document.withdrawn"))
    counted = {name: entry.after[name] for name in ("examples", "proposals", "answers", "tickets", "elsewhere")}
    assert counted == {"examples": 1, "proposals": 1, "answers": 1, "tickets": 1, "elsewhere": 1}


def test_a_document_past_its_review_date_is_told_to_its_reviewers(home: Services) -> None:
    info = named(home, AKI, "leave.txt")
    home.document_care.describe(AKI, info.id, Care(responsible="HR  team", review_on=TODAY - timedelta(days=1)))
    assert [late.filename for late in home.document_care.overdue(AKI)] == ["leave.txt"]
    assert home.document_care.overdue(EMI) == []
    assert named(home, AKI, "leave.txt").responsible == "HR team"
    home.document_care.describe(AKI, info.id, Care(review_on=TODAY + timedelta(days=300)))
    assert home.document_care.overdue(AKI) == []
    home.document_care.describe(AKI, info.id, Care(no_review=True))
    assert (named(home, AKI, "leave.txt").review_on, named(home, AKI, "leave.txt").responsible) == (None, "HR team")
    with pytest.raises(BadInput):
        home.document_care.describe(AKI, info.id, Care(responsible="x" * 121))


def test_what_changed_is_told_between_any_two_versions(home: Services, tmp_path: Path) -> None:
    send(home, AKI, write(tmp_path, "leave.txt", "Annual leave is twenty-five days."))
    read_all(home)
    told = home.document_texts.changes(EMI, named(home, EMI, "leave.txt").id, 1, 2)
    assert (told.count("changed"), told.count("added")) == (1, 0)
    assert ("new", "-five") in [(part, words) for part, words in told.changes[0].parts] or "five" in str(told.changes)
    with pytest.raises(NotFound):
        home.document_texts.changes(EMI, named(home, EMI, "leave.txt").id, 1, 3)


def test_a_list_is_filtered_and_ordered_the_same_everywhere(home: Services, tmp_path: Path) -> None:
    send(home, AKI, write(tmp_path, "empty.md", " "))
    read_all(home)
    rows = home.documents.listing(AKI)

    def names(**wanted: str) -> list[str]:
        return [info.filename for info in Filter(**wanted).pick(rows, date.today())]

    assert names() == ["empty.md", "leave.txt", "pay.txt"]
    assert names(label="confidential") == ["pay.txt"]
    assert names(state="failed") == names(type="md") == names(name="EMP") == ["empty.md"]
    assert names(state="searchable", order="newest")[0] == "pay.txt"


def test_an_unknown_label_is_refused(home: Services, tmp_path: Path) -> None:
    from assistant.documents import as_label

    with pytest.raises(BadInput):
        as_label("secret")
    assert Upload("a.txt", "people", sensitivity=as_label("public")).sensitivity == "public"


@pytest.mark.parametrize("written", ["2027-03-31", "2027年3月31日", "２０２７／３／３１", "31 March 2027"])
def test_a_date_may_be_written_as_people_write_it(written: str) -> None:
    assert as_date(written) == date(2027, 3, 31)
    for wrong in (f"by {written}", "2027年3月", "soon"):
        with pytest.raises(BadInput):
            as_date(wrong)
