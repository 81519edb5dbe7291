"""A setting that cannot be read: help still helps, and whatever else is asked says which setting it is."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from assistant.commands import application, main

Run = Callable[..., tuple[int, str, str]]
GIVEN: dict[str, tuple[str, ...]] = {
    "ingest": (".", "--domain", "x"),  # what is there, for it looks at the files first
    "examples edit": ("x", "--answer", "x"),  # something to change
}


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every command, with what it has to be given."""
    for name, one in getattr(command, "commands", {}).items():
        yield from commands(one, (*path, name))
    if not hasattr(command, "commands"):
        needed = [one.opts[-1] for one in command.params if one.required]
        given = [word for name in needed for word in ((name, "x") if name.startswith("-") else ("x",))]
        yield " ".join(path), GIVEN.get(" ".join(path), tuple(given))


COMMANDS = dict(commands(typer.main.get_command(application([]))))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Run:
    monkeypatch.setenv("MADOGUCHI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MADOGUCHI_LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)

    def once(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["madoguchi", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfd.readouterr()
        return int(end.value.code or 0), out, err

    return once


@pytest.mark.parametrize("name", ["", "ask", "examples", "examples import"])
def test_help_helps_whatever_the_settings_are(run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("MADOGUCHI_PORT", "not a number")
    code, out, err = run(*name.split(), "--help")
    assert (code, err) == (0, "")
    assert "Usage" in out


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_says_which_setting_is_wrong_and_does_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv("MADOGUCHI_PORT", "not a number")
    code, out, err = run(*name.split(), *COMMANDS[name])
    assert (code, out) == (2, "")
    assert err.startswith("The setting MADOGUCHI_PORT cannot be not a number")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("MADOGUCHI_OIDC_RIGHTS", "{hr-leads: people:owner}"),
        ("MADOGUCHI_OIDC_RIGHTS", "[]"),
        ("MADOGUCHI_OIDC_RIGHTS", '{"hr-leads": "people:boss"}'),
        ("MADOGUCHI_MAIL_TEXT", "perhaps"),
        ("MADOGUCHI_LANGUAGE", "fr"),
        ("MADOGUCHI_OIDC_ISSUER", "http://idp.example"),
    ],
)
def test_each_kind_of_wrong_value_is_one_sentence_with_the_settings_name(
    run: Run, monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    monkeypatch.setenv(setting, value)
    code, out, err = run("domain", "list")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert setting in err
