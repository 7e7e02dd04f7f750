"""Setting a partner up: the steps, its identity, its hours, its closures, its security part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Membership
from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.partners.history import is_noted_open
from app.partners.jobs import note_security_openings
from app.partners.queries import partner_of
from app.partners.rulebooks import terms_of
from app.partners.service import reading_for_ticket
from app.tickets.queries import security_is_open
from tests.factories import World, log_in
from tests.partners.pages import filled, rows, save, soup, words
from tests.tickets.screens import errors, flashes

SETUP = "/administration/partenaire"
IDENTITY = f"{SETUP}/identite"
HOURS = f"{SETUP}/heures"
SCHEDULE = "/administration/heures"
CLOSURE = "/administration/fermetures/nouvelle"
SECURITY = "/administration/securite"


def steps(client: FlaskClient) -> dict[str, str]:
    """Each step and the word on its badge."""
    found = {}
    for step in soup(client.get(SETUP)).select("main ol li[id]"):
        badge = step.select_one(".badge")
        assert badge is not None
        found[str(step["id"])] = badge.get_text(strip=True)
    return found


class TestSteps:
    def test_they_tell_what_is_done_and_what_is_missing(self, admin: FlaskClient) -> None:
        assert steps(admin) == {
            "identity": "À faire",
            "hours": "À faire",
            "conventions": "À faire",  # out of its term
            "channels": "À faire",
            "structures": "Fait",
            "people": "Fait",
            "security": "Fait",
        }
        shown = words(admin.get(SETUP))
        assert "Il manque le SIRET." in shown
        assert "3 étapes faites sur 7" in shown
        assert "identité" in words(admin.get("/administration"))

    def test_a_form_reached_from_a_step_leads_back_to_the_steps(self, admin: FlaskClient) -> None:
        (link,) = soup(admin.get(SETUP)).select("#identity a")
        url = str(link["href"])
        assert save(admin, url, siret="22590001801244").location == SETUP
        assert steps(admin)["identity"] == "Fait"

    def test_following_them_completes_the_partner(self, admin: FlaskClient) -> None:
        save(admin, IDENTITY, siret="22590001801244")
        save(admin, HOURS)
        save(
            admin,
            "/administration/nouvelle-convention",
            model="nord-2025",
            code="neuve-2026",
            starts_on="2026-01-01",
        )
        for _ in range(3):
            found = soup(admin.get(SETUP)).select("#channels a")
            save(admin, str(found[0]["href"]), address="incidents@exemple.test")
        assert set(steps(admin).values()) == {"Fait"}
        assert "Tout est en place" in words(admin.get(SETUP))
        assert "Mise en place à terminer" not in words(admin.get("/administration"))

    def test_readers_see_it_without_the_forms(self, app: Flask, world: World) -> None:
        client = log_in(app, app.test_client(), world.here.people[Role.MANAGER])
        links = {str(link["href"]) for link in soup(client.get(SETUP)).select("main ol li[id] a")}
        assert links == {"/administration/structures", SECURITY}


class TestIdentity:
    def test_name_and_siret(self, app: Flask, world: World, admin: FlaskClient) -> None:
        answer = save(admin, IDENTITY, name="Le Pas-de-Calais", siret="225 900 018 01244")
        assert (answer.status_code, answer.location) == (303, SETUP)
        with app.app_context():
            partner = partner_of(world.here.partner_id)
            assert (partner.name, partner.siret, partner.code) == (
                "Le Pas-de-Calais",
                "22590001801244",
                "pas-de-calais",
            )

    @pytest.mark.parametrize(
        ("changes", "label", "message"),
        [
            ({"name": ""}, "Nom du partenaire", "obligatoire"),
            ({"siret": "123"}, "SIRET", "14 chiffres"),
            ({"siret": "12345678900011"}, "SIRET", "clé de contrôle"),
        ],
    )
    def test_bad_values(self, admin: FlaskClient, changes: dict[str, str], label: str, message: str) -> None:
        answer = save(admin, IDENTITY, **changes)
        assert answer.status_code == 422
        assert message in errors(answer)[label]


class TestHours:
    def test_they_measure_what_starts_from_now_on(self, app: Flask, world: World, admin: FlaskClient) -> None:
        def windows() -> list[int]:
            reading = reading_for_ticket(
                world.here.partner_id,
                world.here.convention_id,
                "return-to-service",
                "availability",
                datetime(2026, 3, 10, 8, tzinfo=UTC),
                None,
            )
            return [len(day) for day in reading.hours.week]

        with app.app_context():
            assert windows() == [1, 1, 1, 1, 1, 0, 0]
        assert save(admin, HOURS, service_hours="lun-sam 9h-12h,13h30-17h30").location == SCHEDULE
        with app.app_context():
            assert windows() == [2, 2, 2, 2, 2, 2, 0]
        assert "Du lundi au samedi, de 9 h à 12 h et de 13 h 30 à 17 h 30" in words(admin.get(SCHEDULE))

    def test_looking_at_them_and_saving_counts_once(self, admin: FlaskClient) -> None:
        assert steps(admin)["hours"] == "À faire"
        save(admin, HOURS)
        save(admin, HOURS)
        assert steps(admin)["hours"] == "Fait"
        assert words(admin.get("/administration/modifications")).count("vérification") == 1

    @pytest.mark.parametrize(
        ("changes", "label", "message"),
        [
            ({"service_hours": ""}, "Heures de service", "Indiquez"),
            ({"service_hours": "toujours"}, "Heures de service", "doit donner des jours"),
            ({"time_zone": "Mars/Olympus"}, "Fuseau horaire", "réponses proposées"),
            ({"holiday_zone": "atlantide"}, "Jours fériés", "réponses proposées"),
        ],
    )
    def test_bad_values(self, admin: FlaskClient, changes: dict[str, str], label: str, message: str) -> None:
        answer = save(admin, HOURS, **changes)
        assert answer.status_code == 422
        assert message in errors(answer)[label]

    def test_whether_people_work_now(self, clock: FrozenClock, admin: FlaskClient) -> None:
        assert "Ouvert jusqu’à 17 h 00" in words(admin.get(SCHEDULE))
        save(admin, CLOSURE, first_day="2026-03-10", label="Inventaire")
        assert "Fermé Inventaire. Réouverture le 11/03/2026 à 9 h 00" in words(admin.get(SCHEDULE))


class TestClosures:
    def test_added_edited_and_removed(self, admin: FlaskClient) -> None:
        save(admin, CLOSURE, first_day="24/12/2026", last_day="31/12/2026", label="Fin d’année")
        assert rows(admin.get(SCHEDULE), "Jours de fermeture") == [
            {"Motif": "Fin d’année", "Jours": "Du 24/12/2026 au 31/12/2026 à venir"}
        ]
        save(admin, "/administration/fermetures/1", first_day="2026-12-28")
        assert "Du 28/12/2026" in rows(admin.get(SCHEDULE), "Jours de fermeture")[0]["Jours"]
        form = soup(admin.get(SCHEDULE)).select_one("form.confirmation-panel")
        assert form is not None
        sent = {str(field["name"]): str(field["value"]) for field in form.select("input")}
        assert admin.post(str(form["action"]), data=sent).status_code == 303
        assert "Aucune. Ajoutez" in words(admin.get(SCHEDULE))
        assert admin.get("/administration/fermetures/1").status_code == 404
        save(admin, CLOSURE, first_day="2026-05-15", label="Pont")
        assert admin.get("/administration/fermetures/2").status_code == 200

    @pytest.mark.parametrize(
        ("changes", "label", "message"),
        [
            ({"first_day": ""}, "Premier jour de fermeture", "premier jour"),
            ({"last_day": "2026-01-01"}, "Dernier jour de fermeture", "précède"),
            ({"last_day": "2028-01-01"}, "Dernier jour de fermeture", "un an au plus"),
            ({"label": ""}, "Motif", "Dites pourquoi"),
        ],
    )
    def test_bad_values(self, admin: FlaskClient, changes: dict[str, str], label: str, message: str) -> None:
        answer = save(admin, CLOSURE, **{"first_day": "2026-05-15", "label": "Pont", **changes})
        assert answer.status_code == 422
        assert message in errors(answer)[label]

    def test_they_move_no_clock_that_france_travail_owes(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        with app.app_context():
            before = terms_of(world.here.partner_id)
        save(admin, CLOSURE, first_day="2026-03-10", last_day="2026-12-31", label="Travaux")
        with app.app_context():
            assert terms_of(world.here.partner_id) == before
        assert "Elle ne décale aucune échéance due par France Travail" in words(admin.get(SCHEDULE))

    def test_another_partner_s_do_not_exist(self, app: Flask, world: World, admin: FlaskClient) -> None:
        save(admin, CLOSURE, first_day="2026-05-15", label="Pont d’ici")
        there = log_in(app, app.test_client(), world.there.people[Role.ADMINISTRATOR])
        assert "Pont d’ici" not in words(there.get(SCHEDULE))
        assert there.get("/administration/fermetures/1").status_code == 404


class TestSecurity:
    def keep(self, app: Flask, world: World, *roles: Role) -> None:
        """Withdraw the roles of security but these."""
        with app.app_context(), transaction():
            gone = {Role.SECURITY_OFFICER, Role.DATA_PROTECTION_OFFICER} - set(roles)
            db.session.execute(
                db.delete(Membership).where(
                    Membership.partner_id == world.here.partner_id, Membership.role.in_(gone)
                )
            )

    def open(self, client: FlaskClient) -> None:
        form = soup(client.get(SECURITY)).select_one("main form")
        assert form is not None
        sent = {str(field["name"]): str(field["value"]) for field in form.select("input")}
        assert client.post(str(form["action"]), data=sent).status_code == 303

    @pytest.mark.parametrize(
        ("roles", "missing"),
        [
            ((), "un responsable de la sécurité (RSSI) et un suppléant, RSSI ou DPD"),
            ((Role.SECURITY_OFFICER,), "un suppléant, RSSI ou DPD"),
            ((Role.DATA_PROTECTION_OFFICER,), "un responsable de la sécurité (RSSI)"),
        ],
    )
    def test_it_says_what_is_missing_and_refuses_to_open(
        self, app: Flask, world: World, admin: FlaskClient, roles: tuple[Role, ...], missing: str
    ) -> None:
        self.keep(app, world, *roles)
        assert f"Il manque {missing}." in words(admin.get(SECURITY))
        self.open(admin)
        assert "ne peut pas s’ouvrir" in flashes(admin)
        with app.app_context():
            assert not security_is_open(world.here.partner_id)
            assert not is_noted_open(world.here.partner_id)

    def test_who_is_named_and_since_when(self, app: Flask, world: World, admin: FlaskClient) -> None:
        named = rows(admin.get(SECURITY), "Personnes nommées pour la sécurité")
        assert [line["Rôles"] for line in named] == [
            "Délégué à la protection des données (DPD)",
            "Responsable de la sécurité (RSSI)",
        ]
        assert "n’est pas encore notée" in words(admin.get(SECURITY))
        self.open(admin)
        page = admin.get(SECURITY)
        assert "Depuis 10/03/2026 à 9 h 00" in words(page)
        assert soup(page).select_one("main form") is None

    def test_the_worker_notes_what_the_rights_decided(
        self, app: Flask, world: World, clock: FrozenClock, admin: FlaskClient
    ) -> None:
        with app.app_context():
            note_security_openings(clock.now())
            note_security_openings(clock.now() + timedelta(hours=1))
        assert "Depuis 10/03/2026 à 9 h 00" in words(admin.get(SECURITY))
        self.keep(app, world, Role.SECURITY_OFFICER)
        with app.app_context():
            note_security_openings(clock.now() + timedelta(hours=2))
        shown = words(admin.get(SECURITY))
        assert "La partie sécurité est fermée" in shown
        assert "Fermée depuis 10/03/2026 à 11 h 00" in shown

    def test_readers_cannot_open_it(self, app: Flask, world: World) -> None:
        client = log_in(app, app.test_client(), world.here.people[Role.SECURITY_OFFICER])
        page = client.get(SECURITY)
        assert page.status_code == 200
        assert soup(page).select_one("main form") is None


def test_the_schedule_form_is_what_was_stored(admin: FlaskClient) -> None:
    assert filled(admin, HOURS)["service_hours"] == "lun-ven 09:00-17:00"
