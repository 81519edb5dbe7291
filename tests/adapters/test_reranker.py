"""The reranker and the matcher: sentences of one question weighed against each other and against 'none'; learnt, and as
they ship.
"""

import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import Gemma3TextConfig, Gemma3TextModel

from adapters import Matcher, ModelError, Reranker, model_store
from adapters.rank_model import BEGIN, END, LONGEST, RankModel
from adapters.reader_training import with_adapter
from adapters.reranker_training import Choice, Ranker, loss, measure, train
from adapters.skills import MATCHER, RERANKER, load_reranker, save_reranker
from adapters.training import Schedule, Step
from tests.adapters.test_reader import tiny

ODDS = st.lists(st.floats(-8, 8), min_size=1, max_size=8)
COLOURS = ("red", "blue", "green", "black", "white", "brown")


@given(ODDS, st.data())
def test_the_loss_is_the_right_outcomes_share_of_all_and_none(odds: list[float], data: st.DataObject) -> None:
    right = data.draw(st.integers(0, len(odds)))
    wanted = sum(math.exp(one) for one in odds[:right]) if right else 1.0
    share = wanted / (1.0 + sum(math.exp(one) for one in odds))
    assert float(loss(torch.tensor(odds), right)) == pytest.approx(-math.log(share), abs=1e-4)


@given(ODDS)
def test_what_raises_a_right_sentence_lowers_the_loss(odds: list[float]) -> None:
    given_odds = torch.tensor(odds, requires_grad=True)
    loss(given_odds, 1).backward()  # type: ignore[no-untyped-call]
    assert given_odds.grad is not None
    assert given_odds.grad[0] <= 0
    assert all(slope >= 0 for slope in given_odds.grad[1:])


def choices(colours: Sequence[str]) -> list[Choice]:
    """Which locker is that colour: answered by its row or, every third time, by none."""
    made = []
    for n, colour in enumerate(colours):
        others = [other for other in COLOURS if other != colour]
        rows = [("Lockers", f"Colour: {one}; locker {m}") for m, one in enumerate(others[n % 3 : n % 3 + 3])]
        answered = n % 3 < 2
        mine = [("Lockers", f"Colour: {colour}; locker 9")] if answered else []
        made.append(Choice(f"Which locker is {colour}?", [*mine, *rows], int(answered)))
    return made


def tiny_decoder(models_folder: Path) -> RankModel:
    """A random reranker with the real tokenizer, its adapter to be trained."""
    torch.manual_seed(3)
    words = Tokenizer.from_file(str(models_folder / "gemma-3-270m" / model_store.TOKENIZER))
    config = Gemma3TextConfig(
        vocab_size=words.get_vocab_size(),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        intermediate_size=32,
        layer_types=["full_attention", "full_attention"],
    )
    return RankModel(Gemma3TextModel(config), words).with_adapter()


def tiny_encoder(models_folder: Path) -> Ranker:
    return with_adapter(tiny(models_folder), "lora", rank=4)


@pytest.mark.parametrize("made", [tiny_decoder, tiny_encoder])
def test_a_training_learns_to_tell_rows_apart_and_goes_on_where_it_was_broken_off(
    models_folder: Path, tmp_path: Path, made: Callable[[Path], Ranker]
) -> None:
    asked = choices(COLOURS * 8)
    schedule = Schedule(batch=4, accumulate=1, learning_rate=2e-2, epochs=3.0, evaluate_every=6, threads=1)
    model = made(models_folder)
    before = measure(model.eval(), asked)
    done = train(model, asked, asked[:12], schedule, tmp_path / "run", lambda _step: None)
    after = measure(model, asked)
    assert after.likelihood > before.likelihood

    class Broken(Exception):
        pass

    def broken_off(step: Step) -> None:
        if step.step >= 12 and step.score is not None:
            raise Broken

    again = made(models_folder)
    with pytest.raises(Broken):
        train(again, asked, asked[:12], schedule, tmp_path / "again", broken_off)
    again = made(models_folder)
    assert train(again, asked, asked[:12], schedule, tmp_path / "again", lambda _step: None).best_step == done.best_step
    assert measure(again, asked) == after


ROWS = [
    ("How much is the hotel limit in Lyon?", ["City: Lyon; hotel limit: 140 EUR", "City: Madrid; hotel limit: 120 EUR",
                                              "Hotels are booked with the travel desk."]),
    ("係長の日当は？", ["役職: 係長; 日当: 2,300円", "役職: 部長; 日当: 3,000円", "日当は旅費精算書で請求する。"]),
]  # fmt: skip


@pytest.mark.parametrize(("question", "rows"), ROWS)
def test_the_shipped_reranker_prefers_the_row_that_the_question_names_whatever_the_order(
    reranker: Reranker, question: str, rows: list[str]
) -> None:
    odds = reranker.odds(question, [("Travel", row) for row in rows])
    assert odds.argmax() == 0
    backwards = reranker.odds(question, [("Travel", row) for row in reversed(rows)])
    assert np.allclose(odds, backwards[::-1], atol=0.1)


def test_the_shipped_matcher_prefers_the_answer_that_the_question_asks_for(matcher: Matcher) -> None:
    odds = matcher.odds(
        "How many days may I work from home?",
        [("", "Two days a week, after the first six months."), ("", "Parking is free on Sundays.")],
    )
    assert odds.argmax() == 0


def test_no_sentences_have_no_odds(reranker: Reranker, matcher: Matcher) -> None:
    assert reranker.odds("Who?", []).shape == matcher.odds("Who?", []).shape == (0,)


@given(st.text(max_size=3000), st.text(max_size=200), st.text(max_size=3000))
def test_whatever_is_asked_and_written_fits_in_a_window(
    ranker: RankModel, question: str, heading: str, sentence: str
) -> None:
    [pair] = ranker.pairs(question, [(heading, sentence)])
    assert len(pair) <= LONGEST
    assert (pair[0], pair[-1]) == (BEGIN, END)


@pytest.fixture(scope="module")
def ranker(models_folder: Path) -> RankModel:
    return tiny_decoder(models_folder)


def test_a_skill_is_kept_and_judges_as_it_did(models_folder: Path, tmp_path: Path) -> None:
    base = models_folder / "gemma-3-270m"
    model = RankModel.load(base, torch.float32).with_adapter()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.02)
    asked = choices(COLOURS)
    before = measure(model.eval(), asked[:2])
    save_reranker(model, tmp_path / "skill", base, {})
    kept = Reranker.load(models_folder, tmp_path / "skill")
    assert [path.suffix for path in sorted((tmp_path / "skill").iterdir())].count(".safetensors") == 2
    likelihoods = [-float(loss(torch.tensor(kept.odds(one.question, one.sentences)), one.right)) for one in asked[:2]]
    assert np.mean(likelihoods) == pytest.approx(before.likelihood, abs=0.05)
    further, _ = load_reranker(models_folder, tmp_path / "skill", trained_on=True)
    assert measure(further, asked[:2]).likelihood == pytest.approx(before.likelihood, abs=0.05)
    assert any("lora" in name and weight.requires_grad for name, weight in further.named_parameters())


def test_an_altered_reranker_and_one_for_another_base_are_refused(models_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(RERANKER, tmp_path / "altered")
    weights = tmp_path / "altered" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"0")
    with pytest.raises(ModelError):
        Reranker.load(models_folder, tmp_path / "altered")
    with pytest.raises(ModelError):
        Reranker.load(models_folder, MATCHER)
