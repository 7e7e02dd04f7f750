"""Several web processes and workers on one database, that can be killed, and a mail server that counts.

The workers live sixty times faster than the wall: a slot of thirty seconds lasts half a second, a claim of ten
minutes ten seconds. What they run is the real thing (`app/worker`), only their clock is another.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 30
SPEED = 60
SECRET = "for the fleet only, forty characters or so"


class PostOffice:
    """A real SMTP server on loopback. `slow` is how long it takes over each mail, in seconds."""

    def __init__(self, slow: float = 0.0) -> None:
        self.slow = slow
        self.received: Counter[str] = Counter()
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        if self.slow:
            await asyncio.sleep(self.slow)
        content = envelope.content or b""
        text = content.decode() if isinstance(content, bytes) else content
        head = text.partition("\r\n\r\n")[0]
        (identity,) = [
            line.split(":", 1)[1].strip() for line in head.splitlines() if line.startswith("Message-ID:")
        ]
        self.received[identity] += 1
        return "250 taken"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


@dataclass
class Fleet:
    """`webs` web processes and `workers` workers on `database_url`; all killed at the end of the block."""

    database_url: str
    smtp_url: str
    webs: int
    workers: int
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    ports: list[int] = field(default_factory=list)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.ports = [free_port() for _ in range(self.webs)]
        try:
            for number in range(self.webs):
                self.start(f"web-{number}")
            for number in range(self.workers):
                self.start(f"worker-{number}")
            self.wait_until_served()
        except BaseException:
            self._stop()
            raise
        return self

    def wait_until_served(self) -> None:
        for port in self.ports:
            wait_for(partial(listens, port), "a web process")

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        for name in self.processes:
            self.kill(name)

    def start(self, name: str) -> None:
        kind, _, number = name.partition("-")
        if kind == "web":
            command = [
                sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
                "--port", str(self.ports[int(number)]), "--workers", "1", "--blocking-threads", "4",
                "--log-level", "error", "wsgi:app",
            ]  # fmt: skip
        else:
            command = [sys.executable, "-m", "benchmarks.fast_worker", str(SPEED), self.since.isoformat()]
        self.processes[name] = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **self._settings()}, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self, name: str) -> None:
        """As a power cut would: SIGKILL to the process and its children."""
        process = self.processes[name]
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _settings(self) -> Mapping[str, str]:
        return {
            "SECRET_KEY": SECRET,
            "DATABASE_URL": self.database_url,
            "SMTP_URL": self.smtp_url,
            "MAIL_FROM": "desk@desk.test",
            "PUBLIC_URL": "http://desk.test",
            "DEMO": "1",
        }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def wait_for(come: Callable[[], bool], what: str, seconds: float = START_TIMEOUT_S) -> None:
    """Raises TimeoutError when `come()` is still false after so many seconds."""
    deadline = time.monotonic() + seconds
    while not come():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)
