"""Receiving, keeping and finding attachments."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

import puremagic
from sqlalchemy import select

from app.accounts.policy import Actor, Permission, Scoped, can, check
from app.extensions import db
from app.files.models import Attachment
from app.files.rules import AcceptedFile, accept_file
from app.kernel.errors import NotFound


def examine(name: str, content: bytes, *, field: str = "files") -> AcceptedFile:
    """The file, if it may be kept; touches no database. Raises InvalidInput for `field`."""
    return accept_file(name, content, _signatures(content), field=field)


def keep(
    file: AcceptedFile,
    *,
    actor: Actor,
    now: datetime,
    subject_id: int | None = None,
    sequence: int | None = None,
    internal: bool = False,
) -> Attachment:
    """Keep a file that was examined, for a subject of the journal if it has one already."""
    attachment = Attachment(
        partner_id=actor.partner_id,
        subject_id=subject_id,
        sequence=sequence,
        public_id=secrets.token_urlsafe(16),
        name=file.name,
        media_type=file.media_type,
        size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        content=file.content,
        internal=internal,
        uploaded_by=actor.account_id,
        created_at=now,
    )
    db.session.add(attachment)
    db.session.flush()
    return attachment


def assign(attachment: Attachment, subject_id: int, *, sequence: int) -> None:
    """Give a draft to the subject whose event `sequence` brings it."""
    attachment.subject_id = subject_id
    attachment.sequence = sequence


def drafts_of(actor: Actor, public_ids: Sequence[str]) -> Sequence[Attachment]:
    """The files among these that the actor uploaded and that belong to no subject yet, in order of arrival."""
    query = (
        select(Attachment)
        .where(
            Attachment.partner_id == actor.partner_id,
            Attachment.subject_id.is_(None),
            Attachment.uploaded_by == actor.account_id,
            Attachment.public_id.in_(public_ids),
        )
        .order_by(Attachment.id)
    )
    return db.session.scalars(query).all()


def attachments_of(actor: Actor, subject_id: int, scope: Scoped) -> Sequence[Attachment]:
    """The files of a subject that the actor may open, without their content, in order of arrival.

    `scope` is what the policy knows of the subject.
    """
    if not can(actor, Permission.ATTACHMENT_READ, scope):
        return []
    query = (
        select(Attachment)
        .where(Attachment.partner_id == actor.partner_id, Attachment.subject_id == subject_id)
        .order_by(Attachment.id)
    )
    if not can(actor, Permission.TICKET_READ_INTERNAL, scope):
        query = query.where(~Attachment.internal)
    return db.session.scalars(query).all()


def find_attachment(actor: Actor, public_id: str) -> Attachment:
    """The file of the actor's partner under that identifier. Raises NotFound. Its subject is still to be checked."""
    query = select(Attachment).where(
        Attachment.partner_id == actor.partner_id, Attachment.public_id == public_id
    )
    # PostgreSQL does not even compare with a text that holds NUL.
    attachment = db.session.scalar(query) if public_id.isprintable() else None
    if attachment is None:
        raise NotFound
    return attachment


def check_readable(actor: Actor, attachment: Attachment, scope: Scoped | None) -> None:
    """Raise NotFound or NotAllowed unless the actor may open the file; `scope` is its subject's, None for a draft.

    A draft is its owner's only; an internal file does not exist for who reads no internal comment.
    """
    if scope is None:
        if attachment.uploaded_by is None or attachment.uploaded_by != actor.account_id:
            raise NotFound
        return
    check(actor, Permission.ATTACHMENT_READ, scope)
    if attachment.internal and not can(actor, Permission.TICKET_READ_INTERNAL, scope):
        raise NotFound


def _signatures(content: bytes) -> frozenset[str]:
    """The extensions that the first and last bytes suggest; none when nothing is recognised."""
    if not content:
        return frozenset()
    try:
        return frozenset(match.extension for match in puremagic.magic_string(content))
    except puremagic.PureError:
        return frozenset()
