"""Reading our own source, for the tests that police the house."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name, its lines, and what it imports as (dotted name, line)."""

    name: str
    path: Path
    lines: int
    imports: tuple[tuple[str, int], ...]

    @property
    def where(self) -> str:
        return self.path.relative_to(ROOT).as_posix()


@cache
def modules(folder: str = "app") -> tuple[Module, ...]:
    return tuple(_read(path) for path in sorted((ROOT / folder).rglob("*.py")))


@cache
def tree(module: Module) -> ast.Module:
    return ast.parse(module.path.read_text())


def _read(path: Path) -> Module:
    source = path.read_text()
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path, len(source.splitlines()), tuple(_imports(ast.parse(source))))


def _imports(tree: ast.Module) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return found
