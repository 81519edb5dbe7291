"""Invented office rules and tables as training data for the reader: `python -m benchmarks.office_data` prints some.

`office/rules.tsv` and `office/tables.toml` are of our own writing and know nothing of the example company. Each draw
makes a passage with values of its own, as the index cuts them, asks in the passage's or the other language, and adds
passages that nearly answer: the same section without the rule asked for, the same table without the row or the
column, the same rule for somebody else.
"""

import argparse
import csv
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from adapters.reader_training import Reading
from benchmarks.office_values import Pair, value

FOLDER = Path(__file__).parent / "office"
LANGUAGES = ("en", "ja")
CROSSED = 0.45  # of the questions are asked in the other language than the passage's
SCOPED = 0.35  # of the questions name whom or where the rule is for
SCOPES: tuple[tuple[Pair, Pair], ...] = (  # as a document names it, as a question does
    (("Part-time staff", "パートタイム従業員"), ("for part-timers", "パートの場合、")),
    (("Osaka plant", "大阪工場"), ("at the Osaka plant", "大阪工場では、")),
    (("Sendai plant", "仙台工場"), ("in Sendai", "仙台では、")),
    (("Germany", "ドイツ法人"), ("in Germany", "ドイツでは、")),
    (("Singapore office", "シンガポール事務所"), ("in the Singapore office", "シンガポールでは、")),
    (("Fixed-term contracts", "契約社員"), ("on a fixed-term contract", "契約社員は、")),
    (("Research centre", "研究所"), ("at the research centre", "研究所では、")),
    (("Managers", "管理職"), ("for managers", "管理職の場合、")),
)
FILLERS: tuple[Pair, ...] = (
    ("This section applies to all sites.", "この項は全拠点に適用する。"),
    ("Questions are answered by general affairs.", "不明な点は総務課に問い合わせる。"),
    ("The rule is reviewed once a year.", "本規程は年1回見直す。"),
    ("Exceptions are put down in writing.", "例外は書面に残す。"),
    ("Managers make sure that everybody knows it.", "管理職は部下に周知する。"),
    ("See also the list on the notice board.", "掲示板の一覧もあわせて見ること。"),
)
NAMES: tuple[Pair, ...] = (
    ("{} rules", "{}規程"),
    ("{} policy 2026", "{}取扱要領"),
    ("Guide to {}", "{}のしおり"),
    ("{}_rev3", "{}基準_第3版"),
)
OPENINGS = (("Hello, ", "Quick question: ", "hi, "), ("すみません、", "確認です。", "教えてください。"))


@dataclass(frozen=True)
class Rule:
    """A rule of a section with ways to ask for its value; each text in English and Japanese."""

    section: Pair
    kind: str
    text: Pair
    asked: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Drawn:
    """A passage's text in one language, with the place of what was asked for, or without."""

    text: str
    place: tuple[int, int] | None = None


def rules() -> dict[Pair, list[Rule]]:
    """The rules by section."""
    found: defaultdict[Pair, list[Rule]] = defaultdict(list)
    with (FOLDER / "rules.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            section = row["section_en"], row["section_ja"]
            asked = tuple(row["asked_en"].split(" | ")), tuple(row["asked_ja"].split(" | "))
            found[section].append(Rule(section, row["kind"], (row["rule_en"], row["rule_ja"]), asked))
    return dict(found)


def tables() -> list[dict[str, Any]]:
    """The tables as `office/tables.toml` has them."""
    with (FOLDER / "tables.toml").open("rb") as file:
        found: list[dict[str, Any]] = tomllib.load(file)["table"]
    return found


def office(questions: int, seed: int = 0) -> list[Reading]:
    """Readings for so many questions, two thirds of rules, one third of tables; the same for the same seed."""
    random = Random(seed)
    sections, lists = list(rules().values()), tables()
    made: list[Reading] = []
    for number in range(questions):
        draw = _of_rules(sections, random) if number % 3 else _of_table(random.choice(lists), random)
        made += _readings(f"office-{number}", draw)
    return made


@dataclass(frozen=True)
class Draw:
    """A question with the passage that answers it and others that don't: (heading, passage) each."""

    language: str
    question: str
    answer: tuple[str, Drawn]
    near: Sequence[tuple[str, Drawn]]


def _readings(name: str, draw: Draw) -> Iterator[Reading]:
    for n, (heading, drawn) in enumerate((draw.answer, *draw.near)):
        answers = () if drawn.place is None or n else ((drawn.place[0], drawn.text[slice(*drawn.place)]),)
        yield Reading(
            id=f"{name}-{n}",
            language=draw.language,
            title=name,
            question=draw.question,
            passage=drawn.text,
            answers=answers,
            kind="answerable" if answers else "near",
            heading=heading,
        )


def _languages(random: Random) -> tuple[int, int]:
    asked = random.randrange(2)
    return asked, 1 - asked if random.random() < CROSSED else asked


def _of_rules(sections: Sequence[Sequence[Rule]], random: Random) -> Draw:
    chosen = random.choice(sections)
    rule = random.choice(chosen)
    asked, told = _languages(random)
    question = random.choice(rule.asked[asked])
    others = [other for other in chosen if other is not rule]
    mine = random.choice(SCOPES) if random.random() < SCOPED else None
    another = random.choice([scope for scope in SCOPES if scope is not mine])
    if mine is not None:
        question = _scoped(question, mine[1][asked], asked)
    elsewhere = random.choice([section for section in sections if section is not chosen])
    near = [(_heading(chosen, told, mine, random), _passage(others, None, told, random))]
    if mine is not None:
        near.append((_heading(chosen, told, another, random), _passage(chosen, rule, told, random)))
    else:
        near.append((_heading(elsewhere, told, None, random), _passage(elsewhere, None, told, random)))
    answer = _heading(chosen, told, mine or (another if random.random() < SCOPED else None), random)
    return Draw(
        LANGUAGES[asked],
        _worded(question, asked, random),
        (answer, _passage([*others, rule], rule, told, random)),
        near,
    )


def _passage(among: Sequence[Rule], wanted: Rule | None, told: int, random: Random) -> Drawn:
    """Some rules of a section, `wanted` among them, in a random order and layout."""
    kept = [rule for rule in among if rule is wanted or random.random() < 0.8]
    random.shuffle(kept)
    lines: list[tuple[str, tuple[int, int] | None]] = []
    for rule in kept:
        text, place = _filled(rule, told, random)
        lines.append((text, place if rule is wanted else None))
    if random.random() < 0.4 or not lines:
        lines.insert(random.randint(0, len(lines)), (random.choice(FILLERS)[told], None))
    between = random.choice(("\n\n", "\n", " " if told == 0 else ""))
    numbered = random.random() < 0.3
    whole, found = "", None
    for n, (line, at) in enumerate(lines):
        whole += (between if n else "") + (f"({n + 1}) " if numbered else "")
        if at is not None:
            found = len(whole) + at[0], len(whole) + at[1]
        whole += line
    return Drawn(whole, found)


def _filled(rule: Rule, told: int, random: Random) -> tuple[str, tuple[int, int]]:
    text = rule.text[told].replace("{money}", value("money", random)[told])
    if rule.kind == "all":
        return text, (0, len(text))
    drawn = value(rule.kind, random)[told]
    begin = text.index("{v}")
    return text.replace("{v}", drawn), (begin, begin + len(drawn))


def _heading(section: Sequence[Rule], told: int, scope: tuple[Pair, Pair] | None, random: Random) -> str:
    title = section[0].section[told]
    name = random.choice(NAMES)[told].format(title if told else title.lower())
    named = f"{name} ({scope[0][told]})" if scope else name
    number = random.randint(1, 20)
    return f"{named} > {f'第{number}条（{title}）' if told else f'{number}. {title}'}"


def _scoped(question: str, scope: str, asked: int) -> str:
    if asked:
        return f"{scope}{question}"
    return f"{question[:-1]} {scope}?" if question.endswith("?") else f"{question} {scope}"


def _worded(question: str, asked: int, random: Random) -> str:
    if random.random() < 0.15:
        question = random.choice(OPENINGS[asked]) + question
    if asked == 0 and random.random() < 0.2:
        question = question.lower().rstrip("?")
    return question


def _of_table(table: dict[str, Any], random: Random) -> Draw:
    asked, told = _languages(random)
    items = [tuple(item) for item in table.get("items", ())] or [
        (code, code) for code in (table["codes"].format(random.randint(100, 9999)) for _ in range(8))
    ]
    columns = table["column"]
    item, column = random.choice(items), random.choice(columns)
    others = [other for other in items if other != item]
    named = random.sample(others, min(len(others), random.randint(1, 5)))
    rows = [*named, item]
    random.shuffle(rows)
    less = [other for other in columns if other is not column]
    title = table["title"][told]
    heading = f"{title} > {random.choice(('Sheet1', title, '2026'))}"
    return Draw(
        LANGUAGES[asked],
        _worded(random.choice(column["asked"][asked]).format(item=item[asked]), asked, random),
        (heading, _rows(table, rows, columns, (item, column), told, random)),
        [
            (heading, _rows(table, named, columns, None, told, random)),
            (heading, _rows(table, rows, less or columns[:1], None, told, random)),
        ],
    )


def _rows(
    table: dict[str, Any],
    items: Sequence[tuple[str, ...]],
    columns: Sequence[dict[str, Any]],
    wanted: tuple[tuple[str, ...], dict[str, Any]] | None,
    told: int,
    random: Random,
) -> Drawn:
    """Rows as the index writes them, each cell with its column's name."""
    whole, found = "", None
    for n, item in enumerate(items):
        whole += ("\n\n" if n else "") + f"{table['key'][told]}: {item[told]}"
        for column in columns:
            drawn = value(column["kind"], random)[told]
            whole += f"; {column['name'][told]}: "
            if wanted is not None and item == wanted[0] and column is wanted[1]:
                found = len(whole), len(whole) + len(drawn)
            whole += drawn
    return Drawn(whole, found)


def main() -> None:
    """Print some readings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for reading in office(given.questions, given.seed):
        print(f"{reading.kind}: {reading.question}\n  {reading.heading} | {reading.passage!r}\n  → {reading.answers}")


if __name__ == "__main__":
    main()
