"""`/administration/revues`: the yearly review of every right, and its record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.administration_forms import DecisionForm
from app.accounts.life_models import ReviewCampaign
from app.accounts.policy import ROLE_LABELS, Permission
from app.accounts.queries import names_of
from app.accounts.review_queries import lines_of, progress_of, record_of
from app.accounts.review_rules import DECISION_LABELS, Decision, digest_of, record_lines
from app.accounts.reviews import (
    close_review,
    decide,
    find_review,
    open_review,
    review_due_on,
    reviews_of,
    start_review,
)
from app.accounts.views_administration import blueprint, csv_answer, today, told
from app.accounts.views_rights import address
from app.infra.tx import transaction
from app.journal.technical import Trace
from app.kernel.errors import DomainError
from app.tickets.leaving import free_tickets
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.csv_file import csv_text
from app.web.filters import current_zone, plural
from app.web.forms import attach_error, once
from app.web.htmx import redirect_to, render
from app.web.traces import leave_trace

Page = Response | BaseResponse
TO_DECIDE, ALL = "a-decider", "toutes"


@blueprint.get(urls.REVIEWS)
@requires(Permission.ACCOUNT_MANAGE)
def reviews() -> Response:
    partner_id = current_actor().partner_id
    campaigns = reviews_of(partner_id)
    return render(
        "administration/reviews.html",
        title="Revues des droits",
        campaigns=campaigns,
        progress={campaign.number: progress_of(campaign) for campaign in campaigns},
        names=names_of([campaign.closed_by or campaign.started_by for campaign in campaigns]),
        under_way=open_review(partner_id),
        due=review_due_on(partner_id, current_zone()),
        today=today(),
    )


@blueprint.post(urls.REVIEWS)
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def start() -> Page:
    actor, moment = current_actor(), now()
    with transaction():
        number = start_review(actor=actor, now=moment).number
    flash("La revue commence. Chaque droit attend une décision.", "success")
    return redirect_to(url_for("administration_accounts.review", number=number))


@blueprint.route(urls.REVIEW, methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def review(number: int) -> Page:
    actor, moment = current_actor(), now()
    campaign = find_review(actor, number)
    form = DecisionForm(data={"decision": Decision.CONFIRMED.value})

    def act() -> str:
        done, refused = decide(
            find_review(actor, number),
            _ticked(),
            Decision(form.decision.data),
            reason=form.reason.data or "",
            actor=actor,
            now=moment,
            address=address(),
        )
        for account_id in {line.account_id for line in done}:
            free_tickets(actor.partner_id, account_id, now=moment)
        if done:
            flash(f"{plural(len(done), 'droit décidé', 'droits décidés')}.", "success")
        for one in refused:
            flash(f"{one.person}\u00a0: {one.message}", "warning")
        return request.full_path.removesuffix("?")

    if request.method == "POST" and form.validate():
        try:
            return redirect_to(once(form, act))
        except DomainError as error:
            attach_error(form, error)
    status = 422 if request.method == "POST" else 200
    return _page(campaign, form, status) if campaign.closed_at is None else _record(campaign)


@blueprint.post(urls.REVIEW_END)
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def end(number: int) -> Page:
    actor, moment = current_actor(), now()
    with transaction():
        close_review(find_review(actor, number), actor=actor, now=moment)
    flash("La revue est close. Son compte rendu ne changera plus.", "success")
    return redirect_to(url_for("administration_accounts.review", number=number))


@blueprint.get(urls.EXPORT_REVIEW)
@requires(Permission.ACCOUNT_MANAGE, proof=True)
def export_review(number: int) -> Response:
    actor = current_actor()
    campaign = find_review(actor, number)
    rows = list(_closed_cells(campaign) if campaign.content else _open_cells(campaign))
    with transaction():
        leave_trace(Trace.EXPORTED, what="access-review", details={"number": number, "lines": len(rows)})
    return csv_answer(csv_text(_HEADS, rows), f"revue-des-droits-{number}", today())


def _page(campaign: ReviewCampaign, form: DecisionForm, status: int) -> Response:
    shown = request.args.get("lignes", TO_DECIDE)
    shown = shown if shown in {TO_DECIDE, ALL} else ALL
    text = request.args.get("q", "")[:200]
    page = lines_of(
        campaign, only_undecided=shown == TO_DECIDE, text=text, number=request.args.get("page", 1, type=int)
    )
    ticked = [line.number for line in page.lines] if request.args.get("cocher") == "toutes" else _ticked()
    decided, total = progress_of(campaign)

    def url(**more: Any) -> str:
        return _url(campaign, **{"lignes": shown, "q": text or None, **more})

    tabs = (("À décider", TO_DECIDE, total - decided), ("Toutes", ALL, total))
    return render(
        "administration/review.html",
        title=f"Revue des droits nᵒ\u00a0{campaign.number}",
        campaign=campaign,
        form=form,
        shown_page=page,
        text=text,
        shown=shown,
        ticked=set(ticked),
        decided=decided,
        total=total,
        tabs=[
            {"label": label, "url": url(lignes=value), "current": shown == value, "count": count}
            for label, value, count in tabs
        ],
        here=url(page=page.number),
        tick_all_url=url(page=page.number, cocher="toutes"),
        previous_url=url(page=page.number - 1) if page.number > 1 else None,
        next_url=url(page=page.number + 1) if page.number < page.last else None,
        names=names_of([campaign.started_by]),
        role_labels=ROLE_LABELS,
        decision_labels=DECISION_LABELS,
        status=status,
    )


def _record(campaign: ReviewCampaign) -> Response:
    text = request.args.get("q", "")[:200]
    page = record_of(campaign, text=text, number=request.args.get("page", 1, type=int))

    def url(number: int) -> str:
        return _url(campaign, q=text or None, page=number)

    return render(
        "administration/review_record.html",
        title=f"Revue des droits nᵒ\u00a0{campaign.number}",
        campaign=campaign,
        shown_page=page,
        text=text,
        previous_url=url(page.number - 1) if page.number > 1 else None,
        next_url=url(page.number + 1) if page.number < page.last else None,
        intact=digest_of(campaign.content or {}) == campaign.digest,
        withdrawn=DECISION_LABELS[Decision.WITHDRAWN],
    )


def _url(campaign: ReviewCampaign, **query: Any) -> str:
    return url_for("administration_accounts.review", number=campaign.number, **query)


def _ticked() -> list[int]:
    """The numbers of the lines that are ticked; what is no number ticks nothing."""
    typed = request.form.getlist("line")
    return [int(one) for one in typed if one.isascii() and one.isdecimal() and len(one) < 10]


_HEADS = (
    "Personne", "Adresse", "Rôle", "Structure", "Dernière connexion", "Décision", "Décidée le", "Décidée par",
    "Motif",
)  # fmt: skip


def _closed_cells(campaign: ReviewCampaign) -> Iterator[Sequence[object]]:
    for line in record_lines(campaign.content or {}):
        yield (
            line.person,
            line.email,
            line.role,
            line.structure,
            told(line.last_used_at),
            line.decision,
            told(line.decided_at),
            line.decided_by,
            line.reason,
        )


def _open_cells(campaign: ReviewCampaign) -> Iterator[Sequence[object]]:
    for line in lines_of(campaign, size=None).lines:
        yield (
            line.name,
            line.email,
            ROLE_LABELS[line.role],
            line.structure,
            told(line.last_used_at),
            DECISION_LABELS[line.decision] if line.decision else "",
            told(line.decided_at),
            line.decided_by,
            line.reason,
        )
