"""Refusals that a person reads. `app/web/errors.py` alone turns them into HTTP answers."""

from __future__ import annotations


class DomainError(Exception):
    """A refusal with a message in French, and the form field it is about, if any."""

    default_message = "L’opération est impossible."

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        self.message = message or self.default_message
        self.field = field
        super().__init__(self.message)


class InvalidInput(DomainError):
    """What was typed cannot be accepted (HTTP 422)."""

    default_message = "La saisie est incorrecte."


class NotAllowed(DomainError):
    """The person has not the right, and may know that the thing exists (HTTP 403)."""

    default_message = "Vous n’avez pas les droits nécessaires pour cette action."


class NotFound(DomainError):
    """The thing does not exist, or must not be known to exist (HTTP 404)."""

    default_message = "Cette page n’existe pas, ou vous n’y avez pas accès."


class Impossible(DomainError):
    """The state of the thing forbids the action (HTTP 409)."""

    default_message = "Cette action n’est pas possible dans l’état actuel."


class Stale(Impossible):
    """Someone else acted since the page was shown: what changed must be read first (HTTP 409)."""

    default_message = (
        "La sollicitation a changé depuis l’affichage de la page. Vérifiez avant de recommencer."
    )
