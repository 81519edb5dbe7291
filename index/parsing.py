"""Reading a file in child processes, so that no document can harm the one who serves answers."""

import json
import logging
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.blocks import Block
from index.errors import DocumentError
from index.watching import GivenUp, Watch, unwatched

log = logging.getLogger(__name__)

SECONDS = 20  # of processor time a child
WAITING = 15  # times as long by the clock: on a busy machine a child waits for its turn, which is not its fault
MEGABYTES = 512
MAX_OUTPUT = 200 * 1024 * 1024
# -I: neither the working directory nor the environment may put code in the child's way; the package's own folder
# is handed in as the only addition. The package stands there bare, without its front, which would load the database
# and the vectors' library into a process that reads one file.
_START = """
import sys, types
package = sys.modules["index"] = types.ModuleType("index")
package.__path__ = [sys.argv.pop(1)]
from importlib import import_module
import_module("index." + sys.argv.pop(1)).main()
"""
ENVIRONMENT = {"LANG": "C.UTF-8", "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Parsed:
    """A file that was read: what people see, in reading order, and apart from it what they do not.

    Hidden text is for a person to look at before he trusts a document; it never becomes a passage.
    """

    blocks: list[Block]
    hidden: list[Block]


def parse_file(path: Path, name: str, watch: Watch = unwatched) -> list[Block]:
    """What people see in a file called `name` that lies at `path`. Raises DocumentError, GivenUp."""
    return read_file(path, name, watch).blocks


def read_file(path: Path, name: str, watch: Watch = unwatched) -> Parsed:
    """The file with its hidden text. Raises DocumentError, GivenUp.

    A child reads all text, and stops when it meets a picture; further children read a few pictures each, so that a
    long scan is read within the same limits as a short one.
    """
    result = _child(path, name, None, watch)
    pictures: list[Any] = []
    while result.get("unfinished"):
        result = _child(path, name, pictures, watch)
        pictures += result.get("pictures", [])
    if "detail" in result:
        log.info("%s could not be parsed: %s", name, result["detail"])
    if "code" in result:
        raise DocumentError(result["code"], **result["params"])
    blocks = [Block.from_dict(body) for body in result["blocks"]]
    return Parsed([b for b in blocks if not b.hidden], [b for b in blocks if b.hidden])


def _child(path: Path, name: str, pictures: list[Any] | None, watch: Watch) -> dict[str, Any]:
    """What one child printed. `pictures` are the words read so far, None for a child that reads none."""
    if not watch("reading", 0, 0):
        raise GivenUp
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    stop = threading.Event()
    looking = threading.Thread(target=_look, args=(reading, watch, stop), daemon=True)
    looking.start()
    arguments = [str(path), name, str(SECONDS), str(MEGABYTES), str(int(pictures is not None)), str(writing)]
    try:
        printed = run_child("parse_child", name, arguments, json.dumps(pictures or []).encode(), (writing,))
    finally:
        os.close(writing)
        looking.join()
    if stop.is_set():
        raise GivenUp
    result: dict[str, Any] = json.loads(printed)
    return result


def _look(pipe: int, watch: Watch, stop: threading.Event) -> None:
    """Tell the watcher each page that a child begins, until the pipe is closed."""
    with os.fdopen(pipe, "r", encoding="ascii") as lines:
        for line in lines:
            page, of = map(int, line.split())
            if not stop.is_set() and not watch("reading", page, of):
                stop.set()


def run_child(module: str, name: str, arguments: list[str], given: bytes = b"", pipes: tuple[int, ...] = ()) -> bytes:
    """What the confined child `index.<module>` printed. `pipes`: descriptors that it keeps.

    Raises DocumentError, of the file called `name`: it ended badly or printed nothing.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _START, str(Path(__file__).parent), module, *arguments],
            input=given,
            capture_output=True,
            timeout=SECONDS * WAITING,
            check=False,
            env=ENVIRONMENT,
            pass_fds=pipes,
        )
    except subprocess.TimeoutExpired as error:
        raise DocumentError("took_too_long", file=name, seconds=SECONDS) from error
    if done.returncode != 0 or not done.stdout or len(done.stdout) > MAX_OUTPUT:
        log.info("%s ended its child with %s: %s", name, done.returncode, done.stderr[-300:])
        raise DocumentError(_cause(done), file=name, seconds=SECONDS)
    return done.stdout


def _cause(done: "subprocess.CompletedProcess[bytes]") -> str:
    if done.returncode in (-24, -9):  # SIGXCPU, SIGKILL: the processor's time is over
        return "took_too_long"
    return "took_too_much_memory" if b"MemoryError" in done.stderr or b"bad_alloc" in done.stderr else "corrupt"
