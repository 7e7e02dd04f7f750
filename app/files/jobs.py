"""What the worker does with files: drop those whose form was never sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.extensions import db
from app.files.models import Attachment
from app.infra.tx import transaction
from app.partners.models import Partner

DRAFTS_KEPT = timedelta(days=2)


def drop_drafts(now: datetime) -> None:
    """Delete the attachments that belong to nothing and are older than any form still open."""
    # Naming the partners lets the index serve, which begins with them.
    with transaction():
        db.session.execute(
            delete(Attachment).where(
                Attachment.partner_id.in_(select(Partner.id)),
                Attachment.subject_id.is_(None),
                Attachment.created_at < now - DRAFTS_KEPT,
            )
        )
