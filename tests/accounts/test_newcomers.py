"""Who waits after ProConnect brought them, which administrators see them, and what letting them in does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.jobs import forget_expired
from app.accounts.models import Account, FederatedIdentity
from app.accounts.newcomers import (
    KEPT,
    accept_arrival,
    arrival_named,
    confirm_move,
    pending_arrivals,
    set_arrival_aside,
)
from app.accounts.policy import Role
from app.extensions import db
from app.infra.tx import transaction
from app.journal.technical import Trace, TraceRow
from app.kernel.clock import FrozenClock
from app.kernel.errors import InvalidInput, NotAllowed, NotFound
from app.partners.models import Structure
from tests.accounts.federated import (
    AGENT,
    OTHER_SIRET,
    PENDING,
    UNKNOWN_SIRET,
    account_of_sub,
    accounts_of,
    desk_trusting,
    invite,
    is_signed_in,
    page,
    sign_in,
)
from tests.factories import Place, World, make_place
from tests.peers.forger import Forger

SAME_LEGAL_UNIT = "22590001800014"


def seen_by(app: Flask, place: Place) -> list[str]:
    with app.app_context():
        return [row.siret for row in pending_arrivals(place.partner_id)]


def code_of(client: FlaskClient) -> str:
    """The code that the page of someone who waits shows."""
    code = page(client.get(PENDING)).select_one("strong")
    assert code is not None
    return code.get_text()


def arrive(client: FlaskClient, provider: Forger, **person: object) -> str:
    assert sign_in(client, provider, **person).location == PENDING
    return code_of(client)


def test_an_arrival_is_shown_to_the_partner_of_its_siret_only(
    app: Flask, world: World, browser: FlaskClient, provider: Forger
) -> None:
    arrive(browser, provider)
    arrive(browser, provider, sub="same unit", siret=SAME_LEGAL_UNIT)
    arrive(browser, provider, sub="unknown", siret=UNKNOWN_SIRET)
    assert seen_by(app, world.there) == ["22590001801244", SAME_LEGAL_UNIT]
    assert seen_by(app, world.here) == []


def test_a_structure_has_its_own_siret(
    app: Flask, world: World, browser: FlaskClient, provider: Forger
) -> None:
    with app.app_context(), transaction():
        structure = db.session.get_one(Structure, world.here.structures["delegataire"])
        structure.siret = UNKNOWN_SIRET
    guest = invite(app, world.here)
    code = arrive(browser, provider, siret=UNKNOWN_SIRET, email="autre@exemple.test", sub="other")
    with app.app_context():
        row = arrival_named(world.here.partner_id, code)
        assert row.structures == ((world.here.structures["delegataire"], "Délégataire"),)
    assert seen_by(app, world.here) == [UNKNOWN_SIRET]
    assert seen_by(app, world.there) == []
    assert sign_in(browser, provider, siret=UNKNOWN_SIRET).location == "/"
    found = account_of_sub(app, "5b1c7c2e")
    assert found is not None
    assert found[0].id == guest


def test_whoever_no_siret_leads_to_tells_their_code_to_the_right_administrator(
    app: Flask, world: World, browser: FlaskClient, provider: Forger
) -> None:
    code = arrive(browser, provider, siret=UNKNOWN_SIRET)
    assert seen_by(app, world.here) == seen_by(app, world.there) == []
    with app.app_context():
        assert arrival_named(world.here.partner_id, code.lower()).siret == UNKNOWN_SIRET
        with pytest.raises(InvalidInput):
            arrival_named(world.here.partner_id, "AAAA-AAAA")
        other = "7F3K-M2QX" if code != "7F3K-M2QX" else "2222-222Q"
        with pytest.raises((NotFound, InvalidInput)):
            arrival_named(world.here.partner_id, other)


def test_letting_in_gives_a_role_and_the_address(
    app: Flask, world: World, browser: FlaskClient, provider: Forger
) -> None:
    code = arrive(browser, provider)
    found = account_of_sub(app, "5b1c7c2e")
    assert found is not None
    assert (found[0].email, found[1]) == (None, 0)
    administrator = world.there.actor(Role.ADMINISTRATOR)
    now = app.extensions["clock"].now()
    with app.app_context():
        with transaction():
            accept_arrival(code, role=Role.USER, structure_id=None, actor=administrator, now=now)
        trace = db.session.scalars(select(TraceRow).order_by(TraceRow.id.desc())).first()
        assert trace is not None
        assert (trace.trace, trace.what) == (Trace.RIGHTS_CHANGED, "arrival-accepted")
    found = account_of_sub(app, "5b1c7c2e")
    assert found is not None
    assert (found[0].email, found[1]) == (AGENT, 1)
    assert seen_by(app, world.there) == []
    assert sign_in(browser, provider).location == "/"
    assert is_signed_in(browser)


def test_letting_in_someone_whose_address_another_has_leaves_it_there(
    app: Flask, world: World, browser: FlaskClient, provider: Forger
) -> None:
    code = arrive(browser, provider, email=world.there.people[Role.ADMINISTRATOR].email)
    with app.app_context():
        assert arrival_named(world.there.partner_id, code).email_is_taken
        with transaction():
            accept_arrival(
                code,
                role=Role.USER,
                structure_id=None,
                actor=world.there.actor(Role.ADMINISTRATOR),
                now=app.extensions["clock"].now(),
            )
    found = account_of_sub(app, "5b1c7c2e")
    assert found is not None
    assert (found[0].email, found[1]) == (None, 1)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_only_an_administrator_decides(
    app: Flask, world: World, browser: FlaskClient, provider: Forger, role: Role
) -> None:
    code = arrive(browser, provider)
    actor, now = world.there.actor(role), app.extensions["clock"].now()
    with app.app_context():
        with pytest.raises(NotAllowed), transaction():
            accept_arrival(code, role=Role.USER, structure_id=None, actor=actor, now=now)
        with pytest.raises(NotAllowed), transaction():
            confirm_move(code, actor=actor, now=now)
        with pytest.raises(NotAllowed), transaction():
            set_arrival_aside(code, actor=actor, now=now)


def test_someone_who_changed_structure_keeps_their_rights_once_confirmed(
    app: Flask, world: World, browser: FlaskClient, provider: Forger
) -> None:
    invite(app, world.there)
    assert sign_in(browser, provider).location == "/"
    other = browser.application.test_client()
    assert sign_in(other, provider, siret=OTHER_SIRET).status_code == 403
    now = app.extensions["clock"].now()
    with app.app_context():
        assert pending_arrivals(world.here.partner_id) == []
        [row] = pending_arrivals(world.there.partner_id)
        assert (row.former_siret, row.siret) == ("22590001801244", OTHER_SIRET)
        with pytest.raises(NotFound):
            arrival_named(world.here.partner_id, row.reference)
        administrator = world.there.actor(Role.ADMINISTRATOR)
        with pytest.raises(InvalidInput), transaction():
            accept_arrival(row.reference, role=Role.MANAGER, structure_id=None, actor=administrator, now=now)
        with transaction():
            confirm_move(row.reference, actor=administrator, now=now)
    assert sign_in(other, provider, siret=OTHER_SIRET).location == "/"
    former = browser.application.test_client()
    assert sign_in(former, provider).status_code == 403


def test_nobody_is_confirmed_who_never_had_rights(
    app: Flask, world: World, browser: FlaskClient, provider: Forger
) -> None:
    code = arrive(browser, provider)
    actor, now = world.there.actor(Role.ADMINISTRATOR), app.extensions["clock"].now()
    with app.app_context(), pytest.raises(InvalidInput), transaction():
        confirm_move(code, actor=actor, now=now)


def test_set_aside_leaves_nothing_of_someone_who_never_had_rights(
    app: Flask, world: World, browser: FlaskClient, provider: Forger
) -> None:
    code = arrive(browser, provider)
    actor, now = world.there.actor(Role.ADMINISTRATOR), app.extensions["clock"].now()
    with app.app_context(), transaction():
        set_arrival_aside(code, actor=actor, now=now)
    assert account_of_sub(app, "5b1c7c2e") is None
    assert seen_by(app, world.there) == []
    assert arrive(browser, provider) != code


def test_whoever_comes_again_waits_under_the_same_code(
    app: Flask, world: World, clock: FrozenClock, browser: FlaskClient, provider: Forger
) -> None:
    code = arrive(browser, provider)
    clock.advance(timedelta(days=1))
    assert arrive(browser, provider, siret=SAME_LEGAL_UNIT) == code
    with app.app_context():
        [row] = pending_arrivals(world.there.partner_id)
        assert (row.siret, row.last_seen_at - row.arrived_at) == (SAME_LEGAL_UNIT, timedelta(days=1))


def test_an_invitation_that_comes_after_the_person_is_found(
    app: Flask, world: World, browser: FlaskClient, provider: Forger
) -> None:
    arrive(browser, provider)
    guest = invite(app, world.there)
    assert sign_in(browser, provider).location == "/"
    assert seen_by(app, world.there) == []
    found = account_of_sub(app, "5b1c7c2e")
    assert found is not None
    assert (found[0].id, found[1]) == (guest, 1)
    with app.app_context():
        nameless = select(Account.id).where(Account.email.is_(None))
        assert db.session.scalars(nameless).all() == []


def test_an_invitation_does_not_open_what_was_closed(
    app: Flask, world: World, browser: FlaskClient, provider: Forger
) -> None:
    arrive(browser, provider)
    found = account_of_sub(app, "5b1c7c2e")
    assert found is not None
    with app.app_context(), transaction():
        db.session.get_one(Account, found[0].id).active = False
    guest = invite(app, world.there)
    assert sign_in(browser, provider).status_code == 403
    assert accounts_of(app, AGENT) == [(guest, "")]


def test_whoever_does_not_come_back_is_forgotten(
    app: Flask, world: World, clock: FrozenClock, browser: FlaskClient, provider: Forger
) -> None:
    arrive(browser, provider)
    guest = invite(app, world.there, email="autre@exemple.test")
    other = browser.application.test_client()
    sign_in(other, provider, sub="guest", email="autre@exemple.test")
    sign_in(browser.application.test_client(), provider, sub="guest", siret=OTHER_SIRET)
    clock.advance(KEPT)
    with app.app_context():
        forget_expired(clock.now())
        assert pending_arrivals(world.there.partner_id) == []
        assert db.session.get(Account, guest) is not None
        assert [row.sub for row in db.session.scalars(select(FederatedIdentity))] == ["guest"]


def test_the_only_partner_of_an_installation_sees_everyone(app: Flask, provider: Forger) -> None:
    with app.app_context():
        place = make_place("nord-2025", "nord")
    arrive(desk_trusting(app, provider.issuer).test_client(), provider, siret=UNKNOWN_SIRET)
    assert seen_by(app, place) == [UNKNOWN_SIRET]
