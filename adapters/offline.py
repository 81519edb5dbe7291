"""Switches that keep the libraries from the network; importing this module sets them.

They are read when transformers, huggingface_hub and gradio are imported, so this comes before any of these.
`MADOGUCHI_ALLOW_HUB=1` lets models be fetched; telemetry stays off all the same.
"""

import os
import warnings

TELEMETRY_OFF = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
}
QUIET = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
}
HUB_OFF = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


def hub_allowed() -> bool:
    """Whether an administrator lets models come from a hub."""
    return os.environ.get("MADOGUCHI_ALLOW_HUB", "").lower() in ("1", "true", "yes")


def apply() -> None:
    """Set the switches in this process and its children."""
    os.environ.update(TELEMETRY_OFF)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    # PEFT still asks transformers for it by the old name; nobody at a terminal can do anything about that
    warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated", category=FutureWarning)
    if not hub_allowed():
        os.environ.update(HUB_OFF)


apply()
