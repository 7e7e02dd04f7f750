"""What must be true of the words of an OpenID provider, once their signature is verified (OpenID Connect Core
1.0, §3.1.3.7 and §5.3.4; RFC 9207). Nothing is repaired: a claim that is missing or strange refuses the sign-in.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from app.accounts.assurance import ACCEPTED_ACR
from app.kernel.errors import InvalidInput, NotAllowed
from app.kernel.siret import parse_siret

LEEWAY = timedelta(seconds=10)
SUB_LENGTH = 255
NAME_LENGTH = 120
EMAIL_LENGTH = 254
NAMELESS = "Agent sans nom"
_EMAIL = re.compile(r"[^@\s\"<>,;]+@[^@\s\"<>,;]+\.[^@\s\"<>,;]+")
_ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "end_session_endpoint",
)

Claims = Mapping[str, Any]


class SignInRefused(NotAllowed):
    """ProConnect's answer does not open anything. `reason` is the word of it in the technical journal."""

    default_message = (
        "La réponse de ProConnect n’a pas pu être vérifiée. Recommencez depuis la page de connexion."
    )

    def __init__(self, reason: str, message: str | None = None) -> None:
        self.reason = reason
        super().__init__(message)


TOO_WEAK = (
    "Votre connexion par ProConnect s’est faite sans second facteur (code, clé ou application). "
    "Activez-le auprès de votre fournisseur d’identité, puis recommencez."
)
NO_SIRET = (
    "ProConnect ne dit pas pour quelle structure vous travaillez\u00a0: son numéro SIRET est absent ou incorrect. "
    "Faites-le corriger auprès de votre fournisseur d’identité, puis recommencez."
)


@dataclass(frozen=True)
class Provider:
    """Where the provider answers. `names_itself`: it promises to add its issuer to the callback (RFC 9207)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    names_itself: bool


@dataclass(frozen=True)
class Proof:
    """What an id_token proves: who, how surely, and since when if it says so."""

    sub: str
    acr: str
    auth_time: datetime | None


@dataclass(frozen=True)
class Person:
    """What userinfo tells of the same person. Only `siret` is relied upon, to find the partner; no right follows.

    `email` is None when it does not look like one.
    """

    siret: str
    email: str | None
    name: str
    organization: str


def read_provider(metadata: Claims, issuer: str) -> Provider:
    """The provider that its discovery document describes. Raises ValueError when it is not `issuer`, or sends
    people or secrets to another host.
    """
    if metadata.get("issuer") != issuer:
        raise ValueError("the discovery document is about another issuer")
    home = urlsplit(issuer)
    places = {name: metadata.get(name) for name in _ENDPOINTS}
    for name, place in places.items():
        if not isinstance(place, str) or urlsplit(place)[:2] != home[:2]:
            raise ValueError(f"{name} is missing or elsewhere")
    return Provider(
        issuer=issuer,
        names_itself=metadata.get("authorization_response_iss_parameter_supported") is True,
        **{name: str(place) for name, place in places.items()},
    )


def check_callback_issuer(provider: Provider, iss: str | None) -> None:
    """Raise SignInRefused when the callback names another provider, or none though ours always does."""
    if iss != provider.issuer and (iss is not None or provider.names_itself):
        raise SignInRefused("callback-iss")


def read_id_token(claims: Claims, *, issuer: str, client_id: str, nonce: str, now: datetime) -> Proof:
    """The proof in the claims of a verified id_token. Raises SignInRefused."""
    _check_origin(claims, issuer=issuer, client_id=client_id)
    _check_times(claims, now=now)
    found = claims.get("nonce")
    if not isinstance(found, str) or not hmac.compare_digest(found.encode(), nonce.encode()):
        raise SignInRefused("nonce")
    acr = claims.get("acr")
    if acr not in ACCEPTED_ACR:
        raise SignInRefused("acr", TOO_WEAK)
    auth_time = claims.get("auth_time")
    return Proof(
        sub=_sub(claims),
        acr=str(acr),
        auth_time=None if auth_time is None else _instant(auth_time, "auth-time"),
    )


def read_userinfo(claims: Claims, *, issuer: str, client_id: str, sub: str, now: datetime) -> Person:
    """The person in the claims of a verified userinfo, who must be `sub`. Raises SignInRefused.

    Whatever else it holds (`roles`, `custom`, …) is left there.
    """
    _check_origin(claims, issuer=issuer, client_id=client_id)
    _check_times(claims, now=now)
    if _sub(claims) != sub:
        raise SignInRefused("userinfo-sub")
    siret = claims.get("siret")
    try:
        digits = parse_siret(siret if isinstance(siret, str) else "")
    except InvalidInput:
        raise SignInRefused("siret", NO_SIRET) from None
    name = " ".join(filter(None, (_line(claims.get("given_name")), _line(claims.get("usual_name")))))
    return Person(
        siret=digits,
        email=_email(claims.get("email")),
        name=name[:NAME_LENGTH] or NAMELESS,
        organization=_line(claims.get("organization_label"))[:NAME_LENGTH],
    )


def proven_at(proof: Proof, now: datetime) -> datetime:
    """When the second factor was shown: not today's click when the provider had remembered the person."""
    return min(now, proof.auth_time or now)


def _check_origin(claims: Claims, *, issuer: str, client_id: str) -> None:
    if claims.get("iss") != issuer:
        raise SignInRefused("iss")
    audience = claims.get("aud")
    # A token for us and for others could be replayed by one of them.
    if audience not in (client_id, [client_id]):
        raise SignInRefused("aud")
    if claims.get("azp", client_id) != client_id:
        raise SignInRefused("azp")


def _check_times(claims: Claims, *, now: datetime) -> None:
    if now >= _instant(claims.get("exp"), "exp") + LEEWAY:
        raise SignInRefused("exp")
    if _instant(claims.get("iat"), "iat") > now + LEEWAY:
        raise SignInRefused("iat")
    if "nbf" in claims and _instant(claims["nbf"], "nbf") > now + LEEWAY:
        raise SignInRefused("nbf")


def _instant(value: object, reason: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SignInRefused(reason)
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        raise SignInRefused(reason) from None


def _sub(claims: Claims) -> str:
    sub = claims.get("sub")
    if not isinstance(sub, str) or not sub.strip() or len(sub) > SUB_LENGTH or not sub.isprintable():
        raise SignInRefused("sub")
    return sub


def _line(value: object) -> str:
    """One line of what may be a text: pages escape it, nothing else is done to it."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in value).split())[
        :NAME_LENGTH
    ]


def _email(value: object) -> str | None:
    text = value.strip().lower() if isinstance(value, str) else ""
    accepted = len(text) <= EMAIL_LENGTH and text.isprintable() and _EMAIL.fullmatch(text)
    return text if accepted else None
