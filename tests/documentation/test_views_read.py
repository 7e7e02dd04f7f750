"""The pages that people read: the first page, the search, an article."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts.policy import Role
from app.documentation import shelves
from app.documentation.queries import article_by_slug
from app.documentation.service import link_to_subject
from app.documentation.vocabulary import Audience, State, Use
from app.infra.tx import transaction
from tests.conftest import START
from tests.documentation.base import Reader, words, write
from tests.factories import World, file

INDEX = "/documentation"


def listed(page: object) -> list[str]:
    return [words(card) for card in page.select(".article-card .row-title a")]  # type: ignore[attr-defined]


def test_an_empty_base_says_what_to_do_next(app: Flask, world: World) -> None:
    assert "encore vide" in words(Reader(app, world, Role.USER).get(INDEX))
    writer = Reader(app, world).get(INDEX)
    assert writer.select_one('a[href="/documentation/nouvel-article"]') is not None


def test_the_first_page_lists_the_useful_and_the_shelves(app: Flask, world: World) -> None:
    with app.app_context():
        write(world.here, tools=("suivi-de-parcours",))
        write(world.here, "Brouillon", State.DRAFT)
    page = Reader(app, world, Role.USER).get(INDEX)
    assert listed(page) == ["Page blanche"]
    assert page.select_one('a[href="/documentation?outil=suivi-de-parcours"]') is not None
    assert "Tenir la documentation" not in words(page)
    assert "Brouillons 1" in words(Reader(app, world).get(INDEX))


def test_shelves_narrow_and_hostile_ones_are_ignored(app: Flask, world: World) -> None:
    with app.app_context():
        write(world.here, "A", tools=("suivi-de-parcours",))
        write(world.here, "B", State.DRAFT)
    reader = Reader(app, world)
    assert listed(reader.get(f"{INDEX}?outil=suivi-de-parcours")) == ["A"]
    assert listed(reader.get(f"{INDEX}?etat=draft")) == ["B"]
    assert listed(reader.get(f"{INDEX}?nature=how-to")) == ["A"]
    assert "Aucun article ici" in words(reader.get(f"{INDEX}?outil=inconnu"))
    assert listed(reader.get(f"{INDEX}?nature=x&etat=y&outil=%00")) == ["A"]
    assert "Aucun article ici" in words(Reader(app, world, Role.USER).get(f"{INDEX}?etat=draft"))


def test_a_search_finds_highlights_and_is_noted_when_vain(app: Flask, world: World) -> None:
    with app.app_context():
        write(world.here, "Habilitation suspendue")
    user = Reader(app, world, Role.USER)
    page = user.get(f"{INDEX}?q=habilitations")
    assert listed(page) == ["Habilitation suspendue"]
    assert [mark.get_text() for mark in page.select("mark")] == ["Habilitation"]
    for _ in range(2):
        assert "Aucun article ne répond" in words(user.get(f"{INDEX}?q=jeton perdu 123456"))
    Reader(app, world).get(f"{INDEX}?q=essai du correspondant")
    user.get(f"{INDEX}?q=1 85 05 78 006 084 91")
    assert "Tapez au moins un mot" in words(user.get(f"{INDEX}?q=!!"))
    assert "Aucun article" in words(user.get(f"{INDEX}?q={'a' * 500}"))
    with app.app_context():
        assert [(row.asked, row.count) for row in shelves.misses_of(world.here.actor())] == [
            ("jeton perdu", 2)
        ]


def test_an_article_reads_with_its_contents_and_one_title(app: Flask, world: World) -> None:
    with app.app_context():
        slug = write(
            world.here, body="## Un\n\n## Deux\n\n## Trois\n\n> [!À savoir]\n> Oui.", tools=("ouiform",)
        )
    page = Reader(app, world, Role.USER).get(f"{INDEX}/{slug}")
    assert [words(title) for title in page.select("h1")] == ["Page blanche"]
    assert [link["href"] for link in page.select(".contents a")] == ["#s-un", "#s-deux", "#s-trois"]
    assert page.select_one(".article-body .callout-info") is not None
    assert page.select_one(f'a[href="{INDEX}/{slug}/modification"]') is None


def test_a_reader_says_that_it_helped_and_takes_it_back(app: Flask, world: World) -> None:
    with app.app_context():
        slug = write(world.here)
    user, url = Reader(app, world, Role.USER), f"{INDEX}/page-blanche"
    assert "Il a aidé 1 personne" in user.read(user.send(url, f"{url}/utile"))
    assert "Cet article vous a aidé" in words(user.get(f"{INDEX}/{slug}"))
    assert "Personne ne l’a encore dit utile" in user.read(user.send(url, f"{url}/utile"))
    fragment = user.client.post(
        f"{url}/utile",
        data={"csrf_token": user.get(url).select_one("[name=csrf_token]")["value"], "utile": "oui"},  # type: ignore[index]
        headers={"HX-Request": "true", "HX-Target": "helped"},
    )
    assert fragment.status_code == 200
    assert 'id="helped"' in fragment.text
    assert "Merci" in fragment.text


def test_tickets_that_used_it_are_shown_to_the_desk(app: Flask, world: World) -> None:
    with app.app_context():
        slug, ticket = write(world.here), file(world.here, now=START)
        with transaction():
            link_to_subject(
                article_by_slug(world.here.actor(), slug),
                ticket.id,
                Use.POINTED,
                actor=world.here.actor(),
                now=START,
            )
        reference = ticket.reference
    assert reference in words(Reader(app, world).get(f"{INDEX}/{slug}"))
    assert reference not in words(Reader(app, world, Role.USER).get(f"{INDEX}/{slug}"))
    assert "Page blanche" in words(Reader(app, world, Role.USER).get(f"/sollicitations/{reference}"))


@pytest.mark.parametrize("audience", Audience)
def test_an_integrator_reads_of_api_only(app: Flask, world: World, audience: Audience) -> None:
    with app.app_context():
        api = write(world.here, "API", tools=("api-statut-usager",), audience=audience)
        tool = write(world.here, "Outil", tools=("ouiform",), audience=audience)
    client = Reader(app, world, Role.INTEGRATOR).client
    open_to_them = audience is Audience.EVERYONE
    assert client.get(f"{INDEX}/{api}").status_code == (200 if open_to_them else 404)
    assert client.get(f"{INDEX}/{tool}").status_code == 404


def test_a_link_to_the_documentation_of_france_travail_is_a_button(app: Flask, world: World) -> None:
    with app.app_context():
        slug = write(world.here, url="https://francetravail.io/contact")
    link = (
        Reader(app, world, Role.USER)
        .get(f"{INDEX}/{slug}")
        .select_one('a[href="https://francetravail.io/contact"]')
    )
    assert link is not None
    assert "noopener" in link["rel"]
