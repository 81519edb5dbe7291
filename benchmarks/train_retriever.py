"""Trains the retriever's skill: `python -m benchmarks.train_retriever --data DIR [--skill FOLDER] [--cache FILE]`.

From questions and the passages that answer them: those of the invented organisations (`lessons/`) and of the training
parts of jaquad and squad2, so that what is found already stays found. Prints how often all the evidence is among the
first 1, 5 and 12 passages by meaning alone, before and after, on questions that it does not learn from and that chose
its settings: those of four invented organisations, the example company's but the frozen ones, the outside tuning parts.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import numpy as np

from adapters import SearchEncoder
from adapters.judging import stands_in
from adapters.retriever_training import Corpus, Turning, learn
from adapters.search_encoder import Vectors, turned
from adapters.skills import save_retriever
from assistant.steps.complete import complete
from benchmarks.company import COMPANIES, EXAMPLES, TAUGHT, UNSEEN, questions
from benchmarks.outside_data import Part, read
from benchmarks.remembered import RememberedEncoder
from benchmarks.retrieval import parsed
from index.passages import cut, searched_text

LICENCE = "CC BY-SA 4.0"  # JaQuAD and SQuAD 2.0 are share-alike
OUTSIDE, OUTSIDE_TUNING = 1200, 600  # questions of each set
DEPTHS = (1, 5, 12)


@dataclass(frozen=True)
class Asked:
    """A corpus with its name, and of each question the rows of every piece of its evidence."""

    name: str
    corpus: Corpus
    pieces: list[list[list[int]]]

    def found(self, vectors: Vectors) -> list[float]:
        """The share of questions with all evidence among the first DEPTHS passages."""
        order = np.argsort(-(vectors @ self.corpus.passages.T), axis=1)[:, : max(DEPTHS)]
        shares = []
        for depth in DEPTHS:
            first = [set(row[:depth]) for row in order]
            held = [all(top & set(piece) for piece in pieces) for top, pieces in zip(first, self.pieces, strict=True)]
            shares.append(sum(held) / len(held))
        return shares


class Corpora:
    """Makes corpora, with an encoder that remembers."""

    def __init__(self, encoder: RememberedEncoder) -> None:
        self._encoder = encoder
        self._search = SearchEncoder.fit(encoder.encode)  # centred, not turned

    def company(self, folder: Path, splits: Sequence[str]) -> Asked:
        """An invented company's documents, cut as the index cuts them, and its answerable questions."""
        files, texts, told = [], [], []
        for file, blocks in parsed(folder / "documents").items():
            for passage in cut(blocks, self._encoder.encoder.count_tokens):
                files.append(file)
                texts.append(passage.text)
                told.append(searched_text(Path(file).stem, passage))
        asked = [question for question in questions(splits, folder) if question.answerable]
        pieces = [
            [[row for row in range(len(texts)) if stands_in(piece, files[row], texts[row])] for piece in one.evidence]
            for one in asked
        ]
        return self._made(folder.name, told, [complete(one.question, one.history) for one in asked], pieces)

    def outside(self, data: Path, name: str, part: Part, count: int) -> Asked:
        """Questions of an outside set over the paragraphs that they are about."""
        readings = [reading for reading in read(data, name, part) if reading.answers]
        drawn = Random(1).sample(readings, min(count, len(readings)))
        rows = {passage: row for row, passage in enumerate(dict.fromkeys(one.passage for one in drawn))}
        pieces = [[[rows[one.passage]]] for one in drawn]
        return self._made(f"{name} {part}", list(rows), [one.question for one in drawn], pieces)

    def _made(self, name: str, told: list[str], asked: list[str], pieces: list[list[list[int]]]) -> Asked:
        vectors = self._search.encode(asked, query=True)
        answers = [sorted({row for piece in found for row in piece}) for found in pieces]
        return Asked(name, Corpus(self._encoder.encode(told), vectors, answers), pieces)


def show(when: str, judged: Sequence[Asked], turn: Vectors) -> None:
    """A line for each corpus."""
    for one in judged:
        shares = one.found(turned(one.corpus.questions, turn))
        print(f"{when:<8}{one.name:<14}" + "  ".join(f"{100 * share:5.1f}" for share in shares), flush=True)


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--skill", type=Path, help="write the skill here")
    parser.add_argument("--cache", type=Path, help="keeps vectors for the next run")
    parser.add_argument("--steps", type=int, default=Turning.steps)
    parser.add_argument("--rate", type=float, default=Turning.rate)
    parser.add_argument("--temperature", type=float, default=Turning.temperature)
    given = parser.parse_args()
    turning = Turning(given.steps, given.rate, given.temperature)
    encoder = RememberedEncoder(given.cache)
    made = Corpora(encoder)
    sets = ("jaquad", "squad2")
    judged = [made.company(one.folder, one.splits) for one in (*COMPANIES, *UNSEEN) if one.folder != EXAMPLES]
    judged += [made.company(EXAMPLES, ["train", "router", "calibration"])]
    judged += [made.outside(given.data, name, "tune", OUTSIDE_TUNING) for name in sets]
    learnt = [made.company(folder, ["train"]) for folder in TAUGHT]
    learnt += [made.outside(given.data, name, "train", OUTSIDE) for name in sets]
    began = time.monotonic()
    losses: list[float] = []
    turn = learn([one.corpus for one in learnt], turning, lambda _step, loss: losses.append(loss))
    seconds = time.monotonic() - began
    print(f"all evidence by meaning, in the first {', '.join(map(str, DEPTHS))} (%); {seconds:.0f} s of training")
    show("before", judged, np.zeros_like(turn))
    show("after", judged, turn)
    if given.skill:
        counts = {one.name: len(one.corpus.answers) for one in learnt}
        training = asdict(turning) | {"questions": counts, "seconds": round(seconds, 1)}
        about = {"licence": LICENCE, "training": training | {"last_losses": round(float(np.mean(losses[-20:])), 4)}}
        save_retriever(turn, given.skill, encoder.encoder.identity, about)


if __name__ == "__main__":
    main()
