"""Our stylesheet, script, font and vendored files, read once and served from memory, cached for ever.

There is no build step: the stylesheet is the concatenation of the files of `static/css/`, in the order of
`STYLESHEETS` and without their comments and indents, so that a first visit asks for one small file. What is ours is addressed by its content
(`/static/js/app.js?v=…`), what is vendored by the version in its path.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, request

STYLESHEETS = (
    "tokens",
    "base",
    "layout",
    "controls",
    "components",
    "clocks",
    "records",
    "announcements",
    "prose",
    "search",
    "print",
)
STYLESHEET = "css/app.css"
FOR_EVER = "public, max-age=31536000, immutable"
TEXT_TYPES = frozenset({"text/css", "text/javascript", "image/svg+xml"})
MIME_TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """One file to serve. `compressed` is None for what is compressed already, such as a font."""

    content: bytes
    compressed: bytes | None
    mime_type: str
    version: str


def load(folder: Path) -> dict[str, Asset]:
    """Every asset under `folder`, by its path there. The stylesheets are one asset, `css/app.css`."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in {".css", ".md"}
    }
    styles = "\n".join((folder / "css" / f"{name}.css").read_text("utf-8") for name in STYLESHEETS)
    files[STYLESHEET] = _without_comments(styles).encode()
    return {path: _asset(path, content) for path, content in files.items()}


def _without_comments(css: str) -> str:
    return re.sub(r"\n\s*", "\n", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).strip()


def _asset(path: str, content: bytes) -> Asset:
    mime_type = MIME_TYPES.get(Path(path).suffix) or mimetypes.guess_type(path)[0] or "text/plain"
    return Asset(
        content=content,
        compressed=gzip.compress(content, 9, mtime=0) if mime_type in TEXT_TYPES else None,
        mime_type=mime_type,
        version=hashlib.sha256(content).hexdigest()[:12],
    )


def install(app: Flask, folder: Path) -> None:
    """Serve `folder` under `/static/` and give the templates `asset(path)`.

    The application must have no static folder of its own (`Flask(…, static_folder=None)`).
    """
    assets = load(folder)
    prefix = app.config.get("APPLICATION_ROOT", "/").rstrip("/")

    def asset(path: str) -> str:
        """The address of an asset. Raises KeyError for one that does not exist."""
        found = assets[path]
        address = f"{prefix}/static/{path}"
        return address if path.startswith("vendor/") else f"{address}?v={found.version}"

    def serve(path: str) -> Response:
        found = assets.get(path)
        if found is None:
            abort(404)
        response = Response(found.content, mimetype=found.mime_type)
        if found.compressed is not None:
            response.vary.add("Accept-Encoding")
            if request.accept_encodings["gzip"]:
                response.data = found.compressed
                response.content_encoding = "gzip"
        response.headers["Cache-Control"] = FOR_EVER
        response.set_etag(found.version)
        response.make_conditional(request)
        return response

    app.add_url_rule("/static/<path:path>", "static", serve)
    app.jinja_env.globals["asset"] = asset
