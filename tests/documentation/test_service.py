"""Writing, publishing, restoring; who may see what; what becomes of articles."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.policy import Role
from app.documentation import queries, service, shelves
from app.documentation.models import Article, SearchMiss
from app.documentation.rules import ArticleText
from app.documentation.vocabulary import SHOWN_STATES, Audience, Kind, State, Use
from app.extensions import db
from app.infra.tx import transaction
from app.journal.models import Event
from app.journal.verify import verify_journal
from app.kernel.errors import Impossible, InvalidInput, NotAllowed, NotFound, Stale
from tests.conftest import START
from tests.documentation.base import LATER, write
from tests.factories import World, file

ROLES_OF_THE_DESK = {
    Role.CORRESPONDENT,
    Role.ACCOUNT_MANAGER,
    Role.SECURITY_OFFICER,
    Role.DATA_PROTECTION_OFFICER,
    Role.MANAGER,
    Role.ADMINISTRATOR,
}


def titles(world: World, role: Role, *, states: frozenset[State] = frozenset(State)) -> set[str]:
    return {hit.title for hit in queries.listing(world.here.actor(role), states=states)}


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_its_articles(context: Flask, world: World, role: Role) -> None:
    write(world.here, "API", tools=("api-statut-usager", "ouiform"))
    write(world.here, "Outil", tools=("ouiform",))
    write(world.here, "Interne", audience=Audience.CORRESPONDENTS, tools=("api-statut-usager",))
    write(world.here, "Marqué", State.TO_REVIEW)
    write(world.here, "Brouillon", State.DRAFT)
    write(world.here, "Archivé", State.ARCHIVED)
    write(world.there, "Ailleurs")
    seen = {"API"}
    if role is not Role.INTEGRATOR:
        seen |= {"Outil", "Marqué"}
    if role in ROLES_OF_THE_DESK:
        seen |= {"Interne"}
    if role is Role.CORRESPONDENT:
        seen |= {"Brouillon", "Archivé"}
    assert titles(world, role) == seen
    assert titles(world, role, states=SHOWN_STATES) == seen - {"Brouillon", "Archivé"}


def test_what_must_not_be_known_is_not_found(context: Flask, world: World) -> None:
    slug = write(world.here, state=State.DRAFT)
    assert queries.article_by_slug(world.here.actor(), slug).slug == slug
    for actor in (world.here.actor(Role.USER), world.there.actor()):
        with pytest.raises(NotFound):
            queries.article_by_slug(actor, slug)
    with pytest.raises(NotFound):
        queries.article_by_slug(world.here.actor(), "a\x00b")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CORRESPONDENT])
def test_only_correspondents_write(context: Flask, world: World, role: Role) -> None:
    slug, actor = write(world.here), world.here.actor(role)
    text = ArticleText(title="T", body="B")
    for act in (
        lambda: service.create(text, actor=actor, now=START),
        lambda: service.change(slug, text, actor=actor, now=START),
        lambda: service.publish(slug, actor=actor, now=START),
        lambda: service.move(slug, State.ARCHIVED, actor=actor, now=START),
        lambda: service.restore(slug, 1, actor=actor, now=START),
    ):
        with pytest.raises(NotAllowed), transaction():
            act()


def test_what_an_article_names_must_be_there(context: Flask, world: World) -> None:
    stranger = world.there.people[Role.CORRESPONDENT].account_id
    for text in (
        ArticleText(title="T", body="B", tools=("inconnu",)),
        ArticleText(title="T", body="B", owner_id=stranger),
    ):
        with pytest.raises(NotFound), transaction():
            service.create(text, actor=world.here.actor(), now=START)
    assert db.session.scalar(select(Article)) is None


def test_each_change_is_a_revision_and_nothing_is_no_change(context: Flask, world: World) -> None:
    slug, actor = write(world.here), world.here.actor()
    article = queries.article_by_slug(actor, slug)
    with transaction():
        service.change(slug, service.text_of(article), actor=actor, now=START)
    with transaction():
        service.change(
            slug, service.text_of(article, body="Deux"), actor=actor, now=START, seen=1, note="Pourquoi"
        )
    assert [(row.number, row.body, row.note) for row in queries.revisions_of(article.id)] == [
        (2, "Deux", "Pourquoi"),
        (1, "Videz le cache.", ""),
    ]
    with pytest.raises(Stale), transaction():
        service.change(slug, service.text_of(article, body="Trois"), actor=actor, now=START, seen=1)
    with transaction():
        service.restore(slug, 1, actor=actor, now=START, seen=2)
    article = queries.article_by_slug(actor, slug)
    assert (article.version, article.body) == (3, "Videz le cache.")
    with pytest.raises(NotFound):
        queries.revision(article.id, 99)


def test_states_and_their_sealed_story(context: Flask, world: World) -> None:
    slug, actor = write(world.here, state=State.DRAFT), world.here.actor()
    with transaction():
        service.publish(slug, actor=actor, now=START)
    with transaction():
        service.move(slug, State.TO_REVIEW, actor=actor, now=START)
    with transaction():
        service.move(slug, State.PUBLISHED, actor=actor, now=START)
    with transaction():
        service.publish(slug, actor=actor, now=START, review_on=LATER + timedelta(days=1))
    with transaction():
        service.move(slug, State.ARCHIVED, actor=actor, now=START)
    with pytest.raises(Impossible), transaction():
        service.publish(slug, actor=actor, now=START)
    article = queries.article_by_slug(actor, slug)
    assert (article.state, article.review_on) == (State.ARCHIVED, LATER + timedelta(days=1))
    told = db.session.scalars(select(Event).where(Event.subject_id == article.id).order_by(Event.sequence))
    assert [(event.payload or {}).get("to", event.type) for event in told] == [
        "article-created",
        "published",
        "to-review",
        "published",
        "archived",
    ]
    assert not list(verify_journal())


def test_publishing_asks_for_a_review_to_come_and_images_described(context: Flask, world: World) -> None:
    actor = world.here.actor()
    past = write(world.here, state=State.DRAFT, review_on=START.date())
    with pytest.raises(InvalidInput) as refusal, transaction():
        service.publish(past, actor=actor, now=START)
    assert refusal.value.field == "review_on"
    bare = write(world.here, "Sans mots", State.DRAFT, body="![](/documentation/images/x)")
    with pytest.raises(InvalidInput, match="description"), transaction():
        service.publish(bare, actor=actor, now=START)
    shown = write(world.here, "Publié")
    text = service.text_of(queries.article_by_slug(actor, shown), body="![ ](/documentation/images/x)")
    with pytest.raises(InvalidInput, match="description"), transaction():
        service.change(shown, text, actor=actor, now=START)


def test_two_articles_of_one_title_have_two_addresses(context: Flask, world: World) -> None:
    assert [write(world.here), write(world.here), write(world.there)] == [
        "page-blanche",
        "page-blanche-2",
        "page-blanche",
    ]


def test_an_article_helps_a_person_once(context: Flask, world: World) -> None:
    slug, user = write(world.here), world.here.actor(Role.USER)
    article = queries.article_by_slug(user, slug)
    for _ in range(2):
        with transaction():
            service.mark_helped(slug, actor=user, now=START)
    assert (queries.helped_count(article.id), queries.has_helped(article.id, user.account_id)) == (1, True)
    with transaction():
        service.mark_helped(slug, actor=world.here.actor(), now=START)
        service.unmark_helped(slug, actor=user)
    assert (queries.helped_count(article.id), queries.has_helped(article.id, user.account_id)) == (1, False)


def test_what_served_a_ticket_is_told_once_to_whom_may_read_it(context: Flask, world: World) -> None:
    actor = world.here.actor()
    shown = queries.article_by_slug(actor, write(world.here))
    internal = queries.article_by_slug(actor, write(world.here, "Interne", audience=Audience.CORRESPONDENTS))
    ticket = file(world.here, now=START)
    with transaction():
        for _ in range(2):
            service.link_to_subject(shown, ticket.id, Use.POINTED, actor=actor, now=START)
        service.link_to_subject(
            internal, ticket.id, Use.INSERTED, actor=actor, now=START + timedelta(minutes=1)
        )
    assert [(usage.article.title, usage.use) for usage in queries.uses_of(actor, ticket.id)] == [
        ("Interne", Use.INSERTED),
        ("Page blanche", Use.POINTED),
    ]
    assert [usage.use for usage in queries.uses_of(world.here.actor(Role.USER), ticket.id)] == [Use.POINTED]
    assert queries.uses_of(world.there.actor(), ticket.id) == []
    assert shelves.subjects_served(actor, shown.id) == [ticket.id]


def test_the_most_useful_come_first(context: Flask, world: World) -> None:
    write(world.here, "A")
    useful = write(world.here, "B")
    write(world.here, "Réponse", kind=Kind.CANNED, audience=Audience.CORRESPONDENTS)
    with transaction():
        service.mark_helped(useful, actor=world.here.actor(Role.USER), now=START)
    assert [hit.title for hit in shelves.most_useful(world.here.actor())] == ["B", "A"]


def test_shelves_count_what_the_reader_may_see(context: Flask, world: World) -> None:
    write(world.here, "A", tools=("suivi-de-parcours", "api-statut-usager"))
    write(
        world.here, "B", tools=("suivi-de-parcours",), audience=Audience.CORRESPONDENTS, kind=Kind.KNOWN_ERROR
    )
    user, desk = world.here.actor(Role.USER), world.here.actor()
    assert [(shelf.code, shelf.count) for shelf in shelves.shelves_by_tool(user)] == [
        ("suivi-de-parcours", 1),
        ("api-statut-usager", 1),
    ]
    assert [(shelf.label, shelf.count) for shelf in shelves.shelves_by_kind(desk)] == [
        ("Mode d’emploi", 1),
        ("Erreur connue", 1),
    ]
    assert shelves.awaiting(user, START.date()) is None


def test_searches_without_result_are_counted_without_anyone(context: Flask, world: World) -> None:
    with transaction():
        service.note_search_miss(world.here.partner_id, ["jeton", "perdu"], START)
        service.note_search_miss(world.here.partner_id, ["perdu", "jeton"], START + timedelta(days=1))
        service.note_search_miss(world.here.partner_id, [], START)
        service.note_search_miss(world.here.partner_id, ["long"] * 5 + [f"mot{n}" for n in range(90)], START)
        service.note_search_miss(world.there.partner_id, ["jeton"], START)
    found = shelves.misses_of(world.here.actor())
    assert (found[0].asked, found[0].count) == ("perdu jeton", 2)
    assert len(found) == 2
    with transaction():
        service.forget_search_miss(found[0].id, actor=world.there.actor())
    assert len(shelves.misses_of(world.here.actor())) == 2
    with transaction():
        service.forget_search_miss(found[0].id, actor=world.here.actor())
    assert len(shelves.misses_of(world.here.actor())) == 1
    assert (
        db.session.scalar(select(SearchMiss.words).where(SearchMiss.partner_id == world.there.partner_id))
        == "jeton"
    )


def test_owners_are_writers_and_the_present_owner(context: Flask, world: World) -> None:
    user, writer = world.here.people[Role.USER], world.here.people[Role.CORRESPONDENT]
    assert queries.owners(user.actor) == [(writer.account_id, writer.name)]
    assert {account_id for account_id, _ in queries.owners(user.actor, user.account_id)} == {
        writer.account_id,
        user.account_id,
    }


def test_what_two_persons_add_at_once_is_added_once(
    context: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug, user = write(world.here), world.here.actor(Role.USER)
    with transaction():
        service.mark_helped(slug, actor=user, now=START)
    with transaction():
        # As if the other's row had landed after this one was looked for.
        monkeypatch.setattr(db.session, "get", lambda *_: None)
        service.mark_helped(slug, actor=user, now=START)
        service.note_search_miss(world.here.partner_id, ["jeton"], START)
    assert queries.helped_count(queries.article_by_slug(user, slug).id) == 1
    assert [row.count for row in shelves.misses_of(world.here.actor())] == [1]
