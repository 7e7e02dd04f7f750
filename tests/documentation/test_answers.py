"""Articles in the answers to a ticket, and articles made from a ticket."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from app.accounts.policy import Role
from app.documentation.queries import article_by_slug, uses_of
from app.documentation.vocabulary import Audience, Kind, State, Use
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.models import Ticket
from app.tickets.service import set_identifier
from app.tickets.vocabulary import Kind as TicketKind
from tests.documentation.base import Reader, values, words, write
from tests.factories import World, act, file

CANNED = "Bonjour, {outil} : voir {reference}, {structure}, {date}, {partenaire}, {objet}."


@pytest.fixture
def ticket(app: Flask, world: World, clock: FrozenClock) -> str:
    with app.app_context():
        write(world.here, "Réponse", kind=Kind.CANNED, audience=Audience.CORRESPONDENTS, body=CANNED)
        write(world.here, "Vider le cache")
        write(world.here, "Interne", audience=Audience.CORRESPONDENTS)
        write(world.here, "Brouillon", State.DRAFT)
        return file(world.here, now=clock.now(), kind=TicketKind.QUESTION).reference


def uses(app: Flask, world: World, reference: str) -> dict[str, Use]:
    with app.app_context():
        key = db.session.query(Ticket.id).filter_by(reference=reference).scalar()
        return {usage.article.title: usage.use for usage in uses_of(world.here.actor(), key)}


def offered(page: BeautifulSoup) -> list[str]:
    return [words(option) for option in page.select("#inserted optgroup option")]


def test_a_canned_answer_is_inserted_filled_in_then_counted(app: Flask, world: World, ticket: str) -> None:
    desk, url = Reader(app, world), f"/sollicitations/{ticket}/actes/reponse"
    assert offered(desk.get(url)) == ["Réponse", "Vider le cache"]
    answer = desk.send(url, text="Début.", inserted="reponse", insert="1")
    assert answer.status_code == 200
    form = BeautifulSoup(answer.text, "html5lib").select_one("#act-form form")
    assert form is not None
    text = form.select_one("textarea[name=text]").get_text().removeprefix("\n")  # type: ignore[union-attr]
    assert text == (
        f"Début.\n\nBonjour, Suivi de parcours : voir {ticket}, Accueil, 10/03/2026, "
        "Département du Pas-de-Calais, Le suivi de parcours ne répond plus."
    )
    assert uses(app, world, ticket) == {}
    assert desk.client.post(url, data={**values(form), "text": text}).status_code == 303
    assert uses(app, world, ticket) == {"Réponse": Use.INSERTED}


def test_an_article_pointed_to_is_counted_and_shown_to_the_user(
    app: Flask, world: World, ticket: str
) -> None:
    desk, url = Reader(app, world), f"/sollicitations/{ticket}/actes/commentaire"
    answer = desk.send(url, inserted="vider-le-cache", insert="1")
    text = BeautifulSoup(answer.text, "html5lib").select_one("#act-form textarea").get_text()  # type: ignore[union-attr]
    assert "http://127.0.0.1:8000/documentation/vider-le-cache" in text
    desk.send(url, text=text + " /documentation/brouillon-2 /documentation/inconnu")
    assert uses(app, world, ticket) == {"Vider le cache": Use.POINTED}
    page = Reader(app, world, Role.USER).get(f"/sollicitations/{ticket}")
    assert page.select_one('aside a[href="/documentation/vider-le-cache"]') is not None


@pytest.mark.parametrize("chosen", ["", "brouillon", "inconnu", "a\x00b"])
def test_what_is_not_offered_is_refused_and_the_text_kept(
    app: Flask, world: World, ticket: str, chosen: str
) -> None:
    answer = Reader(app, world).send(
        f"/sollicitations/{ticket}/actes/reponse",
        text="Gardé.",
        inserted=chosen,
        insert="1",
        used=["inconnu"],
    )
    assert answer.status_code == 422
    assert "Gardé." in answer.text


def test_users_have_nothing_to_insert(app: Flask, world: World, ticket: str) -> None:
    page = Reader(app, world, Role.USER).get(f"/sollicitations/{ticket}/actes/commentaire")
    assert offered(page) == []


# --- An article made from a ticket -----------------------------------------------------------------------


def resolved(app: Flask, world: World, clock: FrozenClock, **filing: object) -> str:
    with app.app_context():
        ticket = file(world.here, now=clock.now(), kind=TicketKind.QUESTION, **filing)
        act(
            world.here,
            ticket,
            e.Answered(
                text="Madame Durand (durand@exemple.test), user pas-de-calais : ID-42, vider le cache."
            ),
            now=clock.now(),
        )
        return ticket.reference


def test_an_article_is_made_of_a_resolved_ticket_without_persons(
    app: Flask, world: World, clock: FrozenClock
) -> None:
    reference = resolved(app, world, clock, subject="Accès de Mme Durand au suivi")
    desk, url = Reader(app, world), f"/documentation/nouvel-article/{reference}"
    assert desk.get(f"/sollicitations/{reference}").select_one(f'a[href="{url}"]') is not None
    page = desk.get(url)
    body = page.select_one("textarea[name=body]").get_text()  # type: ignore[union-attr]
    assert "vider le cache" in body
    for gone in ("Durand", "durand@", "user pas-de-calais"):
        assert gone not in body
    assert page.select_one("input[name=title]")["value"] == "Accès de [retiré] au suivi"  # type: ignore[index]
    assert "Des données ont été retirées" in words(page)
    assert [box["value"] for box in page.select("input[name=tools][checked]")] == ["suivi-de-parcours"]
    assert desk.send(url, title="Vider le cache").status_code == 303
    assert uses(app, world, reference) == {"Vider le cache": Use.SOURCE}
    assert reference in words(desk.get("/documentation/vider-le-cache"))
    with app.app_context():
        assert article_by_slug(world.here.actor(), "vider-le-cache").state == State.DRAFT


def test_only_a_ticket_that_ended_well_makes_an_article(
    app: Flask, world: World, clock: FrozenClock, ticket: str
) -> None:
    desk = Reader(app, world)
    assert desk.client.get(f"/documentation/nouvel-article/{ticket}").status_code == 409
    assert desk.get(f"/sollicitations/{ticket}").select_one('a[href*="nouvel-article"]') is None
    assert desk.client.get("/documentation/nouvel-article/AAAA-AAAA").status_code == 404
    reference = resolved(app, world, clock)
    assert (
        Reader(app, world, there=True).client.get(f"/documentation/nouvel-article/{reference}").status_code
        == 404
    )
    manager = Reader(app, world, Role.MANAGER)
    assert manager.client.get(f"/documentation/nouvel-article/{reference}").status_code == 403
    assert manager.get(f"/sollicitations/{reference}").select_one('a[href*="nouvel-article"]') is None


def test_the_protected_identifier_never_enters_an_article(
    app: Flask, world: World, clock: FrozenClock
) -> None:
    reference = resolved(app, world, clock)
    with app.app_context(), transaction():
        set_identifier(reference, "ID-42", actor=world.here.actor(), now=clock.now())
    body = (
        Reader(app, world).get(f"/documentation/nouvel-article/{reference}").select_one("textarea[name=body]")
    )
    assert body is not None
    assert "ID-42" not in body.get_text()
