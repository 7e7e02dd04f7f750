"""What the worker does with articles: those whose review is due are flagged, and their owners told."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.accounts.policy import system_actor
from app.documentation import service
from app.documentation.queries import reviewers
from app.documentation.shelves import ids_to_remind
from app.extensions import db
from app.infra.tx import transaction
from app.notifications.service import enqueue_letter
from app.partners.models import Partner
from app.web import urls

TEMPLATE = "article-review"


def remind_reviews(now: datetime) -> None:
    """Flag each published article whose review day has come, and write once to who looks after it."""
    partners = db.session.execute(select(Partner.id, Partner.time_zone).order_by(Partner.id)).all()
    for partner_id, zone in partners:
        today = now.astimezone(ZoneInfo(zone)).date()
        with transaction():
            for article_id in ids_to_remind(partner_id, today):
                article = service.flag_due_review(article_id, actor=system_actor(partner_id), now=now)
                for account_id in reviewers(article):
                    enqueue_letter(
                        account_id=account_id,
                        template=TEMPLATE,
                        context={"title": article.title},
                        path=urls.ARTICLE.replace("<slug>", article.slug),
                        now=now,
                        partner_id=partner_id,
                    )
