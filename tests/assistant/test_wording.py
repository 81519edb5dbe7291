"""Every sentence exists in both languages, with the same blanks to fill."""

import re
import string
from pathlib import Path

import pytest

from assistant.errors import Refusal
from assistant.wording import LANGUAGES, Sentences, catalogue, say, say_error

ROOMS = ("adapters", "index", "assistant")
SOURCE = Path(__file__).parents[2]


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_sentences() -> None:
    japanese, english = (catalogue(language) for language in LANGUAGES)
    assert set(japanese) == set(english)


def test_both_languages_fill_the_same_blanks() -> None:
    japanese, english = (catalogue(language) for language in LANGUAGES)
    assert {key for key in english if blanks(english[key]) != blanks(japanese[key])} == set()


def test_japanese_sentences_are_japanese() -> None:
    plain = {key for key, text in catalogue("ja").items() if not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text)}
    assert plain <= {"page.language_name", "place.joint", "why.joint"} | {k for k in plain if k.startswith("place.")}


@pytest.mark.parametrize("room", ROOMS)
def test_every_error_code_has_its_sentence(room: str) -> None:
    pattern = re.compile(r"(?:Error|Refusal|BadInput|NotFound|NotAllowed|Conflict|Busy|_refused)\(\s*\"([a-z_]+)\"")
    codes = {code for path in (SOURCE / room).rglob("*.py") for code in pattern.findall(path.read_text("utf-8"))}
    missing = {code for code in codes if f"error.{code}" not in catalogue("en")}
    assert missing == set()


def test_every_reason_that_the_program_itself_records_is_told_in_the_readers_language() -> None:
    pattern = re.compile(r"transaction\((?:[^(),]|\([^()]*\))+, \"([^\"]+)\"")
    reasons = {one for path in (SOURCE / "assistant").rglob("*.py") for one in pattern.findall(path.read_text("utf-8"))}
    assert len(reasons) > 50
    assert {one for one in reasons if f"reason.{one}" not in catalogue("ja")} == set()


def test_what_stands_against_a_version_is_said_in_the_language_of_whoever_reads_it() -> None:
    against = Sentences((("gate.not_evaluated", {}), ("gate.regression", {"count": 2})))
    error = Refusal("gate_objects", version="a1", objections=against)
    for language, words in (("en", "not compared with the live version"), ("ja", "比較")):
        said = say_error(language, error)  # type: ignore[arg-type]
        assert words in said
        assert "2" in said
        assert "gate." not in said


@pytest.mark.parametrize(("count", "said"), [(0, "0 entries"), (1, "1 entry"), (2, "2 entries")])
def test_one_is_told_as_one_and_two_as_two(count: int, said: str) -> None:
    assert say("en", "glossary.exported", count=count) == f"{said} written."
    assert f"{count}" in say("ja", "glossary.exported", count=count)
