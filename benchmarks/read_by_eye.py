"""Judge against reader: `python -m benchmarks.read_by_eye` prints how often they disagree.

`read_by_eye.tsv` holds sixty answers a language of 2026-11-24, drawn at random from those with a text to answerable
questions, each read by somebody who saw the gold answer and not the judge's verdict: right, partly or wrong.
"""

import csv
from pathlib import Path

from adapters.judging import says_all
from adapters.scores import Share
from benchmarks.company import questions

READ = Path(__file__).parent / "read_by_eye.tsv"


def main() -> None:
    """Print the agreement by language, and every disagreement."""
    known = {question.id: question for question in questions(["frozen"])}
    with READ.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for language in ("ja", "en"):
        mine = [row for row in rows if known[row["id"]].language == language]
        judged = [says_all(known[row["id"]], row["answer"]) for row in mine]
        read = [row["verdict"] for row in mine]
        same = Share.count([right == (verdict == "right") for right, verdict in zip(judged, read, strict=True)])
        lenient = sum(right and verdict == "wrong" for right, verdict in zip(judged, read, strict=True))
        partly = sum(right and verdict == "partly" for right, verdict in zip(judged, read, strict=True))
        harsh = sum(not right and verdict == "right" for right, verdict in zip(judged, read, strict=True))
        print(
            f"{language}: agree {same}; judged right but read as wrong {lenient}, as partly {partly}; "
            f"judged wrong but read as right {harsh}"
        )
    for row in rows:
        if says_all(known[row["id"]], row["answer"]) != (row["verdict"] == "right"):
            print(f"  {row['id']} {row['verdict']}: {row['note']}")


if __name__ == "__main__":
    main()
