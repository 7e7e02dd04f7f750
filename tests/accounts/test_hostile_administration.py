"""No input of the pages about people gives a 500, and no markup that was typed comes out as markup."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from tests.accounts.people import ACCOUNTS, Office, open_office
from tests.factories import World
from tests.house.test_hostile import HOSTILE, TURNS, check, send_all

ADDRESSES = (
    ACCOUNTS + "?q={}&role={}&structure={}&etat={}&page={}",
    ACCOUNTS + "/export.csv?q={}",
    ACCOUNTS + "/{}",
    ACCOUNTS + "/{}/roles/{}/retrait",
    ACCOUNTS + "/arrivees?code={}",
    ACCOUNTS + "/arrivees/{}",
    "/administration/revues/1?lignes={}&q={}&page={}&cocher={}",
    "/administration/rgc/{}/acte",
    "/administration/rgc/avis/{}",
)


@pytest.fixture
def office(app: Flask, world: World, client: FlaskClient) -> Office:
    office = open_office(app, world, client)
    office.press("/administration/revues", "/administration/revues")
    office.fill(office.url(Role.ACCOUNT_MANAGER, "/depart"), day="2026-04-10", reason="mutation")
    return office


def test_hostile_addresses(office: Office) -> None:
    for typed in HOSTILE.values():
        sent = quote(typed[:2_000].encode("utf-8", "surrogatepass"))
        for address in ADDRESSES:
            check(office.client, address.replace("{}", sent))


@pytest.mark.parametrize("turn", TURNS)
def test_hostile_forms(office: Office, turn: int) -> None:
    for page in (
        "",
        "/roles/nouveau",
        "/roles/user@accueil/retrait",
        "/structure",
        "/depart",
        "/absences/nouvelle",
    ):
        send_all(office.client, office.url(Role.USER, page), turn)
    notice = office.client.get("/administration/rgc").text.partition("/administration/rgc/avis/")[2][:9]
    for page in (
        f"{ACCOUNTS}/nouveau",
        "/administration/revues",
        "/administration/revues/1",
        f"/administration/rgc/{office.reference(Role.ACCOUNT_MANAGER)}/acte",
        f"/administration/rgc/avis/{notice}",
        "/mon-compte/absences",
    ):
        send_all(office.client, page, turn)
