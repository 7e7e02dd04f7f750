"""Account managers: deeds of commitment, absences and deputies, what France Travail's CSSI is told in time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.absences import backups_on
from app.accounts.jobs_life import keep_accounts
from app.accounts.life_models import Absence, CssiNotice
from app.accounts.policy import Role
from app.deadlines.models import Deadline
from app.extensions import db
from app.infra.tx import transaction
from app.journal.verify import verify_journal
from app.kernel.clock import FrozenClock
from app.partners.models import Contact
from app.tickets.verify import verify_tickets
from app.tickets.vocabulary import Kind
from tests.accounts.people import Office, open_office, told
from tests.conftest import START
from tests.factories import World, file, log_in
from tests.partners.pages import filled, rows, soup, words

RGC = "/administration/rgc"
OWN = "/mon-compte/absences"
MANAGER = Role.ACCOUNT_MANAGER


@pytest.fixture
def office(app: Flask, world: World, client: FlaskClient) -> Office:
    return open_office(app, world, client)


def away(office: Office, first: str, last: str = "", **typed: str) -> object:
    return office.fill(office.url(MANAGER, "/absences/nouvelle"), first_day=first, last_day=last, **typed)


def notices(office: Office) -> list[dict[str, str]]:
    page = office.client.get(RGC)
    return rows(page, "Avis au CSSI") if "Date d’effet" in page.text else []


def notice_url(office: Office) -> str:
    return str(soup(office.client.get(RGC)).select_one("a[href*='/rgc/avis/']")["href"])  # type: ignore[index]


class TestPage:
    def test_it_says_who_holds_the_role_and_what_is_missing(self, office: Office) -> None:
        page = office.client.get(RGC)
        (row,) = rows(page, "Responsables de gestion de comptes")
        assert row["Acte d’engagement"] == "Manquant"
        text = words(page)
        assert "Il n’y a pas de suppléant" in text
        assert "L’adresse du CSSI n’est pas connue" in text
        assert "préavis" in text

    def test_it_counts_the_queue_of_access_requests(self, app: Flask, office: Office) -> None:
        with app.app_context():
            file(office.place, now=START, kind=Kind.ACCESS)
            file(office.place, now=START, kind=Kind.QUESTION)
        tile = soup(office.client.get(RGC)).select_one(".tile")
        assert tile is not None
        assert "Demandes d’accès en cours 1" in " ".join(tile.get_text(" ").split())
        manager = log_in(app, app.test_client(), office.place.people[MANAGER])
        link = soup(manager.get(RGC)).select_one(".tile a")
        assert link is not None
        assert manager.get(str(link["href"])).status_code == 200

    def test_a_partner_without_account_manager_owes_nothing(self, app: Flask, world: World) -> None:
        client = log_in(app, app.test_client(), world.here.people[Role.ADMINISTRATOR])
        assert "n’ont pas de responsable de gestion de comptes" in words(client.get(RGC))


class TestDeed:
    def test_it_is_recorded_by_the_account_manager_and_shown(self, app: Flask, office: Office) -> None:
        client = log_in(app, app.test_client(), office.place.people[MANAGER])
        url = f"{RGC}/{office.reference(MANAGER)}/acte"
        answer = client.post(
            url,
            data={
                **filled(client, url),
                "rank": "deputy",
                "signed_on": "2026-01-12",
                "document": "AE-2026-4",
            },
        )
        (row,) = rows(client.get(answer.location), "Responsables de gestion de comptes")
        assert row["Acte d’engagement"] == "AE-2026-4 signé le 12/01/2026"
        assert "suppléant" in row["Personne"]
        assert "AE-2026-4" in words(office.client.get(office.url(MANAGER)))

    @pytest.mark.parametrize(
        ("typed", "refusal"),
        [
            ({"signed_on": "2026-03-11", "document": "x"}, "futur"),
            ({"signed_on": "", "document": "x"}, "date de la signature"),
            ({"signed_on": "2026-03-01", "document": ""}, "où l’acte se trouve"),
        ],
    )
    def test_what_is_wrong_is_said(self, office: Office, typed: dict[str, str], refusal: str) -> None:
        url = f"{RGC}/{office.reference(MANAGER)}/acte"
        assert refusal in told(office.fill(url, rank="holder", **typed))[0]

    def test_only_an_account_manager_signs_one(self, office: Office) -> None:
        url = f"{RGC}/{office.reference(Role.USER)}/acte"
        answer = office.fill(url, rank="holder", signed_on="2026-03-01", document="x")
        assert "n’est pas responsable de gestion de comptes" in told(answer)[0]


class TestNotice:
    def test_a_departure_opens_it_eight_days_before(self, app: Flask, office: Office) -> None:
        office.fill(office.url(MANAGER, "/depart"), day="2026-04-10", reason="mutation")
        (row,) = notices(office)
        assert row["Avis"] == "Départ : account_manager nord"
        assert row["À envoyer avant"] == "02/04/2026 à 9 h 00"
        assert row["État"] == "À envoyer"
        recipients = {name for template, name in office.letters() if template == "cssi-notice"}
        assert recipients == {"account_manager nord", "administrator nord"}
        with app.app_context():
            clock = db.session.scalars(select(Deadline)).one()
            assert (clock.clock, clock.owed_by, clock.running) == ("cssi-notice", "partner", True)
            assert list(verify_journal()) == []
            assert list(verify_tickets()) == []

    def test_the_mail_is_ready_and_its_sending_stops_the_clock(
        self, app: Flask, office: Office, clock: FrozenClock
    ) -> None:
        with app.app_context(), transaction():
            db.session.add(
                Contact(
                    partner_id=office.place.partner_id,
                    convention_id=office.place.convention_id,
                    role="cssi",
                    label="CSSI",
                    email="cssi@exemple.test",
                )
            )
        office.fill(office.url(MANAGER, "/depart"), day="2026-04-10", reason="mutation")
        url = notice_url(office)
        page = words(office.client.get(url))
        assert "cssi@exemple.test" in page
        assert (
            "account_manager nord, responsable de gestion de comptes, quitte ses fonctions le 10/04/2026"
            in page
        )
        clock.advance(timedelta(hours=2))
        log_in(app, office.client, office.place.people[Role.ADMINISTRATOR])
        answer = office.fill(url, sent_at="2026-03-10T10:30")
        assert answer.status_code == 303
        (row,) = notices(office)
        assert row["État"] == "Envoyé 10/03/2026 à 10 h 30"
        with app.app_context():
            stopped = db.session.scalars(select(Deadline)).one()
            assert stopped.stopped_at == START + timedelta(hours=1, minutes=30)
            assert not stopped.running
            assert list(verify_journal()) == []

    @pytest.mark.parametrize(
        ("sent_at", "refusal"),
        [
            ("2026-03-10T09:01", "futur"),
            ("2026-03-10T08:59", "n’existait pas encore"),
            ("", "quand le message"),
        ],
    )
    def test_a_sending_at_an_impossible_time_is_refused(
        self, office: Office, sent_at: str, refusal: str
    ) -> None:
        away(office, "2026-04-01")
        assert refusal in told(office.fill(notice_url(office), sent_at=sent_at))[0]

    def test_late_is_said(self, app: Flask, office: Office, clock: FrozenClock) -> None:
        away(office, "2026-03-12")
        clock.advance(timedelta(days=2))
        log_in(app, office.client, office.place.people[Role.ADMINISTRATOR])
        assert notices(office)[0]["État"] == "En retard"

    def test_a_departure_put_off_takes_the_place_of_the_first(self, office: Office) -> None:
        office.fill(office.url(MANAGER, "/depart"), day="2026-04-10", reason="mutation")
        page = office.url(MANAGER)
        office.press(page, "/depart/annulation")
        assert notices(office) == []
        office.fill(office.url(MANAGER, "/depart"), day="2026-05-10", reason="mutation")
        assert [row["Date d’effet"] for row in notices(office)] == ["10/05/2026"]

    def test_it_is_recalled_once_two_days_before(self, app: Flask, office: Office) -> None:
        office.hire(Role.ADMINISTRATOR, "second administrateur", last_login_at=START)
        office.fill(office.url(MANAGER, "/depart"), day="2026-04-10", reason="mutation")
        due = START + timedelta(days=23)
        told_at: list[int] = []
        for moment in (due - timedelta(days=4), due - timedelta(days=2), due - timedelta(days=1)):
            with app.app_context():
                keep_accounts(moment)
            told_at.append([template for template, _ in office.letters()].count("cssi-notice"))
        assert told_at[0] == 3
        assert told_at[1] > told_at[0]
        assert told_at[2] == told_at[1]

    def test_another_kind_of_person_leaves_without_it(self, office: Office) -> None:
        office.fill(office.url(Role.MANAGER, "/depart"), day="2026-04-10", reason="mutation")
        assert notices(office) == []

    def test_of_another_partner_it_does_not_exist(self, app: Flask, world: World, office: Office) -> None:
        away(office, "2026-04-01")
        client = log_in(app, app.test_client(), world.here.people[Role.ADMINISTRATOR])
        assert client.get(notice_url(office)).status_code == 404


class TestAbsence:
    @pytest.mark.parametrize(
        ("last", "asked", "owed"),
        [
            ("2026-04-15", False, False),
            ("2026-04-15", True, True),
            ("2026-06-01", False, True),
            ("", False, True),
        ],
    )
    def test_a_long_one_is_told_a_short_one_on_demand(
        self, office: Office, last: str, asked: bool, owed: bool
    ) -> None:
        url = office.url(MANAGER, "/absences/nouvelle")
        sent = {**filled(office.client, url), "first_day": "2026-04-01", "last_day": last}
        sent.pop("tell_cssi", None)
        office.client.post(url, data={**sent, **({"tell_cssi": "y"} if asked else {})})
        assert [row["Avis"] for row in notices(office)] == ["Absence : account_manager nord"] * owed

    def test_calling_it_off_calls_off_the_notice(self, app: Flask, office: Office) -> None:
        away(office, "2026-04-01")
        office.press(office.url(MANAGER), "/annulation")
        assert notices(office) == []
        with app.app_context():
            assert db.session.scalars(select(Absence)).all() == []
            assert db.session.scalars(select(CssiNotice.cancelled_at)).one() == START

    def test_a_deputy_holds_the_same_role(self, app: Flask, office: Office) -> None:
        deputy = office.hire(MANAGER, "suppléant des comptes")
        away(office, "2026-03-10", "2026-03-20", backup=office.reference(deputy))
        page = office.client.get(RGC)
        assert rows(page, "Absences")[0] == {
            "Personne": "account_manager nord",
            "Jours": "du 10/03/2026 au 20/03/2026",
            "Suppléant": "suppléant des comptes",
        }
        assert "suppléant des comptes" in words(office.client.get(notice_url(office)))
        person, place = office.place.people[MANAGER].account_id, office.place
        with app.app_context():
            stands_in = {person: deputy.account_id}
            assert backups_on(place.partner_id, date(2026, 3, 10), [person]) == stands_in
            assert backups_on(place.partner_id, date(2026, 3, 20), [person]) == stands_in
            assert backups_on(place.partner_id, date(2026, 3, 21), [person]) == {}
            assert backups_on(place.partner_id, date(2026, 3, 9), [person]) == {}
        office.fill(office.url(deputy, "/depart"), day="2026-03-10", reason="mutation")
        with app.app_context():
            assert backups_on(place.partner_id, date(2026, 3, 10), [person]) == {}
        assert rows(office.client.get(RGC), "Absences")[0]["Suppléant"] == "Personne"

    def test_someone_who_does_not_hold_the_role_cannot_be_typed(self, office: Office) -> None:
        answer = away(office, "2026-04-01", backup=office.reference(Role.USER))
        assert "Suppléant" in told(answer)[0]  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("first", "last", "refusal"),
        [
            ("2026-04-10", "2026-04-01", "précède"),
            ("2026-02-01", "2026-02-10", "déjà finie"),
            ("", "", "premier jour"),
        ],
    )
    def test_what_is_wrong_is_said(self, office: Office, first: str, last: str, refusal: str) -> None:
        assert refusal in told(away(office, first, last))[0]  # type: ignore[arg-type]

    @pytest.mark.parametrize("role", [Role.USER, MANAGER, Role.INTEGRATOR])
    def test_everyone_declares_their_own(self, app: Flask, office: Office, role: Role) -> None:
        client = log_in(app, app.test_client(), office.place.people[role])
        answer = client.post(
            OWN, data={**filled(client, OWN), "first_day": "2026-04-01", "last_day": "2026-04-03"}
        )
        page = client.get(answer.location)
        assert rows(page, "Absences")[0]["Jours"] == "du 01/04/2026 au 03/04/2026"
        mine = soup(page).select_one("main form[action$='/annulation']")
        assert mine is not None
        values = {str(field["name"]): str(field["value"]) for field in mine.select("input[name]")}
        other = log_in(app, app.test_client(), office.hire(role, "quelqu’un d’autre"))
        assert other.post(str(mine["action"]), data=_with_token(other)).status_code == 404
        assert client.post(str(mine["action"]), data=values).status_code == 303
        assert "Aucune absence" in words(client.get(OWN))


def _with_token(client: FlaskClient) -> dict[str, str]:
    token = soup(client.get(OWN)).select_one("main input[name=csrf_token]")
    assert token is not None
    return {"csrf_token": str(token["value"])}
