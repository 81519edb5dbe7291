"""When may a reviewed answer be another's: `python -m benchmarks.fit_similar [--cache FILE] [--measure SPLIT]`.

Every question of the example company is asked, and every other answered question of its department stands as a reviewed
answer: its paraphrases, and what shares words or topic but not the answer. Right is an answer that says what the
question's must say. Fits a logistic model on the router, calibration and train splits, prints precision and recall by
cross-validation over topics, with cosine alone beside it, and writes `assistant/steps/similar.json`. With `--measure`
it fits nothing and prints what the shipped weights do on a split.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from adapters.judging import says_all
from adapters.questions import Question
from assistant.evaluations import WholeAssistant
from assistant.steps.similar import COSINE_FLOOR, NEAREST, Asked, Likeness, likeness, probability, to_judge, told_by
from assistant.variation import FULL
from assistant.wording import as_language
from benchmarks.company import opened, questions

SPLITS = ("router", "calibration", "train")
NAMES = tuple(field.name for field in fields(Likeness))
TARGET = Path(__file__).parent.parent / "assistant" / "steps" / "similar.json"
FOLDS = 8
TOLD = 0.5  # probability from which a similar answer is told of
GIVEN = 0.95  # … is given: the lowest of SHOWN from which 97 of 100 are right by cross-validation
SHOWN = (0.98, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5)
COSINES = (0.8, 0.7, 0.6, 0.5, 0.4)


@dataclass(frozen=True)
class Pair:
    """A question (its number) beside an answered one."""

    asked: int
    cosine: float
    measured: Likeness
    same: bool
    group: str


def pairs(splits: Sequence[str], cache: Path | None) -> tuple[list[Pair], int]:
    """Each question with the `NEAREST` answered ones of its department; how many have one that is the same."""
    made: list[Pair] = []
    with opened(cache) as (services, operator):
        everyone = [question for question in questions(splits) if question.domain and not question.history]
        vectors = services.question_vectors.of([question.question for question in everyone])
        quoted = services.sentence_encoder.encode([_told_by(question) for question in everyone])
        closes = vectors @ quoted.T
        ask = WholeAssistant(services.assistant_with, FULL, operator)
        found = [[quote for _, quote in ask.quotes(question)] for question in everyone]
        with services.database.read() as session:
            asked = [
                Asked.of(
                    question.question,
                    as_language(question.language),
                    services.index.rarity(session, question.question, operator.scope),
                )
                for question in everyone
            ]
        partnered = 0
        for number, question in enumerate(everyone):
            others = [n for n, other in enumerate(everyone) if n != number and _may_answer(question, other)]
            partnered += any(same(question, everyone[other]) for other in others)
            cosines = {other: float(vectors[number] @ vectors[other]) for other in others}
            near = [n for n in sorted(cosines, key=lambda n: -cosines[n]) if cosines[n] >= COSINE_FLOOR][:NEAREST]
            if not near:
                continue
            known = [everyone[other] for other in near]
            rests_on = [[piece.quote for piece in one.evidence] for one in known]
            to_be_judged = [
                to_judge(one.question, one.gold or "", quotes) for one, quotes in zip(known, rests_on, strict=True)
            ]
            judged = services.matcher.odds(question.question, list(chain.from_iterable(to_be_judged)))
            for other, one, quotes, odds in zip(near, known, rests_on, judged.reshape(len(near), -1), strict=True):
                close = float(closes[number, other])
                measured = likeness(
                    *(asked[number], asked[other], cosines[other], close),
                    *(found[number], one.gold or "", quotes, odds.tolist()),
                )
                made.append(Pair(number, cosines[other], measured, same(question, one), question.group))
    return made, partnered


def _told_by(question: Question) -> str:
    return told_by(question.gold or "", [piece.quote for piece in question.evidence])


def _may_answer(question: Question, other: Question) -> bool:
    return other.domain == question.domain and other.answerable


def same(question: Question, other: Question) -> bool:
    """Whether the other's answer answers this one: the same facts, or an answer that says what must be said."""
    if not (question.answerable and other.answerable):
        return False
    if question.group == other.group and _same_facts(question, other):
        return True
    shared = {piece.quote for piece in question.evidence} & {piece.quote for piece in other.evidence}
    return (question.group == other.group or bool(shared)) and says_all(question, other.gold or "")


def _same_facts(question: Question, other: Question) -> bool:
    if len(question.facts) != len(other.facts):
        return False
    forms = [{form.casefold() for form in forms} for forms in other.facts]
    return all(any({form.casefold() for form in fact} & known for known in forms) for fact in question.facts)


def told(made: Sequence[Pair], values: NDArray[np.float64], partnered: int, levels: Sequence[float]) -> None:
    """Print precision and recall of the best match of each question, at some levels."""
    best: dict[int, tuple[float, bool]] = {}
    for pair, value in zip(made, values, strict=True):
        if pair.asked not in best or value > best[pair.asked][0]:
            best[pair.asked] = float(value), pair.same
    for level in levels:
        served = [right for value, right in best.values() if value >= level]
        precision = f"{np.mean(served):.3f}" if served else "–"
        print(f"  from {level:.2f}: {len(served)} told of, precision {precision}, recall {sum(served) / partnered:.3f}")


def fitted(measured: NDArray[np.float64], same_ones: NDArray[np.bool_]) -> tuple[float, NDArray[np.float64]]:
    """Bias and weights (M,) of a logistic model on measures (N, M), regularised as if each varied alike."""
    scale = measured.std(axis=0) + 1e-9
    model = LogisticRegression(max_iter=1000).fit(measured / scale, same_ones)
    return float(model.intercept_[0]), model.coef_[0] / scale


def main() -> None:
    """Fit, print, write; or measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, help="keeps what the reader marked")
    parser.add_argument("--measure", metavar="SPLIT")
    given = parser.parse_args()
    made, partnered = pairs([given.measure] if given.measure else SPLITS, given.cache)
    same_ones = np.array([pair.same for pair in made])
    print(f"{len(made)} near pairs, {same_ones.sum()} the same; {partnered} questions have one that is the same")
    print("cosine alone")
    told(made, np.array([pair.cosine for pair in made]), partnered, COSINES)
    if given.measure:
        print("shipped weights")
        values = np.array([probability(pair.measured) for pair in made])
        told(made, values, partnered, SHOWN)
        return
    measured = np.array([[asdict(pair.measured)[name] for name in NAMES] for pair in made])
    values = np.zeros(len(made))
    for train, test in GroupKFold(FOLDS).split(measured, groups=[pair.group for pair in made]):
        bias, weights = fitted(measured[train], same_ones[train])
        values[test] = 1 / (1 + np.exp(-(bias + measured[test] @ weights)))
    print("all measures, by cross-validation over topics")
    told(made, values, partnered, SHOWN)
    bias, weights = fitted(measured, same_ones)
    written = {
        "fitted_on": list(SPLITS),
        "pairs": len(made),
        "same": int(same_ones.sum()),
        "bias": round(bias, 4),
        "weights": {name: round(float(weight), 4) for name, weight in zip(NAMES, weights, strict=True)},
        "told_from": TOLD,
        "given_from": GIVEN,
    }
    TARGET.write_text(json.dumps(written, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
