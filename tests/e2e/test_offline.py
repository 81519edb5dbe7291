"""The whole way works on a machine without any network, and nothing is even tried (RELIABILITY T25)."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STEPS = ["start", "sign-in", "upload", "ask", "escalate", "reply", "train", "promote", "restart"]
TELEMETRY = ("HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK", "GRADIO_ANALYTICS_ENABLED", "HF_HUB_OFFLINE",
             "TRANSFORMERS_OFFLINE")  # fmt: skip


@pytest.fixture
def alone() -> list[str]:
    """How a command is started in a network namespace of its own, which has no route anywhere."""
    command = ["unshare", "--user", "--map-root-user", "--net"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*command, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("The kernel lets nobody here make a network namespace (unshare --user --net).")
    return command


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_whole_journey_without_a_route_tries_to_reach_nobody(
    alone: list[str], tmp_path: Path, models_folder: Path
) -> None:
    reached = tmp_path / "reached.txt"
    told_by_nobody = {name: value for name, value in os.environ.items() if name not in TELEMETRY}
    environment = told_by_nobody | {
        "MADOGUCHI_HOME": str(tmp_path / "home"),
        "MADOGUCHI_MODELS": str(models_folder),
        "MADOGUCHI_LANGUAGE": "en",
        "MADOGUCHI_WRITER": "quote",
        "MADOGUCHI_WATCH": str(reached),
        "PYTHONPATH": f"{Path(__file__).parent / 'watch'}{os.pathsep}{ROOT}",
        "PYTHONUNBUFFERED": "1",
    }
    script = str(Path(__file__).parent / "offline_journey.py")
    done = subprocess.run(
        [*alone, sys.executable, script], capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["steps"] == STEPS
    assert set(told["before"].values()) == {0}, "the kernel counted attempts to leave the machine, or look-ups of names"
    assert told["after"]["Ip.OutNoRoutes"] == 1  # it would have counted
    assert [line for line in reached.read_text().splitlines() if "192.0.2.1" not in line] == []
