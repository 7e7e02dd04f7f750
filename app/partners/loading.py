"""Putting the catalogue and a profile into the database, as often as one likes.

A row that still says what its profile says follows the profile; one that a person has edited is left
alone and named, unless the caller asks to overwrite it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from sqlalchemy import select

from app.deadlines.calendar import DEFAULT_WEEK, format_week
from app.extensions import db
from app.kernel.errors import InvalidInput, NotFound
from app.partners.catalogue import Catalogue
from app.partners.models import (
    Channel,
    Commitment,
    Contact,
    Convention,
    ConventionTool,
    Partner,
    Platform,
    Tool,
)
from app.partners.profile_file import Profile
from app.partners.queries import ids_by_code, partner_by_code
from app.partners.rulebooks import commitment_values
from app.partners.terms import CLOCKS, CONTACT_ROLES, TIME_ZONES, TYPES, first_end, parse_code

ESCALATION = {"support_si_plateforme": 1}  # the only rank that the catalogue can tell

Row = TypeVar("Row", Convention, Commitment, Channel, Contact)
Child = TypeVar("Child", Commitment, Channel, Contact)


@dataclass(frozen=True, slots=True)
class Copy:
    """How a profile serves as a model: for another partner, under another code, for another term.

    Each None keeps what the profile says, or what an earlier loading of the copy was told.
    """

    partner_code: str | None = None
    code: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None


AS_IT_IS = Copy()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a loading did, in French: what it created, brought up to date, or left as a person edited it."""

    partner: str
    convention: str
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def load_catalogue_into(catalogue: Catalogue) -> None:
    """Bring platforms and tools up to date. None is ever removed, since tickets name them."""
    platforms = {row.code: row for row in db.session.scalars(select(Platform))}
    for platform in catalogue.platforms.values():
        row = platforms.setdefault(platform.code, Platform(code=platform.code))
        row.name = platform.name
        row.login = platform.login
        row.channel = platform.channel
        row.channel_url = platform.channel_url
        db.session.add(row)
    tools = {row.code: row for row in db.session.scalars(select(Tool))}
    for tool in catalogue.tools.values():
        known = tools.setdefault(tool.code, Tool(code=tool.code))
        known.platform = platforms[tool.platform]
        known.name = tool.name
        known.kind = tool.kind
        known.section = tool.section
        known.modules = list(tool.modules)
        known.needs = list(tool.needs)
        db.session.add(known)
    db.session.flush()


def load_profile_into(
    profile: Profile, catalogue: Catalogue, *, copy: Copy = AS_IT_IS, overwrite: bool = False
) -> Loaded:
    """Create the convention of a profile, or bring it up to date; the same call twice changes nothing.

    The partner is created with the profile's own convention, never with a copy. Raises InvalidInput for
    a wrong code or a term that ends before it begins, NotFound for an unknown partner.
    """
    load_catalogue_into(catalogue)
    partner = _partner(profile, copy)
    loading = _Loading(profile, copy, partner, overwrite)
    loading.put_convention()
    loading.put_tools()
    loading.put_commitments()
    loading.put_channels()
    loading.put_contacts(catalogue.contacts)
    db.session.flush()
    return loading.done


def _partner(profile: Profile, copy: Copy) -> Partner:
    code = copy.partner_code or profile.partner_code
    if code is None:
        raise InvalidInput(
            f"Le profil « {profile.code} » ne nomme pas de partenaire : indiquez-le avec --partner.",
            field="partner",
        )
    if code != profile.partner_code:
        try:
            return partner_by_code(code)
        except NotFound:
            raise NotFound(
                f"Partenaire inconnu : « {code} ». Chargez d’abord une convention qui est la sienne.",
                field="partner",
            ) from None
    partner = db.session.scalar(select(Partner).where(Partner.code == code))
    if partner is None:
        partner = Partner(
            code=code,
            name=profile.partner,
            time_zone=TIME_ZONES[profile.zone],
            holiday_zone=profile.zone,
            good_friday=True,
            service_hours=format_week(DEFAULT_WEEK),
        )
        db.session.add(partner)
    partner.siret = partner.siret or profile.partner_siret
    db.session.flush()
    return partner


class _Loading:
    """One profile on its way into the database."""

    def __init__(self, profile: Profile, copy: Copy, partner: Partner, overwrite: bool) -> None:
        self._profile = profile
        self._copy = copy
        self._partner = partner
        self._overwrite = overwrite
        self._tools = ids_by_code(Tool)
        self._platforms = ids_by_code(Platform)
        code = parse_code(copy.code or profile.code, field="as")
        self.done = Loaded(partner.code, code)
        self._convention = db.session.scalar(
            select(Convention).where(Convention.partner_id == partner.id, Convention.code == code)
        )

    def put_convention(self) -> None:
        profile = self._profile
        own = self._partner.code == profile.partner_code
        starts_on, ends_on = self._term()
        values: dict[str, object] = {
            "profile": profile.code,
            "counterpart": profile.counterpart,
            "zone": profile.zone if own else self._partner.holiday_zone,
            "starts_on": starts_on,
            "ends_on": ends_on,
            "duration": profile.duration,
            "renewal": profile.renewal,
            "tacit_renewal": profile.tacit_renewal,
            "denunciation_notice": profile.denunciation_notice,
            "declaration_channel": profile.declaration_channel,
            "service_levels_from": profile.service_levels_from,
            "settings": dict(profile.settings),
        }
        identity = {"partner_id": self._partner.id, "code": self.done.convention}
        label = f"convention « {self.done.convention} »"
        self._convention = self._put(Convention, self._convention, identity, values, label)
        db.session.flush()

    def put_tools(self) -> None:
        """The tools are part of the convention: they are its own once somebody has edited it."""
        convention = self._loaded
        listed = frozenset(self._tools[code] for code in self._profile.tools)
        rows = {
            row.tool_id: row
            for row in db.session.scalars(
                select(ConventionTool).where(ConventionTool.convention_id == convention.id)
            )
        }
        if rows.keys() == listed:
            return
        if rows and convention.edited_at is not None and not self._overwrite:
            self.done.kept.append("outils de la convention")
            return
        for tool_id in listed - rows.keys():
            db.session.add(ConventionTool(convention_id=convention.id, tool_id=tool_id))
        for tool_id in rows.keys() - listed:
            db.session.delete(rows[tool_id])
        (self.done.updated if rows else self.done.created).append("outils de la convention")

    def put_commitments(self) -> None:
        rows = {(row.code, row.tool_id, row.valid_from): row for row in self._children(Commitment)}
        for terms in self._profile.commitments:
            tool_id = self._tools[terms.tool] if terms.tool else None
            identity = {"code": terms.code, "tool_id": tool_id, "valid_from": terms.valid_from}
            row = rows.pop((terms.code, tool_id, terms.valid_from), None)
            label = f"engagement « {CLOCKS[terms.clock]} », {TYPES[terms.applies_to]}"
            self._put(Commitment, row, self._child(identity), commitment_values(terms), label)
        if self._overwrite:
            self._remove_versions(list(rows.values()))

    def put_channels(self) -> None:
        rows = {(row.platform_id, row.tool_id): row for row in self._children(Channel)}
        for fact in self._profile.channels:
            platform_id = self._platforms[fact.platform] if fact.platform else None
            tool_id = self._tools[fact.tool] if fact.tool else None
            identity = {"platform_id": platform_id, "tool_id": tool_id}
            values: dict[str, object] = {
                "name": fact.name,
                "kind": fact.kind,
                "address": fact.address,
                "url": fact.url,
                "receipt_is_take_up": fact.receipt_is_take_up,
            }
            row = rows.get((platform_id, tool_id))
            if row is not None and row.removed_at is not None and not self._overwrite:
                self.done.kept.append(f"canal «\u00a0{fact.name}\u00a0», retiré")
                continue
            if row is not None:
                row.removed_at = None
            self._put(Channel, row, self._child(identity), values, f"canal « {fact.name} »")

    def put_contacts(self, mailboxes: Mapping[str, str]) -> None:
        rows = {row.role: row for row in reversed(self._children(Contact))}
        for role in self._profile.contacts:
            label = CONTACT_ROLES[role]
            values: dict[str, object] = {
                "label": label,
                "email": mailboxes[role],
                "rank": ESCALATION.get(role),
            }
            self._put(Contact, rows.get(role), self._child({"role": role}), values, f"contact « {label} »")

    @property
    def _loaded(self) -> Convention:
        assert self._convention is not None
        return self._convention

    def _term(self) -> tuple[date | None, date | None]:
        """The dates asked for, else those the copy already has, else the profile's."""
        copied = self._convention if self.done.convention != self._profile.code else None
        base = copied or self._profile
        starts_on = self._copy.starts_on or base.starts_on
        ends_on = self._copy.ends_on or base.ends_on
        last_day = first_end(starts_on, ends_on, self._profile.duration)
        if starts_on and last_day and last_day < starts_on:
            raise InvalidInput(
                f"La convention commencerait le {starts_on:%d/%m/%Y}, après sa fin le {last_day:%d/%m/%Y} : "
                "indiquez aussi la date de fin.",
                field="starts_on",
            )
        return starts_on, ends_on

    def _child(self, identity: Mapping[str, object]) -> dict[str, object]:
        return {"partner_id": self._partner.id, "convention_id": self._loaded.id, **identity}

    def _children(self, kind: type[Child]) -> list[Child]:
        """The rows of the convention, oldest first."""
        query = select(kind).where(kind.partner_id == self._partner.id, kind.convention_id == self._loaded.id)
        return list(db.session.scalars(query.order_by(kind.id)))

    def _put(
        self,
        kind: type[Row],
        row: Row | None,
        identity: Mapping[str, object],
        values: Mapping[str, object],
        label: str,
    ) -> Row:
        """Create the row, bring it up to date, or keep it: `done` says which."""
        if row is None:
            row = kind(**identity, **values)
            db.session.add(row)
            self.done.created.append(label)
            return row
        differing = {name: value for name, value in values.items() if getattr(row, name) != value}
        if differing and row.edited_at is not None and not self._overwrite:
            self.done.kept.append(label)
        elif differing:
            for name, value in differing.items():
                setattr(row, name, value)
            row.edited_at = None
            self.done.updated.append(label)
        return row

    def _remove_versions(self, rows: list[Commitment]) -> None:
        """Versions that a person added to the profile's own commitments; what started clocks read is kept with them."""
        codes = {terms.code for terms in self._profile.commitments}
        for row in rows:
            if row.code in codes:
                db.session.delete(row)
                self.done.updated.append(f"version ajoutée de l’engagement « {row.code} », retirée")
