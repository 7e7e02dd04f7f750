"""Groups through the service: both sides in step, each reporter told once, nothing beyond the partner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.kernel.errors import DomainError, Impossible, InvalidInput, NotAllowed, NotFound
from app.notifications.models import Outbox
from app.partners.models import Partner
from app.tickets import events as e
from app.tickets.models import Ticket
from app.tickets.queries import records_of
from app.tickets.service import correct, perform
from app.tickets.verify import verify_tickets
from app.tickets.vocabulary import Kind, News, WorkaroundScope
from tests import factories
from tests.factories import Place, World, make_person

pytestmark = pytest.mark.usefixtures("context")
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Filed:
    """A ticket, whatever becomes of the session that it was read with."""

    id: int
    reference: str


def file(place: Place, **changes: object) -> Filed:
    ticket = factories.file(place, **changes)  # type: ignore[arg-type]
    return Filed(ticket.id, ticket.reference)


def transmitted(place: Place, *, now: datetime) -> Filed:
    ticket = factories.transmitted(place, now=now)
    return Filed(ticket.id, ticket.reference)


def act(
    place: Place, ticket: Filed, *steps: e.TicketEvent, now: datetime, role: Role = Role.CORRESPONDENT
) -> None:
    factories.act(place, ticket.reference, *steps, now=now, role=role)


def group(place: Place, report: Filed, main: Filed, clock: FrozenClock) -> None:
    act(place, report, e.DuplicateMarked(of=main.reference), now=clock.now())


def refused(place: Place, reference: str, event: e.TicketEvent, clock: FrozenClock) -> DomainError:
    with pytest.raises(DomainError) as caught, transaction():
        perform(reference, event, actor=place.actor(), now=clock.now())
    db.session.rollback()
    return caught.value


def sequence_of(ticket: Filed, event_type: type[e.TicketEvent]) -> int:
    found = [record.sequence for record in records_of(ticket.id) if isinstance(record.event, event_type)]
    return found[-1]


def mend(
    place: Place, ticket: Filed, event_type: type[e.TicketEvent], clock: FrozenClock, **change: object
) -> None:
    correction = e.Corrected(reason="Relu sur le courriel.", **change)  # type: ignore[arg-type]
    with transaction():
        sequence = sequence_of(ticket, event_type)
        correct(ticket.reference, sequence, correction, actor=place.actor(), now=clock.now())


def fresh(ticket: Filed) -> Ticket:
    db.session.expire_all()
    return db.session.get_one(Ticket, ticket.id)


def mails(template: str) -> list[int]:
    """Whom a mail of that template tells, the first one first."""
    return list(
        db.session.scalars(select(Outbox.account_id).where(Outbox.template == template).order_by(Outbox.id))
    )


def colleague(place: Place) -> int:
    with transaction():
        partner = db.session.get_one(Partner, place.partner_id)
        return make_person(partner, Role.USER, place.structures["insertion"], "autre agent").account_id


def whole() -> bool:
    db.session.expire_all()
    return not list(verify_tickets())


def test_the_earliest_transmission_is_carried_and_the_rows_say_so(world: World, clock: FrozenClock) -> None:
    here = world.here
    early = transmitted(here, now=clock.now())
    clock.advance(10 * MINUTE)
    main = transmitted(here, now=clock.now())
    due = fresh(main).next_due_at
    assert due is not None
    clock.advance(MINUTE)
    group(here, early, main, clock)
    kept, grouped = fresh(main), fresh(early)
    assert kept.next_due_at == due - 10 * MINUTE
    assert (kept.reports_count, kept.duplicate_of) == (2, None)
    assert (grouped.duplicate_of, grouped.next_due_at, grouped.tab) == (main.reference, None, "closes")
    assert whole()
    act(here, early, e.Detached(of=main.reference, reason="Un autre problème"), now=clock.now())
    kept, split = fresh(main), fresh(early)
    assert kept.next_due_at == due
    assert split.next_due_at == due - 10 * MINUTE
    assert (split.state, split.duplicate_of, kept.reports_count) == ("transmitted", None, 1)
    assert whole()


def test_both_sides_tell_it_and_one_mail_leaves(world: World, clock: FrozenClock) -> None:
    main, report = (file(world.here, now=clock.now()) for _ in range(2))
    group(world.here, report, main, clock)
    assert [record.event for record in records_of(main.id)][-1] == e.ReportGrouped(reference=report.reference)
    assert mails("duplicate") == [world.here.people[Role.USER].account_id]
    act(world.here, report, e.Detached(of=main.reference, reason="Rien à voir"), now=clock.now())
    assert mails("detached") == [world.here.people[Role.USER].account_id]


def test_a_ticket_found_closed_may_be_counted_afterwards_without_a_mail(
    world: World, clock: FrozenClock
) -> None:
    main, report = (file(world.here, now=clock.now()) for _ in range(2))
    act(world.here, report, e.Answered(text="Réglé."), e.Closed(), now=clock.now())
    clock.advance(5 * MINUTE)
    group(world.here, report, main, clock)
    act(world.here, report, e.Detached(of=main.reference, reason="Rien à voir"), now=clock.now())
    assert (fresh(report).state, mails("duplicate"), mails("detached")) == ("closed", [], [])
    assert whole()


def test_voiding_a_grouping_or_a_detachment_moves_both_sides(world: World, clock: FrozenClock) -> None:
    here = world.here
    report, main = transmitted(here, now=clock.now()), file(here, now=clock.now())
    clock.advance(MINUTE)
    group(here, report, main, clock)
    mend(here, report, e.DuplicateMarked, clock, void=True)
    assert (fresh(main).state, fresh(report).duplicate_of) == ("new", None)
    assert whole()
    group(here, report, main, clock)
    act(here, report, e.Detached(of=main.reference, reason="Rien à voir"), now=clock.now())
    mend(here, report, e.Detached, clock, void=True)
    assert (fresh(main).state, fresh(report).duplicate_of) == ("transmitted", main.reference)
    assert whole()


def test_a_corrected_transmission_of_a_report_moves_the_main_clocks(world: World, clock: FrozenClock) -> None:
    here = world.here
    report, main = transmitted(here, now=clock.now()), file(here, now=clock.now())
    sent = clock.now()
    clock.advance(30 * MINUTE)
    group(here, report, main, clock)
    before = fresh(main).next_due_at
    assert before is not None
    mend(here, report, e.Transmitted, clock, occurred_at=sent + 4 * MINUTE)
    assert fresh(main).next_due_at == before + 4 * MINUTE
    assert whole()


def test_what_the_main_ticket_rests_on_is_not_taken_away(world: World, clock: FrozenClock) -> None:
    here = world.here
    report, main = transmitted(here, now=clock.now()), file(here, now=clock.now())
    clock.advance(MINUTE)
    group(here, report, main, clock)
    act(here, main, e.TakenUp(), now=clock.now())
    gone = e.Detached(of=main.reference, reason="Rien à voir")
    assert isinstance(refused(here, report.reference, gone, clock), Impossible)
    assert fresh(report).duplicate_of == main.reference
    assert whole()


def test_nothing_is_grouped_beyond_the_partner_under_itself_or_in_chains(
    world: World, clock: FrozenClock
) -> None:
    here = world.here
    main, report, other = (file(here, now=clock.now()) for _ in range(3))
    foreign = file(world.there, now=clock.now())

    def under(reference: str, of: str) -> DomainError:
        return refused(here, reference, e.DuplicateMarked(of=of), clock)

    assert isinstance(under(report.reference, foreign.reference), NotFound)
    assert under(report.reference, report.reference).field == "of"
    group(here, report, main, clock)
    assert isinstance(under(main.reference, other.reference), Impossible)
    assert under(other.reference, report.reference).field == "of"
    assert isinstance(under(report.reference, other.reference), Impossible)
    assert whole()


def test_grouping_asks_for_the_right_to_act_on_both(world: World, clock: FrozenClock) -> None:
    here = world.here
    access, incident = file(here, now=clock.now(), kind=Kind.ACCESS), file(here, now=clock.now())
    manager = here.actor(Role.ACCOUNT_MANAGER)
    with pytest.raises((NotFound, NotAllowed)), transaction():
        perform(access.reference, e.DuplicateMarked(of=incident.reference), actor=manager, now=clock.now())
    with pytest.raises(NotAllowed), transaction():
        event = e.DuplicateMarked(of=access.reference)
        perform(incident.reference, event, actor=here.actor(Role.USER), now=clock.now())


def test_news_flow_down_once_to_each_person(world: World, clock: FrozenClock) -> None:
    """The user filed the main ticket and a report, a colleague two more: one mail each."""
    here, user = world.here, world.here.people[Role.USER].account_id
    other = colleague(here)
    main = transmitted(here, now=clock.now())
    reports = [
        file(here, now=clock.now(), role=Role.CORRESPONDENT, reporter_id=reporter)
        for reporter in (user, other, other)
    ]
    for report in reports:
        group(here, report, main, clock)
    clock.advance(MINUTE)
    flow = [
        (e.Commented(text="Point à 14 h."), "commented", News.MESSAGE),
        (e.Commented(text="Note", internal=True), "commented", None),
        (e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text="Autre page"), "workaround", News.WORKAROUND),
        (e.WorkaroundWithdrawn(reason="Non"), "workaround-withdrawn", News.WORKAROUND_WITHDRAWN),
        (e.ReturnAnnounced(), "service-back", News.SERVICE_BACK),
        (e.ReturnObserved(), "service-back", None),
        (e.ReturnRefused(text="Toujours en panne"), "not-back", News.NOT_BACK),
        (e.ReturnObserved(), "service-back", News.SERVICE_BACK),
        (e.ReturnConfirmed(), "resolved", News.RESOLVED),
        (e.Closed(), "closed", News.CLOSED),
        (e.Reopened(reason="Encore", return_stands=False), "reopened", News.REOPENED),
        (e.Cancelled(reason="Fausse alerte"), "cancelled", News.CANCELLED),
    ]
    for event, template, news in flow:
        before = len(mails(template))
        with transaction():
            perform(main.reference, event, actor=here.actor(), now=clock.now(), inform_group=True)
        assert sorted(mails(template)[before:]) == (sorted([user, other]) if news else []), event
        for report in reports:
            last = records_of(report.id)[-1].event
            if news:
                assert isinstance(last, e.Relayed) and last.news is news
        clock.advance(MINUTE)
    assert whole()


def test_without_the_choice_only_the_main_reporter_is_told(world: World, clock: FrozenClock) -> None:
    here = world.here
    main = transmitted(here, now=clock.now())
    report = file(here, now=clock.now(), role=Role.CORRESPONDENT, reporter_id=colleague(here))
    group(here, report, main, clock)
    act(here, main, e.ReturnObserved(), now=clock.now())
    assert mails("service-back") == [here.people[Role.USER].account_id]


def test_an_answer_to_a_question_reaches_those_who_asked_the_same(world: World, clock: FrozenClock) -> None:
    here, other = world.here, colleague(world.here)
    main = file(here, now=clock.now(), kind=Kind.QUESTION)
    report = file(here, now=clock.now(), kind=Kind.QUESTION, role=Role.CORRESPONDENT, reporter_id=other)
    group(here, report, main, clock)
    with transaction():
        event = e.Answered(text="Menu « Aide ».")
        perform(main.reference, event, actor=here.actor(), now=clock.now(), inform_group=True)
    assert mails("answered") == [here.people[Role.USER].account_id, other]


def test_a_reporter_cannot_speak_to_the_others(world: World, clock: FrozenClock) -> None:
    here = world.here
    main, report = file(here, now=clock.now()), file(here, now=clock.now())
    group(here, report, main, clock)
    with pytest.raises(NotAllowed), transaction():
        event = e.Commented(text="À tous")
        perform(main.reference, event, actor=here.actor(Role.USER), now=clock.now(), inform_group=True)


def test_what_a_grouped_reporter_says_is_told_to_who_follows_the_incident(
    world: World, clock: FrozenClock
) -> None:
    here, desk = world.here, world.here.people[Role.CORRESPONDENT].account_id
    main, report = file(here, now=clock.now()), file(here, now=clock.now())
    act(here, main, e.Taken(assignee_id=desk), now=clock.now())
    group(here, report, main, clock)
    act(here, report, e.Commented(text="Toujours rien."), now=clock.now(), role=Role.USER)
    act(here, report, e.UserVerdict(works=False), now=clock.now(), role=Role.USER)
    assert (mails("commented"), mails("verdict")) == ([desk], [desk])


def test_a_matter_flagged_as_security_is_followed_alone_at_once(world: World, clock: FrozenClock) -> None:
    here = world.here
    main, report = file(here, now=clock.now()), file(here, now=clock.now())
    group(here, report, main, clock)
    flag = e.Classified(kind=Kind.SECURITY, tools=("connexion",), reason="Intrusion")
    act(here, main, flag, now=clock.now())
    case, alone = fresh(main), fresh(report)
    assert (case.restricted, case.reports_count, alone.duplicate_of, alone.state) == (True, 1, None, "new")
    assert "ntrusion" not in str([record.event for record in records_of(report.id)])
    assert whole()


def test_a_social_security_number_in_the_reason_is_refused(world: World, clock: FrozenClock) -> None:
    main, report = file(world.here, now=clock.now()), file(world.here, now=clock.now())
    group(world.here, report, main, clock)
    gone = e.Detached(of=main.reference, reason="Voir 1 84 12 76 451 089 46")
    assert isinstance(refused(world.here, report.reference, gone, clock), InvalidInput)
