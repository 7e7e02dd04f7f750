"""`/mon-compte/messages`: which mails a person receives, and when."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Permission
from app.announcements.subscription import choose_mail, mail_choice
from app.infra.tx import transaction
from app.kernel.errors import DomainError
from app.notifications import digests
from app.notifications.forms import MessagesForm
from app.notifications.queries import wish_of
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.forms import attach_error
from app.web.htmx import redirect_to, render

blueprint = Blueprint("messages", __name__)


@blueprint.route(urls.MESSAGES, methods=["GET", "POST"])
@requires(Permission.HOME_READ)
def choices() -> Response | BaseResponse:
    actor, moment = current_actor(), now()
    assert actor.account_id is not None
    wish = wish_of(actor.account_id)
    form = MessagesForm(
        data={
            "pace": wish.pace,
            "hours": list(wish.hours),
            "announcements": mail_choice(actor.account_id),
        }
    )
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                digests.choose(actor.account_id, form.pace.data, form.hours.data or (), now=moment)
                choose_mail(actor, form.announcements.data)
            flash("Votre choix est enregistré.", "success")
            return redirect_to(urls.MESSAGES)
        except DomainError as error:
            attach_error(form, error)
    return render(
        "messages/choices.html",
        title="Mes messages",
        form=form,
        status=422 if request.method == "POST" else 200,
    )
