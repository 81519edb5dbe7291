"""The worker before the language model: no mix-up of adapters, cancelling, deadlines, a bounded queue."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from adapters import AdapterError, GenerationRequest, LanguageModelWorker, ModelBusy, PromptTooLong
from adapters.language_model import LanguageModel

TOKENS = 12
QUESTIONS = [f"Question {n}: how many days of leave after {n} years? 有給は{n}年で何日?" for n in range(20)]


def load(folder: Path) -> LanguageModel:
    """The tiny model at fp32, so that greedy answers can be compared token by token."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return LanguageModel(model, AutoTokenizer.from_pretrained(folder))


def ask(question: str, adapter: str | None = None, **options: Any) -> GenerationRequest:
    """A request of one user message."""
    options = {"max_new_tokens": TOKENS} | options
    return GenerationRequest([{"role": "user", "content": question}], adapter, **options)


@pytest.fixture
def worker(make_model: Any, departments: dict[str, Path]) -> Iterator[LanguageModelWorker]:
    """A worker over the tiny model with all departments' adapters."""
    made = LanguageModelWorker(load(make_model("llama")), max_batch=8, max_queue=600)
    for name, folder in departments.items():
        made.load_adapter(name, folder)
    yield made
    made.close()


def alone(base: Path, adapter: Path | None) -> list[list[int]]:
    """What plain transformers with PEFT says to every question with one adapter and nothing else in memory."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    model = PeftModel.from_pretrained(model, str(adapter)) if adapter else model
    said = []
    for question in QUESTIONS:
        ids = torch.tensor([tokenizer.encode(f"{question}\nAnswer:")])
        out = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=TOKENS, pad_token_id=0
        )
        new = out[0, ids.shape[1] :].tolist()
        said.append(new[: new.index(1)] if 1 in new else new)
    return said


def test_none_of_600_concurrent_answers_comes_from_another_departments_adapter(
    worker: LanguageModelWorker, make_model: Any, departments: dict[str, Path]
) -> None:
    base = make_model("llama")
    names: list[str | None] = [None, *departments]
    expected = {name: alone(base, departments[name] if name else None) for name in names}
    assert len({str(expected[name]) for name in names}) == 4, "the adapters must differ, or nothing is tested"
    lots = random.Random(5)
    wanted = [(lots.choice(names), lots.randrange(len(QUESTIONS))) for _ in range(600)]

    def answer(lot: tuple[str | None, int]) -> list[int]:
        return worker.submit(ask(QUESTIONS[lot[1]], lot[0])).result(120).tokens

    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(answer, wanted))
    mixed = [lot for lot, tokens in zip(wanted, said, strict=True) if tokens != expected[lot[0]][lot[1]]]
    assert mixed == []


def test_adapters_come_and_go_between_answers_without_changing_them(
    worker: LanguageModelWorker, make_model: Any, departments: dict[str, Path]
) -> None:
    before = worker.submit(ask(QUESTIONS[0], "people")).result(60).tokens
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            worker.load_adapter("candidate", departments["it"])
            worker.unload_adapter("candidate")
            time.sleep(0.02)

    thread = threading.Thread(target=come_and_go)
    thread.start()
    try:
        said = [worker.submit(ask(QUESTIONS[0], "people")).result(60).tokens for _ in range(30)]
    finally:
        over.set()
        thread.join()
    assert said == [before] * 30


def test_a_request_whose_adapter_was_let_go_fails_alone(make_model: Any, departments: dict[str, Path]) -> None:
    worker = LanguageModelWorker(load(make_model("llama")), max_batch=1)
    try:
        for name, folder in departments.items():
            worker.load_adapter(name, folder)
        first = worker.submit(ask(QUESTIONS[0], "people", max_new_tokens=300))
        waiting = [worker.submit(ask(QUESTIONS[1], name)) for name in ("it", "quality")]
        worker.unload_adapter("it")
        assert first.result(60).tokens
        with pytest.raises(AdapterError, match="it"):
            waiting[0].result(60)
        assert waiting[1].result(60).adapter == "quality"
    finally:
        worker.close()


def test_an_unknown_adapter_is_refused_before_it_waits(worker: LanguageModelWorker) -> None:
    with pytest.raises(AdapterError, match="sales"):
        worker.submit(ask(QUESTIONS[0], "sales"))


def test_cancelling_ends_an_answer_within_a_token_and_leaves_its_neighbours(worker: LanguageModelWorker) -> None:
    blocker = worker.submit(ask(QUESTIONS[2]))
    cancelled = worker.submit(ask(QUESTIONS[0], max_new_tokens=400))
    neighbour = worker.submit(ask(QUESTIONS[1], "it"))
    blocker.result(60)
    cancelled.cancel()
    assert cancelled.result(60).finish_reason in ("cancelled", "stop")
    assert len(cancelled.result().tokens) < 400
    assert neighbour.result(60).finish_reason in ("stop", "length")


def test_an_answer_past_its_time_is_ended(worker: LanguageModelWorker) -> None:
    made = worker.submit(ask(QUESTIONS[0], max_new_tokens=400, deadline_s=0.05)).result(60)
    assert made.finish_reason in ("deadline", "stop")
    assert worker.submit(ask(QUESTIONS[0], deadline_s=0.0)).result(60).finish_reason == "deadline"


def test_a_full_queue_says_how_long_to_wait(make_model: Any) -> None:
    worker = LanguageModelWorker(load(make_model("llama")), max_batch=1, max_queue=2)
    try:
        handles = []
        with pytest.raises(ModelBusy) as refused:
            for _ in range(20):
                handles.append(worker.submit(ask(QUESTIONS[0], max_new_tokens=200)))
        assert refused.value.wait > 0
        for handle in handles:
            handle.cancel()
    finally:
        worker.close()


def test_a_prompt_over_its_budget_is_refused_with_both_figures(make_model: Any) -> None:
    worker = LanguageModelWorker(load(make_model("llama")), prompt_tokens=50)
    try:
        with pytest.raises(PromptTooLong) as refused:
            worker.submit(ask("very long " * 100))
        assert refused.value.params["limit"] == 50 < refused.value.params["tokens"]
    finally:
        worker.close()


def test_closing_ends_what_runs_and_what_waits(make_model: Any) -> None:
    worker = LanguageModelWorker(load(make_model("llama")), max_batch=1)
    handles = [worker.submit(ask(QUESTIONS[0], max_new_tokens=400)) for _ in range(5)]
    began = time.monotonic()
    worker.close()
    assert time.monotonic() - began < 30
    assert handles[-1].result(1).finish_reason == "cancelled"


@pytest.mark.parametrize("kind", ["qwen2", "gemma3"])
def test_another_architecture_answers_with_the_same_code(kind: str, make_model: Any) -> None:
    folder = make_model(kind)
    worker = LanguageModelWorker.load(str(folder), folder.parent)
    try:
        made = worker.submit(ask("有給休暇は何日ですか")).result(60)
        assert 0 < len(made.tokens) <= TOKENS or made.finish_reason == "stop"
        assert made.first_token_probability is not None
        assert 0.0 < made.first_token_probability <= 1.0
    finally:
        worker.close()
