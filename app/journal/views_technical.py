"""`/journal-technique`: who came in, was refused, read a case, exported, changed rights. For the security officer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, request, url_for
from flask_login import current_user

from app.accounts.policy import Permission
from app.accounts.queries import names_of, people_of
from app.infra.tx import transaction
from app.journal.technical import TRACE_LABELS, Trace, TraceRow
from app.journal.trace_queries import PAGE, Wanted, all_traces, traces
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor
from app.web.csv_file import csv_text
from app.web.filters import current_zone, french_datetime
from app.web.htmx import render
from app.web.traces import leave_trace

blueprint = Blueprint("traces", __name__)

_HEADS = ("Date et heure", "Ce qui s’est passé", "Personne", "Adresse réseau", "Objet", "Détail")
NOBODY = "inconnue"


@blueprint.get(urls.TRACES)
@requires(Permission.TRACES_READ)
def index() -> Response:
    wanted, asked = _wanted()
    found = traces(wanted, before=request.args.get("avant", type=int))
    shown = found[:PAGE]
    older = url_for("traces.index", **asked, avant=shown[-1].id) if len(found) > PAGE else None
    return render(
        "journal/technical.html",
        "journal/_traces.html",
        title="Journal technique",
        rows=shown,
        names=names_of([row.account_id for row in shown]),
        labels=TRACE_LABELS,
        asked=asked,
        people=people_of(wanted.partner_id),
        older_url=older,
        newest_url=url_for("traces.index", **asked) if "avant" in request.args else None,
        export_url=url_for("traces.export", **asked),
    )


@blueprint.get(urls.EXPORT_TRACES)
@requires(Permission.TRACES_READ, proof=True)
def export() -> Response:
    wanted, asked = _wanted()
    rows = list(all_traces(wanted))
    with transaction():
        leave_trace(Trace.EXPORTED, what="technical journal", details=dict(asked))
    answer = make_response(csv_text(_HEADS, _cells(rows)))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="journal-technique.csv"'
    return answer


@blueprint.after_app_request
def _note_refusal(response: Response) -> Response:
    """Keep a trace of each page or act that somebody signed in may not have (403)."""
    if response.status_code == 403 and request.endpoint is not None and current_user.is_authenticated:
        with transaction():
            leave_trace(Trace.REFUSED, what=f"{request.method} {request.path}")
    return response


def _wanted() -> tuple[Wanted, dict[str, Any]]:
    """What the address asks for, and the part of it that was understood; the rest is ignored."""
    args = request.args
    trace = next((kind for kind in Trace if kind == args.get("evenement")), None)
    account_id = args.get("personne", type=int)
    since, until = _day(args.get("du", "")), _day(args.get("au", ""))
    asked = {
        "evenement": trace,
        "personne": account_id,
        "du": since.isoformat() if since else None,
        "au": until.isoformat() if until else None,
    }
    wanted = Wanted(
        current_actor().partner_id,
        trace,
        account_id,
        _midnight(since) if since else None,
        _midnight(until + timedelta(days=1)) if until else None,
    )
    return wanted, {name: value for name, value in asked.items() if value is not None}


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(1970, 1, 1) <= day < date(9999, 1, 1) else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), current_zone())


def _cells(rows: Iterable[TraceRow]) -> Iterator[tuple[object, ...]]:
    rows = list(rows)
    names = names_of([row.account_id for row in rows])
    for row in rows:
        yield (
            french_datetime(row.recorded_at, current_zone()),
            TRACE_LABELS[row.trace],
            names.get(row.account_id or 0, NOBODY),
            row.address,
            row.what,
            json.dumps(row.details, ensure_ascii=False) if row.details else "",
        )
