"""Reading a file in a child process, so that no document can harm the one who serves answers."""

import json
import logging
import subprocess
import sys
from pathlib import Path

from index.blocks import Block
from index.errors import DocumentError

log = logging.getLogger(__name__)

SECONDS = 20
MEGABYTES = 512
MAX_OUTPUT = 200 * 1024 * 1024
# -I: neither the working directory nor the environment may put code in the child's way; the package's own folder
# is handed in as the only addition
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from index.parse_child import main; main()"


def parse_file(path: Path, name: str) -> list[Block]:
    """The blocks of a file called `name` that lies at `path`. Raises DocumentError."""
    package_home = str(Path(__file__).parent.parent)
    command = [
        sys.executable,
        "-I",
        "-c",
        _START,
        package_home,
        str(path),
        name,
        str(SECONDS),
        str(MEGABYTES),
    ]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={"LANG": "C.UTF-8", "PYTHONUTF8": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise DocumentError("took_too_long", file=name, seconds=SECONDS) from error
    if done.returncode != 0 or not done.stdout or len(done.stdout) > MAX_OUTPUT:
        raise DocumentError(_cause(done), file=name, seconds=SECONDS)
    result = json.loads(done.stdout)
    if "detail" in result:
        log.info("%s could not be parsed: %s", name, result["detail"])
    if "code" in result:
        raise DocumentError(result["code"], **result["params"])
    return [Block.from_dict(body) for body in result["blocks"]]


def _cause(done: "subprocess.CompletedProcess[bytes]") -> str:
    if done.returncode in (-24, -9):  # SIGXCPU, SIGKILL: the processor's time is over
        return "took_too_long"
    return "took_too_much_memory" if b"MemoryError" in done.stderr else "corrupt"
