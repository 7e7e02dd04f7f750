"""Announcements in the database: what is recorded, refused, found, told, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import Account, Membership
from app.accounts.policy import Actor, Role, system_actor
from app.announcements import events as e
from app.announcements import lists
from app.announcements.jobs import tell_announcements
from app.announcements.models import Announcement
from app.announcements.queries import facts_of, find, records_of
from app.announcements.rules import fold
from app.announcements.service import columns, draft, edit, mark_read, perform, publish
from app.announcements.subscription import choose_mail
from app.announcements.vocabulary import Kind, Level, MailChoice
from app.extensions import db
from app.infra import search
from app.infra.tx import transaction
from app.journal.models import Event
from app.journal.verify import verify_journal
from app.kernel.clock import FrozenClock
from app.kernel.errors import Impossible, InvalidInput, NotAllowed, NotFound, Stale
from app.kernel.words import Wanted
from app.notifications.models import Outbox
from app.partners.models import Partner
from app.partners.service import narrow_tools
from app.tickets.vocabulary import Severity
from tests.announcements.conftest import Announce
from tests.factories import Person, World, make_person

DAY = timedelta(days=1)
PARIS = ZoneInfo("Europe/Paris")
PATH, API = "suivi-de-parcours", "api-statut-usager"


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def info(**changes: object) -> e.Content:
    return e.Content(**{"kind": Kind.INFORMATION, "title": "À savoir", **changes})  # type: ignore[arg-type]


def change(now: datetime, **changes: object) -> e.Content:
    values: dict[str, object] = {
        "kind": Kind.CHANGE, "title": "Nouvel écran", "tools": (PATH,), "level": Level.MINOR,
        "announced_at": now, "starts_at": now + 2 * DAY,
    }  # fmt: skip
    return e.Content(**{**values, **changes})  # type: ignore[arg-type]


def titles(actor: Actor, now: datetime) -> list[str]:
    return [line.title for line in (*lists.ongoing(actor, now), *lists.coming(actor, now))]


def row(reference: str) -> Announcement:
    return db.session.scalars(select(Announcement).where(Announcement.reference == reference)).one()


class TestWriting:
    @pytest.mark.parametrize("role", set(Role) - {Role.CORRESPONDENT})
    def test_correspondents_write_and_nobody_else(self, world: World, clock: FrozenClock, role: Role) -> None:
        with pytest.raises(NotAllowed):
            draft(info(), actor=world.here.actor(role), now=clock.now())

    def test_a_number_of_social_security_is_refused(self, world: World, clock: FrozenClock) -> None:
        with pytest.raises(InvalidInput) as refusal:
            draft(info(text="NIR 1 84 12 76 451 089 46"), actor=world.here.actor(), now=clock.now())
        assert refusal.value.field == "text"

    def test_tools_and_structures_are_the_partners(self, world: World, clock: FrozenClock) -> None:
        theirs = world.there.structures["accueil"]
        for content, field in (
            (info(tools=("ouiform",)), "tools"),
            (info(structures=(theirs,)), "structures"),
        ):
            with pytest.raises(InvalidInput) as refusal:
                draft(content, actor=world.here.actor(), now=clock.now())
            assert refusal.value.field == field

    def test_two_edits_of_the_same_page_are_one_too_many(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        reference, actor = announce(info()), world.here.actor()
        with transaction():
            edit(reference, info(title="Mieux dit"), actor=actor, now=clock.now(), seen=2)
        with pytest.raises(Stale), transaction():
            edit(reference, info(title="Autrement"), actor=actor, now=clock.now(), seen=2)
        assert row(reference).title == "Mieux dit"

    def test_every_step_is_an_event_that_the_journal_holds(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        reference, actor = announce(info()), world.here.actor()
        with transaction():
            edit(reference, info(title="Mieux dit"), actor=actor, now=clock.now())
            perform(reference, e.NewsAdded(text="Du nouveau"), actor=actor, now=clock.now())
            perform(reference, e.Ended(), actor=actor, now=clock.now())
        assert list(verify_journal()) == []
        event = db.session.scalars(select(Event).where(Event.type == "announcement-edited")).one()
        with transaction():
            db.session.execute(
                update(Event)
                .where(Event.id == event.id)
                .values(payload={**(event.payload or {}), "title": "Tu"})
            )
        (broken,) = verify_journal()
        assert (broken.subject, broken.sequence) == (reference, event.sequence)

    def test_the_row_is_what_the_events_say(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        reference, actor = announce(change(clock.now())), world.here.actor()
        with transaction():
            edit(reference, change(clock.now(), tools=(API, PATH)), actor=actor, now=clock.now())
        stored = row(reference)
        for name, value in columns(fold(records_of(stored.id)), PARIS).items():
            assert getattr(stored, name) == value, name
        assert facts_of([stored.id])[stored.id].content.tools == (API, PATH)

    def test_it_is_found_by_its_words_while_it_may_be_read(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        reference, actor = (
            announce(info(title="Fermeture exceptionnelle"), draft_only=True),
            world.here.actor(),
        )

        def found() -> list[int]:
            return search.matching(search.ANNOUNCEMENTS, world.here.partner_id, Wanted(words=("fermetures",)))

        assert found() == []
        with transaction():
            publish(reference, actor=actor, now=clock.now())
        assert found() == [row(reference).id]
        reader = world.here.actor(Role.USER)
        assert [line.reference for line in lists.search_hits(reader, found(), clock.now())] == [reference]
        assert lists.search_hits(world.there.actor(Role.USER), found(), clock.now()) == ()
        with transaction():
            perform(reference, e.Withdrawn(reason="Erreur"), actor=actor, now=clock.now())
        assert found() == []


class TestNotice:
    def test_the_partners_own_convention_binds(self, clock: FrozenClock, announce: Announce) -> None:
        late = row(announce(change(clock.now())))
        content = facts_of([late.id])[late.id].content
        assert (content.notice, content.notice_is_contractual) == ("5 days", True)
        assert content.notice_source == "pas-de-calais-2024, annexe 2, §7"
        assert late.notice_kept is False
        kept = row(announce(change(clock.now(), level=Level.MAJOR, starts_at=clock.now() + 120 * DAY)))
        assert kept.notice_kept is True

    def test_a_borrowed_figure_is_an_objective(self, world: World, clock: FrozenClock) -> None:
        with transaction():
            made = draft(change(clock.now()), actor=world.there.actor(), now=clock.now())
        content = facts_of([made.id])[made.id].content
        assert (content.notice, content.notice_is_contractual) == ("5 days", False)
        assert content.notice_source == "pas-de-calais-2024, annexe 2, §7"

    def test_late_ones_are_counted(self, world: World, clock: FrozenClock, announce: Announce) -> None:
        now = clock.now()
        announce(change(now))
        announce(change(now, starts_at=now + 9 * DAY))
        announce(change(now, blocking=True))
        announce(change(now), draft_only=True)
        manager = world.here.actor(Role.MANAGER)
        assert lists.late_notices(manager, now, now) == (1, 2)
        assert lists.late_notices(manager, now, now + 5 * DAY) == (0, 1)
        assert len(lists.changes(manager, now)) == 3


class TestAudience:
    def test_a_structure_reads_what_is_for_it_and_no_other_does(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        here, now = world.here, clock.now()
        announce(info(title="Pour l’accueil", structures=(here.structures["accueil"],)))
        reference = announce(info(title="Pour l’insertion", structures=(here.structures["insertion"],)))
        assert titles(here.actor(Role.USER), now) == ["Pour l’accueil"]
        assert titles(here.actor(Role.ACCOUNT_MANAGER), now) == []
        assert set(titles(here.actor(Role.MANAGER), now)) == {"Pour l’accueil", "Pour l’insertion"}
        with pytest.raises(NotFound):
            find(here.actor(Role.USER), reference, now)
        assert titles(world.there.actor(Role.CORRESPONDENT), now) == []
        with pytest.raises(NotFound):
            find(world.there.actor(Role.CORRESPONDENT), reference, now)

    def test_tools_choose_among_structures(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        here, now = world.here, clock.now()
        with transaction():
            narrow_tools(here.partner_id, here.structures["accueil"], (API,))
        announce(info(title="Parcours", tools=(PATH,)))
        announce(info(title="API", tools=(API,)))
        announce(info(title="Connexion", tools=("connexion",)))
        assert set(titles(here.actor(Role.USER), now)) == {"API", "Connexion"}
        assert set(titles(here.actor(Role.ACCOUNT_MANAGER), now)) == {"Parcours", "API", "Connexion"}

    def test_a_suspended_role_reads_nothing(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        announce(info())
        user = world.here.people[Role.USER]
        with transaction():
            db.session.execute(
                update(Membership)
                .where(Membership.account_id == user.account_id)
                .values(suspended_at=clock.now())
            )
        assert titles(user.actor, clock.now()) == []

    def test_nobody_else_reads_a_draft_or_what_is_for_later(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        now = clock.now()
        announce(info(title="Brouillon"), draft_only=True)
        announce(info(title="Pour demain"), at=now + DAY)
        for role in (Role.USER, Role.MANAGER):
            assert titles(world.here.actor(role), now) == []
        assert titles(world.here.actor(Role.USER), now + DAY) == ["Pour demain"]
        waiting = lists.drafts(world.here.actor(Role.CORRESPONDENT), now)
        assert {line.title for line in waiting} == {"Brouillon", "Pour demain"}

    def test_the_desk_itself_sees_its_partner_only(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        reference = announce(info(), draft_only=True)
        assert find(system_actor(world.here.partner_id), reference, clock.now()).title == "À savoir"
        with pytest.raises(NotFound):
            find(system_actor(world.there.partner_id), reference, clock.now())


class TestLists:
    def test_what_is_over_goes_to_the_history_page_after_page(
        self, world: World, clock: FrozenClock, announce: Announce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lists, "PER_PAGE", 2)
        now, user = clock.now(), world.here.actor(Role.USER)
        for number in range(5):
            announce(info(title=str(number), ends_at=now + (number + 1) * DAY))
        later = now + 9 * DAY
        read, key = [], ""
        for _ in range(3):
            page = lists.history(user, later, key)
            read += [line.title for line in page.lines]
            key = page.next
        assert (read, key) == (["4", "3", "2", "1", "0"], "")
        assert lists.history(user, later, "hostile").lines == lists.history(user, later).lines
        assert titles(user, later) == []

    def test_a_month_holds_what_touches_it(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        start = datetime(2026, 3, 31, 22, tzinfo=PARIS)
        announce(info(title="D’un mois à l’autre", starts_at=start, ends_at=start + DAY))
        announce(info(title="Sans date"))
        user = world.here.actor(Role.USER)
        for month, count in ((2, 0), (3, 1), (4, 1), (12, 0)):
            first = datetime(2026, month, 1).date()  # noqa: DTZ001 - a day of the calendar
            assert len(lists.of_month(user, clock.now(), first, PARIS)) == count, month


class TestReading:
    def test_the_banner_lasts_until_read_and_comes_back_with_new_dates(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        user, now = world.here.actor(Role.USER), clock.now()
        assert lists.banner(user, now) is None
        first = announce(info(title="Fermeture", starts_at=now + DAY, ends_at=now + 2 * DAY))
        announce(
            e.Content(
                kind=Kind.INCIDENT,
                title="Panne",
                tools=(PATH,),
                severity=Severity.INTERRUPTION,
                starts_at=now,
            )
        )
        shown = lists.banner(user, now)
        assert shown is not None
        assert (shown.title, shown.others, shown.severity) == ("Panne", 1, Severity.INTERRUPTION)
        with transaction():
            mark_read(shown.reference, actor=user, now=now)
        shown = lists.banner(user, now)
        assert shown is not None
        assert (shown.title, shown.others) == ("Fermeture", 0)
        with transaction():
            mark_read(first, actor=user, now=now)
        assert lists.banner(user, now) is None
        clock.advance(timedelta(minutes=5))
        with transaction():
            moved = info(title="Fermeture", starts_at=now + 3 * DAY, ends_at=now + 4 * DAY)
            edit(first, moved, actor=world.here.actor(), now=clock.now())
        shown = lists.banner(user, clock.now())
        assert shown is not None
        assert shown.title == "Fermeture"

    def test_who_has_read_it_by_structure(self, world: World, clock: FrozenClock, announce: Announce) -> None:
        here, user = world.here, world.here.people[Role.USER]
        reference = announce(info(structures=tuple(here.structures.values())))
        with transaction():
            mark_read(reference, actor=user.actor, now=clock.now())
            mark_read(reference, actor=user.actor, now=clock.now())
        (part,) = lists.read_by(row(reference))
        assert (part.structure, part.concerned) == ("Accueil", 2)
        assert [name for name, _ in part.readers] == [user.name]
        everyone = lists.read_by(row(announce(info())))
        assert [(one.structure, one.concerned, one.readers) for one in everyone] == [
            ("Accueil", 2, ()),
            ("", 6, ()),
        ]

    def test_one_reads_only_what_is_ones_own(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        reference = announce(info())
        with pytest.raises(NotFound):
            mark_read(reference, actor=world.there.actor(Role.USER), now=clock.now())


class TestMail:
    def told(self) -> list[tuple[int, str]]:
        rows = db.session.execute(select(Outbox.account_id, Outbox.context).order_by(Outbox.id))
        return [(account_id, str(context["heading"])) for account_id, context in rows]

    def someone(self, world: World, structure: str) -> Person:
        with transaction():
            return make_person(
                db.session.get_one(Partner, world.here.partner_id), Role.USER, world.here.structures[structure],
                name=f"agent {structure}",
            )  # fmt: skip

    def test_those_concerned_are_told_once(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        agent = self.someone(world, "insertion")
        self.someone(world, "delegataire")
        reference = announce(info(structures=(world.here.structures["insertion"],)))
        tell_announcements(clock.now())
        tell_announcements(clock.now())
        assert self.told() == [(agent.account_id, "Information")]
        letter = db.session.scalars(select(Outbox)).one()
        assert (letter.path, letter.context["reference"]) == (f"/annonces/{reference}", reference)

    def test_whoever_prefers_none_gets_none(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        agent, other = self.someone(world, "insertion"), self.someone(world, "delegataire")
        with transaction():
            choose_mail(agent.actor, MailChoice.NONE)
            db.session.execute(update(Account).where(Account.id == other.account_id).values(active=False))
        announce(info(structures=(world.here.structures["insertion"], world.here.structures["delegataire"])))
        tell_announcements(clock.now())
        assert self.told() == []

    def test_what_is_for_later_is_told_later(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        announce(info(structures=(world.here.structures["accueil"],)), at=clock.now() + DAY)
        tell_announcements(clock.now())
        assert self.told() == []
        tell_announcements(clock.now() + DAY)
        assert len(self.told()) == 2  # the user and the integrator work there

    def test_a_withdrawal_is_told_and_leads_to_the_list(
        self, world: World, clock: FrozenClock, announce: Announce
    ) -> None:
        reference = announce(info(structures=(world.here.structures["accueil"],)))
        tell_announcements(clock.now())
        with transaction():
            perform(reference, e.Withdrawn(reason="Reportée"), actor=world.here.actor(), now=clock.now())
        tell_announcements(clock.now())
        assert [heading for _, heading in self.told()] == ["Information"] * 2 + ["Annonce retirée"] * 2
        assert db.session.scalars(select(Outbox).order_by(Outbox.id.desc())).first().path == "/annonces"  # type: ignore[union-attr]


def test_what_the_state_forbids_leaves_no_trace(world: World, clock: FrozenClock, announce: Announce) -> None:
    reference = announce(info())
    with pytest.raises(Impossible), transaction():
        publish(reference, actor=world.here.actor(), now=clock.now())
    assert row(reference).version == 2
