"""Examples: any sheet comes in or says why not, serves at once, finds its evidence, and goes out as it came in."""

import csv
import json
from pathlib import Path

import openpyxl
import pytest

from assistant.errors import BadInput, Conflict, NotAllowed, NotFound
from assistant.example_sheet import read_sheet
from assistant.examples import SPLITS, split_of
from assistant.language import language_of
from tests.assistant.conftest import PEOPLE, Company
from tests.assistant.test_commands import Run, run

__all__ = ["run"]  # a fixture

SHEET = [
    ["人事課 よくある質問", "", "", ""],
    ["質問", "回答", "根拠文書", "引用"],
    ["有休は何日もらえますか", "12日です。", "休暇規程.md", "年次有給休暇を12日付与する"],
    [
        "病気で休むとき診断書はいりますか",
        "4日目から必要です。",
        "leave.md",
        "A doctor's note is needed from the fourth day",
    ],
    ["社員食堂は何時までですか", "14時までです。", "", ""],
    ["昼休みは", "", "", ""],
]


def as_xlsx(path: Path) -> Path:
    book = openpyxl.Workbook()
    for row in SHEET:
        book.active.append(row)
    book.save(path)
    return path


def as_csv(path: Path) -> Path:
    with path.open("w", encoding="cp932", newline="") as file:
        csv.writer(file).writerows(SHEET)
    return path


def as_jsonl(path: Path) -> Path:
    rows = [dict(zip(SHEET[1], row, strict=True)) for row in SHEET[2:]]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


@pytest.mark.parametrize("make", [as_xlsx, as_csv, as_jsonl])
def test_a_faq_sheet_comes_in_from_any_format_and_answers_the_next_asker(
    company: Company, tmp_path: Path, make: object
) -> None:
    file = make(tmp_path / ("faq." + make.__name__[3:]))  # type: ignore[operator, attr-defined]
    said = company.services.examples.import_sheet(company.reviewer, file, "people")
    assert (said.read, said.imported, said.without_evidence, [why for _, why in said.refused]) == (
        4,
        3,
        1,
        ["no_answer"],
    )
    answer = company.ask("有休は何日もらえますか?", company.employee)
    assert (answer.status, answer.reviewed, answer.answer) == ("answered", True, "12日です。")
    assert "取り込んだ回答集" in answer.why  # nobody is said to have answered it
    assert answer.citations[0].quote in PEOPLE["休暇規程.md"]
    assert company.ask("有休は何日もらえますか", company.outsider).reviewed is False
    again = company.services.examples.import_sheet(company.reviewer, file, "people")
    assert (again.imported, again.known) == (0, 3)


def test_only_a_departments_reviewers_import_see_and_retire_its_examples(company: Company, tmp_path: Path) -> None:
    examples, file = company.services.examples, as_csv(tmp_path / "faq.csv")
    with pytest.raises(NotAllowed):
        examples.import_sheet(company.employee, file, "people")
    with pytest.raises(NotFound):
        examples.listing(company.outsider, "people")
    examples.import_sheet(company.reviewer, file, "people")
    first = examples.listing(company.reviewer, "people")[0]
    for user in (company.employee, company.outsider):
        with pytest.raises(NotFound):
            examples.retire(user, first.id)
    examples.retire(company.reviewer, first.id)
    assert first.id not in [one.id for one in examples.listing(company.reviewer, "people")]
    assert company.ask(first.question, company.employee).reviewed is False


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.csv", b"name,age\nx,3\n", "sheet_columns"),
        ("a.csv", b"", "sheet_columns"),
        ("a.jsonl", b'{"question": "x"}\nno json\n', "sheet_bad_line"),
        ("a.jsonl", b"[1, 2]\n", "sheet_bad_line"),
        ("a.xlsx", b"PK no zip", "sheet_unreadable"),
        ("a.pdf", b"%PDF", "sheet_format"),
        ("gone.csv", None, "sheet_unreadable"),
    ],
)
def test_a_sheet_that_cannot_be_used_is_refused_with_a_sentence(
    tmp_path: Path, name: str, data: bytes | None, code: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput) as refused:
        read_sheet(tmp_path / name)
    assert refused.value.code == code


def test_rows_without_a_topic_share_one_only_where_they_ask_about_the_same_matter(
    company: Company, tmp_path: Path
) -> None:
    asked = {
        "社員食堂は何時までですか": "14時です。",
        "食堂は何時に閉まりますか": "14時に閉まります。",
        "出張の日当はいくらですか": "2,500円です。",
        "パスワードは何文字以上にしますか": "12文字以上です。",
        "Where do I report a lost badge?": "At the gate.",
    }
    rows = [json.dumps({"question": question, "answer": answer}) for question, answer in asked.items()]
    (tmp_path / "faq.jsonl").write_text("\n".join(rows), "utf-8")
    company.services.examples.import_sheet(company.reviewer, tmp_path / "faq.jsonl", "people")
    topics = {one.question: one.topic for one in company.services.examples.listing(company.reviewer, "people")}
    canteen, closing, *others = (topics[question] for question in asked)
    assert canteen == closing
    assert len({canteen, *others}) == 4


def test_a_topic_is_in_one_split_for_ever_and_the_splits_have_their_shares() -> None:
    drawn = [split_of("people", f"topic {n}") for n in range(4000)]
    assert drawn == [split_of("people", f"topic {n}") for n in range(4000)]
    shares = {split: round(drawn.count(split) / len(drawn), 1) for split in SPLITS}
    assert shares == {"train": 0.5, "calibration": 0.2, "frozen": 0.2, "regression": 0.1}


def test_an_example_whose_document_was_replaced_serves_nobody_and_is_pointed_out(
    company: Company, tmp_path: Path
) -> None:
    company.services.examples.import_sheet(company.reviewer, as_csv(tmp_path / "faq.csv"), "people")
    (tmp_path / "休暇規程.md").write_text("# 休暇規程\n\n年次有給休暇を20日付与する。\n", "utf-8")
    company.services.documents.ingest(company.operator, tmp_path / "休暇規程.md", "people")
    assert company.ask("有休は何日もらえますか", company.employee).reviewed is False
    found = {finding.kind: finding for finding in company.services.examples.check(company.reviewer, "people")}
    assert len(found["outdated"].rows) == 1


def test_the_commands_import_check_and_export_and_an_export_comes_in_again(run: Run, tmp_path: Path) -> None:
    file = as_csv(tmp_path / "faq.csv")
    code, out, _ = run("examples", "import", str(file), "--domain", "people", "--json")
    said = json.loads(out)
    assert (code, said["imported"], len(said["refused"])) == (0, 3, 1)
    assert sum(said["splits"].values()) == 3
    code, out, _ = run("examples", "check", "--domain", "people", "--json")
    assert code == 0
    assert {"few_judged", "no_evidence"} <= {finding["kind"] for finding in json.loads(out)["findings"]}
    for name in ("out.jsonl", "out.csv"):
        assert run("examples", "export", "--domain", "people", "--out", str(tmp_path / name))[0] == 0
        code, out, _ = run("examples", "import", str(tmp_path / name), "--domain", "people", "--json")
        assert (json.loads(out)["imported"], json.loads(out)["known"]) == (0, 3)


@pytest.mark.parametrize(
    ("asked", "answered", "quote", "file"),
    [
        ("For how long is the VPN connection kept without activity?", "45 minutes without activity.",
         "The VPN disconnects after 45 minutes without activity.", "remote_access.txt"),
        ("パスワードは最低何文字にしないといけませんか", "14文字以上です。",
         "パスワードは14文字以上とし、90日ごとに変更する。", "パスワード.txt"),
    ],
)  # fmt: skip
def test_a_persons_answer_serves_who_surely_asks_the_same_and_is_told_of_where_that_is_likely(
    company: Company, tmp_path: Path, asked: str, answered: str, quote: str, file: str
) -> None:
    questions = {
        "The VPN connection is kept for how long without activity?": "given",
        "パスワード 最低 何文字": "given",
        "パスワードは最低何文字必要ですか": "given",
        "パスワードの長さは？": "told of",
        "Who may use the VPN without activity records?": "",
        "パスワードに絵文字は使えますか": "",
        "パスワードを何回間違えるとロックされますか": "",
    }
    row = {"question": asked, "answer": answered, "evidence": [{"file": file, "quote": quote}]}
    sheet = tmp_path / "one.jsonl"
    sheet.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    company.services.examples.import_sheet(company.operator, sheet, "it")
    for question, expected in questions.items():
        answer = company.ask(question, company.outsider)
        if not expected or language_of(question, "en") != language_of(asked, "en"):
            assert answer.reviewed is False, question
            continue
        assert answer.similar is not None, question
        assert (answer.similar["question"], answer.similar["answer"]) == (asked, answered)
        assert answer.reviewed is (expected == "given"), question
        assert expected == "told of" or asked in answer.why
        documents = company.services.assistant.ask(question, company.outsider, reviewed=False)
        assert (documents.reviewed, documents.similar) == (False, None)
    company.services.examples.retire(company.operator, company.services.examples.listing(company.operator, "it")[0].id)
    assert company.ask(next(iter(questions)), company.outsider).similar is None


def test_a_persons_answer_to_other_words_waits_for_a_person_where_every_answer_does(
    company: Company, tmp_path: Path
) -> None:
    asked = "For how long is the VPN connection kept without activity?"
    quote = "The VPN disconnects after 45 minutes without activity."
    row = {"question": asked, "answer": "45 minutes.", "evidence": [{"file": "remote_access.txt", "quote": quote}]}
    sheet = tmp_path / "one.jsonl"
    sheet.write_text(json.dumps(row), "utf-8")
    company.services.examples.import_sheet(company.operator, sheet, "it")
    other_words = "The VPN connection is kept for how long without activity?"
    company.services.releases.set(company.operator, "it", "the first weeks", release="review")
    answer = company.ask(other_words, company.outsider)
    assert (answer.status, answer.reviewed) == ("held", False)
    assert answer.similar is not None
    company.services.releases.set(company.operator, "it", "as before", release="hold")
    assert company.ask(other_words, company.outsider).reviewed is True
    two = company.ask(f"{other_words} And how many characters must a password have?", company.outsider)
    assert two.reviewed is False


def test_an_example_is_changed_finds_its_evidence_anew_and_keeps_its_split(company: Company, tmp_path: Path) -> None:
    examples = company.services.examples
    examples.import_sheet(company.reviewer, as_jsonl(tmp_path / "faq.jsonl"), "people")
    one = next(row for row in examples.listing(company.reviewer, "people") if row.question == SHEET[2][0])
    quote = "半日単位での取得は年10回までとする"
    edited = examples.edit(
        company.reviewer, one.id, {"question": "半休は年何回まで？", "answer": "年10回までです。", "quote": quote,
                                   "severity": "高"}
    )  # fmt: skip
    assert (edited.question, edited.severity, edited.split, edited.topic) == (
        "半休は年何回まで？", "high", one.split, one.topic,
    )  # fmt: skip
    assert [piece["quote"] for piece in edited.evidence] == [quote]
    assert edited.facts == [["10回"]]
    none = examples.edit(company.reviewer, one.id, {"answer": ""})
    assert (none.answer, none.facts, none.question) == ("", [], edited.question)


def test_where_two_people_agree_a_changed_example_is_a_proposal_until_another_approves_it(
    company: Company, tmp_path: Path
) -> None:
    examples = company.services.examples
    examples.import_sheet(company.reviewer, as_jsonl(tmp_path / "faq.jsonl"), "people")
    one = examples.listing(company.reviewer, "people")[0]
    company.services.domains.set_desk(company.operator, "people", "four eyes", second_approval=True)
    assert examples.edit(company.reviewer, one.id, {"answer": "99 days."}).state == "proposed"
    assert one.id not in {row.id for row in examples.listing(company.reviewer, "people")}
    with pytest.raises(NotAllowed):
        company.services.corrections.approve(company.reviewer, one.id)
    company.services.corrections.approve(company.operator, one.id)
    assert one.id in {row.id for row in examples.listing(company.reviewer, "people")}


def test_an_example_is_not_changed_into_one_that_contradicts_another(company: Company, tmp_path: Path) -> None:
    examples = company.services.examples
    examples.import_sheet(company.reviewer, as_jsonl(tmp_path / "faq.jsonl"), "people")
    first, second, *_ = examples.listing(company.reviewer, "people")
    with pytest.raises(Conflict) as refused:
        examples.edit(company.reviewer, first.id, {"question": second.question})
    assert refused.value.code == "contradicts"
    assert first in examples.listing(company.reviewer, "people")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"question": " "}, "example_no_question"),
        ({"answer": "x" * 10_001}, "example_too_long"),
        ({"severity": "dire"}, "example_unknown_severity"),
        ({"failed_part": "luck"}, "example_unknown_cause"),
        ({"quote": "this stands nowhere at all"}, "example_no_such_quote"),
    ],
)
def test_a_change_that_cannot_be_used_leaves_the_example_as_it_was(
    company: Company, tmp_path: Path, changes: dict[str, str], code: str
) -> None:
    examples = company.services.examples
    examples.import_sheet(company.reviewer, as_jsonl(tmp_path / "faq.jsonl"), "people")
    one = examples.listing(company.reviewer, "people")[0]
    with pytest.raises(BadInput) as refused:
        examples.edit(company.reviewer, one.id, changes)
    assert refused.value.code == code
    assert examples.listing(company.reviewer, "people")[0] == one
    for user in (company.employee, company.outsider):
        with pytest.raises(NotFound):
            examples.edit(user, one.id, {"answer": "12"})
