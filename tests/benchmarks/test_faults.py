"""The fault cases, in small numbers: what RELIABILITY demands of them holds."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.slow
def test_killed_full_and_damaged_homes_lose_nothing() -> None:
    command = [sys.executable, "-m", "benchmarks.faults", "T07", "T08", "T10", "T11", "--share", "0.1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # ourselves
    assert done.stdout.strip().endswith("every must is met"), done.stdout + done.stderr[-2000:]
