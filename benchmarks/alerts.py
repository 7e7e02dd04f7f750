"""The sweep of the clocks: `python -m benchmarks.alerts`, 100,000 of them running.

Options: --clocks 100000, --database sqlite|postgresql. Times of the job that the worker runs every minute: when no
clock reached a threshold, when sixty did in the same minute, when a thousand did while every worker was stopped;
then of the morning digest, with the last thousand late.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text

from app.config import Config
from app.deadlines.models import Alert, Deadline
from app.extensions import db
from app.factory import create_app
from app.infra.engines import database_url
from app.infra.tx import transaction
from app.notifications.models import Outbox
from app.tickets import events as e
from app.tickets.jobs import send_digests, watch_clocks
from app.tickets.vocabulary import IncidentType, Kind
from benchmarks.load import BATCH, TOOLS, Batch, Desk
from benchmarks.run import SECRET, empty_desk
from tests.servers import another_database, postgresql_url

# A Tuesday morning; the clocks of six days began over the two days before: none has used half of its time.
NOW = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
SPREAD = timedelta(days=2)
ROUNDS = 20


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clocks", type=int, default=100_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'desk.db'}"
        if options.database == "postgresql":
            url = another_database(postgresql_url(Path(folder)), "alerts")
        app = create_app(Config(secret_key=SECRET, database_url=database_url(url), secure_cookies=False))
        with app.app_context():
            start(empty_desk(), options.clocks)
            measure()
            db.engine.dispose()


def start(desk: Desk, count: int) -> None:
    """As many application incidents with France Travail, each with a clock that runs."""
    rng = random.Random(1)
    first = (db.session.scalar(text("SELECT coalesce(max(id), 0) FROM subject")) or 0) + 1
    for offset in range(0, count, BATCH):
        with transaction():
            batch = Batch(desk, rng)
            for index in range(offset, min(offset + BATCH, count)):
                batch.add(first + index, NOW - SPREAD + SPREAD * index / count, life(desk, rng))
            batch.write()
    with db.engine.begin() as connection:
        connection.execute(text("ANALYZE"))


def life(desk: Desk, rng: random.Random) -> Iterator[tuple[timedelta, e.TicketEvent, int]]:
    filed = e.Filed(
        kind=Kind.INCIDENT,
        subject="Synthèse vide",
        text="La synthèse de l’entretien est vide.",
        tools=(rng.choice(TOOLS),),
        structure_id=desk.structure_id,
        reporter_id=desk.reporter_id,
        incident_type=IncidentType.APPLICATION,
        convention_id=desk.convention_id,
    )
    yield timedelta(), filed, desk.reporter_id
    yield timedelta(minutes=1), e.Taken(assignee_id=desk.correspondent_id), desk.correspondent_id
    yield timedelta(minutes=1), e.Transmitted(channel="Formulaire", text="…"), desk.correspondent_id


def measure() -> None:
    running = db.session.scalar(select(func.count()).where(Deadline.running))
    idle = [timed(lambda: watch_clocks(NOW)) for _ in range(ROUNDS)]
    print(f"{running} clocks run, none is due: {statistics.median(idle):.1f} ms a sweep")
    for count in (60, 1_000):
        moment = reached(count)
        took = timed(lambda moment=moment: watch_clocks(moment))  # type: ignore[misc]
        raised = db.session.scalar(select(func.count()).select_from(Alert).where(Alert.raised_at == moment))
        print(f"{raised} reach a threshold: {took:.0f} ms, {mails()} mails so far")
    with transaction():
        late = select(Deadline.id).order_by(Deadline.id).limit(1_000)
        db.session.execute(
            Deadline.__table__.update().where(Deadline.id.in_(late)).values(due_at=NOW)  # type: ignore[attr-defined]
        )
    took = timed(lambda: send_digests(reached(0).replace(hour=7, minute=30) + timedelta(days=1)))
    print(f"the digest with a thousand clocks late: {took:.0f} ms, {mails()} mails so far")


def reached(count: int) -> datetime:
    """The instant at which so many more clocks have reached their next threshold."""
    query = select(Deadline.next_alert_at).where(Deadline.next_alert_at.is_not(None))
    moment = db.session.scalar(query.order_by(Deadline.next_alert_at).offset(max(count - 1, 0)).limit(1))
    assert moment is not None
    return moment


def mails() -> int:
    return (
        db.session.scalar(select(func.count()).select_from(Outbox).where(Outbox.template.like("alert%"))) or 0
    )


def timed(act: Callable[[], None]) -> float:
    """In milliseconds."""
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()
