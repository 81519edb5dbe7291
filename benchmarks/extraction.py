"""What is extracted from each format against what the document says: `python -m benchmarks.extraction`.

The example company's documents are built from Markdown sources, which say every character, heading, table and merged
header that should come out. Beside it markitdown on the same files, in an environment of its own (`data/markitdown`).
"""

import argparse
import json
import re
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from index import DocumentError
from index.parsing import parse_file

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
ENVIRONMENT = ROOT / "data" / "markitdown"
REQUIREMENTS = Path(__file__).parent / "requirements-markitdown.txt"
CONVERT = "import sys; from markitdown import MarkItDown; print(MarkItDown().convert(sys.argv[1]).text_content)"
MEASURES = ("characters", "headings", "rows", "headers", "merged")


@dataclass(frozen=True)
class Reference:
    """What a source says. `rows`: body cells; `named`: (header, cell) pairs, those under a merged header apart."""

    text: str
    headings: list[str]
    rows: list[list[str]]
    named: list[tuple[str, str]]
    merged: list[tuple[str, str]]


@dataclass
class Extract:
    """What a reader made of a document: its lines, and which of them it calls headings."""

    lines: list[str]
    headings: list[str] = field(default_factory=list)


def folded(text: str) -> str:
    """Without blanks, width and kinds of dashes: what is compared is what was read, not how it is set."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("〜", "~").replace("·", "・")
    return re.sub(r"[\s|*#\\-]", "", text)


def reference(markdown: str) -> Reference:
    """A source's reference."""
    if markdown.startswith("+++\n"):
        markdown = markdown[4:].split("\n+++\n", 1)[1]
    tables: list[list[list[str]]] = []
    running: list[list[str]] = []
    plain: list[str] = []
    for line in [*markdown.splitlines(), ""]:
        if line.startswith("|"):
            running.append([cell.strip() for cell in line.strip().strip("|").split("|")])
            continue
        if running:
            tables.append([row for row in running if not set("".join(row)) <= set("-: ")])
            running = []
        plain.append(re.sub(r"^(#+|-|\d+\.)\s", "", line))
    headings = [line.lstrip("# ") for line in markdown.splitlines() if line.startswith("#")]
    rows: list[list[str]] = []
    named: list[tuple[str, str]] = []
    merged: list[tuple[str, str]] = []
    for table in tables:
        header, body, tied = _resolved(table)
        rows += body
        for row in body:
            pairs = [(name, cell) for name, cell in zip(header, row, strict=True) if name and cell]
            (merged if tied else named).extend(pairs)
    words = [cell for table in tables for row in table for cell in row if cell not in ("<", "^")]
    return Reference("\n".join([*plain, *words]), headings, rows, named, merged)


def _resolved(table: list[list[str]]) -> tuple[list[str], list[list[str]], bool]:
    """The lowest header of each column, the body with merged cells spread, and whether headers are merged."""
    spread = [list(row) for row in table]
    for r, row in enumerate(spread):
        for c, cell in enumerate(row):
            spread[r][c] = row[c - 1] if cell == "<" else spread[r - 1][c] if cell == "^" else cell
    top = 1
    while top < len(table) - 1 and ("<" in table[top - 1] or "^" in table[top]):
        top += 1
    return spread[top - 1], spread[top:], "<" in table[0] or "^" in table[min(1, len(table) - 1)]


def shares(source: Reference, made: Extract) -> dict[str, tuple[int, int]]:
    """(found, expected) of each measure: trigrams of characters, headings called so, rows whose cells stand in one
    line, cells with their column's name in that line, and the same for columns under a merged header."""
    lines = [folded(line) for line in made.lines]
    wanted, got = _trigrams(folded(source.text)), _trigrams("".join(lines))
    called = [folded(heading) for heading in made.headings]
    rows = [[folded(cell) for cell in row if cell] for row in source.rows]

    def together(*words: str) -> bool:
        return any(all(word in line for word in words) for line in lines)

    return {
        "characters": ((wanted & got).total(), wanted.total()),
        "headings": (sum(any(folded(h) in c for c in called) for h in source.headings), len(source.headings)),
        "rows": (sum(together(*row) for row in rows), len(rows)),
        "headers": (sum(together(folded(n), folded(c)) for n, c in source.named), len(source.named)),
        "merged": (sum(together(folded(n), folded(c)) for n, c in source.merged), len(source.merged)),
    }


def _trigrams(text: str) -> Counter[str]:
    return Counter(text[at : at + 3] for at in range(len(text) - 2))


def ours(path: Path) -> Extract:
    """By the product's parsers."""
    blocks = parse_file(path, path.name)
    return Extract([block.text for block in blocks], [block.text for block in blocks if block.kind == "heading"])


def markitdown(path: Path) -> Extract:
    """By markitdown. Raises RuntimeError."""
    python = ENVIRONMENT / "bin" / "python"
    done = subprocess.run([str(python), "-c", CONVERT, str(path)], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    lines = done.stdout.splitlines()
    return Extract(lines, [line.lstrip("# ") for line in lines if line.startswith("#")])


def install() -> None:
    """Make markitdown's environment, once."""
    done = ENVIRONMENT / "installed.txt"
    if done.exists() and done.read_text() == REQUIREMENTS.read_text():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
    pip = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet", "--requirement", str(REQUIREMENTS)]
    subprocess.run(pip, check=True)
    done.write_text(REQUIREMENTS.read_text())


def documents() -> Iterator[tuple[Path, str]]:
    """Each built document with its source."""
    for source in sorted((EXAMPLES / "sources").rglob("*.md")):
        yield EXAMPLES / "documents" / source.parent.name / source.stem, source.read_text("utf-8")


def main() -> None:
    """Print the table: one line a format, language and reader."""
    options = argparse.ArgumentParser()
    options.add_argument("--without-markitdown", action="store_true")
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    readers: dict[str, Callable[[Path], Extract]] = {"madoguchi": ours}
    if not chosen.without_markitdown:
        install()
        readers["markitdown"] = markitdown
    totals: defaultdict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for path, markdown in documents():
        kind = "scan" if "scan = true" in markdown[:200] else path.suffix[1:]
        language = "ja" if re.search("[ぁ-ん]", markdown) else "en"
        for name, reader in readers.items():
            total = totals[kind, language, name]
            total["files"] += 1
            try:
                made = reader(path)
            except (DocumentError, RuntimeError, subprocess.TimeoutExpired):
                total["refused"] += 1
                made = Extract([])
            for measure, (found, expected) in shares(reference(markdown), made).items():
                total[measure] += found
                total[f"of {measure}"] += expected
    print(f"{'format':8}{'':4}{'reader':12}{'files':>6}{'refused':>8}" + "".join(f"{m:>12}" for m in MEASURES))
    for (kind, language, name), total in sorted(totals.items()):
        figures = "".join(
            f"{total[m] / total[f'of {m}']:>12.3f}" if total[f"of {m}"] else f"{'–':>12}" for m in MEASURES
        )
        print(f"{kind:8}{language:4}{name:12}{total['files']:>6}{total['refused']:>8}{figures}")
    if chosen.json:
        rows = [{"format": k, "language": g, "reader": n, **t} for (k, g, n), t in sorted(totals.items())]
        chosen.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
