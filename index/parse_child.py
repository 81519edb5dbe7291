"""The child process that reads untrusted files: limits on time, memory and output, no network, no children.

Its arguments are PATH NAME SECONDS MEGABYTES PICTURES PIPE, where PICTURES is 1 for a child that reads pictures, with
what earlier ones read on its standard input, and PIPE is the descriptor on which it tells each page that it begins. It
prints one JSON line: blocks, or an error code, or that there are pictures left. It is short-lived and light: nothing of
torch, no database.
"""

import json
import os
import resource
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from index.errors import DocumentError
from index.formats import HOLDING_OTHERS, format_of, stated_format
from index.parsers import PARSERS, parser_of
from index.parsers.rows import captioned
from index.parsers.source import Source, Word
from index.pictures import Shelf, Unfinished, load_reader
from index.rules import with_clauses

MAX_BLOCKS = 200_000
MAX_CHARACTERS = 20_000_000
TOUCHED_LATER = 8  # megabytes of the libraries' pages that are mapped and come into memory when they are used
NICE = 10  # who asks comes before a document that is read
PICTURE_SHARE = 0.4  # of the time; a picture begun before that ends within the rest
REFUSED = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.system",
    "os.remove",
    "os.rename",
    "os.link",
    "os.symlink",
    "os.mkdir",
    "os.rmdir",
    "shutil.",
    "ctypes.dlopen",
    "urllib.",
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine(seconds: int, megabytes: int) -> None:
    """Limits of this process, from here on, its memory as a whole; a file it could write is empty at most."""
    used = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, used + seconds + 1))
    mapped, resident = _memory()
    untouched = mapped - resident  # costs no memory
    room = untouched + (megabytes - TOUCHED_LATER) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_refuse)


def _memory() -> tuple[int, int]:
    """Bytes of the address space, and of memory in use."""
    mapped, resident = map(int, Path("/proc/self/statm").read_text(encoding="ascii").split()[:2])
    return mapped * resource.getpagesize(), resident * resource.getpagesize()


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    writes = event == "open" and isinstance(args[2], int) and args[2] & WRITING
    if writes or event.startswith(REFUSED):
        raise PermissionError(f"{event} is refused while a document is read")


def read(source: Source, format_name: str) -> dict[str, Any]:
    """The file's blocks, or why there are none."""
    name = source.name
    try:
        blocks: list[dict[str, Any]] = []
        characters = 0
        for block in islice(captioned(with_clauses(parser_of(format_name)(source))), MAX_BLOCKS + 1):
            characters += len(block.text)
            if characters > MAX_CHARACTERS or len(blocks) == MAX_BLOCKS:
                return {"code": "expands_too_much", "params": {"file": name}}
            blocks.append(block.as_dict())
    except DocumentError as error:
        return {"code": error.code, "params": {"file": name} | error.params}
    except Unfinished:
        return {"unfinished": True}
    except MemoryError:
        return {"code": "took_too_much_memory", "params": {"file": name}}
    except Exception as error:  # noqa: BLE001  # border: whatever a parser makes of a damaged file
        return {
            "code": "corrupt",
            "params": {"file": name},
            "detail": f"{type(error).__name__}: {error}"[:300],
        }
    if not any(block["text"].strip() and not block["hidden"] for block in blocks):
        return {"code": "no_text", "params": {"file": name}}
    return {"blocks": blocks}


def load(arguments: Sequence[str]) -> None:
    """Load the libraries that a file of that name will need, before anything of it is read and the limits count."""
    stated = stated_format(arguments[1])
    for needed in PARSERS if stated in HOLDING_OTHERS else [stated]:
        if needed is not None:
            parser_of(needed)


def _tell(pipe: int, page: int, of: int) -> None:
    with suppress(BlockingIOError):  # nobody must wait for one who only looks
        os.write(pipe, b"%d %d\n" % (page, of))


def main() -> None:
    """Read the file that the arguments name and print what came of it."""
    os.nice(NICE)
    path, name = sys.argv[1:3]
    seconds, megabytes, pictures, pipe = map(int, sys.argv[3:7])
    try:
        data = Path(path).read_bytes()
        recognise, known = None, []
        if pictures:
            recognise = load_reader()
            known = [[Word(*word) for word in words] for words in json.load(sys.stdin)]
        confine(seconds, megabytes)
        format_name = format_of(data, name)
        shelf = Shelf(name, known, recognise)
        shelf.start(seconds * PICTURE_SHARE)
        source = Source(name, data, shelf, turned=lambda page, of: _tell(pipe, page, of))
        result = read(source, format_name)
        result["pictures"] = [[list(vars(word).values()) for word in words] for words in shelf.read_now]
    except DocumentError as error:
        result = {"code": error.code, "params": error.params}
    except MemoryError:
        result = {"code": "took_too_much_memory", "params": {"file": name}}
    sys.stdout.write(json.dumps(result, ensure_ascii=False))
