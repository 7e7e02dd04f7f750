"""The catalogue as a partner has it: what it adds, what it retires, and what others never see of it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.kernel.errors import Impossible, NotFound
from app.partners.catalogue_edits import catalogue_of, find_tool, retire
from app.partners.listing import subscribable_tools
from app.partners.loading import load_catalogue_into
from app.partners.profiles import load_catalogue
from app.partners.queries import tools_by_code, tools_of
from tests.conftest import START
from tests.factories import World, log_in
from tests.partners.pages import PAGE, rows, save, soup, words
from tests.tickets.screens import errors, flashes

CATALOGUE = "/administration/catalogue"
NEW_TOOL = f"{CATALOGUE}/outils/nouveau"
NEW_PLATFORM = f"{CATALOGUE}/plateformes/nouvelle"
OWN = "pas-de-calais-suivi-local"


def press(client: FlaskClient, action: str, *, back: bool = False) -> str:
    """Press the button of that form; what the page then says."""
    form = soup(client.get(CATALOGUE)).select_one(f'form[action="{action}"]')
    assert form is not None, action
    sent = {str(field["name"]): str(field["value"]) for field in form.select("input")}
    assert client.post(action, data={**sent, **({"back": "1"} if back else {})}).status_code == 303
    return flashes(client)


def proposed(app: Flask, partner_id: int) -> set[str]:
    with app.app_context():
        return {tool.code for tool in tools_of(partner_id)}


class TestOwn:
    def test_a_platform_and_its_tool_come_into_a_convention(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        answer = save(
            admin, NEW_PLATFORM, name="Extranet", channel="Formulaire", channel_url="https://x.test/"
        )
        assert (answer.status_code, answer.location) == (303, CATALOGUE)
        save(admin, NEW_TOOL, name="Suivi local", kind="module", platform="pas-de-calais-extranet")
        (line,) = rows(admin.get(CATALOGUE), "Outils de Extranet")
        assert (line["Outil"], line["Nature"], line["Conventions"]) == (
            "Suivi local Ajouté par vous",
            "module",
            "aucune",
        )
        assert OWN not in proposed(app, world.here.partner_id)
        save(admin, f"{PAGE}/modification", tools=["suivi-de-parcours", OWN])
        assert OWN in proposed(app, world.here.partner_id)
        assert "pas-de-calais-2024" in rows(admin.get(CATALOGUE), "Outils de Extranet")[0]["Conventions"]

    def test_they_are_edited_and_keep_their_code(self, admin: FlaskClient) -> None:
        save(admin, NEW_PLATFORM, name="Extranet", channel="Formulaire")
        save(admin, NEW_TOOL, name="Suivi local", platform="pas-de-calais-extranet")
        save(admin, f"{CATALOGUE}/outils/{OWN}", name="Suivi départemental", platform="mon-portail-pro")
        save(
            admin, f"{CATALOGUE}/plateformes/pas-de-calais-extranet", name="Portail local", login="ProConnect"
        )
        shown = words(admin.get(CATALOGUE))
        assert "Portail local" in shown
        assert "connexion par ProConnect" in shown
        assert "Suivi départemental" in [
            line["Outil"].removesuffix(" Ajouté par vous")
            for line in rows(admin.get(CATALOGUE), "Outils de Mon Portail Pro")
        ]
        assert admin.get(f"{CATALOGUE}/outils/{OWN}").status_code == 200

    def test_another_partner_never_sees_them(self, app: Flask, world: World, admin: FlaskClient) -> None:
        save(admin, NEW_TOOL, name="Suivi local", platform="mon-portail-pro")
        there = log_in(app, app.test_client(), world.there.people[Role.ADMINISTRATOR])
        assert "Suivi local" not in words(there.get(CATALOGUE))
        assert there.get(f"{CATALOGUE}/outils/{OWN}").status_code == 404
        save(there, NEW_TOOL, name="Suivi local", platform="mon-portail-pro")
        assert there.get(f"{CATALOGUE}/outils/nord-suivi-local").status_code == 200
        with app.app_context():
            assert OWN not in {tool.code for tool in subscribable_tools(world.there.partner_id)}
            assert tools_by_code([OWN], world.here.partner_id)[0].name == "Suivi local"
            for partner_id in (world.there.partner_id, None):
                with pytest.raises(NotFound):
                    tools_by_code([OWN], partner_id)
            with pytest.raises(NotFound):
                find_tool(world.there.partner_id, OWN)

    def test_the_catalogue_of_the_project_leaves_them_alone(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        save(admin, NEW_TOOL, name="Suivi local", platform="mon-portail-pro")
        with app.app_context():
            load_catalogue_into(load_catalogue())
            assert find_tool(world.here.partner_id, OWN).name == "Suivi local"

    @pytest.mark.parametrize(
        ("url", "changes", "label", "message"),
        [
            (NEW_TOOL, {"name": ""}, "Nom de l’outil", "obligatoire"),
            (NEW_TOOL, {"kind": "marteau"}, "Nature", "réponses proposées"),
            (NEW_TOOL, {"platform": "minitel"}, "Plateforme", "réponses proposées"),
            (NEW_PLATFORM, {"name": ""}, "Nom de la plateforme", "obligatoire"),
            (NEW_PLATFORM, {"channel": ""}, "Formulaire de déclaration", "obligatoire"),
            (NEW_PLATFORM, {"channel_url": "javascript:alert(1)"}, "Adresse du formulaire", "https://"),
        ],
    )
    def test_bad_values(
        self, admin: FlaskClient, url: str, changes: dict[str, str], label: str, message: str
    ) -> None:
        answer = save(admin, url, **{"name": "Bon", "channel": "Formulaire", **changes})
        assert answer.status_code == 422
        assert message in errors(answer)[label]

    def test_what_comes_with_the_application_is_not_to_be_edited(self, admin: FlaskClient) -> None:
        assert admin.get(f"{CATALOGUE}/outils/ouiform").status_code == 404
        assert admin.get(f"{CATALOGUE}/plateformes/mon-portail-pro").status_code == 404


class TestRetired:
    def test_a_tool_is_proposed_no_more_then_again(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        url = f"{CATALOGUE}/outils/suivi-de-parcours/retrait"
        assert "n’est plus proposé" in press(admin, url)
        assert "suivi-de-parcours" not in proposed(app, world.here.partner_id)
        assert "suivi-de-parcours" not in admin.get("/sollicitations/nouvelle").text
        line = next(
            row for row in rows(admin.get(CATALOGUE), "Outils de Mon Portail Pro") if "Suivi" in row["Outil"]
        )
        assert line["Outil"] == "Suivi de parcours Retiré"
        assert "suivi-de-parcours" in proposed(app, world.there.partner_id)
        with app.app_context():
            assert tools_by_code(["suivi-de-parcours"], world.here.partner_id)  # what names it keeps it
        press(admin, url)
        assert "suivi-de-parcours" in proposed(app, world.here.partner_id)

    def test_a_platform_takes_its_tools_with_it_but_for_access(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        press(admin, f"{CATALOGUE}/plateformes/mon-portail-pro/retrait")
        left = proposed(app, world.here.partner_id)
        assert "suivi-de-parcours" not in left
        assert "connexion" in left

    def test_the_button_says_which_of_the_two_is_meant(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        """Two administrators that retire the same tool do not put it back."""
        url = f"{CATALOGUE}/outils/suivi-de-parcours/retrait"
        page = soup(admin.get(CATALOGUE)).select_one(f'form[action="{url}"]')
        assert page is not None
        old = {str(field["name"]): str(field["value"]) for field in page.select("input")}
        press(admin, url)
        admin.post(url, data=old)
        assert "suivi-de-parcours" not in proposed(app, world.here.partner_id)

    def test_access_is_never_retired(self, app: Flask, world: World, admin: FlaskClient) -> None:
        assert soup(admin.get(CATALOGUE)).select_one('form[action$="/outils/connexion/retrait"]') is None
        with app.app_context(), pytest.raises(Impossible):
            retire(world.here.partner_id, "tool", "connexion", now=START)

    def test_a_convention_keeps_what_it_lists(self, app: Flask, world: World, admin: FlaskClient) -> None:
        press(admin, f"{CATALOGUE}/outils/suivi-de-parcours/retrait")
        assert "6 outils" in words(admin.get(PAGE))
        assert save(admin, f"{PAGE}/modification").status_code == 303
        assert "6 outils" in words(admin.get(PAGE))


def test_the_whole_catalogue_costs_three_queries(app: Flask, world: World) -> None:
    with app.app_context():
        platforms = catalogue_of(world.here.partner_id)
    assert [platform.name for platform in platforms] == [
        "francetravail.io",
        "Mon Portail Pro",
        "Portail Emploi",
    ]
