"""What each setting says, in French, field by field: what `history.py` compares before and after an act.

A value that was chosen (a date, a figure, a code, yes or no) may enter the technical journal. What was typed may
not: the trace then says only that there was a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from app.deadlines.delays import format_delay
from app.deadlines.thresholds import DEFAULT_THRESHOLDS, format_thresholds
from app.deadlines.wording import capitalised
from app.extensions import db
from app.partners.models import (
    Channel,
    Closure,
    Contact,
    Convention,
    ConventionTool,
    Partner,
    Platform,
    Retirement,
    Structure,
    StructureTool,
    Tool,
)
from app.partners.rulebooks import terms_of
from app.partners.terms import (
    CHANNEL_KINDS,
    CLOCKS,
    CONTACT_ROLES,
    OWN_CONTACT_ROLES,
    STRUCTURE_KINDS,
    TOOL_KINDS,
    TYPES,
)
from app.partners.wording import ZONE_LABELS, french_period, yes_or_no

A_TEXT = "(texte)"
ALL_TOOLS = "tous"


@dataclass(frozen=True, slots=True)
class Value:
    """What a person reads, and what the technical journal may keep of it."""

    text: str
    traced: str


EMPTY = Value("", "")


@dataclass(frozen=True, slots=True)
class Subject:
    """A setting of a partner: its kind, its key, and the convention it belongs to, if any."""

    kind: str
    key: str = ""
    convention_id: int | None = None

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.key}" if self.key else self.kind


@dataclass(frozen=True, slots=True)
class Description:
    """What a setting says. Without fields it does not exist."""

    title: str = ""
    fields: Mapping[str, Value] = field(default_factory=dict)

    def difference(self, after: Description) -> list[tuple[str, Value, Value]]:
        """(label, before, after) of each field that differs, in the order of the pages."""
        labels = dict.fromkeys([*self.fields, *after.fields])
        pairs = ((label, self.fields.get(label, EMPTY), after.fields.get(label, EMPTY)) for label in labels)
        return [(label, old, new) for label, old, new in pairs if old != new]


NOTHING = Description()
IDENTITY = Subject("identity")
HOURS = Subject("hours")
SECURITY = Subject("security")


def convention_subject(convention_id: int) -> Subject:
    return Subject("convention", str(convention_id), convention_id)


def commitments_subject(convention_id: int) -> Subject:
    return Subject("commitments", str(convention_id), convention_id)


def channel_subject(convention_id: int, channel_id: int) -> Subject:
    return Subject("channel", str(channel_id), convention_id)


def contact_subject(convention_id: int, contact_id: int) -> Subject:
    return Subject("contact", str(contact_id), convention_id)


def closure_subject(closure_id: int) -> Subject:
    return Subject("closure", str(closure_id))


def structure_subject(structure_id: int) -> Subject:
    return Subject("structure", str(structure_id))


def tool_subject(code: str) -> Subject:
    return Subject("tool", code)


def platform_subject(code: str) -> Subject:
    return Subject("platform", code)


def describe(partner_id: int, subject: Subject) -> Description:
    """What it says now; NOTHING when it does not exist, or is another partner's."""
    return _DESCRIBERS[subject.kind](partner_id, subject.key)


# --- Values ----------------------------------------------------------------------------------------------


def typed(text: str | None) -> Value:
    return Value(text, A_TEXT) if text else EMPTY


def chosen(text: str | None) -> Value:
    return Value(text or "", text or "")


def day(moment: date | None) -> Value:
    return chosen(f"{moment:%d/%m/%Y}" if moment else None)


def flag(value: bool) -> Value:
    return chosen(yes_or_no(value))


def period(text: str | None) -> Value:
    return chosen(french_period(text) if text else None)


def names(codes: Iterable[str], *, none: str = "") -> Value:
    return chosen(", ".join(sorted(codes)) or none)


# --- What each setting says ------------------------------------------------------------------------------


def _identity(partner_id: int, _key: str) -> Description:
    partner = db.session.get_one(Partner, partner_id)
    fields = {"Nom": typed(partner.name), "SIRET": chosen(partner.siret)}
    return Description("Identité du partenaire", fields)


def _hours(partner_id: int, _key: str) -> Description:
    partner = db.session.get_one(Partner, partner_id)
    fields = {
        "Heures de service": chosen(partner.service_hours),
        "Fuseau horaire": chosen(partner.time_zone),
        "Jours fériés": chosen(ZONE_LABELS.get(partner.holiday_zone, partner.holiday_zone)),
        "Vendredi saint": flag(partner.good_friday),
    }
    return Description("Heures de service du partenaire", fields)


def _security(partner_id: int, _key: str) -> Description:
    """Whether it is open is read from the rights: only the change itself is recorded."""
    return NOTHING


def _closure(partner_id: int, key: str) -> Description:
    row = db.session.get(Closure, int(key))
    if row is None or row.partner_id != partner_id or row.removed_at is not None:
        return NOTHING
    fields = {
        "Premier jour": day(row.first_day),
        "Dernier jour": day(row.last_day),
        "Motif": typed(row.label),
    }
    return Description(f"Fermeture «\u00a0{row.label}\u00a0»", fields)


def _convention(partner_id: int, key: str) -> Description:
    row = db.session.get(Convention, int(key))
    if row is None or row.partner_id != partner_id:
        return NOTHING
    tools = db.session.scalars(
        select(Tool.code)
        .join(ConventionTool, ConventionTool.tool_id == Tool.id)
        .where(ConventionTool.convention_id == row.id)
    )
    fields = {
        "Cocontractant": typed(row.counterpart),
        "Premier jour": day(row.starts_on),
        "Dernier jour": day(row.ends_on),
        "Durée": period(row.duration),
        "Tacite reconduction": period(row.tacit_renewal),
        "Préavis de dénonciation": period(row.denunciation_notice),
        "Renouvellement": typed(row.renewal),
        "Déclaration des incidents": typed(row.declaration_channel),
        "Jours fériés": chosen(ZONE_LABELS.get(row.zone, row.zone)),
        "Objectifs de référence": chosen(row.service_levels_from),
        "Outils": names(tools),
    }
    return Description(f"Convention {row.code}", fields)


def _commitments(partner_id: int, key: str) -> Description:
    """Every version of every figure. An end that a later version brings shows as a change of the one before."""
    terms = terms_of(partner_id).get(int(key))
    if terms is None:
        return NOTHING
    fields: dict[str, Value] = {}
    for one in terms.commitments:
        label = f"{capitalised(CLOCKS[one.clock])}, {TYPES[one.applies_to]}"
        label += f", {one.tool}" if one.tool else ""
        label += f", à partir du {one.valid_from:%d/%m/%Y}" if one.valid_from else ""
        until = f", jusqu’au {one.valid_to:%d/%m/%Y}" if one.valid_to else ""
        alerts = (
            "" if one.alerts == DEFAULT_THRESHOLDS else f", alertes\u00a0: {format_thresholds(one.alerts)}"
        )
        fields[label] = chosen(format_delay(one.delay) + until + alerts)
    return Description("Engagements", fields)


def _channel(partner_id: int, key: str) -> Description:
    query = (
        select(Channel, Platform.name, Tool.name)
        .outerjoin(Platform, Platform.id == Channel.platform_id)
        .outerjoin(Tool, Tool.id == Channel.tool_id)
        .where(Channel.partner_id == partner_id, Channel.id == int(key), Channel.removed_at.is_(None))
    )
    found = db.session.execute(query).one_or_none()
    if found is None:
        return NOTHING
    row, platform, tool = found
    fields = {
        "Pour": chosen(tool or platform or "tout le reste"),
        "Nom": typed(row.name),
        "Moyen": chosen(CHANNEL_KINDS[row.kind]),
        "Adresse électronique": typed(row.address),
        "Adresse du formulaire": typed(row.url),
        "L’accusé de réception vaut prise en charge": flag(row.receipt_is_take_up),
    }
    return Description(f"Canal «\u00a0{row.name}\u00a0»", fields)


def contact_fields(row: Contact) -> dict[str, Value]:
    """What the annexes say of a contact."""
    roles = {**CONTACT_ROLES, **OWN_CONTACT_ROLES}
    return {
        "Fonction": typed(row.label),
        "Rôle": chosen(roles[row.role]),
        "Rang de relance": chosen(str(row.rank) if row.rank else None),
        "Adresse électronique": typed(row.email),
        "Téléphone": typed(row.phone),
        "À partir du": day(row.valid_from),
        "Jusqu’au": day(row.valid_to),
    }


def _contact(partner_id: int, key: str) -> Description:
    row = db.session.get(Contact, int(key))
    if row is None or row.partner_id != partner_id:
        return NOTHING
    return Description(f"Contact «\u00a0{row.label}\u00a0»", contact_fields(row))


def _structure(partner_id: int, key: str) -> Description:
    row = db.session.get(Structure, int(key))
    if row is None or row.partner_id != partner_id:
        return NOTHING
    tools = db.session.scalars(
        select(Tool.code)
        .join(StructureTool, StructureTool.tool_id == Tool.id)
        .where(StructureTool.structure_id == row.id)
    )
    return structure_description(
        row.code,
        row.name,
        row.kind,
        siret=row.siret,
        shares=row.shares_tickets,
        active=row.active,
        tools=tools,
    )


def structure_description(
    code: str, name: str, kind: str, *, siret: str | None, shares: bool, active: bool, tools: Iterable[str]
) -> Description:
    """Whoever asks: the page of one structure, or the import of many. No tool of its own means all."""
    fields = {
        "Code": chosen(code),
        "Nom": typed(name),
        "Nature": chosen(STRUCTURE_KINDS[kind]),
        "SIRET": chosen(siret),
        "Partage ses sollicitations": flag(shares),
        "Active": flag(active),
        "Outils": names(tools, none=ALL_TOOLS),
    }
    return Description(f"Structure «\u00a0{name}\u00a0»", fields)


def _tool(partner_id: int, code: str) -> Description:
    row = db.session.scalar(select(Tool).where(Tool.code == code))
    if row is None or row.partner_id not in (None, partner_id):
        return NOTHING
    fields = {
        "Nom": typed(row.name),
        "Nature": chosen(TOOL_KINDS[row.kind]),
        "Plateforme": chosen(row.platform.name),
        "Proposé": flag(not _is_retired(partner_id, "tool", code)),
    }
    return Description(f"Outil «\u00a0{row.name}\u00a0»", fields)


def _platform(partner_id: int, code: str) -> Description:
    row = db.session.scalar(select(Platform).where(Platform.code == code))
    if row is None or row.partner_id not in (None, partner_id):
        return NOTHING
    fields = {
        "Nom": typed(row.name),
        "Connexion": typed(row.login),
        "Formulaire": typed(row.channel),
        "Adresse du formulaire": typed(row.channel_url),
        "Proposée": flag(not _is_retired(partner_id, "platform", code)),
    }
    return Description(f"Plateforme «\u00a0{row.name}\u00a0»", fields)


def _is_retired(partner_id: int, kind: str, code: str) -> bool:
    return db.session.get(Retirement, (partner_id, kind, code)) is not None


_DESCRIBERS: Mapping[str, Callable[[int, str], Description]] = {
    "identity": _identity,
    "hours": _hours,
    "security": _security,
    "closure": _closure,
    "convention": _convention,
    "commitments": _commitments,
    "channel": _channel,
    "contact": _contact,
    "structure": _structure,
    "tool": _tool,
    "platform": _platform,
}
