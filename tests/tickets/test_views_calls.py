from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.infra.tx import transaction
from app.partners.service import add_structure
from app.tickets import events as e
from tests.factories import World, log_in
from tests.tickets.screens import (
    FOR_SELF,
    NEW,
    NIR,
    errors,
    file_form,
    flashes,
    page,
    reference_in,
    the_ticket,
    tickets,
)


@pytest.fixture
def correspondent(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])


# --- For a caller ----------------------------------------------------------------------------------------


def test_a_correspondent_files_for_a_caller_first(correspondent: FlaskClient) -> None:
    shown = page(correspondent.get(NEW))
    tabs = {link.get_text(strip=True): link for link in shown.select(".tabs a")}
    assert tabs["Pour un appelant"]["aria-current"] == "page"
    assert tabs["Pour moi"]["href"] == FOR_SELF
    assert page(correspondent.get(FOR_SELF)).find(id="caller") is None


def test_a_call_in_one_short_form(app: Flask, world: World, correspondent: FlaskClient) -> None:
    answer = file_form(
        correspondent,
        caller="Agent d’accueil, site nord",
        structure=str(world.here.structures["accueil"]),
        occurred_at="2026-03-10T08:40",
        text="",
    )
    reference_in(answer)
    ticket, (filed,) = the_ticket(app)
    assert isinstance(filed, e.Filed)
    assert (filed.caller, filed.reporter_id) == ("Agent d’accueil, site nord", None)
    assert filed.structure_id == world.here.structures["accueil"]
    assert ticket.filed_at.isoformat() == "2026-03-10T07:40:00+00:00"
    assert "à donner à l’appelant" in flashes(correspondent)


def test_several_tools_and_another_convention(app: Flask, world: World, correspondent: FlaskClient) -> None:
    answer = file_form(
        correspondent,
        more_tools=["connexion", "suivi-de-parcours"],
        convention=str(world.here.convention_id),
    )
    reference_in(answer)
    _, (filed,) = the_ticket(app)
    assert isinstance(filed, e.Filed) and filed.tools == ("suivi-de-parcours", "connexion")
    assert filed.convention_id == world.here.convention_id
    assert errors(file_form(correspondent, convention=str(world.there.convention_id))).keys() == {
        "Convention"
    }


def test_an_incident_found_by_france_travail_starts_its_clocks(
    app: Flask, correspondent: FlaskClient
) -> None:
    answer = file_form(
        correspondent, occurred_at="2026-03-10T08:50", found_by_ft="y", detected_at="2026-03-10T08:10"
    )
    reference_in(answer)
    ticket, (_, informed) = the_ticket(app)
    assert isinstance(informed, e.FtInformed) and informed.detected_at is not None
    assert ticket.origin == "france-travail" and ticket.next_due_at is not None


@pytest.mark.parametrize(
    ("changes", "label", "said"),
    [
        ({"kind": "question", "found_by_ft": "y"}, "Que se passe-t-il\u00a0?", "signale un incident"),
        ({"tools": "inconnu", "found_by_ft": "y"}, "Outil", "a désigné"),
        (
            {"found_by_ft": "y", "detected_at": "2026-03-10T08:59", "occurred_at": "2026-03-10T08:50"},
            "Détecté par France Travail",
            "précéder",
        ),
        ({"occurred_at": "2026-03-10T11:00"}, "Heure de l’appel", "futur"),
        ({"references": "4512"}, "Autres références", "Une référence par ligne"),
        ({"references": "\n".join(f"GLPI : {n}" for n in range(11))}, "Autres références", "10 références"),
        ({"structure": "999999"}, "Structure", "réponses proposées"),
        ({"caller": f"Usager {NIR}"}, "Appelant", "numéro de sécurité sociale"),
    ],
)
def test_a_refused_call_changes_nothing(
    app: Flask, correspondent: FlaskClient, changes: dict[str, str], label: str, said: str
) -> None:
    answer = file_form(correspondent, **changes)
    assert answer.status_code == 422
    assert said in errors(answer)[label]
    assert not tickets(app)


def test_other_references_are_noted(app: Flask, correspondent: FlaskClient) -> None:
    reference_in(file_form(correspondent, references="Centre de services : 4512\n\nGLPI: A-7"))
    _, (_, *noted) = the_ticket(app)
    assert [(event.label, event.reference) for event in noted if isinstance(event, e.ReferenceNoted)] == [
        ("Centre de services", "4512"),
        ("GLPI", "A-7"),
    ]


def test_a_tool_that_the_structure_does_not_use_is_refused(
    app: Flask, world: World, correspondent: FlaskClient
) -> None:
    with app.app_context(), transaction():
        narrow = add_structure(
            world.here.partner_id,
            code="petite",
            name="Petite",
            kind="service",
            tool_codes=["suivi-de-parcours"],
        ).id
    other = next(
        option["value"]
        for option in page(correspondent.get(NEW)).select("optgroup[label=francetravail\\.io] option")
    )
    assert (
        "n’utilise pas cet outil"
        in errors(file_form(correspondent, tools=other, structure=str(narrow)))["Outil"]
    )


def test_a_security_call_leaves_its_receipt_to_who_took_it(
    app: Flask, world: World, correspondent: FlaskClient
) -> None:
    reference_in(file_form(correspondent, kind="securite", references="GLPI : 4512"))
    ticket, events = the_ticket(app)
    assert ticket.restricted
    assert ticket.reporter_id == world.here.people[Role.CORRESPONDENT].account_id
    assert [type(event) for event in events] == [e.Filed, e.ReferenceNoted]


def test_a_persons_request_starts_its_month(app: Flask, correspondent: FlaskClient) -> None:
    reference_in(file_form(correspondent, kind="personne", since="2026-03-09T10:00"))
    ticket, _ = the_ticket(app)
    assert ticket.kind == "data-subject-request" and ticket.next_due_at is not None


def test_an_account_manager_records_nothing_that_france_travail_says(app: Flask, world: World) -> None:
    client = log_in(app, app.test_client(), world.here.people[Role.ACCOUNT_MANAGER])
    assert page(client.get(NEW)).find(id="found_by_ft") is None
    reference_in(file_form(client, kind="acces", found_by_ft="y"))
    _, events = the_ticket(app)
    assert [type(event) for event in events] == [e.Filed]
