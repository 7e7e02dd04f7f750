"""Reviews that are due: the article is flagged, its owner told once."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.policy import Role
from app.documentation import queries, service
from app.documentation.jobs import remind_reviews
from app.documentation.vocabulary import State
from app.extensions import db
from app.infra.tx import transaction
from app.notifications.message import Parcel, compose
from app.notifications.models import Outbox
from tests.conftest import START
from tests.documentation.base import write
from tests.factories import World

DUE = START + timedelta(days=31)


def told() -> list[tuple[int, str, str]]:
    rows = db.session.scalars(select(Outbox).where(Outbox.template == "article-review").order_by(Outbox.id))
    return [(row.account_id, row.path, row.context["title"]) for row in rows]


def test_the_owner_is_told_once_of_each_review(context: Flask, world: World) -> None:
    actor, owner = world.here.actor(), world.here.people[Role.CORRESPONDENT].account_id
    slug = write(world.here, review_on=DUE.date())
    write(world.here, "Plus tard", review_on=date(2027, 1, 1))
    write(world.here, "Sans date", review_on=None)
    write(world.here, "Brouillon", State.DRAFT, review_on=DUE.date())
    remind_reviews(DUE - timedelta(days=1))
    assert told() == []
    remind_reviews(DUE)
    remind_reviews(DUE + timedelta(days=1))
    assert told() == [(owner, "/documentation/page-blanche", "Page blanche")]
    assert queries.article_by_slug(actor, slug).state == State.TO_REVIEW
    with transaction():
        service.publish(slug, actor=actor, now=DUE, review_on=DUE.date() + timedelta(days=10))
    remind_reviews(DUE + timedelta(days=10))
    assert len(told()) == 2


def test_without_its_owner_every_writer_is_told(context: Flask, world: World) -> None:
    account = db.session.get_one(Account, world.here.people[Role.CORRESPONDENT].account_id)
    write(world.here, review_on=DUE.date())
    with transaction():
        account.active = False
        db.session.add(account)
    remind_reviews(DUE)
    assert told() == []  # nobody is left to write to, and nothing fails


def test_the_mail_says_what_to_do() -> None:
    mail = compose(
        Parcel(
            id=1,
            to="a@exemple.test",
            template="article-review",
            context={"title": "Page <blanche>"},
            reference=None,
            path="/documentation/x",
            partner="Département",
            message_id="m",
            created_at=START,
        ),
        "a@exemple.test",
        "https://desk.test/documentation/x",
    )
    assert mail.subject == "Un article est à relire\u00a0: Page <blanche>"
    assert "https://desk.test/documentation/x" in mail.text
    assert "Page &lt;blanche&gt;" in (mail.html or "")
