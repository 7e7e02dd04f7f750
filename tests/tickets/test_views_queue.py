"""What people see of the queue, and what they do there."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.policy import Role
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.vocabulary import Kind
from app.web.csv_file import harmless
from tests.conftest import START
from tests.factories import Place, World, act, file, log_in, transmitted

MINUTE = timedelta(minutes=1)
URL = "/sollicitations"


def visit(client: FlaskClient, url: str = URL, **query: str) -> BeautifulSoup:
    answer = client.get(url, query_string=query or None)
    assert answer.status_code == 200, answer.status
    return BeautifulSoup(answer.text, "html5lib")


def rows(soup: BeautifulSoup | Tag) -> list[dict[str, str]]:
    """Each row of the table as heading → text."""
    return [
        {str(cell["data-label"]): " ".join(cell.get_text(" ").split()) for cell in line.select("td")}
        for line in soup.select("tr[data-row]")
    ]


def references(soup: BeautifulSoup) -> list[str]:
    return [row["Référence"] for row in rows(soup)]


def token(soup: BeautifulSoup) -> str:
    field = soup.select_one("form[method=post] input[name=csrf_token]")
    assert field is not None
    return str(field["value"])


def text(soup: BeautifulSoup) -> str:
    return " ".join(soup.get_text(" ").split())


@pytest.fixture
def desk(app: Flask, client: FlaskClient, world: World) -> FlaskClient:
    return log_in(app, client, world.here.people[Role.CORRESPONDENT])


def put(app: Flask, place: Place, **changes: object) -> str:
    with app.app_context():
        return file(place, now=START, **changes).reference


def test_nobody_reads_it_without_logging_in(client: FlaskClient) -> None:
    assert client.get(URL).status_code in {302, 303}


def test_an_empty_queue_says_what_to_do(desk: FlaskClient) -> None:
    soup = visit(desk)
    assert "Rien dans cet onglet" in text(soup)
    assert soup.select_one('a[href="/sollicitations/nouvelle"]') is not None


def test_a_row_says_what_matters(app: Flask, desk: FlaskClient, world: World, clock: FrozenClock) -> None:
    with app.app_context():
        ticket = transmitted(world.here, now=START, tools=("suivi-de-parcours",))
        act(world.here, ticket, e.PlusOne(), now=START)
    clock.set(START + 5 * MINUTE)
    (row,) = rows(visit(desk, onglet="chez-france-travail"))
    assert row["Référence"] == ticket.reference
    assert "Le suivi de parcours ne répond plus" in row["Objet"]
    assert "+1" in row["Objet"]
    assert "Incident de disponibilité" in row["Objet"]
    assert "Accueil" in row["Objet"]
    assert row["État"] == "Transmise à France Travail"
    assert "reste 10 min" in row["Échéance"].replace("\u00a0", " ")
    assert "Prise en charge" in row["Échéance"]
    assert row["Responsable"] == "personne"


def test_tabs_hold_their_counts_and_the_query(app: Flask, desk: FlaskClient, world: World) -> None:
    put(app, world.here)
    put(app, world.here, kind=Kind.QUESTION)
    tabs = visit(desk, q="parcours").select(".tabs a")
    assert [" ".join(tab.get_text(" ").split()) for tab in tabs] == [
        "À traiter 2", "Chez France Travail 0", "À vérifier 0", "Closes 0", "Toutes 2",
    ]  # fmt: skip
    assert all("q=parcours" in str(tab["href"]) for tab in tabs)


def test_words_that_are_not_known_are_answered_and_nothing_is_lost(
    app: Flask, desk: FlaskClient, world: World
) -> None:
    put(app, world.here)
    typed = 'outils:ouiform "page blanche" horloge:hier'
    soup = visit(desk, q=typed)
    box = soup.select_one("input#q")
    assert box is not None
    assert box["value"] == typed
    assert "Mots connus" in text(soup)
    assert "Valeurs connues" in text(soup)
    assert len(rows(soup)) == 1


@pytest.mark.parametrize(
    "typed", ["x" * 5000, "\x00", "'; DROP TABLE ticket; --", '"', "::", "é" * 399, "%%%s"]
)
def test_hostile_queries_are_answered(app: Flask, desk: FlaskClient, world: World, typed: str) -> None:
    put(app, world.here)
    visit(desk, q=typed, onglet=typed[:50], apres=typed[:50], avant=typed[:50], outil=typed[:50])


def test_a_reference_goes_straight_to_its_ticket(app: Flask, desk: FlaskClient, world: World) -> None:
    reference = put(app, world.here)
    for typed in (reference, reference.lower(), reference.replace("-", ""), reference[:6]):
        answer = desk.get(URL, query_string={"q": typed})
        assert answer.status_code == 303
        assert answer.location == f"/sollicitations/{reference}"


def test_a_reference_of_another_partner_leads_nowhere(app: Flask, desk: FlaskClient, world: World) -> None:
    reference = put(app, world.there)
    assert rows(visit(desk, q=reference)) == []


def test_the_form_filters_like_the_words(app: Flask, desk: FlaskClient, world: World) -> None:
    put(app, world.here)
    question = put(app, world.here, kind=Kind.QUESTION)
    soup = visit(desk, nature="question", q="parcours")
    assert references(soup) == [question]
    box, chosen = soup.select_one("input#q"), soup.select_one("#filtre-nature option[selected]")
    assert box is not None
    assert box["value"] == "nature:question parcours"
    assert chosen is not None
    assert chosen["value"] == "question"


def test_a_filter_is_kept_and_deleted(app: Flask, desk: FlaskClient, world: World) -> None:
    soup = visit(desk, q="nature:question", onglet="toutes")
    sent = {"csrf_token": token(soup), "name": "Mes questions", "q": "nature:question"}
    answer = desk.post("/sollicitations/filtres?onglet=toutes", data=sent)
    assert answer.status_code == 303
    soup = visit(desk)
    saved = soup.find("a", string="Mes questions")
    assert isinstance(saved, Tag)
    assert "nature:question" in str(saved["href"]).replace("%3A", ":")
    desk.post(
        "/sollicitations/filtres/suppression", data={"csrf_token": token(soup), "name": "Mes questions"}
    )
    assert visit(desk).find("a", string="Mes questions") is None


@pytest.mark.parametrize(
    ("name", "query"), [("", "nature:question"), ("x" * 61, "nature:question"), ("Vide", "")]
)
def test_a_filter_without_name_or_query_is_refused(desk: FlaskClient, name: str, query: str) -> None:
    sent = {"csrf_token": token(visit(desk, q="mot")), "name": name, "q": query}
    answer = desk.post("/sollicitations/filtres", data=sent, follow_redirects=True)
    assert answer.status_code == 200
    soup = BeautifulSoup(answer.text, "html5lib")
    assert soup.select_one("#messages .callout-alarm") is not None
    assert soup.select_one('[aria-label="Mes filtres"]') is None


def test_several_rows_are_taken_at_once_each_with_its_answer(
    app: Flask, desk: FlaskClient, world: World
) -> None:
    first, second = put(app, world.here), put(app, world.here)
    soup = visit(desk)
    boxes = [str(box["value"]) for box in soup.select("input[name=selection]")]
    with app.app_context():
        act(world.here, second, e.Diagnosed(express=True, conclusion="local"), now=START)  # type: ignore[arg-type]
    sent = {"csrf_token": token(soup), "selection": boxes, "assignee": "moi"}
    answer = desk.post("/sollicitations/attribution?onglet=a-traiter", data=sent, follow_redirects=True)
    soup = BeautifulSoup(answer.text, "html5lib")
    messages = " ".join(message.get_text(" ") for message in soup.select("#messages .callout"))
    assert first in messages
    assert f"{second} n’a pas été attribuée" in messages
    owners = {row["Référence"]: row["Responsable"] for row in rows(soup)}
    assert owners == {first: world.here.actor().name, second: "personne"}


def test_a_row_is_given_only_to_who_may_handle_it(app: Flask, desk: FlaskClient, world: World) -> None:
    reference = put(app, world.here)
    soup = visit(desk)
    offered = {option.get_text(): str(option["value"]) for option in soup.select("#assignee option")}
    assert world.here.actor(Role.USER).name not in offered
    officer = offered[world.here.actor(Role.ACCOUNT_MANAGER).name]
    sent = {"csrf_token": token(soup), "selection": f"{reference}.1", "assignee": officer}
    answer = desk.post("/sollicitations/attribution", data=sent, follow_redirects=True)
    assert "ne peut pas traiter" in answer.text


@pytest.mark.parametrize(
    ("selection", "assignee"), [([], "moi"), (["7F3K-M2QX.1"], "999999"), (["x"] * 3, ""), (["\x00.9"], "-1")]
)
def test_a_wrong_selection_changes_nothing(desk: FlaskClient, selection: list[str], assignee: str) -> None:
    sent = {"csrf_token": token(visit(desk, q="mot")), "selection": selection, "assignee": assignee}
    answer = desk.post("/sollicitations/attribution", data=sent)
    assert answer.status_code == 422


def test_a_user_sees_plain_states_and_no_machinery(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context():
        ticket = transmitted(world.here, now=START)
    soup = visit(log_in(app, client, world.here.people[Role.USER]))
    (row,) = rows(soup)
    assert row["Référence"] == ticket.reference
    assert row["État"] == "Chez France Travail"
    assert set(row) == {"Référence", "Objet", "État", "Déposée"}
    for machinery in ("input[name=selection]", ".clock-cell", "#assignee", "#filtre-horloge"):
        assert soup.select_one(machinery) is None
    assert (
        "horloge"
        not in text(visit(client, q="horloge:dépassée").select_one("main") or soup).partition("Mots connus")[
            2
        ]
    )


def test_who_only_reads_is_offered_nothing_to_assign(app: Flask, client: FlaskClient, world: World) -> None:
    put(app, world.here)
    soup = visit(log_in(app, client, world.here.people[Role.MANAGER]))
    assert len(rows(soup)) == 1
    assert soup.select_one("input[name=selection], #assignee") is None


def test_htmx_gets_the_list_alone(app: Flask, desk: FlaskClient, world: World) -> None:
    put(app, world.here)
    answer = desk.get(URL, headers={"HX-Request": "true", "HX-Target": "queue-list"})
    assert "<html" not in answer.text
    soup = BeautifulSoup(answer.text, "html5lib")
    assert soup.select_one("#queue-list") is not None
    assert soup.title is not None
    assert "1 sollicitation affichée" in answer.text.replace("\u00a0", " ")


def test_pages_have_addresses(app: Flask, desk: FlaskClient, world: World) -> None:
    with app.app_context():
        for _ in range(27):
            file(world.here, now=START)
    soup = visit(desk)
    following = soup.select_one("a[rel=next]")
    assert len(rows(soup)) == 25
    assert following is not None
    last = visit(desk, str(following["href"]))
    assert len(rows(last)) == 2
    previous = last.select_one("a[rel=prev]")
    assert previous is not None
    assert references(visit(desk, str(previous["href"]))) == references(soup)


def test_the_export_is_what_french_spreadsheets_open(app: Flask, desk: FlaskClient, world: World) -> None:
    reference = put(app, world.here, subject='=HYPERLINK("x") ; « é »')
    answer = desk.get("/sollicitations/export.csv?onglet=a-traiter")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "sollicitations-2026-03-10.csv" in answer.headers["Content-Disposition"]
    assert answer.data.startswith("\ufeff".encode())
    (line,) = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert line["Référence"] == reference
    assert line["Objet"].startswith("'=HYPERLINK")
    assert line["Déposée le"] == "10/03/2026 09:00"
    assert line["Outils"] == "Suivi de parcours"


def test_a_user_exports_no_machinery(app: Flask, client: FlaskClient, world: World) -> None:
    with app.app_context():
        transmitted(world.here, now=START)
    answer = log_in(app, client, world.here.people[Role.USER]).get("/sollicitations/export.csv")
    (line,) = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert line["État"] == "Chez France Travail"
    assert line["Horloge"] == line["Échéance"] == line["Responsable"] == ""


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+33", "'+33"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_no_cell_runs_as_a_formula(cell: str, written: str) -> None:
    assert harmless(cell) == written
