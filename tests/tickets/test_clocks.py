"""What starts and stops each clock of a ticket (domain.md, « Events and clocks »)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.deadlines.clocks import ClockState
from app.tickets import events as e
from app.tickets.vocabulary import IncidentType, Kind, Severity, State, WorkaroundScope
from tests.tickets.stories import Story, at, transmitted

APPLICATION, AVAILABILITY = IncidentType.APPLICATION, IncidentType.AVAILABILITY


def reclassified(incident_type: IncidentType) -> e.Classified:
    return e.Classified(
        kind=Kind.INCIDENT,
        tools=("suivi-de-parcours",),
        incident_type=incident_type,
        severity=Severity.INTERRUPTION if incident_type is AVAILABILITY else None,
        reason="Relu avec France Travail",
    )


def test_no_clock_runs_before_the_transmission() -> None:
    assert Story(incident_type=AVAILABILITY).clocks() == set()
    assert Story(Kind.QUESTION).clocks() == set()


def test_an_availability_incident_has_fifteen_minutes_and_eight_working_hours() -> None:
    story = transmitted(AVAILABILITY, "2026-03-10 09:10")
    assert story.clock("take-up") == (ClockState.OVERDUE, at("2026-03-10 09:25"))
    assert story.clock("return-to-service", "2026-03-10 16:00") == (
        ClockState.RUNNING,
        at("2026-03-11 09:10"),
    )


def test_an_application_incident_has_six_days_and_no_take_up() -> None:
    story = Story(incident_type=APPLICATION, filed="2026-10-23 09:00")
    story.then("2026-10-23 10:00", e.Transmitted(channel="…", text="…"))
    assert story.clocks() == {"return-to-service"}
    assert story.clock("return-to-service", "2026-10-24 09:00") == (
        ClockState.RUNNING,
        at("2026-10-29 10:00"),
    )


@pytest.mark.parametrize(("minute", "state"), [("09:25", ClockState.MET), ("09:26", ClockState.MISSED)])
def test_the_due_minute_itself_is_in_time(minute: str, state: ClockState) -> None:
    story = transmitted().then(f"2026-03-10 {minute}", e.TakenUp())
    assert story.clock("take-up")[0] is state


def test_the_return_is_judged_at_the_earlier_time_and_only_once_tested() -> None:
    story = transmitted().then("2026-03-11 09:10", e.ReturnObserved())
    assert story.clock("return-to-service")[0] is ClockState.TO_VERIFY
    story.then("2026-03-12 15:00", e.ReturnConfirmed())
    assert story.clock("return-to-service")[0] is ClockState.MET


def test_a_refused_return_never_stopped_the_clock() -> None:
    story = transmitted().then("2026-03-10 11:00", e.ReturnAnnounced())
    story.then("2026-03-10 11:10", e.ReturnRefused(text="Non"))
    assert story.clock("return-to-service", "2026-03-10 12:00")[0] is ClockState.RUNNING
    assert story.clock("return-to-service", "2026-03-12 12:00")[0] is ClockState.OVERDUE


def test_only_a_total_workaround_is_a_return() -> None:
    partial = transmitted().then(
        "2026-03-10 10:00", e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text="…")
    )
    assert partial.clock("return-to-service", "2026-03-10 12:00")[0] is ClockState.RUNNING
    total = transmitted().then("2026-03-10 10:00", e.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text="…"))
    assert total.clock("return-to-service", "2026-03-12 12:00")[0] is ClockState.TO_VERIFY
    total.then("2026-03-12 12:00", e.ReturnConfirmed())
    assert total.clock("return-to-service")[0] is ClockState.MET


def test_reclassified_the_take_up_keeps_the_type_as_transmitted_and_the_return_the_final_one() -> None:
    story = transmitted(AVAILABILITY).then("2026-03-10 10:00", reclassified(APPLICATION))
    assert story.clocks() == {"take-up", "return-to-service"}
    assert story.clock("return-to-service", "2026-03-12 12:00") == (
        ClockState.RUNNING,
        at("2026-03-16 09:10"),
    )
    other = transmitted(APPLICATION).then("2026-03-10 10:00", reclassified(AVAILABILITY))
    assert other.clocks() == {"return-to-service"}
    assert other.clock("return-to-service")[1] == at("2026-03-11 09:10")


def test_found_by_france_travail_with_its_detection() -> None:
    story = Story(incident_type=AVAILABILITY)
    story.then("2026-03-10 09:30", e.FtInformed(detected_at=at("2026-03-10 08:30")))
    assert story.clock("information") == (ClockState.MET, at("2026-03-10 09:30"))
    assert story.clock("return-to-service")[1] == at("2026-03-10 17:00"), "from 8:30, eight hours of service"
    assert story.clocks() == {"information", "return-to-service"}


def test_found_by_france_travail_without_its_detection() -> None:
    story = Story(incident_type=AVAILABILITY).then("2026-03-10 09:30", e.FtInformed(detected_at=None))
    assert story.clock("information") == (ClockState.INDETERMINATE, None)
    assert story.clock("return-to-service")[1] == at("2026-03-11 09:30"), "the clock starts when informed"


def test_informed_late() -> None:
    story = Story(incident_type=APPLICATION)
    story.then("2026-03-11 09:30", e.FtInformed(detected_at=at("2026-03-10 09:29")))
    assert story.clock("information")[0] is ClockState.MISSED


def test_the_date_agreed_in_time_replaces_the_due_time() -> None:
    agreed = e.DateAgreed(due_at=at("2026-04-02 18:00"))
    story = transmitted(APPLICATION).then("2026-03-16 09:10", agreed)
    assert story.clock("return-to-service", "2026-03-20 09:00") == (
        ClockState.RUNNING,
        at("2026-04-02 18:00"),
    )
    late = transmitted(APPLICATION).then("2026-03-16 09:11", agreed)
    assert late.clock("return-to-service", "2026-03-20 09:00") == (ClockState.OVERDUE, at("2026-03-16 09:10"))


@pytest.mark.parametrize(
    "end",
    [
        [e.Answered(text="Un réglage du poste")],
        [e.Cancelled(reason="Erreur")],
        [e.FtRefused(text="Hors périmètre"), e.RefusalAccepted()],
    ],
    ids=["answered", "cancelled", "refusal accepted"],
)
def test_clocks_are_cancelled_when_the_matter_is_not_france_travails(end: list[e.TicketEvent]) -> None:
    story = transmitted()
    for event in end:
        story.then("2026-03-10 09:20", event)
    assert {story.clock(name)[0] for name in story.clocks()} == {ClockState.CANCELLED}


def test_what_was_met_stays_met_whatever_follows() -> None:
    story = (
        transmitted().then("2026-03-10 09:20", e.TakenUp()).then("2026-03-10 10:00", e.Cancelled(reason="…"))
    )
    assert story.clock("take-up")[0] is ClockState.MET


def test_a_refusal_alone_stops_nothing() -> None:
    story = transmitted().then("2026-03-10 09:20", e.FtRefused(text="Hors périmètre"))
    assert story.clock("take-up", "2026-03-10 09:24")[0] is ClockState.RUNNING


def test_a_question_of_france_travail_suspends_nothing_unless_the_commitment_says_so() -> None:
    story = transmitted().then("2026-03-10 09:15", e.FtAsked(text="?"))
    assert story.clock("return-to-service", "2026-03-20 09:00")[0] is ClockState.OVERDUE


def test_transmitted_twice_the_earliest_counts() -> None:
    story = transmitted(AVAILABILITY, "2026-03-10 09:10")
    story.then("2026-03-10 09:05", e.Transmitted(channel="Téléphone", text="…"), typed="2026-03-10 11:00")
    assert story.clock("take-up")[1] == at("2026-03-10 09:20")


def test_reopened_because_the_return_did_not_hold_the_clock_never_stopped() -> None:
    story = (
        transmitted()
        .then("2026-03-10 10:00", e.ReturnObserved())
        .then("2026-03-10 10:01", e.ReturnConfirmed())
    )
    story.then("2026-03-10 11:00", e.Reopened(reason="Retombé", return_stands=False))
    assert story.clock("return-to-service", "2026-03-10 12:00")[0] is ClockState.RUNNING


def test_a_persons_request_has_one_month_from_its_receipt() -> None:
    story = Story(Kind.DATA_SUBJECT_REQUEST, filed="2026-01-31 10:00")
    assert story.clock("answer", "2026-02-15 10:00") == (ClockState.RUNNING, at("2026-02-28 10:00"))
    story.then("2026-02-28 10:00", e.Answered(text="Voici vos données"))
    assert story.clock("answer")[0] is ClockState.MET
    received_before = Story(Kind.DATA_SUBJECT_REQUEST, since=at("2026-03-02 08:00"))
    assert received_before.clock("answer")[1] == at("2026-04-02 08:00")
    cancelled = Story(Kind.DATA_SUBJECT_REQUEST).then("2026-03-11 09:00", e.Cancelled(reason="Retirée"))
    assert cancelled.clock("answer")[0] is ClockState.CANCELLED


def test_each_clock_is_named_for_its_reading() -> None:
    story = transmitted()
    assert story.facts.readings == {}
    record = replace(story.records[-1], readings={"take-up/availability": "digest"})
    story.records[-1] = record
    assert story.facts.readings == {"take-up/availability": "digest"}


def test_whatever_a_matter_becomes_its_take_up_was_owed() -> None:
    story = transmitted().then("2026-03-10 09:40", e.TakenUp())
    question = e.Classified(kind=Kind.QUESTION, tools=("suivi-de-parcours",), reason="Un réglage")
    story.then("2026-03-10 10:00", question)
    assert story.clock("take-up")[0] is ClockState.MISSED
    assert story.clocks() == {"take-up"}


def test_an_answer_typed_in_the_minute_of_the_question() -> None:
    story = transmitted()
    asked = at("2026-03-10 09:30").replace(second=45)
    story.records.append(e.Recorded(3, e.FtAsked(text="?"), asked, asked, 12))
    story.then("2026-03-10 09:30", e.FtAnswered(text="Voici"), typed="2026-03-10 09:31")
    assert story.clock("return-to-service")[1] == at("2026-03-11 09:10")


def test_transmitted_again_after_an_accepted_refusal_the_clocks_begin_anew() -> None:
    story = transmitted().then("2026-03-10 09:20", e.TakenUp())
    story.then("2026-03-10 09:30", e.FtRefused(text="Hors périmètre"))
    story.then("2026-03-10 10:00", e.RefusalAccepted())
    again = e.Transmitted(channel="…", text="Avec la preuve")
    story.then("2026-03-10 14:00", again)
    assert story.facts.state is State.TRANSMITTED
    assert story.clock("take-up", "2026-03-10 14:05") == (ClockState.RUNNING, at("2026-03-10 14:15"))
    assert story.clock("return-to-service", "2026-03-10 15:00") == (
        ClockState.RUNNING,
        at("2026-03-11 14:00"),
    )


def test_transmitted_again_against_a_refusal_the_clocks_go_on() -> None:
    story = transmitted().then("2026-03-10 09:30", e.FtRefused(text="Hors périmètre"))
    story.then("2026-03-10 14:00", e.Transmitted(channel="…", text="Avec la preuve"))
    assert story.clock("return-to-service")[1] == at("2026-03-11 09:10")
