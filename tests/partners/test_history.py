"""Two administrators never overwrite each other, and every change of the settings can be read again."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.journal.technical import Trace, TraceRow
from app.kernel.clock import FrozenClock
from app.partners.descriptions import IDENTITY
from app.partners.history import Author, ChangedMeanwhile, keep_history, latest_changes
from app.partners.settings import edit_identity
from tests.factories import World, log_in
from tests.partners.pages import PAGE, filled, rows, save, soup, words

HISTORY = "/administration/modifications"
TERMS = f"{PAGE}/modification"


@pytest.fixture
def colleague(app: Flask, world: World) -> FlaskClient:
    """The same administrator in another browser: what counts is the form that was shown."""
    return log_in(app, app.test_client(), world.here.people[Role.ADMINISTRATOR])


def traces(app: Flask) -> list[TraceRow]:
    with app.app_context():
        query = select(TraceRow).where(TraceRow.trace == Trace.SETTINGS_CHANGED).order_by(TraceRow.id)
        return list(db.session.scalars(query))


class TestTwoAtOnce:
    @pytest.mark.parametrize(
        ("url", "first", "second"),
        [
            (TERMS, {"counterpart": "Opérateur"}, {"renewal": "aucun, sauf avenant"}),
            (f"{PAGE}/canaux/1", {"address": "a@exemple.test"}, {"name": "Boîte dédiée"}),
            (f"{PAGE}/contacts/1", {"phone": "03 00 00 00 00"}, {"rank": "2"}),
            (
                f"{PAGE}/engagements/nouveau?modele=1",
                {"valid_from": "2026-04-01"},
                {"valid_from": "2026-05-01"},
            ),
            ("/administration/structures/accueil", {"name": "Accueil du public"}, {"kind": "prestataire"}),
            ("/administration/partenaire/identite", {"name": "Pas-de-Calais"}, {"siret": "22590001801244"}),
            (
                "/administration/partenaire/heures",
                {"service_hours": "lun-ven 8h-18h"},
                {"time_zone": "Indian/Reunion"},
            ),
        ],
    )
    def test_the_second_reads_what_the_first_did_and_decides(
        self,
        admin: FlaskClient,
        colleague: FlaskClient,
        url: str,
        first: dict[str, str],
        second: dict[str, str],
    ) -> None:
        form = {**filled(admin, url), **second}
        assert save(colleague, url, **first).status_code == 303
        answer = admin.post(url, data=form)
        assert answer.status_code == 409
        told = words(answer)
        assert "Ces réglages ont changé pendant votre saisie. Rien n’a été enregistré." in told
        value = next(iter(first.values()))
        shown = {"2026-04-01": "01/04/2026", "lun-ven 8h-18h": "lun-ven 08:00-18:00"}.get(value, value)
        callout = soup(answer).select_one(".callout-warning")
        assert callout is not None
        assert shown in " ".join(callout.get_text(" ").split())
        kept = answer.text
        assert next(iter(second.values())) in kept
        # The same form, sent again after reading, is accepted.
        again = {
            str(field["name"]): str(field.get("value", ""))
            for field in soup(answer).select("main form input[type=hidden]")
        }
        assert admin.post(url, data={**form, **again}).status_code == 303

    def test_a_form_without_its_version_is_not_compared(
        self, admin: FlaskClient, colleague: FlaskClient
    ) -> None:
        form = {**filled(admin, TERMS), "version": "x"}
        save(colleague, TERMS, counterpart="Opérateur")
        assert admin.post(TERMS, data=form).status_code == 303

    def test_the_service_itself_refuses(self, app: Flask, world: World, clock: FrozenClock) -> None:
        author = Author(world.here.partner_id, None, clock.now())

        def rename(name: str) -> None:
            edit_identity(world.here.partner_id, name=name, siret=None)

        with app.app_context():
            with transaction():
                keep_history(author, IDENTITY, lambda: rename("Un"), seen=0)
            with pytest.raises(ChangedMeanwhile) as refusal, transaction():
                keep_history(author, IDENTITY, lambda: rename("Deux"), seen=0)
            (change,) = refusal.value.changes
            assert ("Nom", "Département du Pas-de-Calais", "Un") in change.fields


class TestReadingAgain:
    def test_each_change_is_told_with_who_and_from_what_to_what(self, admin: FlaskClient) -> None:
        save(admin, TERMS, counterpart="Opérateur", ends_on="31/12/2026")
        shown = words(admin.get(HISTORY))
        assert "Convention pas-de-calais-2024" in shown
        assert "administrator pas-de-calais" in shown
        assert "Cocontractant : France Travail Hauts-de-France Opérateur" in shown
        assert "Dernier jour : 31/12/2024 31/12/2026" in shown
        assert "Renouvellement" not in shown

    def test_a_convention_has_its_own(self, admin: FlaskClient) -> None:
        save(admin, TERMS, counterpart="Opérateur")
        save(admin, "/administration/structures/accueil", name="Accueil du public")
        on_page = words(admin.get(PAGE))
        assert "Cocontractant : France Travail Hauts-de-France Opérateur" in on_page
        only = words(admin.get(f"{HISTORY}?convention=pas-de-calais-2024"))
        assert "Opérateur" in only
        assert "Accueil du public" not in only
        assert "Accueil du public" in words(admin.get(HISTORY))

    def test_a_form_sent_untouched_leaves_no_line(self, app: Flask, admin: FlaskClient) -> None:
        save(admin, TERMS)
        assert "Aucune modification" in words(admin.get(HISTORY))
        assert traces(app) == []

    def test_readers_read_it(self, app: Flask, world: World, admin: FlaskClient) -> None:
        save(admin, TERMS, counterpart="Opérateur")
        client = log_in(app, app.test_client(), world.here.people[Role.MANAGER])
        assert "Opérateur" in words(client.get(HISTORY))

    def test_another_partner_s_never_comes_out(self, app: Flask, world: World, admin: FlaskClient) -> None:
        save(admin, TERMS, counterpart="Opérateur")
        there = log_in(app, app.test_client(), world.there.people[Role.ADMINISTRATOR])
        assert "Opérateur" not in words(there.get(HISTORY))
        assert there.get(f"{HISTORY}?convention=pas-de-calais-2024").status_code == 404

    def test_pages_of_it(self, app: Flask, world: World, clock: FrozenClock, admin: FlaskClient) -> None:
        with app.app_context(), transaction():
            for number in range(51):
                author = Author(world.here.partner_id, None, clock.now())
                keep_history(
                    author,
                    IDENTITY,
                    lambda number=number: edit_identity(
                        world.here.partner_id, name=f"Nom {number}", siret=None
                    ),  # type: ignore[misc]
                )
        with app.app_context():
            shown, more = latest_changes(world.here.partner_id)
            assert (len(shown), more) == (50, True)
        assert "Nom 0" in words(admin.get(f"{HISTORY}?page=2"))
        assert "le service" in words(admin.get(HISTORY))
        assert admin.get(f"{HISTORY}?page=x").status_code == 200


class TestTrace:
    def test_before_and_after_of_what_was_chosen_not_of_what_was_typed(
        self, app: Flask, world: World, admin: FlaskClient
    ) -> None:
        save(admin, f"{PAGE}/contacts/1", email="personne@exemple.test", valid_to="2026-12-31")
        (trace,) = traces(app)
        (fields,) = trace.details["fields"].values()
        assert fields == {
            "Adresse électronique": ["(texte)", "(texte)"],
            "Jusqu’au": ["", "31/12/2026"],
        }
        assert (trace.partner_id, trace.account_id, trace.address) == (
            world.here.partner_id,
            world.here.people[Role.ADMINISTRATOR].account_id,
            "127.0.0.1",
        )
        assert trace.what.startswith("contact:")

    def test_a_refused_form_leaves_no_trace(self, app: Flask, admin: FlaskClient) -> None:
        save(admin, f"{PAGE}/contacts/1", email="x")
        assert traces(app) == []

    def test_the_tables_of_a_page_stay_readable(self, admin: FlaskClient) -> None:
        save(admin, f"{PAGE}/engagements/nouveau?modele=1", valid_from="2026-04-01", delay="20 min")
        shown = words(admin.get(PAGE))
        assert (
            "Prise en compte, incident de disponibilité : 15 minutes 15 minutes, jusqu’au 31/03/2026" in shown
        )
        assert "à partir du 01/04/2026 : 20 minutes" in shown
        assert len(rows(admin.get(PAGE), "Engagements de la convention")) == 9
