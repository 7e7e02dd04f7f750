"""No input gives a 500, and no markup that was typed comes out as markup."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.acts import BY_SLUG
from tests.factories import World, act, file, log_in, transmitted

MARKUP = "<script>alert(1)</script>"
HOSTILE = {
    "markup": MARKUP + "\"'><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %}",
    "long": "é" * 60_000,
    "control": "a\x00b\x08\u202e\ud7ff\ufffe\U0001f469\u200d\U0001f4bb",
    "date": "2026-02-31T25:61",
    "far date": "9999-12-31T23:59",
    "number": "99999999999999999999999999",
    "negative": "-1",
    "sql": "' OR 1=1; DROP TABLE event; --",
    "path": "../../../../etc/passwd",
    "nir": "2 55 08 14 168 025 38",
    "empty": "",
}
ADDRESSES = (
    "/sollicitations?q={}",
    "/sollicitations?onglet={}",
    "/sollicitations?apres={}&avant={}",
    "/sollicitations?outil={}&nature={}&etat={}",
    "/sollicitations/export.csv?q={}",
    "/sollicitations/nouvelle?outil={}&pour={}",
    "/sollicitations/{}",
    "/sollicitations/{}/transmission",
    "/sollicitations/{}/actes/{}",
    "/pieces/{}",
    "/annonces?vue={}&mois={}&apres={}",
    "/annonces?vue=historique&apres={}",
    "/annonces/{}",
    "/annonces/{}/actes/{}",
    "/annonces/flux/{}/annonces.atom",
    "/annonces/flux/{}/annonces.ics",
    "/echeances?convention={}&horloge={}&type={}&depart={}",
    "/administration/conventions/{}",
    "/connexion?next={}",
    "/connexion?reprise={}",
    "/connexion/reprise/{}",
    "/connexion/nouveau-mot-de-passe/{}",
    "/invitation/{}",
)


TURNS = range(3)


def submitted(form: Tag, turn: int) -> dict[str, str]:
    """The form with hostile values typed in everything but what a person cannot touch.

    Each field gets another value of the list, and other ones at each turn.
    """
    values = {}
    hostile = list(HOSTILE.values())
    for place, control in enumerate(form.find_all(["input", "textarea", "select"])):
        name = control.get("name")
        if not name or control.get("type") in {"file", "submit"}:
            continue
        kept = name in {"csrf_token", "token", "version"}
        typed = hostile[(place + 3 * turn) % len(hostile)]
        values[str(name)] = str(control.get("value", "")) if kept else typed
    return values


def check(client: FlaskClient, address: str, values: dict[str, str] | None = None) -> str:
    answer = client.get(address) if values is None else client.post(address, data=values)
    assert answer.status_code < 500, f"{address} {answer.status_code}"
    if answer.mimetype == "text/html":
        assert MARKUP not in answer.text, address
    return answer.text


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("role", [Role.CORRESPONDENT, Role.USER, Role.ADMINISTRATOR])
def test_hostile_addresses(app: Flask, world: World, role: Role, name: str) -> None:
    client = log_in(app, app.test_client(), world.here.people[role])
    for address in ADDRESSES:
        # An address has its limits long before the application: 2,000 characters are plenty.
        check(client, address.replace("{}", quote(HOSTILE[name][:2_000].encode("utf-8", "surrogatepass"))))


@pytest.mark.parametrize("turn", TURNS)
def test_hostile_forms_of_the_desk(app: Flask, world: World, clock: FrozenClock, turn: int) -> None:
    with app.app_context():
        new = file(world.here, now=clock.now()).reference
        sent = transmitted(world.here, now=clock.now())
        act(world.here, sent, e.TakenUp(), e.ReturnAnnounced(), now=clock.now())
        sent_reference = sent.reference
    client = log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])
    pages = [
        "/sollicitations/nouvelle",
        "/sollicitations/nouvelle?pour=moi",
        "/sollicitations",
        "/mon-compte",
        "/annonces/nouvelle",
        "/mon-compte/annonces",
        "/mon-compte/messages",
    ]
    for reference in (new, sent_reference):
        pages += [f"/sollicitations/{reference}{rest}" for rest in ("", "/prediagnostic", "/transmission")]
        pages.append(f"/sollicitations/{reference}/evenements/1/correction")
    pages += [f"/sollicitations/{sent_reference}/actes/{slug}" for slug in BY_SLUG]
    for page in pages:
        send_all(client, page, turn)


@pytest.mark.parametrize("turn", TURNS)
def test_hostile_forms_of_the_administrator(app: Flask, world: World, turn: int) -> None:
    client = log_in(app, app.test_client(), world.here.people[Role.ADMINISTRATOR])
    base = "/administration/conventions/pas-de-calais-2024"
    for rest in ("/modification", "/engagements/nouveau", "/canaux/1", "/contacts/nouveau", "/contacts/1"):
        send_all(client, base + rest, turn)


@pytest.mark.parametrize("turn", TURNS)
def test_hostile_sign_in(client: FlaskClient, turn: int) -> None:
    for page in ("/connexion", "/connexion/mot-de-passe-oublie"):
        send_all(client, page, turn)


def send_all(client: FlaskClient, page: str, turn: int) -> None:
    for form in BeautifulSoup(check(client, page), "html.parser").find_all("form", method="post"):
        address = str(form.get("action") or page)
        if address != "/deconnexion":
            check(client, address, submitted(form, turn))


def test_the_address_of_a_hostile_host_is_never_believed(client: FlaskClient) -> None:
    answer = client.get("/sollicitations", headers={"Host": "evil.example"})
    assert answer.headers["Location"].startswith("/")
