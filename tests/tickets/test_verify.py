"""`flask tickets verify`: rows and clocks are what the events say, or the difference is named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app.deadlines.models import Deadline, StoredReading
from app.extensions import db
from app.infra.tx import transaction
from app.journal.models import Event
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.models import Ticket
from app.tickets.rebuild import rebuild_tickets
from app.tickets.verify import verify_tickets
from app.tickets.vocabulary import IncidentType, Kind, WorkaroundScope
from tests.factories import World, act, file, transmitted


@pytest.fixture
def desk(app: Flask, world: World, clock: FrozenClock) -> Flask:
    """A ticket that went far, one found by France Travail, a question, and a person's request."""
    now, later = clock.now(), clock.now() + timedelta(minutes=5)
    with app.app_context():
        ticket = transmitted(world.here, now=now)
        steps = (
            e.ReceiptReceived(ft_reference="FT-1"),
            e.TakenUp(),
            e.Contested(clock="take-up", ft_time=now, ft_position="9 h 01", our_position="9 h 06"),
            e.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text="…"),
            e.ReturnConfirmed(),
        )
        act(world.here, ticket, *steps, now=later)
        found = file(world.here, now=now, incident_type=IncidentType.APPLICATION, severity=None)
        act(world.here, found, e.FtInformed(detected_at=None), now=later)
        file(world.here, now=now, kind=Kind.QUESTION)
        file(world.here, now=now, kind=Kind.DATA_SUBJECT_REQUEST)
    return app


def verify(app: Flask) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["tickets", "verify"])
    return result.exit_code, result.output


def test_honest_rows_follow_their_events(desk: Flask) -> None:
    code, output = verify(desk)
    assert (code, "Aucune différence" in output) == (0, True), output


TAMPERINGS = {
    "a state": ("UPDATE ticket SET state = 'closed' WHERE kind = 'question'", "state vaut"),
    "an assignee": ("UPDATE ticket SET assignee_id = reporter_id WHERE kind = 'question'", "assignee_id vaut"),
    "a tool": ("UPDATE ticket_tool SET tool_code = 'ouiform'", "tools vaut"),
    "a due time moved": ("UPDATE deadline SET due_at = started_at WHERE clock = 'take-up'", "horloge take-up, due_at"),
    "a stop": ("UPDATE deadline SET stopped_at = NULL WHERE clock = 'take-up'", "horloge take-up, stopped_at"),
    "a contest": ("UPDATE deadline SET contested = (1 = 0)", "horloge take-up, contested"),
    "a clock removed": ("DELETE FROM deadline WHERE clock = 'return-to-service'", "horloge return-to-service vaut"),
    "a reading": (
        "UPDATE reading SET content = (SELECT content FROM reading r WHERE r.id <> reading.id LIMIT 1)",
        "lecture",
    ),
    "an event": ("DELETE FROM event WHERE type = 'taken-up'", "vaut"),
    "a ticket": ("DELETE FROM ticket WHERE kind = 'question'", "la ligne de la sollicitation vaut 'absente'"),
    "a ticket handed to another partner": (
        "UPDATE ticket SET partner_id = (SELECT max(id) FROM partner) WHERE kind = 'question'",
        "la référence et le partenaire vaut",
    ),
    "a reference": ("UPDATE ticket SET reference = 'ZZZZZZZZ' WHERE kind = 'question'", "la référence et"),
    "a clock handed to another partner": (
        "UPDATE deadline SET partner_id = (SELECT max(id) FROM partner)",
        "le partenaire d’une horloge vaut",
    ),
    "a tool handed to another partner": (
        "UPDATE ticket_tool SET partner_id = (SELECT max(id) FROM partner)",
        "le partenaire d’un outil vaut",
    ),
    "an identifier that was to be erased": (
        "INSERT INTO protected_identifier (ticket_id, value) SELECT id, '123' FROM ticket WHERE kind = 'question'",
        "l’identifiant protégé vaut",
    ),
    "all events of a ticket": (
        "DELETE FROM event WHERE subject_id IN (SELECT id FROM ticket WHERE kind = 'question')",
        "illisible",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERINGS)
def test_each_tampering_is_named(desk: Flask, name: str) -> None:
    statement, words = TAMPERINGS[name]
    with desk.app_context(), transaction():
        if name == "a ticket":
            db.session.execute(text("DELETE FROM ticket_tool"))
        db.session.execute(text(statement))
    code, output = verify(desk)
    assert code == 1, output
    assert words in output


def test_content_that_cannot_be_read_is_named_and_the_rest_still_read(desk: Flask) -> None:
    with desk.app_context(), transaction():
        filed = db.session.scalars(select(Event).where(Event.sequence == 1).order_by(Event.id)).all()
        filed[0].payload = {**(filed[0].payload or {}), "kind": None}
        reading = db.session.scalars(select(StoredReading)).all()[-1]
        hours = {**reading.content["hours"], "zone": "Mars/Olympus"}
        reading.content = {**reading.content, "hours": hours}
        db.session.execute(text("UPDATE ticket SET state = 'closed' WHERE kind = 'question'"))
    code, output = verify(desk)
    assert code == 1
    for words in ("le dossier vaut 'illisible'", "Fuseau horaire inconnu", "state vaut 'closed'"):
        assert words in output


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM event WHERE type = 'report-grouped'", "lui apporte vaut None"),
        ("DELETE FROM event WHERE type = 'duplicate-marked'", "duplicate_of vaut"),
        ("UPDATE ticket SET duplicate_of = NULL", "duplicate_of vaut None"),
        ("UPDATE ticket SET reports_count = 7", "reports_count vaut 7"),
        ("UPDATE ticket SET transmitted_at = NULL", "transmitted_at vaut None"),
        ("UPDATE ticket_workaround SET text = 'Autre chose'", "le contournement vaut"),
        ("DELETE FROM ticket_workaround", "le contournement vaut None"),
        (
            "UPDATE ticket_workaround SET partner_id = (SELECT max(id) FROM partner)",
            "le partenaire d’un contournement vaut",
        ),
    ],
)
def test_a_group_and_a_workaround_that_were_tampered_with_are_named(
    app: Flask, world: World, clock: FrozenClock, statement: str, said: str
) -> None:
    with app.app_context():
        main, report = (transmitted(world.here, now=clock.now()) for _ in range(2))
        act(world.here, report, e.DuplicateMarked(of=main.reference), now=clock.now())
        given = e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text="Autre page")
        act(world.here, main, given, now=clock.now())
        assert verify(app)[0] == 0
        with transaction():
            db.session.execute(text(statement))
    code, output = verify(app)
    assert code == 1, output
    assert said in output


def test_rows_spoilt_or_new_are_written_again_from_the_events(desk: Flask, clock: FrozenClock) -> None:
    with desk.app_context():
        with transaction():
            db.session.execute(update(Ticket).values(subject="?", reports_count=9, state="new"))
            db.session.execute(update(Deadline).values(due_at=clock.now()))
        assert list(verify_tickets())
        db.session.rollback()
        assert list(rebuild_tickets())
        assert list(verify_tickets()) == []
