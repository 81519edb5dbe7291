"""The child process that reads untrusted files: limits on time, memory and output, no network, no children.

Run as `python -m index.parse_child PATH NAME SECONDS MEGABYTES`; prints one JSON line: blocks, or an error code.
It is short-lived and light: nothing of torch, no database.
"""

import json
import resource
import sys
from itertools import islice
from pathlib import Path
from typing import Any

from index.errors import DocumentError
from index.formats import format_of
from index.parsers import parser_of

MAX_BLOCKS = 200_000
MAX_CHARACTERS = 20_000_000
REFUSED = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.system",
    "ctypes.dlopen",
    "urllib.",
)


def confine(seconds: int, megabytes: int) -> None:
    """Limits of this process, from here on; a file it could write is one byte long at most."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    room = _address_space() + megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_refuse)


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def _refuse(event: str, _args: tuple[Any, ...]) -> None:
    if event.startswith(REFUSED):
        raise PermissionError(f"{event} is refused while a document is read")


def read(path: Path, name: str, format_name: str) -> dict[str, Any]:
    """The file's blocks, or why there are none."""
    try:
        blocks, characters = [], 0
        for block in islice(parser_of(format_name)(path), MAX_BLOCKS):
            characters += len(block.text)
            if characters > MAX_CHARACTERS:
                return {"code": "expands_too_much", "params": {"file": name}}
            blocks.append(block.as_dict())
    except DocumentError as error:
        return {"code": error.code, "params": error.params | {"file": name}}
    except MemoryError:
        return {"code": "took_too_much_memory", "params": {"file": name}}
    except Exception as error:  # noqa: BLE001  # border: whatever a parser makes of a damaged file
        return {
            "code": "corrupt",
            "params": {"file": name},
            "detail": f"{type(error).__name__}: {error}"[:300],
        }
    if not any(block["text"].strip() for block in blocks):
        return {"code": "no_text", "params": {"file": name}}
    return {"blocks": blocks}


def main() -> None:
    """Read the file named on the command line and print what came of it."""
    path, name, seconds, megabytes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    try:
        format_name = format_of(path, name)
        parser_of(format_name)  # its libraries are loaded before the limits count
        confine(seconds, megabytes)
        result = read(path, name, format_name)
    except DocumentError as error:
        result = {"code": error.code, "params": error.params}
    sys.stdout.write(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
