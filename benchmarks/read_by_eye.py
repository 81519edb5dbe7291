"""Judge against reader: `python -m benchmarks.read_by_eye` prints how often they disagree.

Answers of the product, each read by somebody who saw the gold answer and not the judge's verdict: right, partly (true,
and something that the asker needs is missing) or wrong. `read_by_eye.tsv` holds sixty answers a language of 2026-11-24,
drawn at random from those with a text to answerable questions; `read_by_eye_shown.tsv` fifty a language of 2026-11-29,
drawn from those shown, to unanswerable questions too.
"""

import csv
from pathlib import Path

from adapters.judging import says_all
from adapters.questions import Question
from adapters.scores import Share
from benchmarks.company import questions

HERE = Path(__file__).parent
READ = {"drafts": HERE / "read_by_eye.tsv", "shown": HERE / "read_by_eye_shown.tsv"}
VERDICTS = ("right", "partly", "wrong")


def main() -> None:
    """Print what was read and the agreement, by language, and every disagreement."""
    known = {question.id: question for question in questions(["frozen"])}
    for name, path in READ.items():
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        for language in ("ja", "en"):
            report(name, language, [(known[row["id"]], row) for row in rows if known[row["id"]].language == language])
        for row in rows:
            if judged(known[row["id"]], row["answer"]) != (row["verdict"] == "right"):
                print(f"  {row['id']} {row['verdict']}: {row['note']}")


def judged(question: Question, answer: str) -> bool:
    """The judge's verdict."""
    return question.answerable and says_all(question, answer)


def report(name: str, language: str, rows: list[tuple[Question, dict[str, str]]]) -> None:
    """Two lines: the reader's verdicts, and how the judge's differ."""
    pairs = [(judged(question, row["answer"]), row["verdict"]) for question, row in rows]
    read = ", ".join(f"{verdict} {sum(one == verdict for _, one in pairs)}" for verdict in VERDICTS)
    same = Share.count([right == (verdict == "right") for right, verdict in pairs])
    lenient, partly = (sum(right and verdict == other for right, verdict in pairs) for other in ("wrong", "partly"))
    harsh = sum(not right and verdict == "right" for right, verdict in pairs)
    print(f"{name}, {language}: read as {read} of {len(pairs)}")
    print(
        f"  agree {same}; judged right but read as wrong {lenient}, as partly {partly}; judged wrong but right {harsh}"
    )


if __name__ == "__main__":
    main()
