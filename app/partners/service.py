"""What people do with partners and conventions, and how a ticket is measured. Commits nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypedDict, Unpack

from sqlalchemy import delete, select

from app.deadlines.reading import Reading
from app.extensions import db
from app.kernel.errors import InvalidInput, NotFound
from app.partners.checks import assign, check_order, check_required, check_text, check_word
from app.partners.models import (
    Commitment,
    Convention,
    ConventionTool,
    Structure,
    StructureTool,
    Tool,
)
from app.partners.profiles import load_shipped_profiles
from app.partners.queries import (
    ConventionChoice,
    conventions_covering,
    conventions_of,
    find_convention,
    ids_by_code,
)
from app.partners.rulebooks import commitment_values, rulebook, terms_of
from app.partners.terms import (
    CLOCKS,
    OWED_BY,
    STRUCTURE_KINDS,
    TIME_ZONES,
    TYPES,
    CommitmentTerms,
    first_end,
    parse_code,
    parse_period,
    reference_fault,
)

DAY = timedelta(days=1)


# --- Measuring a ticket ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChosenConvention:
    """The convention that speaks best for a ticket, and the others a person may choose instead."""

    default: ConventionChoice
    alternatives: tuple[ConventionChoice, ...]

    @property
    def convention_id(self) -> int:
        return self.default.convention.id


def choose_convention(partner_id: int, tool_codes: Sequence[str], on: date) -> ChosenConvention | None:
    """The convention for these tools on a local day (see `conventions_covering`); None without any convention."""
    choices = conventions_covering(partner_id, tool_codes, on)
    return ChosenConvention(choices[0], choices[1:]) if choices else None


def reading_for_ticket(
    partner_id: int, convention_id: int, clock: str, applies_to: str, started_at: datetime, tool: str | None
) -> Reading:
    """The reading of a clock that starts at `started_at` (aware) under a convention of the partner.

    It is measured with the rows as they are now; the service levels of a convention that the partner
    does not have are those of the shipped profile.

    Raises NotFound for a convention that is not the partner's, NoCommitment where nothing sets a figure.
    """
    terms = terms_of(partner_id)
    if convention_id not in terms:
        raise NotFound("Convention inconnue.", field="convention")
    measures = rulebook(tuple(terms.values()))
    return measures.reading_for(terms[convention_id].code, clock, applies_to, started_at, tool)


# --- Structures ------------------------------------------------------------------------------------------


def add_structure(
    partner_id: int,
    *,
    code: str,
    name: str,
    kind: str,
    shares_tickets: bool = False,
    tool_codes: Sequence[str] = (),
) -> Structure:
    """A structure of the partner, narrowed to `tool_codes` if there are any."""
    check_word("kind", kind, STRUCTURE_KINDS)
    known = select(Structure.id).where(Structure.partner_id == partner_id, Structure.code == code)
    if db.session.scalar(known) is not None:
        raise InvalidInput(f"Le code « {code} » est déjà celui d’une structure.", field="code")
    structure = Structure(
        partner_id=partner_id,
        code=parse_code(code),
        name=check_required("name", name),
        kind=kind,
        shares_tickets=shares_tickets,
        active=True,
    )
    db.session.add(structure)
    db.session.flush()
    narrow_tools(partner_id, structure.id, tool_codes)
    return structure


def narrow_tools(partner_id: int, structure_id: int, tool_codes: Sequence[str]) -> None:
    """The tools that the people of a structure may name; none means all those of the partner."""
    structure = db.session.scalar(
        select(Structure).where(Structure.partner_id == partner_id, Structure.id == structure_id)
    )
    if structure is None:
        raise NotFound("Structure inconnue.", field="structure")
    db.session.execute(delete(StructureTool).where(StructureTool.structure_id == structure_id))
    for tool_id in _tool_ids(partner_id, tool_codes):
        db.session.add(StructureTool(structure_id=structure_id, tool_id=tool_id))
    db.session.flush()


# --- Conventions and commitments -------------------------------------------------------------------------


class ConventionChanges(TypedDict, total=False):
    """What can be edited of a convention; a key that is absent stays as it is."""

    counterpart: str
    zone: str
    starts_on: date | None
    ends_on: date | None
    duration: str | None
    renewal: str | None
    tacit_renewal: str | None
    denunciation_notice: str | None
    declaration_channel: str | None
    service_levels_from: str | None
    settings: dict[str, object]


def edit_convention(
    partner_id: int,
    convention_id: int,
    *,
    now: datetime,
    tool_codes: Sequence[str] | None = None,
    **changes: Unpack[ConventionChanges],
) -> Convention:
    """Change a convention, and its tools when they are given. Started clocks keep the reading they have."""
    convention = find_convention(partner_id, convention_id)
    assign(convention, changes, now)
    _check_convention(convention)
    if tool_codes is not None:
        db.session.execute(delete(ConventionTool).where(ConventionTool.convention_id == convention_id))
        for tool_id in _tool_ids(partner_id, tool_codes):
            db.session.add(ConventionTool(convention_id=convention_id, tool_id=tool_id))
    db.session.flush()
    return convention


def add_commitment_version(
    partner_id: int, convention_id: int, terms: CommitmentTerms, *, now: datetime
) -> Commitment:
    """A new version of a commitment, from `terms.valid_from` on: the one before ends the day before.

    It ends itself the day before a later version that exists already. Clocks that have started keep the
    reading they started with. Raises InvalidInput without a first day, or on one that is taken.
    """
    find_convention(partner_id, convention_id)
    if terms.valid_from is None:
        raise InvalidInput(
            "Indiquez à partir de quel jour la nouvelle version s’applique.", field="valid_from"
        )
    _check_terms(terms)
    tool_id = _tool_ids(partner_id, [terms.tool])[0] if terms.tool else None
    versions = _versions_beside(convention_id, terms, tool_id)
    later = [first for version in versions if (first := version.valid_from) and first > terms.valid_from]
    new = Commitment(
        partner_id=partner_id,
        convention_id=convention_id,
        tool_id=tool_id,
        code=terms.code,
        valid_from=terms.valid_from,
        edited_at=now,
        **commitment_values(replace(terms, valid_to=_earlier(terms.valid_to, min(later, default=None)))),
    )
    for version in versions:
        if version.valid_from is None or version.valid_from < terms.valid_from:
            assign(version, {"valid_to": _earlier(version.valid_to, terms.valid_from)}, now)
    db.session.add(new)
    db.session.flush()
    return new


def _versions_beside(convention_id: int, terms: CommitmentTerms, tool_id: int | None) -> list[Commitment]:
    """The other versions of the same figure, after making sure that none begins on the same day."""
    rows = db.session.scalars(select(Commitment).where(Commitment.convention_id == convention_id)).all()
    if any(row.code == terms.code and not _measures_as(row, terms) for row in rows):
        raise InvalidInput(f"Le code « {terms.code} » désigne déjà un autre engagement.", field="code")
    versions = [row for row in rows if _measures_as(row, terms) and row.tool_id == tool_id]
    if any(version.valid_from == terms.valid_from for version in versions):
        raise InvalidInput(f"Une version commence déjà le {terms.valid_from:%d/%m/%Y}.", field="valid_from")
    return versions


def _measures_as(row: Commitment, terms: CommitmentTerms) -> bool:
    return terms.measures(row.clock, row.applies_to)


def _earlier(last: date | None, next_first: date | None) -> date | None:
    """`last`, or the eve of `next_first` when that is sooner."""
    if next_first is None:
        return last
    eve = next_first - DAY
    return eve if last is None else min(last, eve)


def _check_terms(terms: CommitmentTerms) -> None:
    parse_code(terms.code)
    check_word("clock", terms.clock, CLOCKS)
    check_word("applies_to", terms.applies_to, TYPES)
    check_word("owed_by", terms.owed_by, OWED_BY)
    if terms.holiday_zone is not None:
        check_word("holiday_zone", terms.holiday_zone, TIME_ZONES)
    check_order("valid_to", terms.valid_from, terms.valid_to)


def _check_convention(convention: Convention) -> None:
    check_required("counterpart", convention.counterpart)
    check_word("zone", convention.zone, TIME_ZONES)
    for name in ("duration", "tacit_renewal", "denunciation_notice"):
        check_text(name, getattr(convention, name), parse_period)
    last_day = first_end(convention.starts_on, convention.ends_on, convention.duration)
    check_order("ends_on", convention.starts_on, last_day)
    known = {profile.code: profile.service_levels_from for profile in load_shipped_profiles().values()}
    own = {row.code: row.service_levels_from for row in conventions_of(convention.partner_id)}
    fault = reference_fault(convention.code, known | own | {convention.code: convention.service_levels_from})
    if fault is not None:
        raise InvalidInput(fault, field="service_levels_from")


def _tool_ids(partner_id: int, codes: Sequence[str]) -> list[int]:
    known = ids_by_code(Tool, partner_id)
    for code in codes:
        if code not in known:
            raise InvalidInput(f"Outil inconnu : « {code} ».", field="tool")
    return [known[code] for code in dict.fromkeys(codes)]
