"""Many departments' readers at once: `python -m benchmarks.mixed_serving [--askers 32] [--adapters 8]`.

Askers at the same time, each reading passages of all departments, every passage with its own department's adapter.
Adapters are as a training makes them (rank 16, the same layers, saved and checked); their weights are drawn, so that
each marks differently and another's marks are told from its own. Printed:

- answers that are not what the same passage gives when it is read alone with its own adapter (must: 0);
- throughput against the same passages all read with one adapter, and with none (must: 75 % of one);
- seconds of the first read with an adapter (checked and loaded), of a switch, memory an adapter.

Seconds are told by the wall and by the processor: the second is what other programs on the machine disturb less.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import torch

from adapters import Marking, Reader, reader_version, version_folder
from adapters import offline as offline
from adapters.reader_training import with_adapter
from adapters.skills import READER, load_reader
from adapters.spans import SpanModel
from assistant.settings import Settings
from benchmarks.company import EXAMPLES, questions

RANK = 16
PASSAGES = 8  # a question
SPREAD = 0.02  # of drawn weights: what is marked changes, and stays sensible
Texts = Sequence[tuple[str, str]]


def drawn(models_folder: Path, folder: Path, count: int) -> list[Path]:
    """Versions with drawn weights, saved as a training saves them."""
    model, skill = load_reader(models_folder, READER)
    with_adapter(model, "lora", RANK)
    made = []
    for seed in range(count):
        torch.manual_seed(seed)
        with torch.no_grad():
            for name, weight in model.encoder.named_parameters():
                if "lora_B" in name:
                    weight.normal_(0.0, SPREAD)
        half = folder / f"half-{seed}"
        reader_version.save(model, "lora", half, {"skill": skill, "drawn": seed})
        made.append(folder / version_folder.keep(half, folder))
    return made


def passages(characters: int) -> Texts:
    """Pieces of the example company's documents, all of one length."""
    files = sorted((EXAMPLES / "sources").rglob("*.md"))
    texts = [(file.stem, file.read_text("utf-8")[:characters]) for file in files]
    return [(name, text) for name, text in texts if len(text) == characters][:PASSAGES]


def far(one: Marking, other: Marking) -> float:
    """How much two markings of one window differ: the gate's odds, and where the answer begins and ends."""
    apart = abs(one.starts - other.starts).max() + abs(one.ends - other.ends).max()
    return float(abs(one.gate - other.gate) + apart)


def farthest(some: Sequence[list[Marking]], others: Sequence[list[Marking]]) -> list[float]:
    """Of each passage, the largest difference of its windows."""
    return [max(map(far, a, b)) for a, b in zip(some, others, strict=True)]


def alone(reader: Reader, asked: str, texts: Texts, worn: Sequence[Path]) -> list[list[Marking]]:
    """Each passage read by itself, with its own adapter."""
    return [reader.read(asked, [text], [folder])[0] for text, folder in zip(texts, worn, strict=True)]


def together(act: Callable[[int], object], askers: int) -> tuple[float, float]:
    """Wall and processor seconds until all askers have their answer."""
    began, used = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(askers) as pool:
        list(pool.map(act, range(askers)))
    return time.perf_counter() - began, time.process_time() - used


class Trial:
    """A reader with its adapters, and what is asked of it."""

    def __init__(self, model: SpanModel, skill: str, folders: Sequence[Path], texts: Texts) -> None:
        self.reader = Reader(model, skill)
        self.folders = folders
        self.texts = texts
        self.worn = [folders[n % len(folders)] for n in range(len(self.texts))]
        self.asked = [one.question for one in questions(["calibration"]) if one.answerable][: len(folders)]

    def cold(self) -> list[float]:
        """Seconds of the first read of one passage with each adapter, less those of a second."""
        seconds = []
        for folder in self.folders:
            times = [time.perf_counter()]
            for _ in range(2):
                self.reader.read(self.asked[0], self.texts[:1], [folder])
                times.append(time.perf_counter())
            first, second = (after - before for before, after in pairwise(times))
            seconds.append(first - second)
        return seconds

    def switch(self) -> tuple[float, float]:
        """Processor seconds of a read of one passage: with the adapter used before, and with another each time."""

        def read(worn: Sequence[Path]) -> float:
            used = []
            for folder in worn:
                began = time.process_time()
                self.reader.read(self.asked[0], self.texts[:1], [folder])
                used.append(time.process_time() - began)
            return statistics.median(used)

        turns = list(self.folders) * 2
        return read([self.folders[0]] * len(turns)), read(turns)

    def strangers(self, askers: int) -> tuple[int, int, float, float]:
        """Answers that are not their own adapter's, of how many; the largest difference to a read alone; the smallest
        between two adapters.
        """
        own = {asked: alone(self.reader, asked, self.texts, self.worn) for asked in self.asked}
        by_each = [self.reader.read(self.asked[0], self.texts, [folder] * len(self.texts)) for folder in self.folders]
        between = min(min(farthest(a, b)) for n, a in enumerate(by_each) for b in by_each[:n])
        given: list[float] = []

        def ask(n: int) -> None:
            asked = self.asked[n % len(self.asked)]
            given.extend(farthest(self.reader.read(asked, self.texts, self.worn), own[asked]))

        together(ask, askers)
        return sum(one > between / 2 for one in given), len(given), max(given), between

    def seconds(self, worn: Sequence[Path | None], askers: int) -> tuple[float, float]:
        """Wall and processor seconds of all askers."""
        return together(lambda n: self.reader.read(self.asked[n % len(self.asked)], self.texts, worn), askers)


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--askers", type=int, default=32)
    parser.add_argument("--adapters", type=int, default=8)
    parser.add_argument("--characters", type=int, default=400, help="a passage")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=Settings().threads)
    given = parser.parse_args()
    models = Settings().models_folder
    torch.set_num_threads(given.threads)
    with tempfile.TemporaryDirectory() as made:
        folders = drawn(models, Path(made), given.adapters)
        model, skill = load_reader(models, READER)
        trial = Trial(model, skill, folders, passages(given.characters))
        trial.reader.read(trial.asked[0], trial.texts)  # warm
        cold = trial.cold()
        held = sum(w.nbytes for name, w in model.encoder.named_parameters() if "lora_" in name) / len(folders)
        size = sum(file.stat().st_size for file in folders[0].iterdir())
        print(
            f"{given.askers} askers, {given.adapters} adapters, {len(trial.texts)} passages of "
            f"{given.characters} characters, {given.threads} threads"
        )
        print(f"- first read with an adapter, more than a second one: median {1000 * statistics.median(cold):.0f} ms")
        same, other = trial.switch()
        print(f"- switch: {1000 * (other - same):.0f} ms more than the {1000 * same:.0f} ms of a read (processor)")
        print(f"- memory an adapter: {held / 1e6:.1f} MB, on disk {size / 1e6:.1f} MB", flush=True)
        wrong, of, largest, between = trial.strangers(given.askers)
        print(f"- answers from another department's adapter: {wrong} of {of} (largest difference to the same passage "
              f"alone {largest:.3f}, smallest between two adapters {between:.3f})", flush=True)  # fmt: skip
        ways = {"own adapters": trial.worn, "one adapter": [folders[0]] * len(trial.texts)}
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(given.rounds):  # in turns, so that a noisy machine is noisy to both
            for name, worn in ways.items():
                taken[name].append(trial.seconds(worn, given.askers))
        for name, pairs in taken.items():
            wall, used = (statistics.median(pair[n] for pair in pairs) for n in (0, 1))
            print(f"- {name}: {given.askers / wall:.2f} questions a second by the wall, {used / given.askers:.2f} "
                  "processor seconds a question")  # fmt: skip
        for n, name in enumerate(("wall", "processor")):
            ratio = statistics.median(
                one[n] / mixed[n] for mixed, one in zip(taken["own adapters"], taken["one adapter"], strict=True)
            )
            print(f"- throughput with {given.adapters} adapters against one, {name}: {100 * ratio:.0f} %")


if __name__ == "__main__":
    main()
