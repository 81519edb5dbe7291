"""Parts of the way from question to answer that an evaluation can switch off, to see what each is worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from index import Mode


@dataclass(frozen=True)
class Variation:
    """Which parts take part. The product itself runs `FULL`."""

    routing: bool = True  # off: every department that may be seen is searched
    search: Mode = "hybrid"
    reader: bool = True  # off: whole passages are the evidence
    adapters: bool = True  # off: neither the skills nor a department's adapters
    writer: str | None = None  # who words the answer, if not as the settings say
    versions: Mapping[str, str | None] = field(default_factory=dict)  # tried instead of the live ones; None: the skills


FULL = Variation()
VARIATIONS: Mapping[str, Variation] = {
    "full": FULL,
    "no-routing": Variation(routing=False),
    "dense-only": Variation(search="dense"),
    "lexical-only": Variation(search="lexical"),
    "no-reader": Variation(reader=False),
    "no-adapter": Variation(adapters=False),
    "writer": Variation(writer="model"),
    "raw-writer": Variation(writer="raw"),
}
