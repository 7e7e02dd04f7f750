"""Each guard refuses what it must, in French, on the field that is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from app.kernel.errors import DomainError, Impossible, InvalidInput
from app.tickets import events as e
from app.tickets.rules import check, is_possible
from app.tickets.vocabulary import Conclusion, IncidentType, Kind, Severity, State, WorkaroundScope
from tests.tickets.stories import Story, at, transmitted

LATER = "2026-03-10 10:00"


def refusal(story: Story, event: e.TicketEvent, when: str = LATER, typed: str | None = None) -> DomainError:
    with pytest.raises(DomainError) as refused:
        story.then(when, event, typed=typed)
    return refused.value


def classified(**changes: object) -> e.Classified:
    whole = e.Classified(
        kind=Kind.INCIDENT,
        tools=("ouiform",),
        incident_type=IncidentType.AVAILABILITY,
        severity=Severity.INTERRUPTION,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def restored() -> Story:
    return transmitted().then("2026-03-10 09:30", e.ReturnAnnounced())


def resolved() -> Story:
    return restored().then("2026-03-10 09:40", e.ReturnConfirmed())


def closed() -> Story:
    return resolved().then("2026-03-10 09:50", e.Closed())


def refused_by_ft() -> Story:
    return transmitted().then("2026-03-10 09:30", e.FtRefused(text="Hors périmètre"))


def test_nothing_happens_in_the_future() -> None:
    error = refusal(Story(), e.Commented(text="…"), when="2026-03-10 10:01", typed="2026-03-10 10:00")
    assert (type(error), error.field) == (InvalidInput, "occurred_at")
    Story().then("2026-03-10 10:00", e.Commented(text="la minute même"), typed="2026-03-10 10:00")


WRONG_TIMES: list[tuple[Story, e.TicketEvent, str]] = [
    (transmitted(), e.TakenUp(), "2026-03-10 09:09"),
    (transmitted(), e.ReceiptReceived(), "2026-03-10 09:09"),
    (transmitted(), e.FtAsked(text="?"), "2026-03-10 09:09"),
    (transmitted(), e.FtRefused(text="…"), "2026-03-10 09:09"),
    (transmitted(), e.FtClosed(), "2026-03-10 09:09"),
    (transmitted(), e.Relanced(contact="…", text="…"), "2026-03-10 09:09"),
    (transmitted(), e.ReturnAnnounced(), "2026-03-10 09:09"),
    (transmitted(), e.ReturnObserved(), "2026-03-10 09:09"),
    (transmitted(), e.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text="…"), "2026-03-10 09:09"),
    (restored(), e.ReturnConfirmed(), "2026-03-10 09:29"),
    (restored(), e.ReturnRefused(text="…"), "2026-03-10 09:29"),
    (resolved(), e.Closed(), "2026-03-10 09:39"),
    (closed(), e.Reopened(reason="…"), "2026-03-10 09:49"),
    (
        transmitted().then("2026-03-10 09:30", e.FtAsked(text="?")),
        e.FtAnswered(text="…"),
        "2026-03-10 09:29",
    ),
]


@pytest.mark.parametrize(
    ("story", "event", "when"), WRONG_TIMES, ids=lambda value: getattr(value, "type", "")
)
def test_nothing_precedes_what_it_depends_on(story: Story, event: e.TicketEvent, when: str) -> None:
    error = refusal(story, event, when)
    assert (type(error), error.field) == (InvalidInput, "occurred_at")


def test_a_take_up_in_the_minute_of_the_transmission_is_accepted() -> None:
    facts = transmitted().facts
    check(
        facts,
        e.TakenUp(),
        at("2026-03-10 09:10").replace(second=0),
        at("2026-03-10 09:10").replace(second=50),
    )


IMPOSSIBLE: list[tuple[str, Story, e.TicketEvent, str]] = [
    ("take-up without transmission", Story(), e.TakenUp(), "n’a pas été transmise"),
    ("cause without France Travail", Story(), e.CauseGiven(text="…"), "n’a pas été transmise"),
    ("take-up twice", transmitted().then("2026-03-10 09:20", e.TakenUp()), e.TakenUp(), "déjà enregistrée"),
    ("untyped incident", Story(), e.Transmitted(channel="…", text="…"), "Classez d’abord"),
    ("security by form", Story(Kind.SECURITY), e.Transmitted(channel="…", text="…"), "cas de sécurité"),
    ("return of a question", Story(Kind.QUESTION), e.ReturnObserved(), "que les incidents"),
    ("return never transmitted", Story(incident_type=IncidentType.APPLICATION), e.ReturnObserved(), "transmise"),
    ("severity of an application incident", transmitted(IncidentType.APPLICATION), e.SeverityChanged(severity=Severity.DEGRADATION), "disponibilité"),
    ("date agreed on availability", transmitted(), e.DateAgreed(due_at=at("2026-04-01 09:00")), "applicatif"),
    ("test without return", Story(), e.ReturnConfirmed(), "« nouvelle »"),
    ("closing before the test", restored(), e.Closed(), "à vérifier"),
    ("closing what runs", transmitted(), e.Closed(), "transmise à france travail"),
    ("cancelling an untested return", restored(), e.Cancelled(reason="…"), "à vérifier"),
    ("acting on the closed", closed(), e.Commented(text="…"), "« close »"),
    ("accepting no refusal", transmitted(), e.RefusalAccepted(), "Aucun refus"),
    ("answering no question", transmitted(), e.FtAnswered(text="…"), "n’attend pas"),
    ("repair of nothing", transmitted(), e.RepairDone(), "Aucune réparation"),
    ("informed twice", Story(incident_type=IncidentType.APPLICATION).then("2026-03-10 09:30", e.FtInformed(detected_at=None)), e.FtInformed(detected_at=None), "déjà enregistrée"),
    ("relance after the return", resolved().then("2026-03-10 09:45", e.Reopened(reason="Autre")), e.Relanced(contact="…", text="…"), "déjà confirmée"),
    ("plus one on a question", Story(Kind.QUESTION), e.PlusOne(), "que les incidents"),
    ("contest without clock", Story(Kind.QUESTION), e.Contested(clock="take-up", ft_time=None, ft_position="…", our_position="…"), "pas d’horloge"),
    ("settling nothing", transmitted(), e.ContestSettled(clock="take-up", text="…"), "Aucune horloge"),
    ("declassifying security", Story(Kind.SECURITY), classified(), "reste restreint"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("story", "event", "words"), [case[1:] for case in IMPOSSIBLE], ids=[case[0] for case in IMPOSSIBLE]
)
def test_the_state_forbids(story: Story, event: e.TicketEvent, words: str) -> None:
    error = refusal(story, event)
    assert isinstance(error, Impossible)
    assert words in error.message


def test_closing_waits_for_the_definitive_repair() -> None:
    story = transmitted().then("2026-03-10 09:30", e.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text="…"))
    story.then("2026-03-10 09:31", e.ReturnConfirmed())
    assert "réparation définitive" in refusal(story, e.Closed()).message
    story.then(LATER, e.RepairDone()).then(LATER, e.Closed())


def test_transmission_asks_for_a_convention() -> None:
    facts = replace(Story(incident_type=IncidentType.APPLICATION).facts, convention_id=None)
    with pytest.raises(Impossible, match="convention"):
        check(facts, e.Transmitted(channel="…", text="…"), at(LATER), at(LATER))


CLASSIFICATIONS: list[tuple[e.Classified, str]] = [
    (classified(incident_type=None), "incident_type"),
    (classified(kind=Kind.QUESTION), "incident_type"),
    (classified(severity=None), "severity"),
    (classified(tools=()), "tools"),
]


@pytest.mark.parametrize(("event", "field"), CLASSIFICATIONS)
def test_a_classification_is_whole(event: e.Classified, field: str) -> None:
    error = refusal(Story(), event)
    assert (type(error), error.field) == (InvalidInput, field)


def test_a_reclassification_gives_its_reason() -> None:
    story = Story().then("2026-03-10 09:05", classified())
    assert refusal(story, classified(reason=" ")).field == "reason"
    story.then(LATER, classified(reason="FT y voit une donnée fausse"))


def test_an_agreed_date_follows_the_agreement() -> None:
    story = transmitted(IncidentType.APPLICATION)
    assert refusal(story, e.DateAgreed(due_at=at("2026-03-10 10:00"))).field == "due_at"


def test_detection_precedes_information() -> None:
    story = Story(incident_type=IncidentType.APPLICATION)
    assert refusal(story, e.FtInformed(detected_at=at("2026-03-10 10:01"))).field == "detected_at"


def test_a_contest_names_a_clock_of_the_ticket() -> None:
    contest = e.Contested(clock="answer", ft_time=None, ft_position="…", our_position="…")
    assert refusal(transmitted(), contest).field == "clock"
    held = replace(contest, clock="take-up")
    story = transmitted().then("2026-03-10 09:30", held)
    settled = e.ContestSettled(clock="return-to-service", text="…")
    assert refusal(story, settled).field == "clock"


def test_offering_an_action_asks_the_same_guards() -> None:
    assert is_possible(transmitted().facts, e.TakenUp)
    assert not is_possible(Story().facts, e.TakenUp)
    assert not is_possible(closed().facts, e.Commented)
    assert is_possible(closed().facts, e.Reopened)
    assert is_possible(Story().facts, e.Classified), "what would be typed is not judged"


class TestCorrection:
    def test_an_event_that_does_not_exist(self) -> None:
        with pytest.raises(InvalidInput, match="n’existe pas"):
            transmitted().correct(99, void=True)

    def test_either_a_time_or_a_void(self) -> None:
        for changes in ({}, {"to": "2026-03-10 09:11", "void": True}):
            with pytest.raises(InvalidInput) as error:
                transmitted().correct(2, **changes)  # type: ignore[arg-type]
            assert error.value.field == "occurred_at"

    def test_the_filing_is_never_voided(self) -> None:
        with pytest.raises(InvalidInput, match="annulez plutôt la sollicitation"):
            transmitted().correct(1, void=True)

    def test_a_correction_is_voided_not_corrected(self) -> None:
        story = transmitted().correct(2, to="2026-03-10 09:11")
        with pytest.raises(InvalidInput, match="corrigez l’événement d’origine"):
            story.correct(3, to="2026-03-10 09:12")

    def test_not_in_the_future(self) -> None:
        with pytest.raises(InvalidInput, match="futur"):
            transmitted().correct(2, to="2026-06-02 09:00", typed="2026-06-01 09:00")

    def test_what_follows_must_still_hold(self) -> None:
        story = transmitted().then("2026-03-10 09:20", e.TakenUp())
        with pytest.raises(Impossible, match="précède la transmission"):
            story.correct(2, to="2026-03-10 09:30")
        with pytest.raises(Impossible, match="n’a pas été transmise"):
            story.correct(2, void=True)

    def test_a_wrong_transmission_time_moves_the_clocks(self) -> None:
        story = transmitted().then("2026-03-10 09:30", e.TakenUp())
        story.correct(2, to="2026-03-10 09:16")
        state, due = story.clock("take-up")
        assert (state.value, due) == ("met", at("2026-03-10 09:31"))


def test_a_whole_diagnosis_is_accepted_in_every_open_state() -> None:
    event = e.Diagnosed(express=False, conclusion=Conclusion.UNKNOWN)
    for story in (Story(), transmitted(), restored(), resolved(), refused_by_ft()):
        story.then(LATER, event)


def test_states_are_reached_as_named() -> None:
    reached = {story().facts.state for story in (Story, transmitted, restored, resolved, closed)}
    assert reached == {State.NEW, State.TRANSMITTED, State.RESTORED, State.RESOLVED, State.CLOSED}
    assert isinstance(Story().facts.filed_at, datetime)


def test_a_take_up_follows_the_partners_own_transmission() -> None:
    story = Story(incident_type=IncidentType.AVAILABILITY)
    story.then("2026-03-10 09:05", e.FtInformed(detected_at=None))
    story.then("2026-03-10 09:40", e.Transmitted(channel="…", text="…"))
    assert refusal(story, e.TakenUp(), "2026-03-10 09:30", typed=LATER).field == "occurred_at"


def test_an_incident_found_by_france_travail_can_be_relanced() -> None:
    story = Story(incident_type=IncidentType.AVAILABILITY)
    story.then("2026-03-10 09:05", e.FtInformed(detected_at=None))
    assert is_possible(story.facts, e.Relanced)


def test_moving_clocks_takes_a_reason_even_the_first_time() -> None:
    application = classified(incident_type=IncidentType.APPLICATION, severity=None)
    assert refusal(transmitted(), application).field == "reason"
    transmitted().then(LATER, classified())


def test_a_refusal_is_accepted_after_it_came() -> None:
    story = refused_by_ft()
    assert refusal(story, e.RefusalAccepted(), "2026-03-10 09:29", typed=LATER).field == "occurred_at"
    story.then("2026-03-10 09:40", e.RefusalAccepted())
    again = e.Transmitted(channel="…", text="…")
    assert refusal(story, again, "2026-03-10 09:39", typed=LATER).field == "occurred_at"
    story.then("2026-03-10 09:45", again).then("2026-03-10 09:50", e.FtRefused(text="Toujours non"))
    assert is_possible(story.facts, e.RefusalAccepted)


def test_a_persons_request_is_not_answered_before_it_came() -> None:
    story = Story(Kind.DATA_SUBJECT_REQUEST)
    assert refusal(story, e.Answered(text="…"), "2026-03-10 08:59", typed=LATER).field == "occurred_at"


def test_what_is_voided_already_is_not_corrected() -> None:
    story = transmitted().then("2026-03-10 09:20", e.TakenUp()).correct(3, void=True)
    with pytest.raises(InvalidInput, match="déjà annulé"):
        story.correct(3, void=True)
