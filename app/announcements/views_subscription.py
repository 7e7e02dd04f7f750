"""`/mon-compte/annonces`: the secret link, and the feed and the calendar behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo

from flask import Response, current_app, flash, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Permission
from app.announcements import lists, queries
from app.announcements.blueprint import blueprint
from app.announcements.feeds import Channel, FeedEntry, atom, icalendar
from app.announcements.lists import Line
from app.announcements.rules import Facts
from app.announcements.subscription import (
    link_since,
    reader_of,
    renew_link,
    revoke_link,
)
from app.announcements.vocabulary import KIND_LABELS, Kind
from app.announcements.wording import say_dates, say_moment, title_of_news
from app.config import Config
from app.infra.tx import transaction
from app.partners.queries import tools_of
from app.web import urls
from app.web.access import public, requires
from app.web.context import current_actor, now
from app.web.htmx import redirect_to, render
from app.web.markdown import render_markdown

FEED_HOLDS = timedelta(days=90)
FEED_AT_MOST = 100
# Asked again each time, and answered in three words when nothing has changed.
ASK_AGAIN = "private, no-cache"


@blueprint.get(urls.SUBSCRIPTION)
@requires(Permission.ANNOUNCEMENT_READ)
def subscription() -> Response:
    return _show()


@blueprint.post(urls.FEED_LINK)
@requires(Permission.ANNOUNCEMENT_READ)
def new_link() -> Response:
    """The secret is shown once, in this answer: only its digest is kept."""
    actor, moment = current_actor(), now()
    with transaction():
        token = renew_link(actor, now=moment, address=request.remote_addr or "")
    return _show(token)


@blueprint.post(urls.REVOKED_FEED_LINK)
@requires(Permission.ANNOUNCEMENT_READ)
def revoked_link() -> BaseResponse:
    with transaction():
        revoke_link(current_actor(), now=now(), address=request.remote_addr or "")
    flash("Le lien est supprimé\u00a0: il n’ouvre plus rien.", "success")
    return redirect_to(urls.SUBSCRIPTION)


@blueprint.get(urls.ANNOUNCEMENT_FEED)
@public
def feed(token: str) -> Response:
    return _answer(token, atom, "application/atom+xml")


@blueprint.get(urls.ANNOUNCEMENT_CALENDAR)
@public
def calendar(token: str) -> Response:
    return _answer(token, icalendar, "text/calendar")


def _show(token: str = "") -> Response:
    address = _public_url()
    return render(
        "announcements/subscription.html",
        title="Agenda et flux des annonces",
        since=link_since(current_actor()),
        feed_url=address + urls.ANNOUNCEMENT_FEED.replace("<token>", token) if token else "",
        calendar_url=address + urls.ANNOUNCEMENT_CALENDAR.replace("<token>", token) if token else "",
    )


def _answer(token: str, write: Callable[[Channel, Sequence[FeedEntry]], bytes], media_type: str) -> Response:
    reader, moment = reader_of(token), now()
    zone = ZoneInfo(reader.partner.time_zone)
    lines = lists.published_since(reader.actor, moment, moment - FEED_HOLDS, FEED_AT_MOST)
    facts = queries.facts_of([line.id for line in lines])
    tool_names = {tool.code: tool.name for tool in tools_of(reader.actor.partner_id)}
    channel = Channel(
        name=f"Annonces, {reader.partner.name}",
        author=reader.partner.name,
        page_url=_public_url() + urls.ANNOUNCEMENTS,
        own_url=_public_url() + request.path,
        since=reader.since,
    )
    entries = [_entry(line, facts[line.id], tool_names, zone) for line in lines]
    response = Response(write(channel, entries), content_type=f"{media_type}; charset=utf-8")
    response.headers["Cache-Control"] = ASK_AGAIN
    # The address of the feed is a secret: what is followed from there must not carry it.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.add_etag(weak=True)  # the body may leave compressed
    response.make_conditional(request)
    return response


def _entry(line: Line, facts: Facts, tool_names: Mapping[str, str], zone: tzinfo) -> FeedEntry:
    assert line.publish_at is not None, "a draft is in no feed"
    return FeedEntry(
        reference=line.reference,
        title=line.title,
        html=_html(line, facts, tool_names, zone),
        text=line.text,
        category=KIND_LABELS[line.kind],
        url=_public_url() + urls.ANNOUNCEMENT.replace("<reference>", line.reference),
        published_at=line.publish_at,
        updated_at=max(line.updated_at, line.publish_at),
        version=facts.version,
        starts_at=line.starts_at if line.kind is not Kind.INCIDENT else None,
        ends_at=line.ends_at,
    )


def _html(line: Line, facts: Facts, tool_names: Mapping[str, str], zone: tzinfo) -> Markup:
    """When, which tools, the text, then the thread, the last news first."""
    dates = say_dates(line.kind, line.starts_at, line.ends_at, zone)
    tools = ", ".join(tool_names.get(code, code) for code in line.tools)
    parts = [Markup("<p>{}</p>").format(words) for words in (dates, tools) if words]
    parts.append(render_markdown(line.text))
    for news in sorted(facts.news, key=lambda news: (news.at, news.sequence), reverse=True):
        head = f"{say_moment(news.at, zone)}\u00a0: {title_of_news(news, zone)}"
        parts += [Markup("<h3>{}</h3>").format(head), render_markdown(news.text)]
    return Markup("\n").join(part for part in parts if part)


def _public_url() -> str:
    settings: Config = current_app.extensions["settings"]
    return settings.public_url
