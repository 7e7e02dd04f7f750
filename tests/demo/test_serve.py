"""`make demo`: starts from nothing, resumes, says clearly why it cannot, and stops cleanly."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from app.config import ROOT
from app.demo import serve
from app.demo.serve import Site, check_port_is_free, make_ready, welcome
from app.demo.world import PASSWORD
from app.infra.console import BadInput


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def site(folder: Path, port: int = 8000) -> Site:
    return Site.from_env({"DEMO_DIR": str(folder), "PORT": str(port)})


def test_the_folder_and_the_port_come_from_the_environment(tmp_path: Path) -> None:
    here = site(tmp_path, 8123)
    assert (here.folder, here.url) == (tmp_path, "http://127.0.0.1:8123")
    assert Site.from_env({}).port == 8000


@pytest.mark.parametrize("port", ["0", "70000", "huit mille", "-1"])
def test_a_wrong_port_is_refused_by_name(port: str) -> None:
    with pytest.raises(BadInput, match="PORT"):
        Site.from_env({"PORT": port})


def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(BadInput, match="déjà pris"):
            check_port_is_free(other.getsockname()[1])


def test_the_key_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    here = site(tmp_path)
    first = here.settings(here.database, {})["SECRET_KEY"]
    assert len(first) >= 32
    assert here.settings(here.database, {})["SECRET_KEY"] == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_no_mail_leaves_a_demonstration(tmp_path: Path) -> None:
    settings = site(tmp_path).settings(tmp_path / "demo.db", {"SMTP_URL": "smtp://relay.example:25"})
    assert settings["SMTP_URL"] == ""
    assert settings["DEMO"] == "1"


def test_an_interrupted_loading_starts_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = site(tmp_path)
    (tmp_path / "loading.db").write_text("half of a database")
    (tmp_path / "loading.db-wal").write_text("and of its log")
    ran: list[tuple[str, ...]] = []

    def run(_site: Site, database: Path, *command: str) -> None:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"CREATE TABLE step_{len(ran)} (id)")
            connection.commit()
        ran.append(command)

    monkeypatch.setattr(serve, "_flask", run)
    make_ready(here)
    assert ran == [("db", "upgrade"), ("demo",), ("db", "upgrade")]
    assert here.database.exists()
    assert not list(tmp_path.glob("loading.db*"))
    ran.clear()
    with closing(sqlite3.connect(here.database)) as connection:
        connection.execute("DROP TABLE step_0")
    make_ready(here)
    assert ran == [("db", "upgrade")]


def test_a_loading_that_fails_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(BadInput, match="db upgrade"):
        make_ready(site(tmp_path))
    assert not (tmp_path / "demo.db").exists()


def test_the_welcome_says_where_and_as_whom(tmp_path: Path) -> None:
    words = welcome(site(tmp_path, 8123))
    assert "http://127.0.0.1:8123" in words
    assert PASSWORD in words
    assert "correspondant@nord-demo.example" in words
    assert "correspondant@jalle-demo.example" in words


def test_it_serves_and_stops_cleanly(tmp_path: Path) -> None:
    """The real thing, on a database without data: loading is another test's."""
    port = free_port()
    (tmp_path / "demo.db").touch()
    environ = {**os.environ, "DEMO_DIR": str(tmp_path), "PORT": str(port)}
    with subprocess.Popen(
        [sys.executable, "-m", "app.demo.serve"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert _answers(f"http://127.0.0.1:{port}/connexion", process) == 200
            with pytest.raises(BadInput, match="déjà ouverte"), serve._alone(tmp_path):
                pass
            assert process.stdout is not None
            assert any(f"http://127.0.0.1:{port}" in line for line in process.stdout), "the address is said"
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    check_port_is_free(port)


def _answers(url: str, process: subprocess.Popen[str]) -> int:
    for _ in range(300):
        assert process.poll() is None, process.communicate()
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                status: int = response.status
                return status
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server never answered")
