"""What answers before a ticket is filed, and « J’ai ma réponse »."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.policy import Role
from app.documentation.models import Helped
from app.documentation.rules import ArticleText
from app.documentation.service import create, publish
from app.documentation.vocabulary import Audience
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.tickets import events as e
from app.tickets.deflection_models import Deflection
from app.tickets.vocabulary import IncidentType, WorkaroundScope
from tests.factories import Place, World, act, file, log_in
from tests.tickets.screens import NEW, counted, element, hidden, page, reference_in, tickets
from tests.tickets.test_views_filing import PNG

HTMX = {"HX-Request": "true", "HX-Target": "new-answers"}
SENTENCE = "Mon mot de passe est refusé"
QUERIES_AT_MOST = 30


@pytest.fixture
def user(app: Flask, world: World) -> FlaskClient:
    return log_in(app, app.test_client(), world.here.people[Role.USER])


@pytest.fixture
def article(app: Flask, world: World, clock: FrozenClock) -> str:
    with app.app_context():
        write(world.here, clock, "Mot de passe vu du service", audience=Audience.CORRESPONDENTS)
        write(world.there, clock, "Mot de passe d’ailleurs")
        return write(world.here, clock, "Mot de passe refusé", body="Changez de **mot de passe**.")


def write(place: Place, clock: FrozenClock, title: str, body: str = "Texte.", **more: object) -> str:
    text = ArticleText(title=title, body=body, review_on=(clock.now() + timedelta(days=90)).date(), **more)  # type: ignore[arg-type]
    with transaction():
        slug = create(text, actor=place.actor(), now=clock.now()).slug
        publish(slug, actor=place.actor(), now=clock.now())
    return slug


def typed(
    client: FlaskClient, subject: str, headers: dict[str, str] | None = None, **more: object
) -> TestResponse:
    form = hidden(element(client.get(NEW), "filing"))
    return client.post(f"{NEW}/reponses", data={**form, "subject": subject, **more}, headers=headers)


def titles(answer: TestResponse) -> list[str]:
    links = page(answer).select("#new-answers a[href^='/documentation/']")
    return [link.get_text().replace("(nouvel onglet)", "").strip() for link in links]


def say_found(client: FlaskClient, answer: str, **more: object) -> TestResponse:
    form = hidden(element(client.get(NEW), "filing"))
    return client.post(f"{NEW}/reponse-trouvee", data={**form, "answer": answer, **more})


def deflections(app: Flask) -> list[Deflection]:
    with app.app_context():
        return list(db.session.scalars(select(Deflection)))


def test_articles_appear_from_the_third_word(user: FlaskClient, article: str) -> None:
    assert titles(typed(user, "Mot passe", HTMX)) == []
    answer = typed(user, SENTENCE, HTMX)
    assert titles(answer) == ["Mot de passe refusé"]
    assert [mark.get_text() for mark in page(answer).select("#new-answers p.small mark")] == ["mot", "passe"]
    assert "1\u00a0article." in answer.text and "<form" not in answer.text
    assert not answer.headers.get("HX-Redirect")


def test_a_link_opens_beside_what_was_typed(user: FlaskClient, article: str) -> None:
    link = page(typed(user, SENTENCE, HTMX)).select_one(f"a[href='/documentation/{article}']")
    assert link is not None and link["target"] == "_blank"
    assert user.get(f"/documentation/{article}").status_code == 200


def test_without_script_a_button_shows_them_and_keeps_everything(
    app: Flask, user: FlaskClient, article: str
) -> None:
    (button,) = page(user.get(NEW)).select("noscript button")
    assert button["formaction"] == f"{NEW}/reponses"
    answer = typed(
        user, SENTENCE, text="Depuis hier", kind="acces", scope="one", files=(io.BytesIO(PNG), "vue.png")
    )
    assert answer.status_code == 200 and titles(answer) == ["Mot de passe refusé"]
    form = element(answer, "filing")
    assert form.select_one("#subject")["value"] == SENTENCE  # type: ignore[index]
    assert form.select_one("#text").get_text(strip=True) == "Depuis hier"  # type: ignore[union-attr]
    assert form.select_one("input[name=kind][checked]")["value"] == "acces"  # type: ignore[index]
    assert len(form.select("input[name=drafts]")) == 1
    assert page(answer).find(id="erreurs") is None
    assert page(answer).select_one("details.beside[open]") is not None
    assert not tickets(app)


def test_the_answer_is_counted_and_nothing_is_filed_nor_kept(
    app: Flask, world: World, user: FlaskClient, article: str, clock: FrozenClock
) -> None:
    answer = say_found(user, f"article:{article}", subject=SENTENCE, tools="suivi-de-parcours")
    assert answer.status_code == 200 and "Rien n’a été envoyé" in answer.text
    (counted_one,) = deflections(app)
    person = world.here.people[Role.USER].account_id
    assert (counted_one.partner_id, counted_one.account_id) == (world.here.partner_id, person)
    assert counted_one.article_id and counted_one.ticket_id is None
    assert (counted_one.tool_code, counted_one.at) == ("suivi-de-parcours", clock.now())
    assert not tickets(app)
    with app.app_context():
        assert db.session.scalars(select(Helped.account_id)).all() == [person]


def test_a_double_click_counts_once_and_the_page_can_still_file(
    app: Flask, user: FlaskClient, article: str
) -> None:
    form = hidden(element(user.get(NEW), "filing"))
    found = {**form, "answer": f"article:{article}"}
    assert [user.post(f"{NEW}/reponse-trouvee", data=found).status_code for _ in range(2)] == [200, 200]
    assert len(deflections(app)) == 1
    reference_in(user.post(NEW, data={**form, "tools": "inconnu", "kind": "question", "subject": "Autre"}))


def test_finally_not_gives_back_what_was_typed(app: Flask, user: FlaskClient, article: str) -> None:
    answer = say_found(
        user, f"article:{article}", subject=SENTENCE, text="Deux\nlignes", kind="acces", scope="one"
    )
    back = page(answer).select_one("#contenu form[action$=reprise]")
    assert back is not None
    form = element(user.post(str(back["action"]), data=hidden(back)), "filing")
    assert form.select_one("#subject")["value"] == SENTENCE  # type: ignore[index]
    assert form.select_one("#text").get_text().strip() == "Deux\nlignes"  # type: ignore[union-attr]
    assert form.select_one("input[name=kind][checked]")["value"] == "acces"  # type: ignore[index]
    assert deflections(app) == []
    with app.app_context():
        assert db.session.scalars(select(Helped)).all() == []
    reference_in(
        user.post(NEW, data={**hidden(form), "tools": "inconnu", "kind": "acces", "subject": SENTENCE})
    )


def test_what_had_helped_before_stays_said(
    app: Flask, user: FlaskClient, article: str, clock: FrozenClock
) -> None:
    say_found(user, f"article:{article}")
    clock.advance(timedelta(hours=2))
    form = hidden(element(user.get(NEW), "filing"))
    user.post(f"{NEW}/reprise", data=form)
    assert len(deflections(app)) == 1, "too long ago to be taken back"
    say_found(user, f"article:{article}")
    user.post(f"{NEW}/reprise", data=form)
    assert len(deflections(app)) == 1
    with app.app_context():
        assert len(db.session.scalars(select(Helped)).all()) == 1


def test_a_workaround_answers_too(app: Flask, world: World, user: FlaskClient, clock: FrozenClock) -> None:
    with app.app_context():
        ticket = file(
            world.here,
            now=clock.now(),
            role=Role.CORRESPONDENT,
            reporter_id=None,
            incident_type=IncidentType.APPLICATION,
            severity=None,
        )
        sent = e.Transmitted(channel="Formulaire", text="…")
        given = e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text="Saisissez la date à la main.")
        act(world.here, ticket, sent, given, now=clock.now())
        reference = ticket.reference
    clock.advance(timedelta(minutes=5))
    shown = element(user.get(f"{NEW}?tools=suivi-de-parcours"), "new-answers")
    assert "Saisissez la date à la main." in shown.get_text()
    assert say_found(user, f"incident:{reference}").status_code == 200
    (counted_one,) = deflections(app)
    assert counted_one.ticket_id == ticket.id and counted_one.article_id is None


@pytest.mark.parametrize(
    "answer", ["", "article:", "article:inconnu", "incident:7F3K-M2QX", "autre:chose", "article:\x00"]
)
def test_what_is_no_answer_is_not_counted(app: Flask, user: FlaskClient, article: str, answer: str) -> None:
    assert say_found(user, answer).status_code in {404, 422}
    assert deflections(app) == []


def test_what_others_may_read_is_no_answer(
    app: Flask, world: World, user: FlaskClient, article: str, clock: FrozenClock
) -> None:
    for slug in ("mot-de-passe-vu-du-service", "mot-de-passe-d-ailleurs"):
        assert say_found(user, f"article:{slug}").status_code == 404
    assert deflections(app) == []


def test_typing_costs_few_queries_and_writes_nothing(app: Flask, user: FlaskClient, article: str) -> None:
    form = hidden(element(user.get(NEW), "filing"))
    data = {**form, "subject": SENTENCE, "text": "mot " * 300, "tools": "connexion"}
    with counted(app) as statements:
        user.post(f"{NEW}/reponses", data=data, headers=HTMX)
    assert len(statements) <= QUERIES_AT_MOST, "\n".join(statements)
    assert not [statement for statement in statements if statement.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_who_answers_calls_has_the_same_help(app: Flask, world: World, article: str) -> None:
    client = log_in(app, app.test_client(), world.here.people[Role.CORRESPONDENT])
    assert set(titles(typed(client, SENTENCE, HTMX))) == {
        "Mot de passe refusé",
        "Mot de passe vu du service",
    }
    own = page(client.get(f"{NEW}?pour=moi")).find(id="new-answers")
    assert own is not None and own["hx-post"] == f"{NEW}/reponses?pour=moi"  # type: ignore[index]
