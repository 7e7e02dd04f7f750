"""« Modifications »: what was changed in the settings, by whom, from what to what."""

from __future__ import annotations

from flask import Response, request, url_for

from app.accounts.policy import Permission
from app.accounts.queries import names_of
from app.partners.blueprint import blueprint
from app.partners.history import latest_changes
from app.partners.listing import convention_by_code
from app.partners.queries import conventions_of
from app.partners.views_ask import administration_trail
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor
from app.web.htmx import render

LAST_PAGE = 1_000


@blueprint.get(urls.SETTINGS_HISTORY)
@requires(Permission.CONVENTION_READ)
def history() -> Response:
    partner_id = current_actor().partner_id
    code = request.args.get("convention", "")
    page = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    row = convention_by_code(partner_id, code) if code else None
    changes, more = latest_changes(partner_id, convention_id=row.id if row else None, page=page)

    def address(number: int) -> str:
        return url_for("administration.history", convention=code or None, page=number)

    return render(
        "partners/history.html",
        title="Modifications",
        trail=administration_trail(),
        changes=changes,
        who=names_of([change.account_id for change in changes]),
        conventions=conventions_of(partner_id),
        code=code,
        previous=address(page - 1) if page > 1 else None,
        next=address(page + 1) if more else None,
    )
