"""Are follow-ups answered about what they ask? `python -m benchmarks.follow_ups`.

Conversations of two to four questions with five invented companies; of the last one's draft it is looked at whether the
fact stands in it that answers it, and whether it would be shown (held below 0.8). Where there is no fact, no document
says it, or not of what the follow-up names: shown is wrong. The first 22 were written when follow-ups that name
something else were first read, the others of the last eight from what people met; all of them were looked at since.
"""

import json
from itertools import groupby
from pathlib import Path

from assistant.evaluations import Forgetful
from assistant.variation import FULL
from benchmarks.company import COMPANIES, opened

FILE = Path(__file__).with_suffix(".jsonl")
SHOWN = 0.8


def main() -> None:
    """From the command line."""
    told = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
    told.sort(key=lambda one: str(one["company"]))
    answerable = right = shown_right = shown_wrong = 0
    for name, conversations in groupby(told, key=lambda one: str(one["company"])):
        folder = next(one.folder for one in COMPANIES if one.folder.name == name)
        with opened(folder=folder) as (services, operator):
            for one in conversations:
                memory, conversation = Forgetful(), None
                assistant = services.assistant_with(memory, FULL)
                for question in one["questions"]:
                    answer = assistant.ask(question, operator, conversation=conversation, reviewed=False)
                    conversation = answer.conversation
                draft, fact = memory.trace["draft"] or "", one["fact"]
                good, shown = bool(fact) and fact in draft, answer.status == "answered" and answer.confidence >= SHOWN
                answerable, right = answerable + bool(fact), right + good
                shown_right, shown_wrong = shown_right + (good and shown), shown_wrong + (shown and not good)
                mark = "right" if good else "wrong"
                print(f"{mark:<6}{answer.confidence:.2f} {answer.status:<9}{memory.trace['searched']} | {draft[:80]!r}")
    counts = f"drafts right {right}, shown right {shown_right}, shown wrong {shown_wrong}"
    print(f"{len(told)} conversations, {answerable} answerable: {counts}")


if __name__ == "__main__":
    main()
