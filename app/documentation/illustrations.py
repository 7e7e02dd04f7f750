"""The images of articles: attachments that their text names, shown inside the pages."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from sqlalchemy import or_, select

from app.accounts.policy import Actor, Permission, Scope, check
from app.documentation.image_headers import check_dimensions
from app.documentation.models import Article
from app.documentation.queries import visible_articles
from app.documentation.rules import IMAGE_PATH
from app.extensions import db
from app.files import service as files
from app.files.models import Attachment
from app.files.rules import AcceptedFile
from app.kernel.errors import InvalidInput, NotFound

IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_NAMED = re.compile(rf"{re.escape(IMAGE_PATH)}([\w-]{{1,32}})")


def examine_image(name: str, content: bytes, *, field: str = "image") -> tuple[AcceptedFile, tuple[int, int]]:
    """The image and its size in pixels, if an article may show it; touches no database. Raises InvalidInput."""
    file = files.examine(name, content, field=field)
    if file.media_type not in IMAGE_TYPES:
        raise InvalidInput(
            f"«\u00a0{file.name}\u00a0» n’est pas une image. Images acceptées\u00a0: PNG, JPEG, GIF, WebP.",
            field=field,
        )
    return file, check_dimensions(file.name, content, field=field)


def add_image(file: AcceptedFile, dimensions: tuple[int, int], *, actor: Actor, now: datetime) -> str:
    """Keep an image that was examined; the address that the text of an article names it by.

    It is its author's alone until an article that names it is saved. Raises NotAllowed.
    """
    check(actor, Permission.DOCUMENTATION_WRITE, Scope(actor.partner_id))
    attachment = files.keep(file, actor=actor, now=now)
    return image_address(attachment.public_id, dimensions)


def image_address(public_id: str, dimensions: tuple[int, int]) -> str:
    """« /documentation/images/…#640x480 »: the size goes along, so that a page leaves the room for it."""
    width, height = dimensions
    return f"{IMAGE_PATH}{public_id}#{width}x{height}"


def digest_of(file: AcceptedFile) -> str:
    """The digest by which a kept file is known again."""
    return hashlib.sha256(file.content).hexdigest()


def named_images(body: str) -> list[str]:
    """The public identifiers of the images that a text names, each once."""
    return list(dict.fromkeys(_NAMED.findall(body)))


def claim_images(article: Article, actor: Actor) -> None:
    """Give the article the new images of the actor that its text names."""
    for attachment in files.drafts_of(actor, named_images(article.body)):
        if attachment.media_type in IMAGE_TYPES:
            files.assign(attachment, article.id, sequence=article.version)


def find_image(actor: Actor, public_id: str) -> Attachment:
    """An image of an article that the actor may read, or one that they have just added. Raises NotFound."""
    readable = select(Article.id).where(visible_articles(actor))
    mine = (Attachment.subject_id.is_(None)) & (Attachment.uploaded_by == actor.account_id)
    query = select(Attachment).where(
        Attachment.partner_id == actor.partner_id,
        Attachment.public_id == public_id,
        Attachment.media_type.in_(IMAGE_TYPES),
        or_(Attachment.subject_id.in_(readable), mine),
    )
    image = db.session.scalar(query) if public_id.isprintable() else None
    if image is None:
        raise NotFound
    return image
