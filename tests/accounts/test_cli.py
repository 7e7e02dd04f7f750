from __future__ import annotations

import pytest
from click.testing import Result
from flask import Flask

from app.accounts.policy import Role
from app.accounts.queries import people_of
from app.accounts.service import check_credentials
from tests.factories import World


@pytest.fixture
def place(world: World) -> str:
    return world.here.code


def run(app: Flask, *arguments: str, typed: str = "") -> Result:
    return app.test_cli_runner().invoke(args=["accounts", *arguments], input=typed)


def create(
    app: Flask, place: str, *more: str, role: str = "user", email: str = "agent@exemple.test"
) -> Result:
    return run(app, "create", email, "--name", "Agent 12", "--partner", place, "--role", role, *more)


def test_an_account_is_created_then_given_a_password(app: Flask, place: str) -> None:
    created = create(app, place, "--structure", "accueil", email="Agent@Exemple.test")
    assert created.exit_code == 0
    assert "agent@exemple.test\u00a0: Utilisateur chez pas-de-calais" in created.output
    assert "accounts password agent@exemple.test" in created.output
    changed = run(app, "password", "agent@exemple.test", typed="trois chaises bleues\n")
    assert changed.exit_code == 0
    assert "trois" not in changed.output
    with app.app_context():
        assert check_credentials("agent@exemple.test", "trois chaises bleues")


def test_the_same_command_adds_a_role(app: Flask, place: str, world: World) -> None:
    create(app, place)
    assert create(app, place, role="manager").exit_code == 0
    with app.app_context():
        rows = {row.email: row.roles for row in people_of(world.here.partner_id)}
    assert rows["agent@exemple.test"] == (Role.USER, Role.MANAGER)


def test_the_list_names_everyone(app: Flask, place: str) -> None:
    create(app, place)
    listed = run(app, "list", "--partner", place)
    assert listed.exit_code == 0
    assert "agent@exemple.test\tAgent 12\tUtilisateur" in listed.output
    assert len(listed.output.splitlines()) == len(Role) + 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["create", "agent", "--name", "A", "--partner", "pas-de-calais", "--role", "user"],
            "n’est pas valable",
        ),
        (
            ["create", "a@exemple.test", "--name", "A", "--partner", "atlantide", "--role", "user"],
            "Partenaire inconnu",
        ),
        (
            ["create", "a@exemple.test", "--name", "A", "--partner", "pas-de-calais", "--role", "roi"],
            "Rôle inconnu",
        ),
        (
            [
                "create",
                "a@exemple.test",
                "--name",
                "A",
                "--partner",
                "pas-de-calais",
                "--role",
                "user",
                "--structure",
                "x",
            ],
            "Structure inconnue",
        ),
        (["password", "inconnu@exemple.test"], "Aucun compte"),
        (["list", "--partner", "atlantide"], "Partenaire inconnu"),
    ],
)
@pytest.mark.usefixtures("place")
def test_what_is_wrong_is_said_in_french_and_changes_nothing(
    app: Flask, world: World, arguments: list[str], words: str
) -> None:
    refused = run(app, *arguments)
    assert refused.exit_code != 0
    assert words in refused.output
    with app.app_context():
        assert len(people_of(world.here.partner_id)) == len(Role)


def test_an_administrators_password_must_be_long(app: Flask, place: str) -> None:
    create(app, place, role="administrator")
    refused = run(app, "password", "agent@exemple.test", typed="chaise bleue 7\n")
    assert refused.exit_code != 0
    assert "au moins 16" in refused.output
