"""The history of the settings: who changed what, from what to what. Commits nothing.

Every change goes through `keep_history`, which reads what is described before and after the act. The number of
changes already recorded about a thing is its version: a form that was shown an earlier one is refused, with what
changed meanwhile, so that two administrators never overwrite each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.journal.technical import Trace, note
from app.kernel.errors import Stale
from app.partners.descriptions import NOTHING, SECURITY, Description, Subject, describe, flag
from app.partners.models import ConfigurationChange, Convention, Partner
from app.partners.wording import yes_or_no

TITLE_LENGTH = 300
PAGE_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes the settings of which partner, when (aware), from which network address."""

    partner_id: int
    account_id: int | None
    now: datetime
    address: str = ""


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change as people read it; `fields` are (label, before, after)."""

    title: str
    recorded_at: datetime
    account_id: int | None
    convention_code: str | None
    fields: tuple[tuple[str, str, str], ...]

    @property
    def is_whole(self) -> bool:
        """Whether the thing was added, or removed: all of its fields come, or go."""
        return not any(before and after for _, before, after in self.fields) and len(self.fields) > 1


class ChangedMeanwhile(Stale):
    """Someone else changed the same settings since the form was shown: `changes`, the oldest first."""

    default_message = "Ces réglages ont changé pendant votre saisie. Rien n’a été enregistré."

    def __init__(self, changes: Sequence[ChangeRow]) -> None:
        super().__init__()
        self.changes = tuple(changes)


def keep_history(
    author: Author,
    subject: Subject | None,
    act: Callable[[], Subject | None],
    *,
    seen: int | None = None,
    checking: bool = False,
) -> Subject | None:
    """Do `act` and record what it changed. `subject` is None for what `act` creates, and then returns.

    `checking`: that somebody looked counts, and is recorded once even when nothing differs.

    Raises ChangedMeanwhile, before doing anything, when the form was shown another version than `seen`.
    """
    _take_turns(author.partner_id)
    if subject is not None and seen is not None and seen != version_of(author.partner_id, subject):
        raise ChangedMeanwhile(changes_since(author.partner_id, subject, seen))
    before = describe(author.partner_id, subject) if subject else NOTHING
    changed = act() or subject
    if changed is not None:
        after = describe(author.partner_id, changed)
        if before.fields != after.fields or (checking and not version_of(author.partner_id, changed)):
            record(author, changed, before, after)
    return changed


def record(author: Author, subject: Subject, before: Description, after: Description) -> None:
    """Write what differs, for people to read, and a trace of it without anything that was typed."""
    record_all(author, [(subject, before, after)])


def record_all(author: Author, changes: Sequence[tuple[Subject, Description, Description]]) -> None:
    """The same for many things at once, such as an import: one row for each, one trace for all."""
    sequences = _sequences(author.partner_id, [subject.name for subject, _, _ in changes])
    traced: dict[str, dict[str, list[str]]] = {}
    for subject, before, after in changes:
        differing = before.difference(after)
        title = after.title or before.title
        db.session.add(
            ConfigurationChange(
                partner_id=author.partner_id,
                subject=subject.name,
                sequence=sequences.get(subject.name, 0) + 1,
                convention_id=subject.convention_id,
                recorded_at=author.now,
                account_id=author.account_id,
                title=_told(title, before, after)[:TITLE_LENGTH],
                changes=[
                    {"label": label, "before": old.text, "after": new.text} for label, old, new in differing
                ],
            )
        )
        traced[subject.name] = {label: [old.traced, new.traced] for label, old, new in differing}
    (first, *others) = changes
    note(
        Trace.SETTINGS_CHANGED,
        now=author.now,
        partner_id=author.partner_id,
        account_id=author.account_id,
        address=author.address,
        what=first[0].name if not others else f"{first[0].kind} ({len(changes)})",
        details={"fields": traced},
    )
    db.session.flush()


def version_of(partner_id: int, subject: Subject) -> int:
    """How many changes of it are recorded."""
    return _sequences(partner_id, [subject.name]).get(subject.name, 0)


def changes_since(partner_id: int, subject: Subject, seen: int) -> list[ChangeRow]:
    """The changes that come after the version `seen`, the oldest first."""
    query = (
        _changes(partner_id)
        .where(ConfigurationChange.subject == subject.name, ConfigurationChange.sequence > seen)
        .order_by(ConfigurationChange.sequence)
    )
    return _rows(db.session.execute(query))


def latest_changes(
    partner_id: int, *, convention_id: int | None = None, page: int = 1, length: int = PAGE_LENGTH
) -> tuple[list[ChangeRow], bool]:
    """A page of the changes, the latest first, and whether there are older ones."""
    query = _changes(partner_id)
    if convention_id is not None:
        query = query.where(ConfigurationChange.convention_id == convention_id)
    query = query.order_by(ConfigurationChange.id.desc()).limit(length + 1).offset((page - 1) * length)
    rows = _rows(db.session.execute(query))
    return rows[:length], len(rows) > length


def last_change(partner_id: int, subject: Subject) -> ChangeRow | None:
    query = (
        _changes(partner_id)
        .where(ConfigurationChange.subject == subject.name)
        .order_by(ConfigurationChange.sequence.desc())
        .limit(1)
    )
    return next(iter(_rows(db.session.execute(query))), None)


def is_noted_open(partner_id: int) -> bool:
    """Whether the last that was recorded of the security part is that it opened."""
    last = last_change(partner_id, SECURITY)
    return last is not None and last.fields[-1][2] == yes_or_no(True)


def note_opening(author: Author, *, is_open: bool) -> None:
    """The security part opens, or closes for want of people."""
    before, after = (
        Description("Partie sécurité", {"Ouverte": flag(state)}) for state in (not is_open, is_open)
    )
    record(author, SECURITY, before, after)


def _told(title: str, before: Description, after: Description) -> str:
    if not before.fields:
        return f"{title}, ajout"
    if before.fields == after.fields:
        return f"{title}, vérification"
    return f"{title}, retrait" if not after.fields else title


def _take_turns(partner_id: int) -> None:
    """Of two changes of one partner's settings at once, the second waits; readers and tickets do not."""
    db.session.execute(select(Partner.id).where(Partner.id == partner_id).with_for_update(key_share=True))


def _sequences(partner_id: int, names: Sequence[str]) -> dict[str, int]:
    query = (
        select(ConfigurationChange.subject, func.max(ConfigurationChange.sequence))
        .where(ConfigurationChange.partner_id == partner_id, ConfigurationChange.subject.in_(names))
        .group_by(ConfigurationChange.subject)
    )
    return dict(db.session.execute(query).tuples().all())


def _changes(partner_id: int) -> Any:
    return (
        select(ConfigurationChange, Convention.code)
        .outerjoin(Convention, Convention.id == ConfigurationChange.convention_id)
        .where(ConfigurationChange.partner_id == partner_id)
    )


def _rows(found: Iterable[Any]) -> list[ChangeRow]:
    return [
        ChangeRow(
            title=row.title,
            recorded_at=row.recorded_at,
            account_id=row.account_id,
            convention_code=code,
            fields=tuple((line["label"], line["before"], line["after"]) for line in row.changes),
        )
        for row, code in found
    ]
