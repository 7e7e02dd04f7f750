"""`/administration/comptes/…`: inviting people, giving them roles, taking roles back, changing their structure."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.invitations import invite_again
from app.accounts.models import Account, Membership, OneTimeLink
from app.accounts.policy import Role
from app.accounts.rights import administrators_of, withdraw
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.kernel.errors import Impossible
from app.notifications.models import Outbox
from app.tickets import events as e
from app.tickets.models import Ticket
from tests.accounts.people import ACCOUNTS, Office, open_office, told
from tests.conftest import START
from tests.factories import World, act, file, log_in
from tests.partners.pages import rows, words

NEW = f"{ACCOUNTS}/nouveau"
GRANT = "/roles/nouveau"


@pytest.fixture
def office(app: Flask, world: World, client: FlaskClient) -> Office:
    return open_office(app, world, client)


class TestInvitation:
    def test_someone_new_gets_a_role_and_a_link_that_serves_once(self, app: Flask, office: Office) -> None:
        answer = office.fill(
            NEW, name="Nouvel agent", email="Nouvel.Agent@exemple.test", role="user", structure="accueil"
        )
        assert answer.status_code == 303
        page = words(office.client.get(answer.location))
        assert "Nouvel agent nouvel.agent@exemple.test" in page
        assert "Invitation envoyée" in page
        assert office.letters() == [("invitation", "Nouvel agent")]
        assert office.traces() == ["invited"]
        with app.app_context():
            link = db.session.scalars(select(OneTimeLink)).one()
            assert link.expires_at - link.created_at == timedelta(days=7)
            path = db.session.scalars(select(Outbox.path)).one()
        assert path.startswith("/invitation/")

    def test_it_is_sent_again_and_the_first_link_dies(
        self, app: Flask, office: Office, clock: FrozenClock
    ) -> None:
        page = office.fill(NEW, name="Nouvel agent", email="n@exemple.test", role="user").location
        clock.advance(timedelta(days=8))
        log_in(app, office.client, office.place.people[Role.ADMINISTRATOR])
        assert "L’invitation a expiré" in words(office.client.get(page))
        assert office.press(page, "/invitation").status_code == 303
        assert "Invitation envoyée" in words(office.client.get(page))
        assert [template for template, _ in office.letters()] == ["invitation", "invitation"]
        with app.app_context():
            assert len(db.session.scalars(select(OneTimeLink)).all()) == 1

    def test_who_has_come_is_not_invited_again(self, app: Flask, office: Office) -> None:
        page = office.fill(NEW, name="Nouvel agent", email="n@exemple.test", role="user").location
        with app.app_context(), transaction():
            account = db.session.scalars(select(Account).where(Account.email == "n@exemple.test")).one()
            account.last_login_at = START
        assert "Envoyer de nouveau" not in words(office.client.get(page))
        with app.app_context(), pytest.raises(Impossible, match="déjà connectée"), transaction():
            account = db.session.scalars(select(Account).where(Account.email == "n@exemple.test")).one()
            invite_again(account, actor=office.place.actor(Role.ADMINISTRATOR), now=START)

    def test_an_address_known_here_is_refused_and_all_that_was_typed_stays(self, office: Office) -> None:
        user = office.place.people[Role.USER]
        answer = office.fill(NEW, name="Encore lui", email=user.email, role="user")
        assert told(answer) == [
            "Adresse électronique : Cette personne a déjà un compte ici : ajoutez-lui un rôle."
        ]
        assert 'value="Encore lui"' in answer.text
        assert office.letters() == []

    def test_an_address_known_elsewhere_is_the_same_person(
        self, app: Flask, world: World, office: Office
    ) -> None:
        elsewhere = world.here.people[Role.CORRESPONDENT]
        with app.app_context(), transaction():
            db.session.get_one(Account, elsewhere.account_id).last_login_at = START
        assert office.fill(NEW, name="Autre", email=elsewhere.email, role="manager").status_code == 303
        assert office.roles(elsewhere) == {("manager", None)}
        # They have a password already: no link that would let anyone choose another.
        assert office.letters() == [("rights-granted", elsewhere.name)]

    @pytest.mark.parametrize(
        ("typed", "field"),
        [({"name": ""}, "Nom"), ({"email": "pas une adresse"}, "Adresse"), ({"email": ""}, "Adresse")],
    )
    def test_what_is_missing_is_asked_for(self, office: Office, typed: dict[str, str], field: str) -> None:
        values = {"name": "Agent", "email": "a@exemple.test", "role": "user", **typed}
        (refusal,) = told(office.fill(NEW, **values))
        assert refusal.startswith(field)


class TestRoles:
    def test_several_roles_by_structure(self, office: Office) -> None:
        user = Role.USER
        for structure in ("insertion", "delegataire"):
            assert (
                office.fill(
                    office.url(user, GRANT), role="user", structure=structure, reason="renfort"
                ).status_code
                == 303
            )
        page = office.client.get(office.url(user))
        assert [row["Structure"] for row in rows(page, "Rôles")] == ["Accueil", "Insertion", "Délégataire"]
        assert "renfort" in words(page)
        assert office.traces() == ["granted", "granted"]
        assert {name for name, _ in office.letters()} == {"rights-granted"}

    def test_a_role_held_already_or_without_a_reason_is_refused(self, office: Office) -> None:
        url = office.url(Role.CORRESPONDENT, GRANT)
        assert "déjà le rôle" in told(office.fill(url, role="correspondent", reason="oubli"))[0]
        assert "Indiquez le motif" in told(office.fill(url, role="manager"))[0]
        assert office.roles(Role.CORRESPONDENT) == {("correspondent", None)}

    def test_a_double_click_gives_one_role(self, office: Office) -> None:
        from tests.partners.pages import filled

        url = office.url(Role.CORRESPONDENT, GRANT)
        sent = {**filled(office.client, url), "role": "manager", "reason": "intérim"}
        assert office.client.post(url, data=sent).status_code == 303
        assert office.client.post(url, data=sent).status_code == 303
        assert office.traces() == ["granted"]

    def test_the_account_manager_is_never_a_contractor(
        self, app: Flask, world: World, office: Office
    ) -> None:
        from app.partners.service import add_structure

        with app.app_context(), transaction():
            add_structure(office.place.partner_id, code="integration", name="Intégrateur", kind="prestataire")
        user, manager = Role.USER, Role.ACCOUNT_MANAGER
        refusal = "Rôle : Le responsable de gestion de comptes ne peut pas appartenir à un prestataire."
        contractor = office.url(manager, GRANT)
        assert told(office.fill(contractor, role="user", structure="integration", reason="x")) == [refusal]
        assert (
            office.fill(office.url(user, GRANT), role="user", structure="integration", reason="x").status_code
            == 303
        )
        assert told(office.fill(office.url(user, GRANT), role="account_manager", reason="x")) == [refusal]

    def test_nobody_makes_themself_security_officer(self, office: Office) -> None:
        answer = office.fill(
            office.url(Role.ADMINISTRATOR, GRANT), role="security_officer", reason="curiosité"
        )
        assert "demandez-le à un autre administrateur" in told(answer)[0]
        assert office.roles(Role.ADMINISTRATOR) == {("administrator", None)}
        assert (
            office.fill(office.url(Role.ADMINISTRATOR, GRANT), role="manager", reason="intérim").status_code
            == 303
        )

    def test_a_role_is_withdrawn_with_a_reason_and_the_tickets_it_held_wait_again(
        self, app: Flask, office: Office, clock: FrozenClock
    ) -> None:
        person = office.place.people[Role.CORRESPONDENT]
        office.fill(office.url(person, GRANT), role="user", structure="accueil", reason="renfort")
        with app.app_context():
            ticket = file(office.place, now=clock.now())
            act(office.place, ticket, e.Taken(assignee_id=person.account_id), now=clock.now())
            reference = ticket.reference
        url = office.url(person, "/roles/correspondent/retrait")
        assert "Indiquez le motif" in told(office.fill(url))[0]
        answer = office.fill(url, reason="change de service")
        assert "1 sollicitation attend de nouveau" in words(office.client.get(answer.location))
        assert {role for role, _ in office.roles(person)} == {"user"}
        with app.app_context():
            ticket = db.session.scalars(select(Ticket).where(Ticket.reference == reference)).one()
            assert ticket.assignee_id is None

    def test_the_only_role_is_not_withdrawn(self, office: Office) -> None:
        answer = office.fill(office.url(Role.MANAGER, "/roles/manager/retrait"), reason="parti")
        assert "enregistrez plutôt son départ" in told(answer)[0]
        assert office.roles(Role.MANAGER) == {("manager", None)}

    def test_a_role_that_is_not_held_has_no_page(self, office: Office) -> None:
        for key in ("administrator", "user@insertion", "<b>", "user@accueil%00"):
            assert office.client.get(office.url(Role.USER, f"/roles/{key}/retrait")).status_code == 404


class TestAdministrators:
    def test_nobody_withdraws_their_own_right_even_when_others_have_it(self, office: Office) -> None:
        office.hire(Role.ADMINISTRATOR, "second administrateur")
        office.fill(office.url(Role.ADMINISTRATOR, GRANT), role="manager", reason="aussi")
        answer = office.fill(office.url(Role.ADMINISTRATOR, "/roles/administrator/retrait"), reason="fatigue")
        assert "votre propre droit" in told(answer)[0]
        assert "Enregistrer un départ" not in words(office.client.get(office.url(Role.ADMINISTRATOR)))

    def test_of_two_who_withdraw_each_other_one_is_left(self, app: Flask, office: Office) -> None:
        second = office.hire(Role.ADMINISTRATOR, "second administrateur")
        office.fill(office.url(second, GRANT), role="manager", reason="aussi")
        assert (
            office.fill(office.url(second, "/roles/administrator/retrait"), reason="trop").status_code == 303
        )
        first = office.place.people[Role.ADMINISTRATOR]
        with app.app_context():
            assert administrators_of(office.place.partner_id) == {first.account_id}
            held = db.session.scalars(
                select(Membership).where(Membership.account_id == first.account_id)
            ).one()
            with pytest.raises(Impossible), transaction():
                withdraw(held, reason="vengeance", actor=second.actor, now=START)

    def test_a_suspended_administrator_does_not_count(self, app: Flask, office: Office) -> None:
        second = office.hire(Role.ADMINISTRATOR, "second administrateur")
        with app.app_context(), transaction():
            held = db.session.scalars(
                select(Membership).where(Membership.account_id == second.account_id)
            ).one()
            held.suspended_at = START
        with app.app_context():
            assert administrators_of(office.place.partner_id) == {
                office.place.people[Role.ADMINISTRATOR].account_id
            }


class TestStructure:
    def test_the_rights_that_are_kept_follow_and_the_others_go(self, office: Office) -> None:
        user = Role.USER
        office.fill(office.url(user, GRANT), role="integrator", structure="accueil", reason="essai")
        office.fill(office.url(user, GRANT), role="manager", reason="intérim")
        insertion = office.place.structures["insertion"]
        answer = office.fill(
            office.url(user, "/structure"),
            structure="insertion",
            kept=["user@accueil", "manager"],
            reason="mutation",
        )
        assert answer.status_code == 303
        assert office.roles(user) == {("user", insertion), ("manager", None)}
        assert office.traces()[-2:] == ["withdrawn", "moved"]

    def test_a_right_held_there_already_is_not_doubled(self, office: Office) -> None:
        user = Role.USER
        office.fill(office.url(user, GRANT), role="user", structure="insertion", reason="renfort")
        office.fill(
            office.url(user, "/structure"),
            structure="insertion",
            kept=["user@accueil", "user@insertion"],
            reason="mutation",
        )
        assert office.roles(user) == {("user", office.place.structures["insertion"])}

    @pytest.mark.parametrize(
        ("typed", "refusal"),
        [
            ({"structure": "", "reason": "x"}, "Choisissez la nouvelle structure"),
            ({"structure": "insertion", "reason": ""}, "Indiquez le motif"),
            ({"structure": "insertion", "reason": "x", "kept": []}, "Gardez au moins un rôle"),
        ],
    )
    def test_what_is_missing_is_asked_for(
        self, office: Office, typed: dict[str, str | list[str]], refusal: str
    ) -> None:
        assert refusal in told(office.fill(office.url(Role.USER, "/structure"), **typed))[0]
        assert office.roles(Role.USER) == {("user", office.place.structures["accueil"])}


class TestScope:
    def test_someone_of_another_partner_does_not_exist(
        self, app: Flask, world: World, office: Office
    ) -> None:
        other = office.reference(world.here.people[Role.USER])
        pages = (
            "",
            GRANT,
            "/structure",
            "/depart",
            "/retour",
            "/absences/nouvelle",
            "/roles/user@accueil/retrait",
        )
        assert {office.client.get(f"{ACCOUNTS}/{other}{page}").status_code for page in pages} == {404}

    def test_a_person_of_both_shows_only_what_they_are_here(
        self, app: Flask, world: World, office: Office
    ) -> None:
        elsewhere = world.here.people[Role.SECURITY_OFFICER]
        office.fill(NEW, name="Autre", email=elsewhere.email, role="manager")
        page = words(office.client.get(office.url(elsewhere)))
        assert "Responsable du suivi opérationnel" in page
        assert "RSSI" not in page

    def test_a_structure_of_another_partner_cannot_be_typed(self, app: Flask, office: Office) -> None:
        answer = office.fill(office.url(Role.USER, GRANT), role="user", structure="ailleurs", reason="x")
        assert "Structure" in told(answer)[0]


def test_the_link_of_an_invitation_opens_the_page_where_a_password_is_chosen(
    app: Flask, office: Office
) -> None:
    office.fill(NEW, name="Nouvel agent", email="n@exemple.test", role="user")
    with app.app_context():
        path = db.session.scalars(select(Outbox.path)).one()
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    assert "mot de passe" in words(answer)
