"""`/recherche`, as people read it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.documentation.models import SearchMiss
from app.documentation.rules import ArticleText
from app.documentation.service import create, publish
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.vocabulary import Kind
from tests.factories import Place, World, act, file, log_in
from tests.tickets.screens import counted, element, hidden, page

SEARCH = "/recherche"
TYPING = {"HX-Request": "true", "HX-Target": "search-results"}
QUERIES_AT_MOST = 34


@pytest.fixture
def user(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.USER])


@pytest.fixture
def correspondent(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])


def write(place: Place, clock: FrozenClock, title: str, body: str = "Texte.", **more: object) -> str:
    text = ArticleText(title=title, body=body, review_on=(clock.now() + timedelta(days=90)).date(), **more)  # type: ignore[arg-type]
    with transaction():
        slug = create(text, actor=place.actor(), now=clock.now()).slug
        publish(slug, actor=place.actor(), now=clock.now())
    return slug


def found(answer: TestResponse, part: str) -> list[str]:
    """The titles of a part of the results."""
    head = page(answer).find(id=part)
    if head is None:
        return []
    section = head.find_parent("section")
    assert section is not None
    return [link.get_text() for link in section.select(".row-title a")]


def misses(app: Flask) -> list[tuple[str, int]]:
    with app.app_context():
        return [(row.words, row.count) for row in db.session.scalars(select(SearchMiss))]


def test_one_box_finds_articles_and_tickets_and_marks_the_source(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        write(world.here, clock, "Écran blanc", "L’écran reste blanc : videz le cache.")
        file(world.here, now=clock.now(), subject="Écrans noirs", text="Tout est éteint.")
        file(world.there, now=clock.now(), subject="Écran d’ailleurs")
    answer = user.get(SEARCH, query_string={"q": "ecran"})
    assert found(answer, "articles") == ["Écran blanc"]
    assert found(answer, "sollicitations") == ["Écrans noirs"]
    marks = {mark.get_text() for mark in page(answer).select("#search-results mark")}
    assert marks == {"Écran", "écran", "Écrans"}
    tabs = [link.get_text(" ", strip=True) for link in page(answer).select(".tabs a")]
    assert tabs == ["Tout 2", "Articles 1", "Annonces 0", "Sollicitations 1"]


def test_the_newest_tickets_come_first(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        for number in range(3):
            file(world.here, now=clock.now() + timedelta(minutes=number), subject=f"Portail {number}")
    clock.advance(timedelta(hours=1))
    answer = correspondent.get(SEARCH, query_string={"q": "portail"})
    assert found(answer, "sollicitations") == ["Portail 2", "Portail 1", "Portail 0"]


def test_internal_words_are_found_and_shown_to_the_desk_only(
    app: Flask, world: World, user: FlaskClient, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        ticket = file(world.here, now=clock.now(), subject="Page blanche", text="Rien ne vient.")
        act(world.here, ticket, e.Commented(text="Certificat périmé", internal=True), now=clock.now())
    desk = correspondent.get(SEARCH, query_string={"q": "certificats"})
    assert found(desk, "sollicitations") == ["Page blanche"] and "<mark>Certificat</mark> périmé" in desk.text
    assert found(user.get(SEARCH, query_string={"q": "certificats"}), "sollicitations") == []
    assert "Certificat" not in user.get(SEARCH, query_string={"q": "page blanche"}).text


def test_a_security_case_is_nowhere(app: Flask, world: World, clock: FrozenClock) -> None:
    with app.app_context():
        file(world.here, now=clock.now(), kind=Kind.SECURITY, tools=(), subject="Hameçonnage")
    for role in Role:
        client = log_in(app, app.test_client(), world.here.people[role])
        assert found(client.get(SEARCH, query_string={"q": "hameçonnage"}), "sollicitations") == []


@pytest.mark.parametrize("without", ["", "-"])
def test_a_reference_leads_to_its_ticket_with_or_without_its_dash(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock, without: str
) -> None:
    with app.app_context():
        reference = file(world.here, now=clock.now()).reference
    typed = reference.replace(without, "").lower() if without else reference
    answer = user.get(SEARCH, query_string={"q": typed})
    assert answer.status_code == 303 and answer.location == f"/sollicitations/{reference}"
    halfway = user.get(SEARCH, query_string={"q": typed[:6]}, headers=TYPING)
    assert halfway.status_code == 200 and reference in halfway.text


def test_a_reference_of_france_travail_is_found_with_or_without_its_dash(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        ticket = file(world.here, now=clock.now(), subject="Portail muet")
        noted = e.Transmitted(channel="Formulaire", text="…", ft_reference="INC-0042")
        act(world.here, ticket, noted, now=clock.now())
    for typed in ("INC-0042", "inc0042", "INC-00"):
        assert found(correspondent.get(SEARCH, query_string={"q": typed}), "sollicitations") == [
            "Portail muet"
        ]


def test_the_words_of_the_query_box_filter(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        write(world.here, clock, "Portail et parcours", tools=("suivi-de-parcours",))
        write(world.here, clock, "Portail et statut", tools=("api-statut-usager",))
        file(world.here, now=clock.now(), subject="Portail lent")
        file(world.here, now=clock.now(), subject="Portail vide", tools=("api-statut-usager",))
    about = correspondent.get(SEARCH, query_string={"q": "portail outil:api-statut-usager"})
    assert found(about, "articles") == ["Portail et statut"]
    assert found(about, "sollicitations") == ["Portail vide"]
    tickets_only = correspondent.get(SEARCH, query_string={"q": "portail état:nouvelle"})
    assert found(tickets_only, "articles") == [] and len(found(tickets_only, "sollicitations")) == 2
    wrong = correspondent.get(SEARCH, query_string={"q": "portail zzz:1"})
    assert "n’est pas un mot connu" in wrong.text


def test_the_last_word_may_be_half_typed(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        write(world.here, clock, "Habilitation suspendue")
    answer = user.get(SEARCH, query_string={"q": "suspendue habil"}, headers=TYPING)
    assert found(answer, "articles") == ["Habilitation suspendue"]
    assert answer.text.lstrip().startswith("<title>") and "1\u00a0article." in answer.text
    assert found(user.get(SEARCH, query_string={"q": "habil "}), "articles") == []


def test_nothing_found_says_what_to_do_and_is_counted_without_name_nor_figure(
    app: Flask, user: FlaskClient
) -> None:
    answer = user.get(SEARCH, query_string={"q": "Bicyclette électrique 0612345678 du dossier A12"})
    assert "Rien ne correspond" in answer.text
    assert page(answer).select_one("#search-results a[href='/sollicitations/nouvelle']") is not None
    assert misses(app) == [("bicyclette dossier electrique", 1)]


def test_what_is_half_typed_is_counted_only_once_the_person_has_stopped(
    app: Flask, user: FlaskClient
) -> None:
    answer = user.get(SEARCH, query_string={"q": "bicyclet"}, headers=TYPING)
    assert misses(app) == []
    form = page(answer).select_one("form[hx-post]")
    assert form is not None and form["hx-trigger"] == "load delay:3s"
    assert user.post(str(form["hx-post"]), data=hidden(form)).status_code == 204
    assert misses(app) == [("bicyclet", 1)]


def test_a_search_with_an_article_is_not_counted(
    app: Flask, world: World, user: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        write(world.here, clock, "Bicyclette")
    user.get(SEARCH, query_string={"q": "bicyclettes"})
    user.get(SEARCH, query_string={"q": "outil:connexion"})
    user.get(SEARCH)
    assert misses(app) == []


def test_without_a_word_the_page_says_what_can_be_typed(
    user: FlaskClient, correspondent: FlaskClient
) -> None:
    assert "Ce que l’on peut taper" in user.get(SEARCH).text
    assert "horloge:" not in element(user.get(SEARCH), "search-results").get_text()
    assert "horloge:" in element(correspondent.get(SEARCH), "search-results").get_text()


@pytest.mark.parametrize("typed", ["x" * 900, "\x00", "outil:", '"', "l'", "<script>", "outil:" + "z" * 300])
@pytest.mark.parametrize("part", ["", "articles", "sollicitations", "autre"])
def test_hostile_words_break_nothing(user: FlaskClient, typed: str, part: str) -> None:
    answer = user.get(SEARCH, query_string={"q": typed, "dans": part})
    assert answer.status_code == 200 and "<script>" not in element(answer, "search-results").decode_contents()


def test_every_page_has_the_box(user: FlaskClient) -> None:
    box = page(user.get("/")).select_one("form[action='/recherche'] input[name=q]")
    assert box is not None and box["data-shortcut"] == "/" and box["aria-label"] == "Rechercher"


def test_a_search_costs_few_queries(
    app: Flask, world: World, correspondent: FlaskClient, clock: FrozenClock
) -> None:
    with app.app_context():
        for number in range(12):
            file(world.here, now=clock.now(), subject=f"Portail {number}")
            write(world.here, clock, f"Portail {number}")
    correspondent.get(SEARCH, query_string={"q": "portail"})
    with counted(app) as statements:
        correspondent.get(SEARCH, query_string={"q": "portail texte"})
    assert len(statements) <= QUERIES_AT_MOST, "\n".join(statements)
