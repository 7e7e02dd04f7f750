"""Where someone goes whose session here is closed."""

from __future__ import annotations

import secrets

from flask import current_app, flash, session

from app.accounts.proconnect import ProConnect, ProConnectAway
from app.web import urls

FAREWELL = "farewell"  # what tells our own goodbye of ProConnect from any link to its page


def farewell(id_token: str | None) -> str:
    """Where someone goes whose session here is closed already: to ProConnect, which closes its own, if that
    is where they came from and if it answers; else to the login page.
    """
    federation: ProConnect | None = current_app.extensions["proconnect"]
    if id_token is None or federation is None:
        flash("Vous êtes déconnecté.", "success")
        return urls.LOGIN
    state = secrets.token_urlsafe(32)
    try:
        url = federation.farewell_url(id_token, state)
    except ProConnectAway:
        flash(
            "Vous êtes déconnecté de cette application. ProConnect ne répond pas\u00a0: "
            "sur un poste partagé, fermez aussi le navigateur.",
            "warning",
        )
        return urls.LOGIN
    session[FAREWELL] = state
    return url
