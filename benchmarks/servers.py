"""Starting the production server on a free port of loopback, and talking to it like one browser."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bs4 import BeautifulSoup
from flask import Flask

START_TIMEOUT_S = 30


@contextmanager
def served(target: str, env: Mapping[str, str]) -> Iterator[int]:
    """`target` (module:application) behind granian, one worker, four threads; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", "4", "--log-level", "warning", target,
    ]  # fmt: skip
    process = subprocess.Popen(command, env={**os.environ, **env})
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"no server on port {port}")


class Refused(RuntimeError):
    """The server answered 400 or more."""


@dataclass
class Browser:
    """One client that keeps its connection and its cookies."""

    port: int
    cookie: str = ""
    location: str = ""  # where the last answer led, if it was a redirection
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def get(self, path: str) -> str:
        return self._send("GET", path, None)

    def post(self, path: str, values: Mapping[str, str] | list[tuple[str, str]]) -> str:
        return self._send("POST", path, urlencode(values))

    def _send(self, method: str, path: str, body: str | None) -> str:
        headers = {"Cookie": self.cookie, "Referer": f"http://127.0.0.1:{self.port}/"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        content = answer.read().decode()
        self.location = answer.headers.get("Location", "")
        # The session, and with it the secret of the forms, travels in the one cookie.
        for given in answer.headers.get_all("Set-Cookie") or []:
            self.cookie = given.split(";", 1)[0]
        if answer.status >= 400:
            raise Refused(f"{method} {path}: {answer.status}\n{content[:2000]}")
        return content


def form_of(page: str, action: str) -> dict[str, str]:
    """What a browser would send of the form that posts to `action`, as it stands."""
    forms = BeautifulSoup(page, "html.parser").find_all("form", method="post")
    form = next(form for form in forms if (form.get("action") or action).split("?")[0] == action)
    values = {}
    for control in form.find_all(["input", "textarea", "select"]):
        name, kind = control.get("name"), control.get("type", "text")
        if not name or kind in {"file", "submit", "button"}:
            continue
        if kind in {"checkbox", "radio"} and not control.has_attr("checked"):
            continue
        if control.name == "select":
            chosen = control.find("option", selected=True) or control.find("option")
            values[name] = chosen.get("value", "") if chosen else ""
        else:
            values[name] = control.get_text() if control.name == "textarea" else control.get("value", "")
    return values


def cookie_of(app: Flask, token: str) -> str:
    """The cookie of a browser that holds the session of `token`."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps({'_user_id': token, '_fresh': True})}"
