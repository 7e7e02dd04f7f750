"""What a partner says of itself: its name and SIRET, its hours, its days of closure, its conventions. Commits nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.deadlines.calendar import DEFAULT_WEEK, find_zone, format_week, parse_week
from app.extensions import db
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.siret import parse_siret
from app.partners.checks import check_order, check_required, check_word
from app.partners.descriptions import Subject, closure_subject, convention_subject
from app.partners.loading import Copy, load_catalogue_into, load_profile_into
from app.partners.models import Closure, Convention, Partner
from app.partners.opening import ClosedDays
from app.partners.partner_file import EMPTY_MODEL, PartnerSpec
from app.partners.profiles import load_catalogue, load_shipped_profiles
from app.partners.service import add_structure
from app.partners.terms import TIME_ZONES, parse_code

LONGEST_CLOSURE = 366


@dataclass(frozen=True, slots=True)
class ClosureRow:
    """`number` is that of the partner, and never another's."""

    number: int
    id: int
    first_day: date
    last_day: date
    label: str


# --- Identity and hours ----------------------------------------------------------------------------------


def create_partner(
    code: str,
    name: str,
    *,
    siret: str | None = None,
    zone: str = "metropole",
    time_zone: str | None = None,
    service_hours: str | None = None,
    good_friday: bool = True,
) -> Partner:
    """A new partner of the installation. Raises InvalidInput, also for a code that is taken."""
    parse_code(code)
    if db.session.scalar(select(Partner.id).where(Partner.code == code)) is not None:
        raise InvalidInput(f"Le partenaire «\u00a0{code}\u00a0» existe déjà.", field="code")
    partner = Partner(code=code)
    db.session.add(partner)
    with db.session.no_autoflush:
        _fill_identity(partner, name, siret)
        _fill_hours(
            partner,
            service_hours=service_hours or format_week(DEFAULT_WEEK),
            time_zone=time_zone or TIME_ZONES.get(zone, ""),
            holiday_zone=zone,
            good_friday=good_friday,
        )
    db.session.flush()
    return partner


def edit_identity(partner_id: int, *, name: str, siret: str | None) -> None:
    """Raises InvalidInput, for a SIRET whose key is wrong above all."""
    _fill_identity(db.session.get_one(Partner, partner_id), name, siret)
    db.session.flush()


def edit_hours(
    partner_id: int, *, service_hours: str, time_zone: str, holiday_zone: str, good_friday: bool
) -> None:
    """Clocks that have started keep the reading they have. Raises InvalidInput."""
    _fill_hours(
        db.session.get_one(Partner, partner_id),
        service_hours=service_hours,
        time_zone=time_zone,
        holiday_zone=holiday_zone,
        good_friday=good_friday,
    )
    db.session.flush()


def _fill_identity(partner: Partner, name: str, siret: str | None) -> None:
    partner.name = check_required("name", name)
    partner.siret = parse_siret(siret) if siret else None


def _fill_hours(
    partner: Partner, *, service_hours: str, time_zone: str, holiday_zone: str, good_friday: bool
) -> None:
    check_word("holiday_zone", holiday_zone, TIME_ZONES)
    try:
        partner.service_hours = format_week(parse_week(service_hours))
    except InvalidInput as error:
        raise InvalidInput(error.message, field="service_hours") from None
    try:
        find_zone(time_zone)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="time_zone") from None
    partner.time_zone = time_zone
    partner.holiday_zone = holiday_zone
    partner.good_friday = good_friday


# --- Closures --------------------------------------------------------------------------------------------


def closures_of(partner_id: int) -> tuple[ClosureRow, ...]:
    """By first day. One that was removed keeps its number to itself."""
    rows = db.session.scalars(select(Closure).where(Closure.partner_id == partner_id).order_by(Closure.id))
    listed = [
        ClosureRow(number, row.id, row.first_day, row.last_day, row.label)
        for number, row in enumerate(rows, start=1)
        if row.removed_at is None
    ]
    return tuple(sorted(listed, key=lambda row: (row.first_day, row.number)))


def closed_days(partner_id: int) -> ClosedDays:
    """What `opening.py` needs to tell when the partner's people work."""
    partner = db.session.get_one(Partner, partner_id)
    return ClosedDays(
        zone=partner.time_zone,
        week=parse_week(partner.service_hours),
        holiday_zone=partner.holiday_zone,
        good_friday=partner.good_friday,
        closures=tuple((row.first_day, row.last_day, row.label) for row in closures_of(partner_id)),
    )


def add_closure(partner_id: int, *, first_day: date, last_day: date, label: str) -> Subject:
    """Raises InvalidInput for days out of order, or more than a year of them."""
    row = Closure(partner_id=partner_id)
    _fill_closure(row, first_day, last_day, label)
    db.session.add(row)
    db.session.flush()
    return closure_subject(row.id)


def edit_closure(partner_id: int, closure_id: int, *, first_day: date, last_day: date, label: str) -> None:
    """Raises NotFound, InvalidInput."""
    _fill_closure(_closure(partner_id, closure_id), first_day, last_day, label)
    db.session.flush()


def remove_closure(partner_id: int, closure_id: int, *, now: datetime) -> None:
    """Raises NotFound."""
    _closure(partner_id, closure_id).removed_at = now
    db.session.flush()


def _fill_closure(row: Closure, first_day: date, last_day: date, label: str) -> None:
    check_order("last_day", first_day, last_day)
    if (last_day - first_day).days > LONGEST_CLOSURE:
        raise InvalidInput("Une fermeture dure un an au plus.", field="last_day")
    row.first_day, row.last_day = first_day, last_day
    row.label = check_required("label", label)


def _closure(partner_id: int, closure_id: int) -> Closure:
    row = db.session.scalar(
        select(Closure).where(
            Closure.partner_id == partner_id, Closure.id == closure_id, Closure.removed_at.is_(None)
        )
    )
    if row is None:
        raise NotFound
    return row


# --- Conventions -----------------------------------------------------------------------------------------


def create_convention(
    partner_id: int,
    *,
    model: str,
    code: str,
    counterpart: str | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    now: datetime,
) -> Subject:
    """A convention from a shipped profile, or from nothing (EMPTY_MODEL). Its code is the partner's to choose.

    Raises InvalidInput: a code that is taken, a term that ends before it begins, an unknown model.
    """
    parse_code(code)
    taken = select(Convention.id).where(Convention.partner_id == partner_id, Convention.code == code)
    if db.session.scalar(taken) is not None:
        raise InvalidInput("Ce code est déjà celui d’une de vos conventions.", field="code")
    check_order("ends_on", starts_on, ends_on)
    partner = db.session.get_one(Partner, partner_id)
    if model == EMPTY_MODEL:
        row = _empty_convention(partner, code, counterpart or "", starts_on, ends_on, now)
    else:
        row = _from_profile(partner, model, code, starts_on, ends_on)
        if counterpart and counterpart != row.counterpart:
            row.counterpart, row.edited_at = counterpart, now
    db.session.flush()
    return convention_subject(row.id)


def _empty_convention(
    partner: Partner, code: str, counterpart: str, starts_on: date | None, ends_on: date | None, now: datetime
) -> Convention:
    row = Convention(
        partner_id=partner.id,
        code=code,
        profile=EMPTY_MODEL,
        counterpart=check_required("counterpart", counterpart),
        zone=partner.holiday_zone,
        starts_on=starts_on,
        ends_on=ends_on,
        settings={"account_manager": True},
        edited_at=now,
    )
    db.session.add(row)
    return row


def _from_profile(
    partner: Partner, model: str, code: str, starts_on: date | None, ends_on: date | None
) -> Convention:
    profiles = load_shipped_profiles()
    if model not in profiles:
        raise InvalidInput("Choisissez un des modèles proposés.", field="model")
    copy = Copy(partner_code=partner.code, code=code, starts_on=starts_on, ends_on=ends_on)
    load_profile_into(profiles[model], load_catalogue(), copy=copy)
    found = select(Convention).where(Convention.partner_id == partner.id, Convention.code == code)
    return db.session.scalars(found).one()


# --- A whole partner -------------------------------------------------------------------------------------


def create_from_file(spec: PartnerSpec, *, now: datetime) -> Partner:
    """The partner of a file with all that is its own, but for its people. Raises InvalidInput for a code taken."""
    partner = create_partner(
        spec.code,
        spec.name,
        siret=spec.siret,
        zone=spec.zone,
        time_zone=spec.time_zone,
        service_hours=spec.service_hours,
        good_friday=spec.good_friday,
    )
    load_catalogue_into(load_catalogue())
    for convention in spec.conventions:
        create_convention(
            partner.id,
            model=convention.profile,
            code=convention.code,
            counterpart=convention.counterpart,
            starts_on=convention.starts_on,
            ends_on=convention.ends_on,
            now=now,
        )
    for structure in spec.structures:
        row = add_structure(
            partner.id,
            code=structure.code,
            name=structure.name,
            kind=structure.kind,
            shares_tickets=structure.shares_tickets,
            tool_codes=structure.tools,
        )
        row.siret = structure.siret
    for closure in spec.closures:
        add_closure(partner.id, first_day=closure.first_day, last_day=closure.last_day, label=closure.label)
    db.session.flush()
    return partner
