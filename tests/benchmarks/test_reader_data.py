"""What the reader learns from: our own near misses go with the passage they were written for, and with no other."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.reader_training import Reading
from benchmarks import reader_data
from benchmarks.reader_data import NEAR_MISSES, near_misses

PASSAGE = "The mill burnt down in 1871 and was rebuilt by Osias Grey."
READING = Reading("q", "en", "Mills", "When did the mill burn down?", PASSAGE, ((23, "1871"),), "answerable")


def test_a_near_miss_goes_with_its_passage_and_has_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = hashlib.sha256(PASSAGE.encode()).hexdigest()[:12]
    file = tmp_path / "near_misses.tsv"
    file.write_text(f"{key}\tWho burnt the mill down?\n{'0' * 12}\tWho sold it?\n", "utf-8")
    monkeypatch.setattr(reader_data, "NEAR_MISSES", file)
    [made] = near_misses([READING, replace(READING, id="other", passage="The mill was sold.")])
    assert (made.question, made.passage, made.answers) == ("Who burnt the mill down?", PASSAGE, ())
    assert made.kind == "unanswerable"


def test_every_near_miss_names_a_passage_and_asks_something_once() -> None:
    rows = [line.split("\t") for line in NEAR_MISSES.read_text("utf-8").splitlines()]
    assert all(len(row) == 2 and len(row[0]) == 12 and row[1].strip() for row in rows)
    assert len({tuple(row) for row in rows}) == len(rows) == 2600
