"""A convention from a shipped profile or from nothing; channels added and removed; the administrator's hostile forms."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.partners.listing import channels_of, convention_by_code
from app.partners.loading import load_profile_into
from app.partners.profiles import load_catalogue, load_shipped_profiles
from app.partners.queries import channel_for, find_convention
from tests.factories import World, log_in
from tests.house.test_hostile import TURNS, send_all
from tests.partners.pages import PAGE, rows, save, soup, words
from tests.partners.settings import settings_to_walk
from tests.tickets.screens import errors, flashes

LIST = "/administration/conventions"
NEW = "/administration/nouvelle-convention"
CHANNEL = f"{PAGE}/canaux/nouveau"


class TestNew:
    def test_from_a_profile(self, app: Flask, world: World, admin: FlaskClient) -> None:
        answer = save(
            admin, NEW, model="alsace-2025", code="neuve-2026", starts_on="01/01/2026", counterpart="FT d’ici"
        )
        assert (answer.status_code, answer.location) == (303, f"{LIST}/neuve-2026")
        with app.app_context():
            row = convention_by_code(world.here.partner_id, "neuve-2026")
            convention = find_convention(world.here.partner_id, row.id)
            assert (convention.counterpart, convention.zone, len(row.tools)) == ("FT d’ici", "metropole", 11)
            assert f"{row.ends_on}" == "2028-12-31"
        shown = admin.get(f"{LIST}/neuve-2026")
        assert len(rows(shown, "Canaux de déclaration")) == 3
        assert "Convention neuve-2026, ajout" in words(shown)

    def test_from_nothing(self, admin: FlaskClient) -> None:
        save(admin, NEW, model="vide", code="vide-2026", counterpart="France Travail", starts_on="2026-01-01")
        line = next(row for row in rows(admin.get(LIST), "Conventions") if "vide-2026" in row["Convention"])
        assert line["Délais de service"].startswith("Aucun chiffre")
        page = f"{LIST}/vide-2026"
        assert "Aucun canal n’est connu." in words(admin.get(page))
        save(admin, f"{page}/modification", tools=["ouiform"], service_levels_from="pas-de-calais-2024")
        assert "Objectif de référence" in words(admin.get(page))

    @pytest.mark.parametrize(
        ("changes", "label", "message"),
        [
            ({"code": ""}, "Code de la convention", "Donnez un code"),
            ({"code": "Pas Bon"}, "Code de la convention", "minuscules"),
            ({"code": "pas-de-calais-2024"}, "Code de la convention", "déjà celui"),
            ({"model": "inconnu"}, "Modèle", "réponses proposées"),
            ({"model": "vide"}, "Cocontractant", "indiquez-le"),
            ({"starts_on": "2026-02-01", "ends_on": "2026-01-01"}, "Dernier jour", "précède"),
            ({"ends_on": "2020-01-01"}, "Premier jour", "après sa fin"),
        ],
    )
    def test_bad_values(self, admin: FlaskClient, changes: dict[str, str], label: str, message: str) -> None:
        answer = save(admin, NEW, **{"model": "nord-2025", "code": "neuve", **changes})
        assert answer.status_code == 422
        assert message in errors(answer)[label]
        assert "neuve" not in words(admin.get(LIST))


class TestChannels:
    def test_a_tool_s_own_comes_before_its_platform_s(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        answer = save(
            admin,
            CHANNEL,
            serves="tool:suivi-de-parcours",
            name="Boîte du suivi",
            kind="email",
            address="suivi@exemple.test",
        )
        assert answer.status_code == 303
        assert "Suivi de parcours" in [
            line["Pour"] for line in rows(admin.get(PAGE), "Canaux de déclaration")
        ]
        with app.app_context():
            chosen = channel_for(world.here.partner_id, world.here.convention_id, "suivi-de-parcours")
            assert chosen is not None
            assert chosen.address == "suivi@exemple.test"

    def test_for_everything_else(self, admin: FlaskClient) -> None:
        save(admin, CHANNEL, serves="", name="Standard", kind="other")
        assert "Tout le reste" in [line["Pour"] for line in rows(admin.get(PAGE), "Canaux de déclaration")]
        again = save(admin, CHANNEL, serves="", name="Un autre", kind="other")
        assert "a déjà un canal pour cela" in errors(again)["Pour"]

    @pytest.mark.parametrize(
        ("changes", "label", "message"),
        [
            ({"serves": "tool:minitel"}, "Pour", "réponses proposées"),
            ({"serves": "tool:ouiform"}, "Pour", "réponses proposées"),  # not in this convention
            ({"name": ""}, "Nom du canal", "obligatoire"),
            ({"address": "x"}, "Adresse électronique", "incorrecte"),
        ],
    )
    def test_bad_values(self, admin: FlaskClient, changes: dict[str, str], label: str, message: str) -> None:
        answer = save(admin, CHANNEL, **{"name": "Boîte", **changes})
        assert answer.status_code == 422
        assert message in errors(answer)[label]

    def test_one_is_removed_and_the_others_keep_their_number(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        form = soup(admin.get(PAGE)).select_one('form[action$="/canaux/1/retrait"]')
        assert form is not None
        sent = {str(field["name"]): str(field["value"]) for field in form.select("input")}
        assert admin.post(f"{PAGE}/canaux/1/retrait", data=sent).status_code == 303
        assert "Retrait du canal" in flashes(admin)
        assert admin.get(f"{PAGE}/canaux/1").status_code == 404
        with app.app_context():
            (left,) = channels_of(world.here.partner_id, world.here.convention_id)
            assert left.number == 2
            assert channel_for(world.here.partner_id, world.here.convention_id, "suivi-de-parcours") is None
            with transaction():
                loaded = load_profile_into(load_shipped_profiles()["pas-de-calais-2024"], load_catalogue())
            assert [label for label in loaded.kept if "retiré" in label]
            assert len(channels_of(world.here.partner_id, world.here.convention_id)) == 1


@pytest.mark.parametrize("turn", TURNS)
def test_hostile_forms(app: Flask, world: World, clock: FrozenClock, turn: int) -> None:
    with app.app_context():
        things = settings_to_walk(world.here, now=clock.now())
    client = log_in(app, app.test_client(), world.here.people[Role.ADMINISTRATOR])
    administration = "/administration"
    for page in (
        "/partenaire/identite",
        "/partenaire/heures",
        "/fermetures/nouvelle",
        "/fermetures/1",
        "/heures",
        "/securite",
        "/nouvelle-structure",
        "/structures/accueil",
        "/import-structures",
        f"/import-structures/{things['import']}",
        "/catalogue/plateformes/nouvelle",
        "/catalogue/outils/nouveau",
        f"/catalogue/outils/{things['tool']}",
        f"/catalogue/plateformes/{things['platform']}",
        "/nouvelle-convention",
        "/conventions/pas-de-calais-2024/canaux/nouveau",
        "/conventions/pas-de-calais-2024/contacts/nouveau?pour=nous",
        "/conventions/pas-de-calais-2024/courriels/1",
    ):
        send_all(client, administration + page, turn)


@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", "99999999999999999999", "a\x00b", "é" * 2_000]
)
def test_hostile_addresses(admin: FlaskClient, value: str) -> None:
    for path, query in (
        ("structures", "q"),
        ("structures", "page"),
        ("structures", "tri"),
        ("modifications", "page"),
        ("modifications", "convention"),
        ("partenaire/identite", "suite"),
    ):
        answer = admin.get(f"/administration/{path}", query_string={query: value})
        assert answer.status_code < 500, path
        assert "<script>alert" not in answer.text
