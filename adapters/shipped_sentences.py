"""The vectors of the sentences that ship: the same at every start and seconds to make, so they lie beside the models.

They are what the router holds against every department and what search takes a language's part from. A file is checked
by its hash; one that is altered, or that another encoder or processor made, is made anew.
"""

import hashlib
import json
import logging
import os
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from adapters.encoder import Encoder
from adapters.processor import number_type
from adapters.router import background
from adapters.search_encoder import translations

FOLDER = "sentences"  # in that of the models
log = logging.getLogger(__name__)


def shipped() -> list[str]:
    """All of them."""
    return list(dict.fromkeys([*background(), *(text for pair in translations() for text in pair)]))


def recall(encoder: Encoder, models_folder: Path) -> None:
    """Let an encoder remember them from disk, or make them and keep them there for the next start."""
    texts = shipped()
    made_of = json.dumps([encoder.identity, str(number_type()), texts])
    file = models_folder / FOLDER / f"{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.safetensors"
    vectors = _kept(file, (len(texts), encoder.dimension))
    if vectors is not None:
        encoder.remember(texts, vectors)
        return
    vectors = encoder.encode(texts, query=True)
    try:
        _keep(file, vectors)
    except OSError as error:  # a folder that only others may write to, or a full disk
        log.warning("the vectors of the shipped sentences are made anew at each start: %s", error)


def _kept(file: Path, shape: tuple[int, int]) -> NDArray[np.float32] | None:
    """(N, D); None where there is no file, or it is not as it was made."""
    if not file.is_file():
        return None
    try:
        with safe_open(file, "pt") as opened:
            vectors = np.asarray(opened.get_tensor("vectors").numpy(), np.float32)
            told = (opened.metadata() or {}).get("sha256")
    except (SafetensorError, OSError):
        return None
    return vectors if vectors.shape == shape and told == _sum(vectors) else None


def _keep(file: Path, vectors: NDArray[np.float32]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f".{file.name}.{os.getpid()}")
    save_file({"vectors": torch.from_numpy(vectors)}, half, metadata={"sha256": _sum(vectors)})
    os.replace(half, file)  # whole or not at all, whoever else makes it now


def _sum(vectors: NDArray[np.float32]) -> str:
    return hashlib.sha256(vectors.tobytes()).hexdigest()
