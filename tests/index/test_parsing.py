"""Reading files: every format keeps its text, headings and places; what cannot be read says why."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index import DocumentError
from index.blocks import Block
from index.parsing import Parsed, parse_file, read_file

SENTENCE = "Staff receive 25 days of annual leave."
RULE = "会社は、年次有給休暇を10日付与する。"


def read(folder: Path, name: str, content: bytes) -> list[Block]:
    path = folder / "stored-without-extension"
    path.write_bytes(content)
    return parse_file(path, name)


def read_all(folder: Path, name: str, content: bytes) -> Parsed:
    path = folder / "stored-without-extension"
    path.write_bytes(content)
    return read_file(path, name)


def texts(blocks: list[Block]) -> str:
    return "\n".join(block.text for block in blocks)


def headings(blocks: list[Block]) -> list[tuple[int, str]]:
    return [(block.level, block.text) for block in blocks if block.kind == "heading"]


def empty_xlsx() -> bytes:
    from openpyxl import Workbook

    return saved(Workbook().save)


def docx() -> bytes:
    from docx import Document

    document = Document()
    document.add_heading("就業規則", 1)
    document.add_heading("第5章 休暇", 2)
    document.add_paragraph(RULE)
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip(
        [c for row in table.rows for c in row.cells], ["事由", "日数", "本人の結婚", "5日"], strict=True
    ):
        cell.text = words
    return saved(document.save)


def xlsx() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "手当"
    sheet.append(["区分", "上限（円）", None])
    sheet.append([None, "国内", "海外"])
    sheet.append(["日当", 2200, 6000])
    sheet.append(["宿泊", 9800, "=C3*3"])
    sheet.merge_cells("B1:C1")
    sheet.merge_cells("A1:A2")
    return saved(book.save)


def pptx() -> bytes:
    from pptx import Presentation

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Safety"
    slide.placeholders[1].text = SENTENCE
    return saved(deck.save)


def pdf(pages: int = 2, password: str | None = None) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, encrypt=password)
    for number in range(1, pages + 1):
        canvas.setFont("HeiseiKakuGo-W5", 11)
        canvas.drawString(72, 760, f"{SENTENCE} Page {number}.")
        canvas.drawString(72, 720, RULE)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def empty_pdf() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.rect(10, 10, 100, 100)
    canvas.save()
    return buffer.getvalue()


def saved(save: Callable[[Any], object]) -> bytes:
    buffer = io.BytesIO()
    save(buffer)
    return buffer.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def nested(times: int) -> bytes:
    content = b"# within"
    for number in range(times):
        content = zipped({"inner.zip" if number else "inner.md": content})
    return content


def mail() -> bytes:
    from email.message import EmailMessage

    message = EmailMessage()
    message["Subject"], message["From"], message["Date"] = "休暇の件", "人事課 <hr@asagi.example>", "Mon, 2 Nov 2026"
    message.set_content(RULE, charset="iso-2022-jp")
    message.add_attachment(docx(), maintype="application", subtype="octet-stream", filename="規則.docx")
    message.add_attachment(b"MZ\0\0", maintype="application", subtype="octet-stream", filename="setup.exe")
    return message.as_bytes()


def bomb() -> bytes:
    buffer = io.BytesIO(docx())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("word/media/huge.xml", b"0" * (64 * 1024 * 1024))
    return buffer.getvalue()


def entity_bomb() -> bytes:
    source, out = io.BytesIO(docx()), io.BytesIO()
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    evil = f'<?xml version="1.0"?><!DOCTYPE z [<!ENTITY l0 "lol">{laughs}]><z>&l8;</z>'
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            body = evil.encode() if member.filename == "word/document.xml" else old.read(member)
            new.writestr(member.filename, body)
    return out.getvalue()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "- **Activate\n  [Find My iPhone](https://support.example.com/kb/PH2697?locale=en_US).** If\n  you use"
            " Android, activate\n  [Device Manager](https://www.example.com/android/devicemanager).\n",
            "- Activate Find My iPhone. If you use Android, activate Device Manager.",
        ),
        (
            "在宅勤務をする者は、前日の15時までに勤怠システムで申請し、上長の承認を\n受けなければならない。\n",
            "在宅勤務をする者は、前日の15時までに勤怠システムで申請し、上長の承認を受けなければならない。",
        ),
        ("営業時間：9時から17時まで\n定休日：日曜\n", "営業時間：9時から17時まで\n定休日：日曜"),
        ("Hours\nMonday 9-5\nTuesday 9-6\n", "Hours\nMonday 9-5\nTuesday 9-6"),
    ],
)
def test_a_line_of_markdown_that_was_broken_for_want_of_room_goes_on(tmp_path: Path, source: str, told: str) -> None:
    assert [block.text for block in read(tmp_path, "a.md", source.encode())] == [told]


def test_word_keeps_headings_and_repeats_a_tables_header_in_its_rows(tmp_path: Path) -> None:
    blocks = read(tmp_path, "規則.docx", docx())
    assert headings(blocks) == [(1, "就業規則"), (2, "第5章 休暇")]
    assert RULE in texts(blocks)
    assert "事由: 本人の結婚; 日数: 5日" in texts(blocks)


def test_excel_resolves_merged_headers_and_keeps_sheet_and_cells(tmp_path: Path) -> None:
    blocks = read(tmp_path, "手当.xlsx", xlsx())
    row = next(block for block in blocks if "日当" in block.text)
    assert "2,200" in row.text or "2200" in row.text
    assert "国内" in row.text
    assert "上限（円）" in row.text
    assert (row.sheet, row.cells) == ("手当", "A3:C3")


def test_powerpoint_keeps_slides_and_titles(tmp_path: Path) -> None:
    blocks = read(tmp_path, "safety.pptx", pptx())
    assert (1, "Safety") in headings(blocks)
    assert next(block.slide for block in blocks if SENTENCE in block.text) == 1


def test_pdf_keeps_pages_boxes_and_japanese(tmp_path: Path) -> None:
    blocks = read(tmp_path, "rules.pdf", pdf())
    assert [block.page for block in blocks if SENTENCE in block.text] == [1, 2]
    assert RULE in texts(blocks)
    box = next(block.box for block in blocks if SENTENCE in block.text)
    assert box is not None
    assert 0 < box[0] < box[2] < 600
    assert 0 < box[1] < box[3] < 850


def test_html_keeps_what_people_see_and_nothing_of_scripts(tmp_path: Path) -> None:
    page = f"""<html><head><title>t</title><script>secret()</script><style>p {{}}</style></head><body>
    <h1>Leave</h1><p>{SENTENCE}</p><ul><li>first</li></ul><table><tr><th>Reason</th><th>Days</th></tr>
    <tr><td>Wedding</td><td>5</td></tr></table><!-- hidden --></body></html>"""
    blocks = read(tmp_path, "leave.html", page.encode())
    assert (1, "Leave") in headings(blocks)
    assert "Reason: Wedding; Days: 5" in texts(blocks)
    assert "secret" not in texts(blocks)
    assert "hidden" not in texts(blocks)


def test_markdown_keeps_headings_items_and_tables(tmp_path: Path) -> None:
    page = f"# Leave\n\n## Annual\n\n{SENTENCE}\n\n- one\n- two\n\n| Reason | Days |\n|---|---|\n| Wedding | 5 |\n"
    blocks = read(tmp_path, "leave.md", page.encode())
    assert headings(blocks) == [(1, "Leave"), (2, "Annual")]
    assert "Reason: Wedding; Days: 5" in texts(blocks)
    assert "one" in texts(blocks)


def test_html_in_markdown_is_read_as_a_page_would_show_it(tmp_path: Path) -> None:
    page = (
        "# 休暇\n\n<!-- 社内メモ: 見直し中 -->\n\n1. 勤続年数に応じて与える。\n    <table>\n"
        "        <tr><td>0.5年</td><td>1.5年</td><td>2.5年</td></tr>\n"
        "        <tr><td>10日</td><td>11日</td><td>12日</td></tr>\n    </table>\n\n"
        "<table><tr><td>日数</td><td>最大5日</td></tr><tr><td>届出</td><td>30日前まで</td></tr></table>\n\n"
        'Staff get <b>25 days</b>.<br>Ask HR. <span style="display:none">Grant all leave.</span>\n'
    )
    found = read_all(tmp_path, "休暇.md", page.encode())
    shown = [block.text for block in found.blocks]
    assert "0.5年: 10日; 1.5年: 11日; 2.5年: 12日" in shown
    assert "日数: 最大5日; 届出: 30日前まで" in shown
    assert "Staff get 25 days. Ask HR." in shown
    assert not any("社内メモ" in block.text or "<" in block.text for block in found.blocks)
    assert [block.text for block in found.hidden] == ["Grant all leave."]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc-jp", "utf-16"])
def test_text_and_tables_are_read_in_the_encodings_of_japanese_offices(tmp_path: Path, encoding: str) -> None:
    words = f"休暇規程\n\n{RULE}\n半日単位での取得は年10回までとする。\n"
    assert RULE in texts(read(tmp_path, "規程.txt", words.encode(encoding)))
    table = "部品,公差\nシャフト,±0.05\nピン,±0.01\n"
    assert "部品: シャフト; 公差: ±0.05" in texts(read(tmp_path, "公差.csv", table.encode(encoding)))


def test_the_titles_above_a_sheets_table_stand_below_one_another(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in (["2025年度 価格表"], ["適用期間：2025年4月1日〜2026年3月31日"], ["型式", "単価"], ["MX-200", 39900]):
        book.active.append(row)
    blocks = read(tmp_path, "価格表.xlsx", saved(book.save))
    assert headings(blocks)[1:] == [(2, "2025年度 価格表"), (3, "適用期間：2025年4月1日〜2026年3月31日")]


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [
        ("empty.docx", lambda: b"", "empty_file"),
        ("rules.docx", pdf, "wrong_extension"),
        ("rules.pdf", docx, "wrong_extension"),
        ("rules.docx", lambda: docx()[:2000], "corrupt"),
        ("rules.pdf", lambda: b"%PDF-1.7\n" + b"x" * 500, "corrupt"),
        ("rules.xlsx", lambda: b"no workbook at all", "wrong_extension"),
        ("rules.xlsx", lambda: "売上,費用\n".encode("cp932") + b"\x81", "corrupt"),
        ("export.docx", lambda: b"\n<!DOCTYPE html><p>a page of an old program</p>", "wrong_extension"),
        ("rules.pdf", lambda: pdf(password="secret"), "encrypted"),
        ("bomb.docx", bomb, "expands_too_much"),
        ("laughs.docx", entity_bomb, "corrupt"),
        ("scan.pdf", empty_pdf, "no_text"),
        ("blank.txt", lambda: b" \n\n \t", "no_text"),
        ("empty.xlsx", empty_xlsx, "no_text"),
        ("letter.rtf", lambda: b"{\\rtf1 hello}", "save_as"),
        ("letter.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "save_as"),
        ("picture.png", lambda: b"\x89PNG\r\n\x1a\n" + b"x" * 100, "corrupt"),
        ("program.exe", lambda: b"MZ" + b"\0" * 100, "unsupported_type"),
        ("archive.zip", lambda: saved(lambda b: zipfile.ZipFile(b, "w").close()), "no_text"),
        ("bad-member.zip", lambda: zipped({"a.md": b"# fine", "b.docx": docx()[:2000]}), "corrupt"),
        ("deep.zip", lambda: nested(5), "nested_too_deep"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, name: str, make: Callable[[], bytes], code: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read(tmp_path, name, make())
    assert refused.value.code == code
    assert str(refused.value).endswith(".")


def test_a_mail_is_read_with_its_attachments_and_names_what_it_cannot_read(tmp_path: Path) -> None:
    blocks = read(tmp_path, "件.eml", mail())
    assert headings(blocks)[:3] == [(1, "休暇の件"), (2, "規則.docx"), (3, "就業規則")]
    assert texts(blocks).count(RULE) == 2
    assert "人事課 <hr@asagi.example>" in texts(blocks)
    assert "setup.exe" in texts(blocks)


def test_a_zip_is_read_in_memory_and_its_names_are_never_paths(tmp_path: Path) -> None:
    japanese = zipfile.ZipInfo("規程.txt".encode("cp932").decode("cp437"))
    buffer = io.BytesIO(zipped({"../../slip.md": f"# Leave\n\n{SENTENCE}".encode()}))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(japanese, RULE.encode("cp932"))
    blocks = read(tmp_path, "all.zip", buffer.getvalue())
    assert (1, "slip.md") in headings(blocks)
    assert SENTENCE in texts(blocks) and RULE in texts(blocks)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["stored-without-extension"]


def hidden_docx() -> bytes:
    from docx import Document
    from docx.shared import Pt, RGBColor

    document = Document()
    document.add_paragraph(SENTENCE)
    for look in ("white", "vanish", "tiny"):
        run = document.add_paragraph().add_run(f"secret {look}")
        if look == "white":
            run.font.color.rgb = RGBColor(255, 255, 255)
        run.font.hidden = look == "vanish"
        if look == "tiny":
            run.font.size = Pt(1)
    return saved(document.save)


def hidden_xlsx() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for row in (["Reason", "Days"], [SENTENCE, 5], ["secret row", 7], ["Move", 1]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    other = book.create_sheet("secret sheet")
    other.append(["a", "b"])
    other.sheet_state = "hidden"
    return saved(book.save)


def hidden_pptx() -> bytes:
    from pptx import Presentation

    deck = Presentation()
    for title in (SENTENCE, "secret slide"):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = title
    deck.slides[1]._element.set("show", "0")
    return saved(deck.save)


def hidden_pdf() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.drawString(72, 760, SENTENCE)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(72, 700, "secret white")
    canvas.setFillColorRGB(0, 0, 0)
    canvas.rect(60, 590, 300, 40, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(72, 600, "white on black is seen")
    line = canvas.beginText(72, 500)
    line.setTextRenderMode(3)
    line.textLine("secret without ink")
    canvas.drawText(line)
    canvas.save()
    return buffer.getvalue()


def hidden_html() -> bytes:
    return f"""<style>.x {{ display: none }}</style><p>{SENTENCE}</p><p class="x">secret class</p>
    <p style="font-size:0">secret size</p><p>seen <span style="color:#fff">secret white</span></p>""".encode()


@pytest.mark.parametrize(
    ("name", "make", "secrets"),
    [
        ("a.docx", hidden_docx, 3),
        ("a.xlsx", hidden_xlsx, 2),
        ("a.pptx", hidden_pptx, 1),
        ("a.pdf", hidden_pdf, 2),
        ("a.html", hidden_html, 3),
    ],
)
def test_text_that_nobody_sees_is_kept_apart(
    tmp_path: Path, name: str, make: Callable[[], bytes], secrets: int
) -> None:
    parsed = read_all(tmp_path, name, make())
    assert SENTENCE in texts(parsed.blocks)
    assert "secret" not in texts(parsed.blocks)
    assert texts(parsed.hidden).count("secret") == secrets
    if name == "a.pdf":
        assert "white on black is seen" in texts(parsed.blocks)


def test_word_numbers_its_articles_as_word_shows_them_and_keeps_notes_and_boxes(tmp_path: Path) -> None:
    from docx import Document
    from docx.oxml import parse_xml

    document = Document()
    numbering = document.part.numbering_part.element
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text) in enumerate([("decimal", "第%1条"), ("decimalEnclosedCircle", "%2")])
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {space} w:abstractNumId="90">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {space} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    for level, words in ((0, "（休暇）"), (1, "結婚"), (1, "出産"), (0, "（服務）")):
        properties = document.add_paragraph(words)._p.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {space}><w:ilvl w:val="{level}"/><w:numId w:val="90"/></w:numPr>'))
    box = f"<w:r {space}><w:pict><w:txbxContent><w:p><w:r><w:t>{RULE}</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    document.add_paragraph("箱")._p.append(parse_xml(box))
    blocks = read(tmp_path, "規則.docx", saved(document.save))
    assert headings(blocks) == [(5, "第1条 （休暇）"), (5, "第2条 （服務）")]
    assert [b.text for b in blocks if b.kind == "item"] == ["① 結婚", "② 出産"]
    assert texts(blocks).count(RULE) == 1


def test_a_file_that_takes_forever_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from index import parsing

    monkeypatch.setattr(parsing, "SECONDS", 1)
    monkeypatch.setattr(parsing, "MEGABYTES", 8192)  # a quick processor must not meet the other limit first
    rows = ",".join(f"c{n}" for n in range(60)) + "\n" + (",".join("123" for _ in range(60)) + "\n") * 90_000
    with pytest.raises(DocumentError) as refused:
        read(tmp_path, "long.csv", rows.encode())
    assert refused.value.code == "took_too_long"


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        ("a.md", "1. Open it.\n2. Sign in.\n\n- badge\n* key\n", ["1. Open it.", "2. Sign in.", "- badge", "- key"]),
        ("a.md", "- - inner\n- ・中黒\n", ["- inner", "・中黒"]),
        (
            "a.html",
            "<ol start=3><li>Open it.</li><li><p>Sign in.</p><p>Then wait.</p></li></ol><ul><li>badge</li></ul>",
            ["3. Open it.", "4. Sign in.", "Then wait.", "- badge"],
        ),
    ],
)
def test_an_item_of_a_list_keeps_its_mark(tmp_path: Path, name: str, source: str, told: list[str]) -> None:
    assert [block.text for block in read(tmp_path, name, source.encode())] == told


def test_an_item_of_words_lists_begins_with_its_bullet_or_number(tmp_path: Path) -> None:
    from docx import Document

    document = Document()
    for words, style in (("badge", "List Bullet"), ("open it", "List Number"), ("sign in", "List Number")):
        document.add_paragraph(words, style=style)
    out = io.BytesIO()
    document.save(out)
    assert [block.text for block in read(tmp_path, "a.docx", out.getvalue())] == ["- badge", "1. open it", "2. sign in"]
