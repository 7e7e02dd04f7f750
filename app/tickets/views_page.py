"""`/sollicitations/REF`: the story of a ticket, as much of it as the person may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Permission
from app.deadlines.service import readings_by_digest
from app.documentation.queries import ArticleHit
from app.documentation.vocabulary import State as ArticleState
from app.documentation.vocabulary import Use
from app.infra.tx import transaction
from app.journal.technical import Trace
from app.kernel.errors import InvalidInput, NotFound
from app.kernel.reference import parse_reference
from app.tickets import acts
from app.tickets import events as e
from app.tickets.alert_queries import told_of
from app.tickets.blueprint import blueprint
from app.tickets.clocks import measured_clocks
from app.tickets.desk import Desk, open_desk
from app.tickets.forms import CommentForm, TicketForm
from app.tickets.group_queries import main_facts, may_read, reports_under
from app.tickets.page import ClockView, clock_views, fact_rows, nearest, unmeasured, without_object
from app.tickets.permissions import permission_for
from app.tickets.prediagnosis import said
from app.tickets.queries import protected_identifier
from app.tickets.relance import next_contact
from app.tickets.steps import RELANCE, Next, next_action, steps, user_steps
from app.tickets.timeline import attachments, callers, pending_question, public_story, story
from app.tickets.views_answer import articles_of
from app.tickets.vocabulary import GROUPED_LABEL, STATE_LABELS, USER_STATE_LABELS, State
from app.web import urls
from app.web.access import check_proof, requires
from app.web.context import current_actor, now
from app.web.filters import current_zone
from app.web.htmx import redirect_to, render
from app.web.traces import leave_trace


@dataclass(frozen=True)
class Choice:
    """An act, or a page, as the ticket offers it."""

    slug: str
    label: str
    url: str
    icon: str
    help: str = ""
    one_click: bool = False
    inline: bool = True
    danger: bool = False


@blueprint.get(urls.TICKET)
@requires(Permission.TICKET_RECEIPT)
def page(reference: str) -> Response | BaseResponse:
    desk = desk_of(reference)
    if desk.reference != reference:
        return redirect_to(url_for("tickets.page", reference=desk.reference))
    if not desk.may(Permission.TICKET_READ):
        return _receipt(desk)
    if desk.facts.restricted:
        with transaction():
            leave_trace(Trace.CASE_READ, what=desk.reference)
    if not desk.may(Permission.TICKET_READ_INTERNAL):
        return _for_user(desk)
    return _for_desk(desk)


def desk_of(reference: str) -> Desk:
    """The ticket before the person of this request. Raises NotFound, as for a reference that cannot be one;
    ProofNeeded for a restricted case that they may read, their second factor having been shown too long ago.
    """
    try:
        canonical = parse_reference(reference)
    except InvalidInput as error:
        raise NotFound from error
    desk = open_desk(current_actor(), canonical, now=now(), zone=current_zone())
    if desk.facts.restricted and desk.may(Permission.TICKET_READ):
        check_proof()
    return desk


def clocks_before(desk: Desk) -> list[ClockView]:
    """The clocks of the ticket as they stand now."""
    named = [desk.facts.readings[clock.key] for clock in measured_clocks(desk.facts)]
    return clock_views(desk.facts, readings_by_digest(named), desk.now)


def form_for(desk: Desk, form_type: type[TicketForm]) -> TicketForm:
    """An empty form that rests on what the page shows."""
    form = form_type(formdata=None)
    form.version.data = str(desk.facts.version)
    form.prepare(desk, [])
    return form


def _receipt(desk: Desk) -> Response:
    """A restricted ticket for who reported it: that it was received, its state, and their own words."""
    return render(
        "tickets/receipt.html",
        title=f"Sollicitation {desk.reference}",
        desk=desk,
        reference=desk.reference,
        state=USER_STATE_LABELS[desk.facts.state],
    )


def _for_user(desk: Desk) -> Response:
    """A grouped request shows where the common incident stands, never what its other reporters wrote."""
    names = desk.names()
    grouped = bool(desk.facts.duplicate_of)
    shown = main_facts(desk.actor, desk.facts.duplicate_of) if grouped else desk.facts
    reports = desk.facts.reporter_id == desk.actor.account_id
    question = pending_question(desk.records) if desk.facts.state is State.WAITING_USER and reports else ""
    reply = "reponse-utilisateur" if question else "commentaire"
    offered = {act.slug: act for act in acts.offered(desk, acts.ACTS) if act.slug in acts.USER_LABELS}
    if grouped and shown.state not in (State.RESTORED, State.RESOLVED):
        offered = {slug: act for slug, act in offered.items() if e.UserVerdict not in act.events}
    return render(
        "tickets/page_user.html",
        title=f"{desk.facts.subject} ({desk.reference})",
        desk=desk,
        reference=desk.reference,
        state=USER_STATE_LABELS[shown.state],
        steps=user_steps(shown),
        shown=shown,
        grouped=grouped,
        workaround=shown.active_workaround,
        entries=public_story(desk.records, names),
        files=attachments(desk.records, names, with_internal=False),
        question=question,
        reports=reports,
        reply=_choice(desk, offered[reply]) if reply in offered else None,
        choices={slug: _choice(desk, act) for slug, act in offered.items()},
        labels=acts.USER_LABELS,
        form=form_for(desk, TicketForm),
        message=form_for(desk, CommentForm),
        **articles_of(desk),
    )


def _for_desk(desk: Desk) -> Response:
    names, clocks = desk.names(), clocks_before(desk)
    late = {view.clock: view.due_at for view in clocks if view.is_late and view.due_at}
    following = next_action(desk.facts, late)
    primary = _primary(desk, following)
    main = main_facts(desk.actor, desk.facts.duplicate_of) if desk.facts.duplicate_of else None
    articles = articles_of(desk)
    identifier = None
    if desk.facts.identifier_present and desk.may(Permission.PROTECTED_FIELD_READ):
        identifier = protected_identifier(desk.ticket.id)
    return render(
        "tickets/page.html",
        title=f"{desk.facts.subject} ({desk.reference})",
        desk=desk,
        reference=desk.reference,
        facts=desk.facts,
        state_label=GROUPED_LABEL if main else STATE_LABELS[desk.facts.state],
        main=main,
        reads_main=main is not None and may_read(desk.actor, desk.facts.duplicate_of),
        main_state=STATE_LABELS[main.state] if main else "",
        grouped=reports_under(desk.actor, desk.reference) if desk.facts.reports else (),
        can_detach=desk.may(permission_for(e.Detached, desk.ticket.kind)),
        workaround=desk.facts.active_workaround,
        to_archive=_article_to_archive(desk, articles),
        without_object=without_object(desk.facts),
        steps=steps(desk.facts, following),
        clocks=clocks,
        unmeasured=unmeasured(desk.facts),
        nearest=nearest(clocks),
        alerts=told_of(desk.ticket.id) if clocks else {},
        relance=_relance(desk, following),
        entries=story(desk.records, names),
        files=attachments(desk.records, names, with_internal=True),
        rows=fact_rows(desk.facts, callers(desk.records, names), names),
        diagnosis=said(desk.facts.diagnosis, desk.zone),
        identifier=identifier,
        primary=primary,
        groups=_menu(desk, primary),
        changeable={act.slug for act in acts.offered(desk, acts.ACTS)},
        can_correct=desk.may_correct(),
        form=form_for(desk, TicketForm),
        comment=form_for(desk, acts.act_of("commentaire").form) if desk.may_record(e.Commented) else None,
        **articles,
    )


def _relance(desk: Desk, following: Next | None) -> str | None:
    """Whom to send a relance to, when one is to be sent; empty when the convention names nobody."""
    if following is None or following.slug != RELANCE or not desk.may_record(e.Relanced):
        return None
    return next_contact(desk.relance_contacts(), desk.relances())


def _article_to_archive(desk: Desk, articles: dict[str, Any]) -> ArticleHit | None:
    """The article of a workaround that serves no more, as long as nobody has read it again or archived it."""
    serving = desk.facts.active_workaround
    used = (usage.article for usage in articles["articles"] if usage.use is Use.WORKAROUND)
    return next(
        (
            article
            for article in used
            if article.state is ArticleState.TO_REVIEW
            and (serving is None or article.slug != serving.article)
        ),
        None,
    )


def _primary(desk: Desk, following: Next | None) -> Choice | None:
    """The next natural action, if this person may carry it out."""
    if following is None:
        return None
    if following.slug in acts.PAGES:
        return (
            _page_choice(desk, following.slug) if desk.may_record(acts.PAGES[following.slug].event) else None
        )
    act = acts.act_of(following.slug)
    return _choice(desk, act) if acts.offered(desk, [act]) else None


def _menu(desk: Desk, primary: Choice | None) -> list[tuple[str, list[Choice]]]:
    """The other possible acts, by theme; the comment has its own place on the page."""
    apart = {"commentaire", primary.slug if primary else ""}
    if desk.facts.assignee_id == desk.actor.account_id:
        apart.add("prise-en-main")
    groups: dict[acts.Theme, list[Choice]] = {theme: [] for theme in acts.Theme}
    for slug, own_page in acts.PAGES.items():
        if slug not in apart and desk.may_record(own_page.event):
            groups[acts.Theme.INCIDENT].append(_page_choice(desk, slug))
    for act in acts.offered(desk, acts.ACTS):
        if act.slug not in apart:
            groups[act.theme].append(_choice(desk, act))
    return [(theme.value, choices) for theme, choices in groups.items() if choices]


def _choice(desk: Desk, act: acts.Act) -> Choice:
    url = url_for("tickets.act", reference=desk.reference, slug=act.slug)
    return Choice(act.slug, act.label, url, act.icon, act.help, act.one_click, danger=act.danger)


def _page_choice(desk: Desk, slug: str) -> Choice:
    own_page = acts.PAGES[slug]
    return Choice(
        slug,
        own_page.label,
        url_for(own_page.endpoint, reference=desk.reference),
        own_page.icon,
        inline=False,
    )
