"""Writing the journal: opening a subject, recording what happens to it, sealing the day."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select

from app.extensions import db
from app.journal.events import Envelope, Payload, chained_digest, genesis, payload_digest, seal_digest
from app.journal.models import Event, Seal, SealHead, Subject
from app.kernel.errors import NotFound

Reactor = Callable[[Subject, Event], None]
_reactors: dict[Reactor, None] = {}  # in the order in which they came


def react(reactor: Reactor) -> None:
    """Have `reactor` called with each event once it is recorded, in the same transaction.

    So what stands on the right of the house hears what happens on its left, and nobody imports rightward.
    The subject's rows may not be up to the event yet: a reactor reads the events. What it raises undoes the whole.
    """
    _reactors[reactor] = None


def open_subject(partner_id: int, partner_code: str, kind: str, reference: str) -> Subject:
    """A new chain. Its first event is still to be recorded."""
    subject = Subject(
        partner_id=partner_id,
        kind=kind,
        reference=reference,
        head_sequence=0,
        head_digest=genesis(partner_code, reference),
        sealed_sequence=0,
    )
    db.session.add(subject)
    db.session.flush()
    return subject


def lock_subject(subject_id: int) -> Subject:
    """The subject, held until the end of the transaction: two actions on it follow each other."""
    subject = db.session.scalar(
        select(Subject)
        .where(Subject.id == subject_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if subject is None:
        raise NotFound
    return subject


def record(
    subject: Subject,
    event_type: str,
    payload: Payload,
    *,
    actor_id: int | None,
    occurred_at: datetime,
    now: datetime,
    schema: int = 1,
    corrects: int | None = None,
) -> Event:
    """Add an event at the head of the subject's chain. The caller holds the subject's lock."""
    envelope = Envelope(
        subject=subject.reference,
        sequence=subject.head_sequence + 1,
        type=event_type,
        schema=schema,
        actor_id=actor_id,
        occurred_at=occurred_at,
        recorded_at=now,
        corrects=corrects,
    )
    salt = secrets.token_hex(16)
    digest_of_payload = payload_digest(salt, payload)
    event = Event(
        partner_id=subject.partner_id,
        subject_id=subject.id,
        sequence=envelope.sequence,
        type=event_type,
        schema=schema,
        actor_id=actor_id,
        occurred_at=occurred_at,
        recorded_at=now,
        corrects=corrects,
        payload=payload,
        salt=salt,
        payload_digest=digest_of_payload,
        digest=chained_digest(subject.head_digest, envelope, digest_of_payload),
    )
    subject.head_sequence = envelope.sequence
    subject.head_digest = event.digest
    db.session.add(event)
    for reactor in _reactors:
        reactor(subject, event)
    return event


def seal(partner_id: int, partner_code: str, now: datetime) -> Seal | None:
    """Seal every chain of the partner that grew since the last seal; None when nothing did."""
    grown = db.session.scalars(
        select(Subject)
        .where(Subject.partner_id == partner_id, Subject.head_sequence > Subject.sealed_sequence)
        .order_by(Subject.reference)
        .with_for_update()
    ).all()
    if not grown:
        return None
    last = db.session.scalar(
        select(Seal)
        .where(Seal.partner_id == partner_id)
        .order_by(Seal.number.desc())
        .limit(1)
        .with_for_update()
    )
    heads = [(subject.reference, subject.head_sequence, subject.head_digest) for subject in grown]
    previous = last.digest if last else genesis(partner_code, "seal")
    new = Seal(
        partner_id=partner_id,
        number=last.number + 1 if last else 1,
        sealed_at=now,
        digest=seal_digest(previous, partner_code, now, heads),
    )
    db.session.add(new)
    db.session.flush()
    for subject in grown:
        db.session.add(
            SealHead(
                seal_id=new.id,
                subject_id=subject.id,
                sequence=subject.head_sequence,
                digest=subject.head_digest,
            )
        )
        subject.sealed_sequence = subject.head_sequence
    return new


def count_events() -> int:
    return db.session.scalar(select(func.count()).select_from(Event)) or 0
