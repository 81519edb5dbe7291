"""Does a department's own reader pay? `python -m benchmarks.own_adapter --out FOLDER`.

On invented organisations from which no skill has learnt. Of each department's rules (all questions that ask for one
thing) half are taught: every other question of such a rule is learnt from, as the product trains (LoRA, rank 16, from
the shipped skill); a quarter says which checkpoint is taken. Judged, by required facts of what is drafted, is the whole
assistant on the other questions of the taught rules ('other words') and on those of the last quarter ('other rules'):

- none: the shipped skill alone;
- own: every department with its own version;
- wrong: every department with another one's;
- all: one version, learnt from all departments' examples together;
- picked: own, and every question put to its department by whoever asks: what a router that never errs would give;
- prompt: no adapter at all: the language model as it comes, with the first passages that search finds in its prompt;
- conventions: the same with what the department would write into it (`conventions.toml`). `MADOGUCHI_LANGUAGE_MODEL`
  says which model (the default one writes no Japanese).

`--out` keeps what is done: the same command goes on, over as many sittings as it takes.
"""

import argparse
import json
import shutil
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np

from adapters.evaluation import Judged, evaluate
from adapters.questions import Question
from adapters.reader_examples import answering_often
from adapters.scores import Share, compare
from adapters.version_folder import keep as keep_version
from assistant.evaluations import WholeAssistant
from assistant.lessons import EPOCHS, RANK, RATES
from assistant.variation import FULL
from benchmarks import plain_way
from benchmarks.company import UNSEEN, opened, questions
from benchmarks.learning_curve import question_of
from benchmarks.method_run import SHIPPED, Spec, keep
from benchmarks.methods import carry_out
from benchmarks.reader_data import company

PARTS = ("train", "choose", "judge")
WORDS, RULES = "other words", "other rules"
WORN = ("none", "own", "wrong", "all", "picked")
PROMPTED = ("prompt", "conventions")
CONDITIONS = WORN + PROMPTED
RIVALS = ("none", "all", "conventions")  # what a department's own version is compared with
CONVENTIONS = Path(__file__).parent / "conventions.toml"
EVERYBODY = "everybody"  # the folder of what is learnt from all departments
FEWEST = 8  # questions of a department that are learnt from
RESAMPLES = 2000


def dealt(asked: Sequence[Question]) -> tuple[dict[str, str], dict[str, str]]:
    """By question: the part that a training has it in, where it does; and what it is judged as, where it is."""
    rules: defaultdict[str, list[Question]] = defaultdict(list)
    for question in asked:
        rules[f"{question.domain}/{question.group}"].append(question)
    learnt: dict[str, str] = {}
    judged: dict[str, str] = {}
    for name, rule in rules.items():
        drawn = crc32(name.encode()) % 4
        for n, question in enumerate(rule):
            if drawn == 0:
                judged[question.id] = RULES
            elif drawn == 1:
                learnt[question.id] = "choose"
            elif n % 2:
                judged[question.id] = WORDS
            else:
                learnt[question.id] = "train"
    return learnt, judged


def prepare(folder: Path, organisation: Path, asked: Sequence[Question]) -> list[str]:
    """Write each department's readings, and all together, unless they are there; the departments that have enough."""
    learnt, judged = dealt(asked)
    by_domain: defaultdict[str, list[str]] = defaultdict(list)
    for question in asked:
        if question.answerable and learnt.get(question.id) == "train":
            by_domain[str(question.domain)].append(question.id)
    domains = sorted(domain for domain, ids in by_domain.items() if len(ids) >= FEWEST)
    if (folder / EVERYBODY / "judge.json").exists():
        return domains
    found = company(["train"], organisation)["train"]
    belongs = {question.id: question.domain for question in asked}
    parts = {**learnt, **dict.fromkeys(judged, "judge")}
    for place, mine in [(domain, {domain}) for domain in domains] + [(EVERYBODY, set(domains))]:
        for part in PARTS:
            some = [r for r in found if belongs[question_of(r)] in mine and parts[question_of(r)] == part]
            keep(answering_often(some) if part == "train" else some, folder / place / f"{part}.json")
    return domains


def versions(out: Path, domains: Sequence[str], given: argparse.Namespace) -> dict[str, Path]:
    """The folder of each department's version and of everybody's, trained now unless it is there."""
    made = {}
    for place in (*domains, EVERYBODY):
        spec = Spec(
            str(out / place), "lora", RATES["lora"], given.seed, RANK, EPOCHS, given.accumulate, given.threads, SHIPPED
        )
        cost = carry_out(spec, out / "runs")
        print(f"  {place}: {cost['steps']} steps in {cost['seconds']:.0f} s, best {cost['best_step']}", flush=True)
        made[place] = out / "runs" / spec.name / "made"
    return made


def worn(condition: str, domains: Sequence[str], made: Mapping[str, Path]) -> dict[str, Path]:
    """Which version each department wears."""
    if condition == "none":
        return {}
    if condition == "all":
        return dict.fromkeys(domains, made[EVERYBODY])
    turn = 1 if condition == "wrong" else 0
    return {domain: made[domains[(n + turn) % len(domains)]] for n, domain in enumerate(domains)}


def outcomes(
    out: Path, organisation: Path, asked: Sequence[Question], made: Mapping[str, Path]
) -> dict[str, list[Judged]]:
    """Every condition's judged answers, asked now unless they are there."""
    domains = [name for name in made if name != EVERYBODY]
    missing = [name for name in CONDITIONS if not (out / f"judged-{name}.json").exists()]
    conventions = tomllib.loads(CONVENTIONS.read_text("utf-8"))[organisation.name]
    with opened(folder=organisation) as (services, operator):
        for name in missing:
            if name in PROMPTED:
                written = conventions if name == "conventions" else {}
                rows = plain_way.run(name, services, operator, asked, None, lambda _done, _all: None, written)
                keep_judged(out, name, rows)
                continue
            tried = {}
            for domain, version in worn(name, domains, made).items():
                copy = Path(shutil.copytree(version, services.settings.home / "copies" / domain / name))
                tried[domain] = keep_version(copy, services.settings.home / "adapters" / domain)
            ask = WholeAssistant(
                services.assistant_with, replace(FULL, versions=tried), operator, picking=name == "picked"
            )
            keep_judged(out, name, evaluate(ask, asked))
    return {
        name: [Judged(**row) for row in json.loads((out / f"judged-{name}.json").read_text("utf-8"))]
        for name in CONDITIONS
    }


def keep_judged(out: Path, condition: str, judged: Sequence[Judged]) -> None:
    """Write a condition's judged answers down."""
    rows = [one.as_dict() for one in judged]
    (out / f"judged-{condition}.json").write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    print(f"  {out.name}, {condition}: {len(rows)} asked", flush=True)


def right(one: Judged) -> bool:
    """Whether what was drafted, shown or not, says all required facts."""
    return one.would_be_right


def parted(found: Mapping[str, list[Judged]], judged: Mapping[str, str]) -> Iterator[tuple[str, str, set[str]]]:
    """(part, department, ids of its answerable questions), every part's departments and all of them."""
    for part in (WORDS, RULES):
        mine = [one for one in found["none"] if one.answerable and judged[one.id] == part]
        for domain in sorted({str(one.domain) for one in mine}):
            yield part, domain, {one.id for one in mine if one.domain == domain}
        yield part, "all", {one.id for one in mine}


def report(name: str, found: Mapping[str, list[Judged]], judged: Mapping[str, str]) -> None:
    """A row a part and department, then the gains and what routing costs."""
    print(f"\n**{name}**: drafts that say all required facts\n")
    against = [f"own against {other}" for other in RIVALS]
    print("| " + " | ".join(["asked", "department", "questions", *CONDITIONS, *against]) + " |")
    print("| --- |" + " --- |" * (2 + len(CONDITIONS) + len(RIVALS)))
    for part, domain, ids in parted(found, judged):
        mine = {condition: [one for one in rows if one.id in ids] for condition, rows in found.items()}
        cells = [f"{100 * (Share.count([right(o) for o in mine[c]]).value or 0):.1f} %" for c in CONDITIONS]
        for other in RIVALS:
            gain = compare(mine[other], mine["own"], right)
            cells.append(
                f"{100 * gain.difference:+.1f} [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}], p {gain.p_value:.2g}"
            )
        print(f"| {part} | {domain} | {len(ids)} | " + " | ".join(cells) + " |")
    ids = {one.id for one in found["none"] if one.answerable}
    routed, picked = ([right(o) for o in found[c] if o.id in ids] for c in ("own", "picked"))
    drawn = np.random.default_rng(0).integers(0, len(ids), size=(RESAMPLES, len(ids)))
    shares = np.array(routed)[drawn].sum(axis=1) / np.maximum(np.array(picked)[drawn].sum(axis=1), 1)
    low, high = np.quantile(shares, [0.025, 0.975])
    print(
        f"\nrouted against picked: {100 * sum(routed) / max(sum(picked), 1):.1f} % [{100 * low:.1f}–{100 * high:.1f}]"
    )
    nothing = {c: [not o.shown for o in rows if not o.answerable] for c, rows in found.items()}
    print("unanswerable not shown: " + ", ".join(f"{c} {sum(n)} of {len(n)}" for c, n in nothing.items()))


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--organisation", choices=[one.folder.name for one in UNSEEN], help="only this one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--accumulate", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    for one in UNSEEN:
        if given.organisation not in (None, one.folder.name):
            continue
        out = given.out / one.folder.name
        asked = questions(one.splits, one.folder)
        _, judged = dealt(asked)
        made = versions(out, prepare(out, one.folder, asked), given)
        found = outcomes(out, one.folder, [question for question in asked if question.id in judged], made)
        report(one.folder.name, found, judged)


if __name__ == "__main__":
    main()
