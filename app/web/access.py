"""The door of each page: a view without `requires` or `public` fails the tests of the house."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import current_app
from flask_login import current_user

from app.accounts.policy import Permission, can
from app.config import Config
from app.extensions import login_manager
from app.kernel.errors import NotAllowed
from app.web.context import current_actor, now

P = ParamSpec("P")
R = TypeVar("R")


class ProofNeeded(Exception):
    """The act is privileged, and the second factor was shown too long ago: the page that asks for it comes first."""


def requires(*permissions: Permission, proof: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let in only someone who holds one of `permissions` on something at least; the service checks the object.

    With `proof` they must have shown their second factor of late (`check_proof`): security cases, rights,
    exports, purge.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.is_authenticated:
                return login_manager.unauthorized()  # type: ignore[no-any-return]
            if not any(can(current_actor(), permission) for permission in permissions):
                raise NotAllowed
            if proof:
                check_proof()
            return view(*args, **kwargs)

        guarded.door = permissions  # type: ignore[attr-defined]
        return guarded

    return decorate


def check_proof() -> None:
    """Raise ProofNeeded unless the person has shown their second factor within `PROOF_MINUTES`.

    For a view whose object alone tells that it is privileged, before anything is written. The person is asked,
    and comes back; a form so interrupted is sent again by itself.
    """
    settings: Config = current_app.extensions["settings"]
    if not current_user.has_proven(now(), settings.proof_kept):
        raise ProofNeeded


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Open to everyone, on purpose."""
    view.door = "public"  # type: ignore[attr-defined]
    return view
