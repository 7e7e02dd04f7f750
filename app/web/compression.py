"""Pages travel compressed, with or without a proxy in front. Assets come compressed from `assets.py`."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

SMALLEST = 1_000  # octets: under this, the envelope costs more than it saves
LEVEL = 5  # two thirds of the time of level 9 for some 2 % more octets
COMPRESSIBLE = frozenset({"text/html", "text/csv", "text/plain", "application/json", "application/atom+xml"})


def install(app: Flask) -> None:
    app.after_request(compress)


def compress(response: Response) -> Response:
    """`response`, its body compressed when that helps and the browser accepts it.

    Safe with secrets in the page: the session cookie is SameSite=Lax, so that another site cannot
    have such pages fetched over and over and measure them.
    """
    if response.mimetype not in COMPRESSIBLE or response.is_streamed or response.content_encoding:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] and len(response.data) >= SMALLEST:
        response.data = gzip.compress(response.data, LEVEL, mtime=0)
        response.content_encoding = "gzip"
    return response
