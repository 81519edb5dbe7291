"""Training the writer: what is learnt are the answer's words and no others, and a saved writer says them again."""

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from adapters import GenerationRequest, LanguageModelWorker
from adapters.language_model import LanguageModel, load
from adapters.skills import save_writer
from adapters.training import Schedule
from adapters.writer_training import Learnt, Writing, learnt, loss, train, with_adapter

CPU = torch.device("cpu")
WRITINGS = [
    Writing("a", "en", [{"role": "user", "content": "How many days of leave do I get?"}], "20 days."),
    Writing("b", "ja", [{"role": "user", "content": "有給休暇は何日ですか"}], "年10日です。"),
]
TOKENS = st.lists(st.integers(2, 250), min_size=1, max_size=12)
EXAMPLES = st.lists(st.builds(Learnt, TOKENS, TOKENS), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def tiny(make_model: Any) -> tuple[Any, Any]:
    return load(str(make_model("llama")), Path(), torch.float32)


@settings(max_examples=25)
@given(batch=EXAMPLES)
def test_the_loss_of_a_batch_is_that_of_its_tokens_however_long_its_neighbours_are(
    tiny: tuple[Any, Any], batch: list[Learnt]
) -> None:
    model, _ = tiny
    with torch.inference_mode():
        alone = sum(float(loss(model, [one], CPU)) * len(one.answer) for one in batch)
        together = float(loss(model, batch, CPU)) * sum(len(one.answer) for one in batch)
    assert together == pytest.approx(alone, rel=1e-4)


@pytest.mark.parametrize("kind", ["llama", "gemma3"])
def test_a_writer_on_a_model_without_chat_template_learns_its_answers_is_saved_and_says_them_again(
    make_model: Any, tmp_path: Path, kind: str
) -> None:
    base = tmp_path / "base"
    model, tokenizer = load(str(make_model(kind)), Path(), torch.float32)
    assert not tokenizer.chat_template
    with torch.no_grad():
        model.lm_head.weight.mul_(20)  # as it comes, no change below such a small head can make it sure of anything
    model.save_pretrained(base)
    tokenizer.save_pretrained(base)
    taught = learnt(tokenizer, WRITINGS)
    adapted = with_adapter(model)
    schedule = Schedule(batch=2, accumulate=1, epochs=200, learning_rate=1e-2, evaluate_every=50, threads=1)
    done = train(adapted, taught, taught, schedule, tmp_path / "training", lambda _step: None)
    assert done.best_score > 0.8
    save_writer(adapted, tmp_path / "writer", base, {"licence": "own"})
    names = load_file(tmp_path / "writer" / "adapter_model.safetensors")
    assert names and all("lora_" in name for name in names)

    worker = LanguageModelWorker(LanguageModel(*load(str(base), Path(), torch.float32)))
    worker.load_adapter("writer", tmp_path / "writer")
    said = [worker.submit(GenerationRequest(one.messages, "writer", 24)).result(60).text for one in WRITINGS]
    worker.close()
    assert said == [one.answer for one in WRITINGS]


def test_what_is_too_long_is_not_learnt(tiny: tuple[Any, Any]) -> None:
    long = Writing("c", "en", [{"role": "user", "content": "word " * 600}], "no")
    assert len(learnt(tiny[1], [*WRITINGS, long])) == len(WRITINGS)
