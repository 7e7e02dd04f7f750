"""Contacts of the annexes: a change prepares the mail that is owed, which stays to be done until it is sent."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.partners.notices import notices_of
from app.partners.queries import contacts_of
from tests.factories import World, log_in
from tests.partners.pages import PAGE, rows, save, soup, words
from tests.tickets.screens import errors

OWN = f"{PAGE}/contacts/nouveau?pour=nous"
NOTICE = f"{PAGE}/courriels/1"
TO_DO = "À faire : prévenir la gouvernance de France Travail"


def add_own(client: FlaskClient, **changes: str) -> None:
    typed = {"label": "Correspondant SI", "email": "correspondant@exemple.test", "valid_from": "2026-04-01"}
    assert save(client, OWN, **{**typed, **changes}).status_code == 303


def text_of(client: FlaskClient, url: str = NOTICE) -> str:
    box = soup(client.get(url)).select_one("#texte")
    assert box is not None
    return box.get_text().replace("\u00a0", " ")


class TestOwed:
    def test_a_new_contact_is_to_be_told(self, admin: FlaskClient) -> None:
        add_own(admin)
        for page in ("/administration", "/administration/partenaire", PAGE):
            assert TO_DO in words(admin.get(page)), page
        assert "prend effet le 01/04/2026" in words(admin.get("/administration"))
        told = text_of(admin)
        assert (
            "Contact du partenaire, Correspondant SI (Correspondant SI du partenaire) : nouveau contact"
            in told
        )
        assert "- Adresse électronique : correspondant@exemple.test" in told
        assert "Département du Pas-de-Calais et France Travail Hauts-de-France" in told

    def test_what_the_signed_annex_says_is_not(self, admin: FlaskClient) -> None:
        add_own(admin, valid_from="")
        assert TO_DO not in words(admin.get("/administration"))

    def test_a_change_says_before_and_after_and_several_make_one_mail(self, admin: FlaskClient) -> None:
        add_own(admin, valid_from="")
        number = _last_contact(admin)
        save(admin, f"{PAGE}/contacts/{number}", email="nouveau@exemple.test")
        save(admin, f"{PAGE}/contacts/1", valid_to="2026-06-30")
        assert "2 contacts changés" in words(admin.get("/administration"))
        told = text_of(admin)
        assert (
            "- Adresse électronique : avant, correspondant@exemple.test ; désormais, nouveau@exemple.test"
            in told
        )
        assert "- Jusqu’au : avant, non renseigné ; désormais, 30/06/2026" in told
        save(admin, f"{PAGE}/contacts/{number}", email="correspondant@exemple.test")
        save(admin, f"{PAGE}/contacts/1", valid_to="")
        assert TO_DO not in words(admin.get("/administration"))

    def test_no_mail_when_the_person_says_so(self, admin: FlaskClient) -> None:
        save(admin, f"{PAGE}/contacts/1", phone="03 00 00 00 00", no_mail="y")
        assert TO_DO not in words(admin.get("/administration"))

    def test_a_form_sent_untouched_owes_nothing(self, admin: FlaskClient) -> None:
        save(admin, f"{PAGE}/contacts/1")
        assert TO_DO not in words(admin.get("/administration"))


class TestSent:
    def test_it_is_noted_and_leaves_the_list(self, app: Flask, world: World, admin: FlaskClient) -> None:
        add_own(admin)
        before = text_of(admin)
        answer = save(admin, NOTICE, sent_on="09/03/2026")
        assert (answer.status_code, answer.location) == (303, NOTICE)
        assert "Envoyé le 09/03/2026." in words(admin.get(NOTICE))
        assert TO_DO not in words(admin.get("/administration"))
        assert "envoyé le 09/03/2026" in words(admin.get(PAGE))
        save(admin, f"{PAGE}/contacts/{_last_contact(admin)}", label="Référent")
        assert text_of(admin) == before
        assert "Référent" in text_of(admin, f"{PAGE}/courriels/2")
        with app.app_context():
            latest, first = notices_of(world.here.partner_id)
            assert (first.sent_on, first.is_waiting, latest.is_waiting) == (date(2026, 3, 9), False, True)
            assert notices_of(world.there.partner_id) == []

    @pytest.mark.parametrize(
        ("day", "message"), [("", "Indiquez"), ("2026-03-11", "futur"), ("2020-01-01", "plus d’un an")]
    )
    def test_wrong_days(self, admin: FlaskClient, day: str, message: str) -> None:
        add_own(admin)
        answer = save(admin, NOTICE, sent_on=day)
        assert answer.status_code == 422
        assert message in errors(answer)["Envoyé le"]
        assert TO_DO in words(admin.get("/administration"))

    def test_set_aside_with_a_reason(self, admin: FlaskClient) -> None:
        add_own(admin)
        url = f"{NOTICE}?acte=sans-objet"
        page = soup(admin.get(NOTICE))
        form = page.select_one(f'form[action="{url}"]')
        assert form is not None
        sent = {str(field["name"]): str(field["value"]) for field in form.select("input")}
        refused = admin.post(url, data={**sent, "reason": " "})
        assert "Dites pourquoi." in errors(refused)["Pourquoi aucun courriel n’est dû"]
        assert admin.post(url, data={**sent, "reason": "Annexe déjà à jour."}).status_code == 303
        shown = words(admin.get(NOTICE))
        assert "Sans objet" in shown
        assert "Annexe déjà à jour." in shown
        assert soup(admin.get(NOTICE)).select_one("main form") is None

    def test_a_second_person_does_not_note_it_twice(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        add_own(admin)
        other = log_in(app, app.test_client(), world.here.people[Role.ADMINISTRATOR])
        form = soup(other.get(NOTICE)).select_one("main form")
        assert form is not None
        sent = {str(field["name"]): str(field["value"]) for field in form.select("input")}
        save(admin, NOTICE, sent_on="2026-03-09")
        answer = other.post(NOTICE, data={**sent, "sent_on": "2026-03-10"})
        assert answer.status_code == 422
        assert "Envoyé le 09/03/2026." in words(answer)

    def test_it_goes_to_the_governance_when_it_is_known(self, admin: FlaskClient) -> None:
        add_own(admin)
        assert "à compléter" in words(admin.get(NOTICE))
        save(
            admin,
            f"{PAGE}/contacts/nouveau",
            label="Comité de suivi",
            role="governance",
            email="comite@exemple.test",
        )
        shown = words(admin.get(NOTICE))
        assert "Comité de suivi" in shown
        assert "comite@exemple.test" in shown

    def test_another_partner_s_does_not_exist(self, app: Flask, world: World, admin: FlaskClient) -> None:
        add_own(admin)
        there = log_in(app, app.test_client(), world.there.people[Role.ADMINISTRATOR])
        assert there.get(NOTICE).status_code == 404
        assert there.get("/administration/conventions/nord-2025/courriels/1").status_code == 404
        assert TO_DO not in words(there.get("/administration"))


class TestSides:
    def test_a_relance_never_goes_to_the_partner_s_own(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        with app.app_context():
            before = contacts_of(world.here.partner_id, world.here.convention_id, date(2026, 5, 1))
        add_own(admin)
        with app.app_context():
            assert contacts_of(world.here.partner_id, world.here.convention_id, date(2026, 5, 1)) == before
        assert [line["Fonction"] for line in rows(admin.get(PAGE), "Contacts du partenaire")] == [
            "Correspondant SI Correspondant SI du partenaire"
        ]
        names = [line["Fonction"] for line in rows(admin.get(PAGE), "Interlocuteurs de France Travail")]
        assert not any("du partenaire" in name for name in names)

    def test_each_side_has_its_roles(self, admin: FlaskClient) -> None:
        answer = save(admin, OWN, label="X", role="rssi")
        assert "réponses proposées" in errors(answer)["Rôle"]
        assert "Rang de relance" not in words(admin.get(OWN))


def _last_contact(client: FlaskClient) -> int:
    links = [str(link["href"]) for link in soup(client.get(PAGE)).select('a[href*="/contacts/"]')]
    return max(int(link.rsplit("/", 1)[1]) for link in links if link[-1].isdigit())
