"""Where a redirection may lead: to an address of this site, or nowhere."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

MAX_LENGTH = 500


def leads_here(url: str, also: str = "") -> bool:
    """Whether a browser sent to `url` stays on this site, or goes to the site `also` (scheme and host)."""
    try:
        parts = urlsplit(url)
        other = urlsplit(also)
    except ValueError:
        return False
    if also and (parts.scheme, parts.netloc) == (other.scheme, other.netloc):
        return url.isprintable() and "\\" not in url
    path = unquote(unquote(parts.path))
    return (
        not parts.scheme
        and not parts.netloc
        and url.isprintable()
        and "\\" not in url
        and not url.startswith("//")
        and path.startswith("/")
        and not path.startswith("//")
        and "\\" not in path
    )


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
