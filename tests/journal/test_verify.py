"""The journal betrays every tampering: with events, with heads, with seals (`flask journal verify`)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.journal.jobs import seal_journals
from app.journal.service import seal
from app.kernel.clock import FrozenClock
from app.notifications.models import Outbox
from app.tickets import events as e
from tests.factories import World, act, file, transmitted


@pytest.fixture
def desk(app: Flask, world: World, clock: FrozenClock) -> Flask:
    """Two tickets with some history, sealed, then a little more of it."""
    with app.app_context():
        first = transmitted(world.here, now=clock.now())
        act(
            world.here,
            first,
            e.TakenUp(),
            e.CauseGiven(text="Serveur"),
            now=clock.now() + timedelta(minutes=5),
        )
        file(world.here, now=clock.now())
        with transaction():
            seal(world.here.partner_id, world.here.code, clock.now())
        act(
            world.here,
            first,
            e.ReturnAnnounced(),
            e.ReturnConfirmed(),
            now=clock.now() + timedelta(minutes=20),
        )
    return app


def verify(app: Flask, *options: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["journal", "verify", *options])
    return result.exit_code, result.output


def test_an_honest_journal_is_whole(desk: Flask) -> None:
    code, output = verify(desk)
    assert (code, output.strip()) == (0, "Journal intact\xa0: 7 événements vérifiés.")


def test_chains_longer_than_a_batch_are_read_whole(desk: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.journal.verify.BATCH", 2)
    monkeypatch.setattr("app.tickets.verify.BATCH", 2)
    assert verify(desk)[0] == 0
    assert desk.test_cli_runner().invoke(args=["tickets", "verify"]).exit_code == 0


INSERTED = (
    "INSERT INTO event (partner_id, subject_id, sequence, type, schema, actor_id, occurred_at, recorded_at,"
    " payload, salt, payload_digest, digest) SELECT partner_id, subject_id, sequence + 1, 'closed', 1, actor_id,"
    " occurred_at, recorded_at, payload, salt, payload_digest, digest FROM event"
    " WHERE subject_id = :first AND sequence = 7"
)
TAMPERINGS: dict[str, tuple[list[str], str]] = {
    "a time was changed": (
        ["UPDATE event SET occurred_at = recorded_at WHERE subject_id = :first AND sequence = 3",
         "UPDATE event SET occurred_at = (SELECT recorded_at FROM event WHERE subject_id = :first AND sequence = 2)"
         " WHERE subject_id = :first AND sequence = 3"],
        "événement 3",
    ),
    "an author was changed": (["UPDATE event SET actor_id = 1 + actor_id WHERE subject_id = :first AND sequence = 2"], "événement 2"),
    "a type was changed": (["UPDATE event SET type = 'ft-closed' WHERE subject_id = :first AND sequence = 6"], "événement 6"),
    "a content was changed": (
        ["UPDATE event SET payload = (SELECT payload FROM event WHERE subject_id = :first AND sequence = 3)"
         " WHERE subject_id = :first AND sequence = 4"],
        "le contenu a été modifié",
    ),
    "a content was wiped": (
        ["UPDATE event SET payload = NULL, salt = NULL WHERE subject_id = :first AND sequence = 4"],
        "le contenu a disparu",
    ),
    "two contents were swapped with their salts": (
        ["UPDATE event SET payload = (SELECT payload FROM event o WHERE o.subject_id = :first AND o.sequence = 6),"
         " salt = (SELECT salt FROM event o WHERE o.subject_id = :first AND o.sequence = 6),"
         " payload_digest = (SELECT payload_digest FROM event o WHERE o.subject_id = :first AND o.sequence = 6)"
         " WHERE subject_id = :first AND sequence = 5"],
        "événement 5",
    ),
    "an event was removed from the middle": (["DELETE FROM event WHERE subject_id = :first AND sequence = 3"], "manquant"),
    "the last event was removed": (
        ["DELETE FROM event WHERE subject_id = :first AND sequence = 6"],
        "la fin de la chaîne",
    ),
    "two events changed places": (
        ["UPDATE event SET sequence = 99 WHERE subject_id = :first AND sequence = 3",
         "UPDATE event SET sequence = 3 WHERE subject_id = :first AND sequence = 4",
         "UPDATE event SET sequence = 4 WHERE subject_id = :first AND sequence = 99"],
        "événement 3",
    ),
    "an event was inserted": ([INSERTED.replace("sequence = 7", "sequence = 6")], "événement 7"),
    "an event moved to another ticket": (
        ["UPDATE event SET subject_id = :second, sequence = 2 WHERE subject_id = :first AND sequence = 6"],
        "événement 2",
    ),
    "an event went to another partner": (
        ["UPDATE event SET partner_id = :other WHERE subject_id = :first AND sequence = 2"],
        "partenaire",
    ),
    "the end was cut and the head rewound": (
        ["DELETE FROM event WHERE subject_id = :first AND sequence >= 3",
         "UPDATE subject SET head_sequence = 2, head_digest = (SELECT digest FROM event WHERE subject_id = :first"
         " AND sequence = 2) WHERE id = :first"],
        "scellé 1",
    ),
    "a sealed head was rewritten": (
        ["UPDATE seal_head SET sequence = 1 WHERE subject_id = :first"],
        "scellé 1",
    ),
    "the only seal was removed": (["DELETE FROM seal_head", "DELETE FROM seal"], "aucun scellé ne finit là"),
    "a chain was kept from the next seals": (
        ["UPDATE subject SET sealed_sequence = 999 WHERE id = :first"],
        "aucun scellé ne finit là",
    ),
    "a seal was renumbered": (["UPDATE seal SET number = 2"], "un scellé précédent manque"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERINGS)
def test_each_tampering_is_found(desk: Flask, world: World, name: str) -> None:
    statements, words = TAMPERINGS[name]
    with desk.app_context(), transaction():
        first, second = db.session.scalars(text("SELECT id FROM subject ORDER BY id")).all()
        values = {"first": first, "second": second, "other": world.there.partner_id}
        for statement in statements:
            db.session.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement})
    code, output = verify(desk)
    assert code == 1, output
    assert words in output
    assert "rupture" in output


def test_a_seal_covers_only_what_grew(desk: Flask, world: World, clock: FrozenClock) -> None:
    with desk.app_context():
        with transaction():
            second = seal(world.here.partner_id, world.here.code, clock.now())
        with transaction():
            third = seal(world.here.partner_id, world.here.code, clock.now())
        assert second is not None
        assert second.number == 2
        covered = db.session.scalar(
            text("SELECT count(*) FROM seal_head WHERE seal_id = :id"), {"id": second.id}
        )
        assert covered == 1, "the ticket that did not move is not sealed again"
        assert third is None
    assert verify(desk)[0] == 0


def test_sealing_every_partner_by_command(desk: Flask) -> None:
    result = desk.test_cli_runner().invoke(args=["journal", "seal"])
    assert "nord\xa0: rien de nouveau" in result.output
    assert "pas-de-calais\xa0: scellé 2" in result.output


@pytest.fixture
def told(desk: Flask, clock: FrozenClock) -> str:
    """The seal as the security officer received it."""
    with desk.app_context():
        seal_journals(clock.now())
        (context,) = db.session.scalars(select(Outbox.context).where(Outbox.template == "seal")).all()
    return f"{context['code']}:{context['number']}:{context['digest']}"


def test_the_seal_sent_to_the_security_officer_is_recognised(desk: Flask, world: World, told: str) -> None:
    code, output = verify(desk, "--seal", told)
    assert code == 0, output
    with desk.app_context():
        receiver = db.session.scalar(select(Outbox.account_id).where(Outbox.template == "seal"))
    assert receiver == world.here.people[Role.SECURITY_OFFICER].account_id


def test_a_history_rewritten_from_end_to_end_does_not_match_the_mail(desk: Flask, told: str) -> None:
    partner, number, digest = told.split(":")
    code, output = verify(desk, "--seal", f"{partner}:{number}:{digest[::-1]}")
    assert code == 1
    assert "n’est plus celle qui a été envoyée" in output


@pytest.mark.parametrize(
    ("told_wrong", "code", "said"),
    [
        ("pas-de-calais:99:" + "0" * 64, 1, "ce scellé n’existe pas"),
        ("nowhere:1:" + "0" * 64, 1, "ce scellé n’existe pas"),
        ("pas-de-calais:2", 2, "PARTENAIRE:NUMÉRO:EMPREINTE"),
    ],
)
def test_a_seal_that_was_never_made(desk: Flask, told_wrong: str, code: int, said: str) -> None:
    answer = verify(desk, "--seal", told_wrong)
    assert answer[0] == code
    assert said in answer[1]
