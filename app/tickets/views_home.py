"""`/`: what each role begins the day with. Someone with several roles sees the parts one under the other."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response

from app.accounts.policy import Actor, Permission, Role, can
from app.documentation.shelves import ids_to_review
from app.mailroom.queries import count_waiting
from app.partners.notices import notices_of
from app.partners.queries import tools_of
from app.tickets import home
from app.tickets.filing import tools_for
from app.tickets.incidents import OngoingIncident, ongoing_incidents
from app.tickets.vocabulary import SEVERITY_LABELS, USER_STATE_LABELS
from app.tickets.workaround_articles import to_archive
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import current_zone
from app.web.forms import BaseForm
from app.web.htmx import render
from app.web.navigation import Entry, links

SETTINGS = (
    Entry(
        "Conventions, engagements, canaux et contacts",
        "administration.index",
        "settings",
        permission=Permission.CONVENTION_EDIT,
    ),
)

blueprint = Blueprint("home", __name__)


@blueprint.get(urls.HOME)
@requires(Permission.HOME_READ)
def index() -> Response:
    actor, moment = current_actor(), now()
    handles = home.handles_tickets(actor)
    desk = home.desk(actor, moment) if handles else None
    above = desk.shown if desk else frozenset()
    own = home.own_requests(actor, moment) if can(actor, Permission.TICKET_FILE) else []
    return render(
        "home/index.html",
        title="Accueil",
        desk=desk,
        cases=home.restricted_cases(actor, moment) if home.handles_cases(actor) else None,
        own=[row for row in own if row.id not in above],
        incidents=() if handles else _ongoing(actor),
        join_form=BaseForm(),
        month=home.month_until(actor, moment, current_zone()) if Role.MANAGER in actor.roles else None,
        to_archive=to_archive(actor) if desk else (),
        notices=notices_of(actor.partner_id, waiting=True) if can(actor, Permission.CONVENTION_EDIT) else (),
        to_review=_articles_to_review(actor, moment),
        mails=count_waiting(actor) if can(actor, Permission.MAILROOM_HANDLE) else 0,
        settings=links(SETTINGS, lambda permission: can(actor, Permission(permission))),
        is_user=Role.USER in actor.roles,
        is_empty=not home.has_tickets(actor),
        tool_names={tool.code: tool.name for tool in tools_of(actor.partner_id)},
        severity_labels=SEVERITY_LABELS,
        user_state_labels=USER_STATE_LABELS,
        now=moment,
    )


def _articles_to_review(actor: Actor, moment: datetime) -> int:
    """How many articles whoever writes them should read again today."""
    if not can(actor, Permission.DOCUMENTATION_WRITE):
        return 0
    return len(ids_to_review(actor, moment.astimezone(current_zone()).date()))


def _ongoing(actor: Actor) -> tuple[OngoingIncident, ...]:
    """The incidents under way on the tools of this person."""
    return ongoing_incidents(actor, {tool.code for tool in tools_for(actor)})
