"""Which planted errors the verifier catches: `python -m benchmarks.grounding [--data DIR] [--show KIND]`.

Drafts with a wrong number, date, unit, negation or name, an added claim or a wrong citation, and sound ones, verbatim
and reworded by rule (`benchmarks.planted`), from half of the texts; rules were written with the other half (`--part
tune`). Exact rules have no threshold; the words' support has one, and is set here to 1 and 5 % false alarms on the
reworded ones. Beside it what went before: overlap of words with a threshold alone.
"""

import argparse
import hashlib
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.steps.verify import MIN_SUPPORT, Verification, verify
from benchmarks.planted import KINDS, Case, Text, cases, company_texts, outside_texts
from index import terms

ALARMS = (0.01, 0.05)
MOST = 400  # cases of a kind from one set
SOUND = ("verbatim", "reworded")


@dataclass(frozen=True)
class Checked:
    """A case, what the verifier said of it, and the share of its words that stand in its evidence."""

    case: Case
    found: Verification
    overlap: float

    def score(self) -> float:
        """What the threshold is set on: the support, below all where an exact rule objects."""
        return self.found.support if self.found.exact else -1.0


def half(texts: Iterable[Text], part: str) -> list[Text]:
    """The texts of a part, 'tune' or 'test', by their words' hash."""
    wanted = 0 if part == "tune" else 1
    return [text for text in texts if hashlib.sha256(text.sentences[0].encode()).digest()[0] % 2 == wanted]


def drawn(made: Iterable[Case]) -> list[Case]:
    """At most MOST cases of a kind, evenly over the texts."""
    by_kind: dict[str, list[Case]] = defaultdict(list)
    for case in made:
        by_kind[case.kind].append(case)
    return [case for found in by_kind.values() for case in found[:: -(-len(found) // MOST)]]


def check(made: Iterable[Case]) -> list[Checked]:
    """Each case as the verifier sees it."""
    found = []
    for case in made:
        words, granted = terms(case.draft), set(terms("\n".join(case.pieces)))
        overlap = sum(word in granted for word in words) / max(len(words), 1)
        found.append(Checked(case, verify(case.draft, case.pieces, ""), overlap))
    return found


def table(checked: Sequence[Checked]) -> None:
    """Caught by kind, at the product's threshold and at fixed shares of false alarms, all and each language."""
    by_kind: dict[tuple[str, str], list[Checked]] = defaultdict(list)
    for one in checked:
        by_kind[one.case.kind, one.case.language].append(one)
        by_kind[one.case.kind, ""].append(one)
    sound = [one for one in checked if one.case.kind == "reworded"]
    limits = [float(np.quantile([one.score() for one in sound], share, method="lower")) for share in ALARMS]
    plain = [float(np.quantile([one.overlap for one in sound], share, method="lower")) for share in ALARMS]
    print(f"{'':<16}{'cases en/ja':>14}  {'product':>8}{'en':>7}{'ja':>7}  at 1 %  at 5 %   overlap at 1 %, 5 %")
    for kind in (*SOUND, *KINDS):
        rows = by_kind[kind, ""]
        counts = [len(by_kind[kind, language]) for language in ("en", "ja")]
        caught = [_share(not one.found.supported for one in by_kind[kind, language]) for language in ("", "en", "ja")]
        at = [_share(one.score() < limit for one in rows) for limit in limits]
        old = [_share(one.overlap < limit for one in rows) for limit in plain]
        print(
            f"{kind:<16}{counts[0]:>7}{counts[1]:>7}  {caught[0]:>8}{caught[1]:>7}{caught[2]:>7}  {at[0]:>6}{at[1]:>8}"
            f"   {old[0]:>12}{old[1]:>8}"
        )


def _share(hits: Iterable[bool]) -> str:
    told = list(hits)
    return f"{100 * sum(told) / len(told):.1f}" if told else "–"


def show(checked: Sequence[Checked], kind: str, count: int = 25) -> None:
    """Cases that the verifier got wrong."""
    wrong = [one for one in checked if one.case.kind == kind and one.found.supported == (kind not in SOUND)]
    for one in wrong[:: max(1, len(wrong) // count)]:
        print(f"  {one.case.draft}\n    {one.case.pieces[0]}\n    {one.found}")


def main() -> None:
    """Plant, check, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of squad2 and jaquad")
    parser.add_argument("--part", choices=("tune", "test"), default="test")
    parser.add_argument("--show", choices=(*SOUND, *KINDS), help="print cases of a kind that were got wrong")
    given = parser.parse_args()
    sets = {"company": company_texts()}
    if given.data is not None:
        outside = outside_texts(given.data)
        sets |= {name: [text for text in outside if text.source == name] for name in ("squad2", "jaquad")}
    everything: list[Checked] = []
    began = time.perf_counter()
    for name, texts in sets.items():
        checked = check(drawn(cases(half(texts, given.part))))
        everything += checked
        print(f"\n{name}, threshold of the product {MIN_SUPPORT}")
        table(checked)
        if given.show:
            show(checked, given.show)
    if len(sets) > 1:
        print("\nall")
        table(everything)
    print(f"\n{1000 * (time.perf_counter() - began) / len(everything):.1f} ms a draft")


if __name__ == "__main__":
    main()
