"""Real and hostile files: each is read or refused in one sentence; mutated files never take the reader down."""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from index import DocumentError
from index.formats import format_of
from index.parse_child import read
from index.parsers.source import Source, Word
from index.parsing import parse_file
from index.pictures import Shelf

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
EXAMPLES = ROOT / "examples" / "documents"


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


def no_words(_: Image.Image) -> list[Word]:
    return []


def mutated(count: int) -> Iterator[tuple[str, bytes]]:
    """Files of every format with bytes turned, cut out, doubled or ended early; the same every time."""
    by_format: dict[str, Path] = {}
    for path in sorted(EXAMPLES.rglob("*.*"), key=lambda p: (p.stat().st_size, p.name)):
        by_format.setdefault(path.suffix, path)
    names = [(path.name, path.read_bytes()) for path in by_format.values()]
    for ending, kind in (("jpg", "JPEG"), ("tiff", "TIFF")):
        out = io.BytesIO()
        Image.new("L", (60, 40), 200).save(out, kind)
        names.append((f"picture.{ending}", out.getvalue()))
    for number in range(count):
        random = Random(number)
        name, data = names[number % len(names)]
        body = bytearray(data)
        for _ in range(random.randint(1, 20)):
            at = random.randrange(len(body))
            match random.randrange(4):
                case 0:
                    body[at] = random.randrange(256)
                case 1:
                    del body[at : at + random.randint(1, 50)]
                case 2:
                    body[at:at] = body[at : at + random.randint(1, 50)]
                case _:
                    body = body[: max(1, at)] if random.random() < 0.2 else body
            if not body:
                break
        yield name, bytes(body)


def outcome(name: str, data: bytes) -> str:
    try:
        result = read(Source(name, data, Shelf(name, [], no_words)), format_of(data, name))
    except DocumentError as refused:
        return refused.code
    return str(result.get("code", "read"))


@pytest.mark.parametrize("count", [120, pytest.param(2000, marks=pytest.mark.slow)])
def test_mutated_files_are_read_or_refused(count: int) -> None:
    outcomes = [outcome(name, data) for name, data in mutated(count)]
    assert len(outcomes) == count
    assert outcomes.count("read") > 0 and "corrupt" in outcomes
