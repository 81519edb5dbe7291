"""The rules of the house that a reader may rely on when he opens any file."""

import ast
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


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [str(p) for room in ROOMS for p in (ROOT / room).rglob("*.py") if p.stem in VAGUE] == []


def test_the_door_stays_small() -> None:
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) < 80
