"""Trains the reader: `python -m benchmarks.train_reader --data DIR --out FOLDER [--method lora] [--examples N]`.

With `--start SKILL` a skill is trained further, on `--examples` of the outside sets, on `--office` questions about
invented rules and tables (`benchmarks.office_data`) and on what search hands to the reader for the questions of the
invented organisations (`lessons/`) and the example company's train questions; its router questions then help to say
when to stop. `--nearly` learns above all from what nearly answers, and `--known` draws so many readings of the
organisations and the company. Broken off, the same command goes on where it was. Prints progress, then the scores on
the tuning parts; the test parts are measured by `benchmarks.measure_reader` alone.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from random import Random

from adapters import offline as offline
from adapters.reader_examples import answering_often
from adapters.reader_training import measure, train, trainable, with_adapter
from adapters.skills import load_reader, save_reader
from adapters.spans import SpanModel
from adapters.training import Schedule, Step
from assistant.settings import Settings
from benchmarks.office_data import office
from benchmarks.reader_data import company, lessons, mixed, tuning

RATES = {"lora": 8e-4, "ia3": 3e-3, "full": 5e-5}
LICENCE = "CC BY-SA 4.0"  # of the diff: JaQuAD, SQuAD 2.0 and XQuAD are share-alike
TUNING = 50  # questions a language


def tell(step: Step) -> None:
    """A line of progress."""
    score = "" if step.score is None else f"  score {step.score:.4f}"
    print(f"{step.step}/{step.steps}  loss {step.loss:.3f}{score}  {step.seconds_left / 60:.0f} min left", flush=True)


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--skill", type=Path, help="write the skill here")
    parser.add_argument("--start", type=Path, help="the skill to be trained further")
    parser.add_argument("--method", choices=tuple(RATES), default="lora")
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--examples", type=int, help="only so many, drawn by the seed")
    parser.add_argument("--office", type=int, default=0, help="questions about invented rules and tables, with --start")
    parser.add_argument("--nearly", action="store_true", help="the mix of outside readings for what nearly answers")
    parser.add_argument("--known", type=int, help="readings of organisations and company, with --start; else all")
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--accumulate", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn, and of its order")
    parser.add_argument("--evaluate-every", type=int, default=400)
    given = parser.parse_args()
    settings = Settings()
    readings = mixed(given.data, "train", given.seed if given.nearly else 0, nearly=given.nearly)
    if given.examples:
        readings = Random(given.seed).sample(readings, given.examples)
    tuned = tuning(given.data, TUNING)
    known = company(["train", "router", "calibration"] if given.start else ["calibration"])
    if given.start:
        model, started = load_reader(settings.models_folder, given.start, trained_on=True)
        own = answering_often(known["train"]) + lessons()
        readings += Random(given.seed).sample(own, min(given.known or len(own), len(own)))
        readings += office(given.office, given.seed)
        tuned.append(known["router"])
    else:
        model, started = SpanModel.load(settings.models_folder / "multilingual-e5-small"), None
        with_adapter(model, given.method, given.rank)
    schedule = Schedule(
        batch=given.batch,
        accumulate=given.accumulate,
        epochs=given.epochs,
        learning_rate=given.rate or RATES[given.method],
        evaluate_every=given.evaluate_every,
        threads=given.threads,
        seed=given.seed,
    )
    print(f"{len(readings)} readings, {trainable(model):,} weights are trained", flush=True)
    done = train(model, readings, tuned, schedule, given.out, tell)
    scores = {
        "ja": asdict(measure(model, tuned[0])),
        "en": asdict(measure(model, tuned[1])),
        "company": asdict(measure(model, known["calibration"])),
    }
    result = {
        "method": given.method,
        "rank": given.rank,
        "started_from": started,
        "readings": len(readings),
        "schedule": asdict(schedule),
    }
    result |= {"trainable": trainable(model), "trained": asdict(done), "tuning": scores}
    (given.out / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(scores, indent=1))
    if given.skill:
        about = {"licence": LICENCE, "training": result}
        save_reader(model, given.skill, settings.models_folder / "multilingual-e5-small", about)


if __name__ == "__main__":
    main()
