"""Forms that were sent when they could not be received: kept until their owner has signed in, or proven who they are.

The body is encrypted under a key made of `SECRET_KEY` and of a secret that only the browser holds, in its cookie:
what nobody has examined yet, and may hold what must never be stored, can be read by nobody else meanwhile.
Only what comes from a browser that had a session is kept, a few at a time for each account: nobody fills
the database from outside. Forms that carry a password are never kept.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import undefer
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from app.accounts.models import FormDraft
from app.accounts.sealing import Unreadable, seal, unseal
from app.extensions import db
from app.kernel.errors import NotFound

LIFETIME = timedelta(hours=2)
MOST_PER_ACCOUNT = 5
ADDRESS_LENGTH, MEDIA_TYPE_LENGTH = 2000, 200


@dataclass(frozen=True)
class Browser:
    """What opens the drafts of one browser: the key of the house and the secret of its cookie."""

    secret_key: str
    secret: str

    @property
    def purpose(self) -> str:
        return f"form draft {self.secret}"


@dataclass(frozen=True)
class Draft:
    """A form that waits: whose, in which partner, where it was going, and its body as it was sent."""

    token: str
    account_id: int
    partner_id: int
    address: str
    media_type: str
    body: bytes
    asks: bool
    fields: MultiDict[str, str]
    file_names: Sequence[str]


class _Kept(Request):
    """A form that was within the limits of the application when it was sent."""

    max_form_memory_size = None
    max_form_parts = None  # type: ignore[assignment]


def new_browser_secret() -> str:
    """What a browser must hold in its cookie before a draft is kept for it."""
    return secrets.token_urlsafe(24)


def keep_draft(
    fields: MultiDict[str, str],
    files: MultiDict[str, FileStorage],
    *,
    account_id: int,
    partner_id: int,
    address: str,
    browser: Browser,
    now: datetime,
    asks: bool = False,
) -> str:
    """Keep what was sent to `address`; returns the token that finds it, for that browser only."""
    media_type, body = _encoded(fields, files)
    token = secrets.token_urlsafe(16)
    db.session.add(
        FormDraft(
            token_digest=_digest(token),
            account_id=account_id,
            partner_id=partner_id,
            address=address[:ADDRESS_LENGTH],
            media_type=media_type[:MEDIA_TYPE_LENGTH],
            sealed=seal(body, secret_key=browser.secret_key, purpose=browser.purpose),
            asks=asks,
            created_at=now,
            expires_at=now + LIFETIME,
        )
    )
    db.session.flush()
    _drop_the_oldest(account_id)
    return token


def find_draft(token: str, *, browser: Browser, now: datetime) -> Draft:
    """The draft of that token. Raises NotFound when it has expired or was sent, and for another browser."""
    row = db.session.get(FormDraft, _digest(token), options=[undefer(FormDraft.sealed)])
    if row is None or row.expires_at <= now:
        raise NotFound("Cette saisie n’est plus gardée.")
    try:
        body = unseal(row.sealed, secret_key=browser.secret_key, purpose=browser.purpose)
    except Unreadable:
        raise NotFound("Cette saisie n’est plus gardée.") from None
    fields, file_names = _decoded(row.media_type, body)
    return Draft(
        token,
        row.account_id,
        row.partner_id,
        row.address,
        row.media_type,
        body,
        row.asks,
        fields,
        file_names,
    )


def drop_draft(token: str) -> None:
    """Forget the draft: it was sent, or its owner gave it up."""
    db.session.execute(delete(FormDraft).where(FormDraft.token_digest == _digest(token)))


def forget_old_drafts(now: datetime) -> None:
    """Delete the drafts that have expired."""
    db.session.execute(delete(FormDraft).where(FormDraft.expires_at <= now))


def _encoded(fields: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> tuple[str, bytes]:
    """The media type and the body of a form with these fields and files."""
    data: MultiDict[str, object] = MultiDict(fields.items(multi=True))
    for name, file in files.items(multi=True):
        if file.filename:
            data.add(name, (file.stream, file.filename, file.mimetype))
    environ = EnvironBuilder(method="POST", data=data).get_environ()
    with closing(environ["wsgi.input"]) as stream:
        body: bytes = stream.read()
    # A form without any field has no type of its own.
    return environ.get("CONTENT_TYPE", "application/x-www-form-urlencoded"), body


def _decoded(media_type: str, body: bytes) -> tuple[MultiDict[str, str], Sequence[str]]:
    """The fields of a form that was kept, and the names of its files."""
    environ = EnvironBuilder(method="POST", data=body, content_type=media_type).get_environ()
    with closing(_Kept(environ)) as request:
        return request.form, [file.filename or "" for _, file in request.files.items(multi=True)]


def _drop_the_oldest(account_id: int) -> None:
    kept = (
        select(FormDraft.token_digest)
        .where(FormDraft.account_id == account_id)
        .order_by(FormDraft.created_at.desc(), FormDraft.token_digest)
        .limit(MOST_PER_ACCOUNT)
    )
    db.session.execute(
        delete(FormDraft).where(FormDraft.account_id == account_id, FormDraft.token_digest.not_in(kept))
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
