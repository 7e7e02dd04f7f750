from __future__ import annotations

import re

import pytest
from click.testing import Result
from flask import Flask

from app.accounts.policy import Role
from app.accounts.queries import account_named, people_of
from app.accounts.service import check_credentials
from app.extensions import db
from app.infra.tx import transaction
from app.journal.technical import TraceRow
from tests.accounts.screens import enrol, send
from tests.factories import Person, World, log_in


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


# --- The first administrator, and who is locked out -------------------------------------------------------


def traces_by_command(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        rows = db.session.query(TraceRow).order_by(TraceRow.id).all()
    assert all(row.details == {"by": "command line"} and not row.address for row in rows)
    return [(row.trace, row.what) for row in rows]


def test_the_first_administrator_gets_a_password_at_once(app: Flask, place: str) -> None:
    created = run(
        app, "create", "admin@exemple.test", "--name", "Administrateur", "--partner", place, "--role", "administrator",
        "--password", typed="trois chaises bleues\n",
    )  # fmt: skip
    assert created.exit_code == 0
    assert "trois" not in created.output
    assert traces_by_command(app) == [("rights-changed", "administrator given"), ("password-changed", "")]
    assert sign_in_with(app, "admin@exemple.test") == "/"


def test_or_an_invitation(app: Flask, place: str) -> None:
    created = run(
        app, "create", "admin@exemple.test", "--name", "Administrateur", "--partner", place, "--role", "administrator", "--invite"
    )  # fmt: skip
    link = re.search(r"^http://127.0.0.1:8000(/invitation/\S+)$", created.output, re.MULTILINE)
    assert link
    client = app.test_client()
    assert (
        send(client, link[1], password="trois chaises bleues", repeated="trois chaises bleues").location
        == "/"
    )
    again = run(app, "invite", "admin@exemple.test")
    assert "/invitation/" in again.output


def test_both_at_once_are_refused(app: Flask, place: str) -> None:
    refused = create(app, place, "--password", "--invite")
    assert refused.exit_code == 2
    assert "choisissez" in refused.output


def test_a_lost_telephone_is_forgotten(app: Flask, person: Person) -> None:
    client = log_in(app, app.test_client(), person)
    enrol(app, client)
    assert sign_in_with(app, person.email) == "/connexion/code"
    with app.app_context(), transaction():
        db.session.execute(db.delete(TraceRow))
    assert run(app, "rescue", person.email, "--second-factor").exit_code == 0
    assert traces_by_command(app) == [("factor-changed", "reset")]
    assert sign_in_with(app, person.email) == "/"


def test_a_lost_password_gets_a_link(app: Flask, person: Person) -> None:
    rescued = run(app, "rescue", person.email, "--link")
    link = re.search(
        r"^http://127.0.0.1:8000(/connexion/nouveau-mot-de-passe/\S+)$", rescued.output, re.MULTILINE
    )
    assert link
    assert app.test_client().get(link[1]).status_code == 200
    assert traces_by_command(app) == [("password-changed", "password link made")]


def test_who_tried_too_often_need_not_wait(app: Flask, person: Person) -> None:
    client = app.test_client()
    for _ in range(11):
        send(client, "/connexion", email=person.email, password="non")
    assert sign_in_with(app, person.email) is None
    assert run(app, "rescue", person.email, "--unlock").exit_code == 0
    assert sign_in_with(app, person.email) == "/"


@pytest.mark.parametrize("arguments", [["rescue", "user.pas-de-calais@exemple.test"], ["rescue", "inconnu@exemple.test", "--link"], ["invite", "inconnu@exemple.test"]])  # fmt: skip
@pytest.mark.usefixtures("place")
def test_a_rescue_says_what_it_needs(app: Flask, arguments: list[str]) -> None:
    refused = run(app, *arguments)
    assert refused.exit_code == 2
    assert "Erreur" in refused.output


def test_a_closed_account_gets_no_link(app: Flask, person: Person) -> None:
    with app.app_context(), transaction():
        account_named(person.email).active = False
    refused = run(app, "rescue", person.email, "--link")
    assert refused.exit_code == 2
    assert "fermé" in refused.output


def sign_in_with(app: Flask, email: str) -> str | None:
    """Where the right password leads."""
    return send(app.test_client(), "/connexion", email=email, password="trois chaises bleues").location
