"""Filing with all that comes with it in one step, and joining an incident that is under way. Commits nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.accounts.policy import Actor
from app.files.models import Attachment
from app.files.service import assign
from app.kernel.errors import Impossible, InvalidInput, NotFound
from app.partners.queries import ToolRow, structures_of, tools_of
from app.tickets import events as e
from app.tickets.incidents import has_joined, incident_of, may_join
from app.tickets.models import Ticket
from app.tickets.service import file_ticket, perform


@dataclass(frozen=True)
class Call:
    """What a caller or France Travail says beside the filing itself.

    `detected_at` counts only when `found_by_ft`; it is None when France Travail does not say.
    """

    called_at: datetime | None = None
    found_by_ft: bool = False
    detected_at: datetime | None = None
    references: tuple[tuple[str, str], ...] = ()


def tools_for(actor: Actor) -> tuple[ToolRow, ...]:
    """The tools that a person may name: those of their structures, or the partner's for someone without."""
    if not actor.structure_ids:
        return tools_of(actor.partner_id)
    found = {
        tool.code: tool
        for structure_id in sorted(actor.structure_ids)
        for tool in tools_of(actor.partner_id, structure_id)
    }
    return tuple(sorted(found.values(), key=lambda tool: (tool.platform_name, tool.name)))


def file_with(
    filing: e.Filed, call: Call, files: Sequence[Attachment], *, actor: Actor, now: datetime
) -> Ticket:
    """File a ticket with what was said of it and the files that came along, each kept already.

    Raises as `service.file_ticket` and `service.perform` do, and InvalidInput for a tool that the structure
    does not use.
    """
    _check_tools(filing, actor)
    ticket = file_ticket(filing, actor=actor, now=now, occurred_at=call.called_at)
    if call.found_by_ft:
        informed = e.FtInformed(detected_at=call.detected_at)
        perform(ticket.reference, informed, actor=actor, now=now, occurred_at=call.called_at)
    # The desk lends its rights for the rest: a second later, whoever reports a security case touches it no more.
    desk = _with_the_rights_of_the_desk(actor)
    for label, reference in call.references:
        noted = e.ReferenceNoted(label=label, reference=reference)
        perform(ticket.reference, noted, actor=desk, now=now, occurred_at=call.called_at)
    for file in files:
        attached = e.FileAttached(
            name=file.name, size=file.size, sha256=file.sha256, public_id=file.public_id
        )
        perform(ticket.reference, attached, actor=desk, now=now)
        assign(file, ticket.id, sequence=ticket.version)
    return ticket


def _check_tools(filing: e.Filed, actor: Actor) -> None:
    if filing.structure_id is None:
        usable = tools_for(actor)
    else:
        usable = tools_of(actor.partner_id, filing.structure_id)
    if not set(filing.tools) <= {tool.code for tool in usable}:
        raise InvalidInput("La structure n’utilise pas cet outil : choisissez-en un autre.", field="tools")


def _with_the_rights_of_the_desk(actor: Actor) -> Actor:
    """The same person in the journal, past the policy: only for what the caller has checked itself."""
    return replace(actor, is_system=True)


def join_incident(
    reference: str,
    *,
    actor: Actor,
    now: datetime,
    caller: str = "",
    structure_id: int | None = None,
    once: bool = True,
) -> Ticket:
    """Count one more person hit by an incident under way: « Moi aussi », or one more caller when not `once`.

    A colleague's ticket is not this person's to read, only to join: the desk lends its rights. Whoever says
    « moi aussi » is told what becomes of the incident.
    Raises NotFound when the incident is not one that this person may join, Impossible when they have already,
    InvalidInput for a structure that is not the partner's, or that is missing where the person has several.
    """
    if not may_join(reference, actor, {tool.code for tool in tools_for(actor)}):
        raise NotFound
    if once and has_joined(reference, actor):
        raise Impossible("Vous êtes déjà compté parmi les personnes touchées par cet incident.")
    if once:
        structure_id = _own_structure(structure_id, actor)
    elif structure_id is not None and structure_id not in {row.id for row in structures_of(actor.partner_id)}:
        raise InvalidInput("Cette structure n’existe pas.", field="structure")
    event = e.PlusOne(caller=caller, structure_id=structure_id, account_id=actor.account_id if once else None)
    return perform(reference, event, actor=_with_the_rights_of_the_desk(actor), now=now)


def add_to_incident(reference: str, text: str, *, actor: Actor, now: datetime) -> Ticket:
    """« Chez moi, en plus… »: what someone who joined an incident adds, for those who work on it alone.

    Raises NotFound for someone who has not joined it, and InvalidInput for what may not be kept.
    """
    incident = incident_of(reference, actor, ())
    event = e.Commented(text=text, internal=True)
    return perform(incident.reference, event, actor=_with_the_rights_of_the_desk(actor), now=now)


def _own_structure(structure_id: int | None, actor: Actor) -> int | None:
    """The structure for which someone is hit: theirs, or the one that they name of several."""
    if len(actor.structure_ids) < 2:
        return min(actor.structure_ids, default=None)
    if structure_id not in actor.structure_ids:
        raise InvalidInput("Choisissez la structure pour laquelle vous êtes touché.", field="structure")
    return structure_id
