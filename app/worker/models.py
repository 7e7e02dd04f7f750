"""Which runs of which jobs were claimed, and how they ended."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.base import Model, UTCDateTime

JOB_LENGTH = 40
ERROR_LENGTH = 120


class Outcome(StrEnum):
    RUNNING = "running"  # or its worker died on the way: another takes over after `LEASE`
    DONE = "done"
    FAILED = "failed"


class JobRun(Model):
    """One run of one job. The primary key is the lock: of all workers, the one whose row enters runs it.

    `error` names what it fell on, never with the words of the exception: they may hold what people typed.
    """

    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(String(JOB_LENGTH), primary_key=True)
    slot: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[Outcome] = mapped_column(String(10))
    error: Mapped[str] = mapped_column(String(ERROR_LENGTH), default="")
