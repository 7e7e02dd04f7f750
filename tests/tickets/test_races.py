"""People who act at the same instant: nothing is lost, nothing happens twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import select, text

from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.journal.verify import verify_journal
from app.kernel.clock import FrozenClock
from app.kernel.errors import DomainError
from app.tickets import events as e
from app.tickets.models import Ticket
from app.tickets.service import file_ticket, perform
from app.tickets.verify import verify_tickets
from tests.factories import World, file, filing, log_in, transmitted
from tests.tickets.screens import NEW, as_shown

AT_ONCE = 4


def race(app: Flask, *acts: Callable[[], object]) -> Counter[str]:
    """Start the acts together, each in its own thread and session; what came of them, counted."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        with app.app_context():
            barrier.wait()
            try:
                with transaction():
                    act()
            except DomainError as refusal:
                return type(refusal).__name__
            finally:
                db.session.remove()
            return "done"

    with ThreadPoolExecutor(len(acts)) as threads:
        return Counter(threads.map(run, acts))


def whole(app: Flask) -> bool:
    with app.app_context():
        return not list(verify_tickets()) and not list(verify_journal())


def test_of_decisions_on_one_page_a_single_one_is_taken(app: Flask, world: World, clock: FrozenClock) -> None:
    with app.app_context():
        reference = transmitted(world.here, now=clock.now()).reference
    take_up = [
        lambda: perform(reference, e.TakenUp(), actor=world.here.actor(), now=clock.now(), seen=2)
    ] * AT_ONCE
    assert race(app, *take_up) == {"done": 1, "Stale": AT_ONCE - 1}
    assert whole(app)


def test_comments_all_arrive(app: Flask, world: World, clock: FrozenClock) -> None:
    with app.app_context():
        reference = file(world.here, now=clock.now()).reference
    comments = [
        lambda: perform(reference, e.Commented(text="…"), actor=world.here.actor(), now=clock.now(), seen=1)
    ] * AT_ONCE
    assert race(app, *comments) == {"done": AT_ONCE}
    with app.app_context():
        assert db.session.scalar(select(Ticket.version)) == 1 + AT_ONCE
    assert whole(app)


def test_first_clocks_of_the_day_share_their_reading(app: Flask, world: World, clock: FrozenClock) -> None:
    with app.app_context():
        references = [file(world.here, now=clock.now()).reference for _ in range(AT_ONCE)]

    def transmit(reference: str) -> Callable[[], object]:
        event = e.Transmitted(channel="…", text="…")
        return lambda: perform(reference, event, actor=world.here.actor(), now=clock.now())

    assert race(app, *map(transmit, references)) == {"done": AT_ONCE}
    with app.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM reading")) == 2
    assert whole(app)


def test_filings_do_not_wait_for_one_another_in_vain(app: Flask, world: World, clock: FrozenClock) -> None:
    actor = world.here.actor(Role.USER)
    filings = [lambda: file_ticket(filing(world.here), actor=actor, now=clock.now())] * AT_ONCE
    assert race(app, *filings) == {"done": AT_ONCE}
    assert whole(app)


def test_groupings_that_cross_make_no_loop(app: Flask, world: World, clock: FrozenClock) -> None:
    """Each under the other, both twice: one holds, the rest are refused, nobody waits for ever."""
    with app.app_context():
        first, second = (transmitted(world.here, now=clock.now()).reference for _ in range(2))

    def under(report: str, main: str) -> Callable[[], object]:
        event = e.DuplicateMarked(of=main)
        return lambda: perform(report, event, actor=world.here.actor(), now=clock.now())

    crossing = [under(first, second), under(second, first)]
    outcomes = race(app, *crossing, *crossing)
    assert outcomes["done"] == 1 and outcomes.total() == AT_ONCE, outcomes
    assert whole(app)


def test_reports_grouped_split_and_told_at_once_stay_in_step(
    app: Flask, world: World, clock: FrozenClock
) -> None:
    with app.app_context():
        main = transmitted(world.here, now=clock.now()).reference
        reports = [transmitted(world.here, now=clock.now()).reference for _ in range(4)]
        for report in reports[:2]:
            with transaction():
                perform(report, e.DuplicateMarked(of=main), actor=world.here.actor(), now=clock.now())

    def does(reference: str, event: e.TicketEvent, *, inform: bool = False) -> Callable[[], object]:
        actor = world.here.actor()
        return lambda: perform(reference, event, actor=actor, now=clock.now(), inform_group=inform)

    outcomes = race(
        app,
        does(main, e.Commented(text="Point"), inform=True),
        does(main, e.TakenUp(), inform=True),
        does(reports[0], e.Detached(of=main, reason="Autre chose")),
        does(reports[1], e.Commented(text="Toujours rien")),
        does(reports[2], e.DuplicateMarked(of=main)),
        does(reports[3], e.DuplicateMarked(of=main)),
    )
    assert set(outcomes) <= {"done", "Stale"}, outcomes
    assert outcomes["done"] >= 4
    assert whole(app)


def test_a_form_sent_by_two_clicks_acts_once(app: Flask, world: World) -> None:
    client = log_in(app, app.test_client(), world.here.people[Role.USER])
    values = as_shown(client, NEW, "filing") | {
        "tools": "suivi-de-parcours",
        "kind": "panne",
        "subject": "Page blanche",
        "text": "Depuis ce matin.",
    }
    cookies = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookies is not None
    barrier = Barrier(2)

    def click(_: int) -> str:
        other = app.test_client()
        other.set_cookie(cookies.key, cookies.value)
        barrier.wait()
        return other.post(NEW, data=values).headers["Location"]

    with ThreadPoolExecutor(2) as threads:
        places = set(threads.map(click, range(2)))
    assert len(places) == 1
    with app.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM ticket")) == 1
