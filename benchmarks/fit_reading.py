"""Fits how the measures of a sentence are weighed: `python -m benchmarks.fit_reading`; writes `steps/reading.json`.

On questions of the example company (splits router and calibration) and of four invented organisations, whose topics
the reader's skill was not trained on. The model is a softmax over a question's candidates and 'none', each candidate's
log-odds being linear in its measures; the likelihood of a question is what its right candidates get together. The
second look is fitted after the first, in the same way, on the few best candidates. What a whole list gets is fitted
last, with questions for one: their number says nothing about how sentences are to be weighed. Prints how often the
first candidate is right, by cross-validation over topics (of the second look: by first looks fitted on all).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import logsumexp, softmax
from sklearn.model_selection import GroupKFold

from adapters import Encoder, Reranker, skills
from adapters.judging import says_all
from adapters.questions import Question
from adapters.search_encoder import SearchEncoder
from assistant.answer import Evidence
from assistant.settings import Settings
from assistant.steps.candidates import Candidate, candidates, content_weights
from assistant.steps.lists import with_its_list
from assistant.steps.read import first_look, widened
from assistant.steps.second_look import Judge, closeness, judged, listed, own_language, worth_a_look
from assistant.variation import FULL
from benchmarks.company import COMPANIES, Company, asked_for_cache, handed, opened
from index import Encode

MEASURES = ("words", "rank", "kind", "elsewhere", "gate", "within")
AGAIN = ("first", "close", "alone", "own")
LISTED = len(AGAIN)  # the column after these
TARGET = Path(__file__).parent.parent / "assistant" / "steps" / "reading.json"
RIDGE = 0.5  # per question
FOLDS = 8


@dataclass(frozen=True)
class Case:
    """A question's candidates: what they are (N), measures (N, M), and which of them are right (N,)."""

    company: str
    question: Question
    candidates: Sequence[Candidate]
    measures: NDArray[np.float64]
    right: NDArray[np.bool_]


def is_right(question: Question, candidate: Candidate) -> bool:
    """Whether a candidate, quoted as it would be, says what the answer must say, from a file that is its evidence."""
    passage = candidate.hit.passage
    said = passage.text[slice(*with_its_list(passage.text, *widened(passage.text, candidate.start, candidate.end)))]
    return passage.file in {piece.file for piece in question.evidence} and says_all(question, said)


def cases(company: Company, cache: Path | None) -> list[Case]:
    """The candidates of a company's questions, measured as the product measures them."""
    found = []
    with opened(cache, company.folder) as (services, operator):
        mark = services.mark(FULL)
        if mark is None:
            raise SystemExit("Unset MADOGUCHI_READER: the weights are fitted with the skill.")
        for question, given in handed(services, operator, [*company.questions(), *company.lists()]):
            weights = content_weights(given.question, given.rarity)
            hits = [hit for hit in given.hits if not hit.aside]
            made = candidates(given.question, hits, given.routes, weights, given.known, services.encoder.encode, mark)
            measures = np.array([[getattr(c, name) for name in MEASURES] for c in made]).reshape(-1, len(MEASURES))
            right = np.array([is_right(question, c) for c in made], bool)
            found.append(Case(company.folder.name, question, made, measures, right))
    return found


def looked_at_again(case: Case, weights: dict[str, float], encode: Encode, judge: Judge) -> Case:
    """The best candidates by the first look's `weights`, measured as the second look does.

    Args:
        encode, judge: the encoder of the search, and the reranker.
    """
    ranked = first_look(case.candidates, weights)
    passages = [case.candidates[number].hit.passage.id for _, number, _ in ranked]
    firsts = [ranked[place] for place in worth_a_look(passages, [odds for odds, _, _ in ranked])]
    kept = [case.candidates[number] for _, number, _ in firsts]
    spans = [(one.hit, *place) for one, (_, _, place) in zip(kept, firsts, strict=True)]
    measures = np.zeros((len(firsts), len(AGAIN) + 1))
    if firsts:
        asked, evidence = case.question.question, [Evidence(*span, 0.0) for span in spans]
        measures[:, 0] = [odds for odds, _, _ in firsts]
        measures[:, 1] = closeness(asked, evidence, encode)
        measures[:, 2] = judged(asked, evidence, judge)
        measures[:, 3] = own_language(asked, evidence)
        measures[:, LISTED] = listed(evidence)
    return Case(case.company, case.question, kept, measures, case.right[[number for _, number, _ in firsts]])


def fit(cases_: Sequence[Case], columns: Sequence[int]) -> NDArray[np.float64]:
    """Weights of the columns and the bias (last), by penalised likelihood."""
    known = [case for case in cases_ if case.right.any() or not case.question.answerable]
    prepared = [_with_none(case, columns) for case in known]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        penalised = np.append(weights[:-1], 0.0)
        value, slope = RIDGE * float(penalised @ penalised) / 2, RIDGE * penalised
        for features, right in prepared:
            odds = features @ weights
            value += float(logsumexp(odds) - logsumexp(odds[right]))
            slope = slope + softmax(odds) @ features - softmax(odds[right]) @ features[right]
        return value, slope

    return np.asarray(minimize(loss, np.zeros(len(columns) + 1), jac=True, method="L-BFGS-B").x)


def fit_listed(cases_: Sequence[Case], weights: NDArray[np.float64]) -> float:
    """What a whole list gets, by likelihood, where AGAIN and the bias (last) weigh as `weights`. Questions for a list
    count as much together as the others that have a list among what is looked at: more of them were written than asked.
    """
    known = [case for case in cases_ if case.right.any() or not case.question.answerable]
    known = [case for case in known if case.measures[:, LISTED].any()]
    wanted = sum(case.question.kind == "list" for case in known)
    share = (len(known) - wanted) / wanted
    prepared = [
        (
            share if case.question.kind == "list" else 1.0,
            *_with_none(case, range(len(AGAIN))),
            np.append(case.measures[:, LISTED], 0.0),
        )
        for case in known
    ]

    def loss(weight: float) -> float:
        told = [(counts, features @ weights + weight * is_list, right) for counts, features, right, is_list in prepared]
        return float(sum(counts * (logsumexp(odds) - logsumexp(odds[right])) for counts, odds, right in told))

    return float(minimize_scalar(loss).x)


def lists_first(cases_: Sequence[Case], weights: NDArray[np.float64]) -> int:
    """How often a list that is looked at is first where a question wants it, by what a list gets on other topics."""
    first = 0
    groups = [f"{case.company}/{case.question.group}" for case in cases_]
    for train, test in GroupKFold(FOLDS).split(cases_, groups=groups):
        all_weights = np.append(weights[:-1], fit_listed([cases_[i] for i in train], weights))
        for case in (cases_[i] for i in test):
            if case.question.kind == "list" and case.right.any():
                first += bool(case.right[int((case.measures @ all_weights).argmax())])
    return first


def _with_none(case: Case, columns: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The candidates' measures and a one for the bias (N + 1, M + 1), the last row being 'none'; what is right."""
    features = np.zeros((len(case.measures) + 1, len(columns) + 1))
    features[:-1, :-1] = case.measures[:, columns]
    features[:-1, -1] = 1.0
    return features, np.append(case.right, not case.question.answerable)


def first_right(cases_: Sequence[Case], columns: Sequence[int]) -> dict[str, list[bool]]:
    """By company, of each question with a right candidate: whether the first is right, by weights of other topics."""
    hits: dict[str, list[bool]] = {}
    groups = [f"{case.company}/{case.question.group}" for case in cases_]
    for train, test in GroupKFold(FOLDS).split(cases_, groups=groups):
        weights = fit([cases_[i] for i in train], columns)
        for i in test:
            if cases_[i].right.any():
                first = int((cases_[i].measures[:, columns] @ weights[:-1]).argmax())
                hits.setdefault(cases_[i].company, []).append(bool(cases_[i].right[first]))
    return hits


def told(hits: dict[str, list[bool]]) -> str:
    """The share of right ones of all, and of each company."""
    every = [hit for company in hits.values() for hit in company]
    return f"{np.mean(every):.4f}  " + "  ".join(f"{name} {np.mean(one):.3f}" for name, one in hits.items())


def written(cases_: Sequence[Case], names: Sequence[str]) -> dict[str, object]:
    """What is written of a fit of all columns; prints how often the first candidate is right."""
    columns = list(range(len(names)))
    hits = first_right(cases_, columns)
    print(f"first right: {told(hits)}")
    for left_out in columns:
        rest = [column for column in columns if column != left_out]
        print(f"  without {names[left_out]}: {told(first_right(cases_, rest))}")
    return {
        "fitted_on": [company.folder.name for company in COMPANIES],
        "questions": len(cases_),
        "first_right": round(float(np.mean([hit for company in hits.values() for hit in company])), 4),
        "weights": {
            name: round(float(weight), 4) for name, weight in zip((*names, "bias"), fit(cases_, columns), strict=True)
        },
    }


def written_again(again: Sequence[Case]) -> dict[str, object]:
    """What is written of the second look's fit; prints how often the first candidate is right, and a list first."""
    body = written([case for case in again if case.question.kind != "list"], AGAIN)
    named = cast(dict[str, float], body["weights"])
    weights = np.array(list(named.values()))
    wanted = [case for case in again if case.question.kind == "list" and case.right.any()]
    before = sum(bool(case.right[int((case.measures[:, :LISTED] @ weights[:-1]).argmax())]) for case in wanted)
    print(f"lists first: {lists_first(again, weights)} of {len(wanted)}; without a weight of their own {before}")
    return body | {"weights": named | {"listed": round(fit_listed(again, weights), 4)}}


def main() -> None:
    """Fit, print, write."""
    cache = asked_for_cache()
    made = [case for company in COMPANIES for case in cases(company, cache)]
    single = [case for case in made if case.question.kind != "list"]  # whose answer is a sentence
    answerable = [case for case in single if case.question.answerable]
    reachable = sum(case.right.any() for case in answerable)
    print(f"{len(single)} questions, {len(answerable)} answerable, {reachable} with a right candidate")
    print(f"{len(made) - len(single)} questions for a list, only all of which is right")
    body = json.loads(TARGET.read_text("utf-8"))
    body["with_skill"] = written(single, MEASURES)
    _keep(body)  # the second look takes half an hour more
    settings = Settings()
    encoder = Encoder.load(settings.encoder, settings.models_folder, settings.threads)
    search = SearchEncoder.fit(encoder.encode, skills.load_retriever(encoder.identity))
    judge = Reranker.load(settings.models_folder).odds
    print("second look")
    weights = body["with_skill"]["weights"]
    again = [looked_at_again(case, weights, search.encode, judge) for case in made]
    body["second_look"] = written_again(again)
    _keep(body)


def _keep(body: dict[str, object]) -> None:
    TARGET.write_text(json.dumps(body, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
