"""`/administration`: what one reads of a convention, and how an administrator edits it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.deadlines.delays import parse_delay
from app.infra.tx import transaction
from app.partners.forms import typed_delay
from app.partners.listing import contacts_ever, convention_by_code
from app.partners.queries import find_convention
from app.partners.rulebooks import terms_of
from app.partners.service import add_commitment_version, reading_for_ticket
from app.partners.terms import CommitmentTerms
from app.partners.wording import french_period
from tests.conftest import START
from tests.factories import World, log_in
from tests.partners.pages import PAGE, filled, rows, save, soup, words
from tests.tickets.screens import counted, errors

LIST = "/administration/conventions"
TERMS = f"{PAGE}/modification"
COMMITMENT = f"{PAGE}/engagements/nouveau"
# Short to type, and longer than what the database keeps once written in full.
TOO_DETAILED = "lun,mer,ven " + ",".join(f"{hour}h-{hour}h30" for hour in range(18))


def as_role(app: Flask, world: World, role: Role) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[role])


def commitments(app: Flask, world: World) -> tuple[CommitmentTerms, ...]:
    with app.app_context():
        return terms_of(world.here.partner_id)[world.here.convention_id].commitments


class TestReading:
    def test_the_index_leads_to_what_exists(self, admin: FlaskClient) -> None:
        links = {str(link["href"]) for link in soup(admin.get("/administration")).select("main li a")}
        assert {LIST, "/administration/partenaire", "/administration/structures"} <= links
        assert all(admin.get(link).status_code == 200 for link in links)

    def test_the_list_says_term_tools_and_where_the_figures_come_from(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        assert rows(admin.get(LIST), "Conventions") == [
            {
                "Convention": "pas-de-calais-2024 France Travail Hauts-de-France",
                "Durée": "Du 17/06/2024 au 31/12/2024 Hors durée",
                "Outils": "6",
                "Délais de service": "Chiffres contractuels",
            }
        ]
        there = log_in(app, app.test_client(), world.there.people[Role.CORRESPONDENT])
        (row,) = rows(there.get(LIST), "Conventions")
        assert (
            row["Délais de service"]
            == "Objectifs de référence non contractuels, repris de pas-de-calais-2024"
        )

    def test_the_page_tells_each_commitment(self, admin: FlaskClient) -> None:
        lines = rows(admin.get(PAGE), "Engagements de la convention")
        assert lines[1] == {
            "Délai": "Remise en service incident de disponibilité",
            "Chiffre": "8 heures ouvrées de service",
            "Dû par": "France Travail",
            "Source": "annexe 2, §3",
            "Validité": "Sans limite en vigueur",
        }
        assert "une autre date peut être convenue" in lines[3]["Chiffre"]

    def test_what_the_convention_does_not_fix_is_told_apart(self, app: Flask, world: World) -> None:
        there = log_in(app, app.test_client(), world.there.people[Role.MANAGER])
        lines = rows(there.get(f"{LIST}/nord-2025"), "Délais que la convention ne fixe pas")
        by_delay = {line["Délai"]: line["Portée"] for line in lines}
        assert by_delay["Prise en compte incident de disponibilité"].startswith(
            "Objectif de référence non contractuel"
        )
        assert by_delay["Notification à la CNIL violation de données personnelles"] == "Loi RGPD, art. 33"
        assert "Réponse demande d’une personne concernée" not in by_delay

    def test_a_figure_that_is_not_in_force_yet_is_only_among_the_commitments(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        (take_up, *_) = commitments(app, world)
        later = replace(take_up, code="later", applies_to="application", valid_from=date(2026, 6, 1))
        with app.app_context(), transaction():
            add_commitment_version(world.here.partner_id, world.here.convention_id, later, now=START)
        page = admin.get(PAGE)
        coming = [
            line for line in rows(page, "Engagements de la convention") if "à venir" in line["Validité"]
        ]
        assert [line["Délai"] for line in coming] == ["Prise en compte incident applicatif"]
        borrowed = rows(page, "Délais que la convention ne fixe pas")
        assert [line["Portée"] for line in borrowed] == ["Loi RGPD, art. 33"]

    def test_a_channel_without_address_is_to_be_completed(self, admin: FlaskClient) -> None:
        channels = {line["Pour"]: line["Adresse"] for line in rows(admin.get(PAGE), "Canaux de déclaration")}
        assert channels["Mon Portail Pro"] == "À compléter"
        assert channels["francetravail.io"].startswith("https://")

    def test_contacts_come_by_rank(self, admin: FlaskClient) -> None:
        lines = rows(admin.get(PAGE), "Interlocuteurs de France Travail")
        assert [line["Rang"] for line in lines][:2] == ["1", "—"]

    def test_only_an_administrator_is_offered_to_edit(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        read = as_role(app, world, Role.CORRESPONDENT).get(PAGE)
        assert read.status_code == 200
        assert "Modifier" not in words(read)
        assert "Nouvelle version" not in words(read)
        assert "Nouvelle version de l’engagement prise en compte" in words(admin.get(PAGE))

    def test_no_internal_key_is_shown(self, app: Flask, world: World, admin: FlaskClient) -> None:
        with app.app_context():
            (first, *_) = contacts_ever(world.here.partner_id, world.here.convention_id)
        assert first.number == 1
        addresses = [str(link["href"]) for link in soup(admin.get(PAGE)).select("main a")]
        assert f"{PAGE}/contacts/1" in addresses

    def test_pages_cost_few_queries(self, app: Flask, admin: FlaskClient) -> None:
        admin.get(PAGE)
        with counted(app) as listing:
            admin.get(LIST)
        with counted(app) as page:
            admin.get(PAGE)
        # Session and rights, what is announced (2); conventions, their tools, those that fix figures (3).
        assert len(listing) <= 5, listing
        # The same but the last, then terms (2), tools, the convention, channels, contacts, mails owed, changes (2).
        assert len(page) <= 13, page


class TestWhoMay:
    @pytest.mark.parametrize("role", [Role.USER, Role.INTEGRATOR])
    @pytest.mark.parametrize("url", ["/administration", LIST, PAGE, TERMS])
    def test_users_see_no_administration(self, app: Flask, world: World, role: Role, url: str) -> None:
        client = as_role(app, world, role)
        assert client.get(url).status_code == 403
        assert "Administration" not in words(client.get("/echeances"))

    @pytest.mark.parametrize("role", [Role.CORRESPONDENT, Role.MANAGER, Role.SECURITY_OFFICER])
    def test_readers_do_not_edit(self, app: Flask, world: World, role: Role) -> None:
        client = as_role(app, world, role)
        for path in ("modification", "engagements/nouveau", "canaux/1", "contacts/nouveau", "contacts/1"):
            assert client.get(f"{PAGE}/{path}").status_code == 403
            assert client.post(f"{PAGE}/{path}", data={}).status_code in {400, 403}

    @pytest.mark.parametrize(
        "path", ["", "/modification", "/engagements/nouveau", "/canaux/1", "/contacts/1"]
    )
    def test_the_convention_of_another_partner_does_not_exist(self, admin: FlaskClient, path: str) -> None:
        assert admin.get(f"{LIST}/nord-2025{path}").status_code == 404

    @pytest.mark.parametrize("path", ["canaux/99", "contacts/0", "contacts/99999999999999999999", "canaux/x"])
    def test_a_number_that_no_line_has(self, admin: FlaskClient, path: str) -> None:
        assert admin.get(f"{PAGE}/{path}").status_code == 404


class TestTerms:
    def test_dates_term_and_tools_are_edited(self, app: Flask, world: World, admin: FlaskClient) -> None:
        answer = save(
            admin,
            TERMS,
            ends_on="31/12/2026",
            tacit_renewal="1 an",
            denunciation_notice="3 mois",
            tools=["suivi-de-parcours", "ouiform"],
        )
        assert (answer.status_code, answer.location) == (303, PAGE)
        shown = words(admin.get(PAGE))
        assert "Modifier la convention : c’est enregistré." in shown
        assert "Hors durée" not in words(admin.get(LIST))
        with app.app_context():
            row = convention_by_code(world.here.partner_id, "pas-de-calais-2024")
            convention = find_convention(world.here.partner_id, row.id)
            assert (row.ends_on, row.term_to) == (date(2026, 12, 31), date(2027, 12, 31))
            assert row.tools == {"suivi-de-parcours", "ouiform"}
            assert (convention.tacit_renewal, convention.denunciation_notice) == ("1 year", "3 months")

    def test_a_form_that_is_sent_untouched_changes_nothing(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        assert save(admin, TERMS).status_code == 303
        with app.app_context():
            convention = find_convention(world.here.partner_id, world.here.convention_id)
            assert convention.edited_at is None

    @pytest.mark.parametrize(
        ("changes", "label", "message"),
        [
            ({"counterpart": " "}, "Cocontractant", "obligatoire"),
            ({"counterpart": "x" * 201}, "Cocontractant", "200 au plus"),
            ({"ends_on": "31/02/2026"}, "Dernier jour", "Date illisible"),
            ({"ends_on": "2024-01-01"}, "Dernier jour", "précède le début"),
            ({"starts_on": "0001-01-01"}, "Premier jour", "entre 1970 et 2200"),
            ({"duration": "trois ans"}, "Durée", "Durée illisible"),
            ({"tacit_renewal": "9999 ans"}, "Tacite reconduction", "Durée illisible"),
            ({"zone": "atlantide"}, "Jours fériés", "réponses proposées"),
            ({"service_levels_from": "pas-de-calais-2024"}, "Objectifs de référence", "réponses proposées"),
            ({"tools": ["marteau"]}, "Outils de la convention", "marteau"),
            ({"renewal": "x" * 1_001}, "Renouvellement, tel que la convention le dit", "1000 au plus"),
        ],
    )
    def test_bad_values_are_refused_on_their_field_and_kept(
        self, admin: FlaskClient, changes: Mapping[str, str | list[str]], label: str, message: str
    ) -> None:
        before = words(admin.get(PAGE))
        answer = save(admin, TERMS, **changes)
        assert answer.status_code == 422
        assert message in errors(answer)[label]
        for value in changes.values():
            if isinstance(value, str) and value.strip() and "<option" not in answer.text:
                assert value in answer.text
        assert words(admin.get(PAGE)) == before

    def test_a_circle_of_references_is_refused(self, app: Flask, world: World, admin: FlaskClient) -> None:
        answer = save(admin, TERMS, service_levels_from="nord-2025")
        assert "Renvoi circulaire" in errors(answer)["Objectifs de référence"]

    def test_a_double_click_saves_once(self, admin: FlaskClient) -> None:
        form = {**filled(admin, TERMS), "counterpart": "Opérateur"}
        assert admin.post(TERMS, data=form).status_code == 303
        again = admin.post(TERMS, data={**form, "counterpart": "Un autre"})
        assert (again.status_code, again.location) == (303, PAGE)
        assert "et Opérateur" in words(admin.get(PAGE))

    def test_without_its_protection_the_form_is_refused(self, admin: FlaskClient) -> None:
        assert admin.post(TERMS, data={"counterpart": "Opérateur"}).status_code == 400


class TestCommitments:
    def test_a_new_version_starts_from_the_one_before(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        page = admin.get(f"{COMMITMENT}?modele=2")
        assert "Nouvelle version d’un engagement" in words(page)
        assert "Les horloges déjà démarrées ne changent pas" in words(page)
        answer = save(
            admin,
            f"{COMMITMENT}?modele=2",
            valid_from="2026-04-01",
            delay="4 h",
            week="lun-ven 09:00-12:00,13:30-17:30",
            holiday_zone="alsace-moselle",
            suspendable="y",
            source="avenant 1",
        )
        assert (answer.status_code, answer.location) == (303, PAGE)
        old, new = (
            terms for terms in commitments(app, world) if terms.measures("return-to-service", "availability")
        )
        assert (old.valid_from, old.valid_to) == (None, date(2026, 3, 31))
        assert (new.code, new.valid_from, new.valid_to) == (old.code, date(2026, 4, 1), None)
        assert (new.delay.amount, new.delay.unit, new.suspendable) == (240, old.delay.unit, True)
        assert new.week is not None
        assert [len(windows) for windows in new.week] == [2, 2, 2, 2, 2, 0, 0]
        assert new.holiday_zone == "alsace-moselle"
        lines = rows(admin.get(PAGE), "Engagements de la convention")
        assert lines[1]["Validité"] == "Jusqu’au 31/03/2026 en vigueur"
        assert lines[2]["Validité"] == "À partir du 01/04/2026 à venir"
        assert "du lundi au vendredi, de 9 h à 12 h et de 13 h 30 à 17 h 30" in lines[2]["Chiffre"]

    def test_it_measures_the_clocks_that_start_from_its_first_day(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        save(
            admin, f"{COMMITMENT}?modele=1", valid_from="2026-04-01", delay="30 min", tool="suivi-de-parcours"
        )
        with app.app_context():

            def minutes(start: datetime, tool: str) -> int:
                return reading_for_ticket(
                    world.here.partner_id, world.here.convention_id, "take-up", "availability", start, tool
                ).delay.amount

            april, march = datetime(2026, 4, 1, 8, tzinfo=UTC), datetime(2026, 3, 31, 8, tzinfo=UTC)
            assert minutes(april, "suivi-de-parcours") == 30
            assert minutes(march, "suivi-de-parcours") == 15
            assert minutes(april, "api-statut-usager") == 15

    def test_a_convention_may_be_given_a_figure_of_its_own(self, app: Flask, world: World) -> None:
        there = log_in(app, app.test_client(), world.there.people[Role.ADMINISTRATOR])
        page = f"{LIST}/nord-2025"
        answer = save(
            there,
            f"{page}/engagements/nouveau",
            clock="take-up/availability",
            valid_from="2026-01-01",
            delay="20 min",
            unit="elapsed",
            starts="incident signalé",
            stops="prise en compte",
            source="avenant 1",
            owed_by="france-travail",
        )
        assert answer.status_code == 303, errors(answer)
        assert rows(there.get(page), "Engagements de la convention")[0]["Chiffre"] == "20 minutes"
        borrowed = rows(there.get(page), "Délais que la convention ne fixe pas")
        assert "Prise en compte incident de disponibilité" not in [line["Délai"] for line in borrowed]

    @pytest.mark.parametrize(
        ("changes", "label", "message"),
        [
            ({"valid_from": ""}, "À partir du", "à partir de quel jour"),
            ({"valid_from": "32/01/2026"}, "À partir du", "Date illisible"),
            ({"valid_to": "2026-03-01"}, "Jusqu’au", "précède le début"),
            ({"delay": ""}, "Délai", "Indiquez le délai"),
            ({"delay": "vite"}, "Délai", "heures ou en minutes"),
            ({"delay": "6 jours"}, "Délai", "heures ou en minutes"),
            ({"delay": "0 h"}, "Délai", "supérieur à zéro"),
            ({"delay": "999999 h"}, "Délai", "dix ans"),
            ({"unit": "lunes"}, "Compté en", "réponses proposées"),
            ({"week": "toujours"}, "Heures de service", "doit donner des jours puis des heures"),
            ({"week": "lun-ven 17:00-09:00"}, "Heures de service", "fin doit venir après le début"),
            ({"week": TOO_DETAILED}, "Heures de service", "trop détaillées"),
            ({"tool": "marteau"}, "Outil", "réponses proposées"),
            ({"tool": "ouiform"}, "Outil", "réponses proposées"),  # not one of this convention
            ({"clock": "take-up/lune"}, "Engagement", "réponses proposées"),
            ({"source": ""}, "Source", "l’article ou l’annexe"),
            ({"holiday_zone": "atlantide"}, "Jours fériés", "réponses proposées"),
        ],
    )  # fmt: skip
    def test_bad_values_are_refused_on_their_field(
        self, app: Flask, world: World, admin: FlaskClient, changes: dict[str, str], label: str, message: str
    ) -> None:
        before = commitments(app, world)
        answer = save(admin, f"{COMMITMENT}?modele=2", **{"valid_from": "2026-04-01", **changes})
        assert answer.status_code == 422
        assert message in errors(answer)[label]
        assert commitments(app, world) == before

    def test_a_day_that_is_taken_is_refused(self, admin: FlaskClient) -> None:
        save(admin, f"{COMMITMENT}?modele=2", valid_from="2026-04-01")
        again = save(admin, f"{COMMITMENT}?modele=2", valid_from="01/04/2026")
        assert "Une version commence déjà le 01/04/2026." in errors(again)["À partir du"]

    @pytest.mark.parametrize("model", ["0", "99", "x", "-1"])
    def test_an_unknown_model_gives_an_empty_form(self, admin: FlaskClient, model: str) -> None:
        answer = admin.get(f"{COMMITMENT}?modele={model}")
        assert answer.status_code == 200
        assert "Nouvel engagement" in words(answer)


class TestWords:
    @pytest.mark.parametrize(
        ("period", "french"),
        [("1 year", "1 an"), ("3 years", "3 ans"), ("8 days", "8 jours"), ("6 months", "6 mois")],
    )
    def test_periods(self, period: str, french: str) -> None:
        assert french_period(period).replace("\u00a0", " ") == french

    def test_every_delay_of_the_conventions_is_read_back_as_it_is_shown(
        self, app: Flask, world: World
    ) -> None:
        for terms in commitments(app, world):
            assert parse_delay(typed_delay(terms.delay), terms.delay.unit) == terms.delay
