"""`/administration/comptes`: the list, its filters, its pages, its export; the arrivals by ProConnect."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.administration_queries import Wanted, people_in
from app.accounts.federation_models import Arrival
from app.accounts.models import Account, FederatedIdentity, Membership
from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.journal.technical import Trace
from app.kernel.reference import new_reference
from tests.accounts.people import ACCOUNTS, Office, open_office
from tests.conftest import START
from tests.factories import World, log_in
from tests.partners.pages import filled, rows, soup, words
from tests.tickets.screens import counted

EXPORT = f"{ACCOUNTS}/export.csv"
ARRIVALS = f"{ACCOUNTS}/arrivees"


@pytest.fixture
def office(app: Flask, world: World, client: FlaskClient) -> Office:
    return open_office(app, world, client)


@pytest.fixture
def crowd(office: Office) -> Office:
    """Three hundred more people, half of them in each of two structures."""
    place = office.place
    with office.app.app_context(), transaction():
        accounts = [
            Account(
                name=f"Agent {number:03}", email=f"agent{number}@exemple.test", active=True, created_at=START
            )
            for number in range(300)
        ]
        db.session.add_all(accounts)
        db.session.flush()
        db.session.add_all(
            Membership(
                partner_id=place.partner_id,
                account_id=account.id,
                role=Role.USER,
                structure_id=place.structures["insertion" if number % 2 else "accueil"],
            )
            for number, account in enumerate(accounts)
        )
    return office


def names(office: Office, query: str = "") -> list[str]:
    page = office.client.get(f"{ACCOUNTS}?{query}")
    if soup(page).find("table") is None:
        return []
    return [row["Personne"].split(" nord")[0] for row in rows(page, "Comptes")]


class TestList:
    def test_everyone_of_the_partner_and_nobody_else(self, app: Flask, world: World, office: Office) -> None:
        assert sorted(names(office)) == sorted(role.value for role in Role)
        with app.app_context():
            here = {line.account_id for line in people_in(world.here.partner_id)}
            there = {line.account_id for line in people_in(world.there.partner_id)}
        assert len(here) == len(there) == len(Role)
        assert not here & there

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("q=CORRESPOND", ["correspondent"]),
            ("q=account manager", ["account_manager"]),
            ("q=Manager@exemple", []),
            ("q=manager.nord@exemple", ["account_manager", "manager"]),
            ("role=integrator", ["integrator"]),
            ("structure=accueil", ["integrator", "user"]),
            ("structure=accueil&role=user", ["user"]),
            ("structure=insertion", []),
            ("etat=active&role=manager", ["manager"]),
            ("etat=left", []),
            ("role=nimporte&structure=<b>&etat=x", []),
        ],
    )
    def test_search_and_filters(self, office: Office, query: str, found: list[str]) -> None:
        assert names(office, query) == found

    def test_accents_do_not_matter(self, office: Office) -> None:
        office.hire(Role.USER, "éléonore d’essai")
        assert [name.split(" ")[0] for name in names(office, "q=eleonore")] == ["éléonore"]

    def test_each_state_is_found(self, app: Flask, office: Office) -> None:
        office.fill(f"{ACCOUNTS}/nouveau", name="Invitée nord", email="i@exemple.test", role="user")
        office.fill(office.url(Role.MANAGER, "/depart"), day="2026-03-10", reason="mutation")
        with app.app_context(), transaction():
            held = db.session.scalars(
                select(Membership).where(
                    Membership.role == "correspondent", Membership.partner_id == office.place.partner_id
                )
            ).one()
            held.suspended_at = START
        assert names(office, "etat=invited") == ["Invitée"]
        assert names(office, "etat=left") == ["manager"]
        assert names(office, "etat=suspended") == ["correspondent"]
        assert "correspondent" not in names(office, "etat=active")
        assert office.client.get(f"{ACCOUNTS}?etat=pending").location == ARRIVALS

    def test_three_hundred_are_read_fifty_at_a_time_in_few_queries(self, crowd: Office) -> None:
        crowd.client.get(ACCOUNTS)
        with counted(crowd.app) as sent:
            page = crowd.client.get(f"{ACCOUNTS}?page=2&role=user")
        # The session, the partner's people and their roles, its structures, the arrivals (partner, count, rows).
        assert len(sent) <= 8, sent
        assert len(rows(page, "Comptes")) == 50
        assert "301 comptes, page 2 sur 7" in words(page)
        links = {str(link["rel"][0]): str(link["href"]) for link in soup(page).select("nav.pagination a")}
        assert links == {
            "prev": f"{ACCOUNTS}?page=1&role=user",
            "next": f"{ACCOUNTS}?page=3&role=user",
        }
        for number in ("0", "-5", "99", "x", "9" * 30):
            assert crowd.client.get(f"{ACCOUNTS}?page={number}").status_code == 200

    def test_a_search_of_a_page_gets_the_list_alone(self, office: Office) -> None:
        answer = office.client.get(
            f"{ACCOUNTS}?q=user", headers={"HX-Request": "true", "HX-Target": "account-list"}
        )
        assert "<html" not in answer.text
        assert "1\u00a0compte" in answer.text


class TestExport:
    def test_one_line_a_role_for_what_was_asked_and_it_is_traced(self, office: Office) -> None:
        office.fill(office.url(Role.USER, "/roles/nouveau"), role="user", structure="insertion", reason="x")
        answer = office.client.get(f"{EXPORT}?q=user")
        assert answer.mimetype == "text/csv"
        assert "comptes-2026-03-10.csv" in answer.headers["Content-Disposition"]
        lines = answer.text.removeprefix("\ufeff").splitlines()
        assert lines[0].startswith("Nom;Adresse;État;Rôle;Structure;")
        assert [line.split(";")[3:5] for line in lines[1:]] == [
            ["Utilisateur", "Accueil"],
            ["Utilisateur", "Insertion"],
        ]
        assert office.traces(Trace.EXPORTED) == ["accounts"]

    def test_a_name_that_a_spreadsheet_would_run_is_harmless(self, office: Office) -> None:
        office.hire(Role.USER, "=cmd()")
        assert "'=cmd()" in office.client.get(EXPORT).text


class TestArrivals:
    def arrive(self, office: Office, siret: str = "22590001801244") -> str:
        with office.app.app_context(), transaction():
            account = Account(name="Personne venue seule", email=None, active=True, created_at=START)
            db.session.add(account)
            db.session.flush()
            db.session.add(
                FederatedIdentity(
                    issuer="https://fi.test",
                    sub=account.reference,
                    account_id=account.id,
                    siret=siret,
                    linked_at=START,
                )
            )
            arrival = Arrival(
                reference=new_reference(),
                account_id=account.id,
                siret=siret,
                email="seule@exemple.test",
                organization="Département",
                is_new=True,
                arrived_at=START,
                last_seen_at=START,
            )
            db.session.add(arrival)
            return arrival.reference

    def test_they_are_announced_and_let_in_with_a_role(self, app: Flask, office: Office) -> None:
        reference = self.arrive(office)
        assert "1 personne attend" in words(office.client.get(ACCOUNTS))
        (row,) = rows(office.client.get(ARRIVALS), "Arrivées par ProConnect")
        assert row["Personne"] == "Personne venue seule seule@exemple.test"
        answer = office.fill(
            f"{ARRIVALS}/{reference}", role="user", structure="accueil", reason="vérifiée au téléphone"
        )
        assert answer.status_code == 303
        page = words(office.client.get(answer.location))
        assert "Arrivée acceptée : Utilisateur, Accueil" in page
        assert "vérifiée au téléphone" in page
        assert office.letters() == [("rights-granted", "Personne venue seule")]
        assert "Personne n’attend" in words(office.client.get(ARRIVALS))

    def test_they_are_refused(self, app: Flask, office: Office) -> None:
        reference = self.arrive(office)
        assert office.press(f"{ARRIVALS}/{reference}", "/refus").location == ARRIVALS
        assert "Personne n’attend" in words(office.client.get(ARRIVALS))
        assert "arrival-set-aside" in office.traces()
        assert office.client.get(f"{ARRIVALS}/{reference}").status_code == 404

    def test_another_partner_does_not_list_them(self, app: Flask, world: World, office: Office) -> None:
        self.arrive(office)
        client = log_in(app, app.test_client(), world.here.people[Role.ADMINISTRATOR])
        assert "Personne n’attend" in words(client.get(ARRIVALS))

    def test_someone_is_found_by_the_code_they_tell(self, office: Office) -> None:
        reference = self.arrive(office, siret="21620001400018")
        assert "Personne n’attend" in words(office.client.get(ARRIVALS))
        answer = office.client.get(f"{ARRIVALS}?code={reference.lower()}", follow_redirects=True)
        assert "Personne venue seule" in words(answer)
        for wrong in ("zzz", "7F3K-M2QX", "../../x", "%00"):
            assert office.client.get(f"{ARRIVALS}?code={wrong}", follow_redirects=True).status_code in {
                404,
                422,
            }


def test_the_menu_and_the_administration_lead_there(office: Office) -> None:
    links = {str(link["href"]) for link in soup(office.client.get("/administration")).select("main a")}
    assert {ACCOUNTS, "/administration/revues", "/administration/rgc"} <= links
    current = soup(office.client.get(ACCOUNTS)).select_one("nav [aria-current]")
    assert current is not None
    assert current["href"] == "/administration"


def test_a_person_of_the_desk_has_none_of_it(app: Flask, office: Office) -> None:
    client = log_in(app, app.test_client(), office.place.people[Role.CORRESPONDENT])
    for page in (
        ACCOUNTS,
        EXPORT,
        ARRIVALS,
        office.url(Role.USER),
        "/administration/revues",
        "/administration/rgc",
    ):
        assert client.get(page).status_code == 403


def test_queries_answer_for_one_partner(app: Flask, world: World, office: Office) -> None:
    with app.app_context():
        found = people_in(world.here.partner_id, Wanted(text="nord"))
    assert found == []


def test_the_form_is_kept_when_it_is_refused(office: Office) -> None:
    url = office.url(Role.USER, "/roles/nouveau")
    answer = office.client.post(
        url, data={**filled(office.client, url), "role": "manager", "structure": "insertion"}
    )
    form = soup(answer)
    assert form.select_one("option[value=manager]").has_attr("selected")  # type: ignore[union-attr]
    assert form.select_one("option[value=insertion]").has_attr("selected")  # type: ignore[union-attr]
