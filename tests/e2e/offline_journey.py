"""The whole way in a network namespace that has no route out; run inside it by `test_offline.py`.

`python offline_journey.py HOME MODELS`: prints one JSON object: the steps that were gone through, and what the kernel
counted of attempts to reach anything else.
"""

import fcntl
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from assistant.services import Services
from assistant.settings import Settings

PASSWORD = "correct horse battery"
SET_FLAGS, UP = 0x8914, 1  # of a network interface
COUNTED = ("Ip.OutNoRoutes", "Ip6OutNoRoutes", "Udp.OutDatagrams", "Udp6OutDatagrams")  # the last: look-ups of names
RULES = {
    "leave.md": "# Leave\n\nFull-time employees receive 24 days of annual leave each year.\n\n"
    "A doctor's note is needed from the fourth day of illness.\n",
    "parents.txt": "Parental leave\n\nEither parent may take up to fourteen months of parental leave in total.\n",
}
QUESTION, FACT = "How long is parental leave?", "fourteen months"
ROWS = [
    {"question": "How many days of annual leave are there?", "answer": "24 days.", "split": "train",
     "evidence": [{"file": "leave.md", "quote": "Full-time employees receive 24 days of annual leave each year."}]},
    {"question": "From which day of illness is a doctor's note needed?", "answer": "From the fourth day.",
     "facts": [["fourth day"]], "split": "frozen",
     "evidence": [{"file": "leave.md", "quote": "A doctor's note is needed from the fourth day of illness."}]},
]  # fmt: skip


def raise_loopback() -> None:
    """In a new namespace even the machine's own address is down."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sH14x", b"lo", UP))


def counted() -> dict[str, int]:
    """What the kernel counted in this namespace, over all processes."""
    lines = Path("/proc/net/snmp").read_text().splitlines()
    found: dict[str, int] = {}
    for names, values in zip(lines[::2], lines[1::2], strict=True):
        kind, *rest = names.split()
        found |= {
            kind.replace(":", f".{name}"): int(value) for name, value in zip(rest, values.split()[1:], strict=True)
        }
    found |= {name: int(value) for name, value in map(str.split, Path("/proc/net/snmp6").read_text().splitlines())}
    return {name: found[name] for name in COUNTED}


class Journey:
    """A server on an empty home, and those who use it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.steps: list[str] = []
        self.server: subprocess.Popen[bytes] | None = None
        self.log = home.parent / "server.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"

    def command(self, *arguments: str, words: str = "") -> Any:
        program = str(Path(sys.executable).parent / "madoguchi")
        done = subprocess.run([program, *arguments, "--json"], input=words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{arguments}: {done.stderr}")
        return json.loads(done.stdout)

    def start(self) -> None:
        program = str(Path(sys.executable).parent / "madoguchi")
        with self.log.open("wb") as out:
            self.server = subprocess.Popen([program, "serve", "--port", self.port], stdout=out, stderr=out)
        self.until(lambda: httpx.get(f"{self.address}/health", trust_env=False).json()["models"])

    def stop(self) -> None:
        if self.server is not None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(60)

    def until(self, arrived: Any) -> None:
        for _ in range(600):
            try:
                if arrived():
                    return
            except httpx.HTTPError:
                pass  # it is not up yet
            time.sleep(0.5)
        raise SystemExit(f"it does not come: {self.log.read_text()[-2000:]}")

    def went(self, step: str, right: object) -> None:
        if not right:
            raise SystemExit(f"{step} failed: {self.log.read_text()[-2000:]}")
        self.steps.append(step)

    def go(self) -> None:
        """All of it."""
        self.command("domain", "add", "people", "--description", "Leave, illness, parents")
        self.start()
        self.went("start", True)
        link = re.search(r"http://\S+welcome\?token=\S+", self.log.read_text())
        with httpx.Client(base_url=self.address, trust_env=False, timeout=120) as web:
            first = {"name": "admin", "password": PASSWORD, "again": PASSWORD}
            web.post(str(link and link.group()), data=first)
            self.command("account", "add", "emi", "--keep-password", words=PASSWORD + "\n")
            web.cookies.clear()
            web.post("/sign-in", data={"name": "emi", "password": PASSWORD})
            self.went("sign-in", web.get("/en/ask/").status_code == 200)
            asker, owner = self.program("emi", "ask"), self.program("admin", "ingest", "documents")
            for name, words in RULES.items():
                web.post("/api/v1/documents", data={"domain": "people"}, files={"file": (name, words)}, headers=owner)
            self.until(lambda: self.read(web, owner))
            self.went("upload", True)
            answer = web.post("/api/v1/ask", json={"question": QUESTION}, headers=asker).json()
            self.went("ask", FACT in (answer["answer"] or ""))
            self.went("escalate", self.escalate(answer["id"]))
            [waiting] = self.command("desk", "list", "--as", "admin")
            self.command("desk", "answer", waiting["id"], "--text", "As it says.", "--as", "admin")
            self.went("reply", self.command("desk", "list", "--as", "admin") == [])
            version = self.train()
            self.stop()
            self.start()
            again = web.post("/api/v1/ask", json={"question": QUESTION}, headers=asker).json()
            self.went("restart", again["adapter"] == version)

    def program(self, name: str, *scopes: str) -> dict[str, str]:
        chosen = [word for scope in scopes for word in ("--scope", scope)]
        made = self.command("account", "token", "add", "journey", *chosen, "--as", name)
        return {"authorization": f"Bearer {made['token']}"}

    @staticmethod
    def read(web: httpx.Client, owner: dict[str, str]) -> bool:
        found = web.get("/api/v1/documents", headers=owner).json()["documents"]
        return [one["state"] for one in found] == ["indexed"] * len(RULES)

    @staticmethod
    def escalate(answer: str) -> str:
        """As the page's button does it; no program has one."""
        services = Services(Settings())
        try:
            return services.desk.escalate(services.accounts.user_by_name("emi"), answer)
        finally:
            services.close()

    def train(self) -> str:
        sheet = self.home.parent / "faq.jsonl"
        sheet.write_text("\n".join(map(json.dumps, ROWS)), "utf-8")
        self.command("examples", "import", str(sheet), "--domain", "people")
        version = str(self.command("train", "--domain", "people", "--minutes", "0.05")["version"])
        self.went("train", version)
        live = self.command("promote", version, "--remark", "a trial", "--override")
        self.went("promote", live["state"] == "live")
        return version


def main() -> None:
    """The journey, then an attempt that must be counted: else nothing would be shown by what was not."""
    raise_loopback()
    journey = Journey(Path(os.environ["MADOGUCHI_HOME"]))
    try:
        journey.go()
    finally:
        journey.stop()
    told = {"steps": journey.steps, "before": counted()}
    with socket.socket() as outside:
        outside.connect_ex(("192.0.2.1", 80))
    print(json.dumps(told | {"after": counted()}))


if __name__ == "__main__":
    main()
