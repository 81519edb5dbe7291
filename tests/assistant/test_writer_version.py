"""A department's writer: trained beside the reader, worn by the language model, taken back with the version."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from adapters import version_folder
from assistant.errors import BadInput
from tests.assistant.conftest import Company, company_of

ROWS: list[dict[str, Any]] = [
    {"question": "How long may parents stay at home?", "answer": "Up to fourteen months in total.", "split": "train",
     "evidence": [{"file": "leave.md", "quote": "up to fourteen months of parental leave in total"}]},
    {"question": "When does leave that was carried over lapse?", "answer": "It lapses on 31 March.", "split": "train",
     "evidence": [{"file": "leave.md", "quote": "they lapse on 31 March"}]},
    {"question": "From which day of illness is a doctor's note needed?", "answer": "It is the fourth day.",
     "facts": [["fourth day"]], "split": "train", "failed_part": "writing",
     "evidence": [{"file": "leave.md", "quote": "A doctor's note is needed from the fourth day of illness."}]},
    {"question": "結婚休暇は何日もらえますか", "answer": "連続する5日です。", "split": "train",
     "evidence": [{"file": "休暇規程.md", "quote": "連続する5日の休暇を与える"}]},
]  # fmt: skip


@pytest.fixture
def taught(open_home: Any, filled: Path, tmp_path: Path) -> Company:
    """The small company with the writer as it ships, and a sheet taken in."""
    shutil.copytree(filled, tmp_path / "home")
    company = company_of(open_home(writer="auto"))
    sheet = tmp_path / "examples.jsonl"
    sheet.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), "utf-8")
    company.services.examples.import_sheet(company.operator, sheet, "people")
    return company


def test_a_writer_words_its_departments_answers_beside_the_reader_until_it_is_taken_back(taught: Company) -> None:
    services, owner = taught.services, taught.operator
    asked = "How many months of parental leave may a parent take?"
    before = taught.ask(asked, taught.employee, reviewed=False)
    assert before.signals["writer"] == "quote"
    started = services.trainings.start(owner, "people", part="writer", minutes=3)
    assert started.settings["examples"] == 3  # English: what the embedded language model knows
    done = services.trainings.follow(owner, started.id)
    assert (done.state, done.error) == ("done", None) and done.version
    folder = services.adapter_versions.path("people", done.version)
    assert version_folder.about(folder)["parts"] == ["writer"]

    services.promotions.promote(owner, done.version, "a trial in a test", override=True)
    after = taught.ask(asked, taught.employee, reviewed=False)
    said = after.answer or after.draft or ""
    assert (after.adapter, "fourteen" in said) == (done.version, True), said
    assert list(services.writers._loaded) == [done.version]  # it worded that; what does not hold is quoted over
    assert after.citations[0].quote == before.citations[0].quote  # the reader is as it was
    japanese = taught.ask("結婚休暇は何日もらえますか", taught.employee, reviewed=False)
    assert japanese.signals["writer"] in ("quote", None)  # a language that it does not know is quoted
    elsewhere = taught.ask("What does error NX-204 mean?", taught.employee, reviewed=False)
    assert elsewhere.signals["writer"] == "quote"

    reading = services.trainings.start(owner, "people", part="reader", minutes=3)
    both = services.trainings.follow(owner, reading.id)
    assert both.version
    kept = services.adapter_versions.path("people", both.version)
    assert version_folder.about(kept)["parts"] == ["reader", "writer"]
    weights = "adapter_model.safetensors"
    assert (kept / "writer" / weights).read_bytes() == (folder / "writer" / weights).read_bytes()
    assert services.promotions.side_by_side(owner, both.version, asked)[1].adapter == both.version
    assert list(services.writers._loaded) == [done.version, both.version]

    # a version that lacks what the live one also holds is objected to
    assert [
        one.code for one in services.promotions.compare(owner, both.version).objections if one.code == "part_lost"
    ] == []
    services.promotions.promote(owner, both.version, "a trial in a test", override=True)
    assert "part_lost" in [one.code for one in services.promotions.compare(owner, done.version).objections]

    # its reader altered on the disk: the skill reads in its place, and the writer that was loaded before goes on
    (kept / weights).write_bytes(b"x")
    assert services.span_reader is not None
    services.span_reader._loaded.clear()  # as after a restart
    worded = taught.ask(asked, taught.employee, reviewed=False)
    assert worded.adapter == both.version

    services.adapter_versions.roll_back(owner, "people", "shipped", "back")
    restored = taught.ask(asked, taught.employee, reviewed=False)
    assert (restored.answer, restored.draft, restored.adapter) == (before.answer, before.draft, None)

    # altered on the disk: tried, it is refused; live, it is quoted instead
    services.adapter_versions.roll_back(owner, "people", done.version, "forward")
    (folder / "writer" / weights).write_bytes(b"x")
    services.writers._loaded.clear()  # as after a restart
    quoted = taught.ask(asked, taught.employee, reviewed=False)
    assert quoted.signals["writer"] == "quote"


def test_a_writer_is_trained_by_lora_alone_and_from_answers_in_its_language(taught: Company) -> None:
    trainings, owner = taught.services.trainings, taught.operator
    for method, part in (("ia3", "writer"), ("lora", "voice")):
        with pytest.raises(BadInput):
            trainings.start(owner, "people", method=method, part=part)  # type: ignore[arg-type]
    for example in taught.services.examples.listing(owner, "people"):
        if example.language == "en":
            taught.services.examples.retire(owner, example.id)
    with pytest.raises(BadInput) as refused:
        trainings.start(owner, "people", part="writer")
    assert refused.value.code == "nothing_to_learn"
