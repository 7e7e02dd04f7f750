"""`/administration/revues`: every right confirmed or withdrawn, and the record that nothing changes any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.jobs_life import keep_accounts
from app.accounts.life_models import ReviewCampaign, ReviewLine
from app.accounts.models import Account, Membership
from app.accounts.policy import Role
from app.accounts.review_rules import Decision, digest_of
from app.accounts.reviews import close_review, decide, find_review
from app.extensions import db
from app.infra.tx import transaction
from app.journal.models import Event
from app.journal.technical import Trace
from app.journal.verify import verify_journal
from app.kernel.clock import FrozenClock
from app.kernel.errors import Impossible
from app.notifications.models import Outbox
from tests.accounts.people import Office, open_office, told
from tests.conftest import START
from tests.factories import World, log_in
from tests.partners.pages import rows, soup, words

REVIEWS = "/administration/revues"
FIRST = f"{REVIEWS}/1"
DAY = timedelta(days=1)


@pytest.fixture
def office(app: Flask, world: World, client: FlaskClient) -> Office:
    return open_office(app, world, client)


def lines(office: Office, url: str = FIRST) -> dict[str, str]:
    """The lines that can be ticked: who and what → number."""
    boxes = soup(office.client.get(url)).select("input[name=line]")
    return {str(box["aria-label"]): str(box["value"]) for box in boxes}


def send(office: Office, decision: str, numbers: list[str], reason: str = "") -> object:
    sent = {"line": numbers, "decision": decision, "reason": reason}
    token = soup(office.client.get(FIRST)).select("main form[method=post]")[-1]
    hidden = {str(one["name"]): str(one["value"]) for one in token.select("input[type=hidden]")}
    return office.client.post(FIRST, data={**hidden, **sent})


def begin(office: Office) -> None:
    assert office.press(REVIEWS, REVIEWS).location == FIRST


def end(office: Office) -> str:
    return office.press(FIRST, "/cloture").location


def test_it_lists_every_account_and_right_with_its_last_use(app: Flask, office: Office) -> None:
    with app.app_context(), transaction():
        account = db.session.get_one(Account, office.place.people[Role.USER].account_id)
        account.last_login_at = START - 40 * DAY
    office.fill(office.url(Role.USER, "/roles/nouveau"), role="user", structure="insertion", reason="renfort")
    begin(office)
    listed = rows(office.client.get(FIRST), "Droits de la revue")
    assert len(listed) == len(Role) + 1
    mine = [row for row in listed if row["Personne"].startswith("user nord")]
    assert [row["Droit"] for row in mine] == ["Utilisateur Accueil", "Utilisateur Insertion"]
    assert mine[0]["Dernière connexion"] == "il y a 40 j"
    assert {row["Décision"] for row in listed} == {"à décider"}
    assert "0 sur 9 droits décidés" in words(office.client.get(FIRST))


def test_lines_are_confirmed_by_the_page_and_closing_waits_for_the_last(office: Office) -> None:
    begin(office)
    numbers = list(lines(office).values())
    send(office, "confirmed", numbers[:-1])
    assert "7 sur 8 droits décidés" in words(office.client.get(FIRST))
    assert "Clore la revue" not in words(office.client.get(FIRST))
    campaign_is_open(office)
    send(office, "confirmed", numbers[-1:])
    assert "Clore la revue" in words(office.client.get(FIRST))
    shown = rows(office.client.get(f"{FIRST}?lignes=toutes"), "Droits de la revue")
    assert all(row["Décision"].startswith("Confirmé 10/03/2026") for row in shown)
    assert all("par administrator nord" in row["Décision"] for row in shown)


def campaign_is_open(office: Office) -> None:
    actor = office.place.actor(Role.ADMINISTRATOR)
    with office.app.app_context(), pytest.raises(Impossible, match="une ligne sans décision"), transaction():
        close_review(find_review(actor, 1), actor=actor, now=START)


def test_a_withdrawal_needs_a_reason_and_is_applied_at_once(office: Office) -> None:
    office.fill(office.url(Role.CORRESPONDENT, "/roles/nouveau"), role="manager", reason="intérim")
    begin(office)
    number = lines(office)["correspondent nord, Responsable du suivi opérationnel"]
    answer = send(office, "withdrawn", [number])
    assert "Indiquez le motif" in told(answer)[0]  # type: ignore[arg-type]
    assert f'value="{number}" aria-label' in answer.text or "checked" in answer.text  # type: ignore[attr-defined]
    assert len(office.roles(Role.CORRESPONDENT)) == 2
    send(office, "withdrawn", [number], "fin de l’intérim")
    assert office.roles(Role.CORRESPONDENT) == {("correspondent", None)}
    assert "withdrawn" in office.traces()
    shown = rows(office.client.get(f"{FIRST}?lignes=toutes"), "Droits de la revue")
    (row,) = [
        row for row in shown if "suivi opérationnel" in row["Droit"] and "correspondent" in row["Personne"]
    ]
    assert row["Décision"].startswith("Retiré")
    assert "fin de l’intérim" in row["Décision"]


def test_an_only_right_and_the_last_administrators_are_not_withdrawn_here(office: Office) -> None:
    begin(office)
    found = lines(office)
    both = [
        found["manager nord, Responsable du suivi opérationnel"],
        found["administrator nord, Administrateur"],
    ]
    answer = send(office, "withdrawn", both, "trop de droits")
    page = words(office.client.get(answer.location))  # type: ignore[attr-defined]
    assert "manager nord : Il ne lui resterait aucun rôle" in page
    assert "administrator nord : Il ne lui resterait aucun rôle" in page
    assert "0 sur 8 droits décidés" in page


def test_a_right_lost_elsewhere_is_decided_by_that(office: Office) -> None:
    begin(office)
    office.fill(office.url(Role.MANAGER, "/depart"), day="2026-03-10", reason="retraite")
    shown = rows(office.client.get(f"{FIRST}?lignes=toutes"), "Droits de la revue")
    (row,) = [row for row in shown if row["Personne"].startswith("manager")]
    assert row["Décision"].startswith("Retiré")
    assert "retraite" in row["Décision"]


def test_only_one_at_a_time_and_nothing_ticked_is_refused(office: Office) -> None:
    begin(office)
    assert "Commencer une revue" not in words(office.client.get(REVIEWS))
    assert "Cochez au moins une ligne" in told(send(office, "confirmed", []))[0]  # type: ignore[arg-type]
    assert told(send(office, "confirmed", ["999", "-1", "x"]))  # type: ignore[arg-type]


class TestClosed:
    @pytest.fixture
    def closed(self, office: Office) -> Office:
        begin(office)
        send(office, "confirmed", list(lines(office).values()))
        assert end(office) == FIRST
        return office

    def test_its_record_is_dated_signed_and_in_the_sealed_journal(self, app: Flask, closed: Office) -> None:
        page = words(closed.client.get(FIRST))
        assert "Le compte rendu est intact" in page
        with app.app_context():
            campaign = db.session.scalars(select(ReviewCampaign)).one()
            assert campaign.content is not None
            assert digest_of(campaign.content) == campaign.digest
            assert campaign.digest in page
            last = db.session.scalars(select(Event).where(Event.type == "access-review.closed")).one()
            assert last.payload == {"number": 1, "digest": campaign.digest}
            assert list(verify_journal()) == []

    def test_what_happens_later_does_not_change_it(self, app: Flask, closed: Office) -> None:
        before = closed.client.get(f"{FIRST}/export.csv").text
        with app.app_context(), transaction():
            db.session.execute(update(Account).values(name="Renommé"))
            db.session.execute(update(ReviewLine).values(decision="withdrawn"))
        assert closed.client.get(f"{FIRST}/export.csv").text == before
        main = soup(closed.client.get(FIRST)).main
        assert main is not None
        assert "Renommé" not in main.get_text()
        assert "Utilisateur;Accueil;;Confirmé;10/03/2026 09:00;administrator nord;" in before

    def test_whoever_changes_it_in_the_database_is_seen(self, app: Flask, closed: Office) -> None:
        with app.app_context(), transaction():
            campaign = db.session.scalars(select(ReviewCampaign)).one()
            campaign.content = {**(campaign.content or {}), "closed_by": "Personne"}
        assert "Le compte rendu a été modifié" in words(closed.client.get(FIRST))

    def test_nothing_is_decided_any_more(self, app: Flask, closed: Office) -> None:
        actor = closed.place.actor(Role.ADMINISTRATOR)
        with app.app_context():
            for again in (
                lambda campaign: close_review(campaign, actor=actor, now=START),
                lambda campaign: decide(
                    campaign, [1], Decision.WITHDRAWN, reason="x", actor=actor, now=START
                ),
            ):
                with pytest.raises(Impossible, match="close"), transaction():
                    again(find_review(actor, 1))
        assert not soup(closed.client.get(FIRST)).select("input[name=line]")

    def test_its_export_is_traced(self, closed: Office) -> None:
        closed.client.get(f"{FIRST}/export.csv")
        assert closed.traces(Trace.EXPORTED) == ["access-review"]

    def test_another_partner_has_none(self, app: Flask, world: World, closed: Office) -> None:
        client = log_in(app, app.test_client(), world.here.people[Role.ADMINISTRATOR])
        assert client.get(FIRST).status_code == 404
        assert client.get(f"{FIRST}/export.csv").status_code == 404
        assert "Aucune revue" in words(client.get(REVIEWS))


class TestReminders:
    def reminded(self, office: Office) -> int:
        return [template for template, _ in office.letters()].count("review-due")

    def test_a_year_after_the_first_account_then_every_month(self, app: Flask, office: Office) -> None:
        # The people of the tests were made on 5 January 2026.
        owed = START.replace(year=2027, month=1, day=5)
        expected = [(owed - DAY, 0), (owed, 1), (owed + DAY, 1), (owed + 29 * DAY, 1), (owed + 30 * DAY, 2)]
        for moment, reminders in expected:
            with app.app_context():
                keep_accounts(moment)
            # One administrator in each of the two partners.
            assert self.reminded(office) == 2 * reminders, moment

    def test_a_closed_review_gives_another_year(self, app: Flask, office: Office, clock: FrozenClock) -> None:
        begin(office)
        send(office, "confirmed", list(lines(office).values()))
        end(office)
        assert "Prochaine revue due le 10/03/2027" in words(office.client.get(REVIEWS))

    def test_one_left_open_is_to_be_ended(self, app: Flask, office: Office) -> None:
        begin(office)
        with app.app_context():
            keep_accounts(START + 30 * DAY)
            context = db.session.scalars(select(Outbox.context).where(Outbox.template == "review-due")).one()
        assert context == {"due": "", "left": 8}


def test_a_page_is_ticked_whole_without_a_script(office: Office) -> None:
    begin(office)
    boxes = soup(office.client.get(f"{FIRST}?cocher=toutes")).select("input[name=line]")
    assert len(boxes) == len([box for box in boxes if box.has_attr("checked")]) == len(Role)


def test_three_hundred_rights_are_read_page_by_page(app: Flask, office: Office) -> None:
    with app.app_context(), transaction():
        accounts = [
            Account(
                name=f"Agent {number:03}", email=f"agent{number}@exemple.test", active=True, created_at=START
            )
            for number in range(300)
        ]
        db.session.add_all(accounts)
        db.session.flush()
        db.session.add_all(
            Membership(partner_id=office.place.partner_id, account_id=account.id, role=Role.USER)
            for account in accounts
        )
    begin(office)
    assert len(lines(office)) == 25
    assert "page 2 sur 13" in words(office.client.get(f"{FIRST}?page=2"))
    assert list(lines(office, f"{FIRST}?q=agent 299")) == ["Agent 299, Utilisateur"]
    assert office.client.get(f"{FIRST}?page=-3&lignes=x&q={'a' * 500}").status_code == 200
