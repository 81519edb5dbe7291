"""The site of `benchmarks.load`: a home with its server process, who may come to it, and what was missed there."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from adapters.questions import read_questions
from assistant.example import load_example
from assistant.services import Services
from assistant.tokens import SCOPES
from benchmarks.company import EXAMPLES
from benchmarks.many_people import QUESTIONS, free_port, opened, people, wait_for
from benchmarks.musts import Musts

REVIEWERS = 1
PACE = {"first": 0.3, "each": 0.015}


@dataclass
class Site(Musts):
    """A server under load, and who may come."""

    address: str
    home: Path
    gauges: Path
    process: psutil.Process
    temporary: Path  # folder of what the server keeps for a while
    cookies: list[str]
    tokens: list[str]
    reviewer: str  # cookie
    domains: list[str]
    questions: list[str]

    def read(self) -> list[dict[str, Any]]:
        """All gauges so far."""
        lines = self.gauges.read_text("utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def now(self) -> dict[str, Any]:
        """The latest gauges, and what can be seen from outside: to count it takes time, which is not the server's."""
        open_ones = self.process.net_connections("tcp")
        return self.read()[-1] | {
            "connections": sum(one.status == psutil.CONN_ESTABLISHED for one in open_ones),
            "files": sum(len(files) for _, _, files in os.walk(self.temporary)),
        }


def quantile(taken: list[float], share: float) -> float:
    """A quantile, or not a number where there is nothing."""
    return float(np.quantile(taken, share)) if taken else float("nan")


@contextmanager
def served(
    employees: int, server: Mapping[str, Any], prepare: Callable[[Services, Path], None] | None
) -> Iterator[Site]:
    """A fresh home with its server.

    Args:
        employees: how many have an account, besides a reviewer.
        server: the pace and the settings that are the case's own.
        prepare: done to the home before.
    """
    with tempfile.TemporaryDirectory() as folder:
        home, gauges, port = Path(folder) / "home", Path(folder) / "gauges.jsonl", free_port()
        temporary = Path(folder) / "tmp"
        temporary.mkdir()
        services = opened(home, "mock")
        load_example(services, EXAMPLES, lambda _line: None)
        sessions, desks = people(services, employees, REVIEWERS)
        users = [services.accounts.user_by_name(name) for name in sessions]
        tokens = [services.tokens.add(user, "load", SCOPES, 1)[0] for user in users if user.name not in desks]
        domains = [info.name for info in services.domains.listing(users[0])]
        if prepare is not None:
            prepare(services, home)
        services.close()
        told = {"home": str(home), "port": port, "gauges": str(gauges), "settings": {}} | PACE
        told |= server
        command = [sys.executable, "-m", "benchmarks.load_server", json.dumps(told)]
        env = os.environ | {"TMPDIR": str(temporary)}
        with subprocess.Popen(command, env=env) as process:  # ourselves
            try:
                address = f"http://127.0.0.1:{port}"
                wait_for(address, process)
                cookies = [token for name, token in sessions.items() if name not in desks]
                [reviewer] = [token for name, token in sessions.items() if name in desks]
                asked = [
                    one.question for split in ("router", "calibration") for one in read_questions(QUESTIONS, split)
                ]
                watched = psutil.Process(process.pid)
                yield Site(address, home, gauges, watched, temporary, cookies, tokens, reviewer, domains, asked)
            finally:
                process.terminate()
