"""The notice owed before a change (pas-de-calais-2024, annexe 2, §7), as people read it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.announcements.events import Content
from app.announcements.notice import notice_of, say_notice, say_period
from tests.announcements.material import change, maintenance

PARIS = ZoneInfo("Europe/Paris")


def said(announced: str, effect: str, notice: str = "5 days", **more: object) -> tuple[bool, str]:
    content: Content = change(
        announced_at=datetime.fromisoformat(announced).replace(tzinfo=PARIS),
        starts_at=datetime.fromisoformat(effect).replace(tzinfo=PARIS),
        notice=notice,
        **more,
    )
    notice_given = notice_of(content, PARIS)
    assert notice_given is not None
    return notice_given.kept, say_notice(notice_given).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("announced", "effect", "owed", "kept", "words"),
    [
        ("2026-03-10T18:00", "2026-03-12T08:00", "5 days", False, "préavis non respecté : 2 jours au lieu de 5"),
        ("2026-03-10T18:00", "2026-03-11T08:00", "5 days", False, "préavis non respecté : 1 jour au lieu de 5"),
        ("2026-03-10T18:00", "2026-03-10T20:00", "5 days", False, "préavis non respecté : 0 jour au lieu de 5"),
        ("2026-03-10T23:59", "2026-03-15T00:00", "5 days", True, "préavis respecté : 5 jours pour 5 dus"),
        ("2026-03-10T08:00", "2026-03-11T08:00", "1 day", True, "préavis respecté : 1 jour pour 1 dû"),
        ("2026-03-10T18:00", "2026-03-09T08:00", "5 days", False, "préavis non respecté : annoncé après coup au lieu de 5 jours avant"),
        ("2026-01-31T09:00", "2026-04-30T09:00", "3 months", True, "préavis respecté : 89 jours pour 3 mois dus"),
        ("2026-01-31T09:00", "2026-04-29T09:00", "3 months", False, "préavis non respecté : 88 jours au lieu de 3 mois"),
        ("2026-01-01T09:00", "2026-01-05T09:00", "1 week", False, "préavis non respecté : 4 jours au lieu de 1 semaine"),
    ],
)  # fmt: skip
def test_what_was_given_beside_what_was_owed(
    announced: str, effect: str, owed: str, kept: bool, words: str
) -> None:
    assert said(announced, effect, owed) == (kept, words)


def test_days_are_those_of_the_partner() -> None:
    """22:30 in UTC is already the next day in Paris."""
    announced = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    content = change(announced_at=announced, starts_at=datetime(2026, 3, 15, 23, 0, tzinfo=UTC))
    notice = notice_of(content, PARIS)
    assert notice is not None
    assert (notice.given_days, notice.kept) == (5, True)


def test_a_blocking_incident_owes_no_notice() -> None:
    assert said("2026-03-10T18:00", "2026-03-10T19:00", blocking=True) == (
        True,
        "préavis non dû : le changement corrige un incident bloquant",
    )


@pytest.mark.parametrize(
    "content", [maintenance(), change(announced_at=None), change(starts_at=None), change(notice="")]
)
def test_what_owes_none(content: Content) -> None:
    assert notice_of(content, PARIS) is None


def test_periods_in_french() -> None:
    assert [say_period(period) for period in ("1 day", "5 days", "1 month", "3 months", "1 year", "2 years")] == [
        "1 jour", "5 jours", "1 mois", "3 mois", "1 an", "2 ans",
    ]  # fmt: skip
