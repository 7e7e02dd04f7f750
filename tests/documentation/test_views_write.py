"""Writing articles as a browser without JavaScript does, and what the script asks."""

from __future__ import annotations

import io

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.documentation.queries import article_by_slug
from app.documentation.rules import IMAGE_PATH
from app.documentation.vocabulary import State
from app.web import urls
from tests.documentation.base import Reader, words, write
from tests.documentation.pictures import png, png_bomb
from tests.factories import World

NEW = "/documentation/nouvel-article"
PAGE = "/documentation/page-blanche"
EDIT = f"{PAGE}/modification"
NIR = "1 85 05 78 006 084 91"


def body_of(answer: TestResponse) -> str:
    area = BeautifulSoup(answer.text, "html5lib").select_one("textarea[name=body]")
    assert area is not None
    return area.get_text().removeprefix("\n")


def test_an_article_is_written_then_published(app: Flask, world: World) -> None:
    writer = Reader(app, world)
    answer = writer.send(
        NEW,
        title="Page blanche : que faire ?",
        body="## Essayer\n\nVider le cache.",
        tools=["suivi-de-parcours"],
    )
    assert answer.status_code == 303
    page = "/documentation/page-blanche-que-faire"
    assert answer.headers["Location"] == page
    assert "n’est pas publié" in writer.read(answer)
    assert Reader(app, world, Role.USER).client.get(page).status_code == 404
    assert "État de l’article : publié" in writer.read(writer.send(page, f"{page}/etat", to="published"))
    assert "Page blanche\u00a0: que faire\u00a0?" in Reader(app, world, Role.USER).client.get(page).text


def test_the_same_form_sent_twice_makes_one_article(app: Flask, world: World) -> None:
    writer = Reader(app, world)
    form = writer.get(NEW).select_one("main form[method=post]")
    assert form is not None
    data = {field["name"]: field.get("value", "") for field in form.select("input[type=hidden]")}
    data |= {
        "title": "T",
        "body": "B",
        "kind": "how-to",
        "audience": "everyone",
        "owner_id": writer_id(world),
    }
    first, second = (writer.client.post(NEW, data=data) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"] == "/documentation/t"


def writer_id(world: World) -> str:
    return str(world.here.people[Role.CORRESPONDENT].account_id)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 500}, "title"),
        ({"body": ""}, "body"),
        ({"body": "x" * 50_000}, "body"),
        ({"body": f"Dossier {NIR}"}, "body"),
        ({"kind": "roman"}, "kind"),
        ({"kind": "canned"}, "audience"),
        ({"kind": "canned", "audience": "correspondents", "body": "{nom}"}, "body"),
        ({"kind": "link"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"tools": ["inconnu"]}, "tools"),
        ({"owner_id": "999999"}, "owner_id"),
        ({"review_on": "demain"}, "review_on"),
    ],
)
def test_a_refused_article_keeps_what_was_typed(
    app: Flask, world: World, typed: dict[str, object], field: str
) -> None:
    writer = Reader(app, world)
    answer = writer.send(NEW, **{"title": "Titre", "body": "Texte gardé.", **typed})
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html5lib")
    wrong = page.select_one(f".has-error [name={field}], .has-error #{field}")
    assert wrong is not None
    assert body_of(answer) == typed.get("body", "Texte gardé.")
    assert writer.client.get("/documentation/titre").status_code == 404


def test_a_stale_form_shows_what_differs_and_keeps_what_was_typed(app: Flask, world: World) -> None:
    with app.app_context():
        write(world.here, body="Un\n\nDeux")
    one, other = Reader(app, world), Reader(app, world)
    typed = one.get(EDIT).select_one("main form[method=post]")
    assert typed is not None
    assert other.send(EDIT, body="Un\n\nDeux et demi").status_code == 303
    data = {field["name"]: field.get("value", "") for field in typed.select("input[type=hidden]")}
    data |= {
        "title": "Page blanche",
        "body": "Un\n\nTrois",
        "kind": "how-to",
        "audience": "everyone",
        "owner_id": writer_id(world),
    }
    answer = one.client.post(EDIT, data=data)
    assert answer.status_code == 409
    assert body_of(answer) == "Un\n\nTrois"
    said = words(BeautifulSoup(answer.text, "html5lib"))
    assert "Retiré : Deux et demi" in said
    assert "Ajouté : Trois" in said
    form = BeautifulSoup(answer.text, "html5lib").select_one("main form[method=post]")
    assert form is not None
    fresh = {field["name"]: field.get("value", "") for field in form.select("input[type=hidden]")}
    assert one.client.post(EDIT, data=data | fresh).status_code == 303


def test_the_preview_needs_no_script_and_keeps_nothing(app: Flask, world: World) -> None:
    writer = Reader(app, world)
    answer = writer.send(NEW, body="**Gras** <script>x</script>", apercu="1")
    assert answer.status_code == 200
    preview = BeautifulSoup(answer.text, "html5lib").select_one("#article-preview")
    assert preview is not None
    assert preview.strong is not None
    assert preview.script is None
    assert body_of(answer) == "**Gras** <script>x</script>"
    token = writer.get(NEW).select_one("[name=csrf_token]")
    assert token is not None
    fragment = writer.client.post(
        "/documentation/apercu",
        data={"csrf_token": token["value"], "body": f"**Gras** {'x' * 50_000}"},
        headers={"HX-Request": "true", "HX-Target": "article-preview"},
    )
    assert (
        fragment.text.startswith(('<div id="article-preview"', "\n<div"))
        or 'id="article-preview"' in fragment.text
    )
    assert "<html" not in fragment.text
    assert "40000 au plus" in fragment.text


def test_an_image_is_added_without_script_shown_and_kept_with_its_article(app: Flask, world: World) -> None:
    writer = Reader(app, world)
    answer = writer.send(
        NEW, body="Voici.", title="Page blanche", ajouter="1", image=(io.BytesIO(png(64, 48)), "écran.png")
    )
    assert answer.status_code == 200
    body = body_of(answer)
    assert body.startswith(f"Voici.\n\n![Décrivez l’image]({IMAGE_PATH}")
    assert "#64x48)" in body
    address = body.partition("(")[2].partition("#")[0]
    image = writer.client.get(address)
    assert (image.status_code, image.mimetype, image.data) == (200, "image/png", png(64, 48))
    assert "sandbox" in image.headers["Content-Security-Policy"]
    assert image.headers["X-Content-Type-Options"] == "nosniff"
    assert Reader(app, world, Role.USER).client.get(address).status_code == 404
    described = body.replace("Décrivez l’image", "L’écran blanc")
    assert writer.send(NEW, title="Page blanche", body=described).status_code == 303
    assert Reader(app, world, Role.USER).client.get(address).status_code == 404  # a draft still
    assert writer.send(PAGE, f"{PAGE}/etat", to="published").status_code == 303
    shown = Reader(app, world, Role.USER)
    drawn = shown.get(PAGE).select_one(".article-body img")
    assert drawn is not None
    assert (drawn["alt"], drawn["width"], drawn["height"]) == ("L’écran blanc", "64", "48")
    assert shown.client.get(address).status_code == 200
    assert Reader(app, world, there=True).client.get(address).status_code == 404
    assert shown.client.get(address.replace(IMAGE_PATH, "/pieces/")).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("capture.png", b"<svg onload=alert(1)>", "ne contient pas"),
        ("dessin.svg", b"<svg onload=alert(1)></svg>", "type accepté"),
        ("page.html", b"<script>alert(1)</script>", "type accepté"),
        ("texte.txt", b"bonjour", "n’est pas une image"),
        ("bombe.png", png_bomb(), "pixels"),
        ("grande.png", png() + b"\0" * 5_000, "10 Mo au plus"),
        ("vide.png", b"", "vide"),
        (f"{NIR}.png", png(), "sécurité sociale"),
    ],
    ids=["active", "svg", "html", "text", "bomb", "large", "empty", "nir"],
)
def test_a_wrong_image_is_refused_with_its_reason(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, said: str
) -> None:
    monkeypatch.setattr("app.files.rules.MAX_BYTES", 4_000)
    writer = Reader(app, world)
    plain = writer.send(NEW, body="Gardé", ajouter="1", image=(io.BytesIO(content), name))
    assert plain.status_code == 422
    assert said in words(BeautifulSoup(plain.text, "html5lib").select_one(".has-error"))
    assert body_of(plain) == "Gardé"
    pasted = paste(writer, name, content)
    assert pasted.status_code == 422
    assert pasted.mimetype == "text/plain"
    assert said in " ".join(pasted.text.split())


def paste(writer: Reader, name: str, content: bytes) -> TestResponse:
    token = writer.get(NEW).select_one("[name=csrf_token]")
    assert token is not None
    return writer.client.post(
        "/documentation/images", data={"csrf_token": token["value"], "image": (io.BytesIO(content), name)}
    )


def test_a_pasted_image_answers_its_markdown(app: Flask, world: World) -> None:
    writer = Reader(app, world)
    answer = paste(writer, "image.png", png())
    assert answer.status_code == 201
    assert answer.text.startswith("![Décrivez l’image](/documentation/images/")
    token = writer.get(NEW).select_one("[name=csrf_token]")
    assert token is not None
    assert writer.client.post("/documentation/images", data={"csrf_token": token["value"]}).status_code == 422


def test_states_that_the_page_no_longer_offers_are_refused(app: Flask, world: World) -> None:
    with app.app_context():
        write(world.here)
    writer = Reader(app, world)
    assert "Choisissez un état" in writer.read(writer.send(PAGE, f"{PAGE}/etat", to="brulé"))
    assert writer.send(PAGE, f"{PAGE}/etat", to="draft", version="7").status_code == 409
    assert writer.send(PAGE, f"{PAGE}/etat", to="published", review_on="2020-01-01").status_code == 422
    assert writer.send(PAGE, f"{PAGE}/etat", to="published", review_on="demain").status_code == 422
    with app.app_context():
        assert article_by_slug(world.here.actor(), "page-blanche").state == State.PUBLISHED


def test_versions_are_compared_and_restored(app: Flask, world: World) -> None:
    with app.app_context():
        write(world.here, body="Une heure.")
    writer = Reader(app, world)
    writer.send(EDIT, body="Deux heures.", title="Page noire", note="Mesuré")
    page = writer.get(f"{PAGE}/versions")
    assert [words(line) for line in page.select(".difference li")] == [
        "− Retiré : Page blanche",
        "+ Ajouté : Page noire",
        "− Retiré : Une heure .",
        "+ Ajouté : Deux heures .",
    ]
    assert "Mesuré" in words(page)
    restore = f"{PAGE}/versions/1/retablissement"
    assert "Page blanche" in writer.read(writer.send(f"{PAGE}/versions/1", restore))
    with app.app_context():
        assert article_by_slug(world.here.actor(), "page-blanche").version == 3
    assert "Le texte est le même" in words(writer.get(f"{PAGE}/versions/3?avec=1"))
    assert writer.client.get(f"{PAGE}/versions/99999999999999999999").status_code == 404
    assert writer.client.get(f"{PAGE}/versions/2?avec=x").status_code == 200


def test_what_awaits_writers_is_listed(app: Flask, world: World) -> None:
    with app.app_context():
        write(world.here, "En retard", review_on=None)
        write(world.here, "Marqué", State.TO_REVIEW)
    user = Reader(app, world, Role.USER)
    user.get("/documentation?q=jeton perdu")
    writer = Reader(app, world)
    assert [words(link) for link in writer.get("/documentation/a-relire").select("tbody a")] == ["Marqué"]
    page = "/documentation/recherches"
    assert writer.get(page).select_one(
        'a[href="/documentation/nouvel-article?titre=jeton+perdu"], a[href*="titre=jeton"]'
    )
    assert "retirée" in writer.read(writer.send(page))
    assert "Aucune recherche" in words(writer.get(page))
    token = writer.get(NEW).select_one("[name=csrf_token]")
    assert token is not None
    for hostile in ("x", "9" * 30, ""):
        answer = writer.client.post(page, data={"csrf_token": token["value"], "recherche": hostile})
        assert answer.status_code == 303


def test_the_address_of_images_is_the_one_that_texts_name() -> None:
    assert f"{IMAGE_PATH}<public_id>" == urls.ARTICLE_IMAGE
