"""What each role begins the day with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Membership
from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.vocabulary import Kind
from tests.conftest import START
from tests.documentation.base import write
from tests.factories import World, act, file, log_in, transmitted
from tests.partners.settings import new_own_contact
from tests.tickets.screens import counted

MINUTE = timedelta(minutes=1)
QUERIES_AT_MOST = 24


def home(client: FlaskClient) -> BeautifulSoup:
    answer = client.get("/")
    assert answer.status_code == 200, answer.status
    return BeautifulSoup(answer.text, "html5lib")


def part(soup: BeautifulSoup, anchor: str) -> Tag | None:
    heading = soup.find(id=anchor)
    return heading.find_parent("section") if isinstance(heading, Tag) else None


def rows(soup: BeautifulSoup, anchor: str) -> list[dict[str, str]]:
    section = part(soup, anchor)
    if section is None:
        return []
    return [
        {str(cell["data-label"]): words(cell) for cell in line.select("td")}
        for line in section.select("tr[data-row]")
    ]


def words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_home_even_before_the_first_ticket(
    app: Flask, client: FlaskClient, world: World, role: Role
) -> None:
    soup = home(log_in(app, client, world.here.people[role]))
    assert soup.select_one(".empty, .actions, .section") is not None


def test_an_empty_desk_says_what_to_do_next(app: Flask, client: FlaskClient, world: World) -> None:
    soup = home(log_in(app, client, world.here.people[Role.CORRESPONDENT]))
    assert "Déposer la première sollicitation" in words(soup)


def test_the_clock_that_bites_first_is_at_the_head_with_what_to_do(
    app: Flask, client: FlaskClient, world: World, clock: FrozenClock
) -> None:
    here = world.here
    with app.app_context():
        waiting = file(here, now=START).reference
        recent = transmitted(here, now=START + 10 * MINUTE).reference
        late = transmitted(here, now=START).reference
        restored = transmitted(here, now=START).reference
        act(here, restored, e.TakenUp(), e.ReturnAnnounced(), now=START + MINUTE)
    clock.set(START + 20 * MINUTE)
    soup = home(log_in(app, client, here.people[Role.CORRESPONDENT]))
    todo = rows(soup, "a-faire")
    assert [row["Sollicitation"].count(late) for row in todo] == [1, 0]
    assert recent in todo[1]["Sollicitation"]
    assert "dépassée de" in todo[0]["Échéance"]
    assert todo[0]["À faire"] != todo[1]["À faire"]
    assert all(row["À faire"] for row in todo)
    assert [waiting in row["Sollicitation"] for row in rows(soup, "sans-responsable")] == [True]
    assert [restored in row["Sollicitation"] for row in rows(soup, "a-verifier")] == [True]
    tiles = [words(tile) for tile in soup.select(".tile")]
    assert tiles == ["À traiter 1", "Chez France Travail 2", "À vérifier 1", "Échéances dépassées 1"]


def test_the_account_manager_sees_requests_of_access_only(
    app: Flask, client: FlaskClient, world: World
) -> None:
    with app.app_context():
        access = file(world.here, now=START, kind=Kind.ACCESS).reference
        file(world.here, now=START)
    soup = home(log_in(app, client, world.here.people[Role.ACCOUNT_MANAGER]))
    assert [access in row["Sollicitation"] for row in rows(soup, "sans-responsable")] == [True]


def test_a_user_reads_their_requests_in_plain_words(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context():
        sent = transmitted(world.here, now=START).reference
        secret = file(world.here, now=START, kind=Kind.SECURITY, subject="Hameçonnage").reference
        ended = file(world.here, now=START).reference
        act(world.here, ended, e.Cancelled(reason="Essai"), now=START)
    soup = home(log_in(app, client, world.here.people[Role.USER]))
    shown = {row["Demande"]: row["État"] for row in rows(soup, "mes-demandes")}
    assert len(shown) == 2
    assert any(sent in name and state == "Chez France Travail" for name, state in shown.items())
    assert any(secret in name and "Signalement de sécurité" in name for name in shown)
    assert "Hameçonnage" not in words(soup)
    assert soup.select_one(".clock-cell") is None
    report = soup.find("a", string=lambda found: bool(found) and "Signaler un problème" in str(found))
    assert report is not None or "Signaler un problème" in words(soup)


def test_a_user_joins_an_ongoing_incident_in_one_click(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context():
        outage = file(world.here, now=START, role=Role.CORRESPONDENT, reporter_id=None).reference
    log_in(app, client, world.here.people[Role.USER])
    soup = home(client)
    joining = soup.find("button", attrs={"aria-label": f"Moi aussi : incident {outage}"})
    if not isinstance(joining, Tag):
        joining = soup.find("button", attrs={"formaction": f"/sollicitations/{outage}/moi-aussi"})
    assert isinstance(joining, Tag)
    form = joining.find_parent("form")
    assert isinstance(form, Tag)
    fields = {str(field["name"]): str(field["value"]) for field in form.select("input[name]")}
    assert client.post(str(joining["formaction"]), data=fields).status_code == 303
    assert "Vous êtes compté" in words(home(client))


def test_the_security_officer_reads_the_restricted_cases(
    app: Flask, client: FlaskClient, world: World
) -> None:
    with app.app_context():
        secret = file(world.here, now=START, kind=Kind.SECURITY, subject="Hameçonnage").reference
        file(world.here, now=START)
    soup = home(log_in(app, client, world.here.people[Role.SECURITY_OFFICER]))
    (row,) = rows(soup, "dossiers")
    assert secret in row["Sollicitation"]
    assert "Hameçonnage" in row["Sollicitation"]
    assert part(home(log_in(app, client, world.here.people[Role.CORRESPONDENT])), "dossiers") is None


def test_the_manager_reads_the_month(
    app: Flask, client: FlaskClient, world: World, clock: FrozenClock
) -> None:
    here = world.here
    with app.app_context():
        february = START - timedelta(days=20)
        kept_before = transmitted(here, now=february).reference
        act(here, kept_before, e.TakenUp(), now=february + MINUTE)
        kept = transmitted(here, now=START).reference
        act(here, kept, e.TakenUp(), now=START + 15 * MINUTE)
        missed = transmitted(here, now=START).reference
        act(here, missed, e.TakenUp(), now=START + 16 * MINUTE)
        transmitted(here, now=START + MINUTE)  # late, and still running
        ended = file(here, now=START).reference
        act(here, ended, e.Cancelled(reason="Essai"), now=START)
        secret = file(here, now=START, kind=Kind.SECURITY).reference
    clock.set(START + 30 * MINUTE)
    soup = home(log_in(app, client, here.people[Role.MANAGER]))
    section = part(soup, "mois")
    assert section is not None
    assert [words(tile) for tile in section.select(".tile")] == [
        "Sollicitations déposées 4",
        "Sollicitations closes 1",
        "Horloges tenues 1",
        "Horloges non tenues 2",
    ]
    assert secret not in words(soup)


def test_several_roles_make_one_page_without_showing_a_ticket_twice(
    app: Flask, client: FlaskClient, world: World
) -> None:
    here = world.here
    person = here.people[Role.CORRESPONDENT]
    with app.app_context():
        with transaction():
            for role in (Role.MANAGER, Role.SECURITY_OFFICER, Role.USER):
                db.session.add(
                    Membership(
                        partner_id=here.partner_id, account_id=person.account_id, role=role, structure_id=None
                    )
                )
        own = file(here, now=START, role=Role.CORRESPONDENT, reporter_id=person.account_id).reference
    soup = home(log_in(app, client, person))
    assert part(soup, "a-faire") is not None
    assert part(soup, "dossiers") is not None
    assert part(soup, "mois") is not None
    assert words(soup).count(own) == 1


def chores(app: Flask, client: FlaskClient, world: World, role: Role) -> list[tuple[str, str]]:
    section = part(home(log_in(app, client, world.here.people[role])), "a-faire-aussi")
    return [(words(link), str(link["href"])) for link in section.select("a")] if section else []


def test_what_waits_beside_the_tickets_is_told_to_who_may_do_it(
    app: Flask, client: FlaskClient, world: World, clock: FrozenClock
) -> None:
    with app.app_context():
        with transaction():
            for place in (world.here, world.there):
                new_own_contact(place, now=clock.now())
        write(world.here, review_on=START.date())
        write(world.here, "Encore un", review_on=START.date() - timedelta(days=9))
        write(world.here, "Plus tard", review_on=START.date() + timedelta(days=9))
    assert chores(app, client, world, Role.ADMINISTRATOR) == [
        (
            "Prévenir France Travail d’un changement de contact",
            "/administration/conventions/pas-de-calais-2024/courriels/1",
        )
    ]
    assert chores(app, client, world, Role.CORRESPONDENT) == [
        ("Relire 2 articles", "/documentation/a-relire")
    ]
    for role in (Role.USER, Role.MANAGER, Role.SECURITY_OFFICER, Role.INTEGRATOR):
        assert chores(app, client, world, role) == []


@pytest.mark.parametrize("role", list(Role))
def test_the_home_costs_as_much_whatever_there_is(
    app: Flask, client: FlaskClient, world: World, clock: FrozenClock, role: Role
) -> None:
    log_in(app, client, world.here.people[role])
    costs = []
    for _ in range(2):
        with app.app_context():
            for number in range(4):
                transmitted(world.here, now=START + number * MINUTE)
                write(world.here, f"À relire {len(costs)} {number}", review_on=START.date())
            with transaction():
                new_own_contact(world.here, now=clock.now(), label=f"Correspondant {len(costs)}")
        home(client)  # what a first visit alone reads
        with counted(app) as statements:
            home(client)
        costs.append(len(statements))
    assert costs[0] == costs[1]
    assert costs[0] <= QUERIES_AT_MOST, "\n".join(statements)


def test_nothing_of_another_partner_is_shown(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context():
        foreign = transmitted(world.there, now=START).reference
    for role in Role:
        assert foreign not in home(log_in(app, client, world.here.people[role])).get_text()
