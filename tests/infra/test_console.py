"""Commands answer misuse, refusals and a missing database in French, with exit code 2."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask

from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.infra.console import FrenchCommand, FrenchGroup
from app.kernel.errors import NotFound

LIBRARY_COMMANDS = {"db", "run", "shell", "routes"}

tool = FrenchGroup("outil", help="Un outil d’essai.")


@tool.command("greet", with_appcontext=False)
@click.argument("name", metavar="NOM")
@click.option("--times", type=int, default=1)
@click.option("--partner", required=True)
def greet(name: str, times: int, partner: str) -> None:
    if name == "personne":
        raise NotFound("Personne ne porte ce nom.")
    click.echo(f"{name} {times} {partner}")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(tool, arguments)


def test_a_good_command_does_its_work() -> None:
    assert (run("greet", "Ada", "--partner", "nord").stdout, run("--help").exit_code) == ("Ada 1 nord\n", 0)


def test_a_family_called_alone_shows_its_help() -> None:
    assert "Un outil d’essai." in run().output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("greet", "Ada"), "l’option --partner est obligatoire."),
        (("greet", "--partner", "nord"), "il manque une valeur\u00a0: NOM."),
        (("greet", "Ada", "Bob", "--partner", "nord"), "un argument est en trop, ou mal placé."),
        (("greet", "Ada", "--partner"), "l’option --partner est mal employée\u00a0: donnez-lui une valeur."),
        (("greet", "Ada", "--colour", "red"), "l’option --colour n’existe pas."),
        (("greet", "Ada", "--partner", "nord", "--times", "x"), "la valeur de --times n’est pas reconnue."),
        (("salute",), "la commande «\u00a0salute\u00a0» n’existe pas. Commandes connues\u00a0: greet."),
        (("--loud", "greet"), "l’option --loud n’existe pas."),
        (("greet", "personne", "--partner", "nord"), "Personne ne porte ce nom."),
    ],
)
def test_what_is_wrong_is_said_in_french_with_exit_code_2(arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"Erreur\u00a0: {words}")


@pytest.fixture
def empty_house(tmp_path: Path) -> Flask:
    """The application on a database without tables."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    return create_app(Config(secret_key="k" * 40, database_url=url, testing=True))


@pytest.mark.parametrize("command", [("partner", "list"), ("journal", "seal"), ("tickets", "verify")])
def test_a_database_without_tables_says_what_to_do_first(empty_house: Flask, command: list[str]) -> None:
    result = empty_house.test_cli_runner().invoke(args=command)
    assert result.exit_code == 2
    assert "flask --app wsgi db upgrade" in result.stderr
    with empty_house.app_context():
        db.engine.dispose()


def test_every_command_of_the_house_is_french(empty_house: Flask) -> None:
    own = [command for name, command in empty_house.cli.commands.items() if name not in LIBRARY_COMMANDS]
    leaves = [
        leaf
        for group in own
        for leaf in (group.commands.values() if isinstance(group, click.Group) else [group])
    ]
    foreign = [leaf.name for leaf in leaves if not isinstance(leaf, FrenchCommand)]
    assert not foreign, f"declare them in a FrenchGroup, or with cls=FrenchCommand: {foreign}"
