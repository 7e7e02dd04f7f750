"""Playing the plan through the services, in the order of time, as people would have lived it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import update

from app.accounts.policy import Actor
from app.announcements.service import announce_ticket
from app.demo.plan import Plan
from app.demo.steps import (
    Announce,
    Attach,
    Help,
    Identify,
    Life,
    MarkDuplicate,
    Mend,
    Split,
    Step,
    Tell,
    Transmit,
)
from app.demo.world import World
from app.extensions import db
from app.infra.tx import transaction
from app.journal.service import seal
from app.kernel.clock import FrozenClock
from app.notifications.models import Outbox
from app.tickets import events as e
from app.tickets import recording
from app.tickets.desk import Desk, open_desk
from app.tickets.dossiers import prepare
from app.tickets.queries import find, records_of
from app.tickets.service import correct, file_ticket, perform, set_identifier
from app.tickets.transmission import packet
from app.tickets.workaround_giving import Offer, give_workaround
from app.web.urls import ARTICLE

# The journal is sealed at two in the morning (app/worker/jobs.py): the demonstration's day ends then.
SEALED_AT = time(2)
PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Move:
    """A step of one of the lives, with its place in the order of the whole play."""

    at: datetime
    life: Life
    number: int

    @property
    def step(self) -> Step:
        return self.life.steps[self.number]


def moves_of(plan: Plan) -> list[Move]:
    """Every step until the end of the plan, in the order in which they are typed."""
    moves = [
        (step.at, rank, number, life)
        for rank, life in enumerate(plan.lives)
        for number, step in enumerate(life.steps)
        if step.at <= plan.until
    ]
    moves.sort(key=lambda move: move[:3])
    return [Move(at, life, number) for at, _, number, life in moves]


def play(
    plan: Plan, world: World, clock: FrozenClock, *, progress: Callable[[int], object] = lambda _done: None
) -> None:
    """Play every step up to the end of the plan, a transaction a day, the journals sealed each night.

    `progress` is told how many steps were done since it was last called. Raises DomainError when a life is
    not one that the desk accepts: that would be a fault of the plan.
    """
    player = _Player(clock)
    for night, day in groupby(moves_of(plan), key=lambda move: _night_after(move.at)):
        with transaction():
            done = player.play_day(day)
            if night <= plan.until:
                clock.set(night)
                _seal_all(world, night)
        progress(done)
    clock.set(plan.until)
    with transaction():
        _deliver_mail()


class _Player:
    def __init__(self, clock: FrozenClock) -> None:
        self._clock = clock
        self._references: dict[int, str] = {}  # by the identity of the life

    def play_day(self, moves: Iterable[Move]) -> int:
        count = 0
        for move in moves:
            self._clock.set(move.at)
            self._play(move.life, move.step)
            count += 1
        return count

    def _play(self, life: Life, step: Step) -> None:
        now, act = self._clock.now(), step.act
        if isinstance(act, e.Filed):
            ticket = file_ticket(act, actor=step.by, now=now, occurred_at=step.happened)
            self._references[id(life)] = ticket.reference
            return
        reference = self._references[id(life)]
        match act:
            case Attach(name, content, internal):
                desk = _desk(step.by, reference, now)
                recording.attach(desk, name, content, internal=internal, field="files")
            case Identify(value):
                set_identifier(reference, value, actor=step.by, now=now)
            case Announce():
                announce_ticket(reference, actor=step.by, now=now)
            case Mend():
                _mend(reference, act, step.by, now)
            case Tell(event):
                perform(reference, event, actor=step.by, now=now, inform_group=True)
            case Help():
                _help(_desk(step.by, reference, now), act)
            case _:
                event = self._event(step, life.cast.place.name, reference, now)
                perform(reference, event, actor=step.by, now=now, occurred_at=step.happened)

    def _event(self, step: Step, partner: str, reference: str, now: datetime) -> e.TicketEvent:
        match step.act:
            case Transmit(ft_reference):
                return _transmission(step.by, partner, reference, ft_reference, now)
            case MarkDuplicate(of):
                return e.DuplicateMarked(of=self._references[id(of)])
            case Split(of, reason):
                return e.Detached(of=self._references[id(of)], reason=reason)
            case e.TicketEvent() as event:
                return event
        raise TypeError(f"unknown act: {step.act!r}")


def _desk(actor: Actor, reference: str, now: datetime) -> Desk:
    return open_desk(actor, reference, now=now, zone=PARIS)


def _transmission(
    actor: Actor, partner: str, reference: str, ft_reference: str, now: datetime
) -> e.Transmitted:
    """What the page of transmission would have sent: its text, through the channel that it puts first."""
    prepared = prepare(_desk(actor, reference, now), partner)
    channel = prepared.channels[0]
    return e.Transmitted(
        channel=channel.name,
        text=packet(prepared.dossier),
        ft_reference=ft_reference,
        receipt_is_take_up=channel.receipt_is_take_up,
    )


def _help(desk: Desk, given: Help) -> None:
    """As the form of a workaround does."""
    offer = Offer(given.scope, given.text, new_title=given.title)

    def path_of(slug: str) -> str:
        return ARTICLE.replace("<slug>", slug)

    give_workaround(desk, offer, at=None, seen=None, inform_group=bool(desk.facts.reports), path_of=path_of)


def _mend(reference: str, mend: Mend, actor: Actor, now: datetime) -> None:
    records = records_of(find(actor, reference).id)
    sequence = next(
        record.sequence for record in reversed(records) if isinstance(record.event, mend.event_type)
    )
    correction = e.Corrected(reason=mend.reason, occurred_at=mend.to, void=mend.to is None)
    correct(reference, sequence, correction, actor=actor, now=now)


def _night_after(moment: datetime) -> datetime:
    """The next sealing, in UTC as all that is stored."""
    local = moment.astimezone(PARIS)
    day = local.date() + timedelta(days=1 if local.time() >= SEALED_AT else 0)
    return datetime.combine(day, SEALED_AT, PARIS)


def _seal_all(world: World, now: datetime) -> None:
    for place in world.places:
        seal(place.partner_id, place.code, now)


def _deliver_mail() -> None:
    """The mails of the tale arrived as they were written; none is left for the worker to send."""
    db.session.execute(update(Outbox).values(sent_at=Outbox.created_at, next_attempt_at=None, attempts=1))
