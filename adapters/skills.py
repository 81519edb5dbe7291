"""The skills that ship: small diffs on frozen base models, in safetensors, checked by hash and base when loaded.

A skill is a folder: its weights (the reader's, the matcher's and, on the decoder, the reranker's: PEFT's adapter and
the heads beside it; the router's: an adapter and a direction; on the language model the writer's: PEFT's adapter
alone; the retriever's: one matrix), `madoguchi.json` (hashes, base, how it was trained, scores) and `card.md` for
people.
"""

import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from adapters import adapter_file, model_store
from adapters.encoder import Encoder
from adapters.errors import ModelError
from adapters.pins import DECODER, EMBEDDED, ENCODER, LANGUAGE_MODEL, Pin
from adapters.processor import number_type
from adapters.rank_model import RankModel
from adapters.search_encoder import Vectors
from adapters.spans import SharedWords, SpanModel

READER = Path(str(files("adapters"))) / "skills" / "reader"
RETRIEVER = READER.with_name("retriever")
MATCHER = READER.with_name("matcher")
RERANKER = READER.with_name("reranker")
WRITER = READER.with_name("writer")
ROUTER = READER.with_name("router")
HEADS = "heads.safetensors"
TURN = "turn.safetensors"
COMMON = "common.safetensors"
FORMAT = 1
ROWS = 8192  # of a table compared at a time


def save_reader(model: SpanModel, folder: Path, base: Path, about: dict[str, Any]) -> None:
    """Write what was trained on `base` in float16; `about` says how, from what, and how well."""
    _keep(model.encoder, folder, base, about, _heads(model))


def save_reranker(model: RankModel, folder: Path, base: Path, about: dict[str, Any]) -> None:
    """Write what was trained on the decoder in `base` in float16; `about` as for the reader."""
    _keep(model.decoder, folder, base, about, _heads(model))


def save_writer(model: Any, folder: Path, base: Path, about: dict[str, Any]) -> None:
    """Write a language model's adapter in float16; `base`: the model's folder; `about` as for the reader."""
    _keep(model, folder, base, about, {})


def save_router(adapted: Any, folder: Path, base: Path, about: dict[str, Any]) -> None:
    """Write what was trained on the encoder in `base` in float16; `about` as for the reader."""
    _keep(adapted, folder, base, about, {})


def save_common(direction: Vectors, folder: Path, learnt: dict[str, Any]) -> None:
    """Put into a router's skill the direction (D,) in which common knowledge lies for it; `learnt`: from what."""
    about = _manifest(folder)
    save_file({"direction": torch.tensor(direction).half().contiguous()}, folder / COMMON)
    base = about.pop("base")
    _note(folder, base, about | {"common": learnt})


def save_retriever(turn: Vectors, folder: Path, base: str, about: dict[str, Any]) -> None:
    """Write a matrix learnt for the encoder of that identity in float16; `about` as for the reader."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"turn": torch.tensor(turn).half().contiguous()}, folder / TURN)
    _note(folder, base, about)


def _keep(adapted: Any, folder: Path, base: Path, about: dict[str, Any], heads: dict[str, torch.Tensor]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    adapter_file.save(adapted, folder)
    if heads:
        save_file(heads, folder / HEADS)
    _note(folder, model_store.identity(base), about)


def _note(folder: Path, base: str, about: dict[str, Any]) -> None:
    sums = {
        path.name: {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
        for path in sorted(folder.iterdir())
        if path.suffix in (".safetensors", ".json") and path.name != model_store.MANIFEST
    }
    manifest = about | {"format": FORMAT, "base": base, "files": sums}
    (folder / model_store.MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")


def load_reader(
    models_folder: Path, folder: Path, *, trained_on: bool = False, words: torch.nn.Embedding | None = None
) -> tuple[SpanModel, str]:
    """The embedded encoder with a reader's (or the matcher's) skill folded into its weights, and the skill's identity.

    Args:
        trained_on: leave the skill beside the weights, to be trained further.
        words: another encoder's word embeddings; used instead of an own copy where they are the same.

    Raises ModelError: the skill is altered, or was made for another base.
    """
    base = _base_of(folder, ENCODER, models_folder)
    model = SpanModel.load(base)
    model.encoder = _adapted(model.encoder, folder, trained_on)
    _put(model, load_file(folder / HEADS))
    own = model.encoder.get_input_embeddings()
    if words is not None and _same(words.weight, own.weight):
        model.encoder.set_input_embeddings(SharedWords(words))
    return model.eval(), model_store.identity(folder)


def _same(words: torch.Tensor, own: torch.Tensor) -> bool:
    """Whether two tables (N, D) hold the same numbers, of whatever width; compared in parts, as they are large."""
    parts = (slice(start, start + ROWS) for start in range(0, len(own), ROWS))
    return words.shape == own.shape and all(torch.equal(words[part].float(), own[part].float()) for part in parts)


def load_reranker(models_folder: Path, folder: Path, *, trained_on: bool = False) -> tuple[RankModel, str]:
    """The embedded decoder with the reranker's skill folded into its weights, and the skill's identity.

    Args:
        trained_on: leave the skill beside the weights, to be trained further.

    Raises ModelError: the skill is altered, or was made for another base.
    """
    base = _base_of(folder, DECODER, models_folder)
    model = RankModel.load(base, number_type())
    model.decoder = _adapted(model.decoder, folder, trained_on)
    _put(model, load_file(folder / HEADS))
    return model.eval(), model_store.identity(folder)


def writer(models_folder: Path) -> Path:
    """The folder of the shipped writer's adapter for the embedded language model, once it is found to be whole.

    Raises ModelError: it is altered, or was made for another base.
    """
    _base_of(WRITER, LANGUAGE_MODEL, models_folder)
    return WRITER


def load_router(encoder: Encoder, folder: Path = ROUTER) -> Encoder:
    """The encoder for routing: that one with the skill; itself where the skill was made for another.

    Raises ModelError: the skill is altered.
    """
    return encoder.with_skill(folder) if _manifest(folder)["base"] == encoder.identity else encoder


def load_common(encoder: str, folder: Path = ROUTER) -> Vectors | None:
    """The direction (D,), float32, in which common knowledge lies for the encoder with the router's skill; None where
    the skill was made for another than the encoder of this identity.

    Raises ModelError: the skill is altered.
    """
    if _manifest(folder)["base"] != encoder:
        return None
    return np.asarray(load_file(folder / COMMON)["direction"].float().numpy(), np.float32)


def load_retriever(encoder: str, folder: Path = RETRIEVER) -> Vectors | None:
    """The matrix (D, D), float32; None where it was learnt for another encoder than that of this identity.

    Raises ModelError: the skill is altered.
    """
    if _manifest(folder)["base"] != encoder:
        return None
    return np.asarray(load_file(folder / TURN)["turn"].float().numpy(), np.float32)


def _manifest(folder: Path) -> dict[str, Any]:
    """A skill's manifest, once its files are found as it says."""
    try:
        manifest: dict[str, Any] = json.loads((folder / model_store.MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError("not_a_skill", f"{folder} holds no skill.", folder=str(folder)) from error
    if altered := model_store.verify(folder):
        raise ModelError(
            "skill_altered",
            f"The skill {folder.name} is not as it was made ({altered}). Install it again.",
            skill=folder.name,
            file=altered,
        )
    return manifest


def _base_of(folder: Path, pin: Pin, models_folder: Path) -> Path:
    """The embedded model that a skill was trained on. Raises ModelError: it was another, or the skill is altered."""
    base = Path(model_store.resolve(EMBEDDED, pin, models_folder))
    if _manifest(folder)["base"] != model_store.identity(base):
        raise ModelError(
            "skill_wrong_base",
            f"The skill {folder.name} was trained on another model than the one prepared. Run: madoguchi models",
            skill=folder.name,
        )
    return base


def _adapted(model: Any, folder: Path, trained_on: bool) -> Any:
    """A model with the skill folded into its weights or, to be `trained_on`, beside them."""
    from peft import PeftModel

    adapted = PeftModel.from_pretrained(model, str(folder), is_trainable=trained_on)
    return adapted if trained_on else adapted.merge_and_unload()


def _heads(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {
        name: weight.detach().half().contiguous()
        for name, weight in model.named_parameters()
        if name.startswith(("span.", "gate.", "head."))
    }


def _put(model: torch.nn.Module, weights: dict[str, torch.Tensor]) -> None:
    with torch.no_grad():
        for name, weight in weights.items():
            model.get_parameter(name).copy_(weight)
