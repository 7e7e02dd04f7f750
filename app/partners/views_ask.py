"""How every setting is asked: show the form, or change the setting once, keep its history, and say so.

A form that rests on an earlier version is refused with what changed meanwhile (409); what was typed stays, and the
same form, sent again, is then accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.queries import names_of
from app.kernel.errors import DomainError, NotFound
from app.partners.descriptions import Subject
from app.partners.history import Author, ChangedMeanwhile, ChangeRow, keep_history, version_of
from app.web.context import current_actor, now
from app.web.errors import status_of
from app.web.filters import current_zone
from app.web.forms import ActForm, BaseForm, attach_error, once
from app.web.htmx import redirect_to, render

Page = Response | BaseResponse
Act = Callable[[], Subject | None]
Trail = Sequence[tuple[str, str]]
SETUP = (
    "mise-en-place"  # `?suite=`: the form was reached from the steps of the setting up, and leads back there
)


def author() -> Author:
    """Who changes settings in this request."""
    actor = current_actor()
    return Author(actor.partner_id, actor.account_id, now(), request.remote_addr or "")


def today() -> date:
    """The day on the partner's walls."""
    return now().astimezone(current_zone()).date()


def administration_trail(*more: tuple[str, str]) -> Trail:
    return [("Administration", url_for("administration.index")), *more]


def ask(
    form: BaseForm,
    act: Act,
    *,
    title: str,
    fields: str,
    trail: Trail,
    destination: str | Callable[[], str],
    subject: Subject | None = None,
    note: str = "",
    checking: bool = False,
    **context: Any,
) -> Page:
    """Show the form, or act once on what was sent and go on to `destination`.

    `subject` is what changes, None for what `act` creates and returns. `destination` may be known only once done.
    """
    changes: Sequence[ChangeRow] = ()
    status = 200
    if request.args.get("suite") == SETUP:
        destination = url_for("administration.partner_setup")
        trail = administration_trail(("Mise en place", destination))
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                return redirect_to(once(form, lambda: _do(form, act, subject, title, destination, checking)))
            except ChangedMeanwhile as stale:
                changes, status = stale.changes, status_of(stale)
            except DomainError as error:
                attach_error(form, error)
    if isinstance(form, ActForm) and subject is not None and (status != 422 or form.seen is None):
        form.version.data = str(version_of(current_actor().partner_id, subject))
    return render(
        "partners/edit.html",
        status=status,
        title=title,
        form=form,
        fields=f"partners/{fields}",
        trail=trail,
        note=note,
        changes=changes,
        who=names_of([change.account_id for change in changes]) if changes else {},
        abandon=trail[-1][1],
        **context,
    )


def act_once(
    form: BaseForm, act: Act, *, said: str, destination: str, subject: Subject | None = None
) -> Page:
    """What a button does, without anything to fill in: done, or refused, the person reads it on the next page."""
    if not form.validate():
        flash("Le formulaire a expiré\u00a0: recommencez.", "error")
        return redirect_to(destination)
    try:
        return redirect_to(once(form, lambda: _do(form, act, subject, said, destination)))
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "error")
        return redirect_to(destination)


def _do(
    form: BaseForm,
    act: Act,
    subject: Subject | None,
    title: str,
    destination: str | Callable[[], str],
    checking: bool = False,
) -> str:
    seen = form.seen if isinstance(form, ActForm) else None
    keep_history(author(), subject, act, seen=seen, checking=checking)
    flash(f"{title}\u00a0: c’est enregistré.", "success")
    return destination if isinstance(destination, str) else destination()
