"""No cell of an exported sheet is calculated by what opens it, and every one comes back as it was."""

import ast
import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assistant.glossaries import as_table
from assistant.sheet_cell import as_written, harmless, sheet_line
from index import Entry
from tests.assistant.test_commands import Run, run

__all__ = ["run"]  # a fixture

ROOT = Path(__file__).parent.parent.parent
FORMULAS = ('=HYPERLINK("http://x","y")', "+81-3-1234-5678", "-5 °C", "@SUM(A1)", "＝1+1", "　＠x", "\ufeff=1")
WRITES_SHEETS = {"DictWriter", "Workbook", "to_csv", "to_excel"}
TOLD = {
    "What is the number of the hotline?": "+81-3-1234-5678",
    "How cold may the store be?": "－5 °C",
    "Which cell holds the sum?": "=SUM(A1:A9)",
    "Who waters the plants?": "Facility management",
}


def test_nothing_in_the_product_writes_a_sheet_but_what_makes_its_cells_harmless() -> None:
    found = set()
    for room in ("adapters", "index", "assistant"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
                if name == "csv.writer" or name.rpartition(".")[2] in WRITES_SHEETS:
                    found.add(str(path.relative_to(ROOT)))
    assert found == {"assistant/sheet_cell.py"}


@given(st.lists(st.text() | st.sampled_from(FORMULAS), min_size=1), st.sampled_from([",", "\t"]))
def test_a_lines_cells_are_harmless_and_come_back_as_they_were(cells: list[str], delimiter: str) -> None:
    assume(all(as_written(cell) == cell for cell in cells))  # none looks as if it had been exported before
    [read] = csv.reader(io.StringIO(sheet_line(cells, delimiter), newline=""), delimiter=delimiter)
    assert read == [harmless(cell) for cell in cells]
    assert [as_written(cell) for cell in read] == cells


@pytest.mark.parametrize("words", FORMULAS)
def test_a_departments_word_that_begins_as_a_formula_is_exported_as_text(words: str) -> None:
    [cells] = csv.reader(io.StringIO(as_table([Entry((words,), (words, "霞野"))], "\t")), delimiter="\t")
    assert cells == [f"'{words}", f"'{words}|霞野"]


def test_exported_examples_hold_no_formula_and_are_known_when_they_come_back(run: Run, tmp_path: Path) -> None:
    sheet, out = tmp_path / "in.jsonl", tmp_path / "out.csv"
    rows = [json.dumps({"question": question, "answer": answer}) for question, answer in TOLD.items()]
    sheet.write_text("\n".join(rows), encoding="utf-8")
    for command in (("import", str(sheet)), ("export", "--out", str(out)), ("import", str(out), "--json")):
        code, said, told = run("examples", *command, "--domain", "people")
        assert code == 0, told
    assert (json.loads(said)["imported"], json.loads(said)["known"]) == (0, len(TOLD))
    answers = [row["answer"] for row in csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig")))]
    assert sorted(answers) == ["'+81-3-1234-5678", "'=SUM(A1:A9)", "'－5 °C", "Facility management"]
