"""Two web processes and two workers on one PostgreSQL; one worker is killed in the middle of its mails."""

from __future__ import annotations

import threading
from pathlib import Path

from benchmarks.faults import Client, count, prepared
from benchmarks.fleet import Fleet, PostOffice, wait_for
from tests.servers import another_database, postgresql_url

TICKETS_PER_CLIENT = 15


def test_a_worker_killed_among_its_mails_loses_nothing(tmp_path: Path) -> None:
    url = another_database(postgresql_url(tmp_path), "several-machines")
    app, cookie = prepared(url)
    with PostOffice(slow=0.05) as office, Fleet(url, office.url, webs=2, workers=2) as fleet:
        clients = [Client(fleet.ports, cookie, threading.Event(), TICKETS_PER_CLIENT) for _ in range(2)]
        for client in clients:
            client.start()
        wait_for(lambda: bool(office.received), "a first mail")
        fleet.kill("worker-0")
        for client in clients:
            client.join(60)
        found = count(app, clients, office)
    assert found.answered == 2 * TICKETS_PER_CLIENT
    assert found.lost == []
    assert found.faults == []
    assert found.cut == 0, "no web process was touched"
    assert found.mails >= found.answered, "a receipt for each, and the seal of the day"
    assert found.mails_received == found.mails, "at least once, one Message-ID each"
