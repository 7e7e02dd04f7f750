from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.tickets import events as e
from app.tickets import prediagnosis as pre
from app.tickets.vocabulary import Conclusion, IncidentType, Kind, Scope, Severity
from tests.tickets.stories import PARIS, Story, at


def keys(*kinds: str) -> set[str]:
    return {question.key for section in pre.sections_for(kinds) for question in section.questions}


ASKED_OF_A_SCREEN = {"screen", "browser", "other_browser", "other_computer", "account", "entitlement"}
ASKED_OF_AN_API = {
    "environment", "endpoint", "version", "called_at", "http_status", "return_code", "request_id", "rate_headers",
}  # fmt: skip
ALWAYS_ASKED = {
    "reproduced", "steps", "users", "structures", "message", "network", "tests", "workaround", "article",
}  # fmt: skip


def test_a_screen_is_asked_about_its_browser_and_account_and_not_about_endpoints() -> None:
    for kind in ("application", "module", "online-service", "access"):
        assert keys(kind) == ALWAYS_ASKED | ASKED_OF_A_SCREEN


def test_an_api_is_asked_about_its_call() -> None:
    assert keys("api") >= ALWAYS_ASKED | ASKED_OF_AN_API
    assert not keys("api") & ASKED_OF_A_SCREEN


def test_a_portal_and_an_api_together_are_asked_everything_once() -> None:
    sections = pre.sections_for(["application", "api"])
    asked = [question.key for section in sections for question in section.questions]
    assert set(asked) == keys("application") | keys("api")
    assert len(asked) == len(set(asked))


def test_an_unknown_tool_is_asked_about_as_a_screen() -> None:
    assert keys() == keys("application")


def test_every_check_may_say_not_verified() -> None:
    choices = [question for question in pre.QUESTIONS.values() if question.kind is pre.AnswerKind.CHOICE]
    assert choices
    for question in choices:
        assert pre.UNCHECKED_LABEL in dict(question.choices).values(), question.key


@pytest.mark.parametrize(
    ("kind", "incident_type", "severity", "express"),
    [
        (Kind.INCIDENT, IncidentType.AVAILABILITY, Severity.INTERRUPTION, True),
        (Kind.INCIDENT, None, None, True),
        (Kind.INCIDENT, IncidentType.AVAILABILITY, Severity.DEGRADATION, False),
        (Kind.INCIDENT, IncidentType.APPLICATION, None, False),
        (Kind.ACCESS, None, None, False),
    ],
)
def test_the_express_form_is_for_interruptions(
    kind: Kind, incident_type: IncidentType | None, severity: Severity | None, express: bool
) -> None:
    story = Story(kind, incident_type)
    if severity is Severity.DEGRADATION:
        story.then("2026-03-10 09:01", e.SeverityChanged(severity=severity))
    assert pre.is_interruption(story.facts) is express


def test_what_the_filing_said_is_not_asked_again() -> None:
    since = at("2026-03-10 08:58")
    story = Story(incident_type=IncidentType.AVAILABILITY, since=since)
    assert pre.known_answers(story.facts) == {"what": story.facts.subject, "since": since.isoformat()}

    story.then(
        "2026-03-10 09:05",
        e.Diagnosed(express=True, conclusion=Conclusion.FRANCE_TRAVAIL, answers={"what": "Portail arrêté"}),
    )
    assert pre.known_answers(story.facts)["what"] == "Portail arrêté"


def test_the_scope_of_the_filing_is_an_answer_unless_it_is_unknown() -> None:
    story = Story(incident_type=IncidentType.AVAILABILITY)
    assert "users" not in pre.known_answers(story.facts)
    story.then(
        "2026-03-10 09:02",
        e.Classified(
            kind=Kind.INCIDENT,
            tools=("suivi-de-parcours",),
            incident_type=IncidentType.AVAILABILITY,
            severity=Severity.INTERRUPTION,
            scope=Scope.ALL,
        ),
    )
    assert pre.known_answers(story.facts)["users"] == "all"


def test_only_what_changed_is_recorded_and_an_answer_can_be_taken_back() -> None:
    story = Story(incident_type=IncidentType.APPLICATION).then(
        "2026-03-10 09:05",
        e.Diagnosed(
            express=False,
            conclusion=Conclusion.UNKNOWN,
            answers={"reproduced": "yes", "tests": "Essai à 9 h"},
        ),
    )
    typed = {"reproduced": "yes", "tests": "", "article": "Vider le cache", "browser": ""}
    assert pre.changed_answers(story.facts, typed) == {"tests": "", "article": "Vider le cache"}


def test_unanswered_checks_are_named_and_not_verified_counts_as_an_answer() -> None:
    sections = pre.sections_for(["api"])
    left = {question.key for question in pre.unanswered(sections, {"reproduced": "unchecked"})}
    assert left == {"users", "environment", "network", "api_access", "other_apis"}


def test_a_diagnosis_completed_in_full_is_no_longer_express() -> None:
    express = e.Diagnosed(express=True, conclusion=Conclusion.FRANCE_TRAVAIL)
    full = e.Diagnosed(express=False, conclusion=Conclusion.FRANCE_TRAVAIL)
    assert not pre.only_express([])
    assert pre.only_express([express])
    assert not pre.only_express([express, full])


def test_answers_are_said_in_french_in_the_order_of_the_questions() -> None:
    answers = {
        "tests": "Autre compte",
        "called_at": datetime(2026, 3, 10, 8, 5, tzinfo=UTC).isoformat(),
        "reproduced": "sometimes",
        "browser": "",
    }
    assert pre.said(answers, PARIS) == (
        ("Reproduit", "Par moments"),
        ("Appel en échec", "10/03/2026 à 9 h 05 (UTC+1)"),
        ("Essais effectués", "Autre compte"),
    )


@pytest.mark.parametrize(
    ("moment", "zone", "said"),
    [
        ("2026-07-10T09:05:00+02:00", "Europe/Paris", "(UTC+2)"),
        ("2026-03-10T09:05:00+01:00", "America/Martinique", "(UTC−4)"),
        ("2026-03-10T09:05:00+01:00", "Pacific/Marquesas", "(UTC−9:30)"),
    ],
)
def test_a_moment_says_its_zone(moment: str, zone: str, said: str) -> None:
    assert said in pre.say_moment_and_offset(datetime.fromisoformat(moment), ZoneInfo(zone))
