"""Two web processes and two workers on one PostgreSQL; one worker is killed in the middle of its mails."""

from __future__ import annotations

import threading
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from app.deadlines.models import Alert, AlertNotice
from app.extensions import db
from app.notifications.models import Outbox
from benchmarks.faults import Client, count, prepared
from benchmarks.fleet import Fleet, PostOffice, wait_for
from tests.servers import another_database, postgresql_url

TICKETS_PER_CLIENT = 15
LATE = 20


def test_a_worker_killed_among_its_mails_loses_nothing(tmp_path: Path) -> None:
    url = another_database(postgresql_url(tmp_path), "several-machines")
    app, cookie = prepared(url, late=LATE)
    with PostOffice(slow=0.05) as office, Fleet(url, office.url, webs=2, workers=2) as fleet:
        clients = [Client(fleet.ports, cookie, threading.Event(), TICKETS_PER_CLIENT) for _ in range(2)]
        for client in clients:
            client.start()
        wait_for(lambda: bool(office.received), "a first mail")
        fleet.kill("worker-0")
        for client in clients:
            client.join(60)
        wait_for(lambda: _alerts(app) == (LATE, 0), "every alert to be told")
        found = count(app, clients, office)
    assert found.answered == 2 * TICKETS_PER_CLIENT
    assert found.lost == []
    assert found.faults == []
    assert found.cut == 0, "no web process was touched"
    assert found.mails >= found.answered, "a receipt for each, and the seal of the day"
    assert found.mails_received == found.mails, "at least once, one Message-ID each"
    with app.app_context():
        told = db.session.execute(
            select(Outbox.account_id, Outbox.context).where(Outbox.template.like("alert%"))
        ).all()
        db.session.remove()
        db.engine.dispose()
    readers = {account_id for account_id, _ in told}
    assert len(readers) == 2, "the correspondent and the manager"
    for reader in readers:
        clocks = [context.get("late_count", 1) for account_id, context in told if account_id == reader]
        assert sum(clocks) == LATE, "each alert is one row, and told once to each"


def _alerts(app: Flask) -> tuple[int, int]:
    """How many alerts there are, and how many of their readers are still to be told."""
    with app.app_context():
        alerts = db.session.scalar(select(func.count()).select_from(Alert)) or 0
        untold = db.session.scalar(
            select(func.count()).select_from(AlertNotice).where(AlertNotice.told_at.is_(None))
        )
        unsettled = db.session.scalar(select(func.count()).where(Alert.tell_at.is_not(None)))
        db.session.remove()
        return alerts, (untold or 0) + (unsettled or 0)
