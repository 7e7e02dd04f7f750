"""Grouping as people do it: from the queue, from the page of a ticket, and what each of them then reads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.verify import verify_tickets
from app.tickets.vocabulary import Kind, WorkaroundScope
from tests.factories import World, act, file, transmitted
from tests.tickets.desks import Desk, Open, as_role, words
from tests.tickets.screens import counted, flashes, hidden

MINUTE = timedelta(minutes=1)
GROUP = "/sollicitations/regroupement"


def shown(client: FlaskClient, reference: str) -> BeautifulSoup:
    answer = client.get(f"/sollicitations/{reference}")
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html5lib")


def text(client: FlaskClient, reference: str) -> str:
    return words(shown(client, reference).select_one("main"))


@pytest.fixture
def four(app: Flask, world: World, clock: FrozenClock) -> list[str]:
    """Four tickets of one morning: the second was transmitted first."""
    found = []
    with app.app_context():
        for number in range(4):
            filed = transmitted if number in (1, 3) else file
            subject = f"Page blanche {number + 1}"
            found.append(
                filed(world.here, now=clock.now(), subject=subject, text=f"Secret {number + 1}").reference
            )
            clock.advance(2 * MINUTE)
    return found


def tick(client: FlaskClient, references: list[str]) -> str:
    """Tick the rows in the queue and press the button; the address of the page that asks under which."""
    page = BeautifulSoup(client.get("/sollicitations?onglet=toutes").text, "html5lib")
    form = page.select_one("form[action*=attribution]")
    assert form is not None
    button = form.select_one(f"button[formaction='{GROUP}']")
    assert button is not None and words(button) == "Regrouper sous…"
    values = [str(box["value"]) for box in form.select("input[name=selection]")]
    chosen = [value for value in values if value.partition(".")[0] in references]
    answer = client.post(GROUP, data={**hidden(form), "selection": chosen})
    assert answer.status_code == 303
    return str(answer.location)


def sent(client: FlaskClient, url: str, **typed: object) -> dict[str, object]:
    """What the page would send as it is shown, changed by what is typed."""
    form = BeautifulSoup(client.get(url).text, "html5lib").select_one("main form")
    assert form is not None
    of = form.select_one("input[name=of][checked]")
    ticked = [str(box["value"]) for box in form.select("input[name=selection][checked]")]
    return {**hidden(form), "of": str(of["value"]) if of else "", "selection": ticked, **typed}


def test_rows_ticked_in_the_queue_are_grouped_under_the_first_transmitted(
    app: Flask, world: World, correspondent: FlaskClient, four: list[str]
) -> None:
    url = tick(correspondent, four)
    values = sent(correspondent, url)
    assert values["of"] == four[1]
    assert len(values["selection"]) == 4  # type: ignore[arg-type]
    answer = correspondent.post(url, data=values)
    assert (answer.status_code, answer.location) == (303, f"/sollicitations/{four[1]}")
    assert "3 sollicitations regroupées" in flashes(correspondent).replace("\u00a0", " ")
    # The page loaded again, or a second click: nothing more happens, nothing is refused.
    correspondent.post(url, data=values)
    assert "n’a pas été regroupée" not in flashes(correspondent)
    page = shown(correspondent, four[1])
    rows = page.select("table tbody tr")
    assert [words(row.select_one(".reference")) for row in rows] == [four[0], four[2], four[3]]
    assert "4 signalements" in words(page.select_one("main"))
    with app.app_context():
        assert list(verify_tickets()) == []


def test_the_queue_says_that_a_ticket_is_grouped_and_how_many_the_main_one_counts(
    correspondent: FlaskClient, four: list[str]
) -> None:
    url = tick(correspondent, four[:2])
    correspondent.post(url, data=sent(correspondent, url))
    page = BeautifulSoup(correspondent.get("/sollicitations?onglet=toutes").text, "html5lib")
    rows = {words(row.select_one(".reference")): words(row) for row in page.select("tbody tr")}
    assert "Regroupée" in rows[four[0]]
    assert "+1" in rows[four[1]]


def test_a_main_ticket_must_be_chosen_and_something_grouped_under_it(
    correspondent: FlaskClient, four: list[str]
) -> None:
    url = tick(correspondent, four[:2])
    wrong: list[dict[str, object]] = [
        {"of": ""},
        {"of": "ZZZZ-ZZZZ"},
        {"selection": []},
        {"selection": [four[1]]},
    ]
    for typed in wrong:
        answer = correspondent.post(url, data=sent(correspondent, url, **typed))
        assert answer.status_code == 422
        assert BeautifulSoup(answer.text, "html5lib").select_one("#erreurs") is not None
    nothing = {"csrf_token": sent(correspondent, url)["csrf_token"]}
    assert correspondent.post(GROUP, data=nothing).status_code == 422
    assert correspondent.get(GROUP, query_string={"s": [four[0]]}).status_code == 422
    assert correspondent.get(GROUP, query_string={"s": ["x", "\x00"]}).status_code == 422


def test_each_ticket_that_cannot_be_grouped_says_why(
    app: Flask, world: World, clock: FrozenClock, correspondent: FlaskClient, four: list[str]
) -> None:
    with app.app_context():
        act(world.here, four[0], e.Cancelled(reason="Erreur"), now=clock.now())
        question = file(world.here, now=clock.now(), kind=Kind.QUESTION).reference
    url = tick(correspondent, [four[0], four[2], question])
    values = sent(correspondent, url, of=question)
    correspondent.post(url, data=values)
    told = flashes(correspondent)
    assert f"{four[0]} n’a pas été regroupée" in told
    assert "que sous un incident" in told


def test_from_the_page_of_a_ticket_those_that_look_alike_are_offered(
    app: Flask, correspondent: FlaskClient, four: list[str]
) -> None:
    desk = Desk(app, correspondent, four[0], 0)
    page = BeautifulSoup(correspondent.get(desk.url("regroupement")).text, "html5lib")
    offered = [str(choice["value"]) for choice in page.select("input[name=candidate]")]
    assert offered == [four[1], four[3], four[2], ""]
    assert desk.send("regroupement").status_code == 303
    assert f"Regroupée sous {four[1]}" in text(correspondent, four[0])


def test_detached_from_the_page_with_a_reason(
    app: Flask, correspondent: FlaskClient, four: list[str]
) -> None:
    desk = Desk(app, correspondent, four[3], 0)
    desk.send("regroupement", candidate="", of=four[1])
    page = shown(correspondent, four[1])
    link = page.select_one(f"a[href='{desk.url('detachement')}']")
    assert link is not None
    assert desk.send("detachement", reason="").status_code == 422
    assert desk.send("detachement", reason="Une autre page").status_code == 303
    said = text(correspondent, four[3])
    assert "Une autre page" in said and "Transmise à France Travail" in said
    assert shown(correspondent, four[1]).select_one("#groupe") is None


def test_the_reporter_reads_where_the_common_incident_stands_and_nothing_of_the_others(
    app: Flask, world: World, clock: FrozenClock, correspondent: FlaskClient, four: list[str]
) -> None:
    user = as_role(app, world, Role.USER)
    with app.app_context():
        act(world.here, four[0], e.DuplicateMarked(of=four[1]), now=clock.now())
        steps = (
            e.Commented(text="Note du bureau", internal=True),
            e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text="Passez par l’autre page."),
        )
        act(world.here, four[1], *steps, now=clock.now())
    said = text(user, four[0])
    assert "Suivie avec d’autres signalements du même problème" in said
    assert "Chez France Travail" in said
    assert "Passez par l’autre page." in said
    for hidden_words in ("Secret 2", "Page blanche 2", four[1], "Note du bureau", "Ça remarche"):
        assert hidden_words not in said
    queue = BeautifulSoup(user.get("/sollicitations").text, "html5lib")
    states = {words(row.select_one(".reference")): words(row) for row in queue.select("tbody tr")}
    assert "Chez France Travail" in states[four[0]]
    home = BeautifulSoup(user.get("/").text, "html5lib").select_one("#mes-demandes")
    assert home is not None and home.parent is not None and home.parent.parent is not None
    own = {words(row.select_one(".reference")): words(row) for row in home.parent.parent.select("tbody tr")}
    assert "Chez France Travail" in own[four[0]]


def test_the_reporter_of_a_grouped_ticket_says_whether_it_works_again(
    app: Flask, world: World, clock: FrozenClock, correspondent: FlaskClient, four: list[str]
) -> None:
    user = as_role(app, world, Role.USER)
    with app.app_context():
        act(world.here, four[0], e.DuplicateMarked(of=four[1]), now=clock.now())
        act(world.here, four[1], e.ReturnAnnounced(), now=clock.now())
    assert "Est-ce que cela fonctionne de nouveau" in text(user, four[0])
    desk = Desk(app, user, four[0], 0)
    assert desk.send("ca-ne-marche-pas", text="Toujours blanc").status_code == 303
    assert "Dit que ça ne marche pas" in text(correspondent, four[1])


def test_the_choice_to_inform_the_group_is_ticked_for_what_ends_and_not_for_messages(
    app: Flask, world: World, clock: FrozenClock, correspondent: FlaskClient, four: list[str]
) -> None:
    desk = Desk(app, correspondent, four[1], 0)
    assert "inform_group" not in desk.form(desk.url("commentaire"))
    with app.app_context():
        for report in (four[0], four[2]):
            act(world.here, report, e.DuplicateMarked(of=four[1]), now=clock.now())
    assert "inform_group" not in desk.form(desk.url("commentaire"))
    for slug in ("retour-constate", "retour-annonce", "contournement", "cloture-ft"):
        assert "inform_group" in desk.form(desk.url(slug)), slug
    desk.send("retour-constate")
    assert "Relayé" in text(correspondent, four[0])
    assert "2 sollicitations regroupées" in words(
        BeautifulSoup(correspondent.get(desk.url("commentaire")).text, "html5lib").select_one("#act-form")
    )
    form = shown(correspondent, four[1]).select_one("form[action$=commentaire]")
    assert form is not None and form.select_one("input[name=inform_group]:not([checked])") is not None


def test_a_question_sent_before_it_became_an_interruption_says_that_nothing_is_owed(before: Open) -> None:
    sent_as_question = (e.Transmitted(channel="Formulaire", text="…"),)
    desk = before(*sent_as_question, kind=Kind.QUESTION)
    assert "Prise en charge : sans objet" not in text(desk.client, desk.reference)
    desk.send(
        "classement", kind="incident", incident_type="availability", severity="interruption", reason="Vu"
    )
    assert "Prise en charge : sans objet" in text(desk.client, desk.reference)


def test_an_earlier_announcement_found_late_stops_the_clock_at_its_hour(before: Open) -> None:
    desk = before(
        e.Transmitted(channel="Formulaire", text="…"), e.TakenUp(), e.ReturnObserved(), e.ReturnConfirmed()
    )
    observed = next(record for record in desk.records() if isinstance(record.event, e.ReturnObserved))
    late = observed.occurred_at + MINUTE
    wall = "%Y-%m-%dT%H:%M"
    assert desk.send("retour-annonce", occurred_at=late.strftime(wall)).status_code == 422
    paris = (observed.occurred_at - MINUTE + timedelta(hours=1)).strftime(wall)
    assert desk.send("retour-annonce", occurred_at=paris).status_code == 303
    assert "Résolue" in text(desk.client, desk.reference)


def test_the_page_of_a_group_costs_few_statements(
    app: Flask, world: World, clock: FrozenClock, correspondent: FlaskClient, four: list[str]
) -> None:
    with app.app_context():
        for report in (four[0], four[2], four[3]):
            act(world.here, report, e.DuplicateMarked(of=four[1]), now=clock.now())
    with counted(app) as statements:
        shown(correspondent, four[1])
    assert len(statements) <= 16, "\n".join(statements)
