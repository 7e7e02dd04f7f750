from __future__ import annotations

from datetime import timedelta

import pytest

from app.config import Config, SettingError

ISSUER = "https://federation.exemple.test/api/v2"
GIVEN = {
    "SECRET_KEY": "for the tests only, forty characters or so",
    "PROCONNECT_ISSUER": ISSUER,
    "PROCONNECT_CLIENT_ID": "desk",
    "PROCONNECT_CLIENT_SECRET": "a secret",
}


def test_it_is_off_unless_an_issuer_is_given() -> None:
    assert Config.from_env({"SECRET_KEY": GIVEN["SECRET_KEY"]}).proconnect_issuer == ""
    read = Config.from_env(GIVEN)
    assert (read.proconnect_issuer, read.proconnect_client_id) == (ISSUER, "desk")
    assert read.proconnect_timeout == timedelta(seconds=4)
    here = Config.from_env(GIVEN | {"PROCONNECT_ISSUER": "http://127.0.0.1:8300/api/v2"})
    assert here.proconnect_issuer == "http://127.0.0.1:8300/api/v2"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROCONNECT_ISSUER", "http://federation.exemple.test/api/v2"),
        ("PROCONNECT_ISSUER", f"{ISSUER}/"),
        ("PROCONNECT_ISSUER", "https:///api/v2"),
        ("PROCONNECT_ISSUER", "https://a.example;script-src *"),
        ("PROCONNECT_ISSUER", "https://user:secret@federation.exemple.test"),
        ("PROCONNECT_ISSUER", "https://federation.exemple.test:port"),
        ("PROCONNECT_ISSUER", "federation.exemple.test"),
        ("PROCONNECT_CLIENT_ID", ""),
        ("PROCONNECT_CLIENT_SECRET", " "),
        ("PROCONNECT_TIMEOUT_SECONDS", "0"),
        ("PROCONNECT_TIMEOUT_SECONDS", "4.5"),
        ("PROCONNECT_TIMEOUT_SECONDS", "120"),
    ],
)
def test_a_wrong_setting_is_named_at_start(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        Config.from_env(GIVEN | {name: value})
