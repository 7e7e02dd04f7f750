"""A provider that says whatever a test wants: every token forged at will, every answer replaced at will."""

from __future__ import annotations

import hmac
import json
import socket
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

KEY = RSAKey.generate_key(2048, {"kid": "first"}, private=True)
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "second"}, private=True)
EC_KEY = ECKey.generate_key("P-256", {"kid": "curve"}, private=True)
_ANY = JWSRegistry(algorithms=["RS256", "ES256"])
Answer = tuple[int, str, bytes]


class Forger:
    """What it says by default is right; a test changes the piece that it is about."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.be_honest()

    def be_honest(self) -> None:
        """Forget what a test made it say."""
        issuer = self.issuer
        self.metadata: dict[str, Any] = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/jwks",
            "end_session_endpoint": f"{issuer}/session/end",
            "authorization_response_iss_parameter_supported": True,
        }
        self.keys: list[Any] = [KEY, EC_KEY]
        self.id_token: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.sign_id_token: Callable[[dict[str, Any]], str | None] = sign
        self.sign_userinfo: Callable[[dict[str, Any]], str] = sign
        self.userinfo_type = "application/jwt"
        self.replaced: dict[str, Answer] = {}
        self.received: list[tuple[str, dict[str, list[str]]]] = []

    def answer(self, path: str, body: str) -> Answer:
        self.received.append((path, parse_qs(body)))
        if path in self.replaced:
            return self.replaced[path]
        if path == "/.well-known/openid-configuration":
            return _json(self.metadata)
        if path == "/jwks":
            return _json({"keys": [key.as_dict(private=False) for key in self.keys]})
        if path == "/token":
            tokens = {
                "access_token": "access",
                "token_type": "Bearer",
                "expires_in": 60,
                "refresh_token": "r",
            }
            id_token = self.sign_id_token(self.id_token)
            return _json(tokens | ({"id_token": id_token} if id_token is not None else {}))
        if path == "/userinfo":
            return 200, self.userinfo_type, self.sign_userinfo(self.userinfo).encode()
        return 404, "text/plain", b""


def sign(claims: dict[str, Any], key: Any = KEY, alg: str = "RS256", **header: str) -> str:
    """A token of these claims; `header` replaces what its header says."""
    return jwt.encode({"alg": alg, "kid": key.kid, **header}, claims, key, registry=_ANY)


def unsigned(claims: dict[str, Any]) -> str:
    """`alg: none`, and no signature."""
    return _with_header({"alg": "none", "kid": "first"}, claims) + "."


def signed_with_the_public_key(claims: dict[str, Any]) -> str:
    """HS256, the RSA public key being taken for a shared secret. By hand: the library refuses to."""
    content = _with_header({"alg": "HS256", "kid": "first"}, claims)
    digest = hmac.digest(KEY.as_pem(private=False), content.encode(), "sha256")
    return f"{content}.{urlsafe_b64encode(digest).decode().rstrip('=')}"


def a_list() -> str:
    """A token well signed, which holds no claims."""
    return jws.serialize_compact({"alg": "RS256", "kid": "first"}, b'["sub"]', KEY)


def _with_header(header: dict[str, str], claims: dict[str, Any]) -> str:
    _, payload, _ = sign(claims).split(".")
    return f"{urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip('=')}.{payload}"


@contextmanager
def forger() -> Iterator[Forger]:
    """A forger that answers on this machine until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    made = Forger(f"http://127.0.0.1:{server.server_port}/api/v2")
    server.forger = made  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silent(*, drops: bool = False) -> Iterator[str]:
    """The issuer of a provider that takes the call and never answers, or never ends answering."""
    over = threading.Event()

    def drip() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
            while not over.wait(0.05):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip)
        if drops:
            thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/api/v2"
        over.set()
        if drops:
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer("")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def _answer(self, body: str) -> None:
        path = self.path.removeprefix("/api/v2")
        status, kind, content = self.server.forger.answer(path, body)  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def _json(value: object) -> Answer:
    return 200, "application/json", json.dumps(value).encode()
