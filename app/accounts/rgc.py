"""The account managers of the conventions: their deeds of commitment, and what the CSSI is told. Commits nothing.

A notice is a subject of the journal with one clock: what happened to it is recorded there, and the deadline is
projected from it as for every other clock of the house.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select

from app.accounts.life_models import REFERENCE_LENGTH, Absence, CssiNotice, Deed
from app.accounts.models import Account, Membership
from app.accounts.policy import Actor, Permission, Role, Scope, check
from app.accounts.queries import IN_FORCE
from app.accounts.rgc_rules import (
    APPLIES_TO,
    CLOCK,
    REMINDED_BEFORE,
    Cause,
    Terms,
    absence_needs_notice,
    reading_of,
    terms_in,
)
from app.deadlines.clocks import ClockFacts
from app.deadlines.models import Deadline
from app.deadlines.reading import Reading
from app.deadlines.service import project, readings_by_digest, store_reading, stored_clocks, sync
from app.extensions import db
from app.journal.service import lock_subject, open_subject, record
from app.journal.technical import Trace, note
from app.kernel.clock import to_minute
from app.kernel.errors import Impossible, InvalidInput, NotFound
from app.kernel.reference import new_reference
from app.kernel.text import clean_line
from app.partners.models import Contact, Convention, Partner

KIND = "cssi-notice"


@dataclass(frozen=True, slots=True)
class Owed:
    """A notice that the CSSI has not had yet, and when it is due."""

    notice: CssiNotice
    due_at: datetime


def terms_of_partner(partner_id: int) -> Terms | None:
    """What the conventions of the partner ask about account managers; None when they have none."""
    rows = db.session.execute(
        select(Convention.code, Convention.settings)
        .where(Convention.partner_id == partner_id)
        .order_by(Convention.code)
    )
    return terms_in([(code, settings) for code, settings in rows])


def cssi_address(partner_id: int) -> str | None:
    """Where the CSSI is written to, if a contact of the partner's conventions says so."""
    return db.session.scalar(
        select(Contact.email)
        .where(Contact.partner_id == partner_id, Contact.role == "cssi", Contact.email.is_not(None))
        .order_by(Contact.id.desc())
        .limit(1)
    )


# --- Deeds of commitment ---------------------------------------------------------------------------------


def record_deed(
    account: Account,
    signed_on: date,
    document: str,
    *,
    deputy: bool,
    today: date,
    actor: Actor,
    now: datetime,
    address: str = "",
) -> Deed:
    """The deed that an account manager signed. Raises InvalidInput, NotFound for someone who is not one."""
    check(actor, Permission.HABILITATION_MANAGE, Scope(partner_id=actor.partner_id))
    document = clean_line(document, field="document", label="Référence", max_length=REFERENCE_LENGTH)
    if not document:
        raise InvalidInput("Indiquez où l’acte se trouve, ou sa référence.", field="document")
    if signed_on > today:
        raise InvalidInput("Un acte ne peut pas être signé dans le futur.", field="signed_on")
    if not is_account_manager(actor.partner_id, account.id):
        raise NotFound("Cette personne n’est pas responsable de gestion de comptes.")
    assert actor.account_id is not None, "the desk itself records no deed"
    deed = Deed(
        partner_id=actor.partner_id,
        account_id=account.id,
        deputy=deputy,
        signed_on=signed_on,
        document=document,
        recorded_at=now,
        recorded_by=actor.account_id,
    )
    db.session.add(deed)
    note(
        Trace.SETTINGS_CHANGED,
        now=now,
        partner_id=actor.partner_id,
        account_id=actor.account_id,
        address=address,
        what="deed-recorded",
        details={"account": account.id},
    )
    db.session.flush()
    return deed


def is_account_manager(partner_id: int, account_id: int) -> bool:
    """Whether the person holds that role, suspended or not."""
    held = select(Membership.id).where(
        Membership.partner_id == partner_id,
        Membership.account_id == account_id,
        Membership.role == Role.ACCOUNT_MANAGER.value,
    )
    return db.session.scalar(held.limit(1)) is not None


def account_managers(partner_id: int) -> list[tuple[int, str]]:
    """Those whose role is in force, as (key, name), by name."""
    rows = db.session.execute(
        select(Account.id, Account.name)
        .join(Membership, Membership.account_id == Account.id)
        .where(
            Membership.partner_id == partner_id,
            Membership.role == Role.ACCOUNT_MANAGER.value,
            IN_FORCE,
            Account.active,
        )
        .distinct()
        .order_by(Account.name, Account.id)
    )
    return list(rows.tuples())


# --- Notices to the CSSI ---------------------------------------------------------------------------------


def open_departure_notice(
    account: Account, leaves_on: date, *, today: date, actor: Actor, now: datetime
) -> CssiNotice | None:
    """The CSSI must be told that an account manager leaves; None when nothing is owed.

    A day that changes takes the place of the one before.
    """
    terms = terms_of_partner(actor.partner_id)
    if terms is None or not is_account_manager(actor.partner_id, account.id):
        return None
    cancel_departure_notice(account.id, actor=actor, now=now)
    return _open(account, Cause.DEPARTURE, leaves_on, None, terms, today=today, actor=actor, now=now)


def open_absence_notice(
    account: Account, absence: Absence, *, asked: bool, today: date, actor: Actor, now: datetime
) -> CssiNotice | None:
    """The CSSI must be told of a long absence, and is of a shorter one when it is `asked`; else None."""
    terms = terms_of_partner(actor.partner_id)
    if terms is None or not is_account_manager(actor.partner_id, account.id):
        return None
    if not asked and not absence_needs_notice(absence.first_day, absence.last_day, terms.absence_limit):
        return None
    notice = _open(
        account,
        Cause.ABSENCE,
        absence.first_day,
        absence.last_day,
        terms,
        today=today,
        actor=actor,
        now=now,
    )
    notice.absence_id = absence.id
    return notice


def cancel_departure_notice(account_id: int, *, actor: Actor, now: datetime) -> None:
    """The departure is put off or called off: what was not sent is not owed any more."""
    _cancel(
        actor,
        now,
        CssiNotice.account_id == account_id,
        CssiNotice.cause == Cause.DEPARTURE.value,
    )


def cancel_absence_notice(absence_id: int, *, actor: Actor, now: datetime) -> None:
    """The absence is called off."""
    _cancel(actor, now, CssiNotice.absence_id == absence_id)


def find_notice(actor: Actor, reference: str) -> CssiNotice:
    """Raises NotFound for a notice of another partner."""
    notice = None
    if reference.isprintable():
        notice = db.session.scalar(
            select(CssiNotice).where(
                CssiNotice.partner_id == actor.partner_id, CssiNotice.reference == reference
            )
        )
    if notice is None:
        raise NotFound
    return notice


def mark_notice_sent(notice: CssiNotice, sent_at: datetime, *, actor: Actor, now: datetime) -> None:
    """The mail has left, at the time that is told. Raises InvalidInput for the future, Impossible when ended."""
    check(actor, Permission.HABILITATION_MANAGE, Scope(partner_id=actor.partner_id))
    subject = lock_subject(notice.id)
    if notice.sent_at or notice.cancelled_at:
        raise Impossible("Cet avis n’est plus à envoyer.")
    sent_at = to_minute(sent_at)
    if sent_at > now:
        raise InvalidInput("Cette heure est dans le futur.", field="sent_at")
    if sent_at < to_minute(notice.opened_at):
        raise InvalidInput("L’avis n’existait pas encore à cette heure.", field="sent_at")
    notice.sent_at, notice.sent_by = sent_at, actor.account_id
    record(subject, f"{KIND}.sent", {}, actor_id=actor.account_id, occurred_at=sent_at, now=now)
    _project(notice)


def owed_notices(partner_id: int) -> list[Owed]:
    """The notices that are not sent, the most urgent first."""
    return _notices(partner_id, Deadline.running.is_(True))


def notices_of(partner_id: int) -> list[Owed]:
    """Every notice of the partner that was not called off, those that are not sent first."""
    notices = _notices(partner_id, Deadline.cancelled_at.is_(None))
    return sorted(notices, key=lambda owed: (owed.notice.sent_at is not None, owed.due_at))


def notices_to_remind_of(partner_id: int, *, now: datetime) -> list[Owed]:
    """The notices that are due within two days, or late, and of which nobody was reminded yet."""
    owed = [
        one
        for one in owed_notices(partner_id)
        if one.notice.reminded_at is None and one.due_at <= now + REMINDED_BEFORE
    ]
    # What was opened with less than two days left was told when it was opened.
    for one in owed:
        one.notice.reminded_at = now
    return [one for one in owed if one.due_at > one.notice.opened_at + REMINDED_BEFORE]


def reading_of_notice(notice: CssiNotice) -> Reading:
    """How the clock of a notice is read."""
    (clock,) = stored_clocks(notice.id)
    return readings_by_digest([clock.reading])[clock.reading]


def _notices(partner_id: int, *which: ColumnElement[bool]) -> list[Owed]:
    rows = db.session.execute(
        select(CssiNotice, Deadline.due_at)
        .join(Deadline, Deadline.subject_id == CssiNotice.id)
        .where(CssiNotice.partner_id == partner_id, Deadline.clock == CLOCK, *which)
        .order_by(Deadline.due_at, CssiNotice.id)
    )
    return [Owed(notice, due) for notice, due in rows]


def _open(
    account: Account,
    cause: Cause,
    effective_on: date,
    until: date | None,
    terms: Terms,
    *,
    today: date,
    actor: Actor,
    now: datetime,
) -> CssiNotice:
    partner = db.session.get_one(Partner, actor.partner_id)
    subject = open_subject(partner.id, partner.code, KIND, new_reference())
    reading = reading_of(terms, effective_on, today, partner.time_zone)
    store_reading(reading)
    record(
        subject,
        f"{KIND}.opened",
        {
            "account": account.reference,
            "cause": cause.value,
            "effective_on": effective_on.isoformat(),
            "until": until.isoformat() if until else None,
            "reading": reading.digest,
        },
        actor_id=actor.account_id,
        occurred_at=now,
        now=now,
    )
    notice = CssiNotice(
        id=subject.id,
        partner_id=partner.id,
        account_id=account.id,
        reference=subject.reference,
        cause=cause.value,
        effective_on=effective_on,
        until=until,
        opened_at=now,
    )
    db.session.add(notice)
    db.session.flush()
    _project(notice, reading)
    return notice


def _cancel(actor: Actor, now: datetime, *which: ColumnElement[bool]) -> None:
    notices = db.session.scalars(
        select(CssiNotice).where(
            CssiNotice.partner_id == actor.partner_id,
            CssiNotice.sent_at.is_(None),
            CssiNotice.cancelled_at.is_(None),
            *which,
        )
    ).all()
    for notice in notices:
        subject = lock_subject(notice.id)
        notice.cancelled_at = now
        record(subject, f"{KIND}.cancelled", {}, actor_id=actor.account_id, occurred_at=now, now=now)
        _project(notice)


def _project(notice: CssiNotice, reading: Reading | None = None) -> None:
    reading = reading or reading_of_notice(notice)
    facts = ClockFacts(
        started_at=notice.opened_at, stopped_at=notice.sent_at, cancelled_at=notice.cancelled_at
    )
    sync(notice.partner_id, notice.id, [project(CLOCK, APPLIES_TO, reading, facts, contested=False)])
    db.session.flush()
