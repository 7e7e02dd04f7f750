"""The mails that a change of contact owes to France Travail's governance: read, copied, noted as sent."""

from __future__ import annotations

from flask import request, url_for

from app.accounts.policy import Permission
from app.kernel.errors import DomainError, NotFound
from app.partners.blueprint import blueprint
from app.partners.listing import convention_by_code
from app.partners.notices import letter_of, note_sent, set_aside
from app.partners.settings_forms import AsideForm, SentForm
from app.partners.views_ask import Page, administration_trail, author, today
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor
from app.web.forms import BaseForm, attach_error, once
from app.web.htmx import redirect_to, render

ASIDE = "sans-objet"


@blueprint.route(urls.NOTICE, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def notice(code: str, number: int) -> Page:
    partner_id = current_actor().partner_id
    row = convention_by_code(partner_id, code)
    aside = request.args.get("acte") == ASIDE
    sent_form = SentForm(formdata=None if aside else _sent(), data={"sent_on": today()})
    aside_form = AsideForm(formdata=_sent() if aside else None)
    here = url_for("administration.notice", code=code, number=number)

    def act() -> str:
        if aside:
            set_aside(author(), row.id, number, reason=aside_form.reason.data or "", today=today())
        else:
            note_sent(author(), row.id, number, sent_on=sent_form.sent_on.data, today=today())
        return here

    form: BaseForm = aside_form if aside else sent_form
    if request.method == "POST" and form.validate():
        try:
            return redirect_to(once(form, act))
        except NotFound:
            raise
        except DomainError as error:
            attach_error(form, error)
    shown, letter = letter_of(partner_id, row.id, number, today=today())
    return render(
        "partners/notice.html",
        status=422 if request.method == "POST" else 200,
        title="Courriel à la gouvernance",
        notice=shown,
        letter=letter,
        form=form,
        sent_form=sent_form,
        aside_form=aside_form,
        here=here,
        aside_url=url_for("administration.notice", code=code, number=number, acte=ASIDE),
        trail=administration_trail(
            ("Conventions", url_for("administration.conventions")),
            (row.code, url_for("administration.convention", code=row.code)),
        ),
    )


def _sent() -> object:
    return request.form if request.method == "POST" else None
