"""A page, or the one fragment of it that HTMX asked for: every view answers through `render`.

A fragment is a file included by its page, and its root element carries the file's name as id:
`tickets/_queue_rows.html` holds `<div id="queue-rows">`. A request whose target is that id gets the file
alone; any other gets the page, so that each address works without JavaScript.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from flask import Response, g, make_response, redirect, render_template, request
from htmx_flask import make_response as make_htmx_response
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.redirects import leads_here

LIVE_REGION = "annonce"


def render(page: str, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """The template `page`, or `fragment` alone when HTMX targets its root element.

    A `title` in the context names the page, and follows a fragment too, so that the tab of the browser
    says where one is.
    """
    if fragment is None or not targets(fragment):
        return make_response(render_template(page, **context), status)
    parts = [render_template(fragment, **context)]
    if "title" in context:
        parts.insert(0, f"<title>{render_template('layouts/_title.html', **context)}</title>")
    parts.append(_announcement())
    return make_response("\n".join(parts), status)


def is_htmx() -> bool:
    """Whether HTMX asks for a part of the page (a page restored from history is asked for whole)."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def is_polling() -> bool:
    """Whether the page asked by itself, nobody having done anything: it says so (static/js/app.js)."""
    return request.headers.get("X-Polling") == "1"


def is_aside() -> bool:
    """Whether HTMX asks for something beside what the person is doing, such as answers while they type."""
    return is_htmx() and (request.method == "GET" or request.headers.get("X-Aside") == "1")


def targets(fragment: str) -> bool:
    """Whether the answer will replace the root element of the template `fragment`."""
    return is_htmx() and request.headers.get("HX-Target") == root_id(fragment)


def root_id(fragment: str) -> str:
    """The id that the root element of a fragment must carry: `tickets/_queue_rows.html` → `queue-rows`."""
    return PurePosixPath(fragment).stem.removeprefix("_").replace("_", "-")


def redirect_to(url: str, *, also: str = "") -> BaseResponse:
    """Go and read `url`, whatever the method was (303). HTMX loads the whole page, title and focus included.

    `url` is of this site, or of the one that `also` names; any other leads home, wherever it came from.
    """
    if not leads_here(url, also):
        url = "/"
    if is_htmx():
        answer: Response = make_htmx_response("", 204, redirect=url)
        return answer
    return redirect(url, 303)


def announce(message: str) -> None:
    """Have a screen reader say `message` (« 12 résultats ») once the fragment of this answer is in place."""
    g.setdefault("announcements", []).append(message)


def _announcement() -> Markup:
    """The messages for the live region, out of band. It is filled, never replaced, or it would stay silent."""
    messages = g.pop("announcements", [])
    if not messages:
        return Markup()
    return Markup('<div hx-swap-oob="innerHTML:#{}">{}</div>').format(LIVE_REGION, " ".join(messages))
