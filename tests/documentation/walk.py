"""What the walk of every route needs of the documentation (tests/house/test_access.py)."""

from __future__ import annotations

from datetime import datetime

from app.documentation.archive import packed
from app.documentation.queries import article_by_slug
from app.documentation.vocabulary import Audience, State
from app.files.rules import AcceptedFile
from app.files.service import keep
from app.infra.tx import transaction
from app.tickets import events as e
from app.tickets.vocabulary import Kind
from tests.documentation.base import write
from tests.documentation.pictures import png
from tests.factories import Place, act, file


def articles_to_walk(place: Place, *, now: datetime) -> dict[str, str]:
    """Articles (about an API, about another tool, for correspondents, not published), two images, a ticket that
    can become one, an archive being brought in.
    """
    slug = write(place, "Article", tools=("api-statut-usager",))
    tool_article = write(place, "Outil", tools=("suivi-de-parcours",))
    desk_article = write(place, "Bureau", audience=Audience.CORRESPONDENTS)
    draft_article = write(place, "Projet", State.DRAFT)
    answered = file(place, now=now, kind=Kind.QUESTION)
    act(place, answered, e.Answered(text="Voici."), now=now)
    writer = place.actor()
    with transaction():
        article = article_by_slug(writer, slug)
        image = keep(AcceptedFile("a.png", "image/png", png()), actor=writer, now=now, subject_id=article.id)
        kept_back = article_by_slug(writer, desk_article)
        desk_image = keep(
            AcceptedFile("a.png", "image/png", png()), actor=writer, now=now, subject_id=kept_back.id
        )
        archive = keep(AcceptedFile("a.zip", "application/zip", packed({}, {})), actor=writer, now=now)
    return {
        "article": slug,
        "tool_article": tool_article,
        "desk_article": desk_article,
        "draft_article": draft_article,
        "image": image.public_id,
        "desk_image": desk_image.public_id,
        "answered": answered.reference,
        "archive": archive.public_id,
    }
