"""`/administration/comptes`: the people of the partner, as its administrator lists, reads and exports them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, make_response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.absences import absences_in
from app.accounts.administration_forms import right_label
from app.accounts.administration_queries import (
    Page,
    PersonLine,
    Wanted,
    history_of,
    last_deeds,
    page_of,
    people_in,
    person_line,
)
from app.accounts.life import ACT_LABELS, STANDING_LABELS
from app.accounts.newcomers import pending_arrivals
from app.accounts.policy import ROLE_LABELS, Permission, Role
from app.accounts.rights import find_account
from app.infra.tx import transaction
from app.journal.technical import Trace
from app.partners.queries import structures_of
from app.tickets.leaving import tickets_in_hand
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.csv_file import csv_text
from app.web.filters import current_zone, plural
from app.web.htmx import announce, redirect_to, render
from app.web.traces import leave_trace

blueprint = Blueprint("administration_accounts", __name__)

PENDING = "pending"
_FILTERS = {"text": "q", "role": "role", "structure": "structure", "standing": "etat"}
_LONGEST_FILTER = 200


@blueprint.get(urls.ACCOUNTS)
@requires(Permission.ACCOUNT_MANAGE)
def accounts() -> Response | BaseResponse:
    partner_id = current_actor().partner_id
    wanted = _wanted()
    if wanted.standing == PENDING:
        return redirect_to(urls.ARRIVALS)
    page = page_of(people_in(partner_id, wanted), request.args.get("page", 1, type=int))
    announce(plural(page.found, "compte", "comptes"))
    return render(
        "administration/accounts.html",
        "administration/_account_list.html",
        title="Comptes",
        shown_page=page,
        wanted=wanted,
        previous_url=_page_url(wanted, page, -1),
        next_url=_page_url(wanted, page, +1),
        export_url=url_for("administration_accounts.export", **_as_query(wanted)),
        structures=structures_of(partner_id, active_only=False),
        arrivals=len(pending_arrivals(partner_id)),
        role_labels=ROLE_LABELS,
        standing_labels=STANDING_LABELS,
        today=today(),
    )


@blueprint.get(urls.EXPORT_ACCOUNTS)
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def export() -> Response:
    actor = current_actor()
    lines = people_in(actor.partner_id, _wanted())
    with transaction():
        leave_trace(Trace.EXPORTED, what="accounts", details={"accounts": len(lines)})
    return csv_answer(csv_text(_HEADS, _cells(lines)), "comptes", today())


@blueprint.get(urls.PERSON)
@requires(Permission.ACCOUNT_MANAGE)
def person(reference: str) -> Response:
    actor = current_actor()
    account = find_account(actor.partner_id, reference)
    line = person_line(actor.partner_id, account.id)
    return render(
        "administration/account.html",
        title=line.name,
        line=line,
        is_oneself=account.id == actor.account_id,
        is_account_manager=Role.ACCOUNT_MANAGER in line.roles,
        deed=last_deeds(actor.partner_id).get(account.id),
        absences=absences_in(actor.partner_id, today(), [account.id]),
        history=history_of(actor.partner_id, account.id),
        tickets=tickets_in_hand(actor.partner_id, account.id),
        role_labels=ROLE_LABELS,
        act_labels=ACT_LABELS,
        standing_labels=STANDING_LABELS,
        right_label=right_label,
        now=now(),
        today=today(),
    )


def today() -> date:
    """The day on the partner's walls."""
    return now().astimezone(current_zone()).date()


def csv_answer(text: str, name: str, day: date) -> Response:
    """A CSV file to be saved, named after the day."""
    answer = make_response(text)
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{day.isoformat()}.csv"'
    return answer


def told(moment: datetime | None) -> str:
    """An instant as a cell of a file."""
    return f"{moment.astimezone(current_zone()):%d/%m/%Y %H:%M}" if moment else ""


def _wanted() -> Wanted:
    typed = {field: request.args.get(name, "")[:_LONGEST_FILTER] for field, name in _FILTERS.items()}
    return Wanted(**typed)


def _as_query(wanted: Wanted) -> dict[str, Any]:
    return {name: value for field, name in _FILTERS.items() if (value := getattr(wanted, field))}


def _page_url(wanted: Wanted, page: Page, step: int) -> str | None:
    number = page.number + step
    if not 1 <= number <= page.last:
        return None
    return url_for("administration_accounts.accounts", page=number, **_as_query(wanted))


_HEADS = (
    "Nom", "Adresse", "État", "Rôle", "Structure", "Rôle suspendu le", "Compte créé le", "Dernière connexion",
    "Départ prévu le", "Parti le",
)  # fmt: skip


def _cells(lines: Sequence[PersonLine]) -> Iterator[Sequence[object]]:
    """One line a role, so that a spreadsheet can sort them; one for someone who holds none any more."""
    for line in lines:
        person = (line.name, line.email, STANDING_LABELS[line.standing])
        dates = (
            told(line.created_at),
            told(line.last_login_at),
            f"{line.leaves_on:%d/%m/%Y}" if line.leaves_on else "",
            told(line.left_at),
        )
        for right in line.rights:
            yield (*person, ROLE_LABELS[right.role], right.structure, told(right.suspended_at), *dates)
        if not line.rights:
            yield (*person, "", "", "", *dates)
