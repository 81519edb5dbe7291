"""Reading many passages at once: cut into windows, like lengths in one batch, put back in their order."""

from collections.abc import Sequence

from adapters.spans import Marking, SpanModel
from adapters.training import precision

BATCH = 4  # windows a pass, like lengths together: with 16 half of the tokens were padding


def mark(
    model: SpanModel, asked: Sequence[tuple[str, str, str]], adapters: Sequence[str] | None = None
) -> list[list[Marking]]:
    """For each (question, heading, passage) what is marked in its windows, in their order.

    Args:
        adapters: each one's, by the name it was loaded under; None: the model has none.
    """
    where = next(model.parameters()).device
    cut = [
        (n, window)
        for n, (question, heading, passage) in enumerate(asked)
        for window in model.windows(question, passage, heading=heading)
    ]
    made: dict[int, Marking] = {}
    order = sorted(range(len(cut)), key=lambda i: len(cut[i][1].ids))  # like lengths together: little padding
    for at in range(0, len(order), BATCH):
        part = order[at : at + BATCH]
        with precision(where):
            worn = None if adapters is None else [adapters[cut[i][0]] for i in part]
            made |= dict(zip(part, model.mark([cut[i][1] for i in part], where, worn), strict=True))
    found: list[list[Marking]] = [[] for _ in asked]
    for i, (n, _) in enumerate(cut):
        found[n].append(made[i])
    return found
