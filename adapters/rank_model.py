"""The reranker's model: how likely one sentence, under its headings, is what answers a question.

A decoder reads the question and then the sentence; a linear head on the last token gives log-odds (RankLLaMA, Ma et al.
2023). It was trained on hundreds of times more text than the encoder and tells apart what the encoder cannot.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from adapters import model_store

LONGEST = 320  # tokens of question, headings and sentence together
LONGEST_QUESTION = 96  # tokens
RANK = 16
DROPOUT = 0.05  # of what the adapter reads
BEGIN, END = 2, 1  # the decoder's tokens <bos> and <eos>
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


class RankModel(nn.Module):
    """Decoder and head. `decoder` may carry PEFT adapters."""

    def __init__(self, decoder: Any, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.decoder = decoder
        self.tokenizer = tokenizer
        self.head = nn.Linear(int(decoder.config.hidden_size), 1)

    @classmethod
    def load(cls, folder: Path, dtype: torch.dtype) -> "RankModel":
        """A reranker without any skill, over the decoder in `folder`."""
        from transformers import AutoModel  # takes seconds; who needs no reranker does not wait for it

        decoder = AutoModel.from_pretrained(folder, dtype=dtype, use_safetensors=True, trust_remote_code=False)
        return cls(decoder, model_store.tokenizer_of(folder))

    def with_adapter(self) -> "RankModel":
        """The model with low-rank changes (Hu et al. 2021) on all linear layers, which are trained, and its head."""
        from peft import LoraConfig, get_peft_model

        config = LoraConfig(r=RANK, lora_alpha=2 * RANK, lora_dropout=DROPOUT, target_modules=TARGETS)
        self.decoder = get_peft_model(self.decoder, config)
        return self

    def pairs(self, question: str, sentences: Sequence[tuple[str, str]]) -> list[list[int]]:
        """The tokens of the question with each (heading, sentence); what is too long is cut."""
        asked = self._tokens([question])[0][:LONGEST_QUESTION]
        told = self._tokens([f"\n{heading}\n{sentence}" for heading, sentence in sentences]) if sentences else []
        return [[*[BEGIN, *asked, *tokens][: LONGEST - 1], END] for tokens in told]

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        return [one.ids for one in self.tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def pair_odds(self, pairs: Sequence[Sequence[int]], device: Any = "cpu") -> Tensor:
        """The log-odds (N,) of each pair."""
        longest = max(map(len, pairs))
        ids = torch.tensor([[*pair, *[0] * (longest - len(pair))] for pair in pairs], device=device)  # (N, T)
        mask = torch.tensor([[1] * len(pair) + [0] * (longest - len(pair)) for pair in pairs], device=device)
        hidden = self.decoder(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state  # (N, T, D)
        ends = hidden[torch.arange(len(pairs), device=device), mask.sum(1) - 1]
        with torch.autocast(ids.device.type, enabled=False):  # a head of one row is nothing to save at
            odds: Tensor = self.head(ends.float()).squeeze(-1)
        return odds
