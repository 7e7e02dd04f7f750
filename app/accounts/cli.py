"""`flask accounts …`: the first accounts of an installation. Passwords are read, never given as arguments."""

from __future__ import annotations

import sys

import click

from app.accounts.policy import ROLE_LABELS, Role
from app.accounts.queries import account_by_email, account_named, people_of
from app.accounts.service import add_membership, create_account, hash_new_password, set_password
from app.infra.console import FrenchGroup
from app.infra.tx import transaction
from app.kernel.errors import InvalidInput, NotFound
from app.partners.queries import partner_by_code, structures_of
from app.web.context import now

accounts_cli = FrenchGroup("accounts", help="Les comptes des personnes et leurs rôles.")


@accounts_cli.command("create")
@click.argument("email", metavar="ADRESSE")
@click.option("--name", required=True, help="Le nom, ou la fonction, à afficher.")
@click.option("--partner", required=True, metavar="CODE", help="Le partenaire.")
@click.option("--role", required=True, metavar="|".join(Role), help="Le rôle.")
@click.option("--structure", metavar="CODE", help="La structure, s’il y en a une.")
def create(email: str, name: str, partner: str, role: str, structure: str | None) -> None:
    """Crée un compte, ou ajoute un rôle au compte qui a déjà cette adresse."""
    wanted = _role(role)
    with transaction():
        partner_id = partner_by_code(partner).id
        account = account_by_email(email) or create_account(name, email, now=now())
        add_membership(account.id, partner_id, wanted, _structure_id(partner_id, structure))
    click.echo(f"{account.email}\u00a0: {ROLE_LABELS[wanted]} chez {partner}.")
    if account.password_hash is None:
        click.echo(f"Donnez-lui un mot de passe\u00a0: flask --app wsgi accounts password {account.email}")


@accounts_cli.command("password")
@click.argument("email", metavar="ADRESSE")
def password(email: str) -> None:
    """Remplace le mot de passe, demandé au clavier ou lu sur l’entrée standard."""
    account_id = account_named(email).id
    password_hash = hash_new_password(account_id, _read_password())
    with transaction():
        set_password(account_id, password_hash)
    click.echo("Mot de passe remplacé. Les sessions ouvertes sont closes.")


@accounts_cli.command("list")
@click.option("--partner", required=True, metavar="CODE", help="Le partenaire.")
def list_accounts(partner: str) -> None:
    """Liste les comptes d’un partenaire et leurs rôles."""
    people = people_of(partner_by_code(partner).id)
    for person in people:
        roles = ", ".join(ROLE_LABELS[role] for role in person.roles)
        state = "" if person.active else " (compte fermé)"
        click.echo(f"{person.email or 'sans adresse'}\t{person.name}\t{roles}{state}")


def _read_password() -> str:
    if sys.stdin.isatty():
        typed: str = click.prompt(
            "Nouveau mot de passe", hide_input=True, confirmation_prompt="Une seconde fois"
        )
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def _role(word: str) -> Role:
    if word not in set(Role):
        raise InvalidInput(
            f"Rôle inconnu\u00a0: «\u00a0{word}\u00a0». Rôles connus\u00a0: {', '.join(Role)}."
        )
    return Role(word)


def _structure_id(partner_id: int, code: str | None) -> int | None:
    if code is None:
        return None
    for structure in structures_of(partner_id):
        if structure.code == code:
            return structure.id
    raise NotFound(f"Structure inconnue chez ce partenaire\u00a0: «\u00a0{code}\u00a0».")
