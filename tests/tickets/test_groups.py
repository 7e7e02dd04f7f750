"""One incident, several reports: the earliest transmission, one set of clocks, and back again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deadlines.clocks import ClockState
from app.kernel.errors import DomainError, Impossible
from app.tickets import events as e
from app.tickets.clocks import clocks_of
from app.tickets.fold import fold
from app.tickets.groups import check_grouping, report_of, standing
from app.tickets.rules import check, check_report
from app.tickets.vocabulary import IncidentType, Kind, News, Severity, State
from tests.tickets.stories import Story, at, transmitted

MAIN, REPORT, OTHER = "MAIN-0001", "REPT-0002", "REPT-0003"
SEND = e.Transmitted(channel="Formulaire", text="…")
APPLICATION, AVAILABILITY = IncidentType.APPLICATION, IncidentType.AVAILABILITY


def group(main: Story, report: Story, when: str, reference: str = REPORT) -> None:
    """As the service does: the report is followed under the main ticket, which is told what it brings."""
    check_grouping(report.facts, main.facts)
    report.then(when, e.DuplicateMarked(of=MAIN))
    tell(main, report_of(reference, report.facts), when)


def tell(main: Story, event: e.ReportGrouped | e.ReportDetached, when: str) -> None:
    record = e.Recorded(len(main.records) + 1, event, at(when), at(when), 12)
    check_report(main.records, record)
    main.records.append(record)


def detach(main: Story, report: Story, when: str, reference: str = REPORT) -> None:
    report.then(when, e.Detached(of=MAIN, reason="Un autre problème"))
    tell(main, e.ReportDetached(reference=reference, reason="Un autre problème"), when)


def availability(when: str | None = None) -> Story:
    story = Story(incident_type=AVAILABILITY)
    return story.then(when, SEND) if when else story


# --- The earliest transmission, one set of clocks --------------------------------------------------------


def test_the_earliest_transmission_rules_the_main_clocks_and_the_report_has_none() -> None:
    main, report = availability("2026-03-10 09:20"), availability("2026-03-10 09:10")
    group(main, report, "2026-03-10 09:30")
    assert report.clocks() == set()
    assert main.facts.transmitted_at == at("2026-03-10 09:10")
    main.then("2026-03-10 09:26", e.TakenUp())
    assert main.clock("take-up") == (ClockState.MISSED, at("2026-03-10 09:25"))
    assert main.clock("return-to-service")[1] == at("2026-03-11 09:10")


def test_a_later_transmission_changes_nothing() -> None:
    main, report = availability("2026-03-10 09:10"), availability("2026-03-10 09:20")
    before = clocks_of(main.facts)
    group(main, report, "2026-03-10 09:30")
    assert clocks_of(main.facts) == before


def test_a_ticket_that_nobody_had_sent_is_with_france_travail_by_its_report() -> None:
    main, report = availability(), availability("2026-03-10 09:10")
    report.then("2026-03-10 09:12", e.TakenUp(ft_reference="FT-1"))
    group(main, report, "2026-03-10 09:30")
    assert (main.facts.state, main.facts.taken_up_at) == (State.TAKEN_UP, at("2026-03-10 09:12"))
    assert main.facts.ft_reference == "FT-1"
    assert main.clock("take-up")[0] is ClockState.MET


def test_the_receipt_of_a_report_may_be_its_take_up() -> None:
    main = availability()
    sent = replace(SEND, receipt_is_take_up=True)
    report = availability().then("2026-03-10 09:10", sent)
    group(main, report, "2026-03-10 09:11")
    main.then("2026-03-10 09:14", e.ReceiptReceived())
    assert main.clock("take-up")[0] is ClockState.MET


def test_the_take_up_is_judged_on_what_was_sent_as_an_interruption() -> None:
    main = availability("2026-03-10 09:20")
    early = Story(incident_type=APPLICATION).then("2026-03-10 09:05", SEND)
    early.then("2026-03-10 09:08", e.TakenUp())
    group(main, early, "2026-03-10 09:30")
    assert main.facts.transmitted_at == at("2026-03-10 09:05")
    # Taken up before it was sent as an interruption: in time, and not before its start.
    clock = next(clock for clock in clocks_of(main.facts) if clock.clock == "take-up")
    assert clock.facts.started_at == clock.facts.stopped_at == at("2026-03-10 09:20")


def test_a_report_sent_as_an_interruption_gives_the_main_ticket_its_take_up() -> None:
    main = Story(incident_type=APPLICATION).then("2026-03-10 09:05", SEND)
    group(main, availability("2026-03-10 09:20"), "2026-03-10 09:30")
    assert main.facts.type_as_transmitted is AVAILABILITY
    assert main.clock("take-up")[1] == at("2026-03-10 09:35")


def test_what_france_travail_found_is_known_by_the_report_too() -> None:
    main = availability("2026-03-10 09:20")
    found = availability().then("2026-03-10 09:10", e.FtInformed(detected_at=at("2026-03-10 08:00")))
    group(main, found, "2026-03-10 09:30")
    assert main.facts.found_by_ft
    assert main.clock("return-to-service")[1] == at("2026-03-10 17:00")
    assert main.clock("information") == (ClockState.MISSED, at("2026-03-10 09:00"))


def test_a_detection_later_than_what_was_told_is_no_start() -> None:
    main = availability().then("2026-03-10 09:00", e.FtInformed(detected_at=None))
    found = availability().then("2026-03-10 09:40", e.FtInformed(detected_at=at("2026-03-10 09:30")))
    group(main, found, "2026-03-10 09:50")
    assert (main.facts.informed_at, main.facts.detected_at) == (at("2026-03-10 09:00"), None)


def test_a_transmission_earlier_than_the_start_moves_the_start() -> None:
    main = Story(incident_type=AVAILABILITY, since=at("2026-03-10 09:15"))
    report = Story(incident_type=AVAILABILITY, since=at("2026-03-10 08:55")).then("2026-03-10 09:05", SEND)
    group(main, report, "2026-03-10 09:30")
    assert main.facts.since == at("2026-03-10 08:55")
    assert main.facts.severities == ((at("2026-03-10 08:55"), Severity.INTERRUPTION),)


def test_a_refusal_that_was_accepted_brings_nothing() -> None:
    report = transmitted().then("2026-03-10 09:20", e.FtRefused(text="Hors périmètre"))
    report.then("2026-03-10 09:25", e.RefusalAccepted())
    main = availability()
    group(main, report, "2026-03-10 09:30")
    assert (main.facts.state, main.facts.transmitted_at, main.facts.reports_count) == (State.NEW, None, 2)


@pytest.mark.parametrize(("sent", "begins_anew"), [("2026-03-10 09:10", False), ("2026-03-10 10:00", True)])
def test_after_an_accepted_refusal_only_a_later_transmission_begins_anew(
    sent: str, begins_anew: bool
) -> None:
    main = transmitted(when="2026-03-10 09:05").then("2026-03-10 09:20", e.FtRefused(text="Non"))
    main.then("2026-03-10 09:30", e.RefusalAccepted())
    group(main, availability(sent), "2026-03-10 10:05")
    assert (main.facts.transmitted_at == at(sent)) is begins_anew
    assert (main.facts.state is State.TRANSMITTED) is begins_anew


def test_a_pending_refusal_stays_to_be_answered() -> None:
    main = transmitted().then("2026-03-10 09:20", e.FtRefused(text="Hors périmètre"))
    group(main, availability("2026-03-10 09:05"), "2026-03-10 09:30")
    assert (main.facts.state, main.facts.refused_at) == (State.IN_PROGRESS, at("2026-03-10 09:20"))


def test_a_restored_incident_stays_to_be_verified() -> None:
    main = transmitted().then("2026-03-10 10:00", e.ReturnAnnounced())
    group(main, availability("2026-03-10 09:05"), "2026-03-10 10:10")
    assert main.facts.state is State.RESTORED
    assert main.facts.transmitted_at == at("2026-03-10 09:05")


def test_the_figures_count_one_incident_and_every_report() -> None:
    main, report, other = availability("2026-03-10 09:10"), availability(), Story(Kind.QUESTION)
    report.then("2026-03-10 09:11", e.PlusOne(caller="Accueil"))
    main.then("2026-03-10 09:12", e.PlusOne(account_id=41)).then("2026-03-10 09:12", e.PlusOne())
    group(main, report, "2026-03-10 09:30")
    group(main, other, "2026-03-10 09:31", OTHER)
    assert main.facts.reports_count == 6
    assert main.facts.joined == {41}


def test_a_report_told_anew_takes_its_own_place() -> None:
    main, report = availability(), availability("2026-03-10 09:10")
    group(main, report, "2026-03-10 09:30")
    main.then("2026-03-10 09:40", e.TakenUp())
    report.correct(report.sequence_of(e.Transmitted), to="2026-03-10 09:28")
    tell(main, report_of(REPORT, report.facts), "2026-03-11 09:00")
    assert main.facts.transmitted_at == at("2026-03-10 09:28")
    assert main.clock("take-up")[0] is ClockState.MET
    assert [type(record.event) for record in standing(main.records)] == [e.Filed, e.ReportGrouped, e.TakenUp]


# --- Back again ------------------------------------------------------------------------------------------

MINUTES = st.integers(min_value=0, max_value=50)
HAPPENINGS: tuple[e.TicketEvent, ...] = (
    e.Taken(assignee_id=12),
    e.UserAsked(text="Quel poste\u00a0?"),
    e.UserReplied(text="Le mien."),
    SEND,
    e.ReceiptReceived(),
    e.TakenUp(),
    e.FtAsked(text="Un identifiant"),
    e.FtAnswered(text="Le voici"),
    e.FtRefused(text="Hors périmètre"),
    e.RefusalAccepted(),
    e.FtInformed(detected_at=None),
    e.ReturnAnnounced(),
    e.ReturnConfirmed(),
    e.ReturnRefused(text="Non"),
    e.Answered(text="Réglé"),
    e.PlusOne(),
    e.Closed(),
    e.Reopened(reason="Encore"),
)
LIVES = st.lists(st.tuples(st.sampled_from(HAPPENINGS), MINUTES), max_size=9)


def lived(hour: int, life: list[tuple[e.TicketEvent, int]], story: Story) -> Story:
    """What of that life the rules let in, in the order of recording."""
    typed = f"2026-03-10 {hour:02}:59"
    for event, minute in life:
        try:
            story.then(f"2026-03-10 {hour:02}:{minute:02}", event, typed=typed)
        except DomainError:
            continue
    return story


@given(
    LIVES, LIVES, st.sampled_from([AVAILABILITY, APPLICATION]), st.sampled_from([AVAILABILITY, APPLICATION])
)
def test_splitting_after_grouping_gives_both_their_state_and_clocks_back(
    first: list[tuple[e.TicketEvent, int]],
    second: list[tuple[e.TicketEvent, int]],
    main_type: IncidentType,
    report_type: IncidentType,
) -> None:
    main = lived(9, first, Story(incident_type=main_type))
    report = lived(9, second, Story(incident_type=report_type))
    before = [(story.facts.state, clocks_of(story.facts)) for story in (main, report)]
    group(main, report, "2026-03-10 10:00")
    started = [
        clock.facts.started_at for clock in clocks_of(main.facts) if clock.clock == "return-to-service"
    ]
    own = [facts.transmitted_at for facts in (main.facts,) if facts.transmitted_at]
    assert len(started) <= 1 and (not own or started)
    report.then("2026-03-10 10:01", e.Commented(text="Toujours rien."))
    report.then("2026-03-10 10:02", e.Relayed(of=MAIN, news=News.MESSAGE, text="Patience."))
    detach(main, report, "2026-03-10 10:05")
    assert [(story.facts.state, clocks_of(story.facts)) for story in (main, report)] == before
    assert main.facts.reports == {}


@given(LIVES, LIVES, LIVES)
def test_what_happens_to_the_group_is_kept_or_the_split_is_refused(
    first: list[tuple[e.TicketEvent, int]],
    second: list[tuple[e.TicketEvent, int]],
    together: list[tuple[e.TicketEvent, int]],
) -> None:
    main = lived(9, first, availability())
    report = lived(9, second, availability())
    group(main, report, "2026-03-10 10:00")
    lived(11, together, main)
    held = list(main.records)
    try:
        detach(main, report, "2026-03-10 12:00")
    except Impossible as refusal:
        assert REPORT in refusal.message
        assert main.records == held
        return
    alone = [record for record in main.records if not isinstance(record.event, e.ReportGrouped)]
    ours, theirs = main.facts, fold(alone)
    assert (ours.state, clocks_of(ours)) == (theirs.state, clocks_of(theirs))


@given(st.permutations([0, 1, 2]), st.lists(MINUTES, min_size=3, max_size=3))
def test_the_order_of_grouping_does_not_matter(order: list[int], sent: list[int]) -> None:
    main = availability()
    reports = [availability(f"2026-03-10 09:{minute:02}") for minute in sent]
    for number in order:
        group(main, reports[number], "2026-03-10 10:00", f"REPT-000{number}")
    assert main.facts.transmitted_at == at(f"2026-03-10 09:{min(sent):02}")
    assert main.facts.reports_count == 4


# --- What is refused -------------------------------------------------------------------------------------


def refusal(report: Story, main: Story) -> str:
    with pytest.raises(DomainError) as caught:
        check_grouping(report.facts, main.facts)
    return caught.value.message


def test_no_chain_no_loop() -> None:
    main, report = availability("2026-03-10 09:10"), availability()
    group(main, report, "2026-03-10 09:30")
    assert MAIN in refusal(availability(), report)
    assert "reste principale" in refusal(main, availability())
    with pytest.raises(Impossible, match="reste principale"):
        check(main.facts, e.DuplicateMarked(of=OTHER), at("2026-03-10 09:40"), at("2026-03-10 09:40"))


def test_a_cancelled_ticket_follows_nothing_and_is_followed_by_nothing() -> None:
    cancelled = availability().then("2026-03-10 09:05", e.Cancelled(reason="Erreur"))
    assert "annulée" in refusal(availability(), cancelled)
    with pytest.raises(Impossible, match="annulée"):
        cancelled.then("2026-03-10 09:40", e.DuplicateMarked(of=MAIN))


def test_restricted_and_ordinary_never_meet() -> None:
    assert "restreint" in refusal(Story(Kind.SECURITY), Story(Kind.QUESTION))
    assert "restreint" in refusal(Story(Kind.QUESTION), Story(Kind.SECURITY))
    check_grouping(Story(Kind.SECURITY).facts, Story(Kind.SECURITY).facts)


def test_an_incident_is_followed_under_an_incident_and_a_question_under_either() -> None:
    assert "que sous un incident" in refusal(availability(), Story(Kind.QUESTION))
    check_grouping(Story(Kind.QUESTION).facts, availability().facts)
    check_grouping(Story(Kind.ACCESS).facts, Story(Kind.QUESTION).facts)


def test_the_month_owed_to_a_person_runs_from_the_first_request() -> None:
    first = Story(Kind.DATA_SUBJECT_REQUEST, filed="2026-03-02 09:00")
    second = Story(Kind.DATA_SUBJECT_REQUEST)
    check_grouping(second.facts, first.facts)
    assert "la plus ancienne" in refusal(first, second)
    assert "qu’avec une autre" in refusal(Story(Kind.QUESTION), first)
    assert "qu’avec une autre" in refusal(first, Story(Kind.QUESTION))


def test_a_grouped_ticket_goes_on_receiving_what_its_reporter_says() -> None:
    main, report = availability("2026-03-10 09:10"), availability("2026-03-10 09:15")
    group(main, report, "2026-03-10 09:30")
    report.then("2026-03-10 09:31", e.Commented(text="Toujours en panne."))
    report.then("2026-03-10 09:32", e.UserVerdict(works=False))
    with pytest.raises(Impossible, match=f"regroupée sous {MAIN}"):
        report.then("2026-03-10 09:40", e.TakenUp())


def test_only_what_is_grouped_is_detached_from_its_own_group_with_a_reason() -> None:
    report = availability()
    with pytest.raises(Impossible):
        report.then("2026-03-10 09:40", e.Detached(of=MAIN, reason="…"))
    group(availability(), report, "2026-03-10 09:30")
    with pytest.raises(Impossible, match=OTHER):
        report.then("2026-03-10 09:40", e.Detached(of=OTHER, reason="…"))
    with pytest.raises(DomainError, match="pourquoi"):
        report.then("2026-03-10 09:40", e.Detached(of=MAIN, reason=" "))


def test_what_a_report_brought_is_corrected_where_it_was_said() -> None:
    main, report = availability(), availability("2026-03-10 09:10")
    group(main, report, "2026-03-10 09:30")
    with pytest.raises(Impossible, match=REPORT):
        main.correct(main.sequence_of(e.ReportGrouped), void=True)


def test_events_that_rest_on_a_report_hold_it() -> None:
    main, report = availability(), availability("2026-03-10 09:10")
    group(main, report, "2026-03-10 09:30")
    main.then("2026-03-10 09:40", e.TakenUp())
    with pytest.raises(Impossible, match=REPORT):
        detach(main, report, "2026-03-10 09:50")


def test_a_detached_report_may_come_back() -> None:
    main, report = availability(), availability("2026-03-10 09:10")
    group(main, report, "2026-03-10 09:30")
    detach(main, report, "2026-03-10 09:40")
    assert (main.facts.state, main.facts.transmitted_at) == (State.NEW, None)
    group(main, report, "2026-03-10 09:50")
    assert main.facts.transmitted_at == at("2026-03-10 09:10")
    # A detachment told twice takes nothing more away.
    tell(main, e.ReportDetached(reference=OTHER, reason="…"), "2026-03-10 09:55")
    assert set(main.facts.reports) == {REPORT}
