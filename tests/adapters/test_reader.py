"""The reader: it marks characters of the passage, trains resumably, and refuses a skill that is not what it was."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from adapters import ModelError, Reader, model_store
from adapters.marking import mark
from adapters.reader_training import Reading, train, trainable, with_adapter
from adapters.skills import READER, load_reader, save_reader
from adapters.spans import LONGEST, SpanModel
from adapters.training import Schedule

SENTENCES = [
    "The gate closes at 21:30 on weekdays.",
    "有給休暇は入社から6か月後に12日付与する。",
    "Claims must reach Accounting within 10 working days.",
    "測定室の温度は23℃±1℃に保つ。",
]


def tiny(models_folder: Path, seed: int = 3) -> SpanModel:
    """A random reader with the real tokenizer."""
    torch.manual_seed(seed)
    words = Tokenizer.from_file(str(models_folder / "multilingual-e5-small" / model_store.TOKENIZER))
    config = BertConfig(
        vocab_size=words.get_vocab_size(),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return SpanModel(BertModel(config, add_pooling_layer=False), words)


@pytest.fixture(scope="module")
def model(models_folder: Path) -> SpanModel:
    return tiny(models_folder)


@settings(max_examples=60)
@given(
    parts=st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=60),
    chosen=st.integers(min_value=0),
    heading=st.sampled_from(["", "Rules > 第3条"]),
)
def test_every_answer_is_found_again_in_a_window_of_its_passage(
    model: SpanModel, parts: list[str], chosen: int, heading: str
) -> None:
    passage = "\n".join(parts)
    start = sum(len(part) + 1 for part in parts[: chosen % len(parts)])
    answer = (start, start + len(parts[chosen % len(parts)]))
    windows = model.windows("When?", passage, answer, heading)
    assert all(len(window.ids) <= LONGEST for window in windows)
    covered = {at for window in windows for place in window.places if place for at in range(*place)}
    assert all(at in covered for at, character in enumerate(passage) if not character.isspace())
    holders = [window for window in windows if window.answered]
    assert holders
    for window in holders:
        first, last = window.places[window.start], window.places[window.end]
        assert first is not None and last is not None
        assert passage[first[0] : last[1]].strip() == parts[chosen % len(parts)]


def test_no_answer_stands_in_a_heading(model: SpanModel) -> None:
    [[marked]] = mark(model.eval(), [("When does the gate close?", "Gate 21:30", "It is closed at night.")])
    start, end, _ = marked.best
    assert 0 <= start < end <= len("It is closed at night.")


def test_passages_do_not_affect_each_other(model: SpanModel) -> None:
    asked = [("何日ですか", "", sentence * 3) for sentence in SENTENCES]
    together = mark(model.eval(), asked)
    for alone, window in zip(asked, together, strict=True):
        assert mark(model, [alone])[0][0].gate == pytest.approx(window[0].gate, abs=1e-4)


def examples() -> list[Reading]:
    """Small answerable and unanswerable readings."""
    made = []
    for n in range(24):
        passage = f"{SENTENCES[n % 4]} The code of door {n} is {n + 40}."
        text = str(n + 40)
        answers = ((passage.rindex(text), text),) if n % 3 else ()
        question = f"What is the code of door {n if answers else n + 100}?"
        made.append(Reading(str(n), "en", "doors", question, passage, answers, "answerable" if answers else "near"))
    return made


def trained(models_folder: Path, folder: Path, stop_after: int | None = None) -> tuple[SpanModel, list[float]]:
    """A tiny reader after training; broken off after a report where `stop_after` says so."""
    model = with_adapter(tiny(models_folder), "lora", rank=4)
    losses: list[float] = []

    def tell(step: Any) -> None:
        losses.append(step.loss)
        if stop_after is not None and len(losses) == stop_after:
            raise KeyboardInterrupt

    schedule = Schedule(batch=4, accumulate=1, epochs=3, learning_rate=1e-2, evaluate_every=3, patience=99, threads=1)
    tuning: Sequence[Sequence[Reading]] = [examples()[:9]]
    train(model, examples(), tuning, schedule, folder, tell)
    return model, losses


def test_a_training_that_was_broken_off_goes_on_to_the_same_weights(models_folder: Path, tmp_path: Path) -> None:
    whole, losses = trained(models_folder, tmp_path / "whole")
    assert losses[-1] < losses[0]
    with pytest.raises(KeyboardInterrupt):
        trained(models_folder, tmp_path / "broken", stop_after=2)
    resumed, _ = trained(models_folder, tmp_path / "broken")
    for name, weight in whole.named_parameters():
        assert torch.allclose(weight, resumed.get_parameter(name), atol=1e-5), name


def test_a_training_is_not_resumed_with_other_settings(models_folder: Path, tmp_path: Path) -> None:
    trained(models_folder, tmp_path)
    model = with_adapter(tiny(models_folder), "lora", rank=4)
    with pytest.raises(ValueError, match="other settings"):
        train(model, examples(), [examples()[:9]], Schedule(batch=2), tmp_path, lambda _step: None)


@pytest.mark.parametrize("method", ["lora", "ia3", "prompt"])
def test_a_diff_is_a_small_part_of_the_weights(models_folder: Path, method: Any) -> None:
    model = SpanModel.load(models_folder / "multilingual-e5-small")
    whole = trainable(model)
    assert trainable(with_adapter(model, method)) < 0.03 * whole


@pytest.fixture
def skill(tmp_path: Path) -> Path:
    """A copy of the shipped skill."""
    return Path(shutil.copytree(READER, tmp_path / "reader"))


def test_an_altered_skill_is_refused(models_folder: Path, skill: Path) -> None:
    path = skill / "heads.safetensors"
    body = bytearray(path.read_bytes())
    body[-1] ^= 1
    path.write_bytes(body)
    with pytest.raises(ModelError) as refused:
        load_reader(models_folder, skill)
    assert refused.value.code == "skill_altered"


def test_a_skill_of_another_base_is_refused(models_folder: Path, skill: Path) -> None:
    path = skill / "madoguchi.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"base": "0" * 16}))
    with pytest.raises(ModelError) as refused:
        load_reader(models_folder, skill)
    assert refused.value.code == "skill_wrong_base"


def test_a_folder_without_a_skill_is_refused(models_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as refused:
        Reader.load(models_folder, str(tmp_path))
    assert refused.value.code == "not_a_skill"


def test_a_saved_skill_reads_as_it_was_trained(models_folder: Path, tmp_path: Path) -> None:
    base = models_folder / "multilingual-e5-small"
    model = with_adapter(SpanModel.load(base), "lora", rank=2)
    torch.manual_seed(1)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name or name.startswith("gate"):
                weight.normal_(0.0, 0.02)
    asked = [("When does the gate close?", "", SENTENCES[0])]
    before = mark(model.eval(), asked)[0][0]
    save_reader(model, tmp_path / "skill", base, {"licence": "test"})
    after = mark(load_reader(models_folder, tmp_path / "skill")[0], asked)[0][0]
    assert after.gate == pytest.approx(before.gate, abs=0.02)
    assert after.best[:2] == before.best[:2]


ANSWERED = [
    ("When does the gate close on weekdays?", "Site rules", SENTENCES[0], "21:30"),
    ("有給休暇は何日もらえますか", "休暇規程", SENTENCES[1], "12日"),
    ("Within how many days must a claim reach Accounting?", "Expenses", SENTENCES[2], "10 working days"),
    ("測定室は何度に保ちますか", "測定室", SENTENCES[3], "23"),
]


def test_the_shipped_reader_finds_spans_and_tells_passages_of_other_topics(span_reader: Reader) -> None:
    for n, (question, heading, text, answer) in enumerate(ANSWERED):
        others = [(h, t) for m, (_, h, t, _) in enumerate(ANSWERED) if m != n]
        marked = span_reader.read(question, [(heading, text), *others])
        assert marked[0][0].gate > max(window.gate for windows in marked[1:] for window in windows), question
        start, end, _ = marked[0][0].best
        assert answer in text[start:end] or text[start:end] in answer, (question, text[start:end])


def test_the_shipped_skill_is_small_and_plain() -> None:
    assert sum(path.stat().st_size for path in READER.iterdir()) < 12_000_000
    assert {path.suffix for path in READER.iterdir()} <= {".safetensors", ".json", ".md"}
