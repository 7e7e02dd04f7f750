"""A partner as a file says it: what is read, and each fault with its key and its reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.kernel.errors import InvalidInput
from app.partners.partner_file import PartnerSpec, load_partner_file
from tests.house.source import ROOT

EXAMPLE = ROOT / "docs" / "partner.example.toml"
TOOLS = {"ouiform": None, "suivi-de-parcours": None}
MINIMAL = """
code = "exemple"
name = "Exemple"
administrator = { name = "Administrateur", email = "admin@exemple.test" }
"""


def read(tmp_path: Path, text: str) -> PartnerSpec:
    path = tmp_path / "partner.toml"
    path.write_text(text)
    return load_partner_file(path, profiles=["nord-2025"], tools=TOOLS)


def test_the_example_is_correct() -> None:
    spec = load_partner_file(EXAMPLE, profiles=["nord-2025"], tools=TOOLS)
    assert spec.code == "exemple"
    assert [one.code for one in spec.structures] == ["maison-de-l-insertion", "association-exemple"]
    assert spec.conventions[0].starts_on == date(2026, 1, 1)
    assert spec.closures[0].last_day == date(2026, 12, 31)


def test_little_is_enough(tmp_path: Path) -> None:
    spec = read(tmp_path, MINIMAL)
    assert (spec.zone, spec.good_friday, spec.conventions, spec.structures) == ("metropole", True, (), ())
    assert spec.administrator_email == "admin@exemple.test"
    assert read(tmp_path, 'time_zone = "Indian/Reunion"' + MINIMAL).time_zone == "Indian/Reunion"


def test_one_day_of_closure_and_a_convention_named_after_its_profile(tmp_path: Path) -> None:
    text = (
        MINIMAL
        + '[[closures]]\nfirst_day = 2026-05-15\nlabel = "Pont"\n[[conventions]]\nprofile = "nord-2025"\n'
    )
    spec = read(tmp_path, text)
    assert spec.closures[0].last_day == date(2026, 5, 15)
    assert spec.conventions[0].code == "nord-2025"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('name = "Exemple"', "code : clé obligatoire"),
        (MINIMAL.replace("administrator =", "autre ="), "administrator : clé obligatoire"),
        (MINIMAL.replace("admin@", "admin"), "administrator.email : Adresse électronique"),
        (MINIMAL.replace('"exemple"', '"Pas bon"'), "code : Code « Pas bon »"),
        (MINIMAL.replace('"Exemple"', f'"{"x" * 201}"'), "name : 200 caractères"),
        (MINIMAL + 'siret = "12345678900011"', "siret : Ce SIRET est incorrect"),
        (MINIMAL + 'zone = "lune"', "zone : valeur inconnue"),
        (MINIMAL + 'time_zone = "Europe/Atlantis"', "time_zone : Fuseau horaire inconnu"),
        (MINIMAL + 'service_hours = "toujours"', "service_hours : Heures de service"),
        (MINIMAL + 'couleur = "bleu"', "couleur : clé inconnue"),
        (MINIMAL + '[[conventions]]\nprofile = "inconnue"', "conventions[1].profile : valeur inconnue"),
        (MINIMAL + '[[conventions]]\nprofile = "vide"', "conventions[1].counterpart : clé obligatoire"),
        (
            MINIMAL + '[[conventions]]\nprofile = "nord-2025"\nstarts_on = 2026-02-01\nends_on = 2026-01-01',
            "conventions[1].ends_on",
        ),
        (MINIMAL + '[[conventions]]\nprofile = "nord-2025"\n' * 2, "« nord-2025 » est donné deux fois"),
        (MINIMAL + '[[structures]]\nname = "A"\nkind = "planete"', "structures[1].kind : valeur inconnue"),
        (MINIMAL + '[[structures]]\nname = "A"\ntools = ["minitel"]', "structures[1].tools : outil inconnu"),
        (MINIMAL + '[[structures]]\nname = "A"\ncode = "a"\n' * 2, "« a » est donné deux fois"),
        (MINIMAL + '[[closures]]\nlabel = "Pont"', "closures[1].first_day : clé obligatoire"),
    ],
)
def test_each_fault_has_its_key_and_its_reason(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read(tmp_path, text)
    told = refusal.value.message.replace("\u00a0", " ")
    assert "partner.toml" in told
    assert fault in told
