"""Learns where common knowledge lies for the router: `python -m benchmarks.train_common [--skill FOLDER] [--data DIR]`.

A logistic regression over the router's vectors tells questions as they are asked about an encyclopaedia's articles
(`encyclopaedia_questions.txt`) from what is asked at a workplace and of services (`workplace_questions.txt`,
`messages.tsv`, the questions of the invented organisations), all of our own writing; its direction is kept with the
skill. That outliers of another source teach what is far is outlier exposure (Hendrycks et al. 2019). With `--data`
prints how well it alone tells, AUROC, the example company's calibration questions and those of four more organisations
from questions of the outside sets' training and tuning articles; no question of theirs is learnt from.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from adapters import Encoder
from adapters.router import Embed, Vectors
from adapters.skills import ROUTER, load_router, save_common
from assistant.settings import Settings
from benchmarks.company import COMPANIES, EXAMPLES, TAUGHT, UNSEEN, questions
from benchmarks.outside_data import read
from benchmarks.router_teacher import MESSAGES
from benchmarks.routing import auroc

FOLDER = Path(__file__).parent
STRENGTH = 1.0  # inverse of the ridge
DRAWN = 1500  # questions of each outside set that it is judged by


def learnt() -> tuple[list[str], list[str]]:
    """Questions about an encyclopaedia's articles, and what is asked at a workplace and of services."""
    common = (FOLDER / "encyclopaedia_questions.txt").read_text("utf-8").splitlines()
    own = (FOLDER / "workplace_questions.txt").read_text("utf-8").splitlines()
    own += [text for line in MESSAGES.read_text("utf-8").splitlines() for text in line.split("\t")]
    own += [question.question for folder in TAUGHT for question in questions(["train"], folder)]
    return common, own


def direction(embed: Embed) -> Vectors:
    """The direction (D,), of length 1, in which common knowledge lies."""
    common, own = learnt()
    told = np.repeat([1, 0], [len(common), len(own)])
    fitted = LogisticRegression(C=STRENGTH, max_iter=500, class_weight="balanced").fit(embed(common + own), told)
    found = np.asarray(fitted.coef_[0], np.float32)
    return found / np.linalg.norm(found)


def put(encoder: Encoder, skill: Path) -> Vectors:
    """Learn the direction (D,) for the encoder with a router's skill, and keep it there."""
    found = direction(partial(encoder.encode, query=True))
    common, own = learnt()
    save_common(found, skill, {"encyclopaedia": len(common), "workplace": len(own), "strength": STRENGTH})
    return found


def judge(embed: Embed, found: Vectors, data: Path) -> None:
    """Prints the figures, a line for each pair of sources."""
    asked = {"example company": questions(["calibration"], EXAMPLES)}
    asked["four organisations"] = [
        question for one in (*COMPANIES, *UNSEEN) if one.folder != EXAMPLES for question in one.questions()
    ]
    for called, held in asked.items():
        inside = embed([one.question for one in held if one.domain and one.kind != "follow-up"]) @ -found
        for name in ("squad2", "xquad-en", "jaquad"):
            for part in ("train", "tune"):
                texts = list(dict.fromkeys(reading.question for reading in read(data, name, part)))[:DRAWN]
                told = auroc(inside.astype(np.float64), (embed(texts) @ -found).astype(np.float64))
                print(f"{called} from {name} {part}: {told:.3f}", flush=True)


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skill", type=Path, default=ROUTER, help="the router's skill; it is put there")
    parser.add_argument("--data", type=Path, help="the folder of the outside data, to judge it by")
    given = parser.parse_args()
    settings = Settings()
    encoder = load_router(Encoder.load("embedded", settings.models_folder, settings.threads), given.skill)
    found = put(encoder, given.skill)
    if given.data:
        judge(partial(encoder.encode, query=True), found, given.data)


if __name__ == "__main__":
    main()
