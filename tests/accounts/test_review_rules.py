"""The yearly review: when it is owed, when it may be closed, what its record is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from app.accounts.review_rules import (
    DECISION_LABELS,
    Decision,
    RecordLine,
    check_decided,
    digest_of,
    due_on,
    is_reminder_due,
    record_content,
    record_lines,
)
from app.kernel.errors import Impossible

DUE = date(2026, 3, 10)
DAY = timedelta(days=1)
CLOSED = datetime(2026, 3, 10, 9, 30, tzinfo=timezone(timedelta(hours=1)))
LINE = RecordLine(
    person="Agent d’accueil",
    email="agent@exemple.test",
    role="Utilisateur",
    structure="Accueil",
    last_used_at=None,
    decision="Confirmé",
    decided_at=CLOSED,
    decided_by="Administrateur",
    reason="",
)


def content(*lines: RecordLine) -> dict[str, object]:
    return record_content(
        partner="Département d’essai",
        number=1,
        started_at=CLOSED - DAY,
        started_by="Administrateur",
        closed_at=CLOSED,
        closed_by="Administrateur",
        lines=lines or (LINE,),
    )


def test_every_decision_has_its_french_name() -> None:
    assert set(DECISION_LABELS) == set(Decision)


@pytest.mark.parametrize(("left", "words"), [(1, "une ligne sans décision"), (12, "12 lignes sans décision")])
def test_a_review_is_not_closed_while_a_line_is_left(left: int, words: str) -> None:
    check_decided(0)
    with pytest.raises(Impossible, match=words):
        check_decided(left)


def test_a_review_is_owed_a_year_after_the_last_or_after_the_first_account() -> None:
    assert due_on(None, date(2025, 3, 10), "12 months") == DUE
    assert due_on(date(2025, 6, 1), date(2020, 1, 1), "12 months") == date(2026, 6, 1)


@pytest.mark.parametrize(
    ("opened_on", "reminded_on", "today", "reminded"),
    [
        (None, None, DUE - DAY, False),
        (None, None, DUE, True),
        (None, DUE, DUE, False),
        (None, DUE, DUE + 29 * DAY, False),
        (None, DUE, DUE + 30 * DAY, True),
        (None, DUE - 300 * DAY, DUE, True),
        # A review that is open is not owed any more; left open for a month, it is to be ended.
        (DUE, None, DUE + 29 * DAY, False),
        (DUE, DUE, DUE + 30 * DAY, True),
    ],
)
def test_reminders(opened_on: date | None, reminded_on: date | None, today: date, reminded: bool) -> None:
    assert is_reminder_due(DUE, opened_on, reminded_on, today) is reminded


def test_the_record_says_everything_in_universal_time() -> None:
    record = content()
    assert record["closed_at"] == "2026-03-10T08:30:00+00:00"
    (line,) = record["lines"]  # type: ignore[misc]
    assert line["last_used_at"] is None
    assert line["decided_at"] == "2026-03-10T08:30:00+00:00"


def test_the_digest_changes_with_any_word_and_with_nothing_else() -> None:
    moved = replace(LINE, decided_at=CLOSED.astimezone(UTC))
    other = replace(LINE, last_used_at=CLOSED)
    assert digest_of(content()) == digest_of(content(moved))
    assert len({digest_of(content()), digest_of(content(other)), digest_of(content(LINE, LINE))}) == 3
    assert len(digest_of(content())) == 64


def test_the_lines_are_read_back_as_they_were() -> None:
    used = replace(LINE, last_used_at=CLOSED - DAY)
    assert record_lines(content(LINE, used)) == [LINE, used]
