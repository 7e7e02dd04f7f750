"""`/echeances`: what a person asks and reads."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.deadlines.delays import Delay, Unit
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.partners.queries import partner_by_code
from app.partners.service import add_commitment_version, edit_convention
from app.partners.terms import CommitmentTerms
from tests.conftest import START
from tests.factories import World, log_in
from tests.tickets.screens import counted, errors

URL = "/echeances"
ASKED = {
    "convention": "pas-de-calais-2024",
    "clock": "return-to-service/application",
    "start": "2026-10-23T10:00",
    "tool": "",
}


@pytest.fixture
def desk(app: Flask, client: FlaskClient, world: World) -> FlaskClient:
    return log_in(app, client, world.here.people[Role.CORRESPONDENT])


@pytest.fixture
def agent(app: Flask, world: World) -> FlaskClient:
    """Someone who may not read the conventions."""
    return log_in(app, app.test_client(), world.here.people[Role.USER])


def ask(client: FlaskClient, **changes: str) -> TestResponse:
    return client.get(URL, query_string={**ASKED, **changes})


def soup(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html5lib")


# In the texts below every space, breaking or not, is a plain one.


def text(answer: TestResponse) -> str:
    return " ".join(soup(answer).get_text(" ").split())


def due(answer: TestResponse) -> str:
    assert answer.status_code == 200, errors(answer)
    shown = soup(answer).select_one(".tile-value time")
    assert shown is not None
    return str(shown["datetime"])


def steps(answer: TestResponse) -> list[str]:
    return [
        " ".join(item.get_text().split()) for item in soup(answer).select("[aria-labelledby=explication] li")
    ]


def offered(client: FlaskClient, name: str) -> dict[str, list[str]]:
    """The values of a list by the name of their group, "" for those outside of any."""
    groups: dict[str, list[str]] = {}
    for option in soup(client.get(URL)).select(f"select[name={name}] option"):
        parent = option.parent
        group = str(parent["label"]) if parent is not None and parent.name == "optgroup" else ""
        groups.setdefault(group, []).append(str(option["value"]))
    return groups


class TestQuestion:
    def test_before_any_question_the_page_says_what_it_does(self, desk: FlaskClient) -> None:
        answer = desk.get(URL)
        assert answer.status_code == 200
        assert "Choisissez une convention, un délai et un départ" in text(answer)
        start = soup(answer).select_one("input[name=start]")
        assert start is not None
        assert start["value"] == "2026-03-10T09:00"

    def test_the_lists_hold_what_exists_in_french(self, desk: FlaskClient) -> None:
        assert offered(desk, "convention")["Vos conventions"] == ["pas-de-calais-2024"]
        assert "nord-2025" in offered(desk, "convention")["Autres conventions connues"]
        clocks = soup(desk.get(URL)).select("select[name=clock] option")
        labels = [option.get_text() for option in clocks]
        assert len(labels) == 9
        assert "Notification à la CNIL, violation de données personnelles" in labels
        assert "Prise en compte, incident applicatif" not in labels  # no text has it
        assert "suivi-de-parcours" in offered(desk, "tool")["Mon Portail Pro"]

    def test_a_user_is_offered_only_the_conventions_of_the_partner(self, agent: FlaskClient) -> None:
        assert list(offered(agent, "convention")) == ["Vos conventions"]
        refused = ask(agent, convention="nord-2025")
        assert refused.status_code == 422
        assert errors(refused)["Convention"].endswith("«\u00a0nord-2025\u00a0» n’est pas dans la liste.")


class TestAnswer:
    def test_the_due_time_and_its_reasons(self, agent: FlaskClient) -> None:
        answer = ask(agent)
        assert due(answer) == "2026-10-29T10:00+01:00"
        assert "jeudi 29\u00a0octobre 2026" in answer.text
        assert steps(answer)[0] == "Départ : vendredi 23/10/2026 à 10 h 00."
        assert any("passage à l’heure d’hiver" in step for step in steps(answer))
        assert "Objectif de référence" not in answer.text

    def test_the_calendar_marks_start_due_and_counted_days(self, desk: FlaskClient) -> None:
        calendar = soup(ask(desk)).select_one("table.calendar")
        assert calendar is not None
        words = [cell.get_text(" ", strip=True) for cell in calendar.select("td.start, td.due")]
        assert words == ["23 départ", "29 échéance jour compté"]
        assert len(calendar.select("td.counted")) == 6

    def test_a_long_delay_shows_its_first_and_last_months(
        self, app: Flask, desk: FlaskClient, world: World
    ) -> None:
        with app.app_context(), transaction():
            add_commitment_version(
                world.here.partner_id,
                world.here.convention_id,
                CommitmentTerms(
                    code="answer-security-flaw",
                    clock="answer",
                    applies_to="security-flaw",
                    delay=Delay(8, Unit.MONTHS),
                    starts="a",
                    stops="b",
                    owed_by="both",
                    source="avenant",
                    valid_from=date(2026, 1, 1),
                ),
                now=START,
            )
        answer = ask(desk, clock="answer/security-flaw", start="2026-01-31T08:00")
        captions = [caption.get_text() for caption in soup(answer).select("table.calendar caption")]
        assert captions == ["janvier 2026", "septembre 2026"]
        assert "ne sont pas montrés" in text(answer)

    def test_a_reference_objective_is_said_to_be_one(self, desk: FlaskClient) -> None:
        answer = ask(desk, convention="nord-2025", clock="take-up/availability")
        assert due(answer) == "2026-10-23T10:15+02:00"
        assert "Objectif de référence, non contractuel" in text(answer)
        assert "repris de pas-de-calais-2024" in text(answer)

    def test_a_start_out_of_the_term_is_reckoned_with_a_warning(self, desk: FlaskClient) -> None:
        assert "Départ hors de la durée de la convention" in text(ask(desk))
        assert "Départ hors de la durée" not in text(ask(desk, start="2024-10-23T10:00"))

    def test_the_state_if_nothing_stopped_it(self, desk: FlaskClient, clock: FrozenClock) -> None:
        now = clock.now()
        running = text(ask(desk, start="2026-03-09T09:00"))
        assert "Remise en service En cours reste 5 j" in running
        assert "dépassée de" in text(ask(desk, start="2026-02-01T09:00"))
        assert "Le départ est à venir" in text(ask(desk, start="2026-03-10T09:01"))
        assert clock.now() == now

    def test_the_edited_figure_of_the_partner_is_the_one_used(
        self, app: Flask, desk: FlaskClient, world: World
    ) -> None:
        with app.app_context(), transaction():
            edit_convention(
                world.here.partner_id, world.here.convention_id, now=START, ends_on=date(2026, 12, 31)
            )
        assert "Départ hors de la durée" not in text(ask(desk))

    def test_a_french_date_is_understood(self, desk: FlaskClient) -> None:
        assert due(ask(desk, start="23/10/2026 10:00")) == "2026-10-29T10:00+01:00"

    def test_an_address_without_tool_is_enough(self, desk: FlaskClient) -> None:
        query = {name: value for name, value in ASKED.items() if name != "tool"}
        assert due(desk.get(URL, query_string=query)) == "2026-10-29T10:00+01:00"

    def test_times_are_those_of_the_convention_that_is_asked(
        self, app: Flask, desk: FlaskClient, world: World
    ) -> None:
        """A partner of another time zone that asks about a convention of Paris reads the time of Paris."""
        with app.app_context(), transaction():
            partner_by_code(world.here.code).time_zone = "Indian/Reunion"
        assert due(ask(desk, convention="nord-2025")) == "2026-10-29T10:00+01:00"
        assert due(ask(desk)) == "2026-10-29T10:00+04:00"


class TestBadValues:
    @pytest.mark.parametrize(
        ("changes", "label", "words"),
        [
            (
                {"convention": "atlantide-1"},
                "Convention",
                "«\u00a0atlantide-1\u00a0» n’est pas dans la liste.",
            ),
            ({"convention": ""}, "Convention", "Choisissez une convention."),
            ({"clock": "take-up"}, "Délai", "n’est pas dans la liste."),
            ({"clock": "take-up/" + "x" * 9_000}, "Délai", "n’est pas dans la liste."),
            ({"clock": ""}, "Délai", "Choisissez un délai."),
            ({"tool": "marteau"}, "Outil", "«\u00a0marteau\u00a0» n’est pas dans la liste."),
            ({"start": ""}, "Départ", "Indiquez la date et l’heure du départ."),
            ({"start": "2026-02-31T10:00"}, "Départ", "n’existe pas"),
            ({"start": "demain"}, "Départ", "Date et heure illisibles."),
            ({"start": "1999-12-31T10:00"}, "Départ", "entre 2000 et 2099"),
            ({"start": "\x00<script>"}, "Départ", "Date et heure illisibles."),
        ],
    )
    def test_the_refusal_names_its_field_and_nothing_else(
        self, desk: FlaskClient, changes: dict[str, str], label: str, words: str
    ) -> None:
        answer = ask(desk, **changes)
        assert answer.status_code == 422
        assert list(errors(answer)) == [label]
        assert words in errors(answer)[label]

    def test_what_was_typed_is_kept(self, desk: FlaskClient) -> None:
        page = soup(ask(desk, start="31/02/2026 9:00", clock="take-up/availability"))
        start = page.select_one("input[name=start]")
        clock = page.select_one("select[name=clock] option[selected]")
        assert start is not None
        assert clock is not None
        assert (start["value"], clock["value"]) == ("31/02/2026 9:00", "take-up/availability")

    def test_a_delay_that_nothing_fixes_at_that_date(
        self, app: Flask, desk: FlaskClient, world: World
    ) -> None:
        with app.app_context(), transaction():
            add_commitment_version(
                world.here.partner_id,
                world.here.convention_id,
                CommitmentTerms(
                    code="take-up-application",
                    clock="take-up",
                    applies_to="application",
                    delay=Delay(60, Unit.ELAPSED),
                    starts="a",
                    stops="b",
                    owed_by="france-travail",
                    source="avenant",
                    valid_from=date(2026, 6, 1),
                ),
                now=START,
            )
        refused = ask(desk, clock="take-up/application", start="2026-05-31T10:00")
        assert refused.status_code == 422
        assert "Ni cette convention, ni la loi" in errors(refused)["Délai"]
        assert due(ask(desk, clock="take-up/application", start="2026-06-01T10:00")).startswith(
            "2026-06-01T11"
        )


class TestPage:
    def test_the_form_is_a_plain_address(self, desk: FlaskClient) -> None:
        form = soup(desk.get(URL)).select_one("main form")
        assert form is not None
        assert (form["method"], form["action"]) == ("get", URL)
        assert {str(field["name"]) for field in form.select("[name]")} == set(ASKED)
        assert not form.select("input[type=hidden]")

    def test_htmx_gets_the_fragment_and_the_answer_aloud(self, desk: FlaskClient) -> None:
        headers = {"HX-Request": "true", "HX-Target": "calculator"}
        answer = desk.get(URL, query_string=ASKED, headers=headers)
        assert answer.text.lstrip().startswith("<title>")
        assert "<nav" not in answer.text
        assert "Échéance : 29/10/2026 à 10 h 00." in text(answer)
        refused = desk.get(URL, query_string={**ASKED, "start": "x"}, headers=headers)
        assert refused.status_code == 422
        assert soup(refused).select_one("#calculator #erreurs")

    def test_a_page_costs_few_queries(self, app: Flask, desk: FlaskClient) -> None:
        ask(desk)
        with counted(app) as statements:
            ask(desk)
        # The session and its rights (2), the partner's conventions and commitments (2), tools and what narrows them.
        assert len(statements) <= 6, statements

    def test_nobody_else_may_ask(self, client: FlaskClient, world: World) -> None:
        answer = client.get(URL)
        assert urlsplit(answer.location).path == "/connexion"
        assert not parse_qs(urlsplit(answer.location).query)
