"""A department's reader in a version's folder: plain LoRA beside the skill it was trained on, whose heads stay."""

from pathlib import Path
from typing import Any

from adapters import adapter_file, version_folder
from adapters.adapter_file import refused
from adapters.reader_training import Method
from adapters.spans import SpanModel

FULL_WEIGHTS = "model.safetensors"


def save(model: SpanModel, method: Method, folder: Path, about: dict[str, Any], beside: Path | None = None) -> int:
    """Write what was trained, in float16, with `about` (skill, settings, scores). Returns the weights' bytes.

    Args:
        beside: an earlier version whose writer the new one takes over.
    """
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    if method == "full":
        trained = {n: w.detach().half().contiguous() for n, w in model.encoder.named_parameters() if w.requires_grad}
        save_file(trained, folder / FULL_WEIGHTS)
    else:
        adapter_file.save(model.encoder, folder)
    carried = version_folder.carry(beside, "writer", folder)
    return version_folder.note(folder, {"method": method} | about | carried)


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
