"""A department's version on disk: a folder named by its content's hash, with what was trained of each part.

The reader's weights lie in the folder itself, the writer's in `writer/`. A folder is checked before anything of it is
loaded, and never changed once it is there.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, Literal

from adapters import adapter_file, model_store
from adapters.adapter_file import refused

Part = Literal["reader", "writer"]
FORMAT = 2
BASE: dict[Part, str] = {"reader": "skill", "writer": "language_model"}  # what the manifest calls what it was made for
WRITER = "writer"  # the writer's folder in a version's


def place(folder: Path, part: Part) -> Path:
    """Where in a version's folder a part's weights lie."""
    return folder / WRITER if part == "writer" else folder


def carry(start: Path | None, part: Part, folder: Path) -> dict[str, Any]:
    """Copy a part of an earlier version into a new one; what the manifest must say of it. Nothing where it has none."""
    if start is None or part not in about(start)["parts"]:
        return {}
    for path in place(start, part).iterdir():
        if path.is_file() and path.name != model_store.MANIFEST:
            place(folder, part).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place(folder, part) / path.name)
    return {BASE[part]: about(start)[BASE[part]]}


def note(folder: Path, about: dict[str, Any]) -> int:
    """Write the manifest of a finished folder. Returns the weights' bytes."""
    parts = [part for part in BASE if any(path.is_file() for path in place(folder, part).glob("*"))]
    contents = {name: (folder / name).read_bytes() for name in sorted(_files(folder))}
    sums = {name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in contents.items()}
    manifest = {"format": FORMAT, "parts": parts, "files": sums} | about
    (folder / model_store.MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return sum(len(data) for name, data in contents.items() if name.endswith(".safetensors"))


def keep(made: Path, versions: Path) -> str:
    """Copy a finished folder among a department's versions; its name there, the hash of its content, is returned.

    The version is there whole or not at all, and `made` until its owner has noted the version and removes it.
    """
    name = model_store.identity(made)
    if not (versions / name).exists():
        half = versions / f".{name}"
        shutil.rmtree(half, ignore_errors=True)  # of a crash, or a full disk
        half.mkdir(parents=True)
        for path in sorted(made.rglob("*")):
            beside = half / path.relative_to(made)
            beside.mkdir() if path.is_dir() else shutil.copyfile(path, beside)
        os.replace(half, versions / name)
    return name


def about(folder: Path) -> dict[str, Any]:
    """What a version says of itself; `parts` says which it holds. Raises AdapterError."""
    try:
        manifest: dict[str, Any] = json.loads((folder / model_store.MANIFEST).read_text("utf-8"))
        if manifest["format"] > FORMAT:
            raise refused("adapter_damaged", folder, "it is of a later release")
        parts = manifest["parts"] if manifest["format"] > 1 else [manifest["part"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise refused("adapter_damaged", folder, "its manifest cannot be read") from error
    return manifest | {"parts": parts}


def whole(folder: Path) -> dict[str, Any]:
    """What a version says of itself, once all of it is found as it was made. Raises AdapterError."""
    if folder.is_symlink():
        raise refused("adapter_unsafe", folder, "it is a link")
    said = about(folder)
    try:
        as_made = set(said["files"]) == _files(folder) and model_store.identity(folder) == folder.name
        altered = not as_made or model_store.verify(folder)
    except (KeyError, TypeError, AttributeError) as error:
        raise refused("adapter_damaged", folder, "its manifest cannot be read") from error
    if altered:
        raise refused("adapter_damaged", folder, "it is not as it was made")
    return said


def check(folder: Path, part: Part, base: str, hidden_size: int) -> None:
    """Raise AdapterError unless `folder` is a version as it was made, of plain LoRA, whose `part` was trained on `base`
    (the reader's skill, or the language model).
    """
    said = whole(folder)
    if said.get("method") != "lora" or part not in said["parts"]:
        raise refused("adapter_not_lora", folder, "only plain LoRA is served")
    adapter_file.check(place(folder, part), hidden_size)
    if said.get(BASE[part]) != base:
        raise refused("adapter_wrong_base", folder, f"it was trained on another {part}; train it again")


def _files(folder: Path) -> set[str]:
    """All that lies in a version's folder, by its path there, but the manifest and the writer's folder itself."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    own = folder / WRITER
    return found - {model_store.MANIFEST, *([WRITER] if own.is_dir() and not own.is_symlink() else [])}
