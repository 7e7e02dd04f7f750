"""The import of structures: a preview first, nothing before it is confirmed, and the errors to take away."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.extensions import db
from app.journal.technical import Trace, TraceRow
from app.kernel.clock import FrozenClock
from app.partners.jobs import forget_waiting_imports
from app.partners.models import ConfigurationChange, StructureImport
from app.partners.structure_import import known_structures
from tests.factories import World, log_in
from tests.partners.pages import filled, rows, save, soup, words
from tests.tickets.screens import errors, flashes

IMPORT = "/administration/import-structures"
LIST = "/administration/structures"
FAULTY = "Nom;Nature;Outils\r\nMaison de l’insertion;délégataire;Suivi de parcours\r\nInsertion;prestataire;\r\nAccueil;;\r\n=Pirate;planète;\r\n"


def upload(client: FlaskClient, content: str | bytes, name: str = "structures.csv") -> TestResponse:
    data = content.encode() if isinstance(content, str) else content
    return client.post(
        IMPORT,
        data={**filled(client, IMPORT), "file": (io.BytesIO(data), name)},
        content_type="multipart/form-data",
    )


def preview(client: FlaskClient, content: str | bytes) -> str:
    answer = upload(client, content)
    assert answer.status_code == 303, errors(answer)
    return str(answer.location)


def confirm(client: FlaskClient, address: str) -> TestResponse:
    return save(client, address)


def tiles(answer: TestResponse) -> dict[str, str]:
    return {
        tile.dt.get_text(strip=True): tile.dd.get_text(strip=True)  # type: ignore[union-attr]
        for tile in soup(answer).select(".tile")
    }


def codes(app: Flask, partner_id: int) -> list[str]:
    with app.app_context():
        return sorted(one.code for one in known_structures(partner_id))


def lines_of(answer: TestResponse) -> list[list[str]]:
    assert answer.text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(answer.text[1:]), delimiter=";"))


class TestPreview:
    def test_it_tells_line_by_line_and_writes_nothing(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        before = codes(app, world.here.partner_id)
        page = admin.get(preview(admin, FAULTY))
        assert tiles(page) == {"À créer": "1", "À modifier": "1", "Inchangées": "1", "Lignes en erreur": "1"}
        assert (
            rows(page, "Structures à créer")[0]["Structure"] == "Maison de l’insertion maison-de-l-insertion"
        )
        assert rows(page, "Structures à modifier")[0]["Ce qui change"] == "Nature : service prestataire"
        (fault,) = rows(page, "Lignes en erreur")
        assert (fault["Ligne"], fault["Contenu"]) == ("5", "=Pirate ; planète")
        assert "Nature « planète » inconnue" in fault["Erreur"]
        assert codes(app, world.here.partner_id) == before

    def test_the_file_waits_on_the_server_not_in_the_cookie(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        many = "Nom\r\n" + "".join(f"Structure numéro {number}\r\n" for number in range(150))
        preview(admin, many)
        with admin.session_transaction() as session:
            assert len(str(dict(session))) < 500
        with app.app_context():
            assert db.session.scalars(select(StructureImport.content)).one() == many.encode()

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "il est vide"),
            (b"PK\x03\x04", "classeur"),
            (b"Nature\nservice\n", "pas de colonne"),
        ],
    )
    def test_what_cannot_be_read_is_refused_on_its_field(
        self, app: Flask, admin: FlaskClient, content: bytes, message: str
    ) -> None:
        answer = upload(admin, content)
        assert answer.status_code == 422
        assert message in errors(answer)["Fichier des structures"]

    def test_no_file_at_all(self, admin: FlaskClient) -> None:
        answer = admin.post(IMPORT, data=filled(admin, IMPORT), content_type="multipart/form-data")
        assert "Choisissez un fichier." in errors(answer)["Fichier des structures"]

    def test_a_second_file_takes_the_place_of_the_first(self, app: Flask, admin: FlaskClient) -> None:
        first = preview(admin, "Nom\nA")
        preview(admin, "Nom\nB")
        assert admin.get(first).status_code == 404
        with app.app_context():
            assert len(db.session.scalars(select(StructureImport.id)).all()) == 1

    def test_it_is_one_person_s(self, app: Flask, world: World, admin: FlaskClient) -> None:
        address = preview(admin, FAULTY)
        other = log_in(app, app.test_client(), world.there.people[Role.ADMINISTRATOR])
        for path in (address, f"{address}/erreurs.csv"):
            assert other.get(path).status_code == 404


class TestConfirmation:
    def test_150_structures_at_once_and_twice_changes_nothing(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        many = "Nom;Partage\r\n" + "".join(f"Structure numéro {n};oui\r\n" for n in range(1, 151))
        answer = confirm(admin, preview(admin, many.encode("cp1252")))
        assert (answer.status_code, answer.location) == (303, LIST)
        assert "150 structures créées" in flashes(admin)
        assert len(codes(app, world.here.partner_id)) == 153
        assert len(codes(app, world.there.partner_id)) == 3
        page = admin.get(preview(admin, many))
        assert tiles(page) == {
            "À créer": "0",
            "À modifier": "0",
            "Inchangées": "150",
            "Lignes en erreur": "0",
        }
        assert "Il n’y a rien à importer" in words(page)

    def test_faulty_lines_are_left_and_stay_to_be_taken_away(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        address = preview(admin, FAULTY)
        answer = confirm(admin, address)
        assert answer.location == address
        assert codes(app, world.here.partner_id) == [
            "accueil",
            "delegataire",
            "insertion",
            "maison-de-l-insertion",
        ]
        page = admin.get(address)
        assert "1 ligne en erreur, non importée" in words(page)
        taken = admin.get(f"{address}/erreurs.csv")
        heads, line = lines_of(taken)
        assert heads == ["Nom", "Nature", "Outils", "Ligne", "Erreur"]
        assert line[:4] == ["'=Pirate", "planète", "", "5"]  # harmless to a spreadsheet
        corrected = taken.text.replace("planète", "service")
        assert tiles(admin.get(preview(admin, corrected)))["À créer"] == "1"

    def test_what_changed_since_the_preview_is_shown_again(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        address = preview(admin, FAULTY)
        form = filled(admin, address)
        save(admin, f"{LIST}/insertion", name="Insertion", kind="delegataire")
        answer = admin.post(address, data=form)
        assert answer.status_code == 409
        assert "ont changé depuis l’aperçu" in words(answer)
        assert "délégataire prestataire" in rows(answer, "Structures à modifier")[0]["Ce qui change"]
        assert "maison-de-l-insertion" not in codes(app, world.here.partner_id)
        assert confirm(admin, address).status_code == 303

    def test_a_double_click_imports_once(self, app: Flask, admin: FlaskClient) -> None:
        address = preview(admin, FAULTY)
        form = filled(admin, address)
        assert admin.post(address, data=form).status_code == 303
        assert admin.post(address, data=form).status_code == 303
        with app.app_context():
            titles = db.session.scalars(select(ConfigurationChange.title)).all()
        assert sorted(titles) == [
            "Structure «\u00a0Insertion\u00a0»",
            "Structure «\u00a0Maison de l’insertion\u00a0», ajout",
        ]

    def test_giving_up(self, app: Flask, world: World, admin: FlaskClient) -> None:
        address = preview(admin, FAULTY)
        answer = save(admin, address, give_up="1")
        assert answer.location == LIST
        assert admin.get(address).status_code == 404
        assert "maison-de-l-insertion" not in codes(app, world.here.partner_id)

    def test_a_file_that_nobody_confirms_is_forgotten_after_a_day(
        self, app: Flask, clock: FrozenClock, admin: FlaskClient
    ) -> None:
        preview(admin, FAULTY)
        with app.app_context():
            forget_waiting_imports(clock.now() + timedelta(hours=23))
            assert db.session.scalars(select(StructureImport.id)).all()
            forget_waiting_imports(clock.now() + timedelta(hours=24))
            assert not db.session.scalars(select(StructureImport.id)).all()


class TestExport:
    def test_it_is_read_back_without_any_change(self, app: Flask, admin: FlaskClient) -> None:
        confirm(
            admin,
            preview(admin, "Nom;Nature;Outils;SIRET\r\n+Alpha;prestataire;Suivi de parcours;22590001801244"),
        )
        answer = admin.get(f"{LIST}.csv")
        assert "attachment" in answer.headers["Content-Disposition"]
        exported = lines_of(answer)
        assert exported[0][:4] == ["Code", "Nom", "Nature", "SIRET"]
        assert [
            "alpha",
            "'+Alpha",
            "prestataire",
            "22590001801244",
            "non",
            "oui",
            "suivi-de-parcours",
        ] in exported
        page = admin.get(preview(admin, answer.text))
        assert tiles(page) == {"À créer": "0", "À modifier": "0", "Inchangées": "4", "Lignes en erreur": "0"}

    def test_it_is_traced_and_nothing_typed_enters_the_trace(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        confirm(admin, preview(admin, FAULTY))
        admin.get(f"{LIST}.csv")
        with app.app_context():
            traces = {
                row.trace: row
                for row in db.session.scalars(
                    select(TraceRow).where(
                        TraceRow.trace.in_([Trace.EXPORTED, Trace.SETTINGS_CHANGED]),
                        TraceRow.partner_id == world.here.partner_id,
                    )
                )
            }
            assert traces[Trace.EXPORTED].what == "structures.csv"
            assert traces[Trace.EXPORTED].details == {"lines": 4}
            assert traces[Trace.EXPORTED].address == "127.0.0.1"
            changed = traces[Trace.SETTINGS_CHANGED]
            assert changed.what == "structure (2)"
            assert changed.account_id == world.here.people[Role.ADMINISTRATOR].account_id
            assert "Maison de l’insertion" not in str(changed.details)
            assert ["", "délégataire"] in [
                pair for fields in changed.details["fields"].values() for pair in fields.values()
            ]

    def test_the_model_is_itself_a_file_that_can_be_imported(self, admin: FlaskClient) -> None:
        model = admin.get("/administration/structures-modele.csv")
        page = admin.get(preview(admin, model.text))
        assert tiles(page) == {"À créer": "3", "À modifier": "0", "Inchangées": "0", "Lignes en erreur": "0"}
