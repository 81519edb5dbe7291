"""What the writer learns from: questions of the invented organisations, their evidence as the product marks it, and the
answer that was written for each; and the same questions with another rule's evidence, which does not answer.
"""

from collections.abc import Sequence
from pathlib import Path
from random import Random

from adapters.judging import place_of, says_all
from adapters.questions import Question
from adapters.writer_training import Writing
from assistant.access import User
from assistant.answer import Evidence
from assistant.language import language_of
from assistant.services import Services
from assistant.steps.read import widened
from assistant.steps.write import NOTHING, prompt
from benchmarks.company import opened, questions
from benchmarks.writing import Gold

UNANSWERED = 0.15  # as many as that share of the answered questions come with what does not answer them


def marked(gold: Gold, question: Question) -> list[Evidence]:
    """A question's evidence as a reader that errs nowhere marks it; empty where a piece is nowhere."""
    found = []
    for hit, piece in zip(gold.hits(question), question.evidence, strict=False):
        place = place_of(piece.quote, hit.passage.text)
        if place is None:
            return []
        found.append(Evidence(hit, *widened(hit.passage.text, *place), score=1.0))
    return found


def written(folder: Path, splits: Sequence[str], languages: Sequence[str], seed: int = 0) -> list[Writing]:
    """What the questions of an organisation teach, of those whose written answer says all that a right one must."""
    asked = [q for q in questions(list(splits), folder) if q.answerable and not q.history and q.language in languages]
    with opened(folder=folder) as (services, operator):
        return _written(folder.name, asked, services, operator, Random(seed))  # no secret


def _written(name: str, asked: Sequence[Question], services: Services, operator: User, random: Random) -> list[Writing]:
    gold = Gold(services, operator)
    found = [(question, evidence) for question in asked if (evidence := marked(gold, question))]
    made = []
    for question, evidence in found:
        answer = (question.gold or "").strip()
        if says_all(question, answer) and language_of(answer, "en") == question.language:
            made.append(_writing(name, question, evidence, answer))
        if random.random() < UNANSWERED:
            others = [e for other, e in found if other.domain == question.domain and other.group != question.group]
            nothing = random.choice(others) if others else []
            if nothing and not says_all(question, "\n".join(piece.quote for piece in nothing)):
                made.append(_writing(f"{name}-nothing", question, nothing, NOTHING[question.language]))
    return made


def _writing(name: str, question: Question, evidence: Sequence[Evidence], answer: str) -> Writing:
    pieces = [(piece.hit.passage.heading, piece.quote) for piece in evidence]
    return Writing(f"{name}/{question.id}", question.language, prompt(question.question, pieces), answer)
