"""Reading a file in child processes, within limits of time and memory."""

import json
import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.blocks import Block
from index.children import run_child
from index.errors import DocumentError
from index.watching import GivenUp, Watch, unwatched

log = logging.getLogger(__name__)

SECONDS = 20  # of processor time a child
MEGABYTES = 512


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
    arguments = [str(path), name, str(SECONDS), str(MEGABYTES), str(int(pictures is not None))]
    try:
        printed = run_child("parse_child", name, arguments, SECONDS, json.dumps(pictures or []).encode(), [writing])
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
