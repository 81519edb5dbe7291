"""Real and hostile files: each is read or refused in one sentence; mutated files never take the reader down."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from benchmarks.mutated_files import mutated, outcome
from index import DocumentError
from index.parsing import parse_file

ROOT = Path(__file__).parent.parent.parent
OUTSIDE = Path(os.environ.get("MADOGUCHI_OUTSIDE_DATA", ROOT.parent / "shared" / "data"))
SETS = (
    "own-bombs",
    "office-files",
    "pdfjs-malformed-pdf",
    "defusedxml-xmltestdata",
    "pypdf-resources",
    "pypdf-sample-files",
)
ABOUT = ("SOURCE", "LICENSE", "files.json")


def files(name: str) -> list[Path]:
    return [path for path in sorted((OUTSIDE / name).rglob("*")) if path.is_file() and path.name not in ABOUT]


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_every_hostile_file_is_read_or_refused_in_one_sentence(name: str) -> None:
    found = files(name)
    if not found:
        pytest.skip("the outside data are not here")
    for path in found:
        try:
            assert parse_file(path, path.name)
        except DocumentError as refused:
            assert str(refused).startswith(path.name) and str(refused).endswith("."), path


@pytest.mark.slow
def test_every_well_formed_pdf_is_read_but_the_one_with_a_password() -> None:
    found = files("pypdf-sample-files")
    if not found:
        pytest.skip("the outside data are not here")
    refused = {}
    for path in found:
        try:
            parse_file(path, path.name)
        except DocumentError as error:
            refused[path.name] = error.code
    assert {name for name, code in refused.items() if code != "no_text"} == {"libreoffice-writer-password.pdf"}


@pytest.mark.parametrize("count", [120, pytest.param(2000, marks=pytest.mark.slow)])
def test_mutated_files_are_read_or_refused(count: int) -> None:
    outcomes = [outcome(name, data) for name, data in mutated(count)]
    assert len(outcomes) == count
    assert outcomes.count("read") > 0 and "corrupt" in outcomes


def test_a_reader_has_its_megabytes_in_all_with_what_it_had_before() -> None:
    tried = """
from index.parse_child import confine
had = b"x" * 100_000_000
confine(20, 200)
small = b"x" * 10_000_000
try:
    more = b"x" * 100_000_000
except MemoryError:
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", tried], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "refused\n"


@pytest.mark.slow
def test_a_large_scan_is_read_within_a_readers_memory(tmp_path: Path) -> None:
    page = Image.new("RGB", (4677, 6614), "white")  # A3 at 400 dpi
    ImageDraw.Draw(page).text((300, 300), "The gate closes at nine", "black", ImageFont.load_default(size=120))
    page.save(tmp_path / "scan.png")
    assert [block.text for block in parse_file(tmp_path / "scan.png", "scan.png")] == ["The gate closes at nine"]
