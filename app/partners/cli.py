"""`flask partner …`: load the conventions of the project, list what is loaded, check a profile of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from app.accounts.policy import Role
from app.accounts.queries import account_by_email
from app.accounts.service import add_membership, create_account
from app.infra.console import BadInput, FrenchGroup
from app.infra.tx import transaction
from app.kernel.errors import DomainError
from app.partners.catalogue import parse_catalogue
from app.partners.loading import Copy, Loaded, load_profile_into
from app.partners.partner_file import PartnerSpec, load_partner_file
from app.partners.profile_file import Profile
from app.partners.profiles import load_catalogue, load_profile, load_shipped_profiles
from app.partners.queries import ConventionRow, conventions_of, partners, structures_of
from app.partners.resolve import UnknownConvention
from app.partners.settings import create_from_file
from app.partners.tables import read_toml
from app.web.context import now

partner_cli = FrenchGroup("partner", help="Les partenaires et leurs conventions.")


@partner_cli.command("load")
@click.argument("codes", metavar="CODE…", nargs=-1)
@click.option("--partner", "partner_code", metavar="CODE", help="Un autre partenaire, qui existe déjà.")
@click.option("--as", "as_code", metavar="CODE", help="Le code à donner à la convention.")
@click.option("--starts-on", metavar="AAAA-MM-JJ", help="Son premier jour, s’il diffère du profil.")
@click.option("--ends-on", metavar="AAAA-MM-JJ", help="Son dernier jour, s’il diffère du profil.")
@click.option("--overwrite", is_flag=True, help="Remplace aussi ce qu’une personne a modifié.")
def load(
    codes: Sequence[str],
    partner_code: str | None,
    as_code: str | None,
    starts_on: str | None,
    ends_on: str | None,
    overwrite: bool,
) -> None:
    """Charge des conventions : les codes de celles du projet, ou des fichiers .toml. Se relance sans risque.

    Avec --partner et --as, une convention sert de modèle pour un autre partenaire.
    """
    profiles = [_profile(code, codes) for code in _some(codes, "une convention")]
    copy = Copy(partner_code, as_code, _day("--starts-on", starts_on), _day("--ends-on", ends_on))
    if copy != Copy() and len(profiles) > 1:
        raise BadInput("avec --partner, --as, --starts-on ou --ends-on, indiquez une seule convention.")
    with transaction():
        catalogue = load_catalogue()
        done = [load_profile_into(profile, catalogue, copy=copy, overwrite=overwrite) for profile in profiles]
    for loaded in done:
        click.echo("\n".join(_report(loaded)))


@partner_cli.command("create")
@click.argument("file", metavar="FICHIER")
@click.option("--dry-run", is_flag=True, help="Vérifie et montre, sans rien enregistrer.")
def create(file: str, dry_run: bool) -> None:
    """Crée un partenaire entier depuis un fichier : identité, conventions, structures, premier administrateur."""
    spec = load_partner_file(
        Path(file), profiles=sorted(load_shipped_profiles()), tools=load_catalogue().tools
    )
    try:
        with transaction():
            lines = _create(spec)
            if dry_run:
                raise _Rehearsed
    except _Rehearsed:
        click.echo("Vérification seule, rien n’est enregistré. Serait créé :")
    click.echo("\n".join(lines))
    if not dry_run:
        click.echo(f"Mot de passe : flask --app wsgi accounts password {spec.administrator_email}")


class _Rehearsed(Exception):
    """Everything was done for good; the transaction is to forget it."""


def _create(spec: PartnerSpec) -> list[str]:
    """Make the partner and give it its administrator; what was made, a line each."""
    moment = now()
    partner = create_from_file(spec, now=moment)
    email = spec.administrator_email
    account = account_by_email(email) or create_account(spec.administrator_name, email, now=moment)
    add_membership(account.id, partner.id, Role.ADMINISTRATOR)
    return [
        f"Partenaire {partner.code} : {partner.name}",
        *(f"  convention {row.code}, {_term(row)}" for row in conventions_of(partner.id)),
        *(f"  structure {row.code} : {row.name}" for row in structures_of(partner.id)),
        *(f"  fermeture : {closure.label}" for closure in spec.closures),
        f"  administrateur : {account.email}",
    ]


@partner_cli.command("list")
def list_partners() -> None:
    """Liste les partenaires et leurs conventions, puis les conventions que le projet fournit."""
    for partner in partners():
        click.echo(f"{partner.code} : {partner.name}")
        for convention in conventions_of(partner.id):
            click.echo(f"  {convention.code}, {_term(convention)}")
    click.echo(f"Conventions fournies : {', '.join(sorted(load_shipped_profiles()))}")


@partner_cli.command("check", with_appcontext=False)
@click.argument("files", metavar="FICHIER…", nargs=-1)
def check(files: Sequence[str]) -> None:
    """Vérifie des profils de convention ou un catalogue, sans rien charger."""
    paths = [Path(name) for name in _some(files, "un fichier")]
    refused = False
    for path in paths:
        try:
            _check_file(path, beside=[other for other in paths if other.exists()])
            click.echo(f"{path.name} : correct.")
        except DomainError as error:
            click.echo(error.message, err=True)
            refused = True
    if refused:
        raise SystemExit(BadInput.exit_code)


def _check_file(path: Path, beside: Sequence[Path]) -> None:
    """A catalogue has platforms; anything else is read as a convention."""
    if "platforms" in read_toml(path):
        parse_catalogue(path)
    else:
        load_profile(path, beside=beside)


def _profile(name: str, names: Sequence[str]) -> Profile:
    if name.endswith(".toml"):
        return load_profile(Path(name), beside=[Path(other) for other in names if other.endswith(".toml")])
    shipped = load_shipped_profiles()
    if name not in shipped:
        raise UnknownConvention(
            f"Convention inconnue : « {name} ». Conventions fournies : {', '.join(sorted(shipped))}."
        )
    return shipped[name]


def _some(values: Sequence[str], what: str) -> Sequence[str]:
    if not values:
        raise BadInput(f"indiquez au moins {what}. Voir --help.")
    return values


def _day(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{option} : « {text} » n’est pas une date (AAAA-MM-JJ).") from None


def _report(loaded: Loaded) -> Iterator[str]:
    head = f"{loaded.convention} (partenaire {loaded.partner})"
    if not (loaded.created or loaded.updated or loaded.kept):
        yield f"{head} : déjà à jour."
        return
    yield (
        f"{head} : {len(loaded.created)} création(s), {len(loaded.updated)} mise(s) à jour, "
        f"{len(loaded.kept)} modification(s) conservée(s)."
    )
    yield from (f"  mis à jour : {label}" for label in loaded.updated)
    yield from (f"  conservé tel que modifié : {label}" for label in loaded.kept)


def _term(convention: ConventionRow) -> str:
    first, last = convention.starts_on, convention.ends_on
    if first and last:
        return f"du {first:%d/%m/%Y} au {last:%d/%m/%Y}"
    if last:
        return f"jusqu’au {last:%d/%m/%Y}"
    return f"à partir du {first:%d/%m/%Y}" if first else "sans dates"
