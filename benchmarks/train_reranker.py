"""Trains the reranker: `python -m benchmarks.train_reranker --out FOLDER --data DIR [--skill FOLDER] [--kept FOLDER]`.

The decoder learns which of a few sentences or known answers answers a question (see `reranker_data`), with the
invented organisations but six (two say when to stop) and with questions in the document's own words. On one core a
pass takes days; it is meant for a GPU. `--start FOLDER` goes on from a skill; from one on the encoder (the reader's at
first) it trains the matcher, with `--draws 1 --batch 4 --rate 2e-4 --own-words 2400`.

`--organisations A,B` and `--kind short` learn from the questions of these, and of this kind, alone and from a share of
all others (`--again`), so that little is forgotten; `--keep` mixes the weights that it started from with those that it
ends with (Wortsman et al. 2022, robust fine-tuning), to the same end. Broken off, the same command goes on where it
was. Prints progress, then how it judges the questions of the two, their sentences and their answers apart, and those in
the document's words, before and after.
"""

import argparse
import json
import pickle
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random

import torch

from adapters import Encoder, model_store
from adapters import offline as offline
from adapters.pins import DECODER, EMBEDDED, ENCODER
from adapters.processor import number_type
from adapters.rank_model import RankModel
from adapters.reader_training import trainable
from adapters.reranker_training import measure, train
from adapters.search_encoder import SearchEncoder
from adapters.skills import load_reader, load_reranker, load_retriever, save_reader, save_reranker
from adapters.spans import SpanModel
from adapters.training import Schedule, device
from assistant.settings import Settings
from benchmarks.company import questions
from benchmarks.reranker_data import JUDGED, TAUGHT, Found, answered, brought_up, choices, own_words
from benchmarks.train_reader import LICENCE, tell
from index import Encode

LITERAL = 240  # questions in the document's own words that say, with the two organisations, when to stop
LOT = 1500  # of them are drawn at a time, so that articles differ


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


def apart(folders: Sequence[Path], kept: Path | None, kind: str | None) -> tuple[list[Found], list[Found]]:
    """What `found` gives for the questions of a kind (None: all), and for the others."""
    chosen: list[Found] = []
    others: list[Found] = []
    for folder in folders:
        kinds = {question.id: question.kind for question in questions(["train"], folder)}
        for one in found([folder], kept):
            (chosen if kind in (None, kinds[one[0]]) else others).append(one)
    return chosen, others


def begun(start: Path | None, models_folder: Path) -> tuple[RankModel | SpanModel, Path, str]:
    """What is trained, its base and the identity of what it starts from. Raises ModelError."""
    base = Path(model_store.resolve(EMBEDDED, DECODER, models_folder))
    if start is None:
        return RankModel.load(base, number_type()).with_adapter(), base, model_store.identity(base)
    if json.loads((start / model_store.MANIFEST).read_text("utf-8"))["base"] == model_store.identity(base):
        model, skill = load_reranker(models_folder, start, trained_on=True)
        return model, base, skill
    reader, skill = load_reader(models_folder, start, trained_on=True)
    return reader, Path(model_store.resolve(EMBEDDED, ENCODER, models_folder)), skill


def known(folders: Sequence[Path], encoder: Encoder) -> list[Found]:
    """The questions of organisations with the answers to their other questions."""
    return [one for folder in folders for one in answered(questions(["train"], folder), encoder)]


def in_own_words(data: Path, count: int, search: Encode, seed: int) -> list[Found]:
    """Questions in the document's own words, drawn in lots, none twice."""
    lots = [own_words(data, "train", min(LOT, count - at), search, seed + at // LOT) for at in range(0, count, LOT)]
    return list({one[1]: one for lot in lots for one in lot}.values())


def part(found: Sequence[Found], share: float, seed: int) -> list[Found]:
    """A share of the questions."""
    return Random(seed).sample(found, round(share * len(found)))  # no secret


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the outside data")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="the skill to go on from; on the encoder: the matcher's")
    parser.add_argument("--skill", type=Path, help="write the skill here")
    parser.add_argument("--kept", type=Path, help="keeps what search brought up, for the next run")
    parser.add_argument("--organisations", help="names, with commas; else all")
    parser.add_argument("--kind", help="of the questions; else all")
    parser.add_argument("--again", type=float, default=0.3, help="share of the other questions")
    parser.add_argument("--answers", type=float, default=1.0, help="share of the questions with known answers")
    parser.add_argument("--own-words", type=int, default=6000, help="questions in the document's own words")
    parser.add_argument("--draws", type=int, default=3, help="of other sentences for each question")
    parser.add_argument(
        "--keep", type=float, default=0.0, help="share of the weights that it started from in the end's"
    )
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--batch", type=int, default=16, help="questions, each with six sentences")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    settings = Settings()
    encoder = Encoder.load(settings.encoder, settings.models_folder, given.threads or settings.threads)
    names = given.organisations.split(",") if given.organisations else [folder.name for folder in TAUGHT]
    chosen, others = apart([folder for folder in TAUGHT if folder.name in names], given.kept, given.kind)
    others += found([folder for folder in TAUGHT if given.again and folder.name not in names], given.kept)
    again = part(others, given.again, given.seed)
    answers = part(known(TAUGHT, encoder), given.answers, given.seed)
    search = SearchEncoder.fit(encoder.encode, load_retriever(encoder.identity)).encode
    literal = in_own_words(given.data, given.own_words, search, given.seed)
    taught = choices([*chosen, *again], given.draws, given.seed)
    taught += choices([*answers, *literal], 1, given.seed)
    judged = {
        "sentences": choices(found(JUDGED, given.kept), 1),
        "answers": choices(known(JUDGED, encoder), 1),
        "own_words": choices(own_words(given.data, "tune", LITERAL, search, given.seed + 1), 1),
    }
    model, base, started = begun(given.start, settings.models_folder)
    schedule = Schedule(
        batch=given.batch,
        accumulate=1,
        learning_rate=given.rate,
        evaluate_every=600,
        seed=given.seed,
        threads=given.threads,
    )
    model.to(device())
    first = {name: weight.detach().clone() for name, weight in model.named_parameters() if weight.requires_grad}
    before = {name: asdict(measure(model, made)) for name, made in judged.items()}
    print(f"{len(taught)} choices; before {before}", flush=True)
    done = train(model, taught, [*judged["sentences"], *judged["own_words"]], schedule, given.out, tell)
    with torch.no_grad():
        for name, weight in first.items():
            model.get_parameter(name).lerp_(weight, given.keep)
    result = {
        "started_from": started,
        "organisations": names,
        "kind": given.kind,
        "choices": len(taught),
        "answers": len(answers),
        "own_words": len(literal),
        "draws": given.draws,
        "kept": given.keep,
        "schedule": asdict(schedule),
        "trainable": trainable(model),
        "trained": asdict(done),
        "judged": {
            name: {"before": before[name], "after": asdict(measure(model, made))} for name, made in judged.items()
        },
    }
    (given.out / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result["judged"], indent=1))
    if given.skill:
        if isinstance(model, RankModel):
            save_reranker(model, given.skill, base, {"licence": f"{LICENCE}; {DECODER.licence}", "training": result})
        else:
            save_reader(model, given.skill, base, {"licence": LICENCE, "training": result})


if __name__ == "__main__":
    main()
