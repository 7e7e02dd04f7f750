"""`flask accounts …`: the first accounts of an installation, and help for who is locked out.

Passwords are read, never given as arguments. Each act leaves a trace in the technical journal.
"""

from __future__ import annotations

import sys

import click
from flask import current_app

from app.accounts import second_factor
from app.accounts.attempts import forget_attempts, forget_codes
from app.accounts.models import Account
from app.accounts.one_time_links import INVITATION_LIFETIME, PASSWORD_LIFETIME, Purpose, make_link
from app.accounts.policy import ROLE_LABELS, Role
from app.accounts.queries import account_by_email, account_named, partners_of, people_of
from app.accounts.service import add_membership, create_account, hash_new_password, set_password
from app.config import Config
from app.infra.console import BadInput, FrenchGroup
from app.infra.tx import transaction
from app.journal.technical import Trace, note
from app.kernel.errors import InvalidInput, NotFound
from app.partners.queries import partner_by_code, structures_of
from app.web import urls
from app.web.context import now

accounts_cli = FrenchGroup("accounts", help="Les comptes des personnes et leurs rôles.")

BY_COMMAND = "command line"
PAGES = {Purpose.INVITATION: urls.INVITATION, Purpose.PASSWORD: urls.NEW_PASSWORD}
LIFETIMES = {Purpose.INVITATION: INVITATION_LIFETIME, Purpose.PASSWORD: PASSWORD_LIFETIME}


@accounts_cli.command("create")
@click.argument("email", metavar="ADRESSE")
@click.option("--name", required=True, help="Le nom, ou la fonction, à afficher.")
@click.option("--partner", required=True, metavar="CODE", help="Le partenaire.")
@click.option("--role", required=True, metavar="|".join(Role), help="Le rôle.")
@click.option("--structure", metavar="CODE", help="La structure, s’il y en a une.")
@click.option("--password", "asks", is_flag=True, help="Demande aussitôt son mot de passe au clavier.")
@click.option(
    "--invite", is_flag=True, help="Donne aussitôt un lien d’invitation, où la personne choisit le sien."
)
def create(
    email: str, name: str, partner: str, role: str, structure: str | None, asks: bool, invite: bool
) -> None:
    """Crée un compte, ou ajoute un rôle au compte qui a déjà cette adresse."""
    wanted = _role(role)
    if asks and invite:
        raise BadInput("choisissez entre --password et --invite.")
    with transaction():
        partner_id = partner_by_code(partner).id
        account = account_by_email(email) or create_account(name, email, now=now())
        add_membership(account.id, partner_id, wanted, _structure_id(partner_id, structure))
        _leave_trace(Trace.RIGHTS_CHANGED, account.id, f"{wanted} given")
    click.echo(f"{account.email}\u00a0: {ROLE_LABELS[wanted]} chez {partner}.")
    if asks:
        _ask_for_password(account)
    elif invite:
        _print_link(account, Purpose.INVITATION)
    elif account.password_hash is None:
        click.echo(
            f"Donnez-lui un mot de passe\u00a0: flask --app wsgi accounts password {account.email}\n"
            f"ou une invitation\u00a0: flask --app wsgi accounts invite {account.email}"
        )


@accounts_cli.command("password")
@click.argument("email", metavar="ADRESSE")
def password(email: str) -> None:
    """Remplace le mot de passe, demandé au clavier ou lu sur l’entrée standard."""
    _ask_for_password(account_named(email))


@accounts_cli.command("invite")
@click.argument("email", metavar="ADRESSE")
def invite(email: str) -> None:
    """Donne un lien d’invitation, valable sept jours, où la personne choisit son mot de passe."""
    _print_link(account_named(email), Purpose.INVITATION)


@accounts_cli.command("rescue")
@click.argument("email", metavar="ADRESSE")
@click.option(
    "--second-factor", "factor", is_flag=True, help="Remet le second facteur à zéro\u00a0: il sera à régler."
)
@click.option("--link", is_flag=True, help="Donne un lien, valable une heure, pour un nouveau mot de passe.")
@click.option("--unlock", is_flag=True, help="Oublie les essais manqués, qui font attendre.")
def rescue(email: str, factor: bool, link: bool, unlock: bool) -> None:
    """Aide quelqu’un qui ne peut plus entrer. Vérifiez d’abord, de vive voix, que c’est bien lui."""
    account = account_named(email)
    if not (factor or link or unlock):
        raise BadInput("dites quoi faire\u00a0: --second-factor, --link ou --unlock.")
    if factor:
        with transaction():
            second_factor.remove(account.id)
            _leave_trace(Trace.FACTOR_CHANGED, account.id, "reset")
        click.echo("Second facteur remis à zéro\u00a0: il sera réglé à la prochaine connexion.")
    if unlock:
        with transaction():
            forget_attempts(email)
            forget_codes(account.id)
            _leave_trace(Trace.SETTINGS_CHANGED, account.id, "unlocked")
        click.echo("Essais manqués oubliés\u00a0: la personne peut réessayer aussitôt.")
    if link:
        _print_link(account, Purpose.PASSWORD)


@accounts_cli.command("list")
@click.option("--partner", required=True, metavar="CODE", help="Le partenaire.")
def list_accounts(partner: str) -> None:
    """Liste les comptes d’un partenaire et leurs rôles."""
    people = people_of(partner_by_code(partner).id)
    for person in people:
        roles = ", ".join(ROLE_LABELS[role] for role in person.roles)
        state = "" if person.active else " (compte fermé)"
        click.echo(f"{person.email or 'sans adresse'}\t{person.name}\t{roles}{state}")


def _ask_for_password(account: Account) -> None:
    password_hash = hash_new_password(account.id, _read_password())
    with transaction():
        set_password(account.id, password_hash)
        _leave_trace(Trace.PASSWORD_CHANGED, account.id)
    click.echo("Mot de passe remplacé. Les sessions ouvertes sont closes.")


def _print_link(account: Account, purpose: Purpose) -> None:
    settings: Config = current_app.extensions["settings"]
    lifetime = LIFETIMES[purpose]
    if not account.active:
        raise InvalidInput("Ce compte est fermé\u00a0: un lien n’y donnerait pas accès.")
    with transaction():
        token = make_link(account.id, purpose, lifetime, now())
        _leave_trace(Trace.PASSWORD_CHANGED, account.id, f"{purpose} link made")
    click.echo(settings.public_url + PAGES[purpose].replace("<token>", token))
    hours = int(lifetime.total_seconds() // 3600)
    click.echo(
        f"À remettre à la personne elle-même\u00a0: il sert une fois, pendant {hours}\u00a0h.", err=True
    )


def _leave_trace(trace: Trace, account_id: int, what: str = "") -> None:
    """In the journal of each partner of the account; the command has no network address."""
    for partner in partners_of(account_id):
        note(
            trace,
            now=now(),
            partner_id=partner.id,
            account_id=account_id,
            what=what,
            details={"by": BY_COMMAND},
        )


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
