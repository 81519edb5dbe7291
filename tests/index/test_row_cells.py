"""A row that was made text for searching can be shown as cells again."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from index import row_cells
from index.parsers.rows import row_text
from index.parsing import parse_file

words = st.from_regex(r"[A-Za-z0-9あ-ん円,.-]{1,12}", fullmatch=True)


@given(st.dictionaries(words, words, min_size=2, max_size=6))
def test_a_rows_cells_come_back(row: dict[str, str]) -> None:
    row = {name: value for name, value in row.items() if name != value}
    told = row_text(list(row), list(row.values()))
    assert row_cells(told) == (list(row.items()) if len(row) >= 2 else [])


def test_a_sentence_is_no_row() -> None:
    for told in ("Apply by noon; later requests wait.", "Note: apply by noon.", "在宅勤務は週2日を限度とする。", ""):
        assert row_cells(told) == []


def test_a_cell_without_a_header_keeps_its_place() -> None:
    assert row_cells("Item: pump; see note; Price: 5") == [("Item", "pump"), ("", "see note"), ("Price", "5")]


PAGE = """1. When you marry
   <table><tr><td>Days off</td><td>5 days</td></tr><tr><td>Tell us</td><td>30 days before</td></tr></table>
2. When a grandparent dies
   <table><tr><td>Days off</td><td>2 days</td></tr><tr><td>Tell us</td><td>afterwards</td></tr></table>

All ranks:

| Rank | Amount |
|---|---|
| A | 100 |
| B | 200 |
"""


def test_a_form_is_one_row_that_begins_with_what_it_is_of_and_a_list_stays_rows(tmp_path: Path) -> None:
    path = tmp_path / "rules.md"
    path.write_text(PAGE, encoding="utf-8")
    assert [block.text for block in parse_file(path, path.name)] == [
        "When you marry; Days off: 5 days; Tell us: 30 days before",
        "When a grandparent dies; Days off: 2 days; Tell us: afterwards",
        "All ranks:",
        "Rank: A; Amount: 100",
        "Rank: B; Amount: 200",
    ]
