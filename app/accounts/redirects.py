"""Where to go after the login: an address of this site, or nowhere."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

MAX_LENGTH = 500


def local_path(target: str) -> str | None:
    """`target` when a browser would stay on this site with it, else None.

    It must begin with a single slash, also once decoded: « //evil », « /\\\\evil » and « /%2F/evil » lead elsewhere.
    """
    if len(target) > MAX_LENGTH:
        return None
    decoded = unquote(unquote(target))
    safe = (
        decoded.startswith("/")
        and not decoded.startswith("//")
        and decoded.isprintable()
        and "\\" not in decoded
    )
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return target if safe and not parts.scheme and not parts.netloc else None
