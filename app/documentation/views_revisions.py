"""The versions of an article: what changed from one to the next, and going back to one of them."""

from __future__ import annotations

from flask import Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Permission
from app.accounts.queries import names_of
from app.documentation import queries, service
from app.documentation.blueprint import blueprint
from app.documentation.differences import difference
from app.documentation.forms import StateForm
from app.documentation.models import Article, Revision
from app.kernel.errors import NotFound
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.forms import once
from app.web.htmx import redirect_to, render


@blueprint.get(urls.ARTICLE_REVISIONS)
@requires(Permission.DOCUMENTATION_READ_DESK)
def revisions(slug: str) -> Response:
    article = queries.article_by_slug(current_actor(), slug)
    return _show(article, article.version)


@blueprint.get(urls.ARTICLE_REVISION)
@requires(Permission.DOCUMENTATION_READ_DESK)
def revision(slug: str, number: int) -> Response:
    return _show(queries.article_by_slug(current_actor(), slug), number)


@blueprint.post(urls.RESTORED_REVISION)
@requires(Permission.DOCUMENTATION_WRITE)
def restore(slug: str, number: int) -> BaseResponse:
    form = StateForm()
    return redirect_to(once(form, lambda: _restore(slug, number, form)))


def _restore(slug: str, number: int, form: StateForm) -> str:
    service.restore(slug, number, actor=current_actor(), now=now(), seen=form.seen)
    flash(f"La version {number} est rétablie\u00a0: elle est la dernière version de l’article.", "success")
    return url_for("documentation.article", slug=slug)


def _show(article: Article, number: int) -> Response:
    """Every version in a list, and one of them beside the one before, or another that the address names."""
    found = queries.revisions_of(article.id)
    by_number = {row.number: row for row in found}
    if number not in by_number:
        raise NotFound
    with_number = _compared_with(by_number, number)
    before = by_number.get(with_number)
    form = StateForm(formdata=None)
    form.version.data = str(article.version)
    return render(
        "documentation/revisions.html",
        title=f"Versions de «\u00a0{article.title}\u00a0»",
        article=article,
        revisions=found,
        authors=names_of([row.author_id for row in found]),
        shown=by_number[number],
        before=before,
        title_changes=difference(before.title, by_number[number].title) if before else [],
        changes=difference(before.body if before else "", by_number[number].body),
        form=form,
    )


def _compared_with(by_number: dict[int, Revision], number: int) -> int:
    typed = request.args.get("avec", "")
    chosen = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else number - 1
    return chosen if chosen in by_number else number - 1
