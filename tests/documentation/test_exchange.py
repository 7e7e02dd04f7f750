"""The base taken out as files and brought in again: whole, traced, twice the same."""

from __future__ import annotations

import io
import zipfile

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.documentation import exchange, queries
from app.documentation.exchange import What
from app.documentation.illustrations import add_image, examine_image
from app.documentation.models import Article
from app.documentation.vocabulary import Audience, Kind, State
from app.extensions import db
from app.infra.tx import transaction
from app.journal.technical import Trace, TraceRow
from app.kernel.errors import NotAllowed
from tests.conftest import START
from tests.documentation.base import LATER, Reader, words, write
from tests.documentation.pictures import png
from tests.factories import Place, World

IMPORT = "/documentation/import"


def fill(place: Place) -> None:
    with transaction():
        address = add_image(*examine_image("ecran.png", png(64, 48)), actor=place.actor(), now=START)
    write(place, "Illustré", body=f"Voici.\n\n![L’écran]({address})", tools=("suivi-de-parcours",))
    write(place, "Brouillon", State.DRAFT, review_on=None)
    write(place, "À revoir", review_on=START.date())
    write(place, "Réponse", kind=Kind.CANNED, audience=Audience.CORRESPONDENTS, body="Bonjour {outil}")


def taken_out(place: Place) -> bytes:
    with transaction():
        return exchange.export(place.actor(), now=START, address="192.0.2.1")


def bring(place: Place, content: bytes) -> dict[str, What]:
    with transaction():
        planned = exchange.bring_in(place.actor(), exchange.examine(content), now=START)
    return {line.name: line.what for line in planned}


def test_what_is_taken_out_is_brought_in_whole_and_once(context: Flask, world: World) -> None:
    fill(world.here)
    content = taken_out(world.here)
    assert set(bring(world.here, content).values()) == {What.UNCHANGED}
    assert bring(world.there, content) == {
        "a-revoir.md": What.CREATED,
        "brouillon.md": What.CREATED,
        "illustre.md": What.CREATED,
        "reponse.md": What.CREATED,
    }
    assert set(bring(world.there, content).values()) == {What.UNCHANGED}
    there = {
        row.slug: row
        for row in db.session.scalars(select(Article).where(Article.partner_id == world.there.partner_id))
    }
    assert {slug: row.state for slug, row in there.items()} == {
        "a-revoir": State.TO_REVIEW,
        "brouillon": State.DRAFT,
        "illustre": State.PUBLISHED,
        "reponse": State.PUBLISHED,
    }
    assert there["illustre"].review_on == LATER
    with zipfile.ZipFile(io.BytesIO(taken_out(world.there))) as archive:
        images = [name for name in archive.namelist() if name.startswith("images/")]
        assert [archive.read(name) for name in images] == [png(64, 48)]


def test_the_export_leaves_its_trace_and_asks_for_the_right(context: Flask, world: World) -> None:
    fill(world.here)
    taken_out(world.here)
    trace = db.session.scalars(select(TraceRow).where(TraceRow.trace == Trace.EXPORTED)).one()
    assert (trace.what, trace.details, trace.address) == (
        "documentation",
        {"articles": 4, "images": 1},
        "192.0.2.1",
    )
    with pytest.raises(NotAllowed), transaction():
        exchange.export(world.here.actor(Role.MANAGER), now=START, address="")


def test_a_changed_file_changes_its_article_as_a_revision(context: Flask, world: World) -> None:
    fill(world.here)
    files = files_of(taken_out(world.here))
    name = next(name for name in files if name.startswith("images/"))
    files["illustre.md"] = files["illustre.md"].replace(b"Voici.", b"Voil\xc3\xa0.")
    files[name] = png(10, 10)
    files["brouillon.md"] = files["brouillon.md"].replace(b"Brouillon\npublic", "Publié\npublic".encode())
    assert {
        name: what for name, what in bring(world.here, zipped(files)).items() if what is not What.UNCHANGED
    } == {
        "illustre.md": What.CHANGED,
        "brouillon.md": What.CHANGED,
    }
    article = queries.article_by_slug(world.here.actor(), "illustre")
    assert (article.version, "#10x10" in article.body, "Voilà" in article.body) == (2, True, True)
    assert article.owner_id == world.here.people[Role.CORRESPONDENT].account_id
    assert queries.article_by_slug(world.here.actor(), "brouillon").state == State.PUBLISHED


def files_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


HEAD = "---\ntitre: Titre\nétat: Publié\n---\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.md", "sans en-tête", "en-tête"),
        ("a.md", HEAD + "1 85 05 78 006 084 91", "sécurité sociale"),
        ("a.md", HEAD + "![](images/x.png)", "description"),
        ("a.md", HEAD + "![Écran](images/absente.png)", "manque dans l’archive"),
        ("a.md", HEAD.replace("---\n", "---\noutils: inconnu\n", 1) + "x", "Outil inconnu"),
        ("import.md", HEAD + "x", "page de la documentation"),
        ("../a.md", HEAD + "x", "ni un article"),
        ("images/x.png", "pas une image", "ne contient pas"),
    ],
)
def test_files_that_are_wrong_are_told_and_the_others_brought(
    context: Flask, world: World, name: str, text: str, said: str
) -> None:
    content = zipped({name: text.encode(), "bon.md": (HEAD + "Bon.").encode()})
    planned = exchange.plan(world.here.actor(), exchange.examine(content))
    assert [line.name for line in planned if line.what is What.CREATED] == ["bon.md"]
    (refused,) = [line for line in planned if line.what is What.REFUSED]
    assert said in refused.message.replace("\u00a0", " ")


# --- On the pages ----------------------------------------------------------------------------------------


def send(writer: Reader, content: bytes) -> TestResponse:
    return writer.send(IMPORT, archive=(io.BytesIO(content), "documentation.zip"))


def test_an_archive_is_shown_before_it_is_brought_in(app: Flask, world: World) -> None:
    writer = Reader(app, world)
    shown = send(writer, zipped({"bon.md": (HEAD + "Bon.").encode(), "x.exe": b""}))
    page = BeautifulSoup(shown.text, "html5lib")
    assert [words(row) for row in page.select("tbody tr")] == [
        "x.exe Refusé n’est ni un article (« titre-de-l-article.md ») ni une image du dossier « images ».",
        "bon.md Titre Créé",
    ]
    assert writer.client.get("/documentation/bon").status_code == 404
    form = page.select_one('form[action^="/documentation/import/"]')
    assert form is not None
    data = {field["name"]: field["value"] for field in form.select("input")}
    said = writer.read(writer.client.post(str(form["action"]), data=data))
    assert "1 article créé, 0 modifié, 0 inchangé, 1 refusé" in said
    assert "Bon." in words(writer.get("/documentation/bon"))
    stranger = Reader(app, world, there=True)
    token = stranger.get(IMPORT).select_one("[name=csrf_token]")
    assert token is not None
    for address in (str(form["action"]), "/documentation/import/inconnu"):
        assert (
            stranger.client.post(address, data={"csrf_token": token["value"], "token": "x" * 20}).status_code
            == 404
        )


@pytest.mark.parametrize("content", [b"", b"PK nothing"])
def test_what_is_no_archive_is_refused_on_its_field(app: Flask, world: World, content: bytes) -> None:
    answer = send(Reader(app, world), content)
    assert answer.status_code == 422
    assert BeautifulSoup(answer.text, "html5lib").select_one(".has-error [name=archive]") is not None


def test_the_base_is_downloaded(app: Flask, world: World) -> None:
    with app.app_context():
        write(world.here)
    answer = Reader(app, world).send("/documentation", "/documentation/export")
    assert answer.mimetype == "application/zip"
    assert "documentation-2026-03-10.zip" in answer.headers["Content-Disposition"]
    assert files_of(answer.data)["page-blanche.md"].decode().startswith("---\ntitre: Page blanche\n")
