"""`/administration/structures`: the list of a partner with 150 of them, and the form of one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.partners.models import Structure
from app.partners.queries import tools_of
from app.partners.structures import structure_by_code
from tests.factories import World, log_in
from tests.partners.pages import rows, save, soup, words
from tests.tickets.screens import counted, errors

LIST = "/administration/structures"
NEW = "/administration/nouvelle-structure"


@pytest.fixture
def many(app: Flask, world: World) -> Iterator[None]:
    with app.app_context(), transaction():
        for number in range(1, 148):
            db.session.add(
                Structure(
                    partner_id=world.here.partner_id,
                    code=f"centre-{number}",
                    name=f"Centre {number}",
                    kind="prestataire" if number % 10 == 0 else "service",
                    active=number != 7,
                )
            )
    yield


def names(client: FlaskClient, query: str = "") -> list[str]:
    return [line["Structure"].split(" centre-")[0] for line in rows(client.get(LIST + query), "Structures")]


class TestTheList:
    def test_what_it_tells(self, admin: FlaskClient) -> None:
        assert rows(admin.get(LIST), "Structures") == [
            {"Structure": "Accueil accueil", "Nature": "Service", "Sollicitations": "À chacun les siennes", "Outils": "Tous"},
            {"Structure": "Délégataire delegataire", "Nature": "Délégataire", "Sollicitations": "À chacun les siennes", "Outils": "Tous"},
            {"Structure": "Insertion insertion", "Nature": "Service", "Sollicitations": "Partagées entre ses membres", "Outils": "Tous"},
        ]  # fmt: skip

    def test_150_structures_page_by_page_in_the_order_of_people(self, many: None, admin: FlaskClient) -> None:
        first = names(admin)
        assert first[:3] == ["Accueil accueil", "Centre 1", "Centre 2"]
        assert len(first) == 50
        page = admin.get(LIST)
        assert "150 structures" in words(page)
        following = soup(page).select_one("a[rel=next]")
        assert following is not None
        third = admin.get(f"{LIST}?page=3")
        assert "Insertion" in words(third)
        assert soup(third).select_one("a[rel=next]") is None

    def test_150_structures_cost_three_queries_more_than_nothing(
        self, app: Flask, many: None, admin: FlaskClient
    ) -> None:
        admin.get(LIST)
        with counted(app) as statements:
            admin.get(LIST)
        # Session and rights, what is announced (2); the structures, their tools (2).
        assert len(statements) <= 4, statements

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("?q=delegat", ["Délégataire delegataire"]),
            ("?q=DÉLÉGATAIRE", ["Délégataire delegataire"]),
            ("?q=centre+147", ["Centre 147"]),
            ("?nature=delegataire", ["Délégataire delegataire"]),
            ("?etat=closed", ["Centre 7"]),
            ("?q=rien", []),
        ],
    )
    def test_search_and_filters(self, many: None, admin: FlaskClient, query: str, found: list[str]) -> None:
        page = admin.get(LIST + query)
        shown = rows(page, "Structures") if found else []
        assert [line["Structure"].split(" centre-")[0] for line in shown] == [
            *found[:-1],
            *(name if name != "Centre 7" else "Centre 7" for name in found[-1:]),
        ]
        assert ("Aucune structure ne répond" in words(page)) is (not found)

    def test_it_is_sorted_as_asked_and_says_so(self, many: None, admin: FlaskClient) -> None:
        page = admin.get(f"{LIST}?tri=kind")
        assert rows(page, "Structures")[0]["Nature"] == "Délégataire"
        assert soup(page).select_one("th[aria-sort=ascending]").get_text(strip=True) == "Nature"  # type: ignore[union-attr]

    @pytest.mark.parametrize("query", ["?page=99", "?page=-1", "?page=x", "?tri=x&nature=x&etat=x"])
    def test_what_is_not_known_counts_as_not_said(self, admin: FlaskClient, query: str) -> None:
        assert len(rows(admin.get(LIST + query), "Structures")) == 3

    def test_htmx_receives_the_list_alone_and_says_how_many(self, admin: FlaskClient) -> None:
        answer = admin.get(f"{LIST}?q=accueil", headers={"HX-Request": "true", "HX-Target": "structure-list"})
        assert "<html" not in answer.text
        assert "1 structure" in answer.text

    def test_readers_see_it_without_any_act(self, app: Flask, world: World) -> None:
        client = log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])
        page = client.get(LIST)
        assert len(rows(page, "Structures")) == 3
        assert "Importer" not in words(page)
        assert "Exporter" not in words(page)
        assert client.get(f"{LIST}/accueil").status_code == 403

    def test_another_partner_s_are_never_among_them(self, app: Flask, world: World, many: None) -> None:
        there = log_in(app, app.test_client(), world.there.people[Role.ADMINISTRATOR])
        assert len(rows(there.get(LIST), "Structures")) == 3
        assert there.get(f"{LIST}/centre-1").status_code == 404
        assert there.post(f"{LIST}/centre-1", data={}).status_code in {400, 404}


class TestOne:
    def test_it_is_added_with_a_code_made_of_its_name(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        answer = save(
            admin,
            NEW,
            name="Maison de l’emploi",
            kind="delegataire",
            siret="225 900 018 01244",
            shares_tickets="y",
            tools=["suivi-de-parcours"],
        )
        assert (answer.status_code, answer.location) == (303, LIST)
        with app.app_context():
            line = structure_by_code(world.here.partner_id, "maison-de-l-emploi")
            assert (line.row.kind, line.row.siret, line.row.shares_tickets) == (
                "delegataire",
                "22590001801244",
                True,
            )
            usable = tools_of(world.here.partner_id, line.row.id)
            assert {tool.code for tool in usable if not tool.is_open} == {"suivi-de-parcours"}

    def test_it_is_edited_and_its_code_stays(self, app: Flask, world: World, admin: FlaskClient) -> None:
        save(admin, f"{LIST}/insertion", name="Pôle insertion", kind="service", active=[])
        line = next(row for row in rows(admin.get(LIST), "Structures") if "insertion" in row["Structure"])
        assert line["Structure"] == "Pôle insertion insertion Fermée"
        with app.app_context():
            assert structure_by_code(world.here.partner_id, "insertion").row.shares_tickets

    @pytest.mark.parametrize(
        ("changes", "label", "message"),
        [
            ({"name": " "}, "Nom", "Indiquez le nom"),
            ({"kind": "planete"}, "Nature", "réponses proposées"),
            ({"siret": "12345678900011"}, "SIRET", "clé de contrôle"),
            ({"tools": ["minitel"]}, "Outils propres", "minitel"),
            ({"tools": ["ouiform"]}, "Outils propres", "ouiform"),  # not one of this partner's conventions
        ],
    )
    def test_bad_values_are_refused_on_their_field_and_kept(
        self, admin: FlaskClient, changes: dict[str, str | list[str]], label: str, message: str
    ) -> None:
        before = rows(admin.get(LIST), "Structures")
        answer = save(admin, f"{LIST}/insertion", **{"name": "Retapé", **changes})
        assert answer.status_code == 422
        assert message in errors(answer)[label]
        assert "Retapé" in answer.text or "name" in changes
        assert rows(admin.get(LIST), "Structures") == before

    def test_a_partner_without_any_is_told_what_to_do(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        with app.app_context(), transaction():
            db.session.execute(
                db.update(Structure)
                .where(Structure.partner_id == world.here.partner_id)
                .values(partner_id=world.there.partner_id, code=db.literal("x-") + Structure.code)
            )
        page = admin.get(LIST)
        assert "Aucune structure" in words(page)
        assert "Importer un fichier" in words(page)
