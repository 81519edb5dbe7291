"""Readers for outside data, and its fixed splits: `python -m benchmarks.outside_data --data DIR` deals them anew.

`splits.json` says which articles, policies and intents are for training, tuning and test. English articles that stand
in two sets are on the same side in both. policyqa is for research: it is measured on and never trained on. The data
itself stays outside the repository; its licences stand beside it.
"""

import argparse
import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from adapters.reader_training import Reading
from index import terms

SPLITS = Path(__file__).parent / "splits.json"
Part = Literal["train", "tune", "test"]
PARTS: tuple[Part, ...] = ("train", "tune", "test")
FILES = {
    "jaquad": "jaquad/jaquad_*.json",
    "squad2": "squad2/squad2.json",
    "xquad-en": "xquad-en/xquad-en.json",
    "policyqa": "policyqa/*.json",
}
LANGUAGE = {"jaquad": "ja"}
NEAR, FAR = 1, 1  # negatives of each kind for a question


def articles(data: Path, name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(file's stem, title, article) of a set in SQuAD's format. Raises FileNotFoundError."""
    paths = sorted(data.glob(FILES[name]))
    if not paths:
        raise FileNotFoundError(f"{name} is not in {data}. Give the folder that holds it with --data.")
    for path in paths:
        for article in json.loads(path.read_text("utf-8"))["data"]:
            yield path.stem, article["title"], article


def read(data: Path, name: str, part: Part) -> list[Reading]:
    """The questions of a set's part, each with its own passage, as their authors wrote them."""
    wanted = set(json.loads(SPLITS.read_text("utf-8"))[name][part])
    found = []
    for _, title, article in articles(data, name):
        if title in wanted:
            for paragraph in article["paragraphs"]:
                found += [_reading(LANGUAGE.get(name, "en"), title, paragraph, entry) for entry in paragraph["qas"]]
    return found


def _reading(language: str, title: str, paragraph: dict[str, Any], entry: dict[str, Any]) -> Reading:
    impossible = bool(entry.get("is_impossible"))
    spans = [] if impossible else [(answer["answer_start"], answer["text"]) for answer in entry["answers"]]
    kind = "answerable" if spans else "unanswerable"
    answers = tuple(dict.fromkeys(spans))
    return Reading(str(entry["id"]), language, title, entry["question"], paragraph["context"], answers, kind)


def with_negatives(readings: Sequence[Reading], near: int = NEAR, far: int = FAR) -> list[Reading]:
    """The readings, and for each answerable question passages that don't answer it.

    `near`: other passages of the same article, `far`: of other articles, those that share most with the question
    first (rare terms count more). A passage that holds one of the answers' texts is no negative.
    """
    passages = sorted({(reading.title, reading.passage) for reading in readings})
    words = [set(terms(passage)) for _, passage in passages]
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, found in enumerate(words):
        for term in found:
            holders[term].append(number)
    made = list(readings)
    for reading in readings:
        if reading.kind != "answerable":
            continue
        shared: defaultdict[int, float] = defaultdict(float)
        for term in sorted(set(terms(reading.question))):
            for number in holders[term]:
                shared[number] += 1 / len(holders[term])
        ranked = sorted(shared, key=lambda number: (-shared[number], number))
        wanted = {"near": near, "far": far}
        for number in ranked:
            title, passage = passages[number]
            kind = "near" if title == reading.title else "far"
            if wanted[kind] and not any(text in passage for _, text in reading.answers):
                wanted[kind] -= 1
                made.append(
                    Reading(f"{reading.id}-{kind}", reading.language, title, reading.question, passage, (), kind)
                )
            if not any(wanted.values()):
                break
    return made


@dataclass(frozen=True)
class Intent:
    """A question with what it asks for; `known` False: an intent that nobody is taught."""

    question: str
    intent: str
    known: bool


def read_intents(data: Path, part: Part) -> list[Intent]:
    """banking77: the taught intents' questions for training, all intents' for tuning and test."""
    dealt = json.loads(SPLITS.read_text("utf-8"))["banking77"]
    unknown = set(dealt["unknown"])
    with (data / "banking77" / ("test.csv" if part == "test" else "train.csv")).open(
        encoding="utf-8", newline=""
    ) as file:
        rows = [Intent(row["text"], row["category"], row["category"] not in unknown) for row in csv.DictReader(file)]
    if part == "test":
        return rows
    tune = {row for row in rows if int(_digest(row.question)[:8], 16) % 10 == 0}
    return [row for row in rows if (row in tune) == (part == "tune") and (part == "tune" or row.known)]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _dealt(titles: Iterable[str], pattern: Sequence[Part]) -> dict[str, Part]:
    return {title: pattern[n % len(pattern)] for n, title in enumerate(sorted(set(titles), key=_digest))}


def deal(data: Path) -> dict[str, dict[str, list[str]]]:
    """Part by title, by set."""
    titles: dict[str, dict[str, str]] = {
        name: {title: stem for stem, title, _ in articles(data, name)} for name in FILES
    }
    sides: dict[str, dict[str, Part]] = {name: {} for name in FILES}
    train = [title for title, stem in titles["jaquad"].items() if "train" in stem]
    sides["jaquad"] = _dealt(train, ("tune", *("train",) * 9)) | {
        title: "test" for title, stem in titles["jaquad"].items() if "dev" in stem
    }
    quarters: tuple[Part, ...] = ("train", "test", "train", "train", "tune", "train", "test", "train")
    both = _dealt(titles["squad2"], quarters)
    both |= _dealt(titles["xquad-en"].keys() - both.keys(), quarters)
    for name in ("squad2", "xquad-en"):
        sides[name] = {title: both[title] for title in titles[name]}
    sides["policyqa"] = {title: "test" if stem == "test" else "tune" for title, stem in titles["policyqa"].items()}
    made: dict[str, dict[str, list[str]]] = {
        name: {str(part): sorted(title for title, side in given.items() if side == part) for part in PARTS}
        for name, given in sides.items()
    }
    with (data / "banking77" / "train.csv").open(encoding="utf-8", newline="") as file:
        intents = sorted({row["category"] for row in csv.DictReader(file)}, key=_digest)
    made["banking77"] = {"known": sorted(intents[12:]), "unknown": sorted(intents[:12])}
    return made


def main() -> None:
    """Deal, write, and print what each part holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    SPLITS.write_text(json.dumps(deal(data), ensure_ascii=False, indent=1) + "\n", "utf-8")
    for name in FILES:
        for part in PARTS:
            readings = read(data, name, part)
            none = sum(reading.kind == "unanswerable" for reading in readings)
            print(f"{name} {part}: {len(readings)} questions, {none} without an answer")
    for part in PARTS:
        print(f"banking77 {part}: {len(read_intents(data, part))} questions")


if __name__ == "__main__":
    main()
