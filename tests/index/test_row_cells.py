"""A row that was made text for searching can be shown as cells again."""

from hypothesis import given
from hypothesis import strategies as st

from index import row_cells
from index.parsers.rows import row_text

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
