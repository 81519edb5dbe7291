"""Trains the reranker: `python -m benchmarks.train_reranker --out FOLDER [--skill FOLDER] [--kept FOLDER]`.

Starts from a skill, the reader's where none is named, and learns which of a few sentences or known answers answers a
question (see `reranker_data`), with the invented organisations but six (two say when to stop).
`--organisations A,B` learns from these alone and from a share of the others' questions, so that little is
forgotten. Broken off, the same command goes on where it was. Prints progress, then how it judges the questions of the
two, their sentences and their answers apart, before and after.
"""

import argparse
import json
import pickle
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random

from adapters import Encoder
from adapters import offline as offline
from adapters.reader_training import trainable
from adapters.reranker_training import measure, train
from adapters.skills import READER, load_reader, save_reader
from adapters.training import Schedule
from assistant.settings import Settings
from benchmarks.company import questions
from benchmarks.reranker_data import JUDGED, TAUGHT, Found, answered, brought_up, choices
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


def known(folders: Sequence[Path], encoder: Encoder) -> list[Found]:
    """The questions of organisations with the answers to their other questions."""
    return [one for folder in folders for one in answered(questions(["train"], folder), encoder)]


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, default=READER, help="the skill to go on from")
    parser.add_argument("--skill", type=Path, help="write the skill here")
    parser.add_argument("--kept", type=Path, help="keeps what search brought up, for the next run")
    parser.add_argument("--organisations", help="names, with commas; else all")
    parser.add_argument("--again", type=float, default=0.3, help="share of the other organisations' questions")
    parser.add_argument("--draws", type=int, default=1, help="of other sentences for each question")
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--batch", type=int, default=4, help="questions, each with six sentences")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    settings = Settings()
    encoder = Encoder.load(settings.encoder, settings.models_folder, given.threads or settings.threads)
    names = given.organisations.split(",") if given.organisations else [folder.name for folder in TAUGHT]
    chosen = [folder for folder in TAUGHT if folder.name in names]
    others = found([folder for folder in TAUGHT if given.again and folder.name not in names], given.kept)
    again = Random(given.seed).sample(others, round(given.again * len(others)))  # no secret
    taught = choices([*found(chosen, given.kept), *again, *known(TAUGHT, encoder)], given.draws, given.seed)
    judged = {"sentences": choices(found(JUDGED, given.kept), 1), "answers": choices(known(JUDGED, encoder), 1)}
    model, started = load_reader(settings.models_folder, given.start, trained_on=True)
    schedule = Schedule(
        batch=given.batch,
        accumulate=1,
        learning_rate=given.rate,
        evaluate_every=600,
        seed=given.seed,
        threads=given.threads,
    )
    before = {name: asdict(measure(model, part)) for name, part in judged.items()}
    print(f"{len(taught)} choices; before {before}", flush=True)
    done = train(model, taught, judged["sentences"], schedule, given.out, tell)
    result = {
        "started_from": started,
        "organisations": names,
        "choices": len(taught),
        "draws": given.draws,
        "schedule": asdict(schedule),
        "trainable": trainable(model),
        "trained": asdict(done),
        "judged": {
            name: {"before": before[name], "after": asdict(measure(model, part))} for name, part in judged.items()
        },
    }
    (given.out / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result["judged"], indent=1))
    if given.skill:
        about = {"licence": LICENCE, "training": result}
        save_reader(model, given.skill, settings.models_folder / "multilingual-e5-small", about)


if __name__ == "__main__":
    main()
