"""What rests on a workaround, on the start of an incident and on a late announcement. No database."""

from __future__ import annotations

import pytest

from app.deadlines.clocks import ClockState
from app.kernel.errors import DomainError
from app.tickets import events as e
from app.tickets.news import relayed
from app.tickets.rules import is_possible
from app.tickets.timeline import public_story
from app.tickets.vocabulary import IncidentType, Kind, News, Severity, State, WorkaroundScope
from app.tickets.wording import Names
from tests.tickets.stories import PARIS, Story, at, transmitted

PARTIAL = e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text="Autre page")
TOTAL = e.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text="Adresse de secours")


def refused(story: Story, event: e.TicketEvent, when: str = "2026-03-10 12:00") -> str:
    with pytest.raises(DomainError) as caught:
        story.then(when, event)
    return caught.value.message


def taken_up() -> Story:
    return transmitted().then("2026-03-10 09:20", e.TakenUp())


# --- Workarounds -----------------------------------------------------------------------------------------


def test_a_withdrawn_total_workaround_never_stopped_the_clock() -> None:
    story = taken_up().then("2026-03-10 10:00", TOTAL)
    assert story.facts.state is State.RESTORED
    story.then("2026-03-10 10:30", e.WorkaroundWithdrawn(reason="Ne marche pas"))
    assert (story.facts.state, story.facts.workaround, story.facts.repair_pending) == (
        State.TAKEN_UP,
        None,
        False,
    )
    assert story.clock("return-to-service", "2026-03-10 11:00")[0] is ClockState.RUNNING


def test_a_return_announced_besides_is_still_to_be_tested() -> None:
    story = taken_up().then("2026-03-10 10:00", TOTAL).then("2026-03-10 10:10", e.ReturnAnnounced())
    story.then("2026-03-10 10:30", e.WorkaroundWithdrawn(reason="Ne marche pas"))
    assert (story.facts.state, story.facts.pending_return) == (State.RESTORED, at("2026-03-10 10:10"))
    assert not story.facts.repair_pending


def test_a_partial_one_in_the_place_of_a_total_one_takes_the_return_back() -> None:
    story = taken_up().then("2026-03-10 10:00", TOTAL).then("2026-03-10 10:30", PARTIAL)
    assert (story.facts.state, story.facts.repair_pending) == (State.TAKEN_UP, False)
    held = story.facts.active_workaround
    assert held is not None and not held.is_total


def test_a_total_one_in_the_place_of_another_keeps_the_first_return() -> None:
    story = taken_up().then("2026-03-10 10:00", TOTAL).then("2026-03-10 10:30", TOTAL)
    story.then("2026-03-10 11:00", e.ReturnConfirmed())
    assert story.facts.returned_at == at("2026-03-10 10:00")


def test_a_validated_total_one_changes_only_in_how_it_is_done() -> None:
    story = taken_up().then("2026-03-10 10:00", TOTAL).then("2026-03-10 10:30", e.ReturnConfirmed())
    assert "seul un autre, total" in refused(story, PARTIAL)
    assert "rouvrez" in refused(story, e.WorkaroundWithdrawn(reason="…"))
    story.then("2026-03-10 11:00", e.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text="Autre adresse"))
    assert (story.facts.state, story.facts.returned_at) == (State.RESOLVED, at("2026-03-10 10:00"))
    story.then("2026-03-10 12:00", e.RepairDone())
    assert "n’y servirait plus" in refused(story, TOTAL, "2026-03-10 12:10")


def test_a_workaround_says_how() -> None:
    empty = e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text=" ")
    assert "comment faire" in refused(transmitted(), empty)
    by_article = e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text="", article="autre-page")
    assert transmitted().then("2026-03-10 10:00", by_article).facts.active_workaround is not None
    assert "Aucun contournement" in refused(transmitted(), e.WorkaroundWithdrawn(reason="…"))


def test_the_user_reads_how_to_do_and_when_it_holds_no_more() -> None:
    given = e.WorkaroundGiven(
        scope=WorkaroundScope.PARTIAL, text="", article="a", article_title="Par l’accueil"
    )
    story = transmitted().then("2026-03-10 10:00", given)
    story.then("2026-03-10 10:10", e.WorkaroundWithdrawn(reason="Pour nous seuls"))
    withdrawn, shown, *_ = public_story(story.records, Names(zone=PARIS))
    assert "ne convient plus" in withdrawn.words.title and withdrawn.words.text == ""
    assert "Par l’accueil" in shown.words.lines[0]


@pytest.mark.parametrize(
    ("given", "later", "serves"),
    [
        (PARTIAL, (e.ReturnAnnounced(),), True),
        (PARTIAL, (e.ReturnAnnounced(), e.ReturnRefused(text="Non")), True),
        (PARTIAL, (e.ReturnAnnounced(), e.ReturnConfirmed()), False),
        (
            PARTIAL,
            (e.ReturnAnnounced(), e.ReturnConfirmed(), e.Reopened(reason="Non", return_stands=False)),
            True,
        ),
        (PARTIAL, (e.WorkaroundWithdrawn(reason="Non"),), False),
        (PARTIAL, (e.Answered(text="Réglé"),), False),
        (PARTIAL, (e.Answered(text="Réglé"), e.UserVerdict(works=False)), True),
        (PARTIAL, (e.Cancelled(reason="Erreur"),), False),
        (TOTAL, (), True),
        (TOTAL, (e.ReturnConfirmed(),), True),
        (TOTAL, (e.ReturnConfirmed(), e.RepairDone()), False),
        (TOTAL, (e.ReturnRefused(text="Non"),), False),
        (TOTAL, (e.WorkaroundWithdrawn(reason="Non"),), False),
    ],
)
def test_it_serves_until_the_definitive_repair(
    given: e.WorkaroundGiven, later: tuple[e.TicketEvent, ...], serves: bool
) -> None:
    story = taken_up()
    for event in (given, *later):
        story.then("2026-03-10 10:00", event)
    assert (story.facts.active_workaround is not None) is serves


# --- The start -------------------------------------------------------------------------------------------


def interruption(since: str = "2026-03-10 08:50") -> Story:
    return Story(incident_type=IncidentType.AVAILABILITY, since=at(since))


def start(since: str) -> e.StartCorrected:
    return e.StartCorrected(since=at(since), reason="Relu au journal du poste")


def test_a_corrected_start_moves_the_first_severity_alone() -> None:
    story = interruption().then("2026-03-10 09:30", e.SeverityChanged(severity=Severity.DEGRADATION))
    story.then("2026-03-10 09:40", start("2026-03-10 08:40"))
    assert story.facts.since == at("2026-03-10 08:40")
    assert [when for when, _ in story.facts.severities] == [at("2026-03-10 08:40"), at("2026-03-10 09:30")]


def test_a_transmission_before_the_start_waits_for_the_start_to_be_corrected() -> None:
    story = interruption("2026-03-10 09:05")
    send = e.Transmitted(channel="Formulaire", text="…")
    assert "précède le début" in refused(story, send, "2026-03-10 09:00")
    story.then("2026-03-10 09:06", start("2026-03-10 08:55")).then("2026-03-10 09:00", send)
    assert story.facts.transmitted_at == at("2026-03-10 09:00")


@pytest.mark.parametrize(
    ("story", "since", "words"),
    [
        (interruption(), "2026-03-10 12:01", "futur"),
        (
            interruption().then("2026-03-10 09:10", e.Transmitted(channel="…", text="…")),
            "2026-03-10 09:11",
            "transmission",
        ),
        (
            interruption().then("2026-03-10 09:30", e.SeverityChanged(severity=Severity.DEGRADATION)),
            "2026-03-10 09:31",
            "gravité",
        ),
        (Story(Kind.QUESTION), "2026-03-10 08:00", "que pour un incident"),
    ],
    ids=["future", "after the transmission", "after a change of severity", "a question"],
)
def test_what_began_comes_first(story: Story, since: str, words: str) -> None:
    assert words in refused(story, start(since))


def test_a_corrected_start_moves_the_month_owed_to_a_person() -> None:
    story = Story(Kind.DATA_SUBJECT_REQUEST).then("2026-03-10 10:00", start("2026-03-02 09:00"))
    assert story.clock("answer", "2026-03-11 09:00")[1] == at("2026-04-02 09:00")


# --- An announcement found late --------------------------------------------------------------------------


@pytest.mark.parametrize("closed", [False, True])
def test_an_earlier_announcement_found_after_the_confirmation_stops_the_clock_at_its_hour(
    closed: bool,
) -> None:
    story = (
        taken_up().then("2026-03-10 11:00", e.ReturnObserved()).then("2026-03-10 11:10", e.ReturnConfirmed())
    )
    if closed:
        story.then("2026-03-10 11:20", e.Closed())
    before = story.facts.state
    assert "heure antérieure" in refused(story, e.ReturnAnnounced(), "2026-03-10 11:00")
    story.then("2026-03-10 10:00", e.ReturnAnnounced(), typed="2026-03-10 12:00")
    assert (story.facts.state, story.facts.returned_at) == (before, at("2026-03-10 10:00"))


def test_what_ended_without_a_return_is_announced_by_nobody() -> None:
    story = taken_up().then("2026-03-10 10:00", e.Answered(text="Réglé"))
    assert "sans remise en service" in refused(story, e.ReturnAnnounced())
    assert not is_possible(story.facts, e.ReturnAnnounced)


# --- What is told to a group -----------------------------------------------------------------------------


def test_only_what_matters_to_the_other_reporters_is_relayed() -> None:
    facts = taken_up().facts
    assert relayed("A", facts, facts, e.CauseGiven(text="Un serveur")) is None
    assert relayed("A", facts, facts, e.Commented(text="Note", internal=True)) is None
    closed = relayed("A", facts, facts, e.Closed(text="Pour nous seuls"))
    assert closed == e.Relayed(of="A", news=News.CLOSED)
    given = e.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text="Ici", article="a", article_title="A")
    told = relayed("A", facts, facts, given)
    assert told is not None and (told.scope, told.article_title) == (WorkaroundScope.TOTAL, "A")


def test_the_reporter_reads_what_was_relayed_in_plain_words() -> None:
    story = taken_up().then("2026-03-10 10:00", e.DuplicateMarked(of="MAIN"))
    for news in News:
        story.then("2026-03-10 10:01", e.Relayed(of="MAIN", news=news, article_title="Par l’accueil"))
    story.then("2026-03-10 10:02", e.Detached(of="MAIN", reason="Pour nous seuls"))
    titles = [entry.words.title for entry in public_story(story.records, Names(zone=PARIS))]
    assert len(set(titles[1:-3])) >= len(News) - 1
    assert "MAIN" not in " ".join(titles)
