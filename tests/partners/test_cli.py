"""`flask partner …`: what the person types, and what they read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.accounts.policy import Role
from app.accounts.queries import people_of
from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.infra.tx import transaction
from app.partners.profiles import SHIPPED
from app.partners.queries import conventions_of, partner_by_code, partners
from app.partners.service import edit_convention
from app.partners.structures import structure_lines
from tests.house.source import ROOT

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    runner = app.test_cli_runner()
    return lambda *arguments: runner.invoke(args=["partner", *map(str, arguments)])


def _text(result: Result) -> str:
    return result.output.replace("\u00a0", " ")


def test_conventions_are_loaded_by_their_codes(run: Run) -> None:
    result = run("load", "nord-2025", "jalle-eau-bourde-2026")
    assert result.exit_code == 0
    assert _text(result).splitlines() == [
        "nord-2025 (partenaire nord) : 11 création(s), 0 mise(s) à jour, 0 modification(s) conservée(s).",
        "jalle-eau-bourde-2026 (partenaire jalle-eau-bourde) : 8 création(s), 0 mise(s) à jour, "
        "0 modification(s) conservée(s).",
    ]
    assert _text(run("load", "nord-2025")) == "nord-2025 (partenaire nord) : déjà à jour.\n"


def test_a_convention_is_a_model_for_another_partner(run: Run) -> None:
    run("load", "nord-2025")
    result = run(
        "load",
        "jalle-eau-bourde-2026",
        "--partner",
        "nord",
        "--as",
        "nord-employeurs-2026",
        "--starts-on",
        "2026-01-01",
        "--ends-on",
        "2026-12-31",
    )
    assert result.exit_code == 0
    assert "  nord-employeurs-2026, du 01/01/2026 au 31/12/2026" in _text(run("list"))


def test_the_list_shows_partners_and_what_the_project_has(run: Run) -> None:
    run("load", "ouiform-nord-2023", "nord-2025")
    assert _text(run("list")).splitlines() == [
        "nord : Département du Nord",
        "  nord-2025, du 01/01/2025 au 31/12/2027",
        "  ouiform-nord-2023, jusqu’au 31/12/2024",
        "Conventions fournies : alsace-2025, jalle-eau-bourde-2026, nord-2025, ouiform-nord-2023, pas-de-calais-2024",
    ]


def test_a_profile_of_ones_own_is_loaded_from_its_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "essai.toml"
    lines = ('code = "essai"', 'partner = "Commune d’essai"', 'partner_code = "essai"', 'zone = "metropole"')
    path.write_text("\n".join((*lines, 'counterpart = "France Travail"\n')), encoding="utf-8")
    assert run("load", path).exit_code == 0
    assert "  essai, sans dates" in _text(run("list"))
    path.write_text(path.read_text(encoding="utf-8") + "starts_on = 2026-01-01\n", encoding="utf-8")
    assert "  mis à jour : convention « essai »" in _text(run("load", path))
    assert "  essai, à partir du 01/01/2026" in _text(run("list"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "indiquez au moins une convention"),
        (["nord-1999"], "Convention inconnue : « nord-1999 ». Conventions fournies : alsace-2025, "),
        (["absent.toml"], "Le fichier « absent.toml » n’existe pas."),
        (["nord-2025", "--starts-on", "demain"], "--starts-on : « demain » n’est pas une date (AAAA-MM-JJ)."),
        (["nord-2025", "--ends-on", "2026-02-30"], "--ends-on : « 2026-02-30 » n’est pas une date"),
        (["nord-2025", "--as", "Nord Est"], "Code « Nord Est » incorrect"),
        (["nord-2025", "alsace-2025", "--as", "x"], "indiquez une seule convention"),
        (["nord-2025", "--partner", "ailleurs"], "Partenaire inconnu : « ailleurs »"),
        (["nord-2025", "--partner"], "l’option --partner est mal employée"),
        (["nord-2025", "--quoi"], "l’option --quoi n’existe pas"),
    ],
)
def test_a_mistake_is_answered_in_french_with_code_2_and_loads_nothing(
    run: Run, arguments: list[str], message: str
) -> None:
    result = run("load", *arguments)
    assert result.exit_code == 2
    assert _text(result).startswith("Erreur : ")
    assert message in _text(result)
    assert "nord" not in _text(run("list")).splitlines()[0].split(" :")[0]


def test_what_was_edited_is_named(app: Flask, run: Run) -> None:
    run("load", "nord-2025")
    with app.app_context(), transaction():
        partner_id = partner_by_code("nord").id
        edit_convention(
            partner_id,
            conventions_of(partner_id)[0].id,
            now=datetime(2026, 3, 10, tzinfo=UTC),
            counterpart="X",
        )
    assert "  conservé tel que modifié : convention « nord-2025 »" in _text(run("load", "nord-2025"))
    assert "  mis à jour : convention « nord-2025 »" in _text(run("load", "nord-2025", "--overwrite"))


@pytest.mark.parametrize("arguments", [["load", "nord-2025"], ["list"]])
def test_a_database_that_is_not_ready_is_said_to_be_so(tmp_path: Path, arguments: list[str]) -> None:
    config = Config(
        secret_key="for the tests only, forty characters or so",
        database_url=f"sqlite:///{tmp_path / 'empty.db'}",
        secure_cookies=False,
        testing=True,
    )
    app = create_app(config)
    result = app.test_cli_runner().invoke(args=["partner", *arguments])
    with app.app_context():
        db.engine.dispose()
    assert result.exit_code == 2
    assert "la base de données n’est pas prête" in _text(result)


def test_the_shipped_files_pass_their_own_check(run: Run) -> None:
    files = sorted(path for path in SHIPPED.glob("*.toml") if path.stem != "law")
    result = run("check", *files)
    assert result.exit_code == 0
    assert _text(result).splitlines() == [f"{path.name} : correct." for path in files]


def test_a_check_goes_on_after_a_faulty_file(run: Run, tmp_path: Path) -> None:
    faulty = tmp_path / "fautif.toml"
    faulty.write_text('code = "fautif"\n', encoding="utf-8")
    result = run("check", faulty, tmp_path / "absent.toml", SHIPPED / "nord-2025.toml")
    assert result.exit_code == 2
    assert "Le fichier « fautif.toml » comporte 3 erreurs :" in _text(result)
    assert "absent.toml » n’existe pas." in _text(result)
    assert "nord-2025.toml : correct." in _text(result)
    assert run("check").exit_code == 2


class TestCreate:
    EXAMPLE = ROOT / "docs" / "partner.example.toml"

    def test_a_whole_partner(self, run: Run, context: Flask) -> None:
        result = run("create", self.EXAMPLE)
        assert result.exit_code == 0, result.output
        assert _text(result).splitlines() == [
            "Partenaire exemple : Communauté d’agglomération Exemple",
            "  convention exemple-2026, du 01/01/2026 au 31/12/2028",
            "  structure association-exemple : Association Exemple",
            "  structure maison-de-l-insertion : Maison de l’insertion",
            "  fermeture : Fermeture de fin d’année",
            "  administrateur : administrateur@exemple.fr",
            "Mot de passe : flask --app wsgi accounts password administrateur@exemple.fr",
        ]
        partner = partner_by_code("exemple")
        assert partner.service_hours == "lun-ven 09:00-12:00,13:30-17:30"
        lines = {line.row.code: line for line in structure_lines(partner.id)}
        assert lines["maison-de-l-insertion"].row.shares_tickets
        assert lines["association-exemple"].tools == ("ouiform", "suivi-de-parcours")
        (person,) = people_of(partner.id)
        assert (person.email, person.roles) == ("administrateur@exemple.fr", (Role.ADMINISTRATOR,))
        again = run("create", self.EXAMPLE)
        assert again.exit_code == 2
        assert "Le partenaire « exemple » existe déjà." in _text(again)

    def test_a_rehearsal_writes_nothing(self, run: Run, context: Flask) -> None:
        result = run("create", self.EXAMPLE, "--dry-run")
        assert result.exit_code == 0
        assert "Vérification seule, rien n’est enregistré." in _text(result)
        assert "administrateur : administrateur@exemple.fr" in _text(result)
        assert "Mot de passe" not in _text(result)
        assert partners() == []
        assert run("create", self.EXAMPLE).exit_code == 0

    def test_faults_are_told_with_file_key_and_reason(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "partner.toml"
        path.write_text('code = "Pas bon"\n[[structures]]\nkind = "planete"\n')
        result = run("create", path)
        assert result.exit_code == 2
        told = _text(result)
        for fault in (
            "partner.toml",
            "code : Code « Pas bon »",
            "structures[1].name",
            "structures[1].kind",
            "administrator",
        ):
            assert fault in told
        missing = run("create", tmp_path / "absent.toml")
        assert missing.exit_code == 2
        assert "n’existe pas" in _text(missing)
