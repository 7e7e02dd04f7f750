"""One act on several tickets: each in its own transaction, each with its own answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from app.accounts.policy import Actor
from app.infra.tx import transaction
from app.kernel.errors import DomainError, InvalidInput
from app.tickets import events as e
from app.tickets.desk import open_desk
from app.tickets.queries import find
from app.tickets.service import perform

MAX_TICKETS = 100


@dataclass(frozen=True)
class Selected:
    """A ticket that was ticked, and the version that its row showed."""

    reference: str
    seen: int | None

    def __str__(self) -> str:
        return self.reference if self.seen is None else f"{self.reference}.{self.seen}"


@dataclass(frozen=True)
class Outcome:
    """What became of one ticket; `refusal` is empty when it was done."""

    reference: str
    refusal: str = ""


def parse_selection(values: Sequence[str]) -> list[Selected]:
    """The ticked rows, « 7F3K-M2QX.12 » each. Raises InvalidInput when there is none, or too many."""
    selection = []
    for value in dict.fromkeys(values):
        reference, _, version = value.partition(".")
        if not (reference.isascii() and reference.isprintable()):
            raise InvalidInput("La sélection est illisible\u00a0: cochez de nouveau les sollicitations.")
        known = version.isascii() and version.isdecimal() and len(version) < 10
        selection.append(Selected(reference[:16], int(version) if known else None))
    if not selection:
        raise InvalidInput("Cochez au moins une sollicitation.")
    if len(selection) > MAX_TICKETS:
        raise InvalidInput(f"Cochez {MAX_TICKETS} sollicitations au plus.")
    return selection


def assign_each(
    selection: Sequence[Selected], assignee_id: int, *, actor: Actor, now: datetime, zone: tzinfo
) -> list[Outcome]:
    """Give each ticket to someone who may handle it; taking it oneself starts the work on a new one."""
    return _each(selection, lambda one: _assign(one, assignee_id, actor=actor, now=now, zone=zone))


def group_each(selection: Sequence[Selected], main: str, *, actor: Actor, now: datetime) -> list[Outcome]:
    """Follow each ticket under the main one. What is followed there already stays so."""
    return _each(selection, lambda one: _group(one, main, actor=actor, now=now))


def _each(selection: Sequence[Selected], act: Callable[[Selected], None]) -> list[Outcome]:
    outcomes = []
    for selected in selection:
        try:
            with transaction():
                act(selected)
        except DomainError as error:
            outcomes.append(Outcome(selected.reference, error.message))
        else:
            outcomes.append(Outcome(selected.reference))
    return outcomes


def _group(selected: Selected, main: str, *, actor: Actor, now: datetime) -> None:
    if find(actor, selected.reference).duplicate_of != main:
        perform(selected.reference, e.DuplicateMarked(of=main), actor=actor, now=now, seen=selected.seen)


def _assign(selected: Selected, assignee_id: int, *, actor: Actor, now: datetime, zone: tzinfo) -> None:
    event: e.TicketEvent
    if assignee_id == actor.account_id:
        event = e.Taken(assignee_id=assignee_id)
    else:
        desk = open_desk(actor, selected.reference, now=now, zone=zone)
        if assignee_id not in dict(desk.people()):
            raise InvalidInput("Cette personne ne peut pas traiter cette sollicitation.", field="assignee")
        event = e.Assigned(assignee_id=assignee_id)
    perform(selected.reference, event, actor=actor, now=now, seen=selected.seen)
