"""The catalogue of tools, and what another catalogue can get wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.kernel.errors import InvalidInput
from app.partners.catalogue import parse_catalogue
from app.partners.profiles import load_catalogue

SMALL = """
[[platforms]]
code = "portail"
name = "Portail"
channel = "formulaire du portail"

[[tools]]
code = "outil"
name = "Outil"
kind = "application"
platform = "portail"
section = "A"
"""


def _refusal(folder: Path, content: str) -> str:
    path = folder / "catalogue.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInput) as refusal:
        parse_catalogue(path)
    return refusal.value.message.replace("\u00a0", " ")


def test_the_shipped_catalogue_has_every_tool_on_a_platform() -> None:
    catalogue = load_catalogue()
    assert len(catalogue.tools) == 33
    assert set(catalogue.platforms) == {"mon-portail-pro", "portail-emploi", "francetravail-io"}
    assert {tool.platform for tool in catalogue.tools.values()} == set(catalogue.platforms)
    assert len(catalogue.tools["suivi-de-parcours"].modules) == 15
    assert catalogue.tools["api-statut-usager"].needs == ("api-recherche-usager",)
    assert catalogue.contacts["dpd"] == "contact-dpd@francetravail.fr"


def test_a_catalogue_needs_no_contacts(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.toml"
    path.write_text(SMALL, encoding="utf-8")
    assert parse_catalogue(path).contacts == {}
    path.write_text(SMALL + "\n[contacts]\n", encoding="utf-8")
    assert parse_catalogue(path).contacts == {}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('kind = "application"', 'kind = "jeu"'), "tools[1].kind : valeur inconnue « jeu »"),
        (('platform = "portail"', 'platform = "gare"'), "tools[1].platform : valeur inconnue « gare »"),
        (('section = "A"', ""), "tools[1].section : clé obligatoire, absente"),
        (
            ('section = "A"', 'section = "A"\nneeds = ["rien"]'),
            "tools : l’outil « outil » requiert un outil inconnu, « rien »",
        ),
        (("channel =", "canal ="), "platforms[1].channel : clé obligatoire, absente"),
        (("channel =", "canal ="), "platforms[1].canal : clé inconnue"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    assert expected in _refusal(tmp_path, SMALL.replace(*change))


def test_a_code_given_twice_is_named(tmp_path: Path) -> None:
    tool = SMALL[SMALL.index("[[tools]]") :]
    assert "tools : le code « outil » est donné deux fois" in _refusal(tmp_path, SMALL + tool)


def test_a_contact_has_a_known_role(tmp_path: Path) -> None:
    message = _refusal(tmp_path, SMALL + '\n[contacts.france_travail]\nmaire = "x@exemple.fr"\n')
    assert "contacts.france_travail.maire : clé inconnue" in message
