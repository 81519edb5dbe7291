"""How long the embedded models take in bfloat16 and in float32 on this processor: `python -m benchmarks.number_types`.

One thread; processor seconds, the best of three.
"""

import time
from collections.abc import Callable

import torch
from transformers import AutoModel, AutoModelForCausalLM

from adapters.processor import number_type
from assistant.settings import Settings

PASSAGES, TOKENS = 16, 240
PROMPT = 300  # tokens
REPEATS = 3


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds, the best of some."""
    work()
    taken = []
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


def main() -> None:
    """Print a line a number type."""
    torch.set_num_threads(1)
    folder = Settings().models_folder
    passages = torch.randint(5, 1000, (PASSAGES, TOKENS))
    prompt = torch.randint(5, 1000, (1, PROMPT))
    print(f"chosen here: {number_type()}")
    with torch.inference_mode():
        for kind in (torch.bfloat16, torch.float32):
            encoder = AutoModel.from_pretrained(folder / "multilingual-e5-small", dtype=kind, add_pooling_layer=False)
            model = AutoModelForCausalLM.from_pretrained(folder / "SmolLM2-135M-Instruct", dtype=kind)
            embedding = seconds(lambda encoder=encoder: encoder(input_ids=passages))  # type: ignore[misc]
            reading = seconds(lambda model=model: model(input_ids=prompt))  # type: ignore[misc]
            print(f"{kind}: {PASSAGES} passages of {TOKENS} tokens {embedding:.2f} s, {PROMPT} read {reading:.2f} s")


if __name__ == "__main__":
    main()
