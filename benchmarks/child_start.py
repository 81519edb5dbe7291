"""What it takes to read a file in a child: `python -m benchmarks.child_start [--rounds 3]`.

The example company's documents without pictures, one after the other: each in a child forked from the one process that
has the libraries loaded, and each with a process begun for it alone, as before. Prints the median seconds a file by
format.
"""

import argparse
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from benchmarks.company import EXAMPLES
from index import children
from index.parsing import parse_file

PICTURES = ("図面表題欄", "掲示_")  # reading these takes seconds, however a child begins


def seconds(path: Path, *, afresh: bool) -> float:
    """Of one file."""
    if afresh:
        children.starter = children.Starter()
    began = time.perf_counter()
    parse_file(path, path.name)
    return time.perf_counter() - began


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    taken: defaultdict[tuple[str, bool], list[float]] = defaultdict(list)
    paths = [path for path in sorted((EXAMPLES / "documents").rglob("*.*")) if not path.name.startswith(PICTURES)]
    for _ in range(rounds):
        for afresh in (True, False):
            for path in paths:
                taken[path.suffix, afresh].append(seconds(path, afresh=afresh))
    for suffix in sorted({suffix for suffix, _ in taken}):
        before, now = median(taken[suffix, True]), median(taken[suffix, False])
        print(f"{suffix:6} a process for each {before:.3f} s   forked {now:.3f} s   {before / now:4.1f} times")


if __name__ == "__main__":
    main()
