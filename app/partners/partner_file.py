"""A partner as a TOML file says it: who it is, its conventions, its structures, its first administrator. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.deadlines.calendar import find_zone, parse_week
from app.kernel.siret import parse_siret
from app.partners.tables import Faults, Table, read_toml
from app.partners.terms import STRUCTURE_KINDS, TIME_ZONES, code_from, parse_code, parse_email

NAME_LENGTH = 200
EMPTY_MODEL = "vide"


@dataclass(frozen=True, slots=True)
class ConventionSpec:
    """A convention to make from a shipped profile, or from EMPTY_MODEL, which then needs `counterpart`."""

    profile: str
    code: str
    counterpart: str | None
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class StructureSpec:
    code: str
    name: str
    kind: str
    siret: str | None
    shares_tickets: bool
    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClosureSpec:
    first_day: date
    last_day: date
    label: str


@dataclass(frozen=True, slots=True)
class PartnerSpec:
    code: str
    name: str
    siret: str | None
    zone: str
    time_zone: str | None
    service_hours: str | None
    good_friday: bool
    administrator_name: str
    administrator_email: str
    conventions: tuple[ConventionSpec, ...]
    structures: tuple[StructureSpec, ...]
    closures: tuple[ClosureSpec, ...]


def load_partner_file(path: Path, *, profiles: Collection[str], tools: Mapping[str, object]) -> PartnerSpec:
    """The partner of a file. Raises one InvalidInput that names the file and lists every fault: key, then reason."""
    faults = Faults(path.name)
    root = Table(read_toml(path), faults)
    spec = _partner(root, profiles, tools)
    root.close()
    faults.raise_if_any()
    return spec


def _partner(root: Table, profiles: Collection[str], tools: Collection[str]) -> PartnerSpec:
    administrator = root.table("administrator")
    root.require("administrator")
    name = email = ""
    if administrator is not None:
        name = administrator.text("name")
        administrator.require("email")
        email = administrator.parsed("email", parse_email) or ""
        administrator.close()
    root.require("code")
    return PartnerSpec(
        code=root.parsed("code", parse_code) or "",
        name=_name(root),
        siret=root.parsed("siret", parse_siret),
        zone=root.optional_word("zone", TIME_ZONES) or "metropole",
        time_zone=root.parsed("time_zone", _zone),
        service_hours=root.parsed("service_hours", _week),
        good_friday=root.flag("good_friday", default=True),
        administrator_name=name,
        administrator_email=email,
        conventions=_conventions(root, profiles),
        structures=_structures(root, tools),
        closures=_closures(root),
    )


def _conventions(root: Table, profiles: Collection[str]) -> tuple[ConventionSpec, ...]:
    found = []
    for table in root.tables("conventions"):
        profile = table.word("profile", (*profiles, EMPTY_MODEL))
        starts_on, ends_on = table.days("starts_on", "ends_on")
        if profile == EMPTY_MODEL:
            table.require("counterpart")
        found.append(
            ConventionSpec(
                profile=profile,
                code=table.parsed("code", parse_code) or profile,
                counterpart=table.optional_text("counterpart"),
                starts_on=starts_on,
                ends_on=ends_on,
            )
        )
        table.close()
    _once(root, "conventions", [one.code for one in found])
    return tuple(found)


def _structures(root: Table, tools: Collection[str]) -> tuple[StructureSpec, ...]:
    found: list[StructureSpec] = []
    for table in root.tables("structures"):
        name = _name(table)
        codes = table.texts("tools")
        for code in codes:
            if code not in tools:
                table.fault("tools", f"outil inconnu «\u00a0{code}\u00a0»")
        found.append(
            StructureSpec(
                code=table.parsed("code", parse_code) or code_from(name, [one.code for one in found]),
                name=name,
                kind=table.optional_word("kind", STRUCTURE_KINDS) or "service",
                siret=table.parsed("siret", parse_siret),
                shares_tickets=table.flag("shares_tickets"),
                tools=codes,
            )
        )
        table.close()
    _once(root, "structures", [one.code for one in found])
    return tuple(found)


def _closures(root: Table) -> tuple[ClosureSpec, ...]:
    found = []
    for table in root.tables("closures"):
        table.require("first_day")
        first, last = table.days("first_day", "last_day")
        label = _name(table, "label")
        if first is not None:
            found.append(ClosureSpec(first, last or first, label))
        table.close()
    return tuple(found)


def _name(table: Table, key: str = "name") -> str:
    name = table.text(key)
    if len(name) > NAME_LENGTH:
        table.fault(key, f"{NAME_LENGTH} caractères au plus")
    return name


def _once(root: Table, key: str, codes: list[str]) -> None:
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        root.fault(key, f"le code «\u00a0{code}\u00a0» est donné deux fois")


def _week(text: str) -> str:
    """The text itself, once it has been understood."""
    parse_week(text)
    return text


def _zone(text: str) -> str:
    find_zone(text)
    return text
