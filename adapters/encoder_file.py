"""Reads the embedded encoder's own file (`E5S1`) into an ordinary sentence-transformers folder.

The layout, little endian: header, tokenizer (Unigram pieces with scores), a normalisation map, tensors; matrices
are rows of Q4_0 blocks (fp16 scale, 16 bytes: low nibbles are weights 0-15, high nibbles 16-31, each minus 8).
It knows the file and the target folder, nothing of what encoders are for.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

MAGIC = b"E5S1"
Q4_0, BLOCK = 32, 18  # weights and bytes of a block
MAX_TOKENS = 512


@dataclass(frozen=True)
class Header:
    """Sizes as the file states them."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float
    pieces: int
    bos: int
    eos: int
    pad: int
    unk: int


class EncoderFile:
    """One opened file. Raises ValueError when it is not of this form."""

    def __init__(self, path: Path) -> None:
        self._bytes = path.read_bytes()
        if self._bytes[:4] != MAGIC:
            raise ValueError(f"{path.name} is no {MAGIC.decode()} file")
        self._at = 8
        fields = self._take("7i") + self._take("f")
        self._take("i")  # the block size, always 32
        self.header = Header(*fields, *self._take("5i"))
        self.pieces = self._read_pieces()
        self._skip_normalisation()
        self._directory = dict(self._read_directory())

    def _take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self._bytes, self._at)
        self._at += struct.calcsize("<" + form)
        return values

    def _read_pieces(self) -> list[tuple[str, float]]:
        count = self.header.pieces
        (length,) = self._take("Q")
        offsets = np.frombuffer(self._bytes, "<u4", count + 1, self._at)
        self._at += offsets.nbytes
        scores = np.frombuffer(self._bytes, "<f4", count, self._at)
        self._at += scores.nbytes
        blob = self._bytes[self._at : self._at + length]
        self._at += length
        texts = (blob[a:b].decode() for a, b in pairwise(offsets.tolist()))
        return [(text, float(score)) for text, score in zip(texts, scores, strict=True)]

    def _skip_normalisation(self) -> None:
        _count, length = self._take("iI")
        self._at += length

    def _read_directory(self) -> Iterator[tuple[str, tuple[int, int, int]]]:
        (tensors,) = self._take("i")
        for _ in range(tensors):
            (length,) = self._take("H")
            name = self._bytes[self._at : self._at + length].decode()
            self._at += length
            _kind, count, offset, size = self._take("BIQQ")
            yield name, (count, offset, size)

    def tensor(self, name: str, *shape: int) -> torch.Tensor:
        """A tensor in float32: Q4_0 blocks where the size says so, else plain floats."""
        count, offset, size = self._directory[name]
        if size == count * 4:
            values: NDArray[np.float32] = np.frombuffer(self._bytes, "<f4", count, offset).copy()
        else:
            values = _unpack(np.frombuffer(self._bytes, np.uint8, size, offset))
        return torch.from_numpy(values.reshape(shape))


def _unpack(raw: NDArray[np.uint8]) -> NDArray[np.float32]:
    blocks = raw.reshape(-1, BLOCK)  # (blocks, 18)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)  # (blocks, 1)
    low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
    weights = np.concatenate([low, high], axis=1).astype(np.float32) - 8  # (blocks, 32)
    return np.asarray(weights * scale, np.float32).reshape(-1)


def state_dict(file: EncoderFile) -> dict[str, torch.Tensor]:
    """The weights under the names of transformers' BertModel, without a pooler."""
    h, d, f = file.header, file.header.hidden, file.header.feed_forward
    weights = {
        "embeddings.word_embeddings.weight": file.tensor("emb.word", h.vocabulary, d),
        "embeddings.position_embeddings.weight": file.tensor("emb.pos", h.positions, d),
        "embeddings.token_type_embeddings.weight": file.tensor("emb.type", h.token_types, d),
        "embeddings.LayerNorm.weight": file.tensor("emb.ln.w", d),
        "embeddings.LayerNorm.bias": file.tensor("emb.ln.b", d),
    }
    dense = {
        "q": ("attention.self.query", d, d),
        "k": ("attention.self.key", d, d),
        "v": ("attention.self.value", d, d),
        "ao": ("attention.output.dense", d, d),
        "fi": ("intermediate.dense", f, d),
        "fo": ("output.dense", d, f),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for n in range(h.layers):
        for short, (name, rows, columns) in dense.items():
            weights[f"encoder.layer.{n}.{name}.weight"] = file.tensor(f"l{n}.{short}.w", rows, columns)
            weights[f"encoder.layer.{n}.{name}.bias"] = file.tensor(f"l{n}.{short}.b", rows)
        for short, name in norms.items():
            weights[f"encoder.layer.{n}.{name}.weight"] = file.tensor(f"l{n}.{short}.w", d)
            weights[f"encoder.layer.{n}.{name}.bias"] = file.tensor(f"l{n}.{short}.b", d)
    return weights


def save(source: Path, target: Path) -> None:
    """Write `target` as a sentence-transformers folder: BertModel, XLM-R style tokenizer, mean pooling, prompts."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel

    file = EncoderFile(source)
    h = file.header
    config = BertConfig(
        vocab_size=h.vocabulary,
        hidden_size=h.hidden,
        num_hidden_layers=h.layers,
        num_attention_heads=h.heads,
        intermediate_size=h.feed_forward,
        max_position_embeddings=h.positions,
        type_vocab_size=h.token_types,
        layer_norm_eps=h.epsilon,
        pad_token_id=h.pad,
    )
    model: Any = BertModel(config)
    weights = state_dict(file)
    # the file has no pooler and nothing uses one, but it is saved: zeros, or no two conversions would be alike
    weights |= {name: torch.zeros_like(w) for name, w in model.state_dict().items() if name.startswith("pooler.")}
    model.load_state_dict(weights, strict=True)
    plain = target / "plain"
    model.to(torch.bfloat16).save_pretrained(plain)
    _tokenizer(file).save_pretrained(plain)
    transformer = Transformer(str(plain), max_seq_length=MAX_TOKENS)
    parts = [transformer, Pooling(h.hidden, pooling_mode="mean"), Normalize()]
    prompts = {"query": "query: ", "document": "passage: ", "passage": "passage: "}
    SentenceTransformer(modules=parts, prompts=prompts, device="cpu").save(str(target), create_model_card=False)
    for leftover in plain.iterdir():
        leftover.unlink()
    plain.rmdir()


def _tokenizer(file: EncoderFile) -> Any:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    h = file.header
    core = Tokenizer(models.Unigram(file.pieces, unk_id=h.unk, byte_fallback=False))
    # NFKC with collapsed blanks does as well as the file's own map
    core.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    core.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    core.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", h.bos), ("</s>", h.eos)],
    )
    special = {"bos": "<s>", "eos": "</s>", "cls": "<s>", "sep": "</s>", "pad": "<pad>", "unk": "<unk>"}
    named = {f"{name}_token": token for name, token in special.items()}
    tokenizer: Any = PreTrainedTokenizerFast
    return tokenizer(tokenizer_object=core, model_max_length=MAX_TOKENS, **named)
