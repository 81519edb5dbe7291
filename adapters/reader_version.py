"""A department's reader on disk: plain LoRA beside the skill it was trained on, its folder named by its content's hash.

The heads stay the skill's. A folder is checked before anything of it is loaded, and never changed once it is there.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from adapters import adapter_file, model_store
from adapters.adapter_file import refused
from adapters.reader_training import Method
from adapters.spans import SpanModel

FORMAT = 1
FULL_WEIGHTS = "model.safetensors"


def save(model: SpanModel, method: Method, folder: Path, about: dict[str, Any]) -> int:
    """Write what was trained, in float16, with `about` (skill, settings, scores). Returns the weights' bytes."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    if method == "full":
        trained = {n: w.detach().half().contiguous() for n, w in model.encoder.named_parameters() if w.requires_grad}
        save_file(trained, folder / FULL_WEIGHTS)
    else:
        model.encoder.half().save_pretrained(folder)
        (folder / "README.md").unlink(missing_ok=True)  # PEFT's empty one
    sums: dict[str, dict[str, Any]] = {
        path.name: {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
        for path in sorted(folder.iterdir())
    }
    manifest = {"format": FORMAT, "part": "reader", "method": method, "files": sums} | about
    (folder / model_store.MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return sum(int(entry["bytes"]) for name, entry in sums.items() if name.endswith(".safetensors"))


def keep(made: Path, versions: Path) -> str:
    """Move a finished folder among a department's versions; its name there, the hash of its content, is returned.

    The move is one rename: the version is there whole or not at all.
    """
    name = model_store.identity(made)
    versions.mkdir(parents=True, exist_ok=True)
    if (versions / name).exists():
        shutil.rmtree(made)
    else:
        os.replace(made, versions / name)
    return name


def about(folder: Path) -> dict[str, Any]:
    """What a version says of itself. Raises AdapterError."""
    try:
        manifest = json.loads((folder / model_store.MANIFEST).read_text("utf-8"))
        if manifest["format"] > FORMAT or manifest["part"] != "reader":
            raise refused("adapter_damaged", folder, "it is of a later release")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise refused("adapter_damaged", folder, "its manifest cannot be read") from error
    return dict(manifest)


def check(folder: Path, skill: str, hidden_size: int) -> None:
    """Raise AdapterError unless `folder` is a version as it was made, of plain LoRA, trained on the skill `skill`."""
    if folder.is_symlink():
        raise refused("adapter_unsafe", folder, "it is a link")
    said = about(folder)
    if said["method"] != "lora":
        raise refused("adapter_not_lora", folder, "only plain LoRA is served")
    adapter_file.check(folder, hidden_size)
    try:
        altered = model_store.verify(folder)
        name = model_store.identity(folder)
    except (KeyError, TypeError, AttributeError) as error:
        raise refused("adapter_damaged", folder, "its manifest cannot be read") from error
    if altered or name != folder.name or set(said["files"]) != _files(folder):
        raise refused("adapter_damaged", folder, "it is not as it was made")
    if said["skill"] != skill:
        raise refused("adapter_wrong_base", folder, "it was trained on another reader; train it again")


def wear(model: SpanModel, folder: Path, name: str, *, trainable: bool = False) -> None:
    """Load a checked version beside the model's weights, under a name. Raises AdapterError where it does not fit."""
    from peft import PeftModel

    try:
        if isinstance(model.encoder, PeftModel):
            model.encoder.load_adapter(str(folder), adapter_name=name, is_trainable=trainable)
        else:
            model.encoder = PeftModel.from_pretrained(model.encoder, str(folder), name, is_trainable=trainable)
    except (RuntimeError, ValueError, KeyError) as error:
        if isinstance(model.encoder, PeftModel) and name in model.encoder.peft_config:
            model.encoder.delete_adapter(name)
        raise refused("adapter_wrong_base", folder, "its weights do not fit the reader") from error
    if not trainable:
        model.eval()


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name != model_store.MANIFEST}
