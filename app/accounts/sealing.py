"""Secrets at rest: encrypted, or digested, under keys derived from `SECRET_KEY`, one for each purpose.

Whoever copies the database alone reads none of them. When `SECRET_KEY` is replaced they cannot be read any
more: second factors are then set up again (`flask accounts rescue --second-factor`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Unreadable(Exception):
    """What was sealed was changed, or sealed under another key."""


def seal(content: bytes, *, secret_key: str, purpose: str) -> str:
    """`content` encrypted and authenticated, as ASCII text."""
    return _fernet(secret_key, purpose).encrypt(content).decode("ascii")


def unseal(sealed: str, *, secret_key: str, purpose: str) -> bytes:
    """What `seal` was given. Raises Unreadable."""
    try:
        return _fernet(secret_key, purpose).decrypt(sealed.encode("ascii", "replace"))
    except InvalidToken:
        raise Unreadable from None


def keyed_digest(text: str, *, secret_key: str, purpose: str) -> str:
    """A digest that nobody can search by trial without `SECRET_KEY`, as 64 hexadecimal digits."""
    return hmac.new(_key(secret_key, purpose), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _fernet(secret_key: str, purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key(secret_key, purpose)))


def _key(secret_key: str, purpose: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"correspondant-si {purpose}".encode())
    return derivation.derive(secret_key.encode())
