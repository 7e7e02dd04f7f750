"""Writing articles: new ones, changes, preview, states."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Response, flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.policy import Permission
from app.documentation import queries, service
from app.documentation.blueprint import blueprint
from app.documentation.differences import Line, difference
from app.documentation.forms import ArticleForm, StateForm
from app.documentation.models import TITLE_LENGTH, Article
from app.documentation.redaction import Found
from app.documentation.rules import PLACEHOLDERS
from app.documentation.views_images import kept_image
from app.documentation.views_read import REVIEW_AFTER, article_page, today
from app.documentation.vocabulary import STATE_LABELS, State
from app.kernel.errors import DomainError, Impossible, InvalidInput, NotFound, Stale
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.errors import status_of
from app.web.forms import attach_error, once
from app.web.htmx import redirect_to, render
from app.web.markdown import CALLOUTS, render_markdown

EDITOR, EDITOR_FORM = "documentation/editor.html", "documentation/_article_form.html"


@blueprint.route(urls.NEW_ARTICLE, methods=["GET", "POST"])
@requires(Permission.DOCUMENTATION_WRITE)
def new() -> Response | BaseResponse:
    form = ArticleForm()
    form.prepare(current_actor())
    if request.method == "GET":
        form.title.data = request.args.get("titre", "")[:TITLE_LENGTH]
        begin(form)
    return write(form, None, _create)


@blueprint.route(urls.EDIT_ARTICLE, methods=["GET", "POST"])
@requires(Permission.DOCUMENTATION_WRITE)
def edit(slug: str) -> Response | BaseResponse:
    actor = current_actor()
    article = queries.article_by_slug(actor, slug)
    form = ArticleForm()
    form.prepare(actor, article)
    if request.method == "GET":
        form.show(service.text_of(article))
        form.version.data = str(article.version)
    return write(form, article, lambda form: _change(slug, form))


@blueprint.post(urls.ARTICLE_PREVIEW)
@requires(Permission.DOCUMENTATION_WRITE)
def preview() -> Response:
    """What is being typed, as it will read."""
    form = ArticleForm()
    form.body.validate(form)
    return render(
        "documentation/_article_preview.html",
        "documentation/_article_preview.html",
        preview=render_markdown(form.body.data or ""),
        refusals=form.body.errors,
    )


@blueprint.post(urls.ARTICLE_STATE)
@requires(Permission.DOCUMENTATION_WRITE)
def state(slug: str) -> Response | BaseResponse:
    actor = current_actor()
    article = queries.article_by_slug(actor, slug)
    form = StateForm()
    if not form.validate():
        return article_page(article, form, 422)
    try:
        return redirect_to(once(form, lambda: _move(slug, form)))
    except (InvalidInput, Impossible) as refusal:
        attach_error(form, refusal)
        return article_page(queries.article_by_slug(actor, slug), form, status_of(refusal))


def write(
    form: ArticleForm,
    article: Article | None,
    keep: Callable[[ArticleForm], str],
    found: Sequence[Found] = (),
) -> Response | BaseResponse:
    """Show the editor, its preview, or add an image to it; or keep what was typed."""
    if request.method == "GET":
        return _show(form, article, preview=bool(form.body.data), found=found)
    if "apercu" in request.form:
        return _show(form, article, preview=True)
    if "ajouter" in request.form:
        return _with_image(form, article)
    if not form.validate():
        return _show(form, article, 422)
    try:
        return redirect_to(once(form, lambda: keep(form)))
    except Stale:
        return _stale(form, article)
    except (InvalidInput, Impossible, NotFound) as refusal:
        attach_error(form, refusal)
        return _show(form, article, 422 if isinstance(refusal, NotFound) else status_of(refusal))


def _create(form: ArticleForm) -> str:
    article = service.create(form.text, actor=current_actor(), now=now(), note=form.note.data or "")
    flash("L’article est enregistré comme brouillon\u00a0: publiez-le quand il est prêt.", "success")
    return url_for("documentation.article", slug=article.slug)


def _change(slug: str, form: ArticleForm) -> str:
    service.change(
        slug, form.text, actor=current_actor(), now=now(), seen=form.seen, note=form.note.data or ""
    )
    flash("L’article est enregistré.", "success")
    return url_for("documentation.article", slug=slug)


def _move(slug: str, form: StateForm) -> str:
    actor, moment = current_actor(), now()
    wanted = request.form.get("to", "")
    if wanted not in set(State):
        raise InvalidInput("Choisissez un état.")
    if wanted == State.PUBLISHED:
        service.publish(slug, actor=actor, now=moment, review_on=form.review_on.data, seen=form.seen)
    else:
        service.move(slug, State(wanted), actor=actor, now=moment, seen=form.seen)
    flash(f"État de l’article\u00a0: {STATE_LABELS[State(wanted)].lower()}.", "success")
    return url_for("documentation.article", slug=slug)


def _with_image(form: ArticleForm, article: Article | None) -> Response:
    """Add an image at the end of the text, without script: nothing else is kept yet."""
    upload = form.image.data
    try:
        if not upload:
            raise InvalidInput("Choisissez une image.", field="image")
        markdown = kept_image(upload.filename or "", upload.read())
    except DomainError as refusal:
        attach_error(form, refusal)
        return _show(form, article, 422)
    form.body.data = f"{(form.body.data or '').rstrip()}\n\n{markdown}\n"
    return _show(form, article, preview=True)


def _stale(form: ArticleForm, article: Article | None) -> Response:
    """Someone rewrote the article: what differs between it and what was typed, and the form on the fresh version."""
    assert article is not None, "a new article has no former version"
    fresh = queries.article_by_slug(current_actor(), article.slug)
    form.version.data = str(fresh.version)
    changes = difference(fresh.body, form.body.data or "")
    return _show(form, fresh, 409, changes=changes, stale=True)


def _show(
    form: ArticleForm,
    article: Article | None,
    status: int = 200,
    *,
    preview: bool = False,
    changes: Sequence[Line] = (),
    stale: bool = False,
    found: Sequence[Found] = (),
) -> Response:
    return render(
        EDITOR,
        EDITOR_FORM,
        status=status,
        title=f"Modifier «\u00a0{article.title}\u00a0»" if article else "Nouvel article",
        article=article,
        form=form,
        preview=render_markdown(form.body.data or "") if preview else None,
        refusals=[],
        changes=changes,
        stale=stale,
        found=found,
        callouts=[word for word, _ in CALLOUTS.values()],
        placeholders=PLACEHOLDERS,
    )


def begin(form: ArticleForm) -> None:
    """What a new article has before anyone chooses: its author for owner, a date to be read again."""
    form.owner_id.data = current_actor().account_id
    form.review_on.data = today() + REVIEW_AFTER
