"""Builds the example documents from `sources/`: `python examples/build_documents.py [NAME…]` (all, or those named).

A source is Markdown: `sources/<department>/<file name to build>.md`, so `就業規則.docx.md` becomes
`documents/<department>/就業規則.docx`. What the company keeps as Markdown or plain text is written in `documents/` itself.
In a table `<` continues the cell to its left and `^` the cell above (merged cells). A few formats read settings from a
TOML head between `+++` lines: `encoding` (csv), `scan = true` (a pdf that is only a picture), `crop` (png: millimetres
kept from the page's top), and the header fields of a mail. The built files are committed; the same source gives the
same bytes (pictures: on a machine with the same fonts).
"""

import io
import re
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from random import Random
from typing import Any

import pypdfium2
from docx import Document
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from PIL import Image, ImageChops
from pptx import Presentation
from pptx.util import Mm, Pt
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

HERE = Path(__file__).parent
MADE = datetime(2026, 9, 1, tzinfo=UTC)
GOTHIC = "HeiseiKakuGo-W5"
MARKDOWN = MarkdownIt("commonmark").enable("table")
Rows = list[list[str]]


@dataclass(frozen=True)
class Block:
    """A piece of a source. kind: `heading`, `paragraph`, `bullet`, `step` (a numbered item) or `table`."""

    kind: str
    text: str = ""
    level: int = 0
    rows: Rows | None = None


@dataclass(frozen=True)
class Source:
    """One document before it is built: its settings, Markdown, and the same as blocks without the title."""

    head: dict[str, Any]
    markdown: str
    title: str
    blocks: list[Block]


@dataclass(frozen=True)
class Merge:
    """Merged cells, 0-based, ends included."""

    row: int
    column: int
    last_row: int
    last_column: int


def read_source(path: Path) -> Source:
    """Settings and blocks of a source file; its first heading is the document's title."""
    text = path.read_text(encoding="utf-8")
    head: dict[str, Any] = {}
    if text.startswith("+++\n"):
        settings, text = text[4:].split("\n+++\n", 1)
        head = tomllib.loads(settings)
    blocks = list(read_blocks(text))
    return Source(head, text, blocks[0].text, blocks[1:])


def read_blocks(text: str) -> Iterator[Block]:
    """The blocks of a Markdown text, in order."""
    for node in SyntaxTreeNode(MARKDOWN.parse(text)).children:
        if node.type == "heading":
            yield Block("heading", words(node), int(node.tag[1]))
        elif node.type == "table":
            yield Block(
                "table",
                rows=[[words(cell) for cell in row.children] for part in node.children for row in part.children],
            )
        elif node.type in ("bullet_list", "ordered_list"):
            kind = "bullet" if node.type == "bullet_list" else "step"
            for number, item in enumerate(node.children, start=1):
                yield Block(kind, words(item), number)
        else:
            yield Block("paragraph", words(node))


def words(node: SyntaxTreeNode) -> str:
    """The text in a node; a line break in the source is a space between Latin letters and nothing in Japanese."""
    content = "".join(part.content for part in node.walk() if part.type == "inline")
    return re.sub(r"(?<=[!-~])\n(?=[!-~])", " ", content).replace("\n", "")


def merged(rows: Rows) -> tuple[Rows, list[Merge]]:
    """The rows with empty strings where a cell continues another, and what is merged."""
    merges = []
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell in ("<", "^"):
                continue
            last_column = column
            while last_column + 1 < len(cells) and cells[last_column + 1] == "<":
                last_column += 1
            last_row = row
            while last_row + 1 < len(rows) and rows[last_row + 1][column] == "^":
                last_row += 1
            if (last_row, last_column) != (row, column):
                merges.append(Merge(row, column, last_row, last_column))
    return [["" if cell in ("<", "^") else cell for cell in cells] for cells in rows], merges


def typed(cell: str) -> str | int | float | date:
    """A spreadsheet's value of a cell's text: numbers and ISO dates are stored as such."""
    if re.fullmatch(r"-?[1-9]\d{0,2}(,\d{3})+|-?(0|[1-9]\d*)", cell):
        return int(cell.replace(",", ""))
    if re.fullmatch(r"-?\d+\.\d+", cell):
        return float(cell)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell):
        return date.fromisoformat(cell)
    return cell


def settle(data: bytes) -> bytes:
    """An Office file with the same time stamps whenever it is built."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename == "docProps/core.xml":
                stamp = MADE.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, content)
            entry = zipfile.ZipInfo(item.filename, MADE.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()


def docx(source: Source) -> bytes:
    """A Word file with headings, lists and tables."""
    document = Document()
    document.core_properties.title = source.title
    document.add_heading(source.title, 0)
    for block in source.blocks:
        if block.kind == "heading":
            document.add_heading(block.text, block.level - 1)
        elif block.rows is not None:
            rows, merges = merged(block.rows)
            table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
            for row, cells in zip(table.rows, rows, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
            for merge in merges:
                text = rows[merge.row][merge.column]
                joined = table.cell(merge.row, merge.column).merge(table.cell(merge.last_row, merge.last_column))
                joined.text = text
        elif block.kind == "step":
            document.add_paragraph(f"{block.level}. {block.text}")
        else:
            document.add_paragraph(block.text, style="List Bullet" if block.kind == "bullet" else None)
    out = io.BytesIO()
    document.save(out)
    return settle(out.getvalue())


def pdf_flow(source: Source) -> list[Any]:
    """The blocks for reportlab, in a Japanese font that every reader has."""
    pdfmetrics.registerFont(UnicodeCIDFont(GOTHIC))
    body = ParagraphStyle("body", fontName=GOTHIC, fontSize=10, leading=16, spaceAfter=6)
    head = ParagraphStyle("head", parent=body, fontSize=12, leading=20, spaceBefore=8)
    name = ParagraphStyle("name", parent=body, fontSize=15, leading=24, spaceAfter=10)
    flow: list[Any] = [Paragraph(source.title, name)]
    for block in source.blocks:
        if block.rows is not None:
            rows, merges = merged(block.rows)
            style: list[tuple[Any, ...]] = [
                ("FONT", (0, 0), (-1, -1), GOTHIC, 9),
                ("GRID", (0, 0), (-1, -1), 0.5, "grey"),
            ]
            style += [("SPAN", (m.column, m.row), (m.last_column, m.last_row)) for m in merges]
            flow += [Table(rows, style=style, hAlign="LEFT"), Spacer(1, 8)]
        elif block.kind == "heading":
            flow.append(Paragraph(block.text, head))
        else:
            sign = {"bullet": "・", "step": f"{block.level}. "}.get(block.kind, "")
            flow.append(Paragraph(sign + block.text, body))
    return flow


def pdf(source: Source) -> bytes:
    """A PDF with text, or with `scan = true` one that holds only pictures of its pages."""
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, title=source.title, author="Asagi Seiko", invariant=1).build(pdf_flow(source))
    if not source.head.get("scan"):
        return out.getvalue()
    pages = list(photographed(out.getvalue()))
    picture = io.BytesIO()
    stamp = MADE.timetuple()
    pages[0].save(
        picture, "PDF", save_all=True, append_images=pages[1:], resolution=150, creationDate=stamp, modDate=stamp
    )
    return picture.getvalue()


def photographed(data: bytes) -> Iterator[Image.Image]:
    """Pages of a PDF as an office scanner gives them: grey, 150 dpi, not quite straight, speckled."""
    with pypdfium2.PdfDocument(data) as document:
        for number in range(len(document)):
            page = document[number].render(scale=150 / 72).to_pil().convert("L")
            page = page.rotate(0.6, expand=False, fillcolor=255, resample=Image.Resampling.BICUBIC)
            noise = Image.frombytes("L", page.size, Random(number).randbytes(page.width * page.height))  # noqa: S311 - speckles, not secrets
            yield ImageChops.darker(
                page.point(lambda v: 20 + v * 225 // 255), noise.point(lambda v: 90 if v == 0 else 255)
            )


def png(source: Source) -> bytes:
    """A picture of the top of a page, `crop` millimetres high."""
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, topMargin=8 * mm, leftMargin=8 * mm, invariant=1).build(pdf_flow(source))
    with pypdfium2.PdfDocument(out.getvalue()) as document:
        page = document[0].render(scale=150 / 72).to_pil().convert("L")
    picture = io.BytesIO()
    page.crop((0, 0, page.width, int(source.head["crop"] / 25.4 * 150))).save(picture, "PNG", optimize=True)
    return picture.getvalue()


def pptx(source: Source) -> bytes:
    """A presentation: a title slide, then a slide a heading."""
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[0])
    slide.shapes.title.text = source.title
    lines = slide.placeholders[1].text_frame
    lines.text = ""
    for block in source.blocks:
        if block.kind == "heading":
            slide = deck.slides.add_slide(deck.slide_layouts[1])
            slide.shapes.title.text = block.text
            lines = slide.placeholders[1].text_frame
        elif block.rows is not None:
            rows, _ = merged(block.rows)
            frame = slide.shapes.add_table(len(rows), len(rows[0]), Mm(20), Mm(95), Mm(210), Mm(9 * len(rows)))
            for row, cells in enumerate(rows):
                for column, text in enumerate(cells):
                    frame.table.cell(row, column).text = text
        else:
            line = lines.paragraphs[0] if not lines.paragraphs[0].text else lines.add_paragraph()
            line.text = f"{block.level}. {block.text}" if block.kind == "step" else block.text
            line.font.size = Pt(18)
    out = io.BytesIO()
    deck.save(out)
    return settle(out.getvalue())


def xlsx(source: Source) -> bytes:
    """A workbook: a sheet a heading; paragraphs are single cells, tables cells with merged areas."""
    book = Workbook()
    sheet = book.active
    for block in source.blocks:
        if block.kind == "heading":
            sheet = book.create_sheet(block.text)
        elif block.rows is None:
            sheet.append([block.text])
            sheet.cell(sheet.max_row, 1).font = Font(bold=True)
        else:
            rows, merges = merged(block.rows)
            top = sheet.max_row + 1 if sheet["A1"].value is not None else 1
            for row, cells in enumerate(rows, start=top):
                for column, text in enumerate(cells, start=1):
                    value = typed(text) if text else None
                    cell = sheet.cell(row, column, value)
                    if isinstance(value, int) and abs(value) >= 1000:
                        cell.number_format = "#,##0"
            for merge in merges:
                sheet.merge_cells(
                    start_row=top + merge.row,
                    start_column=1 + merge.column,
                    end_row=top + merge.last_row,
                    end_column=1 + merge.last_column,
                )
                sheet.cell(top + merge.row, 1 + merge.column).alignment = Alignment(horizontal="center")
            for column in range(1, len(rows[0]) + 1):
                widest = max(len(cells[column - 1].encode()) for cells in rows)
                sheet.column_dimensions[get_column_letter(column)].width = min(max(10, widest * 0.8), 48)
    if len(book.worksheets) > 1 and book.worksheets[0]["A1"].value is None:
        book.remove(book.worksheets[0])
    out = io.BytesIO()
    book.save(out)
    return settle(out.getvalue())


def html(source: Source) -> bytes:
    """A page of the intranet, with its menu and foot."""
    language = "ja" if re.search("[ぁ-ん]", source.markdown) else "en"
    menu = "ホーム｜規程集｜様式｜連絡先" if language == "ja" else "Home | Rules | Forms | Contacts"
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head><meta charset="utf-8"><title>{source.title}</title>'
        f"<style>body{{font-family:sans-serif}}</style></head>\n<body>\n<nav>{menu}</nav>\n<main>\n"
        f"{MARKDOWN.render(source.markdown)}</main>\n<footer>Asagi Seiko intranet</footer>\n</body>\n</html>\n"
    ).encode()


def csv(source: Source) -> bytes:
    """The source's table, comma-separated."""
    (table,) = (block.rows for block in source.blocks if block.rows is not None)
    lines = [",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in table]
    return ("\r\n".join(lines) + "\r\n").encode(source.head.get("encoding", "utf-8"))


def eml(source: Source) -> bytes:
    """A mail; its fields stand in the head, its subject is the title."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = source.title
    for field in ("From", "To", "Date"):
        message[field] = str(source.head[field])
    message["Message-ID"] = f"<{source.head['id']}@asagi.example>"
    message.set_content(source.markdown.split("\n", 1)[1].strip() + "\n", charset="utf-8", cte="base64")
    return message.as_bytes()


BUILD: dict[str, Callable[[Source], bytes]] = {
    ".docx": docx,
    ".pdf": pdf,
    ".png": png,
    ".pptx": pptx,
    ".xlsx": xlsx,
    ".html": html,
    ".csv": csv,
    ".eml": eml,
}


def main() -> None:
    """Build all, or the documents named."""
    for path in sorted((HERE / "sources").rglob("*.md")):
        target = HERE / "documents" / path.parent.name / path.stem
        if len(sys.argv) == 1 or target.name in sys.argv[1:]:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(BUILD[target.suffix](read_source(path)))


if __name__ == "__main__":
    main()
