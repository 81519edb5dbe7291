"""Faults as RELIABILITY states them (T07 to T11, T14, T16, T23): `python -m benchmarks.faults [T08 …] [--data DIR]`.

Each case is done to a copy of the example company with mock models (real records, search, parsing and files; vectors
and reading in no time). Each must is printed with what was found; exit code 1 where one is missed.
`--share` does a part of each case's points, to try things. `--data` is the folder of outside files, for T16.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import faiss

from benchmarks.fault_disk import full_disk
from benchmarks.fault_feedback import poisoned
from benchmarks.fault_files import hostile
from benchmarks.fault_home import Case, make
from benchmarks.fault_index import damaged_index, killed_index
from benchmarks.fault_kills import killed_documents
from benchmarks.fault_rivals import rivals
from benchmarks.fault_versions import killed_versions

CASES: dict[str, tuple[Callable[[Case, int], None], int]] = {  # with how many points
    "T07": (killed_documents, 100),
    "T08": (killed_index, 50),
    "T09": (killed_versions, 40),
    "T10": (full_disk, 5),  # questions
    "T11": (damaged_index, 100),
    "T14": (rivals, 600),  # additions
    "T16": (hostile, 2000),
    "T23": (poisoned, 200),  # corrections of one account
}


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="T07…T23")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--share", type=float, default=1.0)
    given = parser.parse_args()
    if unknown := set(given.cases) - set(CASES):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    faiss.omp_set_num_threads(1)  # a pool of threads does not survive a fork
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made"
        make(made)
        for name in given.cases or CASES:
            act, points = CASES[name]
            print((act.__doc__ or "").splitlines()[0], flush=True)
            case, began = Case(made, Path(folder), given.data), time.monotonic()
            act(case, max(1, round(points * given.share)))
            case.say(f"took {time.monotonic() - began:.0f} s")
            missed += [f"{name} {what}" for what in case.missed]
    print("every must is met" if not missed else f"missed: {'; '.join(missed)}")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
