"""The example company holds together: documents, questions, evidence, splits."""

import importlib.util
import json
import re
import sys
import tomllib
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from types import ModuleType

import pytest

from adapters.judging import stands_in
from adapters.questions import SPLITS, Piece, Question, read_questions
from index.parsing import parse_file

EXAMPLES = Path(__file__).parent.parent / "examples"
DOCUMENTS = {path.name: path for path in (EXAMPLES / "documents").rglob("*.*")}
SOURCES = sorted((EXAMPLES / "sources").rglob("*.md"))
PICTURES = {".png"}


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return read_questions(EXAMPLES / "questions.jsonl")


def test_there_are_sixty_documents_in_five_departments_and_ten_formats() -> None:
    assert len(DOCUMENTS) >= 60
    assert len({path.parent.name for path in DOCUMENTS.values()}) >= 5
    endings = {path.suffix for path in DOCUMENTS.values()}
    assert endings >= {".md", ".txt", ".html", ".csv", ".docx", ".xlsx", ".pptx", ".pdf", ".png", ".eml"}


def test_every_built_document_is_what_its_source_builds() -> None:
    building = script("build_documents")
    for source in SOURCES:
        target = EXAMPLES / "documents" / source.parent.name / source.stem
        parsed = building.read_source(source)
        if target.suffix in PICTURES or parsed.head.get("scan"):
            assert target.stat().st_size > 2000, target.name  # fonts differ between machines
        else:
            assert building.BUILD[target.suffix](parsed) == target.read_bytes(), target.name


def test_questions_are_many_in_both_languages_and_a_third_has_no_answer(questions: list[Question]) -> None:
    assert len(questions) >= 800 and len({q.id for q in questions}) == len(questions)
    languages = Counter(q.language for q in questions)
    assert abs(languages["ja"] - languages["en"]) < 0.1 * len(questions)
    assert 0.3 < sum(not q.answerable for q in questions) / len(questions) < 0.37
    assert set(Counter(q.domain for q in questions)) == {"people", "it", "quality", "accounting", "sales", None}


def test_no_question_is_asked_twice(questions: list[Question]) -> None:
    asked = Counter((q.question, q.history) for q in questions)
    assert not [text for text, count in asked.items() if count > 1]


def test_every_piece_of_evidence_stands_in_its_document_as_it_is_read(questions: list[Question]) -> None:
    texts: dict[str, str] = {}
    for name in {piece.file for q in questions for piece in q.evidence}:
        texts[name] = "\n".join(block.text for block in parse_file(DOCUMENTS[name], name))
    missing = [
        (q.id, piece.quote)
        for q in questions
        for piece in q.evidence
        if not stands_in(piece, piece.file, texts[piece.file])
    ]
    assert not missing


def test_the_cells_of_a_quoted_row_stand_in_one_row(questions: list[Question]) -> None:
    rows: defaultdict[str, list[set[str]]] = defaultdict(list)
    for path in [*SOURCES, *(p for p in DOCUMENTS.values() if p.suffix == ".md")]:
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("|"):
                name = path.stem if path in SOURCES else path.name
                rows[name].append({cell.strip() for cell in line.strip().strip("|").split("|")})
    quoted = {piece for q in questions for piece in q.evidence if " | " in piece.quote}
    assert len(quoted) > 50
    wrong = [p for p in quoted if not any(set(p.quote.split(" | ")) <= row for row in rows[p.file])]
    assert not wrong


def test_no_topic_and_no_evidence_is_in_two_splits(questions: list[Question]) -> None:
    by_group: defaultdict[str, set[str]] = defaultdict(set)
    by_piece: defaultdict[Piece, set[str]] = defaultdict(set)
    for question in questions:
        assert question.split in SPLITS
        by_group[question.group].add(question.split)
        for piece in question.evidence:
            by_piece[piece].add(question.split)
    assert all(len(splits) == 1 for splits in by_group.values())
    assert all(len(splits) == 1 for splits in by_piece.values())


def test_the_splits_are_the_deal_and_the_frozen_one_has_its_hash() -> None:
    splitting = script("split_questions")
    lines = (EXAMPLES / "questions.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    dealt = splitting.deal(rows)
    assert all(row["split"] == dealt[row["group"]] for row in rows)
    assert splitting.frozen_hash(lines) == (EXAMPLES / "frozen.sha256").read_text().strip()


def test_no_example_of_the_router_is_a_question_it_is_judged_on(questions: list[Question]) -> None:
    def fold(text: str) -> str:
        return unicodedata.normalize("NFKC", text).casefold()

    taught = tomllib.loads((EXAMPLES / "domains.toml").read_text("utf-8"))
    examples = {fold(text) for table in taught.values() for text in table["questions"]}
    assert not [q.id for q in questions if q.split not in ("router", "train") and fold(q.question) in examples]


def test_nothing_in_the_documents_reads_like_a_real_person_or_company() -> None:
    addresses = set()
    for path in [*SOURCES, *DOCUMENTS.values()]:
        if path.suffix in (".md", ".txt"):
            addresses |= set(re.findall(r"[a-z.]+@[a-z.]+[a-z]", path.read_text("utf-8")))
    assert addresses and all(address.endswith("@asagi.example") for address in addresses)
