"""Which functions of the house ask the database, and which write: read from the source, call by call."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from tests.house.source import Module, modules, tree

# What asks and what writes by itself; everything else does what it calls does.
READS = frozenset({"scalar", "scalars", "execute", "get", "get_one", "stream"})
WRITES = frozenset({"add", "add_all", "delete", "flush", "merge", "commit"})
STATEMENTS_THAT_WRITE = frozenset({"insert", "update", "delete"})
SELECT = "select"

Function = tuple[str, str]  # its module, its name


@cache
def functions() -> dict[Function, ast.FunctionDef]:
    """Every function at the top of a module of the application."""
    return {
        (module.name, node.name): node
        for module in modules()
        for node in tree(module).body
        if isinstance(node, ast.FunctionDef)
    }


@cache
def asking() -> frozenset[Function]:
    """Those that read the database, or make a statement for another to run."""
    return _reaching({name for name, node in functions().items() if _asks(node)})


@cache
def writing() -> frozenset[Function]:
    return _reaching({name for name, node in functions().items() if _writes(node)})


def _reaching(found: set[Function]) -> frozenset[Function]:
    """`found`, with all those that call one of them, near or far."""
    callers: dict[Function, set[Function]] = {}
    for caller, called in _calls().items():
        for name in called:
            callers.setdefault(name, set()).add(caller)
    reached, left = set(found), list(found)
    while left:
        for caller in callers.get(left.pop(), set()) - reached:
            reached.add(caller)
            left.append(caller)
    return frozenset(reached)


@cache
def _calls() -> dict[Function, frozenset[Function]]:
    """Whom each function names, in its own module or among what that module imports."""
    named = {module.name: _names(module) for module in modules()}
    return {
        (module, name): frozenset(_called(node, module, named[module]) & functions().keys())
        for (module, name), node in functions().items()
    }


def _called(node: ast.FunctionDef, module: str, imported: dict[str, str]) -> set[Function]:
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            home, _, name = imported.get(part.id, f"{module}.{part.id}").rpartition(".")
            found.add((home, name))
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            found.add((imported.get(part.value.id, ""), part.attr))
    return found


def _names(module: Module) -> dict[str, str]:
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree(module))
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _asks(node: ast.FunctionDef) -> bool:
    return any(name in READS for name in _on_the_session(node)) or SELECT in _statements(node)


def _writes(node: ast.FunctionDef) -> bool:
    return (
        any(name in WRITES for name in _on_the_session(node))
        or not STATEMENTS_THAT_WRITE.isdisjoint(_statements(node))
        or any(_changes_a_row(part) for part in ast.walk(node))
    )


def _changes_a_row(part: ast.AST) -> bool:
    return isinstance(part, ast.Assign) and any(isinstance(target, ast.Attribute) for target in part.targets)


def _on_the_session(node: ast.FunctionDef) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and ast.unparse(part.value) == "db.session":
            yield part.attr


def _statements(node: ast.FunctionDef) -> set[str]:
    return {
        part.func.id
        for part in ast.walk(node)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)
    }
