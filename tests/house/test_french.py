"""French as printers set it: no-break spaces, typographic apostrophes (rules.md, « Time »; Lexique, IN)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import ROOT, modules

BREAKING_SPACE = re.compile(r"\S [:;!?%»](?=\s|$|<)|« ")
STRAIGHT_APOSTROPHE = re.compile(r"[A-Za-zÀ-ÿ]'[A-Za-zÀ-ÿ]")
NARROW = "\u202f"
MARKUP = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}|<!--.*?-->|<[^>]*>", re.DOTALL)


def faults_in(text: str) -> list[str]:
    found = []
    if BREAKING_SPACE.search(text):
        found.append("a breaking space beside : ; ! ? % « or »: use U+00A0")
    if STRAIGHT_APOSTROPHE.search(text):
        found.append("a straight apostrophe: use ’")
    if NARROW in text:
        found.append("U+202F is missing from the shipped font: use U+00A0")
    return found


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """The string constants of a file, docstrings left out."""
    tree = ast.parse(path.read_text())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def test_strings_of_the_application() -> None:
    faults = [
        f"{module.where}:{line} {text!r}: {fault}"
        for module in modules()
        for line, text in strings(module.path)
        for fault in faults_in(text)
    ]
    assert not faults, "\n".join(faults)


def test_texts_of_the_templates() -> None:
    faults = []
    for path in sorted((ROOT / "templates").rglob("*.*")):
        # What is computed or marked up is cut out, lines kept, so that faults can be found.
        text = MARKUP.sub(lambda match: "\n" * match[0].count("\n") + "\u00a0", path.read_text())
        faults += [
            f"{path.relative_to(ROOT)}:{number} {line.strip()!r}: {fault}"
            for number, line in enumerate(text.splitlines(), start=1)
            for fault in faults_in(line)
        ]
    assert not faults, "\n".join(faults)
