from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import event

from app.accounts import attempts, form_tokens, queries, service, sessions
from app.accounts.jobs import forget_expired
from app.accounts.models import FormToken, LoginAttempt, LoginSession, Membership
from app.accounts.passwords import hash_password
from app.accounts.policy import Actor, Role
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.kernel.errors import InvalidInput, NotAllowed, NotFound
from app.partners.service import add_structure
from tests.factories import World

PASSWORD = "trois chaises bleues"
HASH = hash_password(PASSWORD)
IDLE, LIFETIME = timedelta(hours=4), timedelta(hours=12)


def open_for(world: World, clock: FrozenClock, role: Role = Role.USER) -> str:
    with transaction():
        return sessions.open_session(world.here.people[role].account_id, now=clock.now(), lifetime=LIFETIME)


def loaded(token: str, clock: FrozenClock) -> sessions.LoggedIn | None:
    return sessions.load_logged_in(token, now=clock.now(), idle=IDLE)


@pytest.mark.usefixtures("context")
class TestAccounts:
    def test_addresses_are_kept_in_lower_case(self, clock: FrozenClock) -> None:
        with transaction():
            account = service.create_account(" Agent  12 ", " Agent.12@Exemple.TEST ", now=clock.now())
        assert (account.name, account.email) == ("Agent 12", "agent.12@exemple.test")
        assert queries.account_named("AGENT.12@exemple.test").id == account.id

    def test_several_accounts_may_have_no_address(self, clock: FrozenClock) -> None:
        with transaction():
            accounts = [service.create_account(f"Agent {number}", None, now=clock.now()) for number in (1, 2)]
        assert [queries.email_of(account.id) for account in accounts] == [None, None]

    @pytest.mark.parametrize(
        "email",
        ["agent", "a@b", "a b@exemple.test", "a@exemple.test,b@exemple.test", "a" * 250 + "@exemple.test"],
    )
    def test_what_is_no_address_is_refused(self, clock: FrozenClock, email: str) -> None:
        with pytest.raises(InvalidInput, match="n’est pas valable") as refusal, transaction():
            service.create_account("Agent", email, now=clock.now())
        assert refusal.value.field == "email"

    def test_an_address_serves_once(self, clock: FrozenClock, world: World) -> None:
        email = world.here.people[Role.USER].email
        with pytest.raises(InvalidInput, match="Un compte a déjà"), transaction():
            service.create_account("Agent", email.upper(), now=clock.now())

    def test_a_name_is_needed(self, clock: FrozenClock) -> None:
        with pytest.raises(InvalidInput, match="Indiquez un nom"), transaction():
            service.create_account(" \u200b ", "agent@exemple.test", now=clock.now())

    def test_a_role_is_given_once(self, world: World) -> None:
        person = world.here.people[Role.CORRESPONDENT]
        with pytest.raises(InvalidInput, match="a déjà le rôle") as refusal, transaction():
            service.add_membership(person.account_id, world.here.partner_id, Role.CORRESPONDENT)
        assert refusal.value.field == "role"

    def test_a_structure_belongs_to_the_partner(self, world: World) -> None:
        person = world.here.people[Role.USER]
        with pytest.raises(NotFound, match="structure"), transaction():
            service.add_membership(
                person.account_id, world.here.partner_id, Role.USER, world.there.structures["accueil"]
            )

    def test_the_account_manager_is_no_contractor(self, world: World) -> None:
        person = world.here.people[Role.USER]
        with pytest.raises(InvalidInput, match="prestataire"), transaction():
            contractor = add_structure(world.here.partner_id, code="esn", name="Société", kind="prestataire")
            service.add_membership(
                person.account_id, world.here.partner_id, Role.ACCOUNT_MANAGER, contractor.id
            )

    def test_people_are_listed_with_all_their_roles(self, world: World) -> None:
        person = world.here.people[Role.USER]
        with transaction():
            service.add_membership(person.account_id, world.here.partner_id, Role.MANAGER)
        rows = {row.account_id: row for row in queries.people_of(world.here.partner_id)}
        assert rows[person.account_id].roles == (Role.USER, Role.MANAGER)
        assert len(rows) == len(Role)
        assert [row.structure_name for row in queries.memberships_of(person.account_id)] == ["Accueil", None]

    def test_names_are_given_by_account(self, world: World) -> None:
        person = world.here.people[Role.USER]
        assert queries.names_of([person.account_id, None]) == {person.account_id: person.name}


@pytest.mark.usefixtures("context")
class TestCredentials:
    def test_the_right_password_opens(self, world: World) -> None:
        person = world.here.people[Role.USER]
        with transaction():
            service.set_password(person.account_id, HASH)
        assert service.check_credentials(person.email.upper(), PASSWORD) == person.account_id

    def test_wrong_unknown_closed_and_without_password_look_alike(self, world: World) -> None:
        person, other = world.here.people[Role.USER], world.here.people[Role.MANAGER]
        with transaction():
            service.set_password(person.account_id, HASH)
        assert service.check_credentials(person.email, "quatre chaises bleues") is None
        assert service.check_credentials("inconnu@exemple.test", PASSWORD) is None
        assert service.check_credentials(other.email, PASSWORD) is None
        with transaction():
            queries.account_named(person.email).active = False
        assert service.check_credentials(person.email, PASSWORD) is None

    def test_a_new_administrator_needs_a_longer_password(self, world: World) -> None:
        person = world.here.people[Role.USER]
        short = "chaise bleue 7"
        with transaction():
            service.set_password(person.account_id, service.hash_new_password(person.account_id, short))
            service.add_membership(person.account_id, world.here.partner_id, Role.ADMINISTRATOR)
        with pytest.raises(NotAllowed, match="au moins 16 caractères"):
            service.check_credentials(person.email, short)
        with pytest.raises(InvalidInput, match="au moins 16"):
            service.hash_new_password(person.account_id, short)

    def test_a_new_password_closes_the_sessions(self, clock: FrozenClock, world: World) -> None:
        person = world.here.people[Role.USER]
        kept, other = open_for(world, clock), open_for(world, clock)
        with transaction():
            service.set_password(person.account_id, HASH, keep_session=kept)
        assert loaded(kept, clock)
        assert not loaded(other, clock)
        with transaction():
            service.set_password(person.account_id, HASH)
        assert not loaded(kept, clock)


@pytest.mark.usefixtures("context")
class TestSessions:
    def test_a_session_gives_the_rights_of_the_person(self, clock: FrozenClock, world: World) -> None:
        person = world.here.people[Role.USER]
        logged_in = loaded(open_for(world, clock), clock)
        assert logged_in
        assert logged_in.actor == person.actor
        assert not logged_in.several_partners
        assert logged_in.time_zone == "Europe/Paris"

    def test_it_costs_one_query(self, app: Flask, clock: FrozenClock, world: World) -> None:
        token = open_for(world, clock)
        db.session.rollback()
        statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        loaded(token, clock)
        assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1

    def test_the_database_does_not_hold_the_token(self, clock: FrozenClock, world: World) -> None:
        token = open_for(world, clock)
        row = db.session.scalars(db.select(LoginSession)).one()
        assert token not in vars(row).values()
        assert not loaded(row.token_digest, clock)
        assert not loaded("", clock)

    def test_it_ends_when_idle_and_lasts_while_in_use(self, clock: FrozenClock, world: World) -> None:
        token = open_for(world, clock)
        clock.advance(timedelta(hours=3, minutes=59))
        logged_in = loaded(token, clock)
        assert logged_in
        assert sessions.must_be_seen(logged_in, clock.now())
        with transaction():
            sessions.see(token, now=clock.now())
        clock.advance(timedelta(hours=3))
        assert loaded(token, clock)
        clock.advance(timedelta(hours=1))
        assert not loaded(token, clock)

    def test_it_ends_in_any_case(self, clock: FrozenClock, world: World) -> None:
        token = open_for(world, clock)
        for _ in range(4):
            clock.advance(timedelta(hours=3))
            with transaction():
                sessions.see(token, now=clock.now())
        assert not loaded(token, clock)

    def test_a_withdrawn_role_or_a_closed_account_counts_at_once(
        self, clock: FrozenClock, world: World
    ) -> None:
        person = world.here.people[Role.USER]
        token = open_for(world, clock)
        with transaction():
            db.session.execute(db.delete(Membership).where(Membership.account_id == person.account_id))
        assert not loaded(token, clock)
        with transaction():
            service.add_membership(person.account_id, world.here.partner_id, Role.MANAGER)
        again = loaded(token, clock)
        assert again
        assert again.actor.roles == {Role.MANAGER}
        with transaction():
            queries.account_named(person.email).active = False
        assert not loaded(token, clock)

    def test_an_account_without_a_partner_gets_none(self, clock: FrozenClock) -> None:
        with pytest.raises(NotAllowed, match="rattaché à aucun partenaire"), transaction():
            account = service.create_account("Agent", "agent@exemple.test", now=clock.now())
            sessions.open_session(account.id, now=clock.now(), lifetime=LIFETIME)

    def test_rights_follow_the_chosen_partner(self, clock: FrozenClock, world: World) -> None:
        person = world.here.people[Role.CORRESPONDENT]
        with transaction():
            service.add_membership(person.account_id, world.there.partner_id, Role.MANAGER)
        token = open_for(world, clock, Role.CORRESPONDENT)
        seen: dict[int, Actor] = {}
        for place in (world.there, world.here):
            logged_in = loaded(token, clock)
            assert logged_in
            assert logged_in.several_partners
            with transaction():
                sessions.choose_partner(logged_in, place.code)
            now_there = loaded(token, clock)
            assert now_there
            seen[place.partner_id] = now_there.actor
        assert seen[world.here.partner_id].roles == {Role.CORRESPONDENT}
        assert seen[world.there.partner_id].roles == {Role.MANAGER}
        assert seen.keys() == {actor.partner_id for actor in seen.values()}

    def test_another_partner_cannot_be_chosen(self, clock: FrozenClock, world: World) -> None:
        token = open_for(world, clock)
        logged_in = loaded(token, clock)
        assert logged_in
        with pytest.raises(NotFound), transaction():
            sessions.choose_partner(logged_in, world.there.code)

    def test_logging_in_again_ends_the_session_before(self, clock: FrozenClock, world: World) -> None:
        person = world.here.people[Role.USER]
        old = open_for(world, clock)
        with transaction():
            new = service.log_in(person.account_id, now=clock.now(), lifetime=LIFETIME, replaces=old)
        assert not loaded(old, clock)
        assert loaded(new, clock)


@pytest.mark.usefixtures("context")
class TestThrottling:
    def tries(self, count: int, email: str, clock: FrozenClock, address: str = "192.0.2.1") -> list[bool]:
        with transaction():
            return [attempts.count_attempt(email, address, now=clock.now()) for _ in range(count)]

    def test_an_account_is_tried_ten_times_in_a_quarter_of_an_hour(self, clock: FrozenClock) -> None:
        assert self.tries(11, "agent@exemple.test", clock) == [True] * 10 + [False]
        assert self.tries(1, "AGENT@exemple.test ", clock, "192.0.2.2") == [False]
        assert self.tries(1, "autre@exemple.test", clock) == [True]
        clock.advance(timedelta(minutes=15))
        assert self.tries(1, "agent@exemple.test", clock) == [True]

    def test_an_address_tries_a_hundred_accounts(self, clock: FrozenClock) -> None:
        with transaction():
            results = [
                attempts.count_attempt(f"agent{number}@exemple.test", "192.0.2.1", now=clock.now())
                for number in range(101)
            ]
        assert results == [True] * 100 + [False]
        assert self.tries(1, "autre@exemple.test", clock, "192.0.2.2") == [True]

    def test_getting_in_forgets_earlier_tries(self, clock: FrozenClock, world: World) -> None:
        person = world.here.people[Role.USER]
        self.tries(9, person.email, clock)
        with transaction():
            service.log_in(person.account_id, now=clock.now(), lifetime=LIFETIME, replaces=None)
        assert self.tries(10, person.email, clock) == [True] * 10

    def test_what_was_typed_is_not_kept(self, clock: FrozenClock) -> None:
        self.tries(1, "mon mot de passe secret", clock)
        kept = db.session.scalars(db.select(LoginAttempt)).one()
        assert "mon mot de passe secret" not in vars(kept).values()


@pytest.mark.usefixtures("context")
class TestFormTokens:
    def test_a_form_sent_twice_leads_where_the_first_led(self, clock: FrozenClock, world: World) -> None:
        account_id = world.here.people[Role.USER].account_id
        token = form_tokens.new_form_token()
        with transaction():
            spent = form_tokens.spend_form_token(token, account_id, now=clock.now())
            assert spent
            spent.result_url = "/sollicitations/7F3K-M2QX"
        with transaction():
            assert form_tokens.spend_form_token(token, account_id, now=clock.now()) is None
            assert form_tokens.result_of(token, account_id) == "/sollicitations/7F3K-M2QX"

    def test_a_refused_form_can_be_sent_again(self, clock: FrozenClock, world: World) -> None:
        account_id = world.here.people[Role.USER].account_id
        token = form_tokens.new_form_token()
        with pytest.raises(InvalidInput), transaction():
            form_tokens.spend_form_token(token, account_id, now=clock.now())
            raise InvalidInput
        assert form_tokens.result_of(token, account_id) is None
        with transaction():
            assert form_tokens.spend_form_token(token, account_id, now=clock.now())

    def test_nobody_spends_the_token_of_another(self, clock: FrozenClock, world: World) -> None:
        token = form_tokens.new_form_token()
        for role in (Role.USER, Role.MANAGER):
            with transaction():
                assert form_tokens.spend_form_token(
                    token, world.here.people[role].account_id, now=clock.now()
                )

    @pytest.mark.parametrize("token", ["", "court", "x" * 65])
    def test_an_improper_token_is_refused(self, clock: FrozenClock, world: World, token: str) -> None:
        with pytest.raises(InvalidInput, match="a expiré"), transaction():
            form_tokens.spend_form_token(token, world.here.people[Role.USER].account_id, now=clock.now())

    def test_of_two_sendings_at_once_one_counts(self, app: Flask, clock: FrozenClock, world: World) -> None:
        account_id = world.here.people[Role.USER].account_id
        token = form_tokens.new_form_token()
        begun = Event()

        def send_again() -> str | None:
            with app.app_context(), transaction():
                begun.set()
                assert form_tokens.spend_form_token(token, account_id, now=clock.now()) is None
                return form_tokens.result_of(token, account_id)

        with ThreadPoolExecutor(1) as pool:
            with transaction():
                spent = form_tokens.spend_form_token(token, account_id, now=clock.now())
                assert spent
                spent.result_url = "/sollicitations/7F3K-M2QX"
                db.session.flush()
                twin = pool.submit(send_again)
                begun.wait(0.3)  # SQLite lets the twin begin only after the commit
            assert twin.result() == "/sollicitations/7F3K-M2QX"


@pytest.mark.usefixtures("context")
def test_the_worker_forgets_what_has_expired(clock: FrozenClock, world: World) -> None:
    account_id = world.here.people[Role.USER].account_id
    open_for(world, clock)
    with transaction():
        attempts.count_attempt("agent@exemple.test", "192.0.2.1", now=clock.now())
        form_tokens.spend_form_token(form_tokens.new_form_token(), account_id, now=clock.now())
    kept = (LoginSession, LoginAttempt, FormToken)
    forget_expired(clock.now())
    assert [db.session.query(table).count() for table in kept] == [1, 1, 1]
    clock.advance(timedelta(days=3))
    forget_expired(clock.now())
    assert [db.session.query(table).count() for table in kept] == [0, 0, 0]
