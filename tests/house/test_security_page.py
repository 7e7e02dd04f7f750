"""docs/security.md names the tests that show what it says: they exist."""

from __future__ import annotations

import ast
import re

from tests.house.source import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_each_test_that_the_page_names_exists() -> None:
    lost = []
    for path, name in NAMED.findall(PAGE):
        file = ROOT / path
        if not file.exists() or (name and name not in _tests_of(file.read_text())):
            lost.append(f"{path}::{name}" if name else path)
    assert not lost, f"docs/security.md names tests that are gone: {lost}"


def test_each_defence_names_its_test() -> None:
    lines = [
        line
        for line in PAGE.splitlines()
        if line.startswith("|") and not line.startswith(("| attack", "|---"))
    ]
    assert lines
    assert [line for line in lines if not NAMED.search(line.rsplit("|", 2)[1])] == []


def test_the_page_says_what_is_not_defended() -> None:
    assert "## What is not defended" in PAGE


def _tests_of(source: str) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
