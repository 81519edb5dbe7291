"""A reader between two of its trainings: `python -m benchmarks.blend_readers BEFORE AFTER --share 0.25 --out FOLDER`.

Each weight is changed by `share` of what BEFORE changed in it and the rest of what AFTER did (Wortsman et al. 2022,
'Robust fine-tuning of zero-shot models'), as near as the rank of AFTER's diff allows (truncated singular values). What
a later training won on its own kind of text is kept, and part of what it lost elsewhere comes back; nothing is trained.
Prints the largest share of a weight's change that the rank cut off.
"""

import argparse
from pathlib import Path
from typing import Any

import torch

from adapters import offline as offline
from adapters.skills import load_reader, save_reader
from adapters.spans import SpanModel
from assistant.settings import Settings


def diffs(model: SpanModel) -> dict[str, Any]:
    """The low-rank layers of a skill that lies beside its encoder's weights, by name."""
    return {name: layer for name, layer in model.encoder.named_modules() if hasattr(layer, "lora_A")}


@torch.no_grad()
def blend(before: SpanModel, after: SpanModel, share: float) -> float:
    """Turn `after` into the reader between the two; gives the largest share of a change that was cut off."""
    earlier, cut = diffs(before), 0.0
    for name, layer in diffs(after).items():
        old = earlier[name]
        a, b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
        scale = old.scaling["default"] / layer.scaling["default"]
        change = share * scale * old.lora_B["default"].weight @ old.lora_A["default"].weight + (1 - share) * b @ a
        left, sizes, right = torch.linalg.svd(change, full_matrices=False)
        rank = len(a)
        cut = max(cut, float(sizes[rank:].square().sum() / sizes.square().sum()))
        root = sizes[:rank].sqrt()
        b.copy_(left[:, :rank] * root)
        a.copy_(root[:, None] * right[:rank])
    for mine, theirs in ((after.span, before.span), (after.gate, before.gate)):
        for weight, other in zip(mine.parameters(), theirs.parameters(), strict=True):
            weight.lerp_(other, share)
    return cut


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="the skill of an earlier training")
    parser.add_argument("after", type=Path, help="the skill of a later one")
    parser.add_argument("--share", type=float, required=True, help="of the earlier one, 0 to 1")
    parser.add_argument("--out", type=Path, required=True, help="write the skill here")
    given = parser.parse_args()
    models = Settings().models_folder
    (before, first), (after, second) = (load_reader(models, at, trained_on=True) for at in (given.before, given.after))
    cut = blend(before, after, given.share)
    about = {
        "licence": "CC BY-SA 4.0",
        "training": {"method": "lora", "blended": {"share": given.share, "before": first, "after": second}},
    }
    save_reader(after, given.out, models / "multilingual-e5-small", about)
    print(f"{given.out}: {given.share} of {first}, the rest of {second}; at most {cut:.2%} of a change cut off")


if __name__ == "__main__":
    main()
