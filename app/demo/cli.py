"""`flask demo`: fourteen months of two partners, played through the services into an empty database."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import func, select

from app.accounts.models import Account
from app.demo.alerts import wake_people
from app.demo.announcements import announce_all
from app.demo.answers import answer_beforehand
from app.demo.articles import write_documentation
from app.demo.careers import live_careers
from app.demo.mail import deliver_mail
from app.demo.newcomers import bring_newcomers
from app.demo.plan import EARLIEST, PARIS, make_plan, start_of
from app.demo.player import moves_of, play
from app.demo.settings import set_up
from app.demo.wishes import choose_mails
from app.demo.world import PASSWORD, make_world
from app.extensions import db
from app.infra.base import Model
from app.infra.console import BadInput, FrenchCommand
from app.infra.tx import transaction
from app.journal.models import Event
from app.kernel.clock import Clock, FrozenClock, to_minute
from app.partners.queries import partners
from app.tickets.models import Ticket

SEED, TICKETS = 2026, 600


@dataclass(frozen=True)
class Played:
    """What a play brought into the database; `people` are those who have the password."""

    tickets: int
    events: int
    people: int


@click.command("demo", cls=FrenchCommand)
@click.option(
    "--seed", metavar="N", default=str(SEED), help="Graine du tirage : la même redonne le même récit."
)
@click.option("--tickets", metavar="N", default=str(TICKETS), help="Nombre de sollicitations.")
@click.option("--until", metavar="ISO", help="Fin du récit ; maintenant, si rien n’est dit.")
@with_appcontext
def demo(seed: str, tickets: str, until: str | None) -> None:
    """Joue quatorze mois de sollicitations dans une base vide, pour la démonstration."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    begun = monotonic()
    end = _until(until, app.extensions["clock"].now())
    played = load(app, seed=_number("--seed", seed), tickets=_number("--tickets", tickets), until=end)
    click.echo(
        f"Démonstration chargée en {monotonic() - begun:.0f} s : {played.tickets} sollicitations, "
        f"{played.events} événements, {played.people} comptes. Mot de passe de tous les comptes : {PASSWORD}"
    )


def load(app: Flask, *, seed: int, tickets: int, until: datetime) -> Played:
    """Make the world and play its tickets, the application's clock following the tale meanwhile.

    Needs an application context and an empty database. Raises BadInput, or DomainError.
    """
    if partners():
        raise BadInput(
            "la base contient déjà des partenaires : la démonstration se charge dans une base vide."
        )
    clock = FrozenClock(start_of(until))
    usual: Clock = app.extensions["clock"]
    app.extensions["clock"] = clock
    try:
        with transaction():
            world = make_world(clock.now())
            plan = make_plan(world, seed=seed, tickets=tickets, until=until)
        steps = len(moves_of(plan))
        with click.progressbar(length=steps, label="Démonstration", file=sys.stderr) as bar:
            play(plan, world, clock, progress=bar.update)
        announce_all(world, until)
        write_documentation(world, until)
        answer_beforehand(world, until)
        bring_newcomers(world, until)
        live_careers(world, until)
        wake_people(until)
        set_up(world, until)
        choose_mails(world, until)
        deliver_mail(world, until)
    finally:
        app.extensions["clock"] = usual
    with_password = select(func.count()).where(Account.password_hash.is_not(None))
    return Played(_count(Ticket), _count(Event), db.session.scalar(with_password) or 0)


def _count(model: type[Model]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def _until(text: str | None, now: datetime) -> datetime:
    """The end of the tale, to the minute. On a machine that lives earlier, the first end that has a tale."""
    latest = to_minute(max(now, EARLIEST))
    if text is None:
        return latest
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--until : « {text} » n’est pas une date (AAAA-MM-JJTHH:MM).") from None
    moment = to_minute(typed if typed.tzinfo else typed.replace(tzinfo=PARIS))
    if moment < EARLIEST:
        raise BadInput(
            f"--until : pas avant le {EARLIEST:%d/%m/%Y}, sans quoi l’un des partenaires n’aurait rien."
        )
    if moment > latest:
        raise BadInput("--until : cette date est dans le futur.")
    return moment


def _number(option: str, text: str) -> int:
    if not text.isdecimal():
        raise BadInput(f"{option} : un nombre entier est attendu, « {text} » reçu.")
    return int(text)
