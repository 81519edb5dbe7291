"""Reading a sheet of questions with answers: JSON lines, CSV or TSV in any encoding, or Excel, as companies keep them.

It finds the columns by their headings, in English and Japanese, and makes rows of text. What the rows mean for the
department is `examples`' business.
"""

import csv
import io
import json
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openpyxl

from assistant.errors import BadInput
from assistant.sheet_cell import as_written
from index import decode

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "question": ("question", "q", "質問", "問", "問い", "質問内容", "お問い合わせ", "問い合わせ内容"),
    "answer": ("answer", "a", "gold", "回答", "答", "答え", "回答内容"),
    "file": ("file", "document", "source document", "文書", "根拠文書", "ファイル", "資料", "参照文書"),
    "quote": ("quote", "evidence", "引用", "根拠", "根拠の文", "該当箇所"),
    "facts": ("facts", "must say", "必須", "必須事項"),
    "topic": ("topic", "group", "category", "分類", "カテゴリ", "カテゴリー", "トピック"),
    "severity": ("severity", "重要度", "重大度"),
    "failed_part": ("failed part", "cause", "失敗箇所", "原因"),
    "answerable": ("answerable", "回答可否"),
    "split": ("split", "区分"),
    "domain": ("domain", "department", "部署", "部門"),
}
SEVERITY = {"低": "low", "中": "medium", "高": "high"}
UNANSWERABLE = ("no", "false", "0", "不可", "なし", "×")
NOBODYS = "-"  # the department of a question that is none's
HEADING_ROWS = 20  # among the first of a sheet its headings are looked for
MOST_ROWS = 50_000
MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024


@dataclass(frozen=True)
class SheetRow:
    """A row: its number in the file (1: the first line), and its cells by the names of COLUMNS, none empty; `follows`
    where it goes on from earlier questions.

    pieces: (file, quote), where the answer stands. facts: each in its forms. unanswerable: it is said that no document
    answers; a cell that is merely empty does not say so.
    """

    number: int
    cells: Mapping[str, str]
    pieces: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, ...], ...] = ()
    unanswerable: bool = False

    def get(self, name: str) -> str:
        """A cell; empty where there is none."""
        return self.cells.get(name, "")


def read_sheet(path: Path) -> list[SheetRow]:
    """The rows of a file. Raises BadInput: not readable, of no such format, without columns, too long."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput("sheet_too_large", file=path.name, limit=MOST_BYTES >> 20)
        data = path.read_bytes()
    except OSError as error:
        raise BadInput("sheet_unreadable", file=str(path)) from error
    kind = path.suffix.lower()
    if kind in (".jsonl", ".ndjson"):
        rows = _json_lines(decode(data, path.name), path.name)
    elif kind in (".csv", ".tsv", ".txt"):
        rows = _table(_delimited(decode(data, path.name)), path.name)
    elif kind in (".xlsx", ".xlsm"):
        rows = _table(_excel(data, path.name), path.name)
    else:
        raise BadInput("sheet_format", file=path.name)
    if len(rows) > MOST_ROWS:
        raise BadInput("sheet_too_long", file=path.name, limit=MOST_ROWS, rows=len(rows))
    return rows


def _json_lines(text: str, name: str) -> list[SheetRow]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(_of_object(number, json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput("sheet_bad_line", file=name, line=number) from error
    return found


def _of_object(number: int, row: Mapping[str, Any]) -> SheetRow:
    """A line of JSON: our export's, or of the format of `examples/QUESTIONS.md`."""
    known = {alias: column for column, aliases in COLUMNS.items() for alias in aliases}
    plain = {known.get(_heading(key), ""): str(value) for key, value in row.items() if isinstance(value, str)}
    if "domain" in row and row["domain"] is None:
        plain["domain"] = NOBODYS
    if row.get("history"):
        plain["follows"] = "yes"
    made = row_of(number, {column: value.strip() for column, value in plain.items() if column and value.strip()})
    pieces = tuple((str(piece["file"]), str(piece["quote"])) for piece in _list(row, "evidence"))
    facts = tuple(tuple(str(form) for form in forms) for forms in _list(row, "facts"))
    return replace(
        made,
        pieces=pieces or made.pieces,
        facts=tuple(forms for forms in facts if forms) or made.facts,
        unanswerable=row.get("answerable") is False or made.unanswerable,
    )


def _list(row: Mapping[str, Any], name: str) -> list[Any]:
    given = row.get(name)
    return given if isinstance(given, list) else []


def _delimited(text: str) -> Iterable[Sequence[str]]:
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4096], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel_tab if "\t" in text[:4096] else csv.excel
    dialect.doublequote = True
    return csv.reader(io.StringIO(text, newline=""), dialect)


def _excel(data: bytes, name: str) -> Iterable[Sequence[str]]:
    """The rows of the first sheet that has both headings, else of the first."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise BadInput("sheet_too_large", file=name, limit=MOST_UNPACKED >> 20)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [
            [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
            for sheet in book.worksheets
            if sheet.sheet_state == "visible"
        ]
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise BadInput("sheet_unreadable", file=name) from error
    return next((rows for rows in sheets if _headings(rows) is not None), sheets[0] if sheets else [])


def _table(given: Iterable[Sequence[str]], name: str) -> list[SheetRow]:
    try:
        rows = list(given)
    except csv.Error as error:
        raise BadInput("sheet_unreadable", file=name) from error
    found = _headings(rows)
    if found is None:
        raise BadInput("sheet_columns", file=name)
    top, places = found
    made = []
    for number, row in enumerate(rows[top + 1 :], start=top + 2):
        told = {column: as_written(row[at].strip()) for column, at in places.items() if at < len(row)}
        cells = {column: cell for column, cell in told.items() if cell}
        if cells:
            made.append(row_of(number, cells))
    return made


def row_of(number: int, cells: dict[str, str]) -> SheetRow:
    """A row from cells by the names of COLUMNS, none empty."""
    if "severity" in cells:
        cells["severity"] = SEVERITY.get(cells["severity"], cells["severity"].lower())
    pieces = ((cells.get("file", ""), cells.get("quote", "")),) if "file" in cells or "quote" in cells else ()
    told = [part.split(" / ") for part in cells.get("facts", "").replace("；", ";").split(";")]
    facts = (tuple(form.strip() for form in forms if form.strip()) for forms in told)
    unanswerable = cells.get("answerable", "").lower() in UNANSWERABLE
    return SheetRow(number, cells, pieces, tuple(forms for forms in facts if forms), unanswerable)


def _headings(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]] | None:
    """The row of headings and the place of each column; None where questions or answers have none."""
    for number, row in enumerate(rows[:HEADING_ROWS]):
        told = [_heading(cell) for cell in row]
        places = {
            column: told.index(alias) for column, aliases in COLUMNS.items() for alias in aliases if alias in told
        }
        if {"question", "answer"} <= places.keys():
            return number, places
    return None


def _heading(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip().lower().replace("_", " ").rstrip(":：")
