"""The tales, before they are played: as many as asked, the same for the same seed, believable, and harmless."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.demo.outages import CALLS, PORTAL
from app.demo.plan import Plan, make_plan
from app.demo.player import moves_of
from app.demo.steps import Attach, Life, Step
from app.files.service import examine
from app.kernel.errors import InvalidInput
from app.kernel.personal_data import contains_nir
from app.tickets import events as e
from tests.demo.paper_world import paper_world

PARIS = ZoneInfo("Europe/Paris")
UNTIL = datetime(2026, 11, 20, 15, 20, tzinfo=PARIS)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(paper_world(), seed=2026, tickets=600, until=UNTIL)


def steps_of(plan: Plan) -> Iterator[Step]:
    for life in plan.lives:
        yield from life.steps


def texts_of(plan: Plan) -> Iterator[str]:
    for step in steps_of(plan):
        if isinstance(step.act, e.TicketEvent):
            for item in fields(step.act):
                value = getattr(step.act, item.name)
                yield from value.values() if isinstance(value, dict) else [str(value)]


def outage(plan: Plan, weekday: int) -> Life:
    """The ticket of the portal that fell on that day of the week."""
    return next(
        life
        for life in plan.lives
        if life.filing.tools == PORTAL
        and life.filing.since
        and life.filing.since.astimezone(PARIS).weekday() == weekday
    )


def summary(plan: Plan) -> list[tuple[datetime, object]]:
    """What is played and when; a `MarkDuplicate` is told by the ticket it names."""
    return [
        (move.at, repr(move.step.act) if isinstance(move.step.act, e.TicketEvent) else None)
        for move in moves_of(plan)
    ]


def test_as_many_tickets_as_asked(plan: Plan) -> None:
    assert len(plan.lives) == 600


def test_the_same_seed_tells_the_same_tales(plan: Plan) -> None:
    again = make_plan(paper_world(), seed=2026, tickets=600, until=UNTIL)
    other = make_plan(paper_world(), seed=2027, tickets=600, until=UNTIL)
    assert summary(again) == summary(plan)
    assert summary(other) != summary(plan)


def test_too_few_tickets_cannot_show_everything() -> None:
    with pytest.raises(InvalidInput, match="au moins"):
        make_plan(paper_world(), seed=2026, tickets=10, until=UNTIL)


@pytest.mark.parametrize(
    "until",
    ["2026-06-15T12:00", "2026-08-15T23:59", "2026-12-25T03:10", "2027-03-28T02:30", "2028-02-29T08:00"],
)
def test_a_tale_can_end_at_any_time(until: str) -> None:
    end = datetime.fromisoformat(until).replace(tzinfo=PARIS)
    plan = make_plan(paper_world(), seed=1, tickets=120, until=end)
    assert len(plan.lives) == 120
    assert all(move.at <= end for move in moves_of(plan))


def test_each_life_goes_forward(plan: Plan) -> None:
    for life in plan.lives:
        typed = [step.at for step in life.steps]
        assert typed == sorted(typed)
        assert all(step.happened is None or step.happened <= step.at for step in life.steps)


def test_it_lasts_fourteen_months(plan: Plan) -> None:
    first = plan.lives[0].filed_at
    assert timedelta(days=410) < UNTIL - first < timedelta(days=430)
    assert UNTIL - plan.lives[-1].filed_at < timedelta(hours=1)


def test_people_work_on_weekdays_mostly(plan: Plan) -> None:
    days = [life.filed_at.astimezone(PARIS).weekday() for life in plan.lives]
    at_weekends = sum(day >= 5 for day in days)
    assert 0 < at_weekends < len(days) / 20
    evenings = sum(life.filed_at.astimezone(PARIS).hour >= 18 for life in plan.lives)
    assert 0 < evenings < len(days) / 10


def test_a_monday_at_8_58_brings_forty_calls(plan: Plan) -> None:
    life = outage(plan, weekday=0)
    assert life.filing.since is not None
    assert f"{life.filing.since.astimezone(PARIS):%H:%M}" == "08:58"
    assert sum(isinstance(step.act, e.PlusOne) for step in life.steps) == CALLS == 40


def test_a_friday_evening_lasts_until_monday(plan: Plan) -> None:
    life = outage(plan, weekday=4)
    announced = next(step for step in life.steps if isinstance(step.act, e.ReturnAnnounced))
    assert life.filing.since is not None
    assert life.filing.since.astimezone(PARIS).hour >= 18
    back = (announced.happened or announced.at).astimezone(PARIS)
    assert (back.weekday(), back.date() - life.filing.since.astimezone(PARIS).date()) == (
        0,
        timedelta(days=3),
    )


def test_no_word_is_left_to_fill_in(plan: Plan) -> None:
    assert not [text for text in texts_of(plan) if "{" in text]


def test_subjects_and_texts_vary(plan: Plan) -> None:
    assert len({life.filing.subject for life in plan.lives}) > 150
    assert len({life.filing.text for life in plan.lives}) > 200


def test_nothing_names_a_person(plan: Plan) -> None:
    texts = list(texts_of(plan))
    assert not [text for text in texts if contains_nir(text)]
    assert not [text for text in texts if "@" in text]


def test_attachments_are_of_accepted_types(plan: Plan) -> None:
    papers = [step.act for step in steps_of(plan) if isinstance(step.act, Attach)]
    assert {examine(paper.name, paper.content).media_type for paper in papers} == {"image/png", "text/csv"}
