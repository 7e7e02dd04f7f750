"""Export of the base as Markdown files with their images, and import of the same. Nothing here commits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from app.accounts.policy import Actor, Permission, Scope, check
from app.documentation import service
from app.documentation.archive import IMAGES, Members, packed, unpacked
from app.documentation.front_matter import ArticleFile, read, written
from app.documentation.illustrations import (
    IMAGE_TYPES,
    add_image,
    digest_of,
    examine_image,
    image_address,
    named_images,
)
from app.documentation.models import Article
from app.documentation.rules import (
    IMAGE_PATH,
    RESERVED_SLUGS,
    ArticleText,
    check_publishable,
    check_text,
)
from app.documentation.vocabulary import State
from app.extensions import db
from app.files.models import Attachment
from app.files.rules import AcceptedFile
from app.journal import technical
from app.kernel.errors import DomainError, NotFound
from app.partners.queries import tools_by_code

_EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
_IN_FILE = re.compile(rf"(?<=\()({IMAGES}[\w.-]{{1,125}})(?:#\d{{1,5}}x\d{{1,5}})?(?=\))")


class What(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Planned:
    """What the import does with one file; `message` says why it is refused."""

    name: str
    what: What
    title: str = ""
    message: str = ""


@dataclass(frozen=True)
class Imported:
    """An archive that was examined: its articles by slug, its images, and what is wrong with the rest."""

    articles: Mapping[str, ArticleFile]
    images: Mapping[str, tuple[AcceptedFile, tuple[int, int]]]
    refused: tuple[Planned, ...]


def export(actor: Actor, *, now: datetime, address: str) -> bytes:
    """Every article of the partner, drafts included, as a ZIP. Leaves its trace. Raises NotAllowed."""
    check(actor, Permission.DOCUMENTATION_WRITE, Scope(actor.partner_id))
    articles = db.session.scalars(
        select(Article).where(Article.partner_id == actor.partner_id).order_by(Article.slug)
    ).all()
    texts: dict[str, str] = {}
    images: dict[str, bytes] = {}
    for article in articles:
        names = {}
        for image in _images_of(article):
            names[image.public_id] = f"{IMAGES}{image.sha256[:24]}.{_EXTENSIONS[image.media_type]}"
            images[names[image.public_id]] = image.content
        body = article.body
        for public_id, name in names.items():
            body = body.replace(IMAGE_PATH + public_id, name)
        text = service.text_of(article, body=body)
        texts[article.slug] = written(ArticleFile(text, State(article.state)))
    technical.note(
        technical.Trace.EXPORTED,
        now=now,
        partner_id=actor.partner_id,
        account_id=actor.account_id,
        address=address,
        what="documentation",
        details={"articles": len(texts), "images": len(images)},
    )
    return packed(texts, images)


def examine(content: bytes, *, field: str = "archive") -> Imported:
    """The archive, each file checked for itself; touches no database. Raises InvalidInput for `field`."""
    members = unpacked(content, field=field)
    refused = [Planned(problem.name, What.REFUSED, message=problem.message) for problem in members.problems]
    images = {}
    for name, data in members.images.items():
        try:
            images[name] = examine_image(name.removeprefix(IMAGES), data, field=field)
        except DomainError as error:
            refused.append(Planned(name, What.REFUSED, message=error.message))
    articles: dict[str, ArticleFile] = {}
    for slug, text in members.texts.items():
        try:
            articles[slug] = _article(slug, text, members)
        except DomainError as error:
            refused.append(Planned(f"{slug}.md", What.REFUSED, message=error.message))
    return Imported(articles, images, tuple(refused))


def plan(actor: Actor, imported: Imported) -> list[Planned]:
    """What `bring_in` would do, file by file, refusals first. Raises NotAllowed."""
    check(actor, Permission.DOCUMENTATION_WRITE, Scope(actor.partner_id))
    present = _present(actor)
    done = list(imported.refused)
    for slug, file in sorted(imported.articles.items()):
        title = file.text.title
        try:
            tools_by_code(file.text.tools)
        except NotFound as error:
            done.append(Planned(f"{slug}.md", What.REFUSED, title, error.message))
            continue
        done.append(Planned(f"{slug}.md", _what(present.get(slug), file, imported), title))
    return done


def bring_in(actor: Actor, imported: Imported, *, now: datetime) -> list[Planned]:
    """Create and change what `plan` says; the same archive again changes nothing."""
    planned = plan(actor, imported)
    present = _present(actor)
    for line in planned:
        slug = line.name.removesuffix(".md")
        if line.what is What.CREATED:
            text = _with_images(imported.articles[slug], None, imported, actor, now)
            article = service.create(text, actor=actor, now=now, note="Importé", slug=slug)
            service.place(article, imported.articles[slug].state, actor=actor, now=now)
        elif line.what is What.CHANGED:
            text = _with_images(imported.articles[slug], present[slug], imported, actor, now)
            article = service.change(slug, text, actor=actor, now=now, note="Importé")
            service.place(article, imported.articles[slug].state, actor=actor, now=now)
    return planned


# --- Steps -----------------------------------------------------------------------------------------------


def _article(slug: str, text: str, members: Members) -> ArticleFile:
    """The article of a file. Raises InvalidInput."""
    file = read(text)
    check_text(file.text)
    if file.state is not State.DRAFT:
        check_publishable(file.text.body)
    if slug in RESERVED_SLUGS:
        raise NotFound("Ce nom est celui d’une page de la documentation\u00a0: choisissez-en un autre.")
    for name in _IN_FILE.findall(file.text.body):
        if name not in members.images:
            raise NotFound(f"L’image «\u00a0{name}\u00a0» manque dans l’archive.")
    return file


def _present(actor: Actor) -> dict[str, Article]:
    rows = db.session.scalars(select(Article).where(Article.partner_id == actor.partner_id))
    return {article.slug: article for article in rows}


def _what(article: Article | None, file: ArticleFile, imported: Imported) -> What:
    if article is None:
        return What.CREATED
    known = {image.sha256: image.public_id for image in _images_of(article)}
    text = replace(_resolved(file, imported, known), owner_id=article.owner_id)
    same = text == service.text_of(article) and file.state == article.state
    return What.UNCHANGED if same else What.CHANGED


def _resolved(file: ArticleFile, imported: Imported, known: Mapping[str, str]) -> ArticleText:
    """The article with the addresses of the images that it has already, by digest; the others keep their names."""

    def address(match: re.Match[str]) -> str:
        accepted = imported.images.get(match[1])
        public_id = known.get(digest_of(accepted[0])) if accepted else None
        return image_address(public_id, accepted[1]) if accepted and public_id else match[0]

    return replace(file.text, body=_IN_FILE.sub(address, file.text.body))


def _with_images(
    file: ArticleFile, article: Article | None, imported: Imported, actor: Actor, now: datetime
) -> ArticleText:
    """The article with the addresses of its images, those that it lacks being kept now."""
    known = {image.sha256: image.public_id for image in _images_of(article)} if article else {}
    for name in dict.fromkeys(_IN_FILE.findall(file.text.body)):
        if name in imported.images:
            accepted, dimensions = imported.images[name]
            if digest_of(accepted) not in known:
                address = add_image(accepted, dimensions, actor=actor, now=now)
                known[digest_of(accepted)] = named_images(address)[0]
    text = _resolved(file, imported, known)
    return replace(text, owner_id=article.owner_id) if article else text


def _images_of(article: Article) -> Sequence[Attachment]:
    """The images that belong to the article and that its text names."""
    return db.session.scalars(
        select(Attachment)
        .where(
            Attachment.partner_id == article.partner_id,
            Attachment.subject_id == article.id,
            Attachment.public_id.in_(named_images(article.body)),
            Attachment.media_type.in_(IMAGE_TYPES),
        )
        .order_by(Attachment.id)
    ).all()
