"""What awaits the writers: articles to review, and what was searched without result."""

from __future__ import annotations

from flask import Response, flash, request
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Permission
from app.documentation import service, shelves
from app.documentation.blueprint import blueprint
from app.documentation.forms import ActOnlyForm
from app.documentation.views_read import today
from app.documentation.vocabulary import STATE_LABELS
from app.infra.tx import transaction
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor
from app.web.htmx import redirect_to, render


@blueprint.get(urls.ARTICLES_TO_REVIEW)
@requires(Permission.DOCUMENTATION_READ_DESK)
def to_review() -> Response:
    return render(
        "documentation/to_review.html",
        title="Articles à relire",
        articles=shelves.to_review(current_actor(), today()),
        state_labels=STATE_LABELS,
        day=today(),
    )


@blueprint.get(urls.SEARCH_MISSES)
@requires(Permission.DOCUMENTATION_WRITE)
def misses() -> Response:
    return render(
        "documentation/misses.html",
        title="Recherches sans résultat",
        misses=shelves.misses_of(current_actor()),
        form=ActOnlyForm(formdata=None),
    )


@blueprint.post(urls.SEARCH_MISSES)
@requires(Permission.DOCUMENTATION_WRITE)
def forget_miss() -> BaseResponse:
    typed = request.form.get("recherche", "")
    if typed.isascii() and typed.isdecimal() and len(typed) < 18:
        with transaction():
            service.forget_search_miss(int(typed), actor=current_actor())
        flash("La recherche est retirée de la liste.", "success")
    return redirect_to(urls.SEARCH_MISSES)
