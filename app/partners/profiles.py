"""Conventions as data: the shipped profiles, and the full validation of any other.

To measure a clock under a shipped profile, without a database:

    reading_for(convention, clock, applies_to, started_at, tool=None) -> Reading

`started_at` is aware; equal commitments and start years share one `Reading`, so repeated calls cost
microseconds. It raises children of InvalidInput whose `field` is `convention`, `clock`, `type` or
`tool`, and whose message lists the known words. `load_shipped_profiles()` maps codes to profiles;
`shipped_rulebook().convention(code)` gives the time zone and the other terms of one.

`resolve.py` decides; `terms.py` holds the words and values; `profile_file.py` says what a file may hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType

from app.deadlines.reading import Reading
from app.kernel.errors import InvalidInput
from app.partners.catalogue import Catalogue, parse_catalogue
from app.partners.profile_file import Profile, parse_commitments, parse_profile
from app.partners.resolve import Rulebook
from app.partners.tables import Faults, Table, read_toml
from app.partners.terms import LAW, ConventionTerms, reference_fault

SHIPPED = Path(__file__).parent / "profiles"


class UnknownTool(InvalidInput):
    default_message = "Outil inconnu."


def reading_for(
    convention: str, clock: str, applies_to: str, started_at: datetime, tool: str | None = None
) -> Reading:
    """The reading of a shipped convention for a clock that starts at `started_at` (aware). See above."""
    tools = load_catalogue().tools
    if tool is not None and tool not in tools:
        raise UnknownTool(
            f"Outil inconnu : « {tool} ». Outils connus : {', '.join(sorted(tools))}.", field="tool"
        )
    return shipped_rulebook().reading_for(convention, clock, applies_to, started_at, tool)


@cache
def load_shipped_profiles() -> Mapping[str, Profile]:
    """The conventions of the project, by code."""
    profiles = (load_profile(path) for path in _shipped_conventions())
    return MappingProxyType({profile.code: profile for profile in profiles})


@cache
def load_catalogue() -> Catalogue:
    """The catalogue of the project."""
    return parse_catalogue(SHIPPED / "catalogue.toml")


@cache
def load_law() -> ConventionTerms:
    """What the law itself requires, under every convention."""
    path = SHIPPED / "law.toml"
    faults = Faults(path.name)
    root = Table(read_toml(path), faults)
    law = ConventionTerms(code=LAW, commitments=parse_commitments(root, load_catalogue()))
    root.close()
    faults.raise_if_any()
    return law


@cache
def shipped_rulebook() -> Rulebook:
    return Rulebook((profile.terms for profile in load_shipped_profiles().values()), load_law())


def load_profile(path: Path, *, beside: Iterable[Path] = ()) -> Profile:
    """The profile of a TOML file, which may borrow the service levels of a shipped one or of one `beside`.

    Raises one InvalidInput that names the file and lists every fault: key, then reason.
    """
    faults = Faults(path.name)
    root = Table(read_toml(path), faults)
    profile = parse_profile(root, load_catalogue())
    _check_reference(profile, root, [*_shipped_conventions(), *beside])
    faults.raise_if_any()
    return profile


def _shipped_conventions() -> list[Path]:
    return [path for path in sorted(SHIPPED.glob("*.toml")) if path.stem not in ("catalogue", LAW)]


def _check_reference(profile: Profile, root: Table, paths: Iterable[Path]) -> None:
    """`service_levels_from` names a known convention, and following it never comes back."""
    contents = map(read_toml, paths)
    references = {
        str(content.get("code")): _text_or_none(content.get("service_levels_from")) for content in contents
    }
    fault = reference_fault(profile.code, references | {profile.code: profile.service_levels_from})
    if fault is not None:
        root.fault("service_levels_from", fault)


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
