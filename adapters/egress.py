"""The addresses that a process may speak to: its own machine, and what it is told. All others are refused by the
interpreter's own audit events, before a name is looked up, whichever library asks.

What goes past Python (a database driver's own sockets) it does not see; children that read documents have no network at
all (`index.parse_child`).
"""

import ipaddress
import logging
import socket
import sys
from collections.abc import Callable
from typing import Any

HUB = ("huggingface.co", "hf.co")  # whose names a model hub goes by
HERE = frozenset({"", "localhost", "0.0.0.0", "::"})  # noqa: S104  # of one's own machine; compared with, not bound to
LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"})
SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
log = logging.getLogger(__name__)


class EgressRefused(PermissionError):
    """Somebody wanted to speak to an address that no setting names."""


class Egress:
    """What is allowed, and by which addresses the allowed names go."""

    _is_enforced = False

    def __init__(self, hosts: frozenset[str], families: tuple[str, ...] = ()) -> None:
        """`hosts`: names and addresses. `families`: domains whose every name is allowed."""
        self._hosts = hosts
        self._families = families
        self._resolved: set[str] = set()

    def enforce(self) -> None:
        """From now on, in this process; it cannot be taken back, and a second one changes nothing."""
        if Egress._is_enforced:
            return
        Egress._is_enforced = True
        socket.getaddrinfo = self._remembering(socket.getaddrinfo)
        sys.addaudithook(self._heard)

    def allows(self, host: str) -> bool:
        """Whether a name may be looked up, or an address spoken to."""
        plain = host.casefold().rstrip(".").partition("%")[0]
        if plain in HERE or plain in self._hosts or plain in self._resolved:
            return True
        try:
            return ipaddress.ip_address(plain).is_loopback
        except ValueError:
            return any(plain == family or plain.endswith(f".{family}") for family in self._families)

    def _remembering(self, look_up: Callable[..., Any]) -> Callable[..., Any]:
        """The same look-up; where it finds what is allowed by name, that may be spoken to."""

        def getaddrinfo(*asked: Any, **more: Any) -> Any:
            found = look_up(*asked, **more)
            self._resolved |= {str(address[0]).casefold() for *_, address in found}
            return found

        return getaddrinfo

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in LOOKUPS:
            host = arguments[0] if event != "socket.getnameinfo" else arguments[0][0]
        elif event in SENDING and isinstance(arguments[1], tuple):  # not a socket in the file system
            host = arguments[1][0]
        else:
            return
        told = host.decode("ascii", "replace") if isinstance(host, bytes) else host or ""
        if not self.allows(told):
            log.warning("refused to speak to %s: no setting names it", told)
            raise EgressRefused(f"{told} is in no setting, so it is not spoken to")
