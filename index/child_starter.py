"""The process that starts the confined children: it has their libraries loaded, and forks one for each file.

Run as `python -I -c … child_starter SOCKET`. A process begun for each file would spend most of its time loading the
same libraries. Nothing of any file comes into this process: it learns a module's name and its arguments, loads what the
module says that it will need, and forks. It has one thread, and ends when whoever started it closes the socket.
"""

import json
import os
import signal
import socket
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from typing import Any

LONGEST = 65536  # bytes of a request
MOST = 16  # descriptors
STANDARD = 3  # descriptors: what the child reads, writes and complains on; after these, where its end is told; others


def main() -> None:
    """Take requests until the socket is closed."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever waits for a child is not waited for
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who serves; he closes the socket
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, LONGEST, MOST)
        if not request:
            return
        asked = json.loads(request)
        module = _loaded(asked["module"], asked["arguments"])
        if os.fork() == 0:
            control.close()
            _watch(module, asked, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _loaded(name: str, arguments: list[str]) -> Any:
    module = import_module(f"index.{name}")
    module.load(arguments)
    return module


def _watch(module: Any, asked: dict[str, Any], descriptors: list[int]) -> None:
    """Fork once more, and tell how that child ended: its number first, then its exit status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        _run(module, asked, descriptors)
    ended = descriptors[STANDARD]
    for descriptor in descriptors:
        if descriptor != ended:
            os.close(descriptor)
    with suppress(BrokenPipeError):  # nobody wants to know any more
        os.write(ended, b"%d\n" % child)
        _, status = os.waitpid(child, 0)
        os.write(ended, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _run(module: Any, asked: dict[str, Any], descriptors: list[int]) -> None:
    for number in range(STANDARD):
        os.dup2(descriptors[number], number)
    for descriptor in descriptors[: STANDARD + 1]:
        os.close(descriptor)
    sys.argv = [asked["module"], *asked["arguments"], *map(str, descriptors[STANDARD + 1 :])]
    code = 1
    try:
        module.main()
        sys.stdout.flush()
        code = 0
    except BaseException:  # noqa: BLE001  # border: as the interpreter itself does
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)
