"""The rules of the house that a reader may rely on when he opens any file."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = {"adapters": {"adapters"}, "index": {"index"}, "assistant": {"assistant", "adapters", "index"}}
VAGUE = {"utils", "helpers", "common", "manager", "misc"}


def sources(room: str) -> Iterator[tuple[Path, ast.Module, list[str]]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        yield path.relative_to(ROOT), ast.parse(text), text.splitlines()


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_imports_up_or_across(room: str) -> None:
    wrong = []
    for path, tree, _ in sources(room):
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            tops = {name.split(".")[0] for name in names} & (set(ROOMS) | {"app", "benchmarks", "tests"})
            wrong += [f"{path}: {top}" for top in tops - ROOMS[room]]
    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_broad_excepts_stand_at_borders_only_and_say_which(room: str) -> None:
    wrong = []
    for path, tree, lines in sources(room):
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                bare = node.type is None
                broad = isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
                if bare or (broad and "# border: " not in lines[node.lineno - 1]):
                    wrong.append(f"{path}:{node.lineno}")
    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_product_code_relies_on_assert(room: str) -> None:
    found = [f"{p}:{n.lineno}" for p, tree, _ in sources(room) for n in ast.walk(tree) if isinstance(n, ast.Assert)]
    assert found == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_says_what_it_is_for(room: str) -> None:
    assert [str(path) for path, tree, _ in sources(room) if not ast.get_docstring(tree)] == []


def recorded_actions() -> Iterator[tuple[str, str]]:
    """(place, action) of every `change.record(…)`; the action is written there, or chosen among words above it."""
    for path, tree, _ in sources("assistant"):
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef):
                continue
            chosen = {
                target.id: assigned.value
                for assigned in ast.walk(node)
                if isinstance(assigned, ast.Assign)
                for target in assigned.targets
                if isinstance(target, ast.Name)
            }
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "change.record":
                    value = call.args[0]
                    value = chosen.get(value.id, value) if isinstance(value, ast.Name) else value
                    options = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
                    for option in options:
                        yield f"{path}:{call.lineno}", str(option.value) if isinstance(option, ast.Constant) else "?"


def test_every_audited_action_has_its_name_under_action_in_the_texts() -> None:
    recorded = list(recorded_actions())
    for language in ("en", "ja"):
        texts = tomllib.loads((ROOT / "assistant" / "texts" / f"{language}.toml").read_text(encoding="utf-8"))
        nameless = [place for place, action in recorded if action not in texts["action"]]
        assert nameless == [], language
        assert set(texts["action"]) == {action for _, action in recorded}


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [str(p) for room in ROOMS for p in (ROOT / room).rglob("*.py") if p.stem in VAGUE] == []


def test_migrations_are_one_chain_by_their_numbers() -> None:
    chain = []
    for path in sorted((ROOT / "assistant" / "migrations" / "versions").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        set_ = {ast.unparse(n.targets[0]): ast.literal_eval(n.value) for n in tree.body if isinstance(n, ast.Assign)}
        chain.append((path.name[:4], set_["revision"], set_["down_revision"]))
    numbers = [f"{n:04}" for n in range(1, len(chain) + 1)]
    assert chain == [(n, n, before) for n, before in zip(numbers, [None, *numbers], strict=False)]


def test_the_door_stays_small() -> None:
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) < 80


def test_migrations_are_one_chain_in_the_order_of_their_numbers() -> None:
    folder = ROOT / "assistant" / "migrations" / "versions"
    told = [
        dict(re.findall(r'^(\w+) = "(\d+)"', path.read_text("utf-8"), re.M)) for path in sorted(folder.glob("*.py"))
    ]
    numbers = [f"{number:04d}" for number in range(1, len(told) + 1)]
    assert [one["revision"] for one in told] == [path.name[:4] for path in sorted(folder.glob("*.py"))] == numbers
    assert [one.get("down_revision") for one in told] == [None, *numbers[:-1]]
