from __future__ import annotations

from datetime import datetime

import pytest

from app.announcements import events as e
from app.announcements.rules import (
    apply,
    check,
    check_content,
    fold,
    is_told,
    last_moment,
    state_at,
    without_what_its_kind_lacks,
)
from app.announcements.vocabulary import Kind, Level, Milestone, State
from app.kernel.errors import Impossible, InvalidInput
from app.tickets.vocabulary import Severity
from tests.announcements.material import (
    DAY,
    HOUR,
    NOON,
    Told,
    change,
    edited,
    incident,
    information,
    maintenance,
)

LATER = NOON + 40 * HOUR


class TestStates:
    def test_a_draft_is_read_by_nobody(self) -> None:
        assert Told(incident()).facts.state is State.DRAFT

    def test_published_for_later_it_is_scheduled_until_then(self) -> None:
        facts = Told(information()).published(LATER).facts
        assert state_at(facts.state, facts.publish_at, facts.over_at, NOON) is State.SCHEDULED
        assert state_at(facts.state, facts.publish_at, facts.over_at, LATER) is State.PUBLISHED

    def test_a_maintenance_is_over_by_its_dates(self) -> None:
        facts = Told(maintenance()).published().facts
        assert facts.over_at == NOON + DAY + 3 * HOUR
        assert state_at(facts.state, facts.publish_at, facts.over_at, facts.over_at) is State.ENDED

    def test_an_incident_is_over_when_someone_says_so(self) -> None:
        told = Told(incident(ends_at=NOON + HOUR)).published()
        assert told.facts.over_at is None
        told.then(e.Ended())
        assert told.facts.over_at == NOON + 2 * HOUR
        assert told.facts.state is State.ENDED

    def test_reopened_it_is_news_again(self) -> None:
        told = Told(incident()).published().then(e.Ended(), e.Reopened(text="Le problème revient."))
        assert (told.facts.state, told.facts.ended_at) == (State.PUBLISHED, None)
        assert told.facts.news_since == NOON + 3 * HOUR

    @pytest.mark.parametrize(
        ("content", "end"),
        [
            (change(), NOON + 9 * DAY),
            (change(ends_at=NOON + 3 * DAY), NOON + 3 * DAY),
            (information(kind=Kind.TRAINING, starts_at=NOON), NOON + DAY),
            (information(), None),
            (information(starts_at=NOON), None),
            (information(ends_at=NOON), NOON),
        ],
    )
    def test_the_end_that_dates_give(self, content: e.Content, end: datetime | None) -> None:
        assert last_moment(content) == end

    def test_the_first_event_is_the_draft(self) -> None:
        with pytest.raises(ValueError, match="at least its draft"):
            fold([])
        with pytest.raises(ValueError, match="first event"):
            apply(None, e.Recorded(1, e.Ended(), NOON, NOON))


class TestSeverity:
    def test_it_follows_the_steps_of_the_ticket(self) -> None:
        told = Told(incident()).published()
        assert told.facts.severity is Severity.INTERRUPTION
        told.then(e.NewsAdded(milestone=Milestone.DEGRADED))
        assert told.facts.severity is Severity.DEGRADATION
        told.then(e.NewsAdded(milestone=Milestone.HELD))
        assert told.facts.severity is None
        told.then(e.NewsAdded(milestone=Milestone.NOT_RESTORED))
        assert told.facts.severity is Severity.INTERRUPTION
        told.then(e.NewsAdded(milestone=Milestone.INTERRUPTED), e.NewsAdded(milestone=Milestone.TAKEN_UP))
        assert told.facts.severity is Severity.INTERRUPTION

    def test_what_a_workaround_held_fares_badly_again_once_reopened(self) -> None:
        told = (
            Told(incident())
            .published()
            .then(e.NewsAdded(milestone=Milestone.HELD), e.Ended(), e.Reopened(text="…"))
        )
        assert told.facts.severity is Severity.INTERRUPTION


class TestThread:
    def test_lines_are_kept_moved_and_taken_away(self) -> None:
        told = Told(incident()).published().then(e.NewsAdded(text="Un"), e.NewsAdded(text="Deux"))
        first, second = told.facts.news
        told.then(
            e.NewsCorrected(sequence=first.sequence), e.NewsCorrected(sequence=second.sequence, at=NOON)
        )
        assert [(line.text, line.at) for line in told.facts.news] == [("Deux", NOON)]

    def test_it_may_follow_another_ticket(self) -> None:
        assert Told(incident(), ticket_id=3).published().then(e.Entrusted(ticket_id=9)).facts.ticket_id == 9


class TestWhoIsTold:
    def told(self, content: e.Content, *events: e.AnnouncementEvent, at: datetime = NOON) -> int | None:
        return Told(content).published(at).then(*events).facts.mail_sequence

    def test_at_first_of_the_publication(self) -> None:
        assert self.told(incident()) == 2

    def test_of_what_someone_typed_and_of_workarounds_but_not_of_each_step(self) -> None:
        assert self.told(incident(), e.NewsAdded(text="Du nouveau")) == 3
        assert self.told(incident(), e.NewsAdded(milestone=Milestone.PARTIAL_WORKAROUND, text="…")) == 3
        assert self.told(incident(), e.NewsAdded(milestone=Milestone.TAKEN_UP)) == 2

    def test_of_new_dates_but_not_of_other_words(self) -> None:
        moved = maintenance(ends_at=NOON + 2 * DAY)
        assert self.told(maintenance(), edited(maintenance(title="Autrement dit"))) == 2
        assert self.told(maintenance(), edited(moved)) == 3
        assert Told(maintenance()).published().then(edited(moved)).facts.news_since == NOON + 2 * HOUR

    def test_of_nothing_before_it_is_to_be_read(self) -> None:
        assert self.told(maintenance(), edited(maintenance(ends_at=NOON + 2 * DAY)), at=LATER) == 2

    def test_of_the_end_and_of_the_reopening(self) -> None:
        assert self.told(incident(), e.Ended()) == 3
        assert self.told(incident(), e.Ended(), e.Reopened(text="…")) == 4

    def test_of_a_withdrawal_with_its_reason_only(self) -> None:
        assert self.told(maintenance(), e.Withdrawn(reason="Reportée sans date.")) == 3
        assert self.told(maintenance(), e.Withdrawn()) is None
        assert self.told(maintenance(), e.Withdrawn(reason="Erreur"), at=LATER) is None

    def test_not_of_what_is_over(self) -> None:
        facts = Told(maintenance()).published().facts
        late = NOON + 3 * DAY
        assert not is_told(facts, e.Recorded(3, e.Ended(), late, late))
        assert not is_told(facts, e.Recorded(3, e.Withdrawn(reason="…"), late, late))


class TestGuards:
    @pytest.mark.parametrize(
        ("told", "event"),
        [
            (Told(incident()), e.NewsAdded(text="…")),
            (Told(incident()).published(LATER), e.Ended()),
            (Told(incident()).published(), e.Published(publish_at=NOON)),
            (Told(incident()).published(), e.Reopened(text="…")),
            (Told(incident()).published().then(e.Ended()), edited(incident())),
            (Told(incident()).published().then(e.Withdrawn(reason="…")), e.Withdrawn(reason="…")),
        ],
    )
    def test_what_the_state_forbids(self, told: Told, event: e.AnnouncementEvent) -> None:
        with pytest.raises(Impossible):
            check(told.facts, event, NOON + 5 * HOUR)

    @pytest.mark.parametrize(
        ("told", "event", "field"),
        [
            (Told(incident()).published(), e.NewsAdded(text="  "), "text"),
            (Told(incident()).published(), e.Withdrawn(), "text"),
            (Told(incident()).published().then(e.Ended()), e.Reopened(), "text"),
            (Told(incident()).published(), edited(information()), "kind"),
            (Told(maintenance()), e.Published(publish_at=NOON + 3 * DAY), "publish_at"),
        ],
    )
    def test_what_is_missing_or_wrong(self, told: Told, event: e.AnnouncementEvent, field: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            check(told.facts, event, NOON + 5 * HOUR)
        assert refusal.value.field == field

    def test_what_may_happen(self) -> None:
        check(Told(incident()).facts, e.Withdrawn(), NOON)
        check(Told(incident()).facts, e.Published(publish_at=NOON), NOON)
        check(Told(information()).facts, edited(incident()), NOON)
        check(Told(incident()).published().facts, e.NewsAdded(milestone=Milestone.TAKEN_UP), LATER)
        check(Told(incident()).published().facts, e.Ended(), LATER)

    def test_a_maintenance_that_lasts_longer_is_edited_after_its_end(self) -> None:
        longer = maintenance(ends_at=NOON + 9 * DAY)
        check(Told(maintenance()).published().facts, edited(longer), NOON + 3 * DAY)

    @pytest.mark.parametrize(
        ("content", "field"),
        [
            (incident(title=" "), "title"),
            (incident(tools=()), "tools"),
            (incident(severity=None), "severity"),
            (maintenance(starts_at=None), "starts_at"),
            (maintenance(ends_at=None), "ends_at"),
            (maintenance(ends_at=NOON), "ends_at"),
            (change(level=None), "level"),
            (change(announced_at=None), "announced_at"),
            (change(announced_at=NOON + HOUR), "announced_at"),
            (information(kind=Kind.TRAINING), "starts_at"),
        ],
    )
    def test_what_each_kind_needs(self, content: e.Content, field: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            check_content(content, NOON)
        assert refusal.value.field == field

    def test_nothing_of_another_kind_is_kept(self) -> None:
        stray = information(
            severity=Severity.DEGRADATION, level=Level.MAJOR, blocking=True, announced_at=NOON
        )
        kept = e.Content(**without_what_its_kind_lacks(stray))
        assert kept == information()
        assert e.Content(**without_what_its_kind_lacks(change())) == change()
        assert e.Content(**without_what_its_kind_lacks(incident())) == incident()
