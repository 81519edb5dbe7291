"""Running one thing in a confined child, so that no document can harm the one who serves answers."""

import json
import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from index.errors import DocumentError

log = logging.getLogger(__name__)

WAITING = 15  # times as long by the clock: on a busy machine a child waits for its turn, which is not its fault
MAX_OUTPUT = 200 * 1024 * 1024
PIECE = 1 << 16  # bytes read at once
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


class Starter:
    """The process that starts this process's children, see `index.child_starter`; begun when the first is wanted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._control: socket.socket | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, module: str, arguments: Sequence[str], descriptors: Sequence[int]) -> None:
        """Start `index.<module>` with these descriptors, see `child_starter`. Raises OSError."""
        request = [json.dumps({"module": module, "arguments": list(arguments)}).encode()]
        with self._lock:
            if self._control is None or self._owner != os.getpid():  # a fork has its parent's
                self._control = self._begin()
            try:
                socket.send_fds(self._control, request, descriptors)
            except (BrokenPipeError, ConnectionResetError):  # it was ended, for want of memory perhaps
                self._control = self._begin()
                socket.send_fds(self._control, request, descriptors)

    def _begin(self) -> socket.socket:
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-c", _START, str(Path(__file__).parent), "child_starter", str(its.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=ENVIRONMENT,
                pass_fds=(its.fileno(),),
            )
        self._owner = os.getpid()
        return ours


starter = Starter()


def run_child(
    module: str, name: str, arguments: Sequence[str], seconds: float, given: bytes = b"", pipes: Sequence[int] = ()
) -> bytes:
    """What the confined child `index.<module>` printed.

    Args:
        seconds: of processor time that the child gives itself.
        given: what it reads on its standard input.
        pipes: descriptors that it keeps; their numbers there come after its arguments.

    Raises DocumentError, of the file called `name`: it ended badly or printed nothing.
    """
    code, printed, complaint = _run(module, arguments, seconds * WAITING, given, pipes)
    if code != 0 or not printed or len(printed) > MAX_OUTPUT:
        log.info("%s ended its child with %s: %s", name, code, complaint[-300:])
        raise DocumentError(_cause(code, complaint), file=name, seconds=seconds)
    return printed


def _run(
    module: str, arguments: Sequence[str], longest: float, given: bytes, pipes: Sequence[int]
) -> tuple[int | None, bytes, bytes]:
    """How a child ended (None: it was ended after `longest` seconds), what it printed and what it complained."""
    with ExitStack() as opened:
        reads = os.memfd_create("given")
        opened.callback(os.close, reads)
        os.write(reads, given)
        os.lseek(reads, 0, os.SEEK_SET)
        ours, its = zip(*(os.pipe() for _ in range(3)), strict=True)
        for end in ours:
            opened.callback(os.close, end)
        try:
            starter.start(module, arguments, [reads, *its, *pipes])
        finally:
            for end in its:
                os.close(end)
        said = {end: bytearray() for end in ours}
        printed, complaint, ended = (said[end] for end in ours)
        in_time = _drained(said, time.monotonic() + longest)
        number, _, status = ended.partition(b"\n")
        if not in_time:
            if number:
                with suppress(ProcessLookupError):
                    os.kill(int(number), signal.SIGKILL)
            return None, bytes(printed), bytes(complaint)
        return int(status or -signal.SIGKILL), bytes(printed), bytes(complaint)


def _drained(said: dict[int, bytearray], end: float) -> bool:
    """Read descriptors until nobody writes to them any more; False where that took too long."""
    with selectors.DefaultSelector() as open_ends:
        for descriptor in said:
            open_ends.register(descriptor, selectors.EVENT_READ)
        while open_ends.get_map():
            ready = open_ends.select(end - time.monotonic())
            if not ready and time.monotonic() >= end:
                return False
            for key, _ in ready:
                piece = os.read(key.fd, PIECE)
                said[key.fd] += piece
                if not piece:
                    open_ends.unregister(key.fd)
    return True


def _cause(code: int | None, complaint: bytes) -> str:
    if code in (None, -signal.SIGXCPU, -signal.SIGKILL):  # the processor's time is over, or the clock's
        return "took_too_long"
    return "took_too_much_memory" if b"MemoryError" in complaint or b"bad_alloc" in complaint else "corrupt"
