"""What is done to articles: writing, publishing, restoring, using them for tickets. Nothing here commits."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.policy import Actor, Permission, Scope, check
from app.accounts.queries import check_member
from app.documentation.illustrations import claim_images
from app.documentation.indexing import index_article
from app.documentation.models import (
    WORDS_LENGTH,
    Article,
    ArticleTool,
    ArticleUse,
    Helped,
    Revision,
    SearchMiss,
)
from app.documentation.queries import article_by_slug, article_for_update, revision, tools_of_article
from app.documentation.rules import (
    ArticleText,
    check_publishable,
    check_text,
    check_transition,
    miss_key,
    slug_for,
)
from app.documentation.vocabulary import SHOWN_STATES, Audience, Kind, State, Use
from app.extensions import db
from app.infra.base import Model
from app.journal.service import lock_subject, open_subject, record
from app.kernel.errors import InvalidInput, Stale
from app.kernel.reference import new_reference
from app.partners.models import Partner
from app.partners.queries import tools_by_code

SUBJECT_KIND = "article"
CHANGED_MEANWHILE = "L’article a changé depuis l’affichage de la page. Rien n’a été enregistré."


def create(text: ArticleText, *, actor: Actor, now: datetime, note: str = "", slug: str = "") -> Article:
    """A new article, as a draft. Its address is made of its title unless `slug` gives a free one.

    Raises NotAllowed, InvalidInput with its field, NotFound for a tool or an owner that is not there.
    """
    _check_right(actor)
    _check(text, actor)
    # Held: two articles of one title, written at once, have two addresses.
    partner = db.session.get_one(Partner, actor.partner_id, with_for_update=True)
    subject = open_subject(partner.id, partner.code, SUBJECT_KIND, new_reference())
    article = Article(
        id=subject.id,
        partner_id=partner.id,
        slug=slug or slug_for(text.title, _slugs(partner.id)),
        state=State.DRAFT,
        version=0,
        created_at=now,
    )
    db.session.add(article)
    _write(article, text, note, actor, now)
    _tell(article, "article-created", {"slug": article.slug}, actor, now)
    return article


def change(
    slug: str, text: ArticleText, *, actor: Actor, now: datetime, seen: int | None = None, note: str = ""
) -> Article:
    """Rewrite an article. `seen` is the version that the person had before their eyes.

    What changes nothing leaves no revision. Raises as `create` does, NotFound, and Stale when someone
    rewrote it since.
    """
    article = _held(slug, actor, seen)
    _check(text, actor)
    if article.state != State.DRAFT:
        check_publishable(text.body)
    if text != text_of(article):
        _write(article, text, note, actor, now)
        _tell(article, "article-changed", {"version": article.version}, actor, now)
    return article


def publish(
    slug: str, *, actor: Actor, now: datetime, review_on: date | None = None, seen: int | None = None
) -> Article:
    """Show the article to its readers, or say that it was read again and holds; `review_on` is its next review.

    Raises NotAllowed, NotFound, Stale, Impossible, and InvalidInput for what may not be shown.
    """
    article = _held(slug, actor, seen)
    check_publishable(article.body)
    if review_on is not None:
        article.review_on = review_on
    if article.review_on is not None and article.review_on <= now.date():
        raise InvalidInput("Donnez la date de la prochaine relecture, dans le futur.", field="review_on")
    if article.state != State.PUBLISHED:
        _go(article, State.PUBLISHED, actor, now)
        article.published_at = article.published_at or now
    return article


def move(slug: str, to: State, *, actor: Actor, now: datetime, seen: int | None = None) -> Article:
    """Flag for review, archive, or take back to draft. Raises as `publish` does."""
    if to is State.PUBLISHED:
        return publish(slug, actor=actor, now=now, seen=seen)
    article = _held(slug, actor, seen)
    _go(article, to, actor, now)
    return article


def place(article: Article, state: State, *, actor: Actor, now: datetime) -> None:
    """Give an article that was just brought in the state that it had elsewhere; one whose review is past due
    is to review. The caller holds the article."""
    due = article.review_on is not None and article.review_on <= now.date()
    to = State.TO_REVIEW if state is State.PUBLISHED and due else state
    if article.state != to:
        article.state = to
        article.published_at = article.published_at or (now if to in SHOWN_STATES else None)
        _tell(article, "article-moved", {"to": to.value}, actor, now)


def flag_due_review(article_id: int, *, actor: Actor, now: datetime) -> Article:
    """Flag an article whose review day has come, and remember that its owner was told of that day."""
    _check_right(actor)
    article = db.session.get_one(Article, article_id, with_for_update=True, populate_existing=True)
    article.reminded_for = article.review_on
    if article.state == State.PUBLISHED:
        _go(article, State.TO_REVIEW, actor, now)
    return article


def restore(slug: str, number: int, *, actor: Actor, now: datetime, seen: int | None = None) -> Article:
    """Give the article the title and the text of one of its revisions again, as a new revision."""
    article = _held(slug, actor, seen)
    former = revision(article.id, number)
    text = text_of(article, title=former.title, body=former.body)
    return change(slug, text, actor=actor, now=now, note=f"Version {number} rétablie")


def text_of(article: Article, **changes: Any) -> ArticleText:
    """The article as it could be typed, with `changes`."""
    values: dict[str, Any] = {
        "title": article.title,
        "body": article.body,
        "kind": Kind(article.kind),
        "audience": Audience(article.audience),
        "tools": tools_of_article(article.id),
        "url": article.url,
        "owner_id": article.owner_id,
        "review_on": article.review_on,
    }
    return ArticleText(**{**values, **changes})


# --- What becomes of articles ----------------------------------------------------------------------------


def mark_helped(slug: str, *, actor: Actor, now: datetime) -> None:
    """« Cet article m’a aidé »: once per person, however often it is said."""
    article = article_by_slug(actor, slug)
    key = {"article_id": article.id, "account_id": actor.account_id}
    if actor.account_id is not None and db.session.get(Helped, key) is None:
        _add_once(Helped(**key, at=now))


def unmark_helped(slug: str, *, actor: Actor) -> None:
    """Take that back."""
    article = article_by_slug(actor, slug)
    db.session.execute(
        delete(Helped).where(Helped.article_id == article.id, Helped.account_id == actor.account_id)
    )


def link_to_subject(article: Article, subject_id: int, use: Use, *, actor: Actor, now: datetime) -> None:
    """Note what the article was to a ticket; saying it twice adds nothing. The caller has checked the ticket."""
    key = {"article_id": article.id, "subject_id": subject_id, "use": use}
    if db.session.get(ArticleUse, key) is None:
        _add_once(ArticleUse(**key, partner_id=actor.partner_id, account_id=actor.account_id, used_at=now))


def note_search_miss(partner_id: int, words: list[str], now: datetime) -> None:
    """Count a search that found nothing; `words` are folded, in the order in which they were typed."""
    key, asked = miss_key(words)[:WORDS_LENGTH], " ".join(words)[:WORDS_LENGTH]
    if not key:
        return
    mine = (SearchMiss.partner_id == partner_id, SearchMiss.words == key)
    if db.session.scalar(select(SearchMiss.id).where(*mine)) is None:
        _add_once(SearchMiss(partner_id=partner_id, words=key, asked=asked, count=0, last_at=now))
    changes = {"count": SearchMiss.count + 1, "asked": asked, "last_at": now}
    db.session.execute(
        update(SearchMiss).where(*mine).values(changes).execution_options(synchronize_session=False)
    )


def forget_search_miss(miss_id: int, *, actor: Actor) -> None:
    """The words have their article now, or deserve none."""
    _check_right(actor)
    db.session.execute(
        delete(SearchMiss).where(SearchMiss.partner_id == actor.partner_id, SearchMiss.id == miss_id)
    )


# --- Steps -----------------------------------------------------------------------------------------------


def _add_once(row: Model) -> None:
    """Add a row that someone else may be adding at the same time: theirs does as well."""
    with suppress(IntegrityError), db.session.begin_nested():
        db.session.add(row)


def _check_right(actor: Actor) -> None:
    check(actor, Permission.DOCUMENTATION_WRITE, Scope(actor.partner_id))


def _check(text: ArticleText, actor: Actor) -> None:
    check_text(text)
    tools_by_code(text.tools)
    if text.owner_id is not None:
        check_member(actor.partner_id, text.owner_id)


def _held(slug: str, actor: Actor, seen: int | None) -> Article:
    """The article, held until the end of the transaction, as the person had seen it."""
    _check_right(actor)
    article = article_for_update(actor, slug)
    if seen is not None and seen != article.version:
        raise Stale(CHANGED_MEANWHILE)
    return article


def _slugs(partner_id: int) -> frozenset[str]:
    return frozenset(db.session.scalars(select(Article.slug).where(Article.partner_id == partner_id)))


def _write(article: Article, text: ArticleText, note: str, actor: Actor, now: datetime) -> None:
    """Make the article read as typed, and keep that as its next revision."""
    article.title, article.body, article.url = text.title, text.body, text.url
    article.kind, article.audience = text.kind, text.audience
    article.owner_id = text.owner_id if text.owner_id is not None else actor.account_id
    article.review_on = text.review_on
    article.version += 1
    article.updated_at = now
    db.session.flush()
    db.session.execute(delete(ArticleTool).where(ArticleTool.article_id == article.id))
    db.session.add_all(
        ArticleTool(article_id=article.id, tool_code=code) for code in dict.fromkeys(text.tools)
    )
    db.session.add(
        Revision(
            article_id=article.id,
            number=article.version,
            title=text.title,
            body=text.body,
            note=note,
            author_id=actor.account_id,
            written_at=now,
        )
    )
    db.session.flush()
    claim_images(article, actor)
    index_article(article)


def _go(article: Article, to: State, actor: Actor, now: datetime) -> None:
    check_transition(State(article.state), to)
    article.state = to
    _tell(article, "article-moved", {"to": to.value}, actor, now)


def _tell(article: Article, event: str, payload: dict[str, Any], actor: Actor, now: datetime) -> None:
    """Seal in the journal that it happened; the texts themselves are in the revisions."""
    subject = lock_subject(article.id)
    record(subject, event, payload, actor_id=actor.account_id, occurred_at=now, now=now)
