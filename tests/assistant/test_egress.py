"""The process speaks to itself and to what the settings name, and to nobody else, whatever library tries."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant.egress import egress_of
from assistant.settings import Settings

ROOT = Path(__file__).parent.parent.parent

# The audit events are raised as the socket module raises them, so that nothing is sent anywhere by the test itself.
TRIES = """
import socket, sys
from adapters.egress import EgressRefused
from assistant.egress import egress_of
from assistant.settings import Settings

def resolved(host, *_more, **_named):
    sys.audit("socket.getaddrinfo", host, 0, 0, 0, 0)
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 0))]

socket.getaddrinfo = resolved
egress_of(Settings()).enforce()

def tried(event, *arguments):
    try:
        sys.audit(event, *arguments)
    except EgressRefused:
        return "refused"
    return "allowed"

for event, target in (
    ("socket.connect", ("192.0.2.7", 25)),
    ("socket.sendto", ("192.0.2.7", 53)),
    ("socket.connect", ("127.0.0.1", 80)),
    ("socket.connect", ("::1", 80, 0, 0)),
    ("socket.connect", "/run/some.sock"),
):
    print(event, target, tried(event, None, target))
print("reverse", tried("socket.getnameinfo", ("192.0.2.7", 0)))
for name in ("example.org", "mail.example", "MAIL.example.", "notmail.example", b"example.org", None):
    print("look-up", name, tried("socket.getaddrinfo", name, 0, 0, 0, 0))
socket.getaddrinfo("mail.example", 25)
print("after the look-up", tried("socket.connect", None, ("192.0.2.7", 25)))
"""

EXPECTED = """\
socket.connect ('192.0.2.7', 25) refused
socket.sendto ('192.0.2.7', 53) refused
socket.connect ('127.0.0.1', 80) allowed
socket.connect ('::1', 80, 0, 0) allowed
socket.connect /run/some.sock allowed
reverse refused
look-up example.org refused
look-up mail.example allowed
look-up MAIL.example. allowed
look-up notmail.example refused
look-up b'example.org' refused
look-up None allowed
after the look-up allowed
"""

LIBRARIES = """
import smtplib, urllib.request
import httpx
from adapters.egress import EgressRefused
from assistant.egress import egress_of
from assistant.settings import Settings

egress_of(Settings()).enforce()
for name, act in {
    "httpx": lambda: httpx.get("https://example.org"),
    "urllib": lambda: urllib.request.urlopen("https://example.org"),
    "smtplib": lambda: smtplib.SMTP("192.0.2.7", 25),
}.items():
    try:
        act()
    except Exception as error:
        causes = []
        while error is not None:
            causes.append(type(error).__name__ + str(getattr(error, "reason", "")))
            error = error.__cause__ or error.__context__
        print(name, "EgressRefused" in str(causes) or "in no setting" in str(causes))
"""


def said(script: str, **settings: str) -> str:
    variables = {f"MADOGUCHI_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=variables, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_only_what_the_settings_name_is_looked_up_and_spoken_to() -> None:
    assert said(TRIES, mail_server="mail.example:25") == EXPECTED


def test_no_library_gets_past_it() -> None:
    assert said(LIBRARIES) == "httpx True\nurllib True\nsmtplib True\n"


@pytest.mark.parametrize(
    ("settings", "host", "allowed"),
    [
        ({}, "localhost", True),
        ({}, "127.0.0.9", True),
        ({}, "idp.example", False),
        ({"oidc_issuer": "https://idp.example/realms/one"}, "idp.example", True),
        ({"webhooks": "https://hooks.example:8443/a, https://other.example/b"}, "other.example", True),
        ({"database": "postgresql+psycopg://aki:secret@records.example:5432/madoguchi"}, "records.example", True),
        ({"mail_server": "[2001:db8::1]:25"}, "2001:db8::1", True),
        ({}, "huggingface.co", False),
        ({"allow_hub": True}, "cdn-lfs.huggingface.co", True),
        ({"allow_hub": True}, "nothuggingface.co", False),
    ],
)
def test_each_setting_that_names_an_address_opens_that_address_alone(
    settings: dict[str, Any], host: str, allowed: bool
) -> None:
    assert egress_of(Settings(**settings)).allows(host) is allowed
    assert not egress_of(Settings(**settings)).allows("elsewhere.example")


def test_the_command_line_and_the_server_begin_with_it() -> None:
    script = """
import sys
from assistant import commands
commands.application = lambda arguments: __import__("socket").getaddrinfo("example.org", 80)
commands.main()
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert done.returncode == 1
    assert "example.org is in no setting" in done.stderr


def test_a_training_speaks_to_nobody(tmp_path: Path) -> None:
    script = """
import socket, sys
from adapters import job
sys.argv = ["job", "."]
job.main(lambda _told, _folder: socket.getaddrinfo("example.org", 80))
"""
    command = [sys.executable, "-c", script]
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, input=b"", cwd=tmp_path, env=environment, timeout=60, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "example.org is in no setting" in (tmp_path / "failure.json").read_text()


def test_a_mail_goes_out_without_a_look_up_of_any_name(tmp_path: Path) -> None:
    script = """
import sys
from email.message import EmailMessage
from aiosmtpd.controller import Controller
from assistant.egress import egress_of
from assistant.outbox import Letter
from assistant.sending import DELIVERIES
from assistant.settings import Settings
from assistant.clock import now

class Inbox:
    async def handle_DATA(self, server, session, envelope):
        print("taken", envelope.rcpt_tos)
        return "250 OK"

controller = Controller(Inbox(), hostname="127.0.0.1", port=int(sys.argv[1]), server_hostname="here")
controller.start()
settings = Settings()
egress_of(settings).enforce()
told = Letter("1", "mail", "emi@example.com", "answered", "t", "people", "en", "q", "r", now())
DELIVERIES["mail"](settings, told)
controller.stop()
"""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = {
        "MADOGUCHI_MAIL_SERVER": f"127.0.0.1:{port}",
        "MADOGUCHI_MAIL_TO": "example.com",
        "MADOGUCHI_MAIL_SECURITY": "none",
        "MADOGUCHI_HOME": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", script, port], capture_output=True, text=True, cwd=ROOT, env=environment, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.stdout == "taken ['emi@example.com']\n", done.stderr
