"""Settings, read once from the environment. A missing or wrong one stops the start, by name."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from app.infra.engines import database_url
from app.infra.imap import imap_address

ROOT = Path(__file__).resolve().parent.parent
MIN_SECRET_LENGTH = 32
LONGEST_REPLY_LOCAL = 31  # with « + » and a token of 32 characters: the 64 that RFC 5321 allows
_PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:-]+(/[A-Za-z0-9._~-]+)*")


class SettingError(Exception):
    """A setting is missing or wrong; the message names it."""


@dataclass(frozen=True)
class Config:
    """Every setting of the application. README.md documents each one, and a test holds it to that."""

    secret_key: str
    database_url: str
    public_url: str = "http://127.0.0.1:8000"
    secure_cookies: bool = True
    session_idle: timedelta = timedelta(hours=5)
    session_absolute: timedelta = timedelta(hours=12)
    proof_kept: timedelta = timedelta(minutes=15)
    second_factor: bool = False
    trusted_proxies: int = 0
    smtp_url: str = ""
    mail_from: str = ""
    imap_url: str = ""
    mail_reply_to: str = ""
    mail_authserv_id: str = ""
    mail_partner: str = ""
    operator_name: str = ""
    operator_contact: str = ""
    host_name: str = ""
    dpo_contact: str = ""
    metrics_token: str = ""
    proconnect_issuer: str = ""
    proconnect_client_id: str = ""
    proconnect_client_secret: str = ""
    proconnect_timeout: timedelta = timedelta(seconds=4)
    demo: bool = False
    gallery: bool = False
    testing: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Config:
        """The settings of the process. Raises SettingError."""
        env = _Reader(environ)
        demo = env.flag("DEMO", default=False)
        # With a mailbox, the worker signs the addresses that answers go to: all processes hold the same key.
        signs_nothing = environ.get("FLASK_RUN_FROM_CLI") == "true" and not env.text("IMAP_URL", "")
        return cls(
            secret_key=env.secret("SECRET_KEY", spare=signs_nothing),
            database_url=database_url(env.text("DATABASE_URL", f"sqlite:///{ROOT / 'var' / 'desk.db'}")),
            public_url=env.text("PUBLIC_URL", cls.public_url).rstrip("/"),
            secure_cookies=env.flag("SECURE_COOKIES", default=not demo),
            session_idle=env.hours("SESSION_IDLE_HOURS", cls.session_idle),
            session_absolute=env.hours("SESSION_ABSOLUTE_HOURS", cls.session_absolute),
            proof_kept=env.minutes("PROOF_MINUTES", cls.proof_kept),
            second_factor=env.flag("SECOND_FACTOR", default=not demo),
            trusted_proxies=env.count("TRUSTED_PROXIES"),
            smtp_url=env.text("SMTP_URL", ""),
            mail_from=env.text("MAIL_FROM", ""),
            imap_url=env.mailbox("IMAP_URL"),
            mail_reply_to=env.reply_address("MAIL_REPLY_TO"),
            mail_authserv_id=env.text("MAIL_AUTHSERV_ID", ""),
            mail_partner=env.text("MAIL_PARTNER", ""),
            operator_name=env.text("OPERATOR_NAME", ""),
            operator_contact=env.text("OPERATOR_CONTACT", ""),
            host_name=env.text("HOST_NAME", ""),
            dpo_contact=env.text("DPO_CONTACT", ""),
            metrics_token=env.optional_secret("METRICS_TOKEN"),
            proconnect_issuer=env.issuer("PROCONNECT_ISSUER"),
            proconnect_client_id=env.with_issuer("PROCONNECT_CLIENT_ID"),
            proconnect_client_secret=env.with_issuer("PROCONNECT_CLIENT_SECRET"),
            proconnect_timeout=env.seconds("PROCONNECT_TIMEOUT_SECONDS", cls.proconnect_timeout),
            demo=demo,
            gallery=env.flag("GALLERY", default=False),
        )


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def text(self, name: str, default: str) -> str:
        return self.environ.get(name, "").strip() or default

    def secret(self, name: str, *, spare: bool) -> str:
        """A secret that serving needs. A command signs nothing: it may do with a `spare` one of its own."""
        value = self.text(name, secrets.token_urlsafe(MIN_SECRET_LENGTH) if spare else "")
        if len(value) < MIN_SECRET_LENGTH:
            raise SettingError(
                f"{name} : au moins {MIN_SECRET_LENGTH} caractères aléatoires sont nécessaires."
            )
        return value

    def optional_secret(self, name: str) -> str:
        """A secret that turns a part on; too short, it would be guessed."""
        value = self.text(name, "")
        if value and len(value) < MIN_SECRET_LENGTH:
            raise SettingError(f"{name} : au moins {MIN_SECRET_LENGTH} caractères aléatoires sont attendus.")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name, "1" if default else "0").lower()
        if value not in {"0", "1"}:
            raise SettingError(f"{name} : 0 ou 1 attendu, « {value} » reçu.")
        return value == "1"

    def count(self, name: str) -> int:
        value = self.text(name, "0")
        if not value.isdecimal():
            raise SettingError(f"{name} : un nombre entier est attendu, « {value} » reçu.")
        return int(value)

    def minutes(self, name: str, default: timedelta) -> timedelta:
        value = self.text(name, "")
        if not value:
            return default
        if not value.isdecimal() or len(value) > 4 or not 1 <= int(value) <= 12 * 60:
            raise SettingError(
                f"{name}\u00a0: de 1 à 720 minutes sont attendues, «\u00a0{value}\u00a0» reçu."
            )
        return timedelta(minutes=int(value))

    def hours(self, name: str, default: timedelta) -> timedelta:
        value = self.text(name, "")
        if not value:
            return default
        try:
            limit = timedelta(hours=float(value.replace(",", ".")))
        except (ValueError, OverflowError):
            raise SettingError(f"{name} : un nombre d’heures est attendu, « {value} » reçu.") from None
        if not timedelta() < limit <= timedelta(hours=24):
            raise SettingError(f"{name} : entre 0 et 24 heures, « {value} » reçu.")
        return limit

    def mailbox(self, name: str) -> str:
        """The mailbox to read. Empty: none is."""
        value = self.text(name, "")
        try:
            if value:
                imap_address(value)
        except ValueError as error:
            raise SettingError(f"{name}\u00a0: {error}") from None
        return value

    def reply_address(self, name: str) -> str:
        """Where answers go: the sender's own address unless said otherwise; needed to read a mailbox."""
        value = parseaddr(self.text(name, "") or self.text("MAIL_FROM", ""))[1].lower()
        local, _, domain = value.partition("@")
        if self.text("IMAP_URL", "") and not (domain and 0 < len(local) <= LONGEST_REPLY_LOCAL):
            raise SettingError(
                f"{name}\u00a0: une adresse dont la partie locale compte {LONGEST_REPLY_LOCAL} caractères au plus est "
                "attendue, puisque IMAP_URL est réglé."
            )
        return value

    def issuer(self, name: str) -> str:
        """The address of an OpenID provider: HTTPS, or this machine for tests. Empty: there is none."""
        value = self.text(name, "")
        try:
            parts = urlsplit(value)
            is_here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}
            is_address = (is_here or parts.scheme == "https") and parts.hostname and parts.port != 0
        except ValueError:
            is_address = False
        # The issuer is compared to the letter, and enters a header of every page.
        if value and (not is_address or not _PLAIN_ADDRESS.fullmatch(value)):
            raise SettingError(
                f"{name}\u00a0: une adresse https sans barre finale est attendue, «\u00a0{value}\u00a0» reçu."
            )
        return value

    def with_issuer(self, name: str) -> str:
        """What must be given when ProConnect is used."""
        value = self.text(name, "")
        if self.text("PROCONNECT_ISSUER", "") and not value:
            raise SettingError(f"{name}\u00a0: nécessaire dès que PROCONNECT_ISSUER est donné.")
        return value

    def seconds(self, name: str, default: timedelta) -> timedelta:
        value = self.text(name, "")
        if not value:
            return default
        if not value.isdecimal() or len(value) > 2 or int(value) < 1:
            raise SettingError(
                f"{name}\u00a0: de 1 à 99 secondes sont attendues, «\u00a0{value}\u00a0» reçu."
            )
        return timedelta(seconds=int(value))
