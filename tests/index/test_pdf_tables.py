"""Tables of a PDF: what stands in a cell is said with its own row's and column's names, never with a neighbour's."""

import io
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table

from index.blocks import Block
from index.parsing import read_file

MACHINES = [
    ["Item", "MX-200", "MX-200H", "MX-300"],
    ["Wheel", "150mm", "150mm", "205mm"],
    ["Speed (50/60Hz)", "2,900/3,450rpm", "2,950/3,500rpm", "2,850/3,400rpm"],  # nearly touch
    ["Output", "250W", "400W", "550W"],
    ["Weight", "9.5kg", "11.2kg", "18.6kg"],
]
TOLD = [
    "Item: Wheel; MX-200: 150mm; MX-200H: 150mm; MX-300: 205mm",
    "Item: Speed (50/60Hz); MX-200: 2,900/3,450rpm; MX-200H: 2,950/3,500rpm; MX-300: 2,850/3,400rpm",
    "Item: Output; MX-200: 250W; MX-200H: 400W; MX-300: 550W",
    "Item: Weight; MX-200: 9.5kg; MX-200H: 11.2kg; MX-300: 18.6kg",
]
RULED = ("GRID", (0, 0), (-1, -1), 0.5, "black")
STYLES = getSampleStyleSheet()


def blocks(folder: Path, *shown: Flowable) -> list[Block]:
    """The blocks of a PDF that shows these."""
    made = io.BytesIO()
    SimpleDocTemplate(made, pagesize=A4).build(list(shown))
    file = folder / "file.pdf"
    file.write_bytes(made.getvalue())
    return read_file(file, "file.pdf").blocks


def rows(found: list[Block]) -> list[str]:
    return [block.text for block in found if block.kind == "row"]


@pytest.mark.parametrize("ruled", [True, False])
def test_cells_that_nearly_touch_are_still_their_columns(tmp_path: Path, ruled: bool) -> None:
    table = Table(MACHINES, style=[RULED] if ruled else [])
    found = blocks(
        tmp_path, Paragraph("Specifications", STYLES["Heading1"]), table, Paragraph("After.", STYLES["Normal"])
    )
    assert rows(found) == TOLD
    assert [(block.kind, block.text) for block in found if block.kind != "row"] == [
        ("heading", "Specifications"),
        ("paragraph", "After."),
    ]


def test_a_cell_of_several_lines_stays_in_its_row_wherever_its_neighbours_stand(tmp_path: Path) -> None:
    cause = Paragraph("Check the connector of the sensor. If that does not help, call the dealer.", STYLES["Normal"])
    table = Table(
        [["Code", "Cause", "Remedy"], ["E-07", "sensor", cause], ["E-12", "voltage low", "own socket"]],
        colWidths=[60, 90, 150],
        style=[RULED, ("VALIGN", (0, 0), (-1, -1), "MIDDLE")],
    )
    assert rows(blocks(tmp_path, table)) == [
        "Code: E-07; Cause: sensor; Remedy: Check the connector of the sensor. If that does not help, call the dealer.",
        "Code: E-12; Cause: voltage low; Remedy: own socket",
    ]


def test_merged_cells_are_said_with_each_row_and_column_that_they_cover(tmp_path: Path) -> None:
    table = Table(
        [
            ["Rates of 2026", "", ""],
            ["Grade", "Hotel", ""],
            ["", "London", "elsewhere"],
            ["Manager", "£180", "£140"],
            ["", "£90 with breakfast", "none"],
        ],
        style=[RULED, ("SPAN", (0, 0), (2, 0)), ("SPAN", (1, 1), (2, 1)), ("SPAN", (0, 1), (0, 2)),
               ("SPAN", (0, 3), (0, 4))],
    )  # fmt: skip
    found = blocks(tmp_path, table)
    assert [block.text for block in found if block.kind == "paragraph"] == ["Rates of 2026"]
    assert rows(found) == [
        "Grade: Manager; Hotel / London: £180; Hotel / elsewhere: £140",
        "Grade: Manager; Hotel / London: £90 with breakfast; Hotel / elsewhere: none",
    ]


def test_a_table_whose_rows_no_line_parts_is_read_row_by_row(tmp_path: Path) -> None:
    table = Table(MACHINES, style=[("BOX", (0, 0), (-1, -1), 0.5, "black"), ("LINEBELOW", (0, 0), (-1, 0), 1, "black"),
                                   ("LINEBEFORE", (1, 0), (-1, -1), 0.5, "black")])  # fmt: skip
    assert rows(blocks(tmp_path, table)) == TOLD


def test_a_frame_around_text_is_no_table(tmp_path: Path) -> None:
    words = "Ring extension 2200 when the alarm sounds, and leave by the east gate."
    found = blocks(tmp_path, Table([[Paragraph(words, STYLES["Normal"])]], style=[RULED]))
    assert [(block.kind, block.text) for block in found] == [("paragraph", words)]


def test_a_page_that_lines_part_is_text_and_no_table(tmp_path: Path) -> None:
    rules = [Paragraph(f"Rule {n} of the left.", STYLES["Normal"]) for n in range(24)]
    left = [Paragraph("1. Leave", STYLES["Heading2"]), *rules]
    right = [Paragraph("2. Pay", STYLES["Heading2"]), Paragraph("Pay is due on the 25th.", STYLES["Normal"])]
    table = Table([["Rules of 2026", ""], [left, right]], style=[RULED, ("SPAN", (0, 0), (1, 0))])
    found = blocks(tmp_path, table)
    assert rows(found) == []
    assert [block.text for block in found if block.kind == "heading"] == ["1. Leave", "2. Pay"]
    assert any("Pay is due on the 25th." in block.text for block in found)


def test_a_heading_is_known_by_its_type_and_is_no_part_of_the_text_below(tmp_path: Path) -> None:
    found = blocks(
        tmp_path,
        Paragraph("Grinder MX-200", STYLES["Title"]),
        Paragraph("6. Warranty", STYLES["Heading2"]),
        Paragraph("Machines are warranted for two years.", STYLES["Normal"]),
        Paragraph("<br/>".join(["Belts and wheels are not."] * 3), STYLES["Normal"]),
    )
    assert [(block.kind, block.level, block.text) for block in found] == [
        ("heading", 1, "Grinder MX-200"),
        ("heading", 2, "6. Warranty"),
        ("paragraph", 0, "Machines are warranted for two years. " + " ".join(["Belts and wheels are not."] * 3)),
    ]
