"""Every public function of the graph layer is reached by a property test, by itself or through what it serves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = ast.FunctionDef | ast.ClassDef


def trees(folder: Path) -> dict[str, ast.Module]:
    """The modules of a folder and of the folders in it, by their place under it."""
    return {
        path.relative_to(folder).with_suffix("").as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.py"))
    }


def named_in(node: ast.AST) -> set[str]:
    """Every name and attribute that is read in a piece of code."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} | {
        part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)
    }


def is_property(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and any("given" in named_in(mark) for mark in node.decorator_list)


def pieces(module: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """Functions, classes' methods and assignments of a module: what each is called, and what it names."""
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            yield node.name, {part for mark in (*node.decorator_list, *node.bases) for part in named_in(mark)}
            for inside in node.body:
                automatic = isinstance(inside, ast.FunctionDef) and inside.name.startswith("__")
                if isinstance(inside, ast.FunctionDef):
                    yield node.name if automatic else inside.name, named_in(inside)
        elif isinstance(node, ast.FunctionDef):
            yield node.name, named_in(node)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from ((name, named_in(node.value)) for name in named_in(target))
        elif isinstance(node, ast.AnnAssign) and node.value:
            yield from ((name, named_in(node.value)) for name in named_in(node.target))


def reached(product: dict[str, ast.Module], tests: dict[str, ast.Module]) -> set[str]:
    """Names that property tests lead to, by way of the tests' own functions and of the product's."""
    leads_to: dict[str, set[str]] = {}
    for module in (*product.values(), *tests.values()):
        for name, others in pieces(module):
            leads_to.setdefault(name, set()).update(others)
    found = {
        name for module in tests.values() for node in ast.walk(module) if is_property(node) for name in named_in(node)
    }
    queue = list(found)
    while queue:
        fresh = leads_to.get(queue.pop(), set()) - found
        found |= fresh
        queue.extend(fresh)
    return found


def public(module: ast.Module) -> Iterator[str]:
    """Functions of a module and methods of its classes that others may call."""
    for node in module.body:
        if isinstance(node, DEFINITIONS) and not node.name.startswith("_"):
            inner = node.body if isinstance(node, ast.ClassDef) else [node]
            yield from (one.name for one in inner if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"))


WITHOUT_INPUT = {"prepare"}
"""Compiles the engine ahead of its use: it takes nothing and decides nothing, so there is nothing to draw."""
GRAPH = trees(ROOT / "graph")
REACHED = reached(GRAPH, trees(ROOT / "tests" / "graph"))


@pytest.mark.parametrize("module", [name for name, tree in GRAPH.items() if any(public(tree))])
def test_every_public_function_of_the_graph_layer_is_reached_by_a_property_test(module):
    assert sorted(set(public(GRAPH[module])) - REACHED - WITHOUT_INPUT) == []


def test_a_function_that_only_an_example_uses_would_be_found():
    product = {"a": ast.parse("def used():\n    return inner()\ndef inner(): ...\ndef forgotten(): ...")}
    example = "def test_one():\n    forgotten()\n"
    tests = {"t": ast.parse(example + "@given(x=1)\ndef test_all(x):\n    used()\n")}
    assert set(public(product["a"])) - reached(product, tests) == {"forgotten"}
