"""Deals the topic groups of `questions.jsonl` into splits: `python examples/split_questions.py`.

Groups that share a piece of evidence stay together, so nothing that answers a frozen question is trained on. The deal
depends on the groups' names only, not on how any version of the product answers. It also writes `frozen.sha256`, the
hash of the frozen split: it changes when anybody changes what everything is judged on.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import networkx

QUESTIONS = Path(__file__).parent / "questions.jsonl"
FROZEN_HASH = Path(__file__).parent / "frozen.sha256"
# twentieths of the groups of every department
DEAL = ("frozen", "train", "calibration") * 5 + ("frozen", "router", "regression", "router", "regression")


def digest(text: str) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def frozen_hash(lines: Iterable[str]) -> str:
    """The hash of the frozen split's lines, in their order."""
    return digest("\n".join(line for line in lines if json.loads(line)["split"] == "frozen"))


def deal(questions: list[dict[str, Any]]) -> dict[str, str]:
    """Group → split."""
    linked: networkx.Graph[str] = networkx.Graph()
    owner: dict[tuple[str, str], str] = {}
    for question in questions:
        linked.add_node(question["group"])
        for piece in question["evidence"]:
            first = owner.setdefault((piece["file"], piece["quote"]), question["group"])
            linked.add_edge(first, question["group"])
    clusters: defaultdict[str, list[list[str]]] = defaultdict(list)
    for cluster in networkx.connected_components(linked):
        names = sorted(cluster)
        # what belongs to no department is dealt by kind: none/hostile-007 → none/hostile
        clusters[names[0].split("-")[0] if names[0].startswith("none/") else names[0].split("/")[0]].append(names)
    splits: dict[str, str] = {}
    for dealt in clusters.values():
        for place, names in enumerate(sorted(dealt, key=lambda names: digest(names[0]))):
            splits |= dict.fromkeys(names, DEAL[place % len(DEAL)])
    return splits


def main() -> None:
    """Set every question's split and the frozen hash."""
    questions = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    splits = deal(questions)
    lines = [json.dumps(question | {"split": splits[question["group"]]}, ensure_ascii=False) for question in questions]
    QUESTIONS.write_text("\n".join(lines) + "\n", "utf-8")
    FROZEN_HASH.write_text(frozen_hash(lines) + "\n")


if __name__ == "__main__":
    main()
