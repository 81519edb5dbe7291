"""`madoguchi documents …` and a folder taken by `ingest`: JSON, exit codes, and what each command does."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.commands import main
from tests.assistant.test_ingestion import opened, write

Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Run:
    """Runs `madoguchi … --json` on an empty home with a department: exit code, what it printed, stderr."""
    services = opened(tmp_path / "home")
    services.domains.add("test", "people", description_en="leave")
    services.close()
    monkeypatch.setenv("MADOGUCHI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MADOGUCHI_LANGUAGE", "en")
    monkeypatch.setattr("assistant.services.Services", lambda settings: opened(settings.home))

    def once(*arguments: str) -> tuple[int, Any, str]:
        monkeypatch.setattr(sys, "argv", ["madoguchi", *arguments, "--json"])
        capfd.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capfd.readouterr()
        return code, json.loads(out) if out else None, err

    return once


def test_a_document_is_listed_labelled_described_compared_and_withdrawn(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    write(folder, "leave.txt", "Leave is 20 days.")
    write(folder, "sub/leave.txt", "Leave of drivers is 22 days.")
    write(folder, "empty.txt", " ")
    code, rows, _ = run("ingest", str(folder), "--domain", "people")
    assert code == 0
    assert [row["status"] for row in rows] == ["failed", "indexed", "indexed"]
    assert [row["status"] for row in run("ingest", str(folder), "--domain", "people")[1]][1:] == ["unchanged"] * 2

    assert [row["file"] for row in run("documents", "list", "--state", "failed")[1]] == ["empty.txt"]
    assert [row["file"] for row in run("documents", "queue")[1]] == ["empty.txt"]
    assert run("documents", "retry", "--all")[1] == {"queued": 1}
    assert run("documents", "stop", "--all")[1] == {"stopped": 1}
    code, _, err = run("documents", "show", "leave.txt")
    assert (code, "Several documents" in err) == (1, True)

    name = "rules/leave.txt"
    assert run("documents", "label", name, "confidential")[1]["label"] == "confidential"
    described = run("documents", "describe", name, "--responsible", "HR", "--review-on", "2020-01-31")[1]
    assert (described["responsible"], described["overdue"]) == ("HR", True)
    write(folder, "leave.txt", "Leave is 25 days.")
    run("ingest", str(folder / "leave.txt"), "--domain", "people")
    changes = run("documents", "changes", name)[1]
    assert (changes["from"], changes["to"], changes["changed"]) == (1, 2, 1)
    assert len(run("documents", "show", name, "--text")[1]["versions"]) == 2
    assert run("documents", "withdraw", name)[1]["withdrawn"] is False
    assert run("documents", "withdraw", name, "--yes", "--reason", "old")[1]["withdrawn"] is True
    assert sorted(row["source"] for row in run("documents", "list")[1]) == ["rules/empty.txt", "rules/sub/leave.txt"]


def test_wrong_words_get_one_sentence(run: Run) -> None:
    for arguments in (("list", "--state", "gone"), ("list", "--label", "secret"), ("stop",), ("show", "nothing")):
        code, _, err = run("documents", *arguments)
        assert (code, len(err.strip().splitlines())) == (1, 1)
