"""The sentence encoder of retrieval and routing: texts in, normalised vectors out.

Its weights never change: what carries the router's skill is another one, which shares the word embeddings.
"""

import copy
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from adapters import model_store
from adapters.errors import ModelError
from adapters.pins import ENCODER
from adapters.turns import Turns

BATCH, CHARACTERS = 16, 800  # at most in one go, so that no question waits for more than about one passage
REMEMBERED = 4000  # questions, the sentences that ship among them: 6 MB


class Encoder:
    """A loaded encoder. Safe to call from several threads; those that must embed take turns, questions first."""

    def __init__(self, model: "SentenceTransformer", identity: str) -> None:  # type: ignore[name-defined]  # noqa: F821
        self._model = model.eval()
        self._turns = Turns()
        self._tokenizing = threading.Lock()  # each call tells the one tokenizer anew whether to cut and fill up
        self._questions: dict[str, NDArray[np.float32]] = {}  # the newest last
        self.identity = identity
        self.dimension = int(model.get_embedding_dimension() or 0)

    @classmethod
    def load(cls, spec: str, models_folder: Path, threads: int = 1) -> "Encoder":
        """Load the encoder of a setting ('embedded', a folder or a hub id). Raises ModelError."""
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        from adapters.packed import pack
        from adapters.processor import number_type

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # a server's log is no place for it

        place = model_store.resolve(spec, ENCODER, models_folder)
        torch.set_num_threads(threads)
        dtype = number_type()
        try:
            model = SentenceTransformer(
                place,
                device="cpu",
                model_kwargs={"dtype": dtype, "use_safetensors": True},
                trust_remote_code=False,
            )
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise ModelError(
                "not_a_model", f"{place} cannot be loaded as a sentence encoder: {error}", path=place
            ) from error
        pack(model)
        folder = Path(place)
        return cls(model, model_store.identity(folder) if folder.is_dir() else place)

    def with_skill(self, skill: Path) -> "Encoder":
        """Another encoder: this one with the low-rank changes in that folder folded into its weights. The frozen word
        embeddings, four fifths of the weights, are the same object.
        """
        from peft import PeftModel

        from adapters.packed import pack

        words = self.word_embeddings
        model = copy.deepcopy(self._model, {id(words): words})
        adapted = PeftModel.from_pretrained(model[0].model, str(skill))
        model[0].model = adapted.merge_and_unload()
        pack(model)
        return Encoder(model, f"{self.identity}-{model_store.identity(skill)}")

    def encode(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """Vectors (N, D), float32, length 1. `query`: the texts are questions, not passages.

        Questions are remembered: routing and search ask the same one, and a router is fitted on the same ones again.
        """
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        if not query:
            vectors = np.empty((len(texts), self.dimension), np.float32)
            for part in _parts(texts):
                with self._turns.later():
                    vectors[part] = self._embed([texts[at] for at in part], query=False)
            return vectors
        found = self._remembered(texts)
        if found is None:  # only then wait for those who are being served
            with self._turns.first():
                missing = [text for text in dict.fromkeys(texts) if text not in self._questions]
                fresh: dict[str, NDArray[np.float32]] = {}
                for part in _parts(missing):
                    some = [missing[at] for at in part]
                    fresh |= dict(zip(some, self._embed(some, query=True), strict=True))
                found = np.stack([fresh[text] if text in fresh else self._questions[text] for text in texts])
                self._keep(fresh)
        return found

    def remember(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Take the vectors (N, D) of questions that this very encoder once gave."""
        with self._turns.first():
            self._keep(dict(zip(texts, vectors, strict=True)))

    def _keep(self, fresh: dict[str, NDArray[np.float32]]) -> None:
        self._questions |= fresh
        for text in list(self._questions)[:-REMEMBERED]:
            del self._questions[text]

    def _remembered(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        found = [vector for text in texts if (vector := self._questions.get(text)) is not None]
        return np.stack(found) if len(found) == len(texts) else None

    def _embed(self, texts: Sequence[str], *, query: bool) -> NDArray[np.float32]:
        """Without `SentenceTransformer.encode`, which takes a fifth of a question's time to prepare itself."""
        import torch

        with self._tokenizing:
            tokens = self._model.preprocess(list(texts), prompt=self._prompt(query))
        with torch.inference_mode():
            vectors = self._model(tokens)["sentence_embedding"]
        wide = vectors.float().numpy()  # (N, D); normalised here, bfloat16 is too coarse for it
        lengths = np.linalg.norm(wide, axis=1, keepdims=True)  # (N, 1)
        return np.asarray(wide / np.maximum(lengths, 1e-12), np.float32)

    @property
    def word_embeddings(self) -> "torch.nn.Embedding":  # type: ignore[name-defined]  # noqa: F821
        """The frozen table of its tokens, which is four fifths of its weights; the reader may share it."""
        return self._model[0].auto_model.get_input_embeddings()

    def _prompt(self, query: bool) -> str | None:
        wanted = ("query",) if query else ("passage", "document")
        return next((prompt for name in wanted if (prompt := self._model.prompts.get(name))), None)

    def count_tokens(self, text: str) -> int:
        """How many of the encoder's tokens a text is, special ones left out."""
        return len(self._tokens(text))

    def pieces(self, text: str) -> tuple[int, int]:
        """How many tokens a text is, and how many of them the encoder does not know."""
        ids = self._tokens(text)
        return len(ids), ids.count(self._model.tokenizer.unk_token_id)

    def _tokens(self, text: str) -> list[int]:
        with self._tokenizing:
            return list(self._model.tokenizer.encode(text, add_special_tokens=False, verbose=False))


def _parts(texts: Sequence[str]) -> Iterator[list[int]]:
    """Which texts are embedded together: those of like length, for each is filled up to the longest of its part."""
    part: list[int] = []
    size = 0
    for at in sorted(range(len(texts)), key=lambda at: len(texts[at])):
        if part and (len(part) == BATCH or size + len(texts[at]) > CHARACTERS):
            yield part
            part, size = [], 0
        part.append(at)
        size += len(texts[at])
    if part:
        yield part
