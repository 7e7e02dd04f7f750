"""`/annonces`: what goes on, what is coming, what was; one announcement, what it said, who has read it."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, flash, g, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Actor, Permission, can
from app.accounts.queries import names_of
from app.accounts.redirects import local_path
from app.announcements import lists, queries
from app.announcements.acts import allows, offered
from app.announcements.blueprint import blueprint
from app.announcements.events import Edited
from app.announcements.lists import Banner, Line
from app.announcements.page import former_versions, notice_line, thread
from app.announcements.rules import fold, state_at
from app.announcements.service import mark_read
from app.announcements.vocabulary import (
    KIND_ICONS,
    KIND_LABELS,
    LEVEL_LABELS,
    STATE_LABELS,
)
from app.announcements.wording import say_dates
from app.infra.tx import transaction
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.reference import parse_reference
from app.partners.queries import structures_of, tools_of
from app.tickets.vocabulary import SEVERITY_LABELS
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import current_zone
from app.web.forms import BaseForm
from app.web.htmx import announce, is_htmx, redirect_to, render
from app.web.markdown import render_markdown

# The lists beside the first one, which is of what goes on and what is coming.
HISTORY, DRAFTS, NOTICES = "historique", "brouillons", "preavis"


@blueprint.get(urls.ANNOUNCEMENTS)
@requires(Permission.ANNOUNCEMENT_READ)
def index() -> Response:
    actor, moment = current_actor(), now()
    view = request.args.get("vue", "")
    if view == HISTORY:
        return _list(actor, view, past=lists.history(actor, moment, request.args.get("apres", "")))
    if view == DRAFTS and can(actor, Permission.ANNOUNCEMENT_WRITE):
        return _list(actor, view, lines=lists.drafts(actor, moment))
    if view == NOTICES and can(actor, Permission.ANNOUNCEMENT_FOLLOW):
        return _notices(actor, moment)
    return _list(
        actor,
        "",
        ongoing=lists.ongoing(actor, moment),
        coming=lists.coming(actor, moment),
        **_calendar(actor, moment),
    )


@blueprint.get(urls.ANNOUNCEMENT)
@requires(Permission.ANNOUNCEMENT_READ)
def page(reference: str) -> Response | BaseResponse:
    actor, moment, zone = current_actor(), now(), current_zone()
    row = queries.find(actor, canonical(reference), moment)
    if row.reference != reference:
        return redirect_to(url_for("announcements.page", reference=row.reference))
    records = queries.records_of(row.id)
    facts = fold(records)
    writes, follows = (
        can(actor, permission)
        for permission in (Permission.ANNOUNCEMENT_WRITE, Permission.ANNOUNCEMENT_FOLLOW)
    )
    names = names_of([record.actor_id for record in records]) if writes else None
    content = facts.content
    structures = {key.id: key.name for key in structures_of(actor.partner_id, active_only=False)}
    return render(
        "announcements/page.html",
        title=content.title,
        row=row,
        facts=facts,
        content=content,
        state=state_at(facts.state, facts.publish_at, facts.over_at, moment),
        html=render_markdown(content.text),
        entries=[(entry, render_markdown(entry.text)) for entry in thread(records, facts, zone, names)],
        versions=[
            (at, former, say_dates(former.kind, former.starts_at, former.ends_at, zone))
            for at, former in former_versions(records)
        ]
        if writes
        else [],
        dates=say_dates(content.kind, content.starts_at, content.ends_at, zone),
        notice=notice_line(content, zone),
        structures=[structures[key] for key in content.structures if key in structures],
        ticket=queries.readable_ticket(actor, row.ticket_id) if row.ticket_id is not None else None,
        unread=lists.is_unread(actor, row, moment),
        acts=offered(facts, moment) if writes else [],
        editable=writes and allows(facts, Edited, moment),
        read_by=lists.read_by(row) if follows and facts.publish_at is not None else (),
        with_names=writes,
        form=BaseForm(formdata=None),
        **words(actor),
    )


@blueprint.post(urls.ANNOUNCEMENT_READ)
@requires(Permission.ANNOUNCEMENT_READ)
def read(reference: str) -> Response | BaseResponse:
    """« J’ai lu »: the banner goes away, for this person."""
    actor, moment = current_actor(), now()
    with transaction():
        mark_read(canonical(reference), actor=actor, now=moment)
    if is_htmx():
        announce("Annonce marquée comme lue.")
        return render("announcements/_banner.html", "announcements/_banner.html", dismissed=True)
    flash("Annonce marquée comme lue.", "success")
    return redirect_to(_page_left())


def canonical(reference: str) -> str:
    """Raises NotFound for what cannot be a reference."""
    try:
        return parse_reference(reference)
    except InvalidInput as error:
        raise NotFound from error


def words(actor: Actor) -> dict[str, Any]:
    """The words that the pages of announcements share."""
    return {
        "kind_labels": KIND_LABELS,
        "kind_icons": KIND_ICONS,
        "level_labels": LEVEL_LABELS,
        "state_labels": STATE_LABELS,
        "severity_labels": SEVERITY_LABELS,
        "tool_names": {tool.code: tool.name for tool in tools_of(actor.partner_id)},
    }


# --- The lists -------------------------------------------------------------------------------------------


def _list(actor: Actor, view: str, **more: Any) -> Response:
    zone = current_zone()
    return render(
        "announcements/index.html",
        "announcements/_calendar.html" if not view else None,
        title="Annonces",
        view=view,
        views=_views(actor, view),
        dates=lambda line: say_dates(line.kind, line.starts_at, line.ends_at, zone),
        **more,
        **words(actor),
    )


def _views(actor: Actor, view: str) -> list[dict[str, object]]:
    offered_views = [("", "En cours et à venir"), (HISTORY, "Historique")]
    if can(actor, Permission.ANNOUNCEMENT_FOLLOW):
        offered_views.append((NOTICES, "Préavis de France Travail"))
    if can(actor, Permission.ANNOUNCEMENT_WRITE):
        offered_views.append((DRAFTS, "Brouillons et programmées"))
    return [
        {
            "label": label,
            "url": url_for("announcements.index", vue=slug or None),
            "current": slug == view,
        }
        for slug, label in offered_views
    ]


def _notices(actor: Actor, moment: datetime) -> Response:
    zone = current_zone()
    year = moment.astimezone(zone).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    late, owed = lists.late_notices(actor, moment, year)
    lines = lists.changes(actor, moment)
    facts = queries.facts_of([line.id for line in lines])
    return _list(
        actor,
        NOTICES,
        changes=[(line, notice_line(facts[line.id].content, zone)) for line in lines],
        late=late,
        owed=owed,
        year=year.year,
    )


def _calendar(actor: Actor, moment: datetime) -> dict[str, Any]:
    """The month that is asked for, or the present one, with what touches each of its days."""
    zone = current_zone()
    today = moment.astimezone(zone).date()
    first = _month(request.args.get("mois", ""), today)
    by_day: dict[date, list[Line]] = defaultdict(list)
    for line in lists.of_month(actor, moment, first, zone):
        assert line.starts_at is not None
        day = max(line.starts_at.astimezone(zone).date(), first)
        end = (line.ends_at or line.starts_at).astimezone(zone)
        # What ends at midnight does not touch the day that begins then.
        last = max((end - timedelta(minutes=1)).date(), day)
        while day <= last and day.month == first.month:
            by_day[day].append(line)
            day += timedelta(days=1)
    return {
        "month": first,
        "swapped": is_htmx(),
        "today": today,
        "by_day": by_day,
        "month_before": f"{first - timedelta(days=1):%Y-%m}",
        "month_after": f"{first + timedelta(days=31):%Y-%m}",
    }


def _month(typed: str, today: date) -> date:
    """The first day of « 2026-11 »; of the present month for anything else."""
    try:
        first = datetime.strptime(typed, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return today.replace(day=1)
    return first if 1970 < first.year < 2200 else today.replace(day=1)


# --- The banner of every page ----------------------------------------------------------------------------


def _page_left() -> str:
    """Where the person was when they dismissed the banner, on this site."""
    left = (request.referrer or "").removeprefix(request.host_url.rstrip("/"))
    return local_path(left) or urls.ANNOUNCEMENTS


def _banner() -> Banner | None:
    """What the head of this page says, asked once for the request."""
    if "banner" not in g:
        reads = current_user.is_authenticated and can(current_user.actor, Permission.ANNOUNCEMENT_READ)
        g.banner = lists.banner(current_actor(), now()) if reads else None
    banner: Banner | None = g.banner
    return banner


def _of_ticket(ticket_id: int) -> Line | None:
    """The announcement of a ticket, for the page of the ticket."""
    return lists.line_of_ticket(current_actor(), ticket_id, now())


@blueprint.app_context_processor
def _frame() -> dict[str, Any]:
    """What other pages show of announcements; asked only where it is shown."""
    return {
        "announcement_banner": _banner,
        "announcement_of_ticket": _of_ticket,
        "announcement_icons": KIND_ICONS,
    }
