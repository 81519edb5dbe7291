"""What the command line prints moves no cursor, colours nothing and turns no reading direction."""

import json

import pytest

from assistant.commands.output import emit

SAID = (
    "\x1b[2J\x1b]0;owned\x07gone",
    "carriage\rreturn",
    "report\u202efdp.exe",
    "\x9b31mred",
    "null\x00byte",
    "\u2066x\u2069",
)


@pytest.mark.parametrize("said", SAID)
def test_a_text_with_commands_to_the_terminal_is_shown_as_text(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    emit({"said": said}, False, said)
    shown = capsys.readouterr().out
    assert not set(shown) & set("\x1b\x07\r\x00\x9b\u202e\u2066\u2069")
    emit({"said": said}, True, said)
    assert json.loads(capsys.readouterr().out) == {"said": said}  # a program reads it as it is


def test_what_people_write_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    said = "一行目\n\t二行目　全角 — Zoë 👩🏽‍💻"
    emit({}, False, said)
    assert capsys.readouterr().out == said + "\n"
