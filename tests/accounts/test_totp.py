from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from app.accounts.totp import address_of, digits_of, in_groups, new_secret, step_of

# RFC 6238, appendix B: the SHA-1 secret and its code at 59 seconds, of which six digits are the last.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
AT_59 = datetime(1970, 1, 1, 0, 0, 59, tzinfo=UTC)


def test_the_standard_own_example() -> None:
    assert step_of(RFC_SECRET, "287082", AT_59) == 1


@pytest.mark.parametrize(
    ("late", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_a_code_is_good_one_step_around(late: int, accepted: bool) -> None:
    now = datetime(2026, 3, 10, 8, 0, 10, tzinfo=UTC)
    secret = new_secret()
    code = pyotp.TOTP(secret).at(now - timedelta(seconds=late))
    assert (step_of(secret, code, now) is not None) is accepted


@pytest.mark.parametrize(
    ("typed", "code"),
    [("287082", "287082"), (" 287 082 ", "287082"), ("28708", ""), ("2870821", ""), ("28708a", ""), ("٢٨٧٠٨٢", ""), ("", "")],
)  # fmt: skip
def test_what_looks_like_a_code(typed: str, code: str) -> None:
    assert digits_of(typed) == code
    assert (step_of(RFC_SECRET, typed, AT_59) is not None) is bool(code)


def test_a_secret_is_given_to_scan_and_to_type() -> None:
    secret = new_secret()
    assert len(secret) == 32
    assert new_secret() != secret
    assert in_groups(secret).replace(" ", "") == secret
    address = address_of(secret, "agent@exemple.test")
    assert address.startswith("otpauth://totp/Correspondant%20SI:agent%40exemple.test?")
    assert f"secret={secret}" in address
