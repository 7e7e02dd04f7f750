"""Workarounds: written once, sent once to each person concerned, shown while they serve, archived after."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from app.accounts.policy import Role
from app.documentation import service as documentation
from app.documentation.models import Article
from app.documentation.rules import ArticleText
from app.documentation.vocabulary import Audience
from app.documentation.vocabulary import Kind as ArticleKind
from app.documentation.vocabulary import State as ArticleState
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.notifications.models import Outbox
from app.partners.models import Partner
from app.tickets import events as e
from app.tickets.service import correct
from app.tickets.verify import verify_tickets
from app.tickets.vocabulary import IncidentType, WorkaroundScope
from app.tickets.workarounds import active_workarounds, workaround_of
from tests.factories import World, act, file, make_person, transmitted
from tests.tickets.desks import Desk, Open, as_role, errors, words
from tests.tickets.test_views_group import text

MINUTE = timedelta(minutes=1)
TOOL = "suivi-de-parcours"
PARTIAL, TOTAL = WorkaroundScope.PARTIAL, WorkaroundScope.TOTAL
SENT = e.Transmitted(channel="Formulaire", text="…")
SAID = {"scope": "partial", "text": "Passez par l’autre page."}


def article(world: World, clock: FrozenClock, title: str = "Par l’autre page", **changes: object) -> str:
    """The slug of a published article about the tool."""
    values: dict[str, object] = {"kind": ArticleKind.WORKAROUND, "tools": (TOOL,), **changes}
    with transaction():
        words_ = ArticleText(title=title, body="Ouvrez l’autre page.", **values)  # type: ignore[arg-type]
        made = documentation.create(words_, actor=world.here.actor(), now=clock.now())
        documentation.publish(made.slug, actor=world.here.actor(), now=clock.now())
        return made.slug


def state_of(app: Flask, slug: str) -> str:
    with app.app_context():
        return db.session.scalars(select(Article.state).where(Article.slug == slug)).one()


def mails(app: Flask, template: str) -> list[tuple[int, str]]:
    with app.app_context():
        query = (
            select(Outbox.account_id, Outbox.path)
            .where(Outbox.template == template)
            .order_by(Outbox.account_id)
        )
        return [(account_id, path) for account_id, path in db.session.execute(query)]


def in_use(app: Flask, world: World, role: Role = Role.USER) -> list[str]:
    with app.app_context():
        assert list(verify_tickets()) == []
        return [row.text for row in active_workarounds(world.here.actor(role), [TOOL])]


# --- While it serves -------------------------------------------------------------------------------------


def test_those_in_use_are_told_by_tool_to_everyone_of_the_partner(
    app: Flask, world: World, before: Open
) -> None:
    desk = before(SENT, e.WorkaroundGiven(scope=PARTIAL, text="Autre page"))
    with app.app_context():
        reader = world.here.actor(Role.USER)
        (row,) = active_workarounds(reader, [TOOL, "connexion"])
        assert (row.reference, row.scope, row.text, row.tools) == (
            desk.reference,
            PARTIAL,
            "Autre page",
            (TOOL,),
        )
        assert workaround_of(desk.reference, reader) == row
        assert active_workarounds(reader, ["connexion"]) == active_workarounds(reader, []) == ()
        assert active_workarounds(world.there.actor(), [TOOL]) == ()
        assert workaround_of(desk.reference, world.there.actor()) is None


def test_it_is_told_until_the_definitive_repair(
    app: Flask, world: World, clock: FrozenClock, before: Open
) -> None:
    desk = before(SENT, e.TakenUp(), e.WorkaroundGiven(scope=TOTAL, text="Autre page"), e.ReturnConfirmed())
    assert in_use(app, world) == ["Autre page"]
    with app.app_context():
        act(world.here, desk.reference, e.RepairDone(), now=clock.now())
    assert in_use(app, world) == []


def test_another_takes_its_place(app: Flask, world: World, before: Open) -> None:
    desk = before(SENT, e.WorkaroundGiven(scope=PARTIAL, text="Autre page"))
    assert desk.send("contournement", **SAID | {"text": "Le téléphone"}).status_code == 303
    assert in_use(app, world) == ["Le téléphone"]


def test_both_audiences_read_it_on_the_page(app: Flask, world: World, before: Open) -> None:
    desk = before(SENT, e.WorkaroundGiven(scope=TOTAL, text="Par l’adresse de secours"))
    for client in (desk.client, as_role(app, world, Role.USER)):
        said = text(client, desk.reference)
        assert "En attendant la réparation définitive, travaillez ainsi" in said
        assert "Par l’adresse de secours" in said
    assert "Retirer le contournement" in text(desk.client, desk.reference)
    assert "Retirer le contournement" not in text(as_role(app, world, Role.USER), desk.reference)


def test_a_total_one_that_was_validated_is_replaced_by_another_or_reopened(before: Open) -> None:
    total = e.WorkaroundGiven(scope=TOTAL, text="Adresse de secours")
    desk = before(SENT, e.TakenUp(), total, e.ReturnConfirmed())
    assert errors(desk.send("contournement", **SAID)) == {
        "Portée": "La remise en service tient à un contournement total : seul un autre, total, peut le remplacer."
    }
    assert desk.send("contournement", scope="total", text="Autre adresse").status_code == 303
    assert "Autre adresse" in text(desk.client, desk.reference)
    assert desk.client.get(desk.url("contournement-retire")).status_code == 409
    assert desk.send("reparation").status_code == 303
    assert desk.client.get(desk.url("contournement")).status_code == 409


# --- Sent once to those concerned ------------------------------------------------------------------------


def test_it_is_sent_once_to_each_person_concerned_and_counted(
    app: Flask, world: World, clock: FrozenClock
) -> None:
    """The reporter, the reporter of a grouped ticket, someone who joined, the people of a structure."""
    here = world.here
    with app.app_context():
        with transaction():
            partner = db.session.get_one(Partner, here.partner_id)
            there, joined, other = (
                make_person(partner, Role.USER, here.structures["insertion"], name)
                for name in ("agent un", "agent deux", "agent trois")
            )
        main = transmitted(here, now=clock.now())
        report = file(here, now=clock.now(), role=Role.CORRESPONDENT, reporter_id=there.account_id)
        act(here, report, e.DuplicateMarked(of=main.reference), now=clock.now())
        calls = (
            e.PlusOne(account_id=joined.account_id),
            e.PlusOne(structure_id=here.structures["insertion"]),
        )
        act(here, main, *calls, now=clock.now())
        reference, ticket_id = main.reference, main.id
    clock.advance(10 * MINUTE)
    desk = Desk(app, as_role(app, world, Role.CORRESPONDENT), reference, ticket_id)
    insertion = str(here.structures["insertion"])
    assert desk.send("contournement", **SAID, structures=[insertion]).status_code == 303
    reporter = here.people[Role.USER].account_id
    assert sorted(account for account, _ in mails(app, "workaround")) == sorted([reporter, there.account_id])
    assert mails(app, "workaround-known") == [
        (joined.account_id, "/services"),
        (other.account_id, "/services"),
    ]
    given = next(record.event for record in desk.records() if isinstance(record.event, e.WorkaroundGiven))
    assert (given.told, given.structures) == (4, (here.structures["insertion"],))
    assert "Envoyé à 4 personnes" in text(desk.client, reference)


def test_every_structure_that_uses_the_tool_may_be_chosen(app: Flask, world: World, before: Open) -> None:
    desk = before(SENT)
    assert desk.send("contournement", **SAID, structures=["toutes"]).status_code == 303
    given = desk.last().event
    assert isinstance(given, e.WorkaroundGiven)
    assert set(given.structures) == set(world.here.structures.values())
    # The integrator belongs to a structure too; the user is the reporter, told by the ticket itself.
    integrator = world.here.people[Role.INTEGRATOR].account_id
    assert mails(app, "workaround-known") == [(integrator, "/services")]


def test_who_joined_is_told_that_the_service_is_back(app: Flask, world: World, before: Open) -> None:
    manager = world.here.people[Role.MANAGER].account_id
    before(SENT, e.PlusOne(account_id=manager), e.ReturnAnnounced(), e.ReturnConfirmed())
    assert mails(app, "service-restored") == [(manager, "/")]


# --- Articles --------------------------------------------------------------------------------------------


def test_an_existing_article_may_be_the_workaround(
    app: Flask, world: World, clock: FrozenClock, before: Open
) -> None:
    with app.app_context():
        slug = article(world, clock)
        link = article(world, clock, "Page officielle", kind=ArticleKind.LINK, url="https://exemple.test/")
        ours = article(world, clock, "Entre nous", audience=Audience.CORRESPONDENTS)
    desk = before(SENT)
    offered = desk.client.get(desk.url("contournement")).text
    assert f'value="{slug}"' in offered and link not in offered and ours not in offered
    assert desk.send("contournement", scope="partial", text="", article=slug).status_code == 303
    given = desk.last().event
    assert isinstance(given, e.WorkaroundGiven)
    assert (given.article, given.article_title, given.told) == (slug, "Par l’autre page", 1)
    for client in (desk.client, as_role(app, world, Role.USER)):
        assert "Par l’autre page" in text(client, desk.reference)
    with app.app_context():
        (row,) = active_workarounds(world.here.actor(Role.USER), [TOOL])
        assert (row.article, row.article_title) == (slug, "Par l’autre page")


def test_an_article_may_be_written_in_the_same_gesture(app: Flask, world: World, before: Open) -> None:
    desk = before(SENT)
    assert (
        desk.send(
            "contournement", **SAID, article_title="Suivi de parcours : passer par l’accueil"
        ).status_code
        == 303
    )
    given = desk.last().event
    assert isinstance(given, e.WorkaroundGiven)
    with app.app_context():
        made = db.session.scalars(select(Article).where(Article.slug == given.article)).one()
        assert (made.kind, made.state, made.audience) == ("workaround", "published", "everyone")
        assert made.body == SAID["text"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"text": ""}, "Comment faire, pour les personnes concernées"),
        ({"text": "", "article_title": "Titre"}, "Comment faire, pour les personnes concernées"),
        ({"article": "inconnu"}, "Article de la documentation"),
        ({"article_title": "1 84 12 76 451 089 46"}, "Ou faire un article de ce texte, sous le titre"),
        ({"text": "Voir 1 84 12 76 451 089 46"}, "Comment faire, pour les personnes concernées"),
    ],
)
def test_what_may_not_be_kept_is_refused_on_its_field(
    before: Open, typed: dict[str, str], field: str
) -> None:
    desk = before(SENT)
    answer = desk.send("contournement", **SAID | typed)
    assert answer.status_code == 422
    assert list(errors(answer)) == [field]
    assert isinstance(desk.last().event, e.Transmitted)


def test_an_article_and_a_title_are_one_too_many(
    app: Flask, world: World, clock: FrozenClock, before: Open
) -> None:
    with app.app_context():
        slug = article(world, clock)
    answer = before(SENT).send("contournement", **SAID, article=slug, article_title="Autre")
    assert "pas les deux" in errors(answer)["Article de la documentation"]


@pytest.mark.parametrize(
    ("scope", "end"),
    [
        (TOTAL, (e.ReturnConfirmed(), e.RepairDone())),
        (PARTIAL, (e.WorkaroundGiven(scope=PARTIAL, text="Un autre"),)),
    ],
)
def test_its_article_is_to_be_read_again_when_it_serves_no_more(
    app: Flask,
    world: World,
    clock: FrozenClock,
    before: Open,
    scope: WorkaroundScope,
    end: tuple[e.TicketEvent, ...],
) -> None:
    with app.app_context():
        slug = article(world, clock)
    desk = before(SENT, e.TakenUp())
    desk.send("contournement", scope=scope.value, text="", article=slug)
    assert state_of(app, slug) == "published"
    with app.app_context():
        act(world.here, desk.reference, *end, now=clock.now())
    clock.advance(10 * MINUTE)
    assert state_of(app, slug) == "to-review"
    said = text(desk.client, desk.reference)
    assert "Le contournement ne sert plus" in said and "archivez-le" in said
    home = words(BeautifulSoup(desk.client.get("/").text, "html5lib").select_one("main"))
    assert "Contournements qui ne servent plus" in home and desk.reference in home
    with app.app_context(), transaction():
        documentation.move(slug, ArticleState.ARCHIVED, actor=world.here.actor(), now=clock.now())
    home = words(BeautifulSoup(desk.client.get("/").text, "html5lib").select_one("main"))
    assert "Contournements qui ne servent plus" not in home


def test_an_article_that_serves_elsewhere_stays(
    app: Flask, world: World, clock: FrozenClock, before: Open
) -> None:
    with app.app_context():
        slug = article(world, clock)
        other = transmitted(
            world.here, now=clock.now(), incident_type=IncidentType.APPLICATION, severity=None
        )
        given = e.WorkaroundGiven(scope=PARTIAL, text="", article=slug, article_title="Par l’autre page")
        act(world.here, other, given, now=clock.now())
    desk = before(SENT)
    desk.send("contournement", scope="partial", text="", article=slug)
    desk.send("contournement-retire", reason="Non")
    assert state_of(app, slug) == "published"


def test_a_workaround_voided_as_never_given_leaves_nothing(
    app: Flask, world: World, clock: FrozenClock, before: Open
) -> None:
    with app.app_context():
        slug = article(world, clock)
    desk = before(SENT)
    desk.send("contournement", scope="partial", text="", article=slug)
    with app.app_context(), transaction():
        void = e.Corrected(reason="Erreur", void=True)
        correct(desk.reference, 3, void, actor=world.here.actor(), now=clock.now())
    assert in_use(app, world) == []
    assert state_of(app, slug) == "to-review"
