"""When may a reviewed answer be another's: `python -m benchmarks.fit_similar [--cache FILE] [--measure SPLIT]`.

Every question of the example company is asked, and every other answered question of its department stands as a reviewed
answer, on the quotations that it rests on as the index has them: its paraphrases, and what shares words or topic but
not the answer. Right is an answer that says what the question's must say. Fits a logistic model on the router,
calibration and train splits, and another of those that the first finds likely and the reranker judges too; prints
precision and recall of both by cross-validation over topics, without what the product never gives because it plainly
differs, with cosine alone beside them, and writes `assistant/steps/similar.json`. With `--measure` it fits nothing and
prints what the shipped weights do on a split.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from adapters import Reranker
from adapters.judging import fold, place_of, says_all, states
from adapters.questions import Question
from assistant.access import User
from assistant.answer import Evidence
from assistant.services import Services
from assistant.settings import Settings
from assistant.steps.facts import facts
from assistant.steps.similar import (
    COSINE_FLOOR,
    NEAREST,
    Asked,
    Likeness,
    likeliest,
    likeness,
    plainly_other,
    shipped,
    to_judge,
    told_by,
)
from assistant.variation import FULL
from assistant.wording import as_language
from benchmarks.company import handed, opened, questions

SPLITS = ("router", "calibration", "train")
RERANKED = tuple(field.name for field in fields(Likeness))
NAMES = tuple(name for name in RERANKED if name != "reranked")
TARGET = Path(__file__).parent.parent / "assistant" / "steps" / "similar.json"
FOLDS = 8
TOLD = 0.5  # probability from which a similar answer is told of
GIVEN = 0.9  # … is given: the lowest of SHOWN from which 97 of 100 are right by cross-validation
SHOWN = (0.98, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5)
COSINES = (0.8, 0.7, 0.6, 0.5, 0.4)


@dataclass(frozen=True)
class Pair:
    """A question (its number, its words) beside an answered one (its words, its answer)."""

    asked: int
    question: str
    known: tuple[str, str]
    cosine: float
    measured: Likeness
    same: bool
    group: str


def pairs(splits: Sequence[str], cache: Path | None) -> tuple[list[Pair], int]:
    """Each question with the `NEAREST` answered ones of its department; how many have one that is the same."""
    made: list[Pair] = []
    with opened(cache) as (services, operator):
        everyone = [question for question in questions(splits) if question.domain and not question.history]
        found = _found(services, operator, everyone)
        quotations = [_quotations(services, operator, question) for question in everyone]
        told_of = [told_by(one.gold or "", quotes) for one, quotes in zip(everyone, quotations, strict=True)]
        vectors = services.searched_vectors.of([question.question for question in everyone])
        closes = vectors @ services.sentence_encoder.encode(told_of).T
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
            rests_on = [quotations[other] for other in near]
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
                made.append(
                    Pair(
                        asked=number,
                        question=question.question,
                        known=(one.question, one.gold or ""),
                        cosine=cosines[other],
                        measured=measured,
                        same=same(question, one),
                        group=question.group,
                    )
                )
    return made, partnered


def _found(services: Services, operator: User, asked: Sequence[Question]) -> list[Evidence | None]:
    """The best that the product finds in its department for each question."""
    reader = services.reader(FULL)
    best: list[Evidence | None] = []
    for question, what in handed(services, operator, asked):
        reading = reader.read(what.question, what.hits, what.rarity, what.known, what.routes)
        there = (one for one in reading.evidence if one.hit.passage.domain == question.domain)
        best.append(next(there, None))
    return best


def _quotations(services: Services, operator: User, question: Question) -> list[str]:
    """The pieces that an answer rests on, as its citations have them: the index sets a row's cells apart otherwise."""
    quotations = []
    with services.database.read() as session:
        for piece in question.evidence:
            passages = services.index.passages_of(session, piece.file, operator.scope)
            places = ((passage.text, place_of(piece.quote, passage.text)) for passage in passages)
            quotations += [text[slice(*place)] for text, place in places if place is not None][:1]
    return quotations


def _may_answer(question: Question, other: Question) -> bool:
    return other.domain == question.domain and other.answerable


def same(question: Question, other: Question) -> bool:
    """Whether the other's answer answers this one: the same facts, or an answer that says what must be said."""
    if not (question.answerable and other.answerable):
        return False
    if question.group == other.group and (_same_facts(question, other) or _says_numbers(question, other.gold or "")):
        return True
    shared = {piece.quote for piece in question.evidence} & {piece.quote for piece in other.evidence}
    return (question.group == other.group or bool(shared)) and says_all(question, other.gold or "")


def _same_facts(question: Question, other: Question) -> bool:
    if len(question.facts) != len(other.facts):
        return False
    forms = [{form.casefold() for form in forms} for forms in other.facts]
    return all(any({form.casefold() for form in fact} & known for known in forms) for fact in question.facts)


def _says_numbers(question: Question, answer: str) -> bool:
    """Whether an answer says all that must be said, the numbers in either language: 30時間 is 30 hours."""
    said, told = fold(answer), facts(answer)

    def says(form: str) -> bool:
        numbers = facts(form)
        in_units = bool(numbers) and all(one.unit and any(one.equals(other) for other in told) for one in numbers)
        return in_units or states(said, form)

    return all(any(says(form) for form in forms) for forms in question.facts)


def reranked(made: Sequence[Pair], values: NDArray[np.float64], reranker: Reranker) -> list[Pair]:
    """The likeliest of each question, judged by the reranker; `values`: the probability of each pair (P,)."""
    by_question: defaultdict[int, list[int]] = defaultdict(list)
    for number, pair in enumerate(made):
        by_question[pair.asked].append(number)
    judged: list[Pair] = []
    for numbers in by_question.values():
        chosen = [made[numbers[n]] for n in likeliest([values[number] for number in numbers])]
        if not chosen:
            continue
        odds = reranker.odds(chosen[0].question, [pair.known for pair in chosen]).tolist()
        judged += [
            replace(pair, measured=replace(pair.measured, reranked=one)) for pair, one in zip(chosen, odds, strict=True)
        ]
    return judged


def told(
    made: Sequence[Pair], values: NDArray[np.float64], partnered: int, levels: Sequence[float], *, guarded: bool = True
) -> None:
    """Print precision and recall of the best match of each question, at some levels. `guarded`: it is not given where
    the two plainly differ.
    """
    best: dict[int, tuple[float, Pair]] = {}
    for pair, value in zip(made, values, strict=True):
        if pair.asked not in best or value > best[pair.asked][0]:
            best[pair.asked] = float(value), pair
    if guarded:
        best = {n: (value, pair) for n, (value, pair) in best.items() if not plainly_other(pair.question, *pair.known)}
    for level in levels:
        served = [pair.same for value, pair in best.values() if value >= level]
        precision = f"{np.mean(served):.3f}" if served else "–"
        print(f"  from {level:.2f}: {len(served)} given, precision {precision}, recall {sum(served) / partnered:.3f}")


def fitted(measured: NDArray[np.float64], same_ones: NDArray[np.bool_]) -> tuple[float, NDArray[np.float64]]:
    """Bias and weights (M,) of a logistic model on measures (N, M), regularised as if each varied alike."""
    scale = measured.std(axis=0) + 1e-9
    model = LogisticRegression(max_iter=1000).fit(measured / scale, same_ones)
    return float(model.intercept_[0]), model.coef_[0] / scale


def fit(made: Sequence[Pair], names: Sequence[str]) -> tuple[dict[str, object], NDArray[np.float64]]:
    """Weights as they are written, and the probability of each pair (P,) by cross-validation over topics."""
    measured = np.array([[asdict(pair.measured)[name] for name in names] for pair in made])
    same_ones = np.array([pair.same for pair in made])
    values = np.zeros(len(made))
    for train, test in GroupKFold(FOLDS).split(measured, groups=[pair.group for pair in made]):
        bias, weights = fitted(measured[train], same_ones[train])
        values[test] = 1 / (1 + np.exp(-(bias + measured[test] @ weights)))
    bias, weights = fitted(measured, same_ones)
    by_name = {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}
    return {"bias": round(bias, 4), "weights": by_name}, values


def main() -> None:
    """Fit, print, write; or measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, help="keeps what the reader marked")
    parser.add_argument("--measure", metavar="SPLIT")
    given = parser.parse_args()
    made, partnered = pairs([given.measure] if given.measure else SPLITS, given.cache)
    alike = sum(pair.same for pair in made)
    print(f"{len(made)} near pairs, {alike} the same; {partnered} questions have one that is the same")
    print("cosine alone")
    told(made, np.array([pair.cosine for pair in made]), partnered, COSINES, guarded=False)
    reranker = Reranker.load(Settings().models_folder)
    if given.measure:
        print("shipped weights")
        likely = reranked(made, np.array([shipped().probability(pair.measured) for pair in made]), reranker)
        told(likely, np.array([shipped().probability(pair.measured) for pair in likely]), partnered, SHOWN)
        return
    first, values = fit(made, NAMES)
    print("all measures but the reranker's, by cross-validation over topics")
    told(made, values, partnered, SHOWN)
    likely = reranked(made, values, reranker)
    second, values = fit(likely, RERANKED)
    print("the likeliest judged by the reranker too, by cross-validation over topics")
    told(likely, values, partnered, SHOWN)
    written = {
        "fitted_on": list(SPLITS),
        "pairs": len(made),
        "same": alike,
        "first": first,
        "reranked": second,
        "told_from": TOLD,
        "given_from": GIVEN,
    }
    TARGET.write_text(json.dumps(written, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
