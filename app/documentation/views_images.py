"""The images of articles: added by who writes, shown inside the pages to who reads."""

from __future__ import annotations

import io

from flask import Response, request, send_file

from app.accounts.policy import Permission
from app.documentation import illustrations
from app.documentation.blueprint import blueprint
from app.documentation.rules import IMAGE_TO_DESCRIBE
from app.infra.tx import transaction
from app.kernel.errors import InvalidInput
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.headers import NOT_KEPT

# An image that a browser would take for something else runs nothing and reaches nothing.
IMAGE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@blueprint.get(urls.ARTICLE_IMAGE)
@requires(Permission.DOCUMENTATION_READ)
def image(public_id: str) -> Response:
    found = illustrations.find_image(current_actor(), public_id)
    response = send_file(io.BytesIO(found.content), mimetype=found.media_type, etag=False)
    response.headers["Content-Security-Policy"] = IMAGE_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = NOT_KEPT
    return response


@blueprint.post(urls.ARTICLE_IMAGES)
@requires(Permission.DOCUMENTATION_WRITE)
def add_pasted() -> Response:
    """An image pasted into the text by the page's script: the Markdown that shows it, as plain text."""
    upload = request.files.get("image")
    if upload is None:
        raise InvalidInput("Choisissez une image.", field="image")
    try:
        markdown = kept_image(upload.filename or "image.png", upload.read())
    except InvalidInput as refusal:
        return Response(refusal.message, 422, mimetype="text/plain")
    return Response(markdown, 201, mimetype="text/plain")


def kept_image(name: str, content: bytes) -> str:
    """Keep an image that was sent; the Markdown that shows it. Raises InvalidInput."""
    file, dimensions = illustrations.examine_image(name, content)
    actor, moment = current_actor(), now()
    with transaction():
        address = illustrations.add_image(file, dimensions, actor=actor, now=moment)
    return f"![{IMAGE_TO_DESCRIBE}]({address})"
