"""« Rédiger un article »: an article made from a resolved ticket, persons left out."""

from __future__ import annotations

from flask import Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Permission, check
from app.documentation import service
from app.documentation.blueprint import blueprint
from app.documentation.drafting import Draft, drafted
from app.documentation.forms import ArticleForm
from app.documentation.models import TITLE_LENGTH
from app.documentation.rules import ArticleText
from app.documentation.views_write import begin, write
from app.documentation.vocabulary import Kind, Use
from app.kernel.errors import Impossible, InvalidInput, NotFound
from app.kernel.reference import parse_reference
from app.tickets import events as e
from app.tickets.corrections import effective
from app.tickets.desk import Desk, open_desk
from app.tickets.queries import protected_identifier
from app.tickets.views_answer import may_make_article
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import current_zone

# What an article may be made of; the last of each kind rules.
_TELLING = e.Answered | e.WorkaroundGiven | e.CauseGiven | e.RepairDone | e.ReturnAnnounced


@blueprint.route(urls.ARTICLE_FROM_TICKET, methods=["GET", "POST"])
@requires(Permission.DOCUMENTATION_WRITE)
def from_ticket(reference: str) -> Response | BaseResponse:
    desk = _desk_of(reference)
    form = ArticleForm()
    form.prepare(current_actor())
    draft = _draft(desk)
    if request.method == "GET":
        form.show(draft.text)
        begin(form)
    return write(form, None, lambda form: _create(desk, form), found=draft.found)


def _desk_of(reference: str) -> Desk:
    try:
        desk = open_desk(current_actor(), parse_reference(reference), now=now(), zone=current_zone())
    except InvalidInput as error:
        raise NotFound from error
    check(desk.actor, Permission.TICKET_READ_INTERNAL, desk.scope)
    if not may_make_article(desk):
        raise Impossible(
            "Un article se rédige à partir d’une sollicitation résolue, et sans accès restreint."
        )
    return desk


def _draft(desk: Desk) -> Draft:
    names = desk.names()
    texts: dict[type[e.TicketEvent], str] = {}
    for record in effective(desk.records):
        if isinstance(record.event, _TELLING):
            texts[type(record.event)] = record.event.text
    known = {tool.code for tool in desk.tools()}
    callers = {
        record.event.caller for record in desk.records if isinstance(record.event, e.Filed | e.PlusOne)
    }
    return drafted(
        ArticleText(
            title=desk.facts.subject[:TITLE_LENGTH],
            body="",
            kind=Kind.HOW_TO if e.Answered in texts else Kind.KNOWN_ERROR,
            tools=tuple(code for code in desk.facts.tools if code in known),
        ),
        symptom=desk.filed.text,
        cause=texts.get(e.CauseGiven, ""),
        answer=texts.get(e.Answered) or texts.get(e.RepairDone) or texts.get(e.ReturnAnnounced, ""),
        workaround=texts.get(e.WorkaroundGiven, ""),
        names={*names.accounts.values(), *callers},
        identifiers={protected_identifier(desk.ticket.id) or ""},
    )


def _create(desk: Desk, form: ArticleForm) -> str:
    actor, moment = current_actor(), now()
    note = form.note.data or f"Rédigé à partir de la sollicitation {desk.reference}"
    article = service.create(form.text, actor=actor, now=moment, note=note)
    service.link_to_subject(article, desk.ticket.id, Use.SOURCE, actor=actor, now=moment)
    flash("L’article est enregistré comme brouillon\u00a0: relisez-le, puis publiez-le.", "success")
    return url_for("documentation.article", slug=article.slug)
