"""The one place where refusals become pages: what happened, what was kept, what to do."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from app.extensions import db
from app.kernel.errors import DomainError, Impossible, InvalidInput, NotAllowed, NotFound, Stale
from app.web.htmx import render

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (Stale, 409),
    (Impossible, 409),
    (InvalidInput, 422),
)
_MESSAGES = {
    400: "La demande est incomplète ou mal formée.",
    403: NotAllowed.default_message,
    404: NotFound.default_message,
    405: "Cette adresse n’accepte pas cette opération.",
    413: "L’envoi est trop volumineux : 10 Mo au plus par fichier, 25 Mo en tout. Rien n’a été enregistré.",
    429: "Trop de demandes en peu de temps. Patientez quelques minutes.",
}


def install(app: Flask) -> None:
    """Register the error pages on the application."""
    app.register_error_handler(DomainError, refused)
    app.register_error_handler(CSRFError, expired_form)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(OperationalError, database_away)
    app.register_error_handler(IntegrityError, lost_race)
    app.register_error_handler(DataError, unreadable)
    app.register_error_handler(500, unexpected)


def status_of(error: DomainError) -> int:
    """The HTTP status of a refusal."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 422)


def refused(error: DomainError) -> Response:
    return error_page(status_of(error), error.message)


def expired_form(_error: CSRFError) -> Response:
    return error_page(
        400,
        "Le formulaire a expiré ou votre session s’est terminée. Rien n’a été enregistré : revenez à la page "
        "précédente, où votre saisie est encore, copiez-la, rechargez la page, puis collez-la.",
    )


def http_error(error: HTTPException) -> Response:
    code = error.code or 500
    answer = error_page(code, _MESSAGES.get(code, "La demande n’a pas pu aboutir."))
    if error.response is not None and code < 400:
        return error.response  # type: ignore[return-value]
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def database_away(error: OperationalError) -> Response:
    db.session.rollback()
    log.error("database away on %s: %s", request.path, error)
    answer = error_page(
        503, "La base de données ne répond pas. Rien n’a été enregistré : réessayez dans un instant."
    )
    answer.headers["Retry-After"] = "10"
    return answer


def unreadable(_error: DataError) -> Response:
    """PostgreSQL refuses a NUL byte, or a number too large, that an address carried."""
    db.session.rollback()
    return error_page(400, _MESSAGES[400])


def lost_race(error: IntegrityError) -> Response:
    db.session.rollback()
    log.warning("lost race on %s: %s", request.path, error)
    return error_page(409, Stale.default_message)


def unexpected(error: Exception) -> Response:
    db.session.rollback()
    log.error("unexpected error on %s", request.path, exc_info=error)
    return error_page(
        500, "Une erreur inattendue s’est produite. Rien n’a été enregistré ; l’erreur est consignée."
    )


def error_page(code: int, message: str) -> Response:
    """The error page, without any query: it must show when the database is away."""
    return render("errors/error.html", status=code, code=code, message=message)
