"""A network of this process's own that leads nowhere, in which every attempt to connect is counted."""

import ctypes
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
NOWHERE = "192.0.2.1"  # RFC 5737: nobody's
COUNTED = {"Tcp": "ActiveOpens", "Udp": "OutDatagrams"}


def enter() -> None:
    """Leave the machine's network for good; done in a child that runs no threads.

    Raises OSError where that is refused, RuntimeError where attempts would not be counted.
    """
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(CLONE_NEWNET) and library.unshare(CLONE_NEWUSER | CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "a network of its own is refused here")
    for command in ("link set lo up", "route add default dev lo"):
        subprocess.run(["ip", *command.split()], check=True)  # a tool of the machine
    before = attempts()
    with socket.socket() as control, suppress(OSError):
        control.settimeout(0.2)
        control.connect((NOWHERE, 80))
    if attempts() != before + 1:
        raise RuntimeError("attempts to connect are not counted here")


def attempts() -> int:
    """How many connections were begun and datagrams sent since this network is."""
    lines = [line.split() for line in Path("/proc/net/snmp").read_text("ascii").splitlines()]
    pairs = zip(lines[::2], lines[1::2], strict=True)  # names, then values
    told = {head[0].rstrip(":"): dict(zip(head, values, strict=True)) for head, values in pairs}
    return sum(int(told[protocol][name]) for protocol, name in COUNTED.items())
