"""The tables of the journal. Rows of `event`, `seal` and `seal_head` are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.base import BigId, JSONValue, Model, UTCDateTime


class Subject(Model):
    """What events are about: a ticket today, a case or an announcement tomorrow.

    It holds the head of the subject's chain, so that adding an event reads one row, and so that an
    event removed from the end is missed.
    """

    __tablename__ = "subject"
    __table_args__ = (
        UniqueConstraint("reference"),
        Index("ix_subject_unsealed", "partner_id", "sealed_sequence"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    kind: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(16))
    head_sequence: Mapped[int] = mapped_column(Integer, default=0)
    head_digest: Mapped[str] = mapped_column(String(64))
    sealed_sequence: Mapped[int] = mapped_column(Integer, default=0)


class Event(Model):
    """One thing that happened. `UNIQUE(subject, sequence)` is the lock of the house."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("subject_id", "sequence"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"))
    sequence: Mapped[int] = mapped_column(Integer)
    type: Mapped[str] = mapped_column(String(40))
    schema: Mapped[int] = mapped_column(Integer)
    actor_id: Mapped[int | None] = mapped_column(BigId)
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    corrects: Mapped[int | None] = mapped_column(Integer)
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSONValue)
    salt: Mapped[str | None] = mapped_column(String(32))
    payload_digest: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class Seal(Model):
    """A day's signature over every chain of a partner that grew since the seal before."""

    __tablename__ = "seal"
    __table_args__ = (UniqueConstraint("partner_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    number: Mapped[int] = mapped_column(Integer)
    sealed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    digest: Mapped[str] = mapped_column(String(64))


class SealHead(Model):
    """One chain under a seal: the event it reached and its digest."""

    __tablename__ = "seal_head"

    seal_id: Mapped[int] = mapped_column(ForeignKey("seal.id"), primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
