"""How the first version answers its own examples: `python -m benchmarks.first_answers`.

These 60 questions were looked at while the weights of `decide` were set by hand, so the figures say how it behaves,
not how right it will be elsewhere.
"""

import json
import sys
import tempfile
import unicodedata
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

from assistant.access import local_operator
from assistant.example import load_example
from assistant.services import Services
from assistant.settings import Settings

EXAMPLES = Path(__file__).parent.parent / "examples"


def fold(text: str) -> str:
    """What a judge compares."""
    return unicodedata.normalize("NFKC", text).casefold()


def judge(question: dict[str, Any], answer: dict[str, Any]) -> str:
    """right | wrong | held | declined; an answered question that has no answer is wrong."""
    if answer["status"] != "answered":
        return str(answer["status"])
    said = fold(answer["answer"])
    full = bool(question["facts"]) and all(any(fold(form) in said for form in forms) for forms in question["facts"])
    return "right" if full else "wrong"


def main() -> None:
    """Ask all, print a table, and each wrong one with `--details`."""
    questions = [json.loads(line) for line in (EXAMPLES / "first_questions.jsonl").read_text("utf-8").splitlines()]
    outcomes: dict[str, Counter[str]] = {}
    seconds = []
    with tempfile.TemporaryDirectory() as home:
        services = Services(Settings(home=Path(home), models=Settings().models_folder))
        load_example(services, EXAMPLES, lambda _line: None)
        with services.database.read() as session:
            user = local_operator(session, "benchmark")
        for question in questions:
            answer = services.assistant.ask(question["question"], user).as_dict()
            outcome = judge(question, answer)
            group = "answerable" if question["facts"] else "near miss" if question["domain"] else "elsewhere"
            outcomes.setdefault(f"{question['language']} {group}", Counter())[outcome] += 1
            seconds.append(answer["seconds"]["total"])
            if "--details" in sys.argv:
                said = (answer["answer"] or answer["draft"] or "").replace("\n", " ")[:90]
                print(f"{outcome:<9}{answer['confidence']:.2f} {question['id']} {question['question']} → {said}")
                print("         ", answer["signals"])
        services.close()
    for group, counts in sorted(outcomes.items()):
        print(f"{group:<16}" + "  ".join(f"{name} {counts[name]}" for name in ("right", "wrong", "held", "declined")))
    print(f"median {median(seconds):.2f} s")


if __name__ == "__main__":
    main()
