"""What the views of accounts share: the settings, traces of what happened, and the way in after a password."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request, session
from flask_login import current_user, login_user

from app.accounts import queries, service, sessions
from app.accounts.devices import device_of
from app.accounts.form_drafts import Browser, new_browser_secret
from app.accounts.half_logins import begin_half_login
from app.accounts.redirects import local_path
from app.accounts.sealing import Unreadable, seal, unseal
from app.accounts.second_factor import has_second_factor
from app.config import Config
from app.infra.tx import transaction
from app.journal.technical import Trace, note
from app.web import urls
from app.web.context import now
from app.web.htmx import is_htmx

# What the signed cookie holds. None of it opens anything by itself.
NEXT = "next"  # where to go once signed in or proven
HALF = "half"  # whose password was right, sealed (half_logins.py)
BROWSER = "browser"  # the secret that opens this browser's form drafts
SEAT = "seat"  # who sat here last and in which partner, sealed: they are not asked again
_KEPT_THROUGH_LOGIN = (BROWSER, SEAT)

PASSWORD_FIELDS = frozenset({"current", "password", "repeated"})


def settings() -> Config:
    found: Config = current_app.extensions["settings"]
    return found


def leave_trace(
    trace: Trace,
    *,
    account_id: int | None = None,
    partner_id: int | None = None,
    what: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """One line in the technical journal about this request, in the current transaction."""
    address = request.remote_addr or ""
    note(
        trace,
        now=now(),
        partner_id=partner_id,
        account_id=account_id,
        address=address,
        what=what,
        details=details,
    )


def leave_trace_of_account(trace: Trace, account_id: int | None, *, what: str = "") -> None:
    """As `leave_trace`, about the account itself: each partner that it belongs to may read it.

    As many statements are sent for no account at all: how long a refusal takes must not tell.
    """
    readers: list[int | None] = [partner.id for partner in queries.partners_of(account_id or 0)]
    for partner_id in readers or [None]:
        leave_trace(trace, account_id=account_id, partner_id=partner_id, what=what)


def begin(account_id: int) -> str:
    """Where someone goes whose password was right: the page of their code, of its setting up, or in."""
    enrolled = has_second_factor(account_id)
    if not enrolled and not settings().second_factor:
        return enter(account_id, how="password")
    session[HALF] = begin_half_login(account_id, secret_key=settings().secret_key, now=now())
    return urls.LOGIN_CODE if enrolled else urls.LOGIN_ENROLMENT


def enter(account_id: int, *, how: str) -> str:
    """Open the session of someone who has shown all that is asked of them; returns where they go.

    Raises NotAllowed when the account belongs to no partner.
    """
    moment = now()
    with transaction():
        token = service.log_in(
            account_id,
            now=moment,
            lifetime=settings().session_absolute,
            replaces=session.get("_user_id"),
            proven_at=moment,
            device=device_of(request.user_agent.string),
        )
        leave_trace_of_account(Trace.LOGGED_IN, account_id, what=how)
    return arrive(token)


def arrive(token: str) -> str:
    """Give the browser the session that was opened, whatever opened it; returns the address to go to.

    Nothing of the visitor before, the CSRF secret included, survives in the cookie, but what is bound to its
    owner anyway. Someone of several partners chooses one, unless they sat in one of them just before.
    """
    destination = local_path(session.get(NEXT, "")) or urls.HOME
    kept = {name: session[name] for name in _KEPT_THROUGH_LOGIN if name in session}
    session.clear()
    session.update(kept)
    login_user(load(token))
    if current_user.several_partners and not _take_former_seat():
        session[NEXT] = destination
        return urls.PARTNER_CHOICE
    return destination


def remember_seat(partner_code: str) -> None:
    """Remember, for this browser, in which partner this person works."""
    content = json.dumps([current_user.actor.account_id, partner_code]).encode()
    session[SEAT] = seal(content, secret_key=settings().secret_key, purpose=SEAT)


def _take_former_seat() -> bool:
    try:
        content = unseal(session.get(SEAT, ""), secret_key=settings().secret_key, purpose=SEAT)
    except Unreadable:
        return False
    account_id, partner_code = json.loads(content)
    belongs = partner_code in {partner.code for partner in queries.partners_of(account_id)}
    if account_id != current_user.actor.account_id or not belongs:
        return False
    with transaction():
        sessions.choose_partner(current_user, partner_code)
    return True


def load(token: str) -> sessions.LoggedIn | None:
    """Who holds the session of that token, as of now."""
    return sessions.load_logged_in(token, now=now(), idle=settings().session_idle)


def browser() -> Browser:
    """What opens the form drafts of this browser. A secret made now opens none."""
    return Browser(settings().secret_key, session.get(BROWSER) or new_browser_secret())


def page_shown() -> str:
    """The path of the page to come back to: for a form or a fragment, the one that it is part of."""
    if request.method == "GET" and not is_htmx():
        return request.full_path.removesuffix("?")
    try:
        page = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    except ValueError:
        return ""
    return f"{page.path}?{page.query}" if page.query else page.path
