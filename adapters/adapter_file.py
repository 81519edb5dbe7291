"""What an adapter's folder must be before anything of it is loaded.

Plain LoRA of rank 16 or less in safetensors: more than that mixed batches and vLLM refuse. It looks at files;
it never loads them into a model.
"""

import json
import re
from pathlib import Path
from typing import Any

from adapters.errors import AdapterError

MAX_RANK = 16
MAX_BYTES = 64 * 1024 * 1024
CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_QUERY = re.compile(r"\.(q_proj|query)\.lora_A")
PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt")


def check(folder: Path, hidden_size: int) -> None:
    """Raise AdapterError unless `folder` is an adapter that may answer beside others on this base."""
    if not folder.is_dir() or folder.is_symlink():
        raise refused("adapter_missing", folder, "it is not a folder")
    for path in folder.rglob("*"):
        if path.is_symlink() or path.suffix in PICKLES:
            raise refused("adapter_unsafe", folder, f"it holds {path.name}, which is never loaded")
    config = _config(folder)
    if config.get("peft_type") != "LORA" or config.get("use_dora") or config.get("bias", "none") != "none":
        raise refused("adapter_not_lora", folder, "only plain LoRA is served")
    if config.get("modules_to_save"):
        raise refused("adapter_not_lora", folder, "modules_to_save is not served")
    ranks = [config.get("r", 0), *config.get("rank_pattern", {}).values()]
    if not all(isinstance(rank, int) and 1 <= rank <= MAX_RANK for rank in ranks):
        raise refused("adapter_rank", folder, f"its rank must be 1 to {MAX_RANK}")
    _check_weights(folder, hidden_size)


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise refused("adapter_damaged", folder, f"{CONFIG} cannot be read") from error
    if not isinstance(config, dict):
        raise refused("adapter_damaged", folder, f"{CONFIG} is no JSON object")
    return config


def _check_weights(folder: Path, hidden_size: int) -> None:
    import torch
    from safetensors import SafetensorError, safe_open

    path = folder / WEIGHTS
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        raise refused("adapter_damaged", folder, f"{WEIGHTS} is missing or larger than {MAX_BYTES >> 20} MB")
    try:
        with safe_open(path, framework="pt") as file:
            names = list(file.keys())
            if not names or any("lora_" not in name for name in names):
                raise refused("adapter_not_lora", folder, "it holds weights that are not LoRA's")
            for name in names:
                tensor = file.get_tensor(name)
                if not torch.isfinite(tensor).all():
                    raise refused("adapter_damaged", folder, f"{name} is not finite")
                if _QUERY.search(name) and tensor.shape[1] != hidden_size:
                    raise refused("adapter_wrong_base", folder, "it was made for another base model")
    except SafetensorError as error:
        raise refused("adapter_damaged", folder, f"{WEIGHTS} cannot be read") from error


def save(model: Any, folder: Path) -> None:
    """Write what PEFT trained, in float16; of its base the name, since a path tells of the machine it was made on."""
    for config in getattr(model, "peft_config", {}).values():
        if config.base_model_name_or_path:
            config.base_model_name_or_path = Path(config.base_model_name_or_path).name
    model.half().save_pretrained(folder, save_embedding_layers=False)  # else it looks for the base on a hub
    (folder / "README.md").unlink(missing_ok=True)  # PEFT's empty one


def refused(code: str, folder: Path, why: str) -> AdapterError:
    return AdapterError(code, f"The adapter {folder.name} was refused: {why}.", adapter=folder.name, why=why)
