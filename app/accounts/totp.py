"""Codes of an authenticator application (RFC 6238): six digits, a new one every 30 seconds."""

from __future__ import annotations

from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

ISSUER = "Correspondant SI"
DIGITS = 6
# A code of the step before or after is accepted too: clocks differ, and people type slowly (RFC 6238, 5.2).
WINDOW = 1


def new_secret() -> str:
    """160 random bits in base 32, as authenticator applications take them."""
    return pyotp.random_base32()


def address_of(secret: str, account: str) -> str:
    """The `otpauth://` address that the QR code holds; `account` is what the application will show."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def in_groups(secret: str) -> str:
    """The secret in groups of four, to be typed."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def digits_of(typed: str) -> str:
    """What was typed without its spaces, when it looks like a code; else empty."""
    code = "".join(typed.split())
    return code if len(code) == DIGITS and code.isascii() and code.isdecimal() else ""


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """The 30-second step whose code was typed, among the present one and its neighbours; None for a wrong code.

    A step counts from 1970: remembering the last one accepted refuses a code that was used already.
    """
    code = digits_of(typed)
    if not code:
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=WINDOW)
    except OTPVerificationError:
        return None
