"""`/services`: how each tool fares for the reader, since when, and what to do."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, Response

from app.accounts.policy import Permission, Reach, reaches
from app.announcements.wording import say_dates
from app.supervision.services import STATE_LABELS, ToolState, disturbances, to_come
from app.supervision.services_queries import services_for
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import current_zone
from app.web.forms import BaseForm
from app.web.htmx import render

FACES = {
    ToolState.IN_SERVICE: ("circle-check", "quiet"),
    ToolState.DEGRADED: ("triangle-alert", "warning"),
    ToolState.MAINTENANCE: ("wrench", "accent"),
    ToolState.INTERRUPTED: ("circle-x", "alarm"),
}

blueprint = Blueprint("supervision", __name__)


@blueprint.get(urls.SERVICES)
@requires(Permission.SERVICE_READ)
def services() -> Response:
    actor, moment, zone = current_actor(), now(), current_zone()
    found = services_for(actor, moment)
    return render(
        "services/index.html",
        title="Services",
        going_on=disturbances(found),
        awaited=to_come(found),
        platforms=[(name, list(rows)) for name, rows in groupby(found, key=lambda row: row.tool.platform)],
        labels=STATE_LABELS,
        faces=FACES,
        dates=lambda notice: say_dates(notice.kind, notice.starts_at, notice.ends_at, zone),
        reads_tickets=Reach.UNRESTRICTED in reaches(actor, Permission.TICKET_READ),
        join_form=BaseForm(formdata=None),
    )
