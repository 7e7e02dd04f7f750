"""No form of another site acts here, nothing leads to another site, and every answer says so to the browser."""

from __future__ import annotations

import ast
import re

import pytest
from flask import Flask
from sqlalchemy import Table, func, select

from app.accounts.policy import Role
from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.kernel.clock import FrozenClock
from app.web.htmx import redirect_to
from tests.factories import World, log_in
from tests.house.access_table import rows
from tests.house.source import ROOT, modules, tree
from tests.house.tickets_to_walk import tickets_to_walk

PUBLIC_BODIES = {
    "email": "user.pas-de-calais@exemple.test",
    "password": "tilleul-quai-nuage-42",
    "code": "123456",
}
# What a visit leaves behind, whether or not anything is done: a session seen, a refusal told to the journal.
TRACES = {"login_session", "trace"}


def contents() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but those that a mere visit writes."""
    with db.engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(*_plain(table)))), key=repr)
            for table in db.metadata.sorted_tables
            if table.name not in TRACES
        }


def _plain(table: Table) -> list[object]:
    """The columns, files by their length only."""
    return [
        func.length(column) if "BLOB" in str(column.type) or "BYTEA" in str(column.type) else column
        for column in table.columns
    ]


def test_no_change_without_the_token_of_a_form(app: Flask, world: World, clock: FrozenClock) -> None:
    with app.app_context():
        things = tickets_to_walk(world.here, now=clock.now())
        before = contents()
    client = log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])
    addresses = [_filled(address, things) for method, address, _ in rows() if method == "POST"]
    accepted = [
        address for address in addresses if client.post(address, data=PUBLIC_BODIES).status_code != 400
    ]
    assert not accepted, f"these take a form without its token: {accepted}"
    with app.app_context():
        assert contents() == before


def test_no_public_change_without_the_token_of_a_form(app: Flask, world: World) -> None:
    """The login too: else another site signs somebody in as somebody else."""
    with app.app_context():
        before = contents()
    client = app.test_client()
    for method, address, let_in in rows():
        if method == "POST" and let_in is None:
            answer = client.post(address, data=PUBLIC_BODIES)
            assert answer.status_code == 400, f"{address} takes a form without its token"
            forged = client.post(address, data={**PUBLIC_BODIES, "csrf_token": "forged"})
            assert forged.status_code == 400, f"{address} takes a forged token"
    with app.app_context():
        assert contents() == before


def test_the_token_of_somebody_opens_nothing_to_somebody_else(app: Flask, world: World) -> None:
    token = _token(app, world, Role.ADMINISTRATOR)
    victim = log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])
    assert victim.post("/session", data={"csrf_token": token}).status_code == 400


def test_every_change_is_a_post(app: Flask) -> None:
    methods = {method for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    assert methods <= {"GET", "HEAD", "OPTIONS", "POST"}


def test_no_view_is_exempt(app: Flask) -> None:
    assert app.extensions["csrf"]._exempt_views == set()
    assert app.extensions["csrf"]._exempt_blueprints == set()


# --- Redirections ----------------------------------------------------------------------------------------


def test_redirections_have_one_door() -> None:
    """`redirect_to` refuses what leads elsewhere: nobody goes round it."""
    faults = []
    for module in modules():
        for node in ast.walk(tree(module)):
            named = isinstance(node, ast.Name) and node.id in {"redirect", "make_htmx_response"}
            # A header that moves a browser, written by hand.
            by_hand = isinstance(node, ast.Constant) and node.value in {
                "Location",
                "HX-Redirect",
                "HX-Location",
            }
            if (named or by_hand) and module.name != "app.web.htmx":
                faults.append(f"{module.where}:{node.lineno} redirects by itself: use redirect_to")
    assert not faults, "\n".join(faults)


def test_only_the_identity_provider_is_another_site() -> None:
    others = [
        (module.where, ast.unparse(keyword.value))
        for module in modules()
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "redirect_to"
        for keyword in node.keywords
        if keyword.arg == "also"
    ]
    assert others
    assert {what for _, what in others} == {"settings().proconnect_issuer"}


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_what_leads_elsewhere_leads_home(app: Flask, url: str) -> None:
    with app.test_request_context():
        assert redirect_to(url).headers["Location"] == "/"
    with app.test_request_context(headers={"HX-Request": "true"}):
        assert redirect_to(url).headers["HX-Redirect"] == "/"


# --- Headers and cookies ---------------------------------------------------------------------------------


def test_every_answer_carries_the_headers(app: Flask, world: World) -> None:
    """Pages of each role, refusals and errors: none may be framed, sniffed, kept, or run anything of elsewhere."""
    faults = []
    for role in (None, Role.ADMINISTRATOR):
        client = app.test_client()
        if role:
            log_in(app, client, world.here.people[role])
        for method, address, _ in rows():
            if method == "GET" and "{" not in address:
                headers = client.get(address, base_url="https://localhost").headers
                faults += [f"{role} {address}: {fault}" for fault in _missing(headers, address)]
    assert not faults, "\n".join(faults)


def _missing(headers: object, address: str) -> list[str]:
    held = dict(headers)  # type: ignore[call-overload]
    policy = held.get("Content-Security-Policy", "")
    kept = held.get("Cache-Control", "")
    checks = {
        "policy": "default-src 'none'" in policy and "frame-ancestors 'none'" in policy,
        "unsafe policy": "unsafe" not in policy and "*" not in policy and "http:" not in policy,
        "nosniff": held.get("X-Content-Type-Options") == "nosniff",
        "referrer": held.get("Referrer-Policy") == "same-origin",
        "HSTS": "max-age=31536000" in held.get("Strict-Transport-Security", ""),
        "kept by the browser": "no-store" in kept or address.startswith("/static/") or "/flux/" in address,
    }
    return [name for name, holds in checks.items() if not holds]


def test_the_cookie_is_the_servers_and_this_sites(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("cookie")
    served = create_app(
        Config(secret_key="x" * 40, database_url=f"sqlite:///{folder / 'desk.db'}", testing=True)
    )
    with served.app_context():
        db.create_all()
    cookie = served.test_client().get("/connexion", base_url="https://localhost").headers["Set-Cookie"]
    with served.app_context():
        db.engine.dispose()
    assert cookie.startswith("__Host-desk=")
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= parts
    assert not any(part.startswith("Domain") for part in parts)


def test_htmx_runs_nothing_and_keeps_nothing(app: Flask) -> None:
    page = app.test_client().get("/connexion").text
    for setting in (
        '"allowEval":false',
        '"allowScriptTags":false',
        '"includeIndicatorStyles":false',
        '"historyCacheSize":0',
        '"selfRequestsOnly":true',
    ):
        assert setting in page


def test_templates_trust_no_text() -> None:
    """`safe` is for what this application made: each use stands here with its reason."""
    found = {
        f"{path.relative_to(ROOT / 'templates')}"
        for path in (ROOT / "templates").rglob("*.html")
        if re.search(r"\|\s*safe\b|autoescape\s+false", path.read_text())
    }
    assert found <= set(TRUSTED), f"say in TRUSTED why this text cannot be anybody’s: {found - set(TRUSTED)}"


TRUSTED = {"components/icon.html": "drawings written in the template itself"}


def _filled(address: str, things: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: things.get(name[1], "7F3K-M2QX"), address)


def _token(app: Flask, world: World, role: Role) -> str:
    client = log_in(app, app.test_client(), world.here.people[role])
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/mon-compte").text)
    assert found
    return found[1]
