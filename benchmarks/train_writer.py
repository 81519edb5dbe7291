"""Trains the writer: `python -m benchmarks.train_writer --out FOLDER [--skill FOLDER] [--examples N] [--model FOLDER]`.

Learns from the questions of the invented organisations (see `writer_data`), in the languages that the language model
knows; an organisation a language from which no skill learns says when to stop. Broken off, the same command goes on
where it was. Prints progress, then how many of those organisations' answers say all that a right one must, and how many
of those without an answer in the evidence are declined, before and after.

`--passages`: learns the plain way instead, for comparison (see `plain_way`): from whole passages as search finds them.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

import torch

from adapters import GenerationRequest, LanguageModelWorker, model_store
from adapters import offline as offline
from adapters.judging import says_all
from adapters.language_model import LanguageModel, load
from adapters.pins import EMBEDDED, LANGUAGE_MODEL
from adapters.reader_training import trainable
from adapters.skills import save_writer
from adapters.training import Schedule
from adapters.writer_training import LONGEST as LONGEST_EVIDENCE
from adapters.writer_training import Writing, learnt, train, with_adapter
from assistant.settings import Settings
from assistant.steps.write import NOTHING
from benchmarks import plain_way
from benchmarks.company import LESSONS, TAUGHT, questions
from benchmarks.train_reader import tell
from benchmarks.writer_data import written

JUDGED = {"en": LESSONS / "en-remote", "ja": LESSONS / "ja-fukushi"}
LICENCE = "that of the project: all data is of its own writing"
LONGEST = 64  # tokens of an answer


Teaches = Callable[[Path, Sequence[str], Sequence[str]], list[Writing]]


def taught(folders: Sequence[Path], languages: Sequence[str], kept: Path, teaches: Teaches = written) -> list[Writing]:
    """The writings of organisations. `kept`: a file that keeps them between runs."""
    found: dict[str, list[dict[str, Any]]] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    for folder in folders:
        if folder.name not in found:
            found[folder.name] = [asdict(one) for one in teaches(folder, ["train"], languages)]
            kept.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
            print(f"{folder.name}: {len(found[folder.name])}", flush=True)
    return [Writing(**one) for folder in folders for one in found[folder.name]]


def judged(model: Any, tokenizer: Any, writings: Sequence[Writing], threads: int) -> dict[str, float]:
    """Of the answered: the share that says all it must; of those that nothing answers: the share declined."""
    known = {f"{f.name}/{question.id}": question for f in JUDGED.values() for question in questions(["train"], f)}
    worker = LanguageModelWorker(
        LanguageModel(model, tokenizer),
        threads=threads,
        max_queue=len(writings),
        prompt_tokens=plain_way.PROMPT_TOKENS,
    )
    told = [worker.submit(GenerationRequest(one.messages, None, LONGEST, 600.0)) for one in writings]
    texts = [handle.result().text.strip() for handle in told]
    worker.close()
    pairs = list(zip(writings, texts, strict=True))
    said = [says_all(known[one.id], text) for one, text in pairs if one.answer not in NOTHING.values()]
    nothing = [text in NOTHING.values() for one, text in pairs if one.answer in NOTHING.values()]
    return {
        "answered": len(said),
        "said_all": sum(said) / max(1, len(said)),
        "nothing": len(nothing),
        "declined": sum(nothing) / max(1, len(nothing)),
    }


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--skill", type=Path, help="write the skill here")
    parser.add_argument("--model", default=EMBEDDED, help="the language model: 'embedded' or a folder")
    parser.add_argument("--languages", default="en")
    parser.add_argument("--organisations", type=int, help="only so many a language, drawn by the seed")
    parser.add_argument("--examples", type=int, help="only so many, drawn by the seed")
    parser.add_argument("--passages", action="store_true", help="the plain way, which `yardstick --plain` judges")
    parser.add_argument("--tuning", type=int, default=48, help="writings by which it is stopped")
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--accumulate", type=int, default=4)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    settings = Settings()
    languages = given.languages.split(",")
    given.out.mkdir(parents=True, exist_ok=True)
    kept = given.out / "writings.json"
    teaches = plain_way.taught if given.passages else written
    folders = [folder for language in languages for folder in _drawn(language, given.organisations, given.seed)]
    writings = taught(folders, languages, kept, teaches)
    if given.examples:
        writings = Random(given.seed).sample(writings, given.examples)
    apart = taught([JUDGED[language] for language in languages], languages, kept, teaches)
    tuning = Random(given.seed).sample(apart, given.tuning)
    base, tokenizer = load(given.model, settings.models_folder, torch.float32)
    threads = given.threads or settings.threads
    before = judged(base, tokenizer, tuning, threads)
    model = with_adapter(base)
    schedule = Schedule(
        batch=given.batch,
        accumulate=given.accumulate,
        epochs=given.epochs,
        learning_rate=given.rate,
        evaluate_every=40,
        threads=given.threads,
        seed=given.seed,
    )
    print(f"{len(writings)} writings, {trainable(model):,} weights are trained; before {before}", flush=True)
    longest = plain_way.PROMPT_TOKENS if given.passages else LONGEST_EVIDENCE
    learns, stops = (learnt(tokenizer, some, longest) for some in (writings, tuning))
    done = train(model, learns, stops, schedule, given.out / "training", tell)
    result = {
        "organisations": [folder.name for folder in folders],
        "writings": len(writings),
        "languages": languages,
        "schedule": asdict(schedule),
        "trainable": trainable(model),
        "trained": asdict(done),
        "judged": {"before": before, "after": judged(model, tokenizer, tuning, threads)},
    }
    (given.out / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result["judged"], indent=1))
    if given.skill:
        place = Path(model_store.resolve(given.model, LANGUAGE_MODEL, settings.models_folder))
        save_writer(model, given.skill, place, {"licence": LICENCE, "training": result})


def _drawn(language: str, count: int | None, seed: int) -> list[Path]:
    """Organisations of a language."""
    every = [folder for folder in TAUGHT if folder.name.partition("-")[0] == language]
    return every if count is None else Random(seed).sample(every, count)


if __name__ == "__main__":
    main()
