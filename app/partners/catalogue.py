"""The tools and platforms of France Travail that a partner may subscribe to, as shipped in `profiles/catalogue.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from app.partners.tables import Faults, Table, read_toml
from app.partners.terms import CONTACT_ROLES, OPEN_SECTION, TOOL_KINDS


@dataclass(frozen=True, slots=True)
class PlatformFact:
    """A place where people sign in. `channel` is the form through which France Travail is told."""

    code: str
    name: str
    channel: str
    channel_url: str | None = None
    login: str | None = None


@dataclass(frozen=True, slots=True)
class ToolFact:
    """A tool or an API; `needs` are the codes of those that must be subscribed with it."""

    code: str
    name: str
    kind: str
    platform: str
    section: str
    modules: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Access itself is part of every convention, whether listed or not."""
        return self.section == OPEN_SECTION


Fact = TypeVar("Fact", PlatformFact, ToolFact)


@dataclass(frozen=True)
class Catalogue:
    """Everything by code; `contacts` are France Travail's functional mailboxes by role."""

    platforms: Mapping[str, PlatformFact]
    tools: Mapping[str, ToolFact]
    contacts: Mapping[str, str]


def parse_catalogue(path: Path) -> Catalogue:
    """The catalogue of a TOML file. Raises InvalidInput with all its faults."""
    faults = Faults(path.name)
    root = Table(read_toml(path), faults)
    platforms = _by_code((_platform(table) for table in root.tables("platforms")), "platforms", root)
    tools = _by_code([_tool(table, platforms) for table in root.tables("tools")], "tools", root)
    for tool in tools.values():
        for needed in tool.needs:
            if needed not in tools:
                root.fault("tools", f"l’outil « {tool.code} » requiert un outil inconnu, « {needed} »")
    catalogue = Catalogue(platforms, tools, _contacts(root))
    root.close()
    faults.raise_if_any()
    return catalogue


def _platform(table: Table) -> PlatformFact:
    platform = PlatformFact(
        code=table.text("code"),
        name=table.text("name"),
        channel=table.text("channel"),
        channel_url=table.optional_text("channel_url"),
        login=table.optional_text("login"),
    )
    table.close()
    return platform


def _tool(table: Table, platforms: Mapping[str, PlatformFact]) -> ToolFact:
    tool = ToolFact(
        code=table.text("code"),
        name=table.text("name"),
        kind=table.word("kind", TOOL_KINDS),
        platform=table.word("platform", platforms),
        section=table.text("section"),
        modules=table.texts("modules"),
        needs=table.texts("needs"),
    )
    table.close()
    return tool


def _contacts(root: Table) -> dict[str, str]:
    """`[contacts.france_travail]`: a role, then its functional mailbox."""
    contacts = root.table("contacts")
    if contacts is None:
        return {}
    mailboxes = contacts.table("france_travail")
    contacts.close()
    if mailboxes is None:
        return {}
    found = {role: mailboxes.optional_text(role) for role in CONTACT_ROLES}
    mailboxes.close()
    return {role: address for role, address in found.items() if address}


def _by_code(facts: Iterable[Fact], key: str, root: Table) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    for fact in facts:
        if fact.code in found:
            root.fault(key, f"le code « {fact.code} » est donné deux fois")
        found[fact.code] = fact
    return found
