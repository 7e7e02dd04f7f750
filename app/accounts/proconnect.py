"""Talking to ProConnect: what is asked, and what comes back, verified. No database here, no request.

The discovery document and the keys are read anew at each sign-in: a key that ProConnect changed is known at
once, and whoever comes while it is away is told so on our own page, instead of being sent to a dead address.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException, Timeout

from app.accounts.assurance import ACCEPTED_ACR, STRONG_ACR
from app.accounts.openid import (
    Person,
    Proof,
    Provider,
    SignInRefused,
    check_callback_issuer,
    read_id_token,
    read_provider,
    read_userinfo,
)
from app.kernel.errors import DomainError

log = logging.getLogger(__name__)

SCOPE = "openid given_name usual_name email uid siret idp_id organization_label"
ALGORITHMS = ["RS256"]
MAX_ANSWER_BYTES = 64 * 1024
LONGEST_SILENCE = 0.45  # of the limit: a silence that begins just before it ends that much later
SECRET_BYTES = 48  # 64 characters: ProConnect wants state and nonce of 32 at least, PKCE a verifier of 43

# What libraries raise when an answer is late, cut, or not what the standard says.
NONSENSE = (RequestException, ValueError, TypeError, LookupError, AttributeError, RecursionError)


class ProConnectAway(DomainError):
    """It does not answer, or answers something else than OpenID Connect."""

    default_message = (
        "ProConnect ne répond pas pour le moment. Réessayez dans quelques minutes, "
        "ou connectez-vous ci-dessous avec votre mot de passe."
    )


@dataclass(frozen=True)
class Secrets:
    """What ties an answer to its question. Kept on the server from one to the other."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Secrets:
        return cls(*(secrets.token_urlsafe(SECRET_BYTES) for _ in range(3)))


@dataclass(frozen=True)
class Identity:
    """Someone whom ProConnect vouches for."""

    issuer: str
    proof: Proof
    person: Person
    id_token: str


@dataclass(frozen=True)
class ProConnect:
    """The federation as one client of it sees it. `timeout` bounds a whole exchange, however many requests."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    farewell_uri: str
    timeout: timedelta

    def authorization_url(self, tied: Secrets, *, strong: bool, again: bool) -> str:
        """Where to send the person. `strong` asks for the levels that privileged roles need; `again` asks to be
        authenticated anew, though ProConnect remembers the person. Raises ProConnectAway.
        """
        levels = STRONG_ACR if strong else ACCEPTED_ACR
        claims = {"id_token": {"acr": {"essential": True, "values": levels}, "amr": None, "auth_time": None}}
        with self._exchange() as session:
            provider = self._provider(session)
            url, _ = session.create_authorization_url(
                provider.authorization_endpoint,
                state=tied.state,
                code_verifier=tied.verifier,
                nonce=tied.nonce,
                claims=json.dumps(claims),
                prompt="login" if again else None,
            )
        return str(url)

    def identify(self, code: str, *, iss: str | None, tied: Secrets, now: datetime) -> Identity:
        """The person behind the `code` of a callback. Raises SignInRefused, ProConnectAway."""
        with self._exchange() as session:
            provider = self._provider(session)
            check_callback_issuer(provider, iss)
            answer = session.fetch_token(
                provider.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=tied.verifier,
                redirect_uri=self.redirect_uri,
            )
            id_token = answer.get("id_token")
            if not isinstance(id_token, str):
                raise SignInRefused("no-id-token")
            keys = KeySet.import_key_set(_json(session.get(provider.jwks_uri, withhold_token=True)))
            proof = read_id_token(
                _verified(id_token, keys),
                issuer=self.issuer,
                client_id=self.client_id,
                nonce=tied.nonce,
                now=now,
            )
            bearer = {"Authorization": f"Bearer {answer['access_token']}", "Accept": "application/jwt"}
            told = session.get(provider.userinfo_endpoint, headers=bearer, withhold_token=True)
            person = read_userinfo(
                _verified(_signed_text(told), keys),
                issuer=self.issuer,
                client_id=self.client_id,
                sub=proof.sub,
                now=now,
            )
        # The access and refresh tokens end here: nothing else is ever asked in the person's name.
        return Identity(self.issuer, proof, person, id_token)

    def farewell_url(self, id_token: str, state: str) -> str:
        """Where the person closes their session of ProConnect, to come back to us after. Raises ProConnectAway."""
        with self._exchange() as session:
            end = self._provider(session).end_session_endpoint
        words = {"id_token_hint": id_token, "state": state, "post_logout_redirect_uri": self.farewell_uri}
        return f"{end}?{urlencode(words)}"

    def _provider(self, session: OAuth2Session) -> Provider:
        address = f"{self.issuer}/.well-known/openid-configuration"
        return read_provider(_json(session.get(address, withhold_token=True)), self.issuer)

    @contextmanager
    def _exchange(self) -> Iterator[OAuth2Session]:
        """A session whose failures, of whatever library, become one refusal in French."""
        with OAuth2Session(
            self.client_id,
            self.client_secret,
            scope=SCOPE,
            redirect_uri=self.redirect_uri,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - the name of a method
            code_challenge_method="S256",
        ) as session:
            session.max_redirects = 0
            for scheme in ("https://", "http://"):
                session.mount(scheme, BoundedAdapter(self.timeout))
            try:
                yield session
            except JoseError as error:
                log.warning("ProConnect: a token does not verify: %s", error)
                raise SignInRefused("signature") from error
            except OAuthError as error:
                log.warning("ProConnect refused a code: %s", error.error)
                raise SignInRefused("code") from error
            except NONSENSE as error:
                log.warning("ProConnect is away: %s", type(error).__name__)
                raise ProConnectAway from error


class BoundedAdapter(HTTPAdapter):
    """Bounds the time of all that is sent through it together, and the size of each answer: `requests` bounds
    only the wait for the next byte, and a byte a second would hold a person, and a thread, for hours.
    """

    def __init__(self, limit: timedelta) -> None:
        super().__init__()
        self._limit = limit.total_seconds()
        self._until = time.monotonic() + self._limit

    def send(self, request: PreparedRequest, *_: Any, **options: Any) -> Response:
        """The answer, read whole. Raises RequestException."""
        patience = min(self._left(), self._limit * LONGEST_SILENCE)
        response = super().send(request, **options | {"stream": True, "timeout": patience})
        body = bytearray()
        try:
            if int(response.headers.get("Content-Length", 0)) > MAX_ANSWER_BYTES:
                raise RequestException("the answer is too long")
            # A byte at a time: a longer read would wait for its last byte, however late.
            for byte in response.iter_content(1):
                body += byte
                self._left()
                if len(body) > MAX_ANSWER_BYTES:
                    raise RequestException("the answer is too long")
        finally:
            response.close()
        response._content = bytes(body)
        return response

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise Timeout("the whole exchange took too long")
        return left


def _json(response: Response) -> Any:
    response.raise_for_status()
    if response.status_code != 200:
        raise ValueError(f"HTTP {response.status_code}")
    answer = response.json()
    if not isinstance(answer, dict):
        raise ValueError("not a JSON object")
    return answer


def _signed_text(response: Response) -> str:
    """The userinfo as ProConnect gives it: a signed token, and never plain JSON that anything could have written."""
    response.raise_for_status()
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if response.status_code != 200 or kind != "application/jwt":
        raise SignInRefused("userinfo-type")
    return response.text


def _verified(token: str, keys: KeySet) -> Mapping[str, Any]:
    """The claims of a token signed by one of `keys` with the one algorithm that we accept. Raises JoseError."""
    return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
