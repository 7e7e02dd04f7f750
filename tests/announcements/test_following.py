"""What an announcement takes over from its ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.announcements import events as e
from app.announcements.following import following, is_over, milestones
from app.announcements.rules import Facts
from app.announcements.vocabulary import Milestone, State
from app.tickets import events as t
from app.tickets.vocabulary import IncidentType, Kind, Severity, WorkaroundScope
from tests.announcements.material import NOON, Told, incident
from tests.tickets.stories import Story, transmitted

AVAILABILITY = IncidentType.AVAILABILITY
PARTIAL = t.WorkaroundGiven(
    scope=WorkaroundScope.PARTIAL,
    text="Par l’autre écran",
    article="autre-ecran",
    article_title="Autre écran",
)
TOTAL = t.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text="Par l’adresse de secours")


def live() -> Facts:
    return Told(incident(), ticket_id=1).published().facts


def ended() -> Facts:
    return Told(incident(), ticket_id=1).published().then(e.Ended()).facts


def happens(story: Story, announcement: Facts | None = None) -> list[e.AnnouncementEvent]:
    """What the last event of the story makes happen."""
    return [event for _, event in following(announcement or live(), story.records)]


def line(milestone: Milestone, sequence: int, **more: object) -> e.NewsAdded:
    return e.NewsAdded(milestone=milestone, ticket_sequence=sequence, **more)  # type: ignore[arg-type]


def test_each_step_becomes_a_line_at_its_own_time() -> None:
    story = Story(incident_type=AVAILABILITY)
    story.then(
        "2026-03-10 09:10",
        t.Transmitted(channel="Formulaire", text="Texte interne"),
        typed="2026-03-10 09:30",
    )
    ((source, event),) = following(live(), story.records)
    assert event == line(Milestone.TRANSMITTED, 2)
    assert source.occurred_at == story.records[-1].occurred_at


@pytest.mark.parametrize(
    ("step", "milestone"),
    [
        (t.TakenUp(text="Cellule ouverte"), Milestone.TAKEN_UP),
        (t.FtInformed(detected_at=None), Milestone.FOUND_BY_FT),
        (t.SeverityChanged(severity=Severity.DEGRADATION), Milestone.DEGRADED),
        (t.ReturnAnnounced(text="C’est réparé"), Milestone.RESTORED),
        (t.FtClosed(), Milestone.RESTORED),
    ],
)
def test_nothing_typed_in_the_ticket_is_repeated(step: t.TicketEvent, milestone: Milestone) -> None:
    assert happens(transmitted().then("2026-03-10 09:20", step)) == [line(milestone, 3)]


def test_a_worsening() -> None:
    story = transmitted().then("2026-03-10 09:20", t.SeverityChanged(severity=Severity.DEGRADATION))
    story.then("2026-03-10 09:30", t.SeverityChanged(severity=Severity.INTERRUPTION))
    assert happens(story) == [line(Milestone.INTERRUPTED, 4)]


def test_a_workaround_is_written_to_be_sent() -> None:
    story = transmitted().then("2026-03-10 09:20", PARTIAL)
    assert happens(story) == [
        line(
            Milestone.PARTIAL_WORKAROUND,
            3,
            text="Par l’autre écran",
            article="autre-ecran",
            article_title="Autre écran",
        )
    ]
    story.then("2026-03-10 09:30", t.WorkaroundWithdrawn(reason="Ne marche plus"))
    assert happens(story) == [line(Milestone.WORKAROUND_WITHDRAWN, 4)]


def test_a_forecast_with_its_time_only() -> None:
    vague = transmitted().then("2026-03-10 09:20", t.ForecastGiven(text="Bientôt"))
    assert happens(vague) == []
    expected = NOON + timedelta(hours=2)
    dated = transmitted().then("2026-03-10 09:20", t.ForecastGiven(text="Ce soir", expected_at=expected))
    assert happens(dated) == [line(Milestone.FORECAST, 3, expected_at=expected)]


def test_where_the_receipt_is_the_take_up_it_counts_as_one() -> None:
    story = Story(incident_type=AVAILABILITY).then(
        "2026-03-10 09:10", t.Transmitted(channel="francetravail.io", text="…", receipt_is_take_up=True)
    )
    story.then("2026-03-10 09:12", t.ReceiptReceived())
    assert happens(story) == [line(Milestone.TAKEN_UP, 3)]
    assert happens(transmitted().then("2026-03-10 09:12", t.ReceiptReceived())) == []


def test_what_concerns_the_desk_alone_says_nothing() -> None:
    assert (
        happens(transmitted().then("2026-03-10 09:20", t.Commented(text="Point au téléphone", internal=True)))
        == []
    )


class TestTheEnd:
    def test_it_ends_once_the_return_is_confirmed(self) -> None:
        story = transmitted().then("2026-03-10 10:00", t.ReturnAnnounced())
        story.then("2026-03-10 10:30", t.ReturnConfirmed())
        assert happens(story) == [e.Ended(restored=True)]

    def test_a_return_refused_is_said(self) -> None:
        story = transmitted().then("2026-03-10 10:00", t.ReturnAnnounced())
        story.then("2026-03-10 10:30", t.ReturnRefused(text="Toujours rien"))
        assert happens(story) == [line(Milestone.NOT_RESTORED, 4)]

    def test_held_by_a_workaround_it_lasts_until_the_repair(self) -> None:
        story = transmitted().then("2026-03-10 10:00", TOTAL)
        assert happens(story) == [line(Milestone.TOTAL_WORKAROUND, 3, text="Par l’adresse de secours")]
        story.then("2026-03-10 10:30", t.ReturnConfirmed())
        assert happens(story) == [line(Milestone.HELD, 4)]
        assert not is_over(story.facts)
        story.then("2026-03-10 18:00", t.RepairDone())
        assert happens(story) == [e.Ended(restored=True)]

    def test_cancelled_it_ends_without_saying_restored(self) -> None:
        assert happens(transmitted().then("2026-03-10 10:00", t.Cancelled(reason="Erreur"))) == [e.Ended()]

    def test_no_incident_after_all(self) -> None:
        story = Story(incident_type=AVAILABILITY).then(
            "2026-03-10 09:10", t.Classified(kind=Kind.QUESTION, tools=("suivi-de-parcours",))
        )
        assert happens(story) == [e.Ended()]

    def test_ended_by_hand_it_stays_so_and_is_reopened_with_the_ticket(self) -> None:
        story = transmitted().then("2026-03-10 09:20", t.TakenUp())
        assert happens(story, ended()) == []
        story.then("2026-03-10 10:00", t.ReturnAnnounced()).then("2026-03-10 10:30", t.ReturnConfirmed())
        assert happens(story, ended()) == []
        story.then("2026-03-10 11:00", t.Closed()).then(
            "2026-03-11 09:00", t.Reopened(reason="De nouveau", return_stands=False)
        )
        assert happens(story, ended()) == [e.Reopened()]


def test_what_becomes_a_matter_of_security_disappears() -> None:
    story = Story(incident_type=AVAILABILITY).then(
        "2026-03-10 09:10", t.Classified(kind=Kind.SECURITY, tools=("suivi-de-parcours",))
    )
    assert happens(story) == [e.Withdrawn()]
    assert happens(story, replace(live(), state=State.WITHDRAWN)) == []


def test_a_draft_follows_nothing() -> None:
    assert happens(transmitted(), Told(incident()).facts) == []


class TestClassification:
    def classified(self, tools: tuple[str, ...], severity: Severity | None) -> t.Classified:
        return t.Classified(kind=Kind.INCIDENT, tools=tools, incident_type=AVAILABILITY, severity=severity)

    def test_other_tools_and_another_severity_are_followed(self) -> None:
        story = Story(incident_type=AVAILABILITY).then(
            "2026-03-10 09:10", self.classified(("suivi-de-parcours", "ouiform"), Severity.DEGRADATION)
        )
        edit, news = happens(story)
        assert isinstance(edit, e.Edited)
        assert (edit.tools, edit.title) == (("suivi-de-parcours", "ouiform"), incident().title)
        assert news == line(Milestone.DEGRADED, 2)

    def test_tools_chosen_by_hand_are_kept(self) -> None:
        story = Story(incident_type=AVAILABILITY).then(
            "2026-03-10 09:10", self.classified(("ouiform",), Severity.INTERRUPTION)
        )
        by_hand = Told(incident(tools=("oscar",)), ticket_id=1).published().facts
        assert happens(story, by_hand) == []


class TestCorrections:
    def announced(self, story: Story, step: type[t.TicketEvent]) -> Facts:
        sequence = story.sequence_of(step)
        return Told(incident()).published().then(line(Milestone.TAKEN_UP, sequence)).facts

    def test_a_step_voided_in_the_ticket_leaves_the_thread(self) -> None:
        story = transmitted().then("2026-03-10 09:20", t.TakenUp())
        announcement = self.announced(story, t.TakenUp)
        story.correct(3, void=True)
        assert happens(story, announcement) == [e.NewsCorrected(sequence=3)]

    def test_a_time_corrected_in_the_ticket_is_corrected_in_the_thread(self) -> None:
        story = transmitted().then("2026-03-10 09:20", t.TakenUp())
        announcement = self.announced(story, t.TakenUp)
        story.correct(3, to="2026-03-10 09:15")
        assert happens(story, announcement) == [e.NewsCorrected(sequence=3, at=story.facts.taken_up_at)]
        moved = replace(
            announcement, news=tuple(replace(one, at=story.facts.taken_up_at) for one in announcement.news)
        )
        assert happens(story, moved) == []

    def test_what_the_thread_does_not_repeat_changes_nothing(self) -> None:
        story = transmitted().then("2026-03-10 09:20", t.TakenUp()).correct(3, to="2026-03-10 09:15")
        assert happens(story) == []


def test_grouped_it_waits_for_the_reactor_to_say_whom_it_follows() -> None:
    record = replace(transmitted().records[-1], sequence=3, event=t.DuplicateMarked(of="7F3K-M2QX"))
    story = transmitted()
    story.records.append(record)
    assert happens(story) == []


def test_announced_late_it_tells_the_steps_gone_through() -> None:
    story = (
        transmitted().then("2026-03-10 09:20", t.TakenUp()).then("2026-03-10 09:40", t.Commented(text="…"))
    )
    story.then("2026-03-10 10:00", TOTAL).then("2026-03-10 10:30", t.ReturnConfirmed())
    assert [event.milestone for _, event in milestones(story.records)] == [
        Milestone.TRANSMITTED, Milestone.TAKEN_UP, Milestone.TOTAL_WORKAROUND, Milestone.HELD,
    ]  # fmt: skip
