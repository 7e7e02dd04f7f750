"""How a tool fares, decided from incidents and announcements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.announcements.vocabulary import Kind
from app.supervision.services import (
    Incident,
    Notice,
    Service,
    ToolFact,
    ToolState,
    Workaround,
    counted_incident,
    disturbances,
    services,
    to_come,
)
from app.tickets import events as t
from app.tickets.vocabulary import Conclusion, IncidentType, Scope, Severity, WorkaroundScope
from app.tickets.vocabulary import Kind as TicketKind
from tests.tickets.stories import Story, at, transmitted

NOW = datetime(2026, 3, 10, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)
DOOR = ToolFact("connexion", "Connexion", "access", "Mon Portail Pro")
PATH = ToolFact("suivi-de-parcours", "Suivi de parcours", "application", "Mon Portail Pro")
FORM = ToolFact("ouiform", "OuiForm", "application", "Portail Emploi")
TOOLS = (DOOR, PATH, FORM)
READER = 40
AVAILABILITY = IncidentType.AVAILABILITY


def counted(story: Story, reader: int | None = None, **more: object) -> Incident | None:
    return counted_incident("7F3K-M2QX", story.facts, story.records, reader, **more)  # type: ignore[arg-type]


def taken() -> Story:
    return Story(incident_type=AVAILABILITY).then("2026-03-10 09:05", t.Taken(assignee_id=12))


class TestWhatCounts:
    def test_a_report_that_nobody_looked_at_changes_nothing(self) -> None:
        assert counted(Story(incident_type=AVAILABILITY)) is None

    def test_taken_or_transmitted_it_counts(self) -> None:
        assert counted(taken()) is not None
        incident = counted(transmitted())
        assert incident is not None
        assert (incident.state, incident.with_ft) == (ToolState.INTERRUPTED, True)

    def test_its_beginning_is_the_one_that_was_seen(self) -> None:
        story = Story(incident_type=AVAILABILITY, since=at("2026-03-10 08:40")).then(
            "2026-03-10 09:05", t.Taken(assignee_id=12)
        )
        incident = counted(story)
        assert incident is not None
        assert incident.since == at("2026-03-10 08:40")

    @pytest.mark.parametrize(
        "classified",
        [
            t.Classified(kind=TicketKind.QUESTION, tools=("suivi-de-parcours",)),
            t.Classified(kind=TicketKind.SECURITY, tools=("suivi-de-parcours",)),
            t.Classified(kind=TicketKind.INCIDENT, tools=("suivi-de-parcours",), incident_type=IncidentType.APPLICATION),
            t.Classified(
                kind=TicketKind.INCIDENT, tools=("suivi-de-parcours",), incident_type=AVAILABILITY,
                severity=Severity.INTERRUPTION, scope=Scope.ONE,
            ),
        ],
    )  # fmt: skip
    def test_what_is_no_outage_of_the_tool_does_not(self, classified: t.Classified) -> None:
        assert counted(taken().then("2026-03-10 09:10", classified)) is None

    def test_one_person_then_another_makes_it_count(self) -> None:
        alone = t.Classified(
            kind=TicketKind.INCIDENT, tools=("suivi-de-parcours",), incident_type=AVAILABILITY,
            severity=Severity.DEGRADATION, scope=Scope.ONE,
        )  # fmt: skip
        story = taken().then("2026-03-10 09:10", alone).then("2026-03-10 09:12", t.PlusOne(caller="Accueil"))
        incident = counted(story)
        assert incident is not None
        assert incident.state is ToolState.DEGRADED

    def test_a_local_cause_does_not_count(self) -> None:
        local = t.Diagnosed(express=True, conclusion=Conclusion.LOCAL)
        assert counted(taken().then("2026-03-10 09:10", local)) is None

    def test_resolved_it_counts_no_more_unless_a_workaround_holds_it(self) -> None:
        story = transmitted().then("2026-03-10 10:00", t.ReturnAnnounced())
        pending = counted(story)
        assert pending is not None
        assert (pending.to_verify, pending.state) == (True, ToolState.DEGRADED)
        assert counted(story.then("2026-03-10 10:30", t.ReturnConfirmed())) is None
        held = transmitted().then(
            "2026-03-10 10:00", t.WorkaroundGiven(scope=WorkaroundScope.TOTAL, text="…")
        )
        held.then("2026-03-10 10:30", t.ReturnConfirmed())
        incident = counted(held, workaround=Workaround("…", "", ""))
        assert incident is not None
        assert incident.held_by_workaround

    def test_what_the_reader_has_to_do_with_it(self) -> None:
        mine, colleague = counted(taken(), READER), counted(taken(), 41)
        assert mine is not None and colleague is not None
        assert (mine.own, mine.joined) == (True, False)
        assert (colleague.own, colleague.joined) == (False, False)
        story = taken().then("2026-03-10 09:10", t.PlusOne())  # recorded by 12
        joined, grouped = counted(story, 12), counted(story, 41, grouped=True)
        assert joined is not None and grouped is not None
        assert joined.joined
        assert grouped.own


def incident(*tools: str, state: ToolState = ToolState.INTERRUPTED, **more: object) -> Incident:
    values: dict[str, object] = {
        "reference": "7F3K-M2QX", "tools": tools, "state": state, "since": NOW - HOUR, "with_ft": True,
        "to_verify": False, "held_by_workaround": False, "workaround": None,
    }  # fmt: skip
    return Incident(**{**values, **more})  # type: ignore[arg-type]


def notice(*tools: str, kind: Kind = Kind.MAINTENANCE, **more: object) -> Notice:
    values: dict[str, object] = {
        "reference": "M2QX-7F3K", "kind": kind, "title": "Fermeture", "tools": tools, "severity": None,
        "starts_at": NOW - HOUR, "ends_at": NOW + HOUR, "published_at": NOW - 24 * HOUR,
    }  # fmt: skip
    return Notice(**{**values, **more})  # type: ignore[arg-type]


def state_of(tool: ToolFact, incidents: list[Incident], notices: list[Notice]) -> Service:
    return next(row for row in services(TOOLS, incidents, notices, NOW) if row.tool == tool)


class TestStates:
    def test_nothing_known(self) -> None:
        assert [row.state for row in services(TOOLS, [], [], NOW)] == [ToolState.IN_SERVICE] * 3

    def test_the_worst_rules_since_its_own_beginning(self) -> None:
        worse = incident("ouiform", since=NOW - 2 * HOUR)
        slow = incident("ouiform", state=ToolState.DEGRADED, since=NOW - 9 * HOUR, reference="A")
        found = state_of(FORM, [slow, worse], [notice("ouiform")])
        assert (found.state, found.since) == (ToolState.INTERRUPTED, NOW - 2 * HOUR)
        assert (found.incidents, found.notices) == ((slow, worse), (notice("ouiform"),))

    def test_a_portal_down_takes_its_tools_with_it_and_no_other(self) -> None:
        down = [incident("connexion")]
        path = state_of(PATH, down, [])
        assert (path.state, path.through) == (ToolState.INTERRUPTED, "Connexion")
        assert state_of(FORM, down, []).state is ToolState.IN_SERVICE
        assert state_of(DOOR, down, []).through == ""

    def test_the_tools_own_trouble_is_told_first(self) -> None:
        both = [incident("connexion"), incident("suivi-de-parcours", since=NOW - 3 * HOUR, reference="A")]
        path = state_of(PATH, both, [])
        assert (path.since, path.through) == (NOW - 3 * HOUR, "")

    def test_maintenance_now_and_to_come(self) -> None:
        assert state_of(FORM, [], [notice("ouiform")]).state is ToolState.MAINTENANCE
        later = notice("ouiform", starts_at=NOW + HOUR)
        found = state_of(FORM, [], [later])
        assert (found.state, found.coming) == (ToolState.IN_SERVICE, (later,))
        assert to_come(services(TOOLS, [], [later], NOW)) == [(later, ("OuiForm",))]
        door = notice("connexion", starts_at=NOW + HOUR)
        assert to_come(services(TOOLS, [], [door, later], NOW)) == [
            (door, ("Connexion", "Suivi de parcours")),
            (later, ("OuiForm",)),
        ]

    def test_an_announced_incident_without_ticket(self) -> None:
        said = notice("ouiform", kind=Kind.INCIDENT, severity=Severity.INTERRUPTION, starts_at=None)
        found = state_of(FORM, [], [said])
        assert (found.state, found.since) == (ToolState.INTERRUPTED, said.published_at)
        vague = notice("ouiform", kind=Kind.INCIDENT)
        assert state_of(FORM, [], [vague]).state is ToolState.DEGRADED

    def test_a_ticket_and_its_announcement_are_one(self) -> None:
        said = notice("ouiform", kind=Kind.INCIDENT, severity=Severity.INTERRUPTION)
        held = incident("ouiform", held_by_workaround=True, announcement=said.reference)
        found = state_of(FORM, [held], [said])
        assert (found.state, found.notices, found.incidents) == (ToolState.IN_SERVICE, (), (held,))


class TestDisturbances:
    def test_each_thing_once_with_its_tools_the_worst_first(self) -> None:
        door = incident("connexion", state=ToolState.DEGRADED)
        form = incident("ouiform", reference="A")
        held = incident("ouiform", reference="B", held_by_workaround=True)
        closed = notice("suivi-de-parcours", starts_at=None)
        told = disturbances(services((PATH, DOOR, FORM), [door, form, held], [closed], NOW))
        assert [(one.state, one.tools) for one in told] == [
            (ToolState.INTERRUPTED, ("OuiForm",)),
            (ToolState.MAINTENANCE, ("Suivi de parcours",)),
            (ToolState.DEGRADED, ("Connexion", "Suivi de parcours")),
            (ToolState.IN_SERVICE, ("OuiForm",)),
        ]
        assert told[1].since == closed.published_at
