"""`/sollicitations/nouvelle`: one page for whoever reports something, for oneself or for a caller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Response, flash, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Actor, Permission, Role, can
from app.documentation.queries import article_by_slug
from app.files.models import Attachment
from app.files.rules import ACCEPTED_IN_WORDS
from app.files.service import drafts_of, keep
from app.infra.tx import transaction
from app.kernel.errors import DomainError, InvalidInput
from app.partners.queries import ToolRow, conventions_of, structures_of
from app.tickets.blueprint import blueprint
from app.tickets.deflections import Answers, answers_for, found_in_article, found_in_workaround, take_back
from app.tickets.filing import file_with, tools_for
from app.tickets.filing_forms import AnswerForm, CallerForm, FilingForm, Offer
from app.tickets.vocabulary import SEVERITY_LABELS, USER_STATE_LABELS, Kind
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.filters import plural
from app.web.forms import attach_error, once
from app.web.htmx import announce, is_htmx, redirect_to, render

PAGE = "tickets/new.html"
ANSWERS = "tickets/_new_answers.html"
FOR_SELF = "moi"
ARTICLE, INCIDENT = "article", "incident"
PERSON_REQUEST_HINT = (
    "À peu près suffit. Demande d’une personne : la date de réception, dont part le délai d’un mois."
)
HANDLES_PERSON_REQUESTS = frozenset({Role.CORRESPONDENT, Role.DATA_PROTECTION_OFFICER})

NEXT_STEP = {
    Kind.INCIDENT: "Un correspondant SI l’examine, puis prévient France Travail s’il le faut. Vous suivez tout ici.",
    Kind.QUESTION: "Un correspondant SI vous répondra ici.",
    Kind.ACCESS: "Le responsable de gestion de comptes l’examine et vous répondra ici.",
    Kind.EVOLUTION: "Un correspondant SI la relaiera à France Travail ; sa réponse sera notée ici.",
    Kind.DATA_SUBJECT_REQUEST: "La personne doit recevoir une réponse sous un mois.",
    Kind.SECURITY: (
        "Seules les personnes chargées de la sécurité peuvent désormais la lire ; cette page vous en tient lieu "
        "d’accusé de réception. Si le danger est immédiat, appelez-les."
    ),
}


@blueprint.get(urls.NEW_TICKET)
@requires(Permission.TICKET_FILE)
def new() -> Response:
    actor = current_actor()
    tools = tools_for(actor)
    form = _form(actor, tools)
    asked = request.args.get("tools", "")
    if asked in {tool.code for tool in tools}:
        form.tools.data = asked
    if isinstance(form, CallerForm):
        form.occurred_at.data = now()
    return _page(form, actor, tools)


@blueprint.post(urls.NEW_TICKET)
@requires(Permission.TICKET_FILE)
def file_new() -> Response | BaseResponse:
    actor, moment = current_actor(), now()
    tools = tools_for(actor)
    form = _form(actor, tools)
    form.show_drafts(drafts_of(actor, request.form.getlist("drafts")[:50]))
    if form.validate():
        try:
            return redirect_to(once(form, lambda: _file(form, actor, moment)))
        except DomainError as error:
            attach_error(form, error)
    _keep_files(form, actor, moment)
    return _page(form, actor, tools, status=422)


@blueprint.post(urls.NEW_ANSWERS)
@requires(Permission.TICKET_FILE)
def answers() -> Response:
    """What may answer what is typed so far, while it is typed or on demand. Nothing is checked, nor kept but files."""
    actor, moment = current_actor(), now()
    tools = tools_for(actor)
    form = _form(actor, tools)
    form.show_drafts(drafts_of(actor, request.form.getlist("drafts")[:50]))
    if not is_htmx():
        form.accept_files()
        _keep_files(form, actor, moment)
    return _page(form, actor, tools, look=True)


@blueprint.post(urls.NEW_ANSWERED)
@requires(Permission.TICKET_FILE)
def answered() -> Response:
    """« J’ai ma réponse »: counted, and nothing is filed. The answer holds what was typed, for a change of mind."""
    actor, moment = current_actor(), now()
    tools = tools_for(actor)
    form = AnswerForm()
    once(form, lambda: _count_answer(form, actor, tools, moment))
    kept = _form(actor, tools)
    return render(
        "tickets/answered.html",
        title="J’ai ma réponse",
        form=form,
        article=article_by_slug(actor, form.found[1]) if form.found[0] == ARTICLE else None,
        typed=[
            (name, value) for name, value in request.form.items(multi=True) if name in _typed_fields(kept)
        ],
        had_files=any(file.filename for file in request.files.getlist("files")),
        resume_url=_address(actor, isinstance(kept, CallerForm), "tickets.resume"),
    )


@blueprint.post(urls.NEW_RESUMED)
@requires(Permission.TICKET_FILE)
def resume() -> Response:
    """« Finalement non »: the form again, as it was typed."""
    actor, moment = current_actor(), now()
    tools = tools_for(actor)
    form = _form(actor, tools)
    form.show_drafts(drafts_of(actor, request.form.getlist("drafts")[:50]))
    with transaction():
        take_back(actor, moment)
    return _page(form, actor, tools)


def _count_answer(form: AnswerForm, actor: Actor, tools: Sequence[ToolRow], moment: datetime) -> str:
    kind, name = form.found
    codes = {tool.code for tool in tools}
    tool = form.tools.data if form.tools.data in codes else None
    if kind == ARTICLE:
        found_in_article(name, tool=tool, actor=actor, now=moment)
    elif kind == INCIDENT:
        found_in_workaround(name, codes, tool=tool, actor=actor, now=moment)
    else:
        raise InvalidInput("Dites quelle réponse vous a servi.")
    return urls.NEW_TICKET


def _typed_fields(form: FilingForm | CallerForm) -> set[str]:
    return {field.name for field in form} - {"csrf_token", "token", "files"}


def _file(form: FilingForm | CallerForm, actor: Actor, moment: datetime) -> str:
    files = [
        *drafts_of(actor, form.drafts.data or []),
        *(keep(file, actor=actor, now=moment) for file in form.accepted),
    ]
    filing = form.filed(actor)
    ticket = file_with(filing, form.call, files, actor=actor, now=moment)
    if isinstance(form, CallerForm) and filing.kind is not Kind.SECURITY:
        received = Markup("Appel enregistré sous la référence <strong>{}</strong>, à donner à l’appelant.")
        flash(received.format(ticket.reference), "success")
    else:
        received = Markup("<strong>Reçue</strong>, sous la référence {}. {}")
        flash(received.format(ticket.reference, NEXT_STEP[filing.kind]), "success")
    if form.hidden_in:
        flash(
            "Un mot de passe, un jeton ou une clé a été masqué avant l’enregistrement "
            f"({', '.join(form.hidden_in)}). Ne les écrivez jamais ici ; s’il a pu être lu, changez-le.",
            "warning",
        )
    return url_for("tickets.page", reference=ticket.reference)


def _form(actor: Actor, tools: Sequence[ToolRow]) -> FilingForm | CallerForm:
    person_requests = bool(actor.roles & HANDLES_PERSON_REQUESTS)
    if _for_caller(actor):
        offer = Offer(
            tools,
            structures_of(actor.partner_id),
            conventions_of(actor.partner_id),
            person_requests,
            no_structure="Inconnue",
        )
        return CallerForm(offer, handles=can(actor, Permission.TICKET_HANDLE))
    own = [row for row in structures_of(actor.partner_id) if row.id in actor.structure_ids]
    return FilingForm(Offer(tools, own, person_requests=person_requests))


def _for_caller(actor: Actor) -> bool:
    """A correspondent mostly files for those who call; a link leads to the form for oneself."""
    return can(actor, Permission.TICKET_FILE_FOR_OTHER) and request.args.get("pour") != FOR_SELF


def _keep_files(form: FilingForm | CallerForm, actor: Actor, moment: datetime) -> None:
    """A refused form loses no file: those that came with it wait for the next try."""
    earlier = drafts_of(actor, form.drafts.data or [])
    kept: list[Attachment] = []
    if form.accepted:
        with transaction():
            kept = [keep(file, actor=actor, now=moment) for file in form.accepted]
    form.drafts.data = [*(form.drafts.data or []), *(file.public_id for file in kept)]
    form.show_drafts([*earlier, *kept])


def _page(
    form: FilingForm | CallerForm,
    actor: Actor,
    tools: Sequence[ToolRow],
    status: int = 200,
    *,
    look: bool = False,
) -> Response:
    """The form with what may answer beside it; `look`: the person asked for it, or types."""
    for_caller = isinstance(form, CallerForm)
    names = {tool.code: tool.name for tool in tools}
    chosen = form.tools.data if form.tools.data in names else None
    found = answers_for(actor, f"{form.subject.data or ''} {form.text.data or ''}", names.keys(), chosen)
    counted = _counted(found)
    if look:
        announce(f"{counted}." if found else "Rien de connu pour l’instant.")
    return render(
        PAGE,
        ANSWERS,
        status,
        title="Nouvelle sollicitation",
        form=form,
        for_caller=for_caller,
        action=_address(actor, for_caller),
        answers_url=_address(actor, for_caller, "tickets.answers"),
        answered_url=_address(actor, for_caller, "tickets.answered"),
        ways=_ways(actor, for_caller),
        found=found,
        counted=counted,
        look=look,
        narrowed=is_htmx(),
        tool_names=names,
        chosen=chosen,
        counts_callers=can(actor, Permission.TICKET_FILE_FOR_OTHER),
        since_hint=PERSON_REQUEST_HINT if actor.roles & HANDLES_PERSON_REQUESTS else "À peu près suffit.",
        accepted_files=ACCEPTED_IN_WORDS,
        severity_labels=SEVERITY_LABELS,
        state_labels=USER_STATE_LABELS,
    )


def _counted(found: Answers) -> str:
    """« 1 incident en cours, 2 articles »."""
    counts = (
        plural(len(found.incidents), "incident en cours", "incidents en cours") if found.incidents else "",
        plural(len(found.workarounds), "contournement", "contournements") if found.workarounds else "",
        plural(len(found.articles), "article", "articles") if found.articles else "",
    )
    return ", ".join(filter(None, counts))


def _address(actor: Actor, for_caller: bool, endpoint: str = "tickets.new") -> str:
    """Where the form is sent: the address says whom it is for only to those who have the choice."""
    chose_self = not for_caller and can(actor, Permission.TICKET_FILE_FOR_OTHER)
    return url_for(endpoint, pour=FOR_SELF if chose_self else None)


def _ways(actor: Actor, for_caller: bool) -> list[dict[str, object]]:
    """The two forms of someone who answers calls; nobody else has the choice."""
    if not can(actor, Permission.TICKET_FILE_FOR_OTHER):
        return []
    return [
        {"label": "Pour un appelant", "url": urls.NEW_TICKET, "current": for_caller},
        {"label": "Pour moi", "url": f"{urls.NEW_TICKET}?pour={FOR_SELF}", "current": not for_caller},
    ]
