"""How well questions find their department: `python -m benchmarks.routing --data DIR [--part test] [--seeds 3]`.

At 5, 10, 20 and 50 examples a route, drawn by seed: accuracy on questions of the routes; AUROC of telling these from
near questions (whole intents or departments that nobody was taught) and from far ones; expected calibration error (15
bins) on these questions together, of each kind of far ones sixty at most. Against nearest centroid, a soft-max over the
centroids, and the way of semantic-router (the five nearest examples, mean cosine by route), all with the same vectors:
those of the encoder with the router's skill. The router with the frozen encoder's vectors stands beside them.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

from adapters.route_scores import Floats
from adapters.router import NO_DOCUMENTS, Documents, Embed, Router, Vectors
from adapters.scores import by_chance
from benchmarks.company import opened
from benchmarks.outside_data import Part
from benchmarks.routing_data import GROUP_OF, KeptVectors, Task, banking, banking_all, company

SHOTS = (5, 10, 20, 50)
BINS = 15
MIXED = 60  # far questions of a kind at most in the calibration error: what is asked at work outnumbers them
SOFTMAX_SHARPNESS = 20.0  # per unit of cosine, the scale that sentence-transformers trains with
TOP = 5  # semantic-router's default
Sentences = dict[str, list[str]]


@dataclass(frozen=True)
class Judged:
    """Routes given to questions (Q,), the probability or score that they are right, and that they are for anybody."""

    routes: list[str]
    sure: Floats
    inside: Floats


Method = Callable[[Sequence[str]], Judged]
Fit = Callable[[Sentences, Sentences], Method]


def ours(embed: Embed, documents: Documents = NO_DOCUMENTS, common: Vectors | None = None) -> Fit:
    """The product's router."""

    def fit(examples: Sentences, descriptions: Sentences) -> Method:
        router = Router.fit(embed, examples, descriptions, documents, common=common)

        def judge(questions: Sequence[str]) -> Judged:
            routings = router.route_all(questions, list(examples))
            sure = np.array([routing.probability for routing in routings])
            inside = np.array([sum(p for _, p in routing.ranked) for routing in routings])
            return Judged([str(routing.domain) for routing in routings], sure, inside)

        return judge

    return fit


def centroid(embed: KeptVectors, softmax: bool) -> Fit:
    """The nearest mean of examples and descriptions; its cosine, or its share of a soft-max, as the score."""

    def fit(examples: Sentences, descriptions: Sentences) -> Method:
        names = list(examples)
        means = np.stack([embed(examples[name] + descriptions.get(name, [])).mean(axis=0) for name in names])
        means /= np.linalg.norm(means, axis=1, keepdims=True)  # (K, D)

        def judge(questions: Sequence[str]) -> Judged:
            scores = np.asarray(embed(questions) @ means.T, np.float64)  # (Q, K)
            if softmax:
                scores = np.exp(SOFTMAX_SHARPNESS * (scores - scores.max(axis=1, keepdims=True)))
                scores /= scores.sum(axis=1, keepdims=True)
            best = scores.max(axis=1)
            return Judged([names[at] for at in scores.argmax(axis=1)], best, best)

        return judge

    return fit


def top_mean(embed: KeptVectors) -> Fit:
    """The five nearest examples; the route with the highest mean cosine among them, which is the score."""

    def fit(examples: Sentences, descriptions: Sentences) -> Method:
        names = list(examples)
        rows = [(text, at) for at, name in enumerate(names) for text in examples[name] + descriptions.get(name, [])]
        vectors, labels = embed([text for text, _ in rows]), np.array([at for _, at in rows])

        def judge(questions: Sequence[str]) -> Judged:
            cosines = np.asarray(embed(questions) @ vectors.T, np.float64)  # (Q, N)
            nearest = np.argsort(-cosines, axis=1)[:, :TOP]
            means = np.full((len(cosines), len(names)), -1.0)
            for row, found in enumerate(nearest):
                for route in set(labels[found]):
                    means[row, route] = cosines[row, found[labels[found] == route]].mean()
            best = means.max(axis=1)
            return Judged([names[at] for at in means.argmax(axis=1)], best, best)

        return judge

    return fit


def auroc(inside: Floats, outside: Floats) -> float:
    """The probability that a question in scope scores above one that is not."""
    ranks = rankdata(np.concatenate([inside, outside]))[: len(inside)]
    n = len(inside)
    return float((ranks.sum() - n * (n + 1) / 2) / (n * len(outside)))


def calibration_error(sure: Floats, right: Floats) -> float:
    """Expected calibration error in BINS bins of equal width."""
    bins = np.clip((sure * BINS).astype(int), 0, BINS - 1)
    held = [bins == at for at in range(BINS) if (bins == at).any()]
    return float(sum(abs(sure[one].mean() - right[one].mean()) * one.mean() for one in held))


def measure(task: Task, fit: Fit, examples: Sentences) -> dict[str, float]:
    """One draw's figures. Where a task has no near questions, each department in turn is one that nobody was taught."""
    judge = fit(examples, task.descriptions)
    known = judge([question for question, _ in task.questions])
    right = np.array([route == true for route, (_, true) in zip(known.routes, task.questions, strict=True)], np.float64)
    far = {kind: judge(texts) for kind, texts in task.far.items()}
    near = [judge(task.near)] if task.near else []
    sure = np.concatenate([known.sure, *(part.sure for part in near), *(part.sure[:MIXED] for part in far.values())])
    hits = np.concatenate([right, np.zeros(len(sure) - len(right))])
    nearness = auroc(known.inside, near[0].inside) if near else _departments_held_out(task, fit, examples)
    figures = {"accuracy": float(right.mean()), "ECE": calibration_error(sure, hits), "near": nearness}
    figures["ECE by chance"] = by_chance(sure, BINS)
    figures["far"] = auroc(known.inside, np.concatenate([part.inside for part in far.values()]))
    if len(far) > 1:
        figures |= {kind: auroc(known.inside, part.inside) for kind, part in far.items()}
    return figures


def _departments_held_out(task: Task, fit: Fit, examples: Sentences) -> float:
    found = []
    for hidden in examples:
        taught = {name: texts for name, texts in examples.items() if name != hidden}
        judge = fit(taught, _without(task.descriptions, hidden))
        inside = judge([question for question, route in task.questions if route != hidden]).inside
        found.append(auroc(inside, judge([q for q, route in task.questions if route == hidden]).inside))
    return statistics.mean(found)


def _without(sentences: Sentences, hidden: str) -> Sentences:
    return {name: texts for name, texts in sentences.items() if name != hidden}


def show(name: str, draws: Sequence[dict[str, float]]) -> None:
    """One line: the median of the draws, and the lowest and highest."""
    cells = []
    for key in draws[0]:
        values = [draw[key] for draw in draws]
        cells.append(f"{key} {statistics.median(values):.3f} [{min(values):.3f}, {max(values):.3f}]")
    print(f"    {name:<29}" + "   ".join(cells), flush=True)


def compare(task: Task, embed: KeptVectors, frozen: KeptVectors, shots: Sequence[int], seeds: int) -> None:
    """Every method on the same draws of a task."""
    methods = {
        "this router": ours(embed, task.documents, embed.common),
        "…, without common knowledge": ours(embed, task.documents),
        **({} if task.documents is NO_DOCUMENTS else {"…, without documents": ours(embed, common=embed.common)}),
        "…, frozen encoder": ours(frozen, task.documents),
        "nearest centroid": centroid(embed, softmax=False),
        "soft-max, centroids": centroid(embed, softmax=True),
        "semantic-router's": top_mean(embed),
    }
    sizes = f"{len(task.pool)} routes, {len(task.questions)} questions, {len(task.near)} near"
    print(f"\n{task.name}: {sizes}")
    for shot in shots:
        print(f"  {shot} examples a route")
        for name, fit in methods.items():
            show(name, [measure(task, fit, task.drawn(shot, seed)) for seed in range(seeds)])


def published(data: Path, embed: KeptVectors, frozen: KeptVectors) -> None:
    """Accuracy over all 77 intents from the published samples."""
    samples, questions = banking_all(data)
    print(f"\nbanking77, published samples: 77 routes, {len(questions)} questions")
    for shots, examples in samples.items():
        for called in (False, True):
            descriptions = {name: [name] for name in examples} if called else {}
            for name, fit in {
                "this router": ours(embed, common=embed.common),
                "this router, frozen encoder": ours(frozen),
                "nearest centroid": centroid(embed, softmax=False),
                "semantic-router's": top_mean(embed),
            }.items():
                judged = fit(examples, descriptions)([question for question, _ in questions])
                right = statistics.mean(
                    route == true for route, (_, true) in zip(judged.routes, questions, strict=True)
                )
                how = "with the intents' names as descriptions" if called else "examples alone"
                print(f"    {shots} shots, {how}: {name} {right:.3f}", flush=True)


def cost(task: Task, kept: KeptVectors) -> None:
    """Seconds to fit on 5 departments of 50 examples, and to route one question, embedding included: alone, and where
    documents speak too, for which the question is embedded as search does it. How much of it that is, is told: search
    asks for the same vector, which is remembered.
    """
    encoder = kept.encoder
    examples, questions = task.drawn(50, 0), [question for question, _ in task.questions]
    embed = partial(encoder.encode, query=True)
    for name, documents, asked in (
        ("examples alone", NO_DOCUMENTS, questions[:100]),
        ("with documents", task.documents, questions[100:200]),
    ):
        before = Router.fit(embed, examples, task.descriptions, documents, common=kept.common)
        before.route("warm", list(examples))
        began = time.perf_counter()
        router = Router.fit(embed, examples, task.descriptions, documents, before=before, common=kept.common)
        router.route("warm", list(examples))
        print(f"\nrefit, 5 departments of 50 examples, {name}: {time.perf_counter() - began:.2f} s")
        seconds, shared = [], []
        for question in asked:
            began = time.perf_counter()
            documents.embed([question])
            shared.append(time.perf_counter() - began)
            router.route(question, list(examples))
            seconds.append(time.perf_counter() - began)
        whole, search = statistics.median(seconds) * 1e3, statistics.median(shared) * 1e3
        print(f"one question, {name}, embedding included: median {whole:.0f} ms, of it for search too {search:.0f} ms")


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=("tune", "test"), default="test")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--shots", default=",".join(map(str, SHOTS)))
    given = parser.parse_args()
    part: Part = given.part
    shots = [int(shot) for shot in given.shots.split(",")]
    embed, frozen = KeptVectors(), KeptVectors(skilled=False)
    with opened() as (services, _):
        example = company(given.data, part, services.domains.documents)
        cost(example, embed)  # first: the encoder remembers what it was asked
        compare(example, embed, frozen, shots, given.seeds)
    published(given.data, embed, frozen)
    for task in (
        banking(given.data, part, GROUP_OF.__getitem__, "banking77 as a bank's departments"),
        banking(given.data, part, lambda intent: intent, "banking77 by intent"),
    ):
        compare(task, embed, frozen, shots, given.seeds)


if __name__ == "__main__":
    main()
