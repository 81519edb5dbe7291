"""Tiny random models with a real tokenizer and random LoRA adapters: fast, and every adapter answers differently."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from tokenizers import ByteLevelBPETokenizer
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
)

SIZES: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
}
MakeModel = Callable[[str], Path]


def tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level tokenizer that knows a few sentences; it has no chat template."""
    made = ByteLevelBPETokenizer()
    made.train_from_iterator(
        ["How many days of leave do I get?", "有給休暇は何日ですか"], vocab_size=300, special_tokens=["<pad>", "<end>"]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=made._tokenizer, pad_token="<pad>", eos_token="<end>"
    )


def random_model(kind: str, vocabulary: int) -> PreTrainedModel:
    """An untrained model of an architecture; the same one every time."""
    torch.manual_seed(7)
    ends: dict[str, Any] = {"vocab_size": vocabulary, "bos_token_id": 1, "eos_token_id": 1, "pad_token_id": 0}
    if kind == "qwen2":
        return Qwen2ForCausalLM(Qwen2Config(**SIZES, **ends))
    if kind == "gemma3":
        return Gemma3ForCausalLM(Gemma3TextConfig(**SIZES, **ends, head_dim=16, sliding_window=64))
    return LlamaForCausalLM(LlamaConfig(**SIZES, **ends))


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> MakeModel:
    """Writes a tiny random model of an architecture and gives its folder; the same folder for the same kind."""
    made: dict[str, Path] = {}

    def make(kind: str) -> Path:
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp(kind)
            words = tokenizer()
            random_model(kind, len(words)).save_pretrained(made[kind])
            words.save_pretrained(made[kind])
        return made[kind]

    return make


def random_adapter(base: Path, folder: Path, seed: int, rank: int = 8) -> Path:
    """A LoRA adapter with weights large enough to change what the model says."""
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(base)
    adapted = get_peft_model(model, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=["q_proj", "v_proj"]))
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_" in name:
                weight.normal_(0.0, 0.5)
    adapted.save_pretrained(str(folder))
    return folder


@pytest.fixture(scope="session")
def departments(make_model: MakeModel, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three departments' random adapters on the tiny Llama."""
    folder = tmp_path_factory.mktemp("adapters")
    names = ("people", "it", "quality")
    return {name: random_adapter(make_model("llama"), folder / name, seed) for seed, name in enumerate(names, start=1)}
