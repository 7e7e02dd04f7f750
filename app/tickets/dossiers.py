"""A ticket as it is made ready for France Travail: what `transmission.py` decides from, and where to send it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.partners.queries import ChannelRow, ToolRow, channel_for, find_convention, tools_by_code
from app.tickets.corrections import effective
from app.tickets.desk import Desk
from app.tickets.events import Transmitted
from app.tickets.prediagnosis import only_express
from app.tickets.queries import protected_identifier
from app.tickets.transmission import Dossier, NamedTool


@dataclass(frozen=True)
class Sent:
    """An earlier transmission."""

    at: datetime
    channel: str
    ft_reference: str
    text: str


@dataclass(frozen=True)
class Prepared:
    dossier: Dossier
    channels: tuple[ChannelRow, ...]
    sent: tuple[Sent, ...]


def prepare(desk: Desk, partner: str) -> Prepared:
    """The dossier of the ticket on this desk. Six queries, and two more for each tool beyond the first."""
    facts = desk.facts
    tools = tools_by_code(facts.tools, desk.ticket.partner_id)
    channels = _channels(desk, tools)
    events = effective(desk.records)
    dossier = Dossier(
        reference=desk.reference,
        facts=facts,
        account=desk.filed.text,
        tools=tuple(NamedTool(tool.name, tool.kind, tool.platform_name) for tool in tools),
        partner=partner,
        structure=desk.names().structure(facts.structure_id),
        convention=_convention(desk),
        zone=desk.zone,
        express=only_express([record.event for record in events]),
        has_channel=bool(channels),
        withheld=(protected_identifier(desk.ticket.id) or "") if facts.identifier_present else "",
    )
    sent = tuple(
        Sent(record.occurred_at, record.event.channel, record.event.ft_reference, record.event.text)
        for record in events
        if isinstance(record.event, Transmitted)
    )
    return Prepared(dossier, channels, sent)


def _convention(desk: Desk) -> str:
    """« nord-2025, France Travail Hauts-de-France »."""
    if desk.facts.convention_id is None:
        return ""
    convention = find_convention(desk.ticket.partner_id, desk.facts.convention_id)
    return f"{convention.code}, {convention.counterpart}"


def _channels(desk: Desk, tools: tuple[ToolRow, ...]) -> tuple[ChannelRow, ...]:
    """Those that the convention gives for the tools of the ticket, that of the first tool first."""
    convention_id = desk.facts.convention_id
    if convention_id is None:
        return ()
    codes: list[str | None] = [*(tool.code for tool in tools)] or [None]
    found = (channel_for(desk.ticket.partner_id, convention_id, code) for code in codes)
    return tuple({channel.id: channel for channel in found if channel is not None}.values())
