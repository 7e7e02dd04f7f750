"""The pages of the footer: open to everyone, true, and complete."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.config import Config
from app.tickets.steps import Step
from app.web import navigation
from app.web.pages import ROLES_IN_PLAIN_WORDS, STEPS_IN_PLAIN_WORDS
from tests.factories import World, log_in
from tests.tickets.screens import counted

PAGES = ("/mentions-legales", "/donnees-personnelles", "/accessibilite", "/plan-du-site", "/aide")
# Addresses without parameter that are no page of their own, and why.
NOT_IN_THE_SITE_MAP = {
    "accounts.code": "the second step of the login",
    "accounts.first_enrolment": "the second step of the first login",
    "accounts.forgotten_password": "offered by the login page",
    "accounts.proof": "asked before privileged acts",
    "accounts.session_state": "for the script that warns before the end of a session",
    "accounts.login": "shown to visitors only",
    "administration.index": "in the main menu",
    "administration.export_structures": "a file, offered by the list of structures",
    "administration.hours": "a form of « Heures et fermetures »",
    "administration.identity": "a form of the setting up",
    "administration.import_structures": "offered by the list of structures",
    "administration.new_closure": "offered by « Heures et fermetures »",
    "administration.new_convention": "offered by the list of conventions",
    "administration.new_platform": "offered by the catalogue",
    "administration.new_structure_page": "offered by the list of structures",
    "administration.new_tool": "offered by the catalogue",
    "administration.structure_model": "a file, offered by the import of structures",
    "administration_accounts.arrivals": "offered by the list of accounts",
    "administration_accounts.export": "a file, offered by the list of accounts",
    "administration_accounts.new_account": "offered by the list of accounts",
    "gallery": "development only",
    "health": "for supervisors",
    "mailroom.dealt": "offered by the mails to sort",
    "static": "files",
    "traces.export": "a file, offered by the technical journal",
    "tickets.choose_group": "offered by the queue, for the rows that are ticked",
    "tickets.export": "a file, offered by the queue",
}


def words(html: str) -> str:
    """What is read; every space, breaking or not, is a plain one."""
    return " ".join(BeautifulSoup(html, "html5lib").get_text(" ").split())


def listed(client: FlaskClient) -> set[str]:
    page = BeautifulSoup(client.get("/plan-du-site").text, "html5lib")
    return {str(link["href"]) for link in page.select("main a")}


@pytest.mark.parametrize("url", PAGES)
def test_visitors_and_people_signed_in_may_read_it(app: Flask, world: World, url: str) -> None:
    visitor = app.test_client().get(url)
    signed_in = log_in(app, app.test_client(), world.here.people[Role.USER]).get(url)
    assert (visitor.status_code, signed_in.status_code) == (200, 200)
    assert "Menu principal" not in visitor.text
    assert "Menu principal" in signed_in.text
    for page in (visitor.text, signed_in.text):
        assert len(BeautifulSoup(page, "html5lib").select("h1")) == 1
        current = BeautifulSoup(page, "html5lib").select_one('footer [aria-current="page"]')
        assert current is not None
        assert current["href"] == url


@pytest.mark.parametrize("url", PAGES)
def test_a_visitor_costs_no_query(app: Flask, url: str) -> None:
    """They must show while the database is away."""
    with counted(app) as statements:
        app.test_client().get(url)
    assert not statements


class TestWhoRunsIt:
    def test_what_the_operator_has_not_said_is_to_be_completed(self, client: FlaskClient) -> None:
        text = words(client.get("/mentions-legales").text)
        assert "Éditeur à compléter" in text
        assert "Hébergeur à compléter" in text
        assert "à compléter" in words(client.get("/donnees-personnelles").text)

    def test_settings_fill_the_pages(
        self, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings: Config = app.extensions["settings"]
        told = replace(
            settings,
            operator_name="Syndicat <numérique>",
            operator_contact="contact@exemple.test",
            host_name="Centre de calcul",
            dpo_contact="dpd@exemple.test",
        )
        monkeypatch.setitem(app.extensions, "settings", told)
        legal = words(client.get("/mentions-legales").text)
        assert "Éditeur Syndicat <numérique> Contact contact@exemple.test" in legal
        assert "Hébergeur Centre de calcul" in legal
        assert "dpd@exemple.test" in words(client.get("/donnees-personnelles").text)
        assert "écrivez à : contact@exemple.test" in words(client.get("/accessibilite").text)
        assert not any("à compléter" in words(client.get(url).text) for url in PAGES)

    def test_they_come_from_the_environment(self) -> None:
        given = {"OPERATOR_NAME": "a", "OPERATOR_CONTACT": "b", "HOST_NAME": "c", "DPO_CONTACT": "d"}
        config = Config.from_env({"SECRET_KEY": "k" * 40, **given})
        assert (config.operator_name, config.operator_contact) == ("a", "b")
        assert (config.host_name, config.dpo_contact) == ("c", "d")


class TestAccessibility:
    def test_it_is_declared_not_conformant_in_every_footer(self, client: FlaskClient) -> None:
        text = words(client.get("/accessibilite").text)
        assert "Accessibilité : non conforme" in text
        assert "Aucun audit n’a été réalisé" in text
        assert "Défenseur des droits" in text


class TestSiteMap:
    def test_a_user_finds_what_a_user_may_open(self, app: Flask, world: World) -> None:
        links = listed(log_in(app, app.test_client(), world.here.people[Role.USER]))
        assert {"/", "/sollicitations", "/sollicitations/nouvelle", "/echeances", "/mon-compte"} <= links
        assert "/administration" not in links
        assert "/administration/conventions" not in links

    def test_an_integrator_is_not_told_to_file(self, app: Flask, world: World) -> None:
        links = listed(log_in(app, app.test_client(), world.here.people[Role.INTEGRATOR]))
        assert "/sollicitations/nouvelle" not in links

    def test_a_visitor_finds_the_way_in(self, client: FlaskClient) -> None:
        assert listed(client) == {"/connexion", *PAGES}

    def test_every_link_of_the_map_opens(self, app: Flask, world: World) -> None:
        for role in Role:
            client = log_in(app, app.test_client(), world.here.people[role])
            for url in sorted(listed(client)):
                assert client.get(url).status_code == 200, f"{role} {url}"

    def test_every_page_without_parameter_is_in_the_map(self, app: Flask) -> None:
        entries = (
            *navigation.MENU, *navigation.FROM_OTHER_PAGES, *navigation.ADMINISTRATION, *navigation.FOOTER
        )  # fmt: skip
        known = {entry.endpoint for entry in entries} | NOT_IN_THE_SITE_MAP.keys()
        missing = {
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and not rule.arguments
        }
        missing = {name for name in missing if name not in known and name.split(".")[0] not in known}
        assert not missing, f"name these pages in app/web/navigation.py: {sorted(missing)}"


class TestHelp:
    def test_every_step_and_every_role_is_explained(self) -> None:
        assert set(STEPS_IN_PLAIN_WORDS) == set(Step)
        assert set(ROLES_IN_PLAIN_WORDS) == set(Role)

    def test_it_lists_the_keys_that_lead_somewhere(self, app: Flask, world: World) -> None:
        client = log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])
        text = words(client.get("/aide").text)
        assert "g puis e Échéances" in text
        assert "g puis m Administration" in text
        assert "g puis m" not in words(app.test_client().get("/aide").text)
