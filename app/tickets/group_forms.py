"""The forms of a group: under which ticket, why it is split, and whether the others are told."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField

from app.kernel.errors import InvalidInput, NotFound
from app.kernel.reference import parse_reference
from app.tickets import events as e
from app.tickets.desk import Desk
from app.tickets.forms import Dated, TicketForm, with_reason
from app.tickets.group_queries import Candidate, candidates_for
from app.tickets.page import ClockView
from app.tickets.permissions import permission_for
from app.tickets.queries import find
from app.tickets.wording import Names
from app.web.filters import plural
from app.web.forms import LineField, options

OTHER = options([("", "Une autre, par sa référence")])


def informing(base: type[TicketForm], *, ticked: bool = True) -> type[TicketForm]:
    """The form `base` with the choice of telling those grouped under the ticket too, where there are any."""

    class Informing(base):  # type: ignore[misc, valid-type]
        inform_group = BooleanField("Informer aussi les sollicitations regroupées")

        def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
            super().prepare(desk, clocks)
            count = len(desk.facts.reports)
            if not count or not desk.may(permission_for(e.Relayed, desk.ticket.kind)):
                del self.inform_group
                return
            grouped = plural(count, "sollicitation regroupée", "sollicitations regroupées")
            the = "la" if count == 1 else "les"
            self.inform_group.label.text = f"Informer aussi {the} {grouped}"
            self.inform_group.description = (
                "Chaque personne reçoit un seul message, quel que soit le nombre de ses sollicitations."
            )
            if not self.is_submitted():
                self.inform_group.data = ticked

    return Informing


class GroupForm(TicketForm):
    """Under which ticket this one is followed: one of those that look alike, or another by its reference."""

    candidate = RadioField("Sous quelle sollicitation\u00a0?", default="")
    of = LineField("Référence de la sollicitation principale", max_length=40)

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        names = Names(zone=desk.zone)
        found = candidates_for(desk.actor, desk.reference, desk.facts.kind, desk.facts.tools)
        self.candidate.choices = [
            *options((candidate.reference, in_words(candidate, names)) for candidate in found),
            *OTHER,
        ]
        if not found:
            del self.candidate
        elif not self.is_submitted():
            self.candidate.data = found[0].reference


def in_words(candidate: Candidate, names: Names) -> str:
    """« 7F3K-M2QX · Portail inaccessible · transmise le 10/03/2026 à 9 h 05 · 12 signalements »."""
    words = [candidate.reference, candidate.subject]
    if candidate.transmitted_at is not None:
        words.append(f"transmise le {names.moment(candidate.transmitted_at)}")
    else:
        words.append(f"déposée le {names.moment(candidate.filed_at)}, non transmise")
    if candidate.reports_count > 1:
        words.append(f"{candidate.reports_count} signalements")
    return " · ".join(words)


def grouped_under(form: Any, desk: Desk) -> e.TicketEvent:
    """The event of a filled `GroupForm`. Raises InvalidInput on the field that is wrong."""
    typed = form.of.data or ""
    chosen = form.candidate.data if "candidate" in form else ""
    if not typed and not chosen:
        raise InvalidInput("Donnez la référence de la sollicitation principale.", field="of")
    of = parse_reference(typed, field="of") if typed else chosen
    try:
        find(desk.actor, of)
    except NotFound as error:
        raise InvalidInput(
            "Aucune sollicitation que vous voyez ne porte cette référence.", field="of"
        ) from error
    return e.DuplicateMarked(of=of)


DetachForm = with_reason(Dated, "Motif")


def detached(form: Any, desk: Desk) -> e.TicketEvent:
    return e.Detached(of=desk.facts.duplicate_of, reason=form.reason.data or "")
