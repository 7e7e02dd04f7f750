"""How one convention is written in a TOML file: its keys, what each may hold, and the profile they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

from app.deadlines.calendar import parse_week
from app.deadlines.delays import Delay, Unit, parse_delay
from app.kernel.siret import parse_siret
from app.partners.catalogue import Catalogue
from app.partners.tables import Table
from app.partners.terms import (
    CHANNEL_KINDS,
    CLOCKS,
    OWED_BY,
    TIME_ZONES,
    TYPES,
    CommitmentTerms,
    ConventionTerms,
    first_end,
    parse_code,
    parse_email,
    parse_period,
    parse_url,
    term_end,
)

UNITS = tuple(unit.value for unit in Unit)


@dataclass(frozen=True, slots=True)
class ChannelFact:
    """Where France Travail is told: for a tool, for a platform, or for everything when both are None.

    `receipt_is_take_up`: the message that confirms the sending also confirms the prise en compte.
    """

    name: str
    kind: str
    platform: str | None = None
    tool: str | None = None
    address: str | None = None
    url: str | None = None
    receipt_is_take_up: bool = False


@dataclass(frozen=True)
class Profile:
    """A convention as its file states it. `settings` are the sections that no clock measures."""

    code: str
    partner: str
    counterpart: str
    zone: str
    partner_code: str | None = None
    partner_siret: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    duration: str | None = None
    renewal: str | None = None
    tacit_renewal: str | None = None
    denunciation_notice: str | None = None
    declaration_channel: str | None = None
    service_levels_from: str | None = None
    tools: tuple[str, ...] = ()
    commitments: tuple[CommitmentTerms, ...] = ()
    channels: tuple[ChannelFact, ...] = ()
    contacts: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def terms(self) -> ConventionTerms:
        last_day = first_end(self.starts_on, self.ends_on, self.duration)
        return ConventionTerms(
            code=self.code,
            commitments=self.commitments,
            time_zone=TIME_ZONES[self.zone],
            holiday_zone=self.zone,
            service_levels_from=self.service_levels_from,
            term_from=self.starts_on,
            term_to=term_end(last_day, self.tacit_renewal),
        )


def parse_profile(root: Table, catalogue: Catalogue) -> Profile:
    """The profile of a whole file, its faults being noted in `root`."""
    starts_on, ends_on = root.days("starts_on", "ends_on")
    profile = Profile(
        code=_code(root, "code"),
        partner=root.text("partner"),
        counterpart=root.text("counterpart"),
        zone=root.word("zone", TIME_ZONES),
        partner_code=root.parsed("partner_code", parse_code),
        partner_siret=root.parsed("partner_siret", parse_siret),
        starts_on=starts_on,
        ends_on=ends_on,
        duration=_period(root, "duration"),
        renewal=root.optional_text("renewal"),
        tacit_renewal=_period(root, "tacit_renewal"),
        denunciation_notice=_period(root, "denunciation_notice"),
        declaration_channel=root.optional_text("declaration_channel"),
        service_levels_from=root.optional_text("service_levels_from"),
        tools=_tools(root, catalogue),
        commitments=parse_commitments(root, catalogue),
        channels=_channels(root, catalogue),
        contacts=_contacts(root, catalogue),
        settings=_settings(root),
    )
    root.close()
    return profile


def _tools(root: Table, catalogue: Catalogue) -> tuple[str, ...]:
    codes = []
    for table in root.tables("tools"):
        codes.append(table.word("code", catalogue.tools))
        table.close()
    for code in {code for code in codes if codes.count(code) > 1}:
        root.fault("tools", f"l’outil « {code} » est donné deux fois")
    return tuple(codes)


def parse_commitments(root: Table, catalogue: Catalogue) -> tuple[CommitmentTerms, ...]:
    commitments = tuple(_commitment(table, catalogue) for table in root.tables("commitments"))
    for one, other in combinations(commitments, 2):
        if one.code == other.code and (one.clock, one.applies_to) != (other.clock, other.applies_to):
            root.fault("commitments", f"le code « {one.code} » désigne deux engagements différents")
        elif one.overlaps(other):
            root.fault(
                "commitments",
                f"« {one.code} » et « {other.code} » mesurent la même chose aux mêmes dates "
                f"(horloge « {one.clock} », type « {one.applies_to} »)",
            )
    return commitments


def _commitment(table: Table, catalogue: Catalogue) -> CommitmentTerms:
    unit = table.word("unit", UNITS)
    valid_from, valid_to = table.days("valid_from", "valid_to")
    commitment = CommitmentTerms(
        code=_code(table, "code") or "",
        clock=table.word("clock", CLOCKS),
        applies_to=table.word("applies_to", TYPES),
        delay=_delay(table, unit),
        starts=table.text("starts"),
        stops=table.text("stops"),
        owed_by=table.word("owed_by", OWED_BY),
        source=table.text("source"),
        plannable=table.flag("plannable"),
        suspendable=table.flag("suspendable"),
        carry_over=table.flag("carry_over"),
        week=table.parsed("week", parse_week),
        holiday_zone=table.optional_word("holiday_zone", TIME_ZONES),
        tool=table.optional_word("tool", catalogue.tools),
        valid_from=valid_from,
        valid_to=valid_to,
        condition=table.optional_text("condition"),
    )
    table.close()
    return commitment


def _delay(table: Table, unit: str) -> Delay:
    """A faulty unit has been noted: the delay is then only read as a text."""
    table.require("delay")
    if unit not in UNITS:
        table.optional_text("delay")
        return Delay(1, Unit.ELAPSED)
    return table.parsed("delay", lambda text: parse_delay(text, Unit(unit))) or Delay(1, Unit(unit))


def _channels(root: Table, catalogue: Catalogue) -> tuple[ChannelFact, ...]:
    return tuple(_channel(table, catalogue) for table in root.tables("channels"))


def _channel(table: Table, catalogue: Catalogue) -> ChannelFact:
    """The name and address of a platform's own form need not be repeated."""
    code = table.optional_word("platform", catalogue.platforms)
    platform = catalogue.platforms[code] if code else None
    kind = table.word("kind", CHANNEL_KINDS)
    form = platform if kind == "form" else None
    if form is None:
        table.require("name")
    channel = ChannelFact(
        name=table.optional_text("name") or (form.channel if form else ""),
        kind=kind,
        platform=code,
        tool=table.optional_word("tool", catalogue.tools),
        address=table.parsed("address", parse_email),
        url=table.parsed("url", parse_url) or (form.channel_url if form else None),
        receipt_is_take_up=table.flag("receipt_is_take_up"),
    )
    if channel.platform and channel.tool:
        table.fault("tool", "un canal vaut pour une plateforme ou pour un outil, pas pour les deux")
    table.close()
    return channel


def _contacts(root: Table, catalogue: Catalogue) -> tuple[str, ...]:
    """Roles of the catalogue's contacts that the convention names: all of them when it says nothing."""
    roles = root.optional_texts("contacts")
    if roles is None:
        return tuple(catalogue.contacts)
    for role in roles:
        if role not in catalogue.contacts:
            root.fault(
                "contacts", f"contact inconnu « {role} » (contacts connus : {', '.join(catalogue.contacts)})"
            )
    return roles


def _settings(root: Table) -> dict[str, object]:
    """The sections present, with the values present, as plain JSON."""
    settings: dict[str, object] = {"account_manager": root.flag("account_manager", default=True)}
    for name, readers in SECTIONS.items():
        section = root.table(name)
        if section is None:
            continue
        values = {key: read(section, key) for key, read in readers.items()}
        section.close()
        settings[name] = {key: value for key, value in values.items() if value is not None}
    return settings


def _code(table: Table, key: str) -> str:
    table.require(key)
    return table.parsed(key, parse_code) or ""


def _period(table: Table, key: str) -> str | None:
    """The text itself, once it has been understood."""
    return table.parsed(key, parse_period)


def _listed(table: Table, key: str) -> list[str] | None:
    texts = table.optional_texts(key)
    return None if texts is None else list(texts)


# The sections that no clock measures: their keys, and how each is read.
SECTIONS: Mapping[str, Mapping[str, Callable[[Table, str], object]]] = {
    "targets": {
        "availability_percent": Table.number,
        "performance_percent": Table.number,
        "performance_threshold_s": Table.number,
        "performance_complex_s": Table.number,
        "source": Table.optional_text,
    },
    "changes": {
        "minor_notice": _period,
        "major_notice": _period,
        "previous_version_kept_at_most": _period,
        "except": Table.optional_text,
        "source": Table.optional_text,
    },
    "accounts": {
        "manager_absence_limit": _period,
        "manager_departure_notice": _period,
        "suspend_after_inactivity": _period,
        "entitlement_review": _period,
        "entitlement_ends_after_absence": _period,
        "source": Table.optional_text,
    },
    "reviews": {
        "security_assessment": _period,
        "security_awareness": _period,
        "contract_review": _period,
        "source": Table.optional_text,
    },
    "data_subject_requests": {"rule": Table.optional_text, "source": Table.optional_text},
    "data_life_cycle": {
        "destroy_after_end": _period,
        "required": _listed,
        "expected": _listed,
        "source": Table.optional_text,
    },
}
