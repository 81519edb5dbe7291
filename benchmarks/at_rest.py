"""What encryption at rest costs: `python -m benchmarks.at_rest [--questions 200]`.

The example company in two homes, one with a key file, with mock models (`many_people`), so that what is timed is
records, index and documents: taking its documents in, the same questions asked in both in turn, a change of keys.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from adapters.questions import read_questions
from assistant import keys
from assistant.access import User, local_operator
from assistant.example import load_example
from assistant.services import Services
from assistant.settings import Settings
from benchmarks.company import EXAMPLES
from benchmarks.many_people import QUESTIONS, opened


def seconds(act: Callable[[], object]) -> float:
    """How long it took."""
    began = time.monotonic()
    act()
    return time.monotonic() - began


def asking(services: Services) -> User:
    """Who asks."""
    with services.database.read() as session:
        return local_operator(session, "benchmark")


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=200)
    count = parser.parse_args().questions
    questions = [one.question for one in read_questions(QUESTIONS, "router")][:count]
    with tempfile.TemporaryDirectory() as folder:
        key_file = Path(folder) / "keys"
        keys.add(key_file)
        homes = [opened(Path(folder) / name, "mock", key_file=file) for name, file in (("c", None), ("s", key_file))]
        taken = [seconds(lambda one=one: load_example(one, EXAMPLES, lambda _line: None)) for one in homes]  # type: ignore[misc]
        print(f"company built: {taken[0]:.1f} s in clear, {taken[1]:.1f} s sealed ({taken[1] / taken[0]:.2f})")
        people = [asking(one) for one in homes]
        times = np.array(
            [
                [
                    seconds(lambda q=question, s=one, u=user: s.assistant.ask(q, u, language="en"))  # type: ignore[misc]
                    for one, user in zip(homes, people, strict=True)
                ]
                for question in questions
            ]
        )
        for name, at in (("median", 0.5), ("p95", 0.95)):
            clear, sealed = np.quantile(times, at, axis=0)
            print(f"asked and recorded, {name}: {clear:.3f} s in clear, {sealed:.3f} s sealed ({sealed / clear:.2f})")
        for one in homes:
            one.close()
        keys.add(key_file)
        settings = Settings(home=Path(folder) / "s", key_file=key_file)
        anew = seconds(lambda: keys.apply(settings, "benchmark"))
        size = sum(path.stat().st_size for path in settings.home.rglob("*") if path.is_file())
        print(f"change of keys: {anew:.1f} s for {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
