"""Queries of the queue that a person keeps under a name."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, func, select

from app.accounts.policy import Actor, Permission, check
from app.accounts.policy import Scope as PolicyScope
from app.extensions import db
from app.kernel.errors import Impossible, InvalidInput
from app.kernel.text import clean_line
from app.tickets.models import SavedFilter
from app.tickets.query_box import parse

MAX_FILTERS = 30
MAX_NAME_LENGTH = 60


def save_filter(name: str, query: str, *, actor: Actor) -> SavedFilter:
    """Keep the query under the name; a filter of that name is replaced.

    Raises InvalidInput when either is empty or too long, Impossible beyond MAX_FILTERS.
    """
    check(actor, Permission.QUEUE_READ, PolicyScope(partner_id=actor.partner_id))
    name = clean_line(name, field="name", label="Nom du filtre", max_length=MAX_NAME_LENGTH)
    query = parse(query).text
    if not name:
        raise InvalidInput("Donnez un nom au filtre.", field="name")
    if not query:
        raise InvalidInput("Tapez d’abord une recherche : c’est elle que le filtre garde.", field="q")
    saved = db.session.scalar(select(SavedFilter).where(*_own(actor), SavedFilter.name == name))
    if saved is None:
        if _count(actor) >= MAX_FILTERS:
            raise Impossible(f"Vous avez déjà {MAX_FILTERS} filtres : supprimez-en un d’abord.", field="name")
        saved = SavedFilter(partner_id=actor.partner_id, account_id=actor.account_id, name=name)
        db.session.add(saved)
    saved.query = query
    db.session.flush()
    return saved


def delete_filter(name: str, *, actor: Actor) -> None:
    """Forget a filter of the person's own; nothing is left to do when it is gone already."""
    check(actor, Permission.QUEUE_READ, PolicyScope(partner_id=actor.partner_id))
    db.session.execute(delete(SavedFilter).where(*_own(actor), SavedFilter.name == name))


def _own(actor: Actor) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return SavedFilter.partner_id == actor.partner_id, SavedFilter.account_id == actor.account_id


def _count(actor: Actor) -> int:
    return db.session.scalar(select(func.count()).select_from(SavedFilter).where(*_own(actor))) or 0
