"""Which articles come first, and which never come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.accounts.policy import Role
from app.documentation.rules import ArticleText
from app.documentation.search import search, suggest
from app.documentation.service import create, mark_helped, move, publish
from app.documentation.vocabulary import Audience, Kind, State
from app.infra.tx import transaction
from app.kernel.excerpt import Piece
from app.kernel.words import Wanted
from tests.conftest import START
from tests.factories import Place, World

TOOL, OTHER = "suivi-de-parcours", "api-statut-usager"


def write(place: Place, title: str, body: str = "Texte.", *, shown: bool = True, **more: object) -> str:
    """The address of an article, published unless told otherwise."""
    actor = place.actor()
    with transaction():
        article = create(
            ArticleText(title=title, body=body, review_on=(START + timedelta(days=90)).date(), **more),  # type: ignore[arg-type]
            actor=actor,
            now=START,
        )
        if shown:
            publish(article.slug, actor=actor, now=START)
        return article.slug


def found(place: Place, *typed: str, role: Role = Role.USER, **more: object) -> list[str]:
    answer = search(place.actor(role), Wanted(typed), **more)  # type: ignore[arg-type]
    return [item.article.slug for item in answer.found]


def suggested(place: Place, typed: str, tool: str | None = None, role: Role = Role.USER) -> list[str]:
    return [item.article.slug for item in suggest(place.actor(role), Wanted(typing=typed), tool=tool)]


def marked(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{piece.text}]" if piece.hit else piece.text for piece in pieces)


def test_title_comes_before_tools_and_tools_before_text(context: Flask, world: World) -> None:
    here = world.here
    text = write(here, "Page blanche", "Le suivi est long. " * 30)
    tools = write(here, "Données fausses", tools=(TOOL,))
    title = write(here, "Le suivi en trois étapes")
    assert found(here, "suivi") == [title, tools, text]


def test_an_article_is_found_by_the_name_of_its_tool(context: Flask, world: World) -> None:
    slug = write(world.here, "Dates inversées", tools=(TOOL,))
    write(world.here, "Dates inversées encore", tools=(OTHER,))
    assert found(world.here, "dates", "parcours") == [slug]
    assert found(world.here, "dates", tools=[TOOL]) == [slug]


def test_every_word_first_then_what_comes_near(context: Flask, world: World) -> None:
    here = world.here
    both = write(here, "Mot de passe du portail")
    one = write(here, "Le portail en panne")
    write(here, "Orientation erronée")
    complete = search(here.actor(), Wanted(("portail", "passe")))
    assert complete.complete and [item.article.slug for item in complete.found] == [both]
    near = search(here.actor(), Wanted(("portail", "clignote")))
    assert not near.complete and {item.article.slug for item in near.found} == {both, one}
    assert search(here.actor(), Wanted(("bicyclette",))).found == ()


def test_hits_are_shown_in_the_title_and_in_the_text(context: Flask, world: World) -> None:
    write(world.here, "Accès refusé", "## Que faire ?\n\nVérifiez les **accès** de l’agent.")
    (item,) = search(world.here.actor(), Wanted(("acces",))).found
    assert marked(item.title) == "[Accès] refusé"
    assert marked(item.excerpt) == "Que faire ? Vérifiez les [accès] de l’agent."


def test_a_phrase_is_wanted_as_it_stands(context: Flask, world: World) -> None:
    exact = write(world.here, "Écran", "Une page blanche apparaît.")
    write(world.here, "Autre", "La page est blanche.")
    answer = search(world.here.actor(), Wanted(phrases=("page blanche",)))
    assert [item.article.slug for item in answer.found] == [exact]
    assert marked(answer.found[0].excerpt) == "Une [page blanche] apparaît."


def test_drafts_archives_and_what_is_not_for_the_reader_stay_out(context: Flask, world: World) -> None:
    here = world.here
    write(here, "Panne en brouillon", shown=False)
    archived = write(here, "Panne archivée")
    with transaction():
        move(archived, State.ARCHIVED, actor=here.actor(), now=START)
    desk = write(here, "Panne, vue du service", audience=Audience.CORRESPONDENTS)
    everyone = write(here, "Panne du portail")
    write(world.there, "Panne d’ailleurs")
    assert found(here, "panne") == [everyone]
    assert set(found(here, "panne", role=Role.CORRESPONDENT)) == {everyone, desk}
    assert found(here, "panne", role=Role.INTEGRATOR) == []


def test_what_cannot_be_read_does_not_hide_what_comes_near(context: Flask, world: World) -> None:
    write(world.here, "Portail et clignotement", audience=Audience.CORRESPONDENTS)
    near = write(world.here, "Portail en panne")
    assert found(world.here, "portail", "clignotement") == [near]


def test_what_helped_comes_first_among_equals(context: Flask, world: World) -> None:
    helped = write(world.here, "Panne un")
    other = write(world.here, "Panne deux")
    with transaction():
        mark_helped(helped, actor=world.here.actor(Role.USER), now=START)
    assert found(world.here, "panne") == [helped, other]


def test_a_sentence_gets_suggestions_those_of_the_tool_first(context: Flask, world: World) -> None:
    here = world.here
    general = write(here, "Mot de passe oublié", "Le portail demande un mot de passe.")
    own = write(here, "Mot de passe refusé par le portail", tools=(TOOL,))
    other = write(here, "Mot de passe refusé par l’API", tools=(OTHER,))
    write(here, "Orientation erronée")
    sentence = "Bonjour, je n’arrive plus à taper mon mot de pass"
    assert set(suggested(here, sentence)) == {general, own, other}
    assert suggested(here, sentence, TOOL) == [own, general, other]
    assert suggested(here, "Bonjour, rien de tout cela") == []
    assert suggest(here.actor(), Wanted()) == ()


def test_a_canned_answer_is_searched_but_not_suggested(context: Flask, world: World) -> None:
    slug = write(
        world.here,
        "Accusé de réception",
        kind=Kind.CANNED,
        audience=Audience.CORRESPONDENTS,
        body="Bien reçu.",
    )
    assert found(world.here, "accusé", role=Role.CORRESPONDENT) == [slug]
    assert suggested(world.here, "accusé de réception", role=Role.CORRESPONDENT) == []


def test_nothing_wanted_is_no_search(context: Flask, world: World) -> None:
    with pytest.raises(ValueError, match="nothing is wanted"):
        search(world.here.actor(), Wanted())


def test_beside_a_good_answer_a_poor_one_is_not_suggested(context: Flask, world: World) -> None:
    good = write(world.here, "Habilitation suspendue après deux mois")
    poor = write(world.here, "Chiffres", "Les mois ne sont pas les mêmes.")
    assert suggested(world.here, "mon habilitation est suspendue depuis deux mois") == [good]
    assert suggested(world.here, "les mois des autres") == [good, poor]
