"""The story of a ticket, state after state."""

from __future__ import annotations

import pytest

from app.tickets import events as e
from app.tickets.facts import Facts
from app.tickets.fold import fold
from app.tickets.vocabulary import Conclusion, IncidentType, Kind, Origin, Severity, State, WorkaroundScope
from tests.tickets.stories import Story, at, incremental, transmitted

TEXT = "Bien reçu."


def test_the_whole_way_from_report_to_closure() -> None:
    story = Story()
    steps: list[tuple[str, e.TicketEvent, State]] = [
        ("2026-03-10 09:02", e.Taken(assignee_id=12), State.IN_PROGRESS),
        ("2026-03-10 09:03", e.UserAsked(text="Quel navigateur ?"), State.WAITING_USER),
        ("2026-03-10 09:05", e.UserReplied(text="Firefox"), State.IN_PROGRESS),
        (
            "2026-03-10 09:07",
            e.Diagnosed(express=False, conclusion=Conclusion.FRANCE_TRAVAIL, answers={"reproduced": "oui"}),
            State.IN_PROGRESS,
        ),
        (
            "2026-03-10 09:08",
            e.Classified(
                kind=Kind.INCIDENT,
                tools=("suivi-de-parcours",),
                incident_type=IncidentType.AVAILABILITY,
                severity=Severity.INTERRUPTION,
            ),
            State.IN_PROGRESS,
        ),
        ("2026-03-10 09:10", e.Transmitted(channel="Formulaire", text="…"), State.TRANSMITTED),
        ("2026-03-10 09:12", e.ReceiptReceived(), State.TRANSMITTED),
        ("2026-03-10 09:20", e.TakenUp(ft_reference="FT-1"), State.TAKEN_UP),
        ("2026-03-10 09:30", e.FtEscalated(text="Niveau 2"), State.TAKEN_UP),
        ("2026-03-10 09:40", e.CauseGiven(text="Serveur"), State.TAKEN_UP),
        ("2026-03-10 09:41", e.ForecastGiven(text="Midi"), State.TAKEN_UP),
        ("2026-03-10 11:00", e.ReturnAnnounced(), State.RESTORED),
        ("2026-03-10 11:10", e.ReturnRefused(text="Toujours blanc"), State.TAKEN_UP),
        ("2026-03-10 12:00", e.ReturnObserved(), State.RESTORED),
        ("2026-03-10 12:05", e.ReturnConfirmed(), State.RESOLVED),
        ("2026-03-10 12:10", e.ColleaguesInformed(text="Message aux agents"), State.RESOLVED),
        ("2026-03-10 15:00", e.Closed(), State.CLOSED),
    ]
    for when, event, state in steps:
        story.then(when, event)
        assert story.facts.state is state, event
    facts = story.facts
    assert facts.returned_at == at("2026-03-10 12:00")
    assert facts.ft_reference == "FT-1"
    assert (facts.cause_given, facts.forecast_given, facts.colleagues_informed) == (True, True, True)
    assert facts.diagnosis == {"reproduced": "oui"}
    assert facts == incremental(story.records)


def test_a_question_is_answered_at_level_one_and_closed() -> None:
    story = Story(Kind.QUESTION).then("2026-03-10 09:05", e.Answered(text=TEXT))
    assert story.facts.state is State.RESOLVED
    assert story.then("2026-03-10 09:06", e.UserVerdict(works=True)).facts.state is State.RESOLVED
    assert story.then("2026-03-10 10:00", e.Closed()).facts.state is State.CLOSED


def test_a_user_who_is_not_helped_brings_the_ticket_back() -> None:
    story = Story(Kind.QUESTION).then("2026-03-10 09:05", e.Answered(text=TEXT))
    story.then("2026-03-10 09:06", e.UserVerdict(works=False, text="Non"))
    assert story.facts.state is State.IN_PROGRESS
    assert story.facts.resolved_at is None


def test_a_users_verdict_alone_never_undoes_a_confirmed_return() -> None:
    story = (
        transmitted()
        .then("2026-03-10 09:30", e.ReturnObserved())
        .then("2026-03-10 09:31", e.ReturnConfirmed())
    )
    story.then("2026-03-10 09:40", e.UserVerdict(works=False))
    assert story.facts.state is State.RESOLVED
    assert story.facts.user_verdict is False


def test_diagnosis_typed_after_the_transmission_is_kept_and_marked() -> None:
    story = transmitted().then(
        "2026-03-10 10:00", e.Diagnosed(express=True, conclusion=Conclusion.FRANCE_TRAVAIL)
    )
    assert story.facts.diagnosed_after_transmission
    assert story.facts.state is State.TRANSMITTED


def test_diagnosis_saved_as_one_goes_adds_up() -> None:
    story = Story().then(
        "2026-03-10 09:01", e.Diagnosed(express=False, conclusion=Conclusion.UNKNOWN, answers={"a": "1"})
    )
    story.then(
        "2026-03-10 09:02", e.Diagnosed(express=False, conclusion=Conclusion.LOCAL, answers={"b": "2"})
    )
    assert story.facts.diagnosis == {"a": "1", "b": "2"}
    assert story.facts.diagnosed_at == at("2026-03-10 09:01")
    assert not story.facts.diagnosed_after_transmission


def test_a_receipt_is_the_take_up_on_a_channel_that_says_so() -> None:
    story = Story(incident_type=IncidentType.AVAILABILITY).then(
        "2026-03-10 09:10", e.Transmitted(channel="francetravail.io", text="…", receipt_is_take_up=True)
    )
    story.then("2026-03-10 09:12", e.ReceiptReceived(ft_reference="FT-9"))
    assert story.facts.state is State.TAKEN_UP
    assert story.facts.taken_up_at == at("2026-03-10 09:12")
    assert story.facts.ft_reference == "FT-9"


def test_elsewhere_a_receipt_stops_nothing() -> None:
    story = transmitted().then("2026-03-10 09:12", e.ReceiptReceived())
    assert (story.facts.state, story.facts.taken_up_at) == (State.TRANSMITTED, None)
    assert story.facts.receipt_at == at("2026-03-10 09:12")


def test_a_second_receipt_changes_nothing() -> None:
    story = (
        transmitted()
        .then("2026-03-10 09:12", e.ReceiptReceived())
        .then("2026-03-10 09:14", e.ReceiptReceived())
    )
    assert story.facts.receipt_at == at("2026-03-10 09:12")


def test_france_travail_asks_and_is_answered() -> None:
    story = transmitted().then("2026-03-10 10:00", e.FtAsked(text="Une capture ?"))
    story.then("2026-03-10 10:30", e.FtAsked(text="Et le navigateur ?"))
    assert story.facts.waiting_partner_since == at("2026-03-10 10:00")
    story.then("2026-03-10 11:00", e.FtAnswered(text="Voici"))
    assert story.facts.suspensions == ((at("2026-03-10 10:00"), at("2026-03-10 11:00")),)
    assert story.facts.waiting_partner_since is None


def test_a_refusal_comes_back_and_may_be_sent_again_or_accepted() -> None:
    story = transmitted().then("2026-03-10 09:40", e.FtRefused(text="Hors périmètre"))
    assert story.facts.state is State.IN_PROGRESS
    story.then("2026-03-10 10:00", e.Transmitted(channel="Autre formulaire", text="…"))
    assert story.facts.state is State.TRANSMITTED
    assert story.facts.transmitted_at == at("2026-03-10 09:10"), (
        "the first transmission still starts the clocks"
    )
    story.then("2026-03-10 10:20", e.FtRefused(text="Non")).then("2026-03-10 10:30", e.RefusalAccepted())
    assert story.facts.refusal_accepted_at == at("2026-03-10 10:30")


def test_a_second_transmission_keeps_a_take_up() -> None:
    story = transmitted().then("2026-03-10 09:12", e.TakenUp())
    story.then("2026-03-10 09:30", e.Transmitted(channel="Autre", text="…"))
    assert story.facts.state is State.TAKEN_UP


def test_closed_by_france_travail_alone_asks_for_our_test() -> None:
    story = transmitted().then("2026-03-10 11:00", e.FtClosed())
    assert story.facts.state is State.RESTORED
    assert story.facts.pending_return == at("2026-03-10 11:00")


def test_the_earlier_of_announced_and_observed_is_the_return() -> None:
    story = transmitted().then("2026-03-10 11:00", e.ReturnAnnounced())
    story.then("2026-03-10 10:45", e.ReturnObserved(), typed="2026-03-10 11:05")
    story.then("2026-03-10 11:10", e.ReturnConfirmed())
    assert story.facts.returned_at == at("2026-03-10 10:45")
    assert story.facts.resolved_at == at("2026-03-10 11:10")


def test_after_a_refused_return_earlier_announcements_no_longer_count() -> None:
    story = (
        transmitted()
        .then("2026-03-10 10:00", e.ReturnAnnounced())
        .then("2026-03-10 10:05", e.ReturnRefused(text="Non"))
    )
    assert (story.facts.state, story.facts.pending_return) == (State.TRANSMITTED, None)
    story.then("2026-03-10 12:00", e.ReturnObserved()).then("2026-03-10 12:01", e.ReturnConfirmed())
    assert story.facts.returned_at == at("2026-03-10 12:00")


def test_a_partial_workaround_stops_nothing() -> None:
    story = transmitted().then(
        "2026-03-10 10:00", e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text="Autre page")
    )
    held = story.facts.active_workaround
    assert held is not None
    assert (story.facts.state, held.scope, held.text) == (
        State.TRANSMITTED,
        WorkaroundScope.PARTIAL,
        "Autre page",
    )
    assert story.facts.pending_return is None


def test_a_total_workaround_is_a_return_and_its_repair_is_then_followed() -> None:
    story = transmitted().then(
        "2026-03-10 10:00", e.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text="Par l’autre portail")
    )
    assert story.facts.state is State.RESTORED
    story.then("2026-03-10 10:05", e.ReturnConfirmed())
    assert story.facts.returned_at == at("2026-03-10 10:00")
    assert story.facts.repair_pending
    story.then("2026-03-12 10:00", e.RepairDone())
    assert not story.facts.repair_pending


def test_a_total_workaround_that_fails_its_test_is_forgotten() -> None:
    story = transmitted().then("2026-03-10 10:00", e.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text="…"))
    story.then("2026-03-10 10:05", e.ReturnRefused(text="Ne marche pas"))
    assert (story.facts.workaround, story.facts.repair_pending) == (None, False)


def test_found_by_france_travail_goes_straight_to_it() -> None:
    story = Story(incident_type=IncidentType.APPLICATION)
    story.then("2026-03-10 09:30", e.FtInformed(detected_at=at("2026-03-10 08:00")))
    facts = story.facts
    assert (facts.origin, facts.state) == (Origin.FRANCE_TRAVAIL, State.TAKEN_UP)
    assert (facts.detected_at, facts.informed_at) == (at("2026-03-10 08:00"), at("2026-03-10 09:30"))
    story.then("2026-03-10 10:00", e.ReturnAnnounced()).then("2026-03-10 10:01", e.ReturnRefused(text="Non"))
    assert story.facts.state is State.TAKEN_UP


def test_reopening_keeps_or_withdraws_the_return() -> None:
    for stands, state, returned in ((True, State.IN_PROGRESS, True), (False, State.TRANSMITTED, False)):
        story = (
            transmitted()
            .then("2026-03-10 10:00", e.ReturnObserved())
            .then("2026-03-10 10:01", e.ReturnConfirmed())
        )
        story.then("2026-03-10 10:02", e.Closed())
        story.then("2026-03-11 09:00", e.Reopened(reason="Encore", return_stands=stands))
        assert story.facts.state is state
        assert (story.facts.returned_at is not None) is returned
        assert story.facts.closed_at is None


def test_a_cancelled_question_reopens_in_progress() -> None:
    story = Story(Kind.QUESTION).then("2026-03-10 09:05", e.Cancelled(reason="Erreur"))
    assert story.facts.state is State.CANCELLED
    assert story.then("2026-03-10 09:06", e.Reopened(reason="Non")).facts.state is State.IN_PROGRESS


def test_severity_changes_are_dated() -> None:
    story = Story(incident_type=IncidentType.AVAILABILITY)
    story.then("2026-03-10 10:00", e.SeverityChanged(severity=Severity.DEGRADATION))
    assert story.facts.severities == (
        (at("2026-03-10 09:00"), Severity.INTERRUPTION),
        (at("2026-03-10 10:00"), Severity.DEGRADATION),
    )
    same = e.Classified(
        kind=Kind.INCIDENT,
        tools=("ouiform",),
        incident_type=IncidentType.AVAILABILITY,
        severity=Severity.DEGRADATION,
    )
    assert len(story.then("2026-03-10 10:30", same).facts.severities) == 2


def test_what_is_noted_beside() -> None:
    story = transmitted()
    for event in (
        e.Assigned(assignee_id=13),
        e.Commented(text="Note", internal=True),
        e.ConventionChosen(convention_id=2),
        e.PlusOne(caller="Agent d’accueil"),
        e.PlusOne(),
        e.ReferenceNoted(label="Ticket éditeur", reference="ED-4"),
        e.Contested(
            clock="take-up",
            ft_time=at("2026-03-10 09:11"),
            ft_position="Pris à 9 h 11",
            our_position="9 h 40",
        ),
        e.FileAttached(name="capture.png", size=10, sha256="0" * 64, public_id="x"),
        e.IntegratorsShared(shared=True),
        e.IdentifierSet(present=True),
        e.Relanced(contact="Support", text="…"),
    ):
        story.then("2026-03-10 10:00", event)
    facts = story.facts
    assert (facts.assignee_id, facts.convention_id, facts.plus_ones) == (13, 2, 2)
    assert facts.references == (("Ticket éditeur", "ED-4"),)
    assert set(facts.contests) == {"take-up"}
    assert facts.integrators_shared
    assert facts.identifier_present
    assert facts.relanced_at == at("2026-03-10 10:00")
    story.then("2026-03-10 11:00", e.ContestSettled(clock="take-up", text="Accord"))
    assert not story.facts.contests


@pytest.mark.parametrize(
    "end",
    [e.Cancelled(reason="Erreur"), e.DuplicateMarked(of="7F3KM2QX")],
)
def test_the_protected_identifier_goes_when_the_ticket_ends(end: e.TicketEvent) -> None:
    story = Story().then("2026-03-10 09:01", e.IdentifierSet(present=True)).then("2026-03-10 09:02", end)
    assert not story.facts.identifier_present


def test_a_security_matter_is_restricted_from_its_flag_and_for_ever() -> None:
    assert Story(Kind.SECURITY).facts.restricted
    flagged = Story().then("2026-03-10 09:01", e.Classified(kind=Kind.SECURITY, tools=("connexion",)))
    assert flagged.facts.restricted


def test_a_corrected_time_is_used_everywhere() -> None:
    story = transmitted().then("2026-03-10 09:40", e.TakenUp())
    story.correct(story.sequence_of(e.TakenUp), to="2026-03-10 09:24")
    assert story.facts.taken_up_at == at("2026-03-10 09:24")
    assert story.facts.version == 4


def test_a_voided_event_never_happened() -> None:
    story = transmitted().then("2026-03-10 09:40", e.TakenUp())
    story.correct(story.sequence_of(e.TakenUp), void=True)
    assert (story.facts.taken_up_at, story.facts.state) == (None, State.TRANSMITTED)


def test_a_voided_correction_gives_the_time_back() -> None:
    story = transmitted().then("2026-03-10 09:40", e.TakenUp())
    story.correct(3, to="2026-03-10 09:24").correct(4, void=True)
    assert story.facts.taken_up_at == at("2026-03-10 09:40")


def test_the_last_correction_wins() -> None:
    story = transmitted().then("2026-03-10 09:40", e.TakenUp())
    story.correct(3, to="2026-03-10 09:24").correct(3, to="2026-03-10 09:26")
    assert story.facts.taken_up_at == at("2026-03-10 09:26")


def test_a_correction_can_name_the_reading_of_a_clock_it_starts() -> None:
    story = transmitted()
    reading = {"return-to-service/application": "abc"}
    correction = e.Recorded(
        3, e.Corrected(reason="…", void=True), at("2026-03-11 09:00"), at("2026-03-11 09:00"), 12, 9, reading
    )
    assert fold([*story.records, correction]).readings == reading


@pytest.mark.parametrize(
    "records", [[], [e.Recorded(1, e.Closed(), at("2026-03-10 09:00"), at("2026-03-10 09:00"))]]
)
def test_a_ticket_without_its_filing_is_refused(records: list[e.Recorded]) -> None:
    with pytest.raises(ValueError, match="filing"):
        fold(records)


def test_facts_are_values() -> None:
    assert isinstance(Story().facts, Facts)
    assert Story().facts == Story().facts


def test_a_void_that_is_itself_voided_brings_the_event_back() -> None:
    story = transmitted().then("2026-03-10 09:40", e.TakenUp())
    story.correct(3, void=True).correct(4, void=True)
    assert story.facts.taken_up_at == at("2026-03-10 09:40")


def test_a_refusal_leaves_the_test_of_a_return_to_be_done() -> None:
    story = transmitted().then("2026-03-10 10:00", e.FtClosed())
    story.then("2026-03-10 10:05", e.FtRefused(text="Hors périmètre"))
    assert story.facts.state is State.RESTORED
    story.then("2026-03-10 10:10", e.ReturnRefused(text="Toujours en panne"))
    assert story.facts.state is State.IN_PROGRESS, "the refusal still has to be answered"
    story.then("2026-03-10 10:15", e.RefusalAccepted())
    assert story.facts.pending_return is None


def test_reopened_after_an_accepted_refusal_it_is_the_partners() -> None:
    story = transmitted().then("2026-03-10 09:20", e.FtRefused(text="Hors périmètre"))
    for event in (e.RefusalAccepted(), e.Answered(text="Réglé ici"), e.Closed(), e.Reopened(reason="Encore")):
        story.then("2026-03-10 09:30", event)
    assert story.facts.state is State.IN_PROGRESS


def test_a_duplicate_marked_by_mistake_is_still_to_be_verified() -> None:
    story = transmitted().then("2026-03-10 10:00", e.ReturnAnnounced())
    story.then("2026-03-10 10:05", e.DuplicateMarked(of="7F3KM2QX"))
    story.then("2026-03-10 10:10", e.Detached(of="7F3KM2QX", reason="Erreur"))
    assert (story.facts.state, story.facts.pending_return) == (State.RESTORED, at("2026-03-10 10:00"))


def test_what_the_user_finds_unsolved_goes_back_to_france_travail() -> None:
    story = transmitted().then("2026-03-10 10:00", e.Answered(text="Videz le cache"))
    story.then("2026-03-10 10:10", e.UserVerdict(works=False))
    assert story.facts.state is State.TRANSMITTED


def test_the_first_known_severity_held_from_the_beginning() -> None:
    story = Story(since=at("2026-03-10 08:58"))
    found = e.Classified(
        kind=Kind.INCIDENT,
        tools=("ouiform",),
        incident_type=IncidentType.AVAILABILITY,
        severity=Severity.INTERRUPTION,
    )
    story.then("2026-03-10 09:30", found)
    assert story.facts.severities == ((at("2026-03-10 08:58"), Severity.INTERRUPTION),)
