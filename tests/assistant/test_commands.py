"""The command line's contracts: pure JSON on stdout, exit codes, one line on stderr, rights of the named account."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters import Encoder
from assistant.commands import main
from assistant.services import Services
from assistant.settings import Settings
from index import locked

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    filled: Path,
    tmp_path: Path,
    models_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: Any,
    encoder: Encoder,
    loaded: dict[str, object],
) -> Run:
    """Runs `madoguchi …` on a copy of the filled home: exit code, stdout, stderr."""
    shutil.copytree(filled, tmp_path / "home")
    monkeypatch.setenv("MADOGUCHI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MADOGUCHI_MODELS", str(models_folder))
    monkeypatch.setenv("MADOGUCHI_WRITER", "quote")
    monkeypatch.setenv("MADOGUCHI_LANGUAGE", "en")

    def opened(settings: Settings) -> Services:
        services = Services(settings)
        if settings.encoder == settings.reader == "embedded":  # loaded once for all tests
            services.__dict__ |= loaded
        return services

    monkeypatch.setattr("assistant.services.Services", opened)

    def once(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["madoguchi", *arguments])
        capfd.readouterr()
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1 if end.code else 0
        else:
            code = 0
        out, err = capfd.readouterr()
        return code, out, err

    return once


def test_ask_prints_one_answer_object_and_nothing_else(run: Run) -> None:
    code, out, _ = run("ask", "How many days of annual leave do I get?", "--json")
    answer = json.loads(out)
    assert code == 0
    assert set(answer) >= {
        "id", "question", "status", "answer", "draft", "language", "domain", "adapter", "confidence", "citations",
        "why", "signals", "reviewed", "ticket", "seconds",
    }  # fmt: skip
    assert answer["status"] == "answered"
    assert "24 days" in answer["answer"]
    assert set(answer["citations"][0]) >= {
        "n", "document", "file", "page", "sheet", "cells", "box", "heading", "quote", "score",
    }  # fmt: skip


def test_a_declined_question_is_done_and_not_failed(run: Run) -> None:
    code, out, _ = run("ask", "Who won the world cup?", "--json")
    assert (code, json.loads(out)["status"]) == (0, "declined")


def test_people_read_the_answer_its_sources_and_why(run: Run) -> None:
    code, out, _ = run("ask", "How long is parental leave?")
    assert code == 0
    assert "fourteen months" in out
    assert "leave.md" in out


def test_search_and_route_follow_their_contracts(run: Run) -> None:
    code, out, _ = run("search", "年次有給休暇", "-k", "3", "--json")
    results = json.loads(out)
    assert code == 0
    assert [result["rank"] for result in results] == list(range(1, len(results) + 1))
    assert set(results[0]) >= {
        "rank", "score", "document", "file", "page", "sheet", "cells", "box", "heading", "text",
    }  # fmt: skip
    code, out, _ = run("route", "Who won the world cup?", "--json")
    routing = json.loads(out)
    assert (code, routing["domain"], routing["out_of_scope"]) == (0, None, True)
    assert set(routing) == {"domain", "probability", "ranked", "out_of_scope"}


@pytest.mark.parametrize("command", ["ask", "search", "route"])
def test_a_batch_gives_one_line_each_with_its_id(run: Run, tmp_path: Path, command: str) -> None:
    batch = tmp_path / "batch.jsonl"
    questions = [
        {"id": "a", "question": "How long is parental leave?"},
        {"id": 2, "question": "パスワードは何文字以上？", "domain": "it"},
        {"question": "🎉"},
    ]
    batch.write_text("\n".join(json.dumps(question, ensure_ascii=False) for question in questions) + "\n\n")
    code, out, _ = run(command, "--batch", str(batch))
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [line.get("id") for line in lines[:2]] == ["a", 2]
    assert "error" in lines[2]
    if command == "search":
        assert lines[0]["results"][0]["file"] == "leave.md"


def test_a_departments_questions_may_be_in_the_encoding_of_a_japanese_office(run: Run, tmp_path: Path) -> None:
    questions = tmp_path / "questions.txt"
    questions.write_bytes("有給は何日？\r\n休暇の申請先は？\r\n".encode("cp932"))
    added = run("domain", "add", "leave", "--description", "Leave", "--questions", str(questions))
    assert added[0] == 0, added
    code, out, _ = run("domain", "describe", "leave", "--json")
    assert (code, json.loads(out)["questions"]) == (0, ["有給は何日？", "休暇の申請先は？"])


def test_ingest_fails_where_nothing_could_be_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    code, out, _ = run("ingest", str(tmp_path / "bad.pdf"), "--domain", "it")
    assert (code, out[:6]) == (1, "failed")


def test_ingest_tells_of_every_file_and_a_failed_one_is_not_a_failure(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "gate.txt").write_text("The gate closes at nine.")
    (folder / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    code, out, _ = run("ingest", str(folder), "--domain", "it", "--json")
    rows = {Path(row["path"]).name: row for row in json.loads(out)}
    assert code == 0
    assert set(rows["gate.txt"]) == {"path", "document", "version", "passages", "status", "error"}
    assert (rows["gate.txt"]["status"], rows["gate.txt"]["passages"]) == ("indexed", 1)
    assert rows["bad.pdf"]["status"] == "failed"
    assert "damaged" in rows["bad.pdf"]["error"]
    code, out, _ = run("ingest", str(folder / "gate.txt"), "--domain", "it", "--json")
    assert json.loads(out)[0]["status"] == "unchanged"


def test_a_domain_is_added_listed_and_routed_to(run: Run, tmp_path: Path) -> None:
    questions = tmp_path / "questions.txt"
    questions.write_text("外径の公差は\nHow often are gauges calibrated?\n\n")
    code, out, _ = run(
        "domain", "add", "quality", "--description", "Inspection", "--title-ja", "品質保証課", "--questions",
        str(questions), "--json",
    )  # fmt: skip
    assert code == 0
    assert json.loads(out)["name"] == "quality"
    _, out, _ = run("domain", "list", "--json")
    assert {domain["name"] for domain in json.loads(out)} == {"people", "it", "quality"}
    _, out, _ = run("route", "How often do we calibrate gauges?", "--json")
    assert json.loads(out)["domain"] == "quality"
    code, _, err = run("domain", "add", "quality", "--description", "again")
    assert (code, err.count("\n")) == (1, 1)


def test_the_desk_is_worked_from_the_command_line(run: Run) -> None:
    _, out, _ = run("desk", "list", "--json")
    assert json.loads(out) == []
    code, out, err = run("desk", "answer", "nothing", "--text", "hello")
    assert (code, out) == (1, "")
    assert "nothing" in err


def test_audit_verify_finds_what_was_altered(run: Run, tmp_path: Path) -> None:
    import sqlite3

    code, out, _ = run("audit", "verify", "--json")
    assert (code, json.loads(out)["intact"]) == (0, True)
    _, out, _ = run("audit", "list", "--json")
    entries = json.loads(out)
    assert {"number", "time", "actor", "action", "hash"} <= set(entries[0])
    with sqlite3.connect(tmp_path / "home" / "records.db") as connection:
        connection.execute("DROP TRIGGER audit_entries_unchanged")
        connection.execute("UPDATE audit_entries SET actor = 'nobody' WHERE number = 2")
    connection.close()
    code, out, _err = run("audit", "verify", "--json")
    found = json.loads(out)
    assert (code, found["intact"], found["first_broken"]) == (1, False, 2)


def test_the_audit_log_is_found_exported_signed_and_verified(run: Run, tmp_path: Path) -> None:
    file, points = tmp_path / "log.csv", tmp_path / "points.jsonl"
    _, out, _ = run("audit", "list", "--what", "account.created", "--json")
    assert {entry["action"] for entry in json.loads(out)} == {"account.created"}
    assert run("audit", "export", str(file), "--what", "domain")[0] == 0
    assert file.read_text("utf-8-sig").splitlines()[1].startswith("1,")
    assert run("audit", "export", str(tmp_path / "log.exe"))[0] == 1
    _, out, _ = run("audit", "checkpoint", "--to", str(points), "--json")
    signed = json.loads(out)
    code, out, _ = run("audit", "verify", "--checkpoints", str(points), "--key", signed["key"], "--json")
    assert (code, json.loads(out)["entries"]) == (0, signed["entries"])
    code, out, _ = run("audit", "verify", "--checkpoints", str(points), "--key", "00" * 32)
    assert (code, "another key" in out) == (1, True)
    assert run("audit", "list", "--as", "employee")[0] == 1


def test_another_account_has_its_own_rights(run: Run) -> None:
    code, out, err = run("ask", "How many days of annual leave do I get?", "--domain", "people", "--as", "outsider")
    assert (code, out) == (1, "")
    assert "people" in err
    code, _, err = run("ask", "Hello there", "--as", "nobody")
    assert (code, err) == (1, "There is no account named nobody.\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("ask",), 1),
        (("ask", ""), 1),
        (("ask", "🎉🎉"), 1),
        (("ask", "x" * 100_000), 1),
        (("ask", "Hello there", "--domain", "moon"), 1),
        (("ingest", "/no/such/file", "--domain", "it"), 1),
        (("ask", "--batch", "/no/such/file"), 1),
        (("nonsense",), 2),
        (("ask", "a question", "--nonsense"), 2),
        (("search", "leave", "-k", "0"), 2),
    ],
)
def test_bad_input_ends_with_its_code_and_one_sentence(run: Run, arguments: tuple[str, ...], expected: int) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (expected, "")
    assert "Traceback" not in err
    if expected == 1:
        assert err.strip().count("\n") == 0
        assert len(err) > 15


def test_errors_are_told_in_the_terminals_language(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_LANGUAGE", "ja")
    _, _, err = run("ask", "🎉")
    assert "質問" in err


def test_a_port_in_use_is_told_before_anything_is_loaded(run: Run) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = run("serve", "--port", str(port))
    assert code == 1
    assert f"Port {port}" in err
    assert str(port + 1) in err


def test_a_second_server_of_a_home_is_refused_at_once(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_HOME", str(tmp_path))
    with locked(tmp_path / ".served"):  # as the first one holds it
        code, _, err = run("serve", "--port", "0")
    assert code == 1
    assert f"Another assistant serves {tmp_path} already." in err


def test_whether_there_is_another_server_is_seen_before_the_models_libraries_are_loaded() -> None:
    script = """
import sys
from assistant.commands import application
application(["serve"])
print([name for name in ("torch", "transformers", "scipy.stats", "gradio") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_address_beyond_the_machine_is_refused_without_accounts(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_HOME", str(tmp_path / "empty"))
    code, _, err = run("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104  # what is refused
    assert code == 1
    assert "127.0.0.1" in err


def test_the_doctor_finds_an_empty_home_in_order(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_HOME", str(tmp_path / "empty"))
    code, out, _ = run("doctor", "--json")
    assert code == 0
    assert json.loads(out)["ok"] is True


def test_the_doctor_names_the_command_that_mends(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_MODELS", str(tmp_path / "no-models"))
    code, out, _ = run("doctor", "--json")
    assert code == 1
    assert "madoguchi models" in out


def test_a_model_setting_that_is_none_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_ENCODER", "/no/such/model")
    code, out, err = run("search", "leave")
    assert (code, out) == (1, "")
    assert "/no/such/model" in err
    assert err.strip().count("\n") == 0


def test_a_wrong_setting_is_wrong_usage(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_PORT", "not a number")
    code, out, err = run("domain", "list")
    assert (code, out) == (2, "")
    assert "MADOGUCHI_PORT" in err


def test_a_person_is_exported_and_erased_and_conversations_are_kept_so_long(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "employee.zip"
    assert run("account", "export", "employee", str(file))[0] == 0
    assert file.read_bytes().startswith(b"PK")
    assert run("account", "export", "employee", str(file), "--as", "reviewer")[0] == 1
    code, out, _ = run("account", "erase", "employee")
    assert (code, "--yes" in out) == (0, True)
    assert json.loads(run("account", "list", "--json")[1])[1]["name"] == "employee"
    code, out, _ = run("account", "erase", "employee", "--yes", "--json")
    assert (code, json.loads(out)["erased"]) == (0, True)
    assert run("account", "export", "employee", str(tmp_path / "again.zip"))[0] == 1
    code, out, _ = run("domain", "retention", "people", "--days", "90", "--json")
    assert (code, json.loads(out)[0]["days"]) == (0, 90)
    assert run("domain", "retention", "people", "--days", "0")[0] == 1
    assert len(json.loads(run("domain", "retention", "--json")[1])) == 2
    assert run("domain", "retention", "--as", "reviewer")[0] == 1
