"""The door of each page: a view without `requires` or `public` fails the tests of the house."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask_login import current_user

from app.accounts.policy import Permission, can
from app.extensions import login_manager
from app.kernel.errors import NotAllowed
from app.web.context import current_actor

P = ParamSpec("P")
R = TypeVar("R")


def requires(*permissions: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let in only someone who holds one of `permissions` on something at least; the service checks the object."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.is_authenticated:
                return login_manager.unauthorized()  # type: ignore[no-any-return]
            if not any(can(current_actor(), permission) for permission in permissions):
                raise NotAllowed
            return view(*args, **kwargs)

        guarded.door = permissions  # type: ignore[attr-defined]
        return guarded

    return decorate


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Open to everyone, on purpose."""
    view.door = "public"  # type: ignore[attr-defined]
    return view
