"""Trains the reranker: `python -m benchmarks.train_reranker --out FOLDER [--skill FOLDER] [--kept FOLDER]`.

Starts from the reader's skill and learns which of a few sentences answers a question (see `reranker_data`), with the
thirty invented organisations but two, which say when to stop. Broken off, the same command goes on where it was. Prints
progress, then how it judges the questions of the two, before and after.
"""

import argparse
import json
import pickle
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from adapters import offline as offline
from adapters.reader_training import trainable
from adapters.reranker_training import measure, train
from adapters.skills import READER, load_reader, save_reader
from adapters.training import Schedule
from assistant.settings import Settings
from benchmarks.reranker_data import JUDGED, TAUGHT, Found, brought_up, choices
from benchmarks.train_reader import LICENCE, tell


def found(folders: Sequence[Path], kept: Path | None) -> list[Found]:
    """What search brings up for the questions of organisations. `kept`: a folder that keeps it between runs."""
    made: list[Found] = []
    for folder in folders:
        file = kept / folder.name if kept else None
        if file and file.exists():
            made += pickle.loads(file.read_bytes())  # noqa: S301  # our own file
            continue
        one = brought_up(folder)
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(pickle.dumps(one))
        print(f"{folder.name}: {len(one)} questions", flush=True)
        made += one
    return made


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--skill", type=Path, help="write the skill here")
    parser.add_argument("--kept", type=Path, help="keeps what search brought up, for the next run")
    parser.add_argument("--draws", type=int, default=1, help="of other sentences for each question")
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--batch", type=int, default=4, help="questions, each with six sentences")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    taught = choices(found(TAUGHT, given.kept), given.draws, given.seed)
    judged = choices(found(JUDGED, given.kept), 1)
    settings = Settings()
    model, started = load_reader(settings.models_folder, READER, trained_on=True)
    schedule = Schedule(
        batch=given.batch,
        accumulate=1,
        learning_rate=given.rate,
        evaluate_every=300,
        seed=given.seed,
        threads=given.threads,
    )
    before = measure(model, judged)
    print(f"{len(taught)} choices, {len(judged)} to judge by: before {before}", flush=True)
    done = train(model, taught, judged, schedule, given.out, tell)
    result = {
        "started_from": started,
        "choices": len(taught),
        "draws": given.draws,
        "schedule": asdict(schedule),
        "trainable": trainable(model),
        "trained": asdict(done),
        "judged": {"before": asdict(before), "after": asdict(measure(model, judged))},
    }
    (given.out / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result["judged"], indent=1))
    if given.skill:
        about = {"licence": LICENCE, "training": result}
        save_reader(model, given.skill, settings.models_folder / "multilingual-e5-small", about)


if __name__ == "__main__":
    main()
