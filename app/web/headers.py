"""The headers of every answer: what a page may load, who may frame it, what a browser may keep."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask, Response, request

# No inline script or style anywhere: pages carry attributes, the stylesheet and one module do the rest.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
)
COMMON = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
ONE_YEAR = "max-age=31536000; includeSubDomains"
NOT_KEPT = "private, no-store"


def install(app: Flask, federation: str = "") -> None:
    """Set the headers after each request. A view that sets `Cache-Control` itself keeps its own.

    `federation` is the issuer to which the forms of signing in and out lead, if there is one.
    """
    policy = CONTENT_SECURITY_POLICY
    if federation:
        parts = urlsplit(federation)
        policy = policy.replace("form-action 'self'", f"form-action 'self' {parts.scheme}://{parts.netloc}")
    common = COMMON | {"Content-Security-Policy": policy}
    app.after_request(lambda response: protect(response, common))


def protect(response: Response, common: Mapping[str, str] = COMMON) -> Response:
    """`response` with the headers that it lacks."""
    for name, value in common.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", NOT_KEPT)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", ONE_YEAR)
    if response.mimetype == "text/html":
        # The same address gives a page or its fragment (`app/web/htmx.py`).
        response.vary.update(("HX-Request", "HX-Target"))
    return response
