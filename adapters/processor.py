"""What the processor does well."""

import platform
from functools import cache

import torch


@cache
def number_type() -> torch.dtype:
    """bfloat16 where the processor calculates it itself, else float32.

    Where it is only imitated (AVX-512 without its bfloat16 part) it takes four times as long as float32; torch calls
    both supported.
    """
    if not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return torch.float32
    imitated = platform.machine() in ("x86_64", "AMD64") and not (
        torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    )
    return torch.float32 if imitated else torch.bfloat16
