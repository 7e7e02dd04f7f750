"""`flask backup …`, tried on both databases: taken while someone writes, read back, restored elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask_migrate import stamp
from sqlalchemy import create_engine, text

from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.infra import search
from app.infra.engines import database_url
from app.kernel.clock import FrozenClock
from tests.conftest import START
from tests.factories import make_world, transmitted
from tests.servers import another_database, client_tools, postgresql_url


@pytest.fixture
def desk(engine_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """A desk of its own, migrated and with a ticket in it, on a database that a restoration may follow."""
    if engine_name == "sqlite":
        url = f"sqlite:///{tmp_path / 'live.db'}"
    else:
        url = another_database(postgresql_url(tmp_path), "live")
        monkeypatch.setenv("PATH", client_tools(), prepend=os.pathsep)
    app = desk_on(url)
    with app.app_context():
        db.create_all()
        with db.engine.begin() as connection:
            search.create(connection)
        stamp()
        transmitted(make_world().here, now=START)
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


_opened: list[Flask] = []


def desk_on(url: str) -> Flask:
    config = Config(secret_key="x" * 40, database_url=database_url(url), testing=True)
    _opened.append(create_app(config, clock=FrozenClock(START)))
    return _opened[-1]


@pytest.fixture(autouse=True)
def _connections_are_closed() -> Iterator[None]:
    yield
    while _opened:
        with _opened.pop().app_context():
            db.engine.dispose()


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["backup", *arguments])


def created(app: Flask, folder: Path, *options: str) -> Path:
    result = run(app, "create", "--to", str(folder), *options)
    assert result.exit_code == 0, result.output
    return Path(result.output.splitlines()[0].split(" (")[0])


@pytest.fixture
def empty_url(engine_name: str, tmp_path: Path, desk: Flask) -> str:
    if engine_name == "sqlite":
        return f"sqlite:///{tmp_path / 'restored.db'}"
    return another_database(postgresql_url(tmp_path), "restored")


def test_what_is_restored_is_what_was_there(desk: Flask, empty_url: str, tmp_path: Path) -> None:
    file = created(desk, tmp_path / "kept")
    assert json.loads(Path(f"{file}.json").read_text())["rows"]["ticket"] == 1
    assert file.stat().st_mode & 0o077 == 0, "others must not read it"

    result = run(desk_on(empty_url), "restore", str(file))

    assert result.exit_code == 0, result.output
    assert "Tout est conforme" in result.output
    engine = create_engine(database_url(empty_url))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM deadline")) == 2
    engine.dispose()


def test_a_backup_is_read_back_whole(desk: Flask, empty_url: str, tmp_path: Path, engine_name: str) -> None:
    file = created(desk, tmp_path / "kept")
    before = file.read_bytes()
    scratch = [] if engine_name == "sqlite" else ["--scratch", empty_url]
    result = run(desk, "verify", str(file), *scratch)
    assert result.exit_code == 0, result.output
    assert "1 sollicitations" in result.output and "Tout est conforme" in result.output
    assert file.read_bytes() == before


def test_one_octet_changed_is_found(desk: Flask, tmp_path: Path) -> None:
    file = created(desk, tmp_path / "kept")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    result = run(desk, "verify", str(file))
    assert result.exit_code == 2
    assert "n’est plus celui qui a été sauvegardé" in result.output


def test_history_changed_before_the_backup_is_found_when_it_is_read_back(
    desk: Flask, empty_url: str, tmp_path: Path, engine_name: str
) -> None:
    with desk.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE event SET actor_id = actor_id + 1 WHERE sequence = 1"))
    file = created(desk, tmp_path / "kept")
    scratch = [] if engine_name == "sqlite" else ["--scratch", empty_url]
    result = run(desk, "verify", str(file), *scratch)
    assert result.exit_code == 2
    assert "empreinte" in result.output and "défaut(s)" in result.output


def test_a_restoration_never_writes_over_anything(desk: Flask, tmp_path: Path) -> None:
    file = created(desk, tmp_path / "kept")
    result = run(desk, "restore", str(file))
    assert result.exit_code == 2
    assert "contient déjà des tables" in result.output


def test_only_the_last_ones_are_kept(desk: Flask, tmp_path: Path) -> None:
    clock: FrozenClock = desk.extensions["clock"]
    files = []
    for _ in range(3):
        files.append(created(desk, tmp_path / "kept", "--keep", "2"))
        clock.advance(timedelta(days=1))
    assert sorted(tmp_path.glob("kept/desk-*")) == sorted(
        path for file in files[1:] for path in (file, Path(f"{file}.json"))
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.sqlite", None, "n’existe pas"),
        ("alone.sqlite", None, "manque à côté"),
        ("odd.sqlite", "[]", "n’est pas celui d’une sauvegarde"),
        ("odd.sqlite", "{", "n’est pas celui d’une sauvegarde"),
    ],
)
def test_what_is_no_backup_is_refused(
    app: Flask, tmp_path: Path, name: str, content: str | None, said: str
) -> None:
    file = tmp_path / name
    if name != "missing.sqlite":
        file.write_bytes(b"x")
    if content is not None:
        Path(f"{file}.json").write_text(content)
    result = run(app, "verify", str(file))
    assert result.exit_code == 2
    assert said in result.output


def test_a_backup_goes_back_to_its_own_kind_of_database(
    desk: Flask, tmp_path: Path, engine_name: str
) -> None:
    if engine_name == "postgresql":
        pytest.skip("one direction says it all")
    file = created(desk, tmp_path / "kept")
    result = run(desk, "verify", str(file), "--scratch", postgresql_url(tmp_path))
    assert result.exit_code == 2
    assert "vient de sqlite" in result.output
