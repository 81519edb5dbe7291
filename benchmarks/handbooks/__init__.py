"""Two real handbooks and forty questions about each, thirty of which they answer, written before anything was asked.

The handbooks are outside data and not here: `18f.jsonl` and `ja.jsonl` hold the questions in the format of
`examples/QUESTIONS.md`, `18f.toml` and `ja.toml` the department that a handbook is taken into. Nothing of the product
may be chosen by what comes out.
"""

from dataclasses import dataclass
from pathlib import Path

from adapters.questions import Question, read_questions

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Handbook:
    """A handbook: its name here, and its folder in the outside data."""

    name: str
    folder: str

    @property
    def department(self) -> Path:
        """The file that describes its department."""
        return HERE / f"{self.name}.toml"

    def questions(self) -> list[Question]:
        """All forty."""
        return read_questions(HERE / f"{self.name}.jsonl")

    def files(self, data: Path) -> list[Path]:
        """Its files, in order. Raises FileNotFoundError where the outside data has none."""
        found = sorted(path for path in (data / self.folder).rglob("*") if path.is_file() and path.name != "SOURCE")
        if not found:
            raise FileNotFoundError(f"{data / self.folder} holds no files; --data is the folder of the outside data.")
        return found


HANDBOOKS = {book.name: book for book in (Handbook("18f", "18f-handbook"), Handbook("ja", "ja-employee-handbook"))}
