"""Contacts that change, and the mail that is then owed to France Travail's governance. Commits nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.kernel.errors import Impossible, InvalidInput, NotFound
from app.partners.descriptions import Subject, contact_fields, contact_subject
from app.partners.history import Author
from app.partners.interlocutors import add_contact, edit_contact
from app.partners.models import Contact, ContactNotice, Convention, Partner
from app.partners.notice_rules import (
    ContactChange,
    Letter,
    check_sent_on,
    compose,
    effective_from,
    gather,
    is_owed,
)
from app.partners.terms import OWN_SIDE, holds


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A mail to send, or sent, or set aside; `number` is that of the convention."""

    convention_code: str
    number: int
    created_at: datetime
    effective_from: date | None
    changes: int
    sent_on: date | None
    set_aside: str | None
    closed_at: datetime | None

    @property
    def is_waiting(self) -> bool:
        return self.closed_at is None


def save_contact(
    partner_id: int,
    convention_id: int,
    contact_id: int | None,
    *,
    now: datetime,
    no_mail: bool = False,
    **details: Any,
) -> Subject:
    """Add a contact, or change one, and prepare the mail that the change owes, unless `no_mail`.

    Raises what `add_contact` and `edit_contact` raise.
    """
    before: Mapping[str, str] = {}
    if contact_id is None:
        contact = add_contact(partner_id, convention_id, now=now, **details)
    else:
        known = db.session.get(Contact, contact_id)
        before = _texts(known) if known is not None else {}
        contact = edit_contact(partner_id, contact_id, now=now, **details)
    convention = db.session.get_one(Convention, convention_id)
    after = _texts(contact)
    if not no_mail and is_owed(before, after, convention.starts_on, contact.valid_from):
        annex = "Contact du partenaire" if contact.side == OWN_SIDE else "Contact de France Travail"
        _prepare(partner_id, convention_id, ContactChange(contact.id, annex, before, after), now)
    return contact_subject(convention_id, contact.id)


def notices_of(
    partner_id: int, *, convention_id: int | None = None, waiting: bool = False
) -> list[NoticeRow]:
    """The mails of a partner, or of one of its conventions, the latest first."""
    query = (
        select(ContactNotice, Convention.code)
        .join(Convention, Convention.id == ContactNotice.convention_id)
        .where(ContactNotice.partner_id == partner_id)
        .order_by(ContactNotice.created_at.desc(), ContactNotice.id.desc())
    )
    if convention_id is not None:
        query = query.where(ContactNotice.convention_id == convention_id)
    if waiting:
        query = query.where(ContactNotice.closed_at.is_(None))
    return [_row(notice, code) for notice, code in db.session.execute(query)]


def letter_of(partner_id: int, convention_id: int, number: int, *, today: date) -> tuple[NoticeRow, Letter]:
    """A mail and what it says: while it waits, what the contacts are now. Raises NotFound."""
    notice = _find(partner_id, convention_id, number)
    convention = db.session.get_one(Convention, convention_id)
    partner = db.session.get_one(Partner, partner_id)
    letter = compose(
        partner.name,
        convention.code,
        convention.counterpart,
        _changes(notice),
        _governance(partner_id, convention_id, today),
    )
    if notice.text is not None:
        letter = Letter(letter.recipient, letter.address, letter.subject, notice.text)
    return _row(notice, convention.code), letter


def note_sent(author: Author, convention_id: int, number: int, *, sent_on: date, today: date) -> None:
    """The mail left on that day: the obligation is met. Raises NotFound, InvalidInput, Impossible when closed."""
    notice = _waiting(author.partner_id, convention_id, number)
    check_sent_on(sent_on, today, notice.created_at.date())
    notice.sent_on = sent_on
    _close(author, notice, today)


def set_aside(author: Author, convention_id: int, number: int, *, reason: str, today: date) -> None:
    """No mail is owed after all, and why. Raises NotFound, InvalidInput without a reason, Impossible when closed."""
    notice = _waiting(author.partner_id, convention_id, number)
    if not reason.strip():
        raise InvalidInput("Dites pourquoi aucun courriel n’est dû.", field="reason")
    notice.set_aside = reason
    _close(author, notice, today)


def _prepare(partner_id: int, convention_id: int, change: ContactChange, now: datetime) -> None:
    """Add the change to the mail that waits, or begin one. When nothing is left to tell, none waits."""
    notice = db.session.scalar(
        select(ContactNotice).where(
            ContactNotice.partner_id == partner_id,
            ContactNotice.convention_id == convention_id,
            ContactNotice.closed_at.is_(None),
        )
    )
    if notice is None:
        notice = ContactNotice(
            partner_id=partner_id,
            convention_id=convention_id,
            number=_next_number(convention_id),
            created_at=now,
            changes=[],
        )
        db.session.add(notice)
    told = gather(_changes(notice), change)
    if told:
        notice.changes = [_stored(one) for one in told]
    else:
        db.session.delete(notice)
    db.session.flush()


def _next_number(convention_id: int) -> int:
    highest = select(func.max(ContactNotice.number)).where(ContactNotice.convention_id == convention_id)
    return (db.session.scalar(highest) or 0) + 1


def _close(author: Author, notice: ContactNotice, today: date) -> None:
    """What it said is kept with it: the contacts will change again."""
    _, letter = letter_of(author.partner_id, notice.convention_id, notice.number, today=today)
    notice.text = letter.body
    notice.closed_at = author.now
    notice.closed_by = author.account_id
    db.session.flush()


def _find(partner_id: int, convention_id: int, number: int) -> ContactNotice:
    notice = db.session.scalar(
        select(ContactNotice).where(
            ContactNotice.partner_id == partner_id,
            ContactNotice.convention_id == convention_id,
            ContactNotice.number == number,
        )
    )
    if notice is None:
        raise NotFound
    return notice


def _waiting(partner_id: int, convention_id: int, number: int) -> ContactNotice:
    notice = _find(partner_id, convention_id, number)
    if notice.closed_at is not None:
        raise Impossible("Ce courriel est déjà noté comme envoyé, ou sans objet.")
    return notice


def _governance(partner_id: int, convention_id: int, today: date) -> tuple[str, str | None] | None:
    contacts = db.session.scalars(
        select(Contact)
        .where(
            Contact.partner_id == partner_id,
            Contact.convention_id == convention_id,
            Contact.role == "governance",
        )
        .order_by(Contact.id.desc())
    )
    return next(
        ((row.label, row.email) for row in contacts if holds(row.valid_from, row.valid_to, today)), None
    )


def _texts(contact: Contact) -> dict[str, str]:
    return {label: value.text for label, value in contact_fields(contact).items()}


def _stored(change: ContactChange) -> dict[str, Any]:
    """As JSON. Fields are pairs: PostgreSQL forgets the order of the keys of an object."""
    return {
        "contact_id": change.contact_id,
        "annex": change.annex,
        "before": [list(pair) for pair in change.before.items()],
        "after": [list(pair) for pair in change.after.items()],
    }


def _changes(notice: ContactNotice) -> tuple[ContactChange, ...]:
    return tuple(
        ContactChange(one["contact_id"], one["annex"], dict(one["before"]), dict(one["after"]))
        for one in notice.changes
    )


def _row(notice: ContactNotice, code: str) -> NoticeRow:
    return NoticeRow(
        convention_code=code,
        number=notice.number,
        created_at=notice.created_at,
        effective_from=effective_from(_changes(notice)),
        changes=len(notice.changes),
        sent_on=notice.sent_on,
        set_aside=notice.set_aside,
        closed_at=notice.closed_at,
    )
