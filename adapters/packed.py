"""Linear layers whose weights lie as the processor multiplies them, for models that are only asked.

oneDNN else lays them out anew in every call, which takes about as long as the multiplication itself for the dozen
tokens of a question. The results are the same to the last bit where bfloat16 is calculated.
"""

from typing import Any

import torch
from torch import Tensor, nn

LIKELY = 16  # rows of a product that the layout is chosen for: a question's tokens


class PackedLinear(nn.Module):
    """A linear layer that cannot be trained."""

    def __init__(self, linear: nn.Linear, dtype: torch.dtype | None) -> None:
        super().__init__()
        weight = linear.weight.detach().to(dtype or linear.weight.dtype).contiguous()
        self.weight = torch.ops.mkldnn._reorder_linear_weight(weight, LIKELY)  # opaque (out, in)
        self.bias = None if linear.bias is None else linear.bias.detach().to(weight.dtype)

    def forward(self, given: Tensor) -> Tensor:
        """(…, in) to (…, out), in the weight's number type."""
        asked = given.to(self.weight.dtype)
        made: Tensor = torch.ops.mkldnn._linear_pointwise(asked, self.weight, self.bias, "none", [], "")
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> nn.Linear:
        """An ordinary layer: who copies a model means to change it."""
        weight = self.weight.to_dense()
        plain = nn.Linear(weight.shape[1], weight.shape[0], self.bias is not None, dtype=weight.dtype)
        plain.weight = nn.Parameter(weight, requires_grad=False)
        if self.bias is not None:
            plain.bias = nn.Parameter(self.bias.clone(), requires_grad=False)
        return plain


def pack(model: nn.Module, dtype: torch.dtype | None = None) -> None:
    """Replace the linear layers within a model; nothing where torch has no oneDNN.

    Args:
        dtype: what they calculate in; None: as they are.
    """
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return
    for name, part in list(model.named_children()):
        if type(part) is nn.Linear:
            setattr(model, name, PackedLinear(part, dtype))
        else:
            pack(part, dtype)
