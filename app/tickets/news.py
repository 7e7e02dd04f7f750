"""What of the main ticket is worth telling to the reporters grouped under it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from app.tickets import events as e
from app.tickets.facts import Facts
from app.tickets.vocabulary import News, State

_NEWS: Mapping[type[e.TicketEvent], News] = {
    e.Answered: News.ANSWERED,
    e.WorkaroundWithdrawn: News.WORKAROUND_WITHDRAWN,
    e.ReturnRefused: News.NOT_BACK,
    e.ReturnConfirmed: News.RESOLVED,
    e.Closed: News.CLOSED,
    e.Cancelled: News.CANCELLED,
    e.Reopened: News.REOPENED,
}
_RETURNS = (e.ReturnAnnounced, e.ReturnObserved, e.FtClosed)
# What was written to be sent; of the rest the reporters are told the fact alone.
_WRITTEN_FOR_USERS = (e.Commented, e.Answered, e.WorkaroundGiven)
RELAYED_EVENTS = frozenset({*_NEWS, *_RETURNS, e.Commented, e.WorkaroundGiven})


def relayed(reference: str, before: Facts, after: Facts, event: e.TicketEvent) -> e.Relayed | None:
    """The event as the other reporters are told it; None for what is not theirs to know."""
    news = _news(before, after, event)
    if news is None:
        return None
    text = event.text if isinstance(event, _WRITTEN_FOR_USERS) else ""
    if isinstance(event, e.WorkaroundGiven):
        return e.Relayed(
            of=reference,
            news=news,
            text=text,
            scope=event.scope,
            article=event.article,
            article_title=event.article_title,
        )
    return e.Relayed(of=reference, news=news, text=text)


def _news(before: Facts, after: Facts, event: e.TicketEvent) -> News | None:
    if isinstance(event, e.Commented):
        return None if event.internal else News.MESSAGE
    if isinstance(event, e.WorkaroundGiven):
        return News.WORKAROUND
    if isinstance(event, _RETURNS):
        # Announced, then observed: people are asked to try once.
        back = after.state is State.RESTORED and before.state is not State.RESTORED
        return News.SERVICE_BACK if back else None
    return _NEWS.get(type(event))
