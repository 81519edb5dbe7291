"""Turns an embedded language model's GGUF file into a plain safetensors folder.

transformers reads GGUF but keeps a quantiser attached that refuses saving; it is detached here, once.
"""

import os
from pathlib import Path
from typing import Any


def save(source: Path, target: Path) -> None:
    """Write `target`: config, weights in bfloat16, tokenizer with its chat template."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder, name = os.path.split(source)
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    model: Any = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
    model.hf_quantizer = None
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.to(torch.bfloat16).save_pretrained(target)
    tokenizer.save_pretrained(target)
