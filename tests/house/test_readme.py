"""The README stays true: its commands exist, each setting is documented, the figures name their command."""

from __future__ import annotations

import re
import shlex

import pytest
from flask import Flask

from app.demo.people import JALLE, NORD
from app.demo.world import PASSWORD
from tests.house.source import ROOT

README = (ROOT / "README.md").read_text()
FIRST_SCREEN = "\n".join(README.splitlines()[:45])


def test_the_first_screen_says_what_how_and_with_which_accounts() -> None:
    for word in ("France Travail", "make demo", "make test", "docs/images/", PASSWORD):
        assert word in FIRST_SCREEN, word


def test_the_demonstration_accounts_exist() -> None:
    listed = set(re.findall(r"`([a-z0-9.-]+@[a-z.-]+\.example)`", README))
    played = {seat.email for place in (NORD, JALLE) for seat in place.seats}
    assert listed
    assert listed <= played, listed - played


def test_each_setting_is_documented_and_each_documented_one_exists() -> None:
    source = (ROOT / "app" / "config.py").read_text()
    read = set(re.findall(r'env\.\w+\("([A-Z_]+)"', source))
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE))
    assert documented == read


def test_each_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"(?:    |`)make (\.?[a-z]+)", README)):
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("line", re.findall(r"^\| `(.+?)` \| ", README.split("## Commands")[1], re.MULTILINE))
def test_each_command_exists(app: Flask, line: str) -> None:
    for command in re.findall(r"(?:^|, )`?([a-z]+(?: [a-z]+)?)", line.split("--")[0].split("[")[0]):
        words = [word for word in shlex.split(command) if word.islower()]
        result = app.test_cli_runner().invoke(args=[*words, "--help"])
        assert result.exit_code == 0, (command, result.output)


def test_images_shown_exist() -> None:
    shown = set(re.findall(r"\]\((docs/images/[^)]+)\)", README))
    kept = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "images").glob("*")}
    assert shown == kept
