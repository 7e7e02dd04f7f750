"""Editing where and whom to reach at France Travail."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.infra.tx import transaction
from app.partners.interlocutors import edit_channel
from app.partners.listing import channels_of
from tests.conftest import START
from tests.factories import World
from tests.partners.pages import PAGE, filled, rows, save
from tests.tickets.screens import errors


class TestChannels:
    def test_the_address_is_completed(self, admin: FlaskClient) -> None:
        answer = save(admin, f"{PAGE}/canaux/1", address="incidents@exemple.test")
        assert answer.status_code == 303
        assert rows(admin.get(PAGE), "Canaux de déclaration")[0]["Adresse"] == "incidents@exemple.test"

    @pytest.mark.parametrize(
        ("changes", "label", "message"),
        [
            ({"address": "incidents"}, "Adresse électronique", "incorrecte"),
            ({"url": "javascript:alert(1)"}, "Adresse du formulaire", "https://"),
            ({"name": ""}, "Nom du canal", "obligatoire"),
            ({"kind": "pigeon"}, "Moyen", "réponses proposées"),
        ],
    )
    def test_bad_values(self, admin: FlaskClient, changes: dict[str, str], label: str, message: str) -> None:
        answer = save(admin, f"{PAGE}/canaux/1", **changes)
        assert answer.status_code == 422
        assert message in errors(answer)[label]

    def test_an_edit_is_within_the_partner(self, app: Flask, world: World, admin: FlaskClient) -> None:
        """The numbers of two conventions are apart: editing the first channel here leaves the other's alone."""
        with app.app_context():
            (theirs, *_) = channels_of(world.there.partner_id, world.there.convention_id)
            with transaction():
                edit_channel(world.there.partner_id, theirs.id, now=START, name="Le leur")
        save(admin, f"{PAGE}/canaux/1", name="Le nôtre")
        with app.app_context():
            assert channels_of(world.there.partner_id, world.there.convention_id)[0].name == "Le leur"
            assert channels_of(world.here.partner_id, world.here.convention_id)[0].name == "Le nôtre"


class TestContacts:
    def test_one_is_added_with_its_rank_and_its_dates(self, admin: FlaskClient) -> None:
        answer = save(
            admin,
            f"{PAGE}/contacts/nouveau",
            label="Responsable du support",
            rank="2",
            phone="03 00 00 00 00",
            valid_from="01/04/2026",
        )
        assert answer.status_code == 303
        assert rows(admin.get(PAGE), "Interlocuteurs de France Travail")[1] == {
            "Rang": "2",
            "Fonction": "Responsable du support Autre interlocuteur de France Travail",
            "Coordonnées": "03 00 00 00 00",
            "Validité": "À partir du 01/04/2026 à venir",
        }

    def test_one_is_ended_and_stays_readable(self, admin: FlaskClient) -> None:
        assert save(admin, f"{PAGE}/contacts/1", valid_to="2026-02-28").status_code == 303
        line = rows(admin.get(PAGE), "Interlocuteurs de France Travail")[0]
        assert line["Validité"] == "Jusqu’au 28/02/2026 terminé"

    @pytest.mark.parametrize(
        ("changes", "label", "message"),
        [
            ({"label": ""}, "Fonction", "Indiquez la fonction."),
            ({"rank": "un"}, "Rang de relance", "nombre entier"),
            ({"rank": "0"}, "Rang de relance", "commence à 1"),
            ({"rank": "²"}, "Rang de relance", "nombre entier"),
            ({"email": "x"}, "Adresse électronique", "incorrecte"),
            ({"phone": "0" * 41}, "Téléphone", "40 au plus"),
            ({"role": "roi"}, "Rôle", "réponses proposées"),
            ({"valid_from": "2026-02-01", "valid_to": "2026-01-01"}, "Jusqu’au", "précède le début"),
        ],
    )
    def test_bad_values(self, admin: FlaskClient, changes: dict[str, str], label: str, message: str) -> None:
        answer = save(admin, f"{PAGE}/contacts/1", **changes)
        assert answer.status_code == 422
        assert message in errors(answer)[label]

    def test_a_form_that_lacks_its_fields_changes_nothing(self, admin: FlaskClient) -> None:
        """What was not sent stays as it was: a request made by hand breaks nothing."""
        before = rows(admin.get(PAGE), "Interlocuteurs de France Travail")
        sent = {name: value for name, value in filled(admin, f"{PAGE}/contacts/1").items() if "token" in name}
        assert admin.post(f"{PAGE}/contacts/1", data=sent).status_code in {303, 422}
        assert rows(admin.get(PAGE), "Interlocuteurs de France Travail") == before
