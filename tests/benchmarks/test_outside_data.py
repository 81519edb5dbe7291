"""Outside data: nothing of a test is trained on, and a built negative never holds the answer."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.reader_training import Reading
from benchmarks.outside_data import FILES, PARTS, SPLITS, deal, read, read_intents, with_negatives

DEALT = json.loads(SPLITS.read_text("utf-8"))


def test_no_article_policy_or_intent_is_on_two_sides() -> None:
    for name in FILES:
        titles = [title for part in PARTS for title in DEALT[name][part]]
        assert len(titles) == len(set(titles)) > 0, name
    assert not set(DEALT["banking77"]["known"]) & set(DEALT["banking77"]["unknown"])


def test_an_article_in_two_english_sets_is_on_one_side() -> None:
    for part in PARTS:
        others = {t for other in PARTS if other != part for t in DEALT["xquad-en"][other]}
        assert not set(DEALT["squad2"][part]) & others


def test_policies_for_research_are_never_trained_on() -> None:
    assert DEALT["policyqa"]["train"] == []


PLACES = ["Kasumino", "Aonuma", "Coventry", "Tokyo"]


def reading(number: int, place: int, answered: bool) -> Reading:
    passage = f"Report {number} of plant {PLACES[place]}: the shift begins at {number} o'clock."
    answers = ((passage.index(PLACES[place]), PLACES[place]),) if answered else ()
    kind = "answerable" if answered else "unanswerable"
    question = f"Which plant is report {number} of?"
    return Reading(f"q{number}-{place}-{answered}", "en", f"title {place}", question, passage, answers, kind)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), st.booleans()), max_size=20))
def test_negatives_are_other_passages_without_the_answer(rows: list[tuple[int, int, bool]]) -> None:
    given_ones = [reading(*row) for row in rows]
    made = with_negatives(given_ones)
    assert made[: len(given_ones)] == given_ones
    asked = {one.question: one for one in given_ones if one.answers}
    for negative in made[len(given_ones) :]:
        source = next(one for one in given_ones if f"{one.id}-{negative.kind}" == negative.id and one.answers)
        assert negative.answers == () and negative.question in asked
        assert not any(text in negative.passage for _, text in source.answers)
        assert (negative.title == source.title) is (negative.kind == "near")


def write(folder: Path) -> Path:
    """A tiny copy of every set's format."""

    def squad(titles: list[str], **more: object) -> str:
        entry = {"id": "1", "question": "Where?", "answers": [{"text": "here", "answer_start": 3}], **more}
        return json.dumps(
            {"data": [{"title": t, "paragraphs": [{"context": "is here", "qas": [entry]}]} for t in titles]}
        )

    for name in ("jaquad", "squad2", "xquad-en", "policyqa", "banking77"):
        (folder / name).mkdir()
    (folder / "jaquad/jaquad_train_0000.json").write_text(squad([f"訓練{n}" for n in range(20)]))
    (folder / "jaquad/jaquad_dev_0000.json").write_text(squad(["試験"]))
    (folder / "squad2/squad2.json").write_text(squad([f"A{n}" for n in range(8)], is_impossible=True))
    (folder / "xquad-en/xquad-en.json").write_text(squad([f"A{n}" for n in range(16)]))
    (folder / "policyqa/dev.json").write_text(squad(["dev.example"]))
    (folder / "policyqa/test.json").write_text(squad(["test.example"]))
    for part in ("train", "test"):
        rows = "\n".join(f"question {n} {part},intent {n}" for n in range(30))
        (folder / f"banking77/{part}.csv").write_text(f"text,category\n{rows}\n")
    return folder


def test_every_format_is_read_and_dealt_the_same_way_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write(tmp_path)
    dealt = deal(data)
    assert dealt == deal(data)
    (tmp_path / "splits.json").write_text(json.dumps(dealt))
    monkeypatch.setattr("benchmarks.outside_data.SPLITS", tmp_path / "splits.json")
    counts = Counter({part: len(read(data, "jaquad", part)) for part in PARTS})
    assert counts == {"train": 18, "tune": 2, "test": 1}
    assert all(one.kind == "unanswerable" and not one.answers for one in read(data, "squad2", "train"))
    assert {one.language for one in read(data, "jaquad", "test")} == {"ja"}
    unknown = set(dealt["banking77"]["unknown"])
    assert not {row.intent for row in read_intents(data, "train")} & unknown
    assert {row.intent for row in read_intents(data, "test")} >= unknown
    assert not {row.question for row in read_intents(data, "train")} & {r.question for r in read_intents(data, "tune")}
    with pytest.raises(FileNotFoundError, match="--data"):
        read(tmp_path / "nowhere", "jaquad", "train")
