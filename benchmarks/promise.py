"""Is the promise kept? `python -m benchmarks.promise [--cache FILE --drafts FILE]`.

The judged drafts of the example company's and four invented organisations' questions (`judged_drafts`), with
confidences by a fit on other topics, are taken for the whole population: so the true share wrong among the shown is
known at every threshold. Judged answers are drawn from it, a threshold is set, and the share of repetitions in which
the true risk exceeds what was promised is counted; then the mix that is asked differs from the one that was judged.
Beside the product's rule: MAPIE's, and the plain threshold at which no more than that share of the drawn was wrong.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from mapie.risk_control import BinaryClassificationController, FWERFixedSequenceTesting
from numpy.typing import NDArray
from scipy.stats import binomtest

from adapters.risk_control import DELTA, promise
from benchmarks.fit_confidence import held_out
from benchmarks.judged_drafts import JudgedDraft, arguments, judged_drafts

TOLERATED = (0.01, 0.03, 0.05, 0.1)
DRAWN = (150, 500, 1500)
REPEATS, REPEATS_MAPIE = 2000, 200
GRID, STARTS = np.linspace(0.99, 0.0, 100), 10  # MAPIE's thresholds; where its fixed sequence starts
SHIFT_DRAWN, SHIFT_TOLERATED = 500, (0.05, 0.1)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rule = Callable[[Floats, Floats, float], float | None]  # confidences, losses, tolerated → threshold


@dataclass(frozen=True)
class Population:
    """Confidences and losses (N,), and how likely each record is to be asked."""

    confidences: Floats
    losses: Floats
    share: Floats

    def risk(self, threshold: float) -> tuple[float, float]:
        """The true risk among the shown, and the share shown."""
        shown = self.share * (self.confidences >= threshold)
        total = float(shown.sum())
        return (float((shown * self.losses).sum()) / total if total else 0.0), total


def ours(confidences: Floats, losses: Floats, tolerated: float) -> float | None:
    """The product's."""
    return promise(confidences, losses, tolerated).hold_below


def plain(confidences: Floats, losses: Floats, tolerated: float) -> float | None:
    """The loosest threshold at which the drawn show no more wrong than that."""
    order = np.argsort(-confidences, kind="stable")
    sure, wrong = confidences[order], np.cumsum(losses[order]) / np.arange(1, len(losses) + 1)
    ends = np.append(np.diff(sure) < 0, True)
    good = np.flatnonzero(ends & (wrong <= tolerated))
    return float(sure[good[-1]]) if len(good) else None


def mapie(method: str | FWERFixedSequenceTesting) -> Rule:
    """MAPIE's, on a hundred thresholds from strict to loose."""

    def rule(confidences: Floats, losses: Floats, tolerated: float) -> float | None:
        controller = BinaryClassificationController(
            predict_function=lambda x: np.column_stack([1 - x[:, 0], x[:, 0]]),
            risk="precision",
            target_level=1 - tolerated,
            confidence_level=1 - DELTA,
            best_predict_param_choice="recall",
            list_predict_params=GRID,
            fwer_method=method,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that no threshold is valid is an outcome here
            controller.calibrate(confidences[:, None], 1 - losses.astype(int))
        found = controller.best_predict_param
        return None if found is None else float(np.atleast_1d(found)[0])

    return rule


RULES: dict[str, tuple[Rule, int]] = {
    "the product's": (ours, REPEATS),
    "MAPIE, default": (mapie("bonferroni_holm"), REPEATS_MAPIE),
    "MAPIE, fixed sequence": (mapie(FWERFixedSequenceTesting(STARTS)), REPEATS_MAPIE),
    "plain threshold": (plain, REPEATS),
}


def repeated(
    rule: Rule, judged: Population, asked: Population, drawn: int, tolerated: float, repeats: int
) -> tuple[Floats, Floats]:
    """The true risk and the share shown on what is asked (R,), each time with newly drawn judged answers."""
    random = np.random.default_rng(1)
    risks, shown = np.zeros(repeats), np.zeros(repeats)
    for number in range(repeats):
        rows = random.choice(len(judged.losses), drawn, p=judged.share)
        threshold = rule(judged.confidences[rows], judged.losses[rows], tolerated)
        if threshold is not None:
            risks[number], shown[number] = asked.risk(threshold)
    return risks, shown


def told(risks: Floats, shown: Floats, tolerated: float) -> str:
    """How often the promise was broken (95 % interval), the share shown, and how often nothing is."""
    broken = int((risks > tolerated + 1e-12).sum())
    interval = binomtest(broken, len(risks)).proportion_ci(method="wilson")
    return (
        f"broken {100 * broken / len(risks):5.1f} % [{100 * interval.low:.1f}-{100 * interval.high:.1f}]  "
        f"shown {100 * shown.mean():5.1f} %  nothing shown {100 * (shown == 0).mean():5.1f} %"
    )


def kept(population: Population) -> None:
    """The promise on questions drawn like the judged ones."""
    for tolerated in TOLERATED:
        best = max((population.risk(t) for t in population.confidences), key=lambda one: one[1] * (one[0] <= tolerated))
        print(
            f"\nat most {100 * tolerated:.0f} % wrong among shown; knowing everything, {100 * best[1]:.1f} % are shown"
        )
        for drawn in DRAWN:
            for name, (rule, repeats) in RULES.items():
                risks, shown = repeated(rule, population, population, drawn, tolerated, repeats)
                print(f"  {drawn:>5} judged  {name:<22}{told(risks, shown, tolerated)}", flush=True)


def mixes(made: Sequence[JudgedDraft]) -> dict[str, tuple[Floats, Floats]]:
    """By name: how likely each record (N,) is among the judged, and among what is asked."""
    usual = np.full(len(made), 1 / len(made))

    def only(keep: Sequence[bool]) -> Floats:
        wanted = np.array(keep, float)
        return np.asarray(wanted / wanted.sum())

    answerable = np.array([one.answerable for one in made])
    twice = np.where(answerable, 1.0, 4.0)
    found = {
        "asked only in Japanese": (usual, only([one.language == "ja" for one in made])),
        "asked only in English": (usual, only([one.language == "en" for one in made])),
        "four times as many that nothing answers": (usual, twice / twice.sum()),
        "judged without unanswerable ones": (only(answerable.tolist()), usual),
    }
    for domain in sorted({one.domain for one in made if one.domain}):
        own = [one.domain == domain for one in made]
        found[f"{domain} never judged, asked alone"] = (only([not one for one in own]), only(own))
    return found


def shifted(made: Sequence[JudgedDraft], confidences: Floats, losses: Floats) -> None:
    """The promise where what is asked differs from what was judged."""
    for name, (judged, asked) in mixes(made).items():
        before, after = Population(confidences, losses, judged), Population(confidences, losses, asked)
        for tolerated in SHIFT_TOLERATED:
            risks, shown = repeated(ours, before, after, SHIFT_DRAWN, tolerated, REPEATS // 4)
            mean, worst = 100 * risks[shown > 0].mean() if shown.any() else 0.0, 100 * np.quantile(risks, 0.95)
            print(
                f"  {name:<42}{100 * tolerated:3.0f} %  {told(risks, shown, tolerated)}  "
                f"risk {mean:.1f} %, 1 in 20 above {worst:.1f} %",
                flush=True,
            )


def main() -> None:
    """Draw, promise, count."""
    given = arguments(__doc__)
    made = judged_drafts(given.cache, given.drafts)
    right = np.array([one.right for one in made])
    confidences = held_out(np.array([one.values() for one in made]), right, [one.topic for one in made])
    losses = (~right).astype(float)
    usual = Population(confidences, losses, np.full(len(made), 1 / len(made)))
    print(f"{len(made)} drafts, {right.sum()} right; promised with {100 * (1 - DELTA):.0f} % certainty")
    kept(usual)
    print(f"\nanother mix than was judged ({SHIFT_DRAWN} judged)")
    shifted(made, confidences, losses)


if __name__ == "__main__":
    main()
