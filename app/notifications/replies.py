"""The address that answers to a mail go to: it says, to the desk alone, who was written to about what.

The token is deterministic authenticated encryption after RFC 5297 (SIV), with HMAC-SHA-256 as the pseudo-random
function: neither the account nor the subject can be read from it, nor be changed. It is written in lower-case
base 32, since mail servers do not always keep the case of an address.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Iterable
from dataclasses import dataclass

_NUMBER_BYTES = 5
_SEAL_BYTES = 10
_TOKEN = re.compile(r"[a-z2-7]{32}")


@dataclass(frozen=True)
class Addressed:
    """Whom a mail was sent to, and about which subject of the journal."""

    account_id: int
    subject_id: int


@dataclass(frozen=True)
class ReplyAddresses:
    """`address` is a mailbox of the desk whose server delivers `local+anything@domain` to it (RFC 5233)."""

    address: str
    secret_key: str

    def address_for(self, addressed: Addressed) -> str:
        """« desk+TOKEN@desk.example »."""
        local, _, domain = self.address.partition("@")
        return f"{local}+{self._token(addressed)}@{domain}"

    def find(self, recipients: Iterable[str]) -> Addressed | None:
        """What the first of these addresses that bears a token of ours says; None without one."""
        local, _, domain = self.address.lower().partition("@")
        for recipient in recipients:
            name, _, host = recipient.strip().lower().partition("@")
            base, _, token = name.partition("+")
            if base == local and host == domain and _TOKEN.fullmatch(token):
                addressed = self._read(token)
                if addressed is not None:
                    return addressed
        return None

    def _token(self, addressed: Addressed) -> str:
        plain = addressed.account_id.to_bytes(_NUMBER_BYTES) + addressed.subject_id.to_bytes(_NUMBER_BYTES)
        seal = self._mac(b"seal", plain)
        return b32encode(seal + _xor(plain, self._mac(b"mask", seal))).decode().lower()

    def _read(self, token: str) -> Addressed | None:
        whole = b32decode(token.upper())
        seal, hidden = whole[:_SEAL_BYTES], whole[_SEAL_BYTES:]
        plain = _xor(hidden, self._mac(b"mask", seal))
        if not hmac.compare_digest(seal, self._mac(b"seal", plain)):
            return None
        account_id, subject_id = plain[:_NUMBER_BYTES], plain[_NUMBER_BYTES:]
        return Addressed(int.from_bytes(account_id), int.from_bytes(subject_id))

    def _mac(self, purpose: bytes, message: bytes) -> bytes:
        key = hmac.digest(self.secret_key.encode(), b"mail reply " + purpose, hashlib.sha256)
        return hmac.digest(key, message, hashlib.sha256)[:_SEAL_BYTES]


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
