"""The verbs: who may, what they refuse, and that nothing of another partner slips in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.policy import Actor, Role
from app.deadlines.models import Deadline, StoredReading
from app.deadlines.reading import Reading
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.kernel.errors import DomainError, Impossible, InvalidInput, NotAllowed, NotFound, Stale
from app.partners.loading import Copy, load_profile_into
from app.partners.models import Commitment, Convention
from app.partners.profiles import load_catalogue, load_shipped_profiles
from app.partners.queries import conventions_of
from app.tickets import events as e
from app.tickets.models import ProtectedIdentifier, Ticket
from app.tickets.service import correct, file_ticket, perform, set_identifier
from app.tickets.verify import verify_tickets
from app.tickets.vocabulary import IncidentType, Kind
from tests.factories import World, act, file, filing, transmitted

pytestmark = pytest.mark.usefixtures("context")
NIR = "2 55 08 14 168 025 38"


def refused(
    event: e.TicketEvent, actor: Actor, reference: str, clock: FrozenClock, **more: object
) -> DomainError:
    with pytest.raises(DomainError) as error, transaction():
        perform(reference, event, actor=actor, now=clock.now(), **more)  # type: ignore[arg-type]
    return error.value


def clock_row(ticket: Ticket, name: str) -> Deadline:
    return db.session.scalars(
        select(Deadline).where(Deadline.subject_id == ticket.id, Deadline.clock == name)
    ).one()


def test_filing_chooses_the_convention_and_nobody_elses(world: World, clock: FrozenClock) -> None:
    assert file(world.here, now=clock.now()).convention_id == world.here.convention_id
    foreign = filing(world.here, convention_id=world.there.convention_id)
    with pytest.raises(NotFound), transaction():
        file_ticket(foreign, actor=world.here.actor(Role.USER), now=clock.now())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tools": ("nulle-part",)}, "tool"),
        ({"text": f"La personne {NIR} ne s’affiche pas"}, "text"),
        ({"subject": NIR}, "subject"),
        ({"caller": NIR}, "caller"),
    ],
)
def test_a_wrong_filing_changes_nothing(
    world: World, clock: FrozenClock, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(DomainError) as error, transaction():
        file_ticket(filing(world.here, **changes), actor=world.here.actor(Role.USER), now=clock.now())
    assert error.value.field == field
    assert NIR not in error.value.message
    assert db.session.scalar(select(db.func.count(Ticket.id))) == 0


def test_nothing_is_filed_in_the_future(world: World, clock: FrozenClock) -> None:
    soon = clock.now() + timedelta(minutes=2)
    actor = world.here.actor(Role.USER)
    for field, arguments in (("since", {}), ("occurred_at", {"occurred_at": soon})):
        with pytest.raises(InvalidInput) as error, transaction():
            file_ticket(
                filing(world.here, since=soon if field == "since" else None),
                actor=actor,
                now=clock.now(),
                **arguments,
            )
        assert error.value.field == field


def test_only_the_desk_files_for_another(world: World, clock: FrozenClock) -> None:
    file(world.here, now=clock.now(), role=Role.CORRESPONDENT)
    with pytest.raises(NotAllowed), transaction():
        file_ticket(filing(world.here, reporter_id=None), actor=world.here.actor(Role.USER), now=clock.now())


def test_an_event_names_only_what_is_the_partners(world: World, clock: FrozenClock) -> None:
    ticket = file(world.here, now=clock.now(), kind=Kind.QUESTION)
    desk = world.here.actor()
    stranger = world.there.people[Role.CORRESPONDENT].account_id
    for event in (
        e.ConventionChosen(convention_id=world.there.convention_id),
        e.Assigned(assignee_id=stranger),
        e.Taken(assignee_id=stranger),
        e.Classified(kind=Kind.QUESTION, tools=("nulle-part",)),
    ):
        assert isinstance(refused(event, desk, ticket.reference, clock), NotFound), event


@pytest.mark.parametrize("role", Role)
def test_another_partners_ticket_does_not_exist(world: World, clock: FrozenClock, role: Role) -> None:
    ticket = file(world.here, now=clock.now())
    assert isinstance(
        refused(e.Commented(text="…"), world.there.actor(role), ticket.reference, clock), NotFound
    )


def test_the_reporter_comments_but_does_not_handle(world: World, clock: FrozenClock) -> None:
    ticket = file(world.here, now=clock.now())
    user = world.here.actor(Role.USER)
    act(world.here, ticket, e.Commented(text="Toujours là ?"), now=clock.now(), role=Role.USER)
    assert isinstance(
        refused(e.Transmitted(channel="…", text="…"), user, ticket.reference, clock), NotAllowed
    )
    assert isinstance(
        refused(e.Commented(text="…", internal=True), user, ticket.reference, clock), NotAllowed
    )


def test_a_decision_on_a_stale_page_is_refused_and_a_comment_is_not(world: World, clock: FrozenClock) -> None:
    ticket = file(world.here, now=clock.now())
    act(
        world.here,
        ticket,
        e.Taken(assignee_id=world.here.people[Role.CORRESPONDENT].account_id),
        now=clock.now(),
    )
    desk = world.here.actor()
    assert isinstance(refused(e.Cancelled(reason="…"), desk, ticket.reference, clock, seen=1), Stale)
    with transaction():
        perform(ticket.reference, e.Commented(text="…"), actor=desk, now=clock.now(), seen=1)
    with transaction():
        after = perform(ticket.reference, e.Cancelled(reason="…"), actor=desk, now=clock.now(), seen=3)
    assert after.state == "cancelled"


def test_a_started_clock_keeps_its_reading_whatever_is_edited(world: World, clock: FrozenClock) -> None:
    ticket = transmitted(world.here, now=clock.now())
    before = clock_row(ticket, "take-up").due_at
    with transaction():
        for commitment in db.session.scalars(select(Commitment).where(Commitment.clock == "take-up")):
            commitment.amount = 60
    act(world.here, ticket, e.ReceiptReceived(), now=clock.now())
    db.session.expire_all()
    assert clock_row(ticket, "take-up").due_at == before
    later = transmitted(world.here, now=clock.now())
    assert clock_row(later, "take-up").due_at == before + timedelta(minutes=45)


def reading_of(row: Deadline) -> Reading:
    return Reading.from_json(db.session.get_one(StoredReading, row.reading_id).content)


def test_without_a_figure_the_clock_measures_a_reference_objective(world: World, clock: FrozenClock) -> None:
    row = clock_row(transmitted(world.there, now=clock.now()), "take-up")
    assert not row.contractual
    assert (reading_of(row).convention, reading_of(row).measured_by) == ("nord-2025", "pas-de-calais-2024")


def test_choosing_another_convention_reads_the_clocks_anew(world: World, clock: FrozenClock) -> None:
    ticket = transmitted(world.there, now=clock.now())
    with transaction():
        model = load_shipped_profiles()["jalle-eau-bourde-2026"]
        load_profile_into(model, load_catalogue(), copy=Copy(partner_code=world.there.code, code="nord-2026"))
    other = next(row.id for row in conventions_of(world.there.partner_id) if row.code == "nord-2026")
    act(world.there, ticket, e.ConventionChosen(convention_id=other), now=clock.now())
    db.session.expire_all()
    assert {reading_of(clock_row(ticket, name)).convention for name in ("take-up", "return-to-service")} == {
        "nord-2026"
    }


def test_a_correction_moves_the_clock_and_gives_its_reason(world: World, clock: FrozenClock) -> None:
    start = clock.now()
    ticket = transmitted(world.here, now=start)
    desk = world.here.actor()
    with pytest.raises(InvalidInput) as error, transaction():
        correct(ticket.reference, 2, e.Corrected(reason=" ", void=True), actor=desk, now=start)
    assert error.value.field == "reason"
    earlier = e.Corrected(reason="Courriel relu", occurred_at=start - timedelta(minutes=10))
    with transaction():
        correct(ticket.reference, 2, earlier, actor=desk, now=start, seen=2)
    db.session.expire_all()
    assert clock_row(ticket, "take-up").due_at == start + timedelta(minutes=5)
    with pytest.raises(Stale), transaction():
        correct(ticket.reference, 2, earlier, actor=desk, now=start, seen=2)


def test_the_protected_identifier_never_enters_the_journal_and_goes_at_the_end(
    world: World, clock: FrozenClock
) -> None:
    ticket = file(world.here, now=clock.now(), incident_type=IncidentType.APPLICATION, severity=None)
    desk = world.here.actor()
    with pytest.raises(InvalidInput), transaction():
        set_identifier(ticket.reference, NIR, actor=desk, now=clock.now())
    with transaction():
        set_identifier(ticket.reference, "FT-PERSONNE-42", actor=desk, now=clock.now())
    assert db.session.scalar(select(ProtectedIdentifier.value)) == "FT-PERSONNE-42"
    stored = db.session.execute(db.text("SELECT payload FROM event")).scalars().all()
    assert not any("FT-PERSONNE-42" in str(payload) for payload in stored)
    with pytest.raises(NotAllowed), transaction():
        set_identifier(ticket.reference, "X", actor=world.here.actor(Role.USER), now=clock.now())
    act(world.here, ticket, e.Cancelled(reason="Doublon"), now=clock.now())
    assert db.session.scalar(select(ProtectedIdentifier.value)) is None


def test_security_waits_for_an_officer_and_a_deputy(world: World, clock: FrozenClock) -> None:
    case = file(world.here, now=clock.now(), kind=Kind.SECURITY, tools=())
    assert case.restricted
    assert isinstance(refused(e.Commented(text="…"), world.here.actor(), case.reference, clock), NotFound), (
        "correspondents must not know of it"
    )
    with transaction():
        db.session.execute(db.text("DELETE FROM membership WHERE role = 'data_protection_officer'"))
    with pytest.raises(InvalidInput, match="sécurité"), transaction():
        file_ticket(
            filing(world.here, kind=Kind.SECURITY, tools=()),
            actor=world.here.actor(Role.USER),
            now=clock.now(),
        )


def test_two_actions_cannot_both_have_the_same_place(world: World, clock: FrozenClock) -> None:
    ticket = transmitted(world.here, now=clock.now())
    act(world.here, ticket, e.TakenUp(), now=clock.now())
    assert isinstance(refused(e.TakenUp(), world.here.actor(), ticket.reference, clock), Impossible)


def test_a_voided_choice_of_convention_gives_the_clocks_their_reading_back(
    world: World, clock: FrozenClock
) -> None:
    ticket = transmitted(world.there, now=clock.now())
    with transaction():
        model = load_shipped_profiles()["jalle-eau-bourde-2026"]
        load_profile_into(model, load_catalogue(), copy=Copy(partner_code=world.there.code, code="nord-2026"))
    other = next(row.id for row in conventions_of(world.there.partner_id) if row.code == "nord-2026")
    act(world.there, ticket, e.ConventionChosen(convention_id=other), now=clock.now())
    with transaction():
        void = e.Corrected(reason="Erreur de choix", void=True)
        correct(ticket.reference, 3, void, actor=world.there.actor(), now=clock.now())
    db.session.expire_all()
    assert reading_of(clock_row(ticket, "take-up")).convention == "nord-2025"
    assert list(verify_tickets()) == []


def test_without_any_figure_the_ticket_goes_on_unmeasured(world: World, clock: FrozenClock) -> None:
    with transaction():
        convention = db.session.get_one(Convention, world.there.convention_id)
        convention.service_levels_from = None
    ticket = transmitted(world.there, now=clock.now())
    assert (ticket.state, ticket.next_due_at) == ("transmitted", None)
    assert list(verify_tickets()) == []


def test_a_flag_that_nobody_could_read_is_refused(world: World, clock: FrozenClock) -> None:
    ticket = file(world.here, now=clock.now())
    with transaction():
        db.session.execute(db.text("DELETE FROM membership WHERE role = 'security_officer'"))
    flag = e.Classified(kind=Kind.SECURITY, tools=("connexion",), reason="Doute")
    assert refused(flag, world.here.actor(), ticket.reference, clock).field == "kind"
