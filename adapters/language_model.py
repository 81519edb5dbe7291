"""The frozen language model with its resident adapters: a batch of prompts in, texts out.

One caller at a time: PEFT's per-row adapters register hooks for the length of a call, and the active adapter is
shared state. `serving` is that caller. Nothing here knows of domains, questions or documents.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
)
from transformers.utils import logging as transformers_logging

from adapters import adapter_file, model_store
from adapters.completion import Completion, Row
from adapters.errors import AdapterError, ModelError
from adapters.pins import LANGUAGE_MODEL
from adapters.processor import number_type

transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # a server's log is no place for it

BASE = "__base__"  # PEFT's name for 'no adapter' in a mixed batch
Messages = Sequence[dict[str, str]]


class LanguageModel:
    """The base model, its tokenizer and the adapters in memory."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._adapters: dict[str, Path] = {}
        tokenizer.padding_side = "left"
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        ends = model.generation_config.eos_token_id
        self._ends = set(ends if isinstance(ends, list) else [ends]) | {tokenizer.eos_token_id} - {None}

    @classmethod
    def load(cls, spec: str, models_folder: Path) -> "LanguageModel":
        """The language model of a setting. Raises ModelError."""
        return cls(*load(spec, models_folder, number_type()))

    @property
    def adapters(self) -> tuple[str, ...]:
        """Names of the adapters in memory."""
        return tuple(self._adapters)

    @property
    def hidden_size(self) -> int:
        """The width of its layers."""
        return int(self._model.config.hidden_size)

    def load_adapter(self, name: str, folder: Path) -> None:
        """Put an adapter beside the others. Raises AdapterError; then nothing has changed."""
        from peft import PeftModel

        if name in self._adapters or name == BASE:
            raise AdapterError("adapter_name_taken", f"An adapter named {name} is loaded already.", adapter=name)
        adapter_file.check(folder, self.hidden_size)
        try:
            if not self._adapters:
                base = self._model.get_base_model() if isinstance(self._model, PeftModel) else self._model
                self._model = PeftModel.from_pretrained(base, str(folder), name, autocast_adapter_dtype=False).eval()
            else:
                self._model.load_adapter(str(folder), name, autocast_adapter_dtype=False)
        except (RuntimeError, ValueError, KeyError) as error:
            if isinstance(self._model, PeftModel) and name in self._model.peft_config and self._adapters:
                self._model.delete_adapter(name)
            raise adapter_file.refused("adapter_wrong_base", folder, "its weights do not fit the model") from error
        self._adapters[name] = folder

    def unload_adapter(self, name: str) -> None:
        """Forget an adapter. Raises AdapterError when it is not loaded."""
        if name not in self._adapters:
            raise AdapterError("adapter_not_loaded", f"No adapter named {name} is loaded.", adapter=name)
        del self._adapters[name]
        if self._adapters:
            self._model.delete_adapter(name)
        else:
            self._model = self._model.unload()

    def tokenize(self, messages: Messages) -> list[int]:
        """Prompt tokens for a conversation, see `prompt_tokens`."""
        return prompt_tokens(self._tokenizer, messages)

    def generate(self, rows: Sequence[Row]) -> list[Completion]:
        """Continue every row greedily, each with its own adapter, limit and stop. Rows do not affect each other."""
        width = max(len(row.tokens) for row in rows)
        pad = self._tokenizer.pad_token_id
        ids = torch.tensor([[pad] * (width - len(r.tokens)) + r.tokens for r in rows])  # (B, T)
        mask = torch.tensor([[0] * (width - len(r.tokens)) + [1] * len(r.tokens) for r in rows])
        watch = _Watch(rows, width)
        chances = _Chances()
        options: dict[str, Any] = {}
        if self._adapters:
            options["adapter_names"] = [row.adapter or BASE for row in rows]
        with torch.inference_mode():
            out = self._model.generate(
                input_ids=ids,
                attention_mask=mask,
                do_sample=False,
                num_beams=1,
                max_new_tokens=max(row.max_new_tokens for row in rows),
                pad_token_id=pad,
                stopping_criteria=StoppingCriteriaList([watch]),
                logits_processor=LogitsProcessorList([chances]),
                **options,
            )  # (B, T + new)
        return [self._completion(n, out[n, width:].tolist(), watch, chances) for n in range(len(rows))]

    def _completion(self, n: int, new: list[int], watch: "_Watch", chances: "_Chances") -> Completion:
        end = next((i for i, token in enumerate(new) if token in self._ends), None)
        limit = watch.rows[n].max_new_tokens
        reason = watch.reasons.get(n) or ("stop" if end is not None and end < limit else "length")
        kept = new[: min(limit, len(new) if end is None else end)]
        if (stopped_at := watch.lengths.get(n)) is not None:
            kept = kept[:stopped_at]
        chosen = [step[n] for step in chances.steps[: max(1, len(kept))]]
        return Completion(
            self._tokenizer.decode(kept, skip_special_tokens=True),
            kept,
            chosen[0] if chosen else None,
            min(chosen) if chosen else None,
            reason,
        )


def load(spec: str, models_folder: Path, dtype: torch.dtype) -> tuple[Any, Any]:
    """The model and the tokenizer of a setting. Raises ModelError."""
    place = model_store.resolve(spec, LANGUAGE_MODEL, models_folder)
    try:
        model = AutoModelForCausalLM.from_pretrained(place, dtype=dtype, use_safetensors=True, trust_remote_code=False)
        return model, AutoTokenizer.from_pretrained(place, trust_remote_code=False)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise ModelError("not_a_model", f"{place} cannot be loaded as a language model: {error}", path=place) from error


def prompt_tokens(tokenizer: Any, messages: Messages) -> list[int]:
    """A conversation in tokens: by the model's chat template, or a plain one where it has none."""
    if tokenizer.chat_template:
        made = tokenizer.apply_chat_template(list(messages), add_generation_prompt=True, tokenize=False)
        return list(tokenizer.encode(made, add_special_tokens=False))
    plain = "\n\n".join(message["content"] for message in messages) + "\nAnswer:"
    return list(tokenizer.encode(plain))


class _Watch(StoppingCriteria):
    """Ends each row at its own limit, when it is cancelled, or when its time is over."""

    def __init__(self, rows: Sequence[Row], width: int) -> None:
        self.rows = rows
        self.reasons: dict[int, str] = {}
        self.lengths: dict[int, int] = {}
        self._width = width

    def __call__(self, input_ids: torch.LongTensor, scores: Any, **kwargs: Any) -> torch.BoolTensor:
        length = input_ids.shape[1] - self._width
        done = []
        for n, row in enumerate(self.rows):
            if n not in self.reasons and (reason := row.stopped()):
                self.reasons[n], self.lengths[n] = reason, length
            done.append(n in self.reasons or length >= row.max_new_tokens)
        return torch.tensor(done, dtype=torch.bool, device=input_ids.device)  # type: ignore[return-value]


class _Chances(LogitsProcessor):
    """Notes the probability of the most likely token at every step; changes nothing."""

    def __init__(self) -> None:
        self.steps: list[list[float]] = []

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        wide = scores.float()  # (B, V)
        self.steps.append((wide.amax(-1) - wide.logsumexp(-1)).exp().tolist())
        return scores
