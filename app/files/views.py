"""Downloads. A file never opens inside the site: it is saved, as what it is."""

from __future__ import annotations

import io
from collections.abc import Callable

from flask import Blueprint, Flask, Response, current_app, send_file

from app.accounts.policy import Actor, Permission, Scoped
from app.files import service
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor
from app.web.headers import NOT_KEPT

blueprint = Blueprint("files", __name__)

# Should a browser show the file all the same, nothing in it may run nor reach the site.
DOWNLOAD_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"

ScopeOfSubject = Callable[[Actor, int], Scoped]


def install(app: Flask, scope_of_subject: ScopeOfSubject) -> None:
    """Have downloads ask `scope_of_subject` what the policy knows of a subject; it may raise NotFound."""
    app.extensions["scope_of_subject"] = scope_of_subject


@blueprint.get(urls.ATTACHMENT)
@requires(Permission.ATTACHMENT_READ)
def download(public_id: str) -> Response:
    actor = current_actor()
    attachment = service.find_attachment(actor, public_id)
    service.check_readable(actor, attachment, _scope(actor, attachment.subject_id))
    response = send_file(
        io.BytesIO(attachment.content),
        mimetype=attachment.media_type,
        as_attachment=True,
        download_name=attachment.name,
        etag=False,
    )
    response.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = NOT_KEPT
    return response


def _scope(actor: Actor, subject_id: int | None) -> Scoped | None:
    if subject_id is None:
        return None
    scope_of_subject: ScopeOfSubject = current_app.extensions["scope_of_subject"]
    return scope_of_subject(actor, subject_id)
