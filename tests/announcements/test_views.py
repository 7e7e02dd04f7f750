"""The pages of announcements, as people use them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.announcements import events as e
from app.announcements.vocabulary import Kind
from app.kernel.clock import FrozenClock
from app.tickets.vocabulary import Kind as TicketKind
from app.tickets.vocabulary import Severity
from tests.announcements.conftest import Announce
from tests.factories import World, file, log_in, transmitted
from tests.tickets.desks import errors, words
from tests.tickets.screens import counted, hidden

DAY = timedelta(days=1)


@pytest.fixture
def desk(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])


@pytest.fixture
def user(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.USER])


def read(answer: TestResponse) -> BeautifulSoup:
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "html5lib")


def text(answer: TestResponse) -> str:
    return words(read(answer).main)


def send(client: FlaskClient, url: str, **typed: object) -> TestResponse:
    """Fill the form of that page as its last one, and send it."""
    form = read(client.get(url)).select("main form")[-1]
    return client.post(url, data={**hidden(form), **typed})


def info(**changes: object) -> e.Content:
    return e.Content(**{"kind": Kind.INFORMATION, "title": "À savoir", **changes})  # type: ignore[arg-type]


class TestWriting:
    def test_a_maintenance_is_published_and_read(self, desk: FlaskClient, user: FlaskClient) -> None:
        answer = send(
            desk, "/annonces/nouvelle", kind="maintenance", title="Fermeture du soir", text="**Enregistrez** avant.",
            tools=["suivi-de-parcours"], starts_at="2026-03-12T19:00", ends_at="2026-03-12T22:00", publication="maintenant",
        )  # fmt: skip
        assert answer.status_code == 303, errors(answer)
        page = read(user.get(answer.location))
        assert page.select_one("main .prose strong") is not None
        assert "Le 12/03/2026 à 19 h 00, jusqu’à 22 h 00" in words(page.main)
        assert "Fermeture du soir" in text(user.get("/annonces"))
        month = read(user.get("/annonces?mois=2026-03"))
        (cell,) = month.select(".calendar td.counted")
        assert words(cell) == "12 Maintenance : Fermeture du soir"
        assert month.select_one(".calendar caption").text == "mars 2026"  # type: ignore[union-attr]

    def test_what_is_missing_is_said_on_its_field_and_nothing_typed_is_lost(self, desk: FlaskClient) -> None:
        answer = send(
            desk,
            "/annonces/nouvelle",
            kind="maintenance",
            title="Fermeture",
            text="Mon texte",
            publication="maintenant",
        )
        assert answer.status_code == 422
        assert errors(answer) == {"Outils": "Choisissez au moins un outil : /services montre son état."}
        assert "Mon texte" in answer.text
        answer = send(desk, "/annonces/nouvelle", title="Sans nature", publication="plus-tard")
        assert set(errors(answer)) == {"Nature", "Date de publication"}

    def test_a_late_notice_is_shown(self, desk: FlaskClient, user: FlaskClient) -> None:
        answer = send(
            desk, "/annonces/nouvelle", kind="change", title="Nouvel écran", tools=["suivi-de-parcours"], level="minor",
            announced_at="2026-03-09T10:00", starts_at="2026-03-11T08:00", publication="maintenant",
        )  # fmt: skip
        assert answer.status_code == 303, errors(answer)
        said = "Préavis non respecté : 2 jours au lieu de 5"
        assert said in text(user.get(answer.location))
        counted_page = text(desk.get("/annonces?vue=preavis"))
        assert said in counted_page
        assert "Préavis non respectés en 2026 1 sur 1 préavis dû" in counted_page
        assert "préavis dû" not in text(user.get("/annonces?vue=preavis"))

    def test_a_draft_then_its_publication_for_later(
        self, app: Flask, world: World, desk: FlaskClient, user: FlaskClient, clock: FrozenClock
    ) -> None:
        url = send(
            desk, "/annonces/nouvelle", kind="information", title="Fêtes", publication="brouillon"
        ).location
        assert "Fêtes" in text(desk.get("/annonces?vue=brouillons"))
        assert user.get(url).status_code == 404
        assert send(desk, f"{url}/actes/publication", publish_at="2026-03-11T09:00").status_code == 303
        assert "Programmée" in text(desk.get(url))
        assert user.get(url).status_code == 404
        clock.advance(2 * DAY)
        assert "Publiée" in text(log_in(app, user, world.here.people[Role.USER]).get(url))

    def test_its_life_by_hand(self, announce: Announce, desk: FlaskClient, user: FlaskClient) -> None:
        url = f"/annonces/{announce(info())}"
        assert send(desk, f"{url}/actes/nouvelle", text="Du **nouveau**").status_code == 303
        assert errors(send(desk, f"{url}/actes/nouvelle", text=" ")) == {
            "Ce qu’il y a de nouveau": "Écrivez ce qu’il y a de nouveau."
        }
        assert "Du nouveau" in text(user.get(url))
        assert send(desk, f"{url}/actes/fin").status_code == 303
        assert "Terminée" in text(user.get(url))
        assert "À savoir" in text(user.get("/annonces?vue=historique"))
        assert desk.get(f"{url}/actes/nouvelle").status_code == 409
        assert send(desk, f"{url}/actes/reprise", text="Cela revient").status_code == 303
        refused = send(desk, f"{url}/actes/retrait")
        assert (refused.status_code, set(errors(refused))) == (422, {"Motif du retrait"})
        assert send(desk, f"{url}/actes/retrait", text="Erreur").status_code == 303
        assert user.get(url).status_code == 404
        assert "Retirée" in text(desk.get(url))

    def test_an_edit_keeps_what_was_said(
        self, announce: Announce, desk: FlaskClient, user: FlaskClient
    ) -> None:
        url = f"/annonces/{announce(info(text='Première version'))}"
        edit = f"{url}/modification"
        answer = send(desk, edit, kind="information", title="Mieux dit", text="Seconde version")
        assert answer.status_code == 303, errors(answer)
        assert "Première version" in text(desk.get(url))
        seen = text(user.get(url))
        assert "Seconde version" in seen
        assert "Première version" not in seen

    def test_an_edit_on_a_stale_page_is_refused(self, announce: Announce, desk: FlaskClient) -> None:
        url = f"/annonces/{announce(info())}"
        stale = hidden(read(desk.get(f"{url}/modification")).select("main form")[-1])
        send(desk, f"{url}/actes/nouvelle", text="Entre-temps")
        answer = desk.post(
            f"{url}/modification",
            data={**stale, "kind": "information", "title": "À moi", "text": "Ma saisie"},
        )
        assert answer.status_code == 409
        assert "a changé depuis" in answer.text
        assert "Ma saisie" in answer.text


class TestFromATicket:
    def test_one_click_on_the_page_of_the_incident(
        self, app: Flask, world: World, clock: FrozenClock, desk: FlaskClient, user: FlaskClient
    ) -> None:
        with app.app_context():
            reference = transmitted(world.here, now=clock.now()).reference
        url = f"/sollicitations/{reference}"
        form = read(desk.get(url)).select_one(f'form[action="{url}/annonce"]')
        assert form is not None
        answer = desk.post(f"{url}/annonce", data=hidden(form))
        assert answer.status_code == 303
        assert "Incident transmis à France Travail" in text(user.get(answer.location))
        assert "Annonce publiée : Suivi de parcours : incident en cours" in text(desk.get(url))
        assert "Annonce publiée" in text(user.get(url))
        assert read(desk.get(url)).select_one(f'form[action="{url}/annonce"]') is None

    def test_no_click_for_others_nor_for_what_is_no_incident(
        self, app: Flask, world: World, clock: FrozenClock, desk: FlaskClient, user: FlaskClient
    ) -> None:
        with app.app_context():
            reference = file(world.here, now=clock.now(), kind=TicketKind.QUESTION).reference
        for client in (desk, user):
            assert "Publier une annonce" not in text(client.get(f"/sollicitations/{reference}"))


class TestBanner:
    def test_one_per_page_with_how_many_others_until_read(
        self, announce: Announce, user: FlaskClient, clock: FrozenClock
    ) -> None:
        urgent = e.Content(
            kind=Kind.INCIDENT,
            title="Panne",
            tools=("suivi-de-parcours",),
            severity=Severity.INTERRUPTION,
            starts_at=clock.now(),
        )
        announce(info())
        reference = announce(urgent)
        page = read(user.get("/echeances"))
        (banner,) = page.select("#banner aside")
        assert words(banner) == "Panne (service interrompu) et 1 autre annonce J’ai lu"
        answer = user.post(
            f"/annonces/{reference}/lecture",
            data=hidden(banner.form),
            headers={"Referer": "http://localhost/echeances"},
        )  # type: ignore[arg-type]
        assert (answer.status_code, answer.location) == (303, "/echeances")
        (banner,) = read(user.get("/echeances")).select("#banner aside")
        assert words(banner) == "À savoir J’ai lu"

    def test_with_htmx_the_next_one_takes_its_place(self, announce: Announce, user: FlaskClient) -> None:
        reference = announce(info())
        token = hidden(read(user.get("/annonces")).select_one("#banner form"))  # type: ignore[arg-type]
        headers = {"HX-Request": "true", "HX-Target": "banner"}
        answer = user.post(f"/annonces/{reference}/lecture", data=token, headers=headers)
        assert "<aside" not in answer.text
        assert "Annonce marquée comme lue." in answer.text
        assert "data-focus" in answer.text

    def test_it_leads_nowhere_else(self, announce: Announce, user: FlaskClient) -> None:
        reference = announce(info())
        token = hidden(read(user.get("/annonces")).select_one("#banner form"))  # type: ignore[arg-type]
        answer = user.post(
            f"/annonces/{reference}/lecture", data=token, headers={"Referer": "https://evil.example/x"}
        )
        assert answer.location == "/annonces"

    def test_it_costs_one_query_however_many_wait(
        self, app: Flask, announce: Announce, user: FlaskClient
    ) -> None:
        user.get("/echeances")
        for number in range(30):
            announce(info(title=str(number)))
        with counted(app) as statements:
            page = read(user.get("/echeances"))
        assert "et 19 autres annonces" in words(page.select_one("#banner"))
        assert sum("announcement" in statement for statement in statements) == 1


class TestReading:
    def test_the_desk_reads_who_has_read(
        self, world: World, announce: Announce, desk: FlaskClient, user: FlaskClient, app: Flask
    ) -> None:
        url = f"/annonces/{announce(info())}"
        token = hidden(read(user.get(url)).select("main form")[0])
        assert user.post(f"{url}/lecture", data=token).status_code == 303
        name = world.here.people[Role.USER].name
        page = text(desk.get(url))
        assert "Accueil 1 2" in page
        assert name in page
        manager = log_in(app, app.test_client(), world.here.people[Role.MANAGER])
        counts = text(manager.get(url))
        assert "Accueil 1 2" in counts
        assert name not in counts
        assert "Lu par" not in text(user.get(url))

    def test_a_reference_typed_otherwise_leads_there(self, announce: Announce, user: FlaskClient) -> None:
        reference = announce(info())
        assert user.get(f"/annonces/{reference.lower()}").location == f"/annonces/{reference}"
        assert user.get("/annonces/n-importe-quoi").status_code == 404

    @pytest.mark.parametrize("month", ["2026-13", "0001-01", "9999-12", "x", "2026-03-01"])
    def test_a_month_that_does_not_exist_is_this_one(self, user: FlaskClient, month: str) -> None:
        page = read(user.get(f"/annonces?mois={month}"))
        assert page.select_one(".calendar caption").text == "mars 2026"  # type: ignore[union-attr]

    def test_the_pages_cost_the_same_with_many(
        self, app: Flask, announce: Announce, desk: FlaskClient, clock: FrozenClock
    ) -> None:
        def cost(url: str) -> int:
            with counted(app) as statements:
                assert desk.get(url).status_code == 200
            return len(statements)

        urls = ("/annonces", "/annonces?vue=historique", "/annonces?vue=preavis")
        for content in (info(), info(starts_at=clock.now() + DAY)):
            announce(content)
        before = [cost(url) for url in urls]
        for number in range(12):
            announce(info(title=str(number), starts_at=clock.now() + number * DAY))
        assert [cost(url) for url in urls] == before
        assert max(before) <= 12


def test_hostile_markdown_comes_out_harmless(announce: Announce, user: FlaskClient) -> None:
    reference = announce(
        info(title="<script>alert(1)</script>", text="<img src=x onerror=alert(1)>[x](javascript:alert(1))")
    )
    page = read(user.get(f"/annonces/{reference}"))
    assert not page.main.select("script, img[onerror], a[href^=javascript]")  # type: ignore[union-attr]
