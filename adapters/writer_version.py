"""A department's writer in a version's folder: plain LoRA on the language model, beginning as the shipped writer's."""

from pathlib import Path
from typing import Any

from adapters import adapter_file, version_folder


def save(model: Any, folder: Path, about: dict[str, Any], beside: Path | None = None) -> int:
    """Write what was trained, in float16, with `about` (language model, settings). Returns the weights' bytes.

    Args:
        beside: an earlier version whose reader the new one takes over.
    """
    place = version_folder.place(folder, "writer")
    place.mkdir(parents=True)
    adapter_file.save(model, place)
    carried = version_folder.carry(beside, "reader", folder)
    return version_folder.note(folder, {"method": "lora"} | about | carried)
