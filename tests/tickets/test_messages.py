"""Who is told what. The reporter is 40, the correspondent who acts is 12, a colleague is 13."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.policy import Role
from app.extensions import db
from app.kernel.clock import FrozenClock
from app.notifications.models import Outbox
from app.tickets import events as e
from app.tickets.messages import Notice, Template, notices
from app.tickets.vocabulary import IncidentType, Kind, State, WorkaroundScope
from tests.factories import World, act, file
from tests.tickets.stories import Story, transmitted

REPORTER, ACTOR, COLLEAGUE = 40, 12, 13
Told = list[tuple[int, str]]


def happens(story: Story, when: str, event: e.TicketEvent, by: int | None = ACTOR) -> list[Notice]:
    """The notices of one more event of the story."""
    before = story.facts
    story.then(f"2026-03-10 {when}", event)
    return notices(before, story.facts, replace(story.records[-1], actor_id=by))


def told(found: Sequence[Notice]) -> Told:
    return [(notice.account_id, notice.template) for notice in found]


def taken(story: Story | None = None) -> Story:
    """A ticket that the actor follows."""
    story = story or Story()
    happens(story, "09:01", e.Taken(assignee_id=ACTOR))
    return story


def filed(kind: Kind = Kind.QUESTION, by: int = REPORTER) -> Told:
    story = Story(kind)
    return told(notices(None, story.facts, replace(story.records[0], actor_id=by)))


def test_whoever_files_has_a_receipt_even_of_their_own_filing() -> None:
    assert filed(by=REPORTER) == filed(by=ACTOR) == [(REPORTER, "received")]


def test_a_caller_without_account_is_told_nothing() -> None:
    story = Story()
    filing = story.records[0].event
    assert isinstance(filing, e.Filed)
    story.records[0] = replace(
        story.records[0], event=replace(filing, reporter_id=None, caller="Accueil, poste 12")
    )
    assert notices(None, story.facts, story.records[0]) == []
    assert happens(story, "09:05", e.Answered(text="Videz le cache.")) == []


def test_a_question_is_sent_with_its_words() -> None:
    assert happens(taken(), "09:05", e.UserAsked(text="Quel navigateur\u00a0?")) == [
        Notice(REPORTER, Template.QUESTION, {"text": "Quel navigateur\u00a0?"})
    ]


def test_an_answer_is_sent_with_its_words() -> None:
    assert happens(taken(), "09:05", e.Answered(text="Videz le cache.")) == [
        Notice(REPORTER, Template.ANSWERED, {"text": "Videz le cache."})
    ]


def test_the_reply_goes_to_the_assignee_without_its_words() -> None:
    story = taken()
    happens(story, "09:05", e.UserAsked(text="Quel navigateur\u00a0?"))
    found = happens(story, "09:10", e.UserReplied(text="Celui du poste."), by=REPORTER)
    assert found == [Notice(ACTOR, Template.USER_REPLIED, {})]


def test_a_reply_noted_by_the_assignee_is_told_to_nobody() -> None:
    assert happens(taken(), "09:10", e.UserReplied(text="Au téléphone\u00a0: oui.")) == []


def test_a_reply_to_a_ticket_nobody_follows_waits_in_the_queue() -> None:
    assert happens(Story(), "09:10", e.UserReplied(text="Autre détail."), by=REPORTER) == []


@pytest.mark.parametrize(
    ("author", "readers"),
    [(REPORTER, [ACTOR]), (ACTOR, [REPORTER]), (COLLEAGUE, [ACTOR, REPORTER]), (None, [ACTOR, REPORTER])],
)
def test_a_public_comment_reaches_both_sides_but_its_author(author: int | None, readers: list[int]) -> None:
    found = happens(taken(), "09:05", e.Commented(text="Bonjour."), by=author)
    assert told(found) == [(reader, "commented") for reader in readers]
    assert all(notice.context == {} for notice in found), "the words of a comment stay on the page"


def test_an_internal_comment_is_told_to_nobody() -> None:
    for author in (ACTOR, COLLEAGUE):
        assert happens(taken(), "09:05", e.Commented(text="Entre nous.", internal=True), by=author) == []


def test_who_follows_their_own_ticket_is_told_once() -> None:
    story = taken()
    happens(story, "09:02", e.Assigned(assignee_id=REPORTER))
    assert told(happens(story, "09:05", e.Commented(text="Bonjour."))) == [(REPORTER, "commented")]


def test_the_new_assignee_is_told_by_someone_else_only() -> None:
    story = Story()
    assert told(happens(story, "09:01", e.Assigned(assignee_id=COLLEAGUE))) == [(COLLEAGUE, "assigned")]
    assert happens(story, "09:02", e.Assigned(assignee_id=COLLEAGUE)) == [], "nothing changed"
    assert happens(story, "09:03", e.Taken(assignee_id=ACTOR)) == [], "their own act"
    assert happens(story, "09:04", e.Assigned(assignee_id=None)) == []


def test_the_reporter_hears_once_that_france_travail_has_it() -> None:
    story = taken(Story(incident_type=IncidentType.AVAILABILITY))
    transmission = e.Transmitted(channel="Formulaire", text="…")
    assert told(happens(story, "09:10", transmission)) == [(REPORTER, "with-france-travail")]
    assert happens(story, "09:20", transmission) == []
    assert happens(story, "09:21", e.TakenUp()) == []


def test_the_reporter_hears_it_again_after_a_refusal() -> None:
    story = transmitted()
    assert happens(story, "09:20", e.FtRefused(text="Hors périmètre.")) == []
    again = happens(story, "09:30", e.Transmitted(channel="Formulaire", text="…"))
    assert told(again) == [(REPORTER, "with-france-travail")]


def test_an_incident_found_by_france_travail_is_with_them_too() -> None:
    story = Story(incident_type=IncidentType.AVAILABILITY)
    assert told(happens(story, "09:10", e.FtInformed(detected_at=None))) == [
        (REPORTER, "with-france-travail")
    ]


@pytest.mark.parametrize("scope", WorkaroundScope)
def test_a_workaround_is_sent_with_its_words(scope: WorkaroundScope) -> None:
    found = happens(transmitted(), "09:30", e.WorkaroundGiven(scope=scope, text="Passez par le portail."))
    total = scope is WorkaroundScope.TOTAL
    assert found == [
        Notice(
            REPORTER, Template.WORKAROUND, {"text": "Passez par le portail.", "total": total, "article": ""}
        )
    ]


@pytest.mark.parametrize("back", [e.ReturnAnnounced(), e.ReturnObserved(), e.FtClosed()])
def test_the_reporter_is_asked_once_to_try_the_service(back: e.TicketEvent) -> None:
    story = transmitted()
    assert told(happens(story, "10:00", back)) == [(REPORTER, "service-back")]
    assert happens(story, "10:05", e.ReturnObserved()) == []


def test_the_test_of_the_return_ends_or_goes_on() -> None:
    story = transmitted()
    happens(story, "10:00", e.ReturnAnnounced())
    assert told(happens(story, "10:05", e.ReturnRefused(text="Toujours blanc."))) == [(REPORTER, "not-back")]
    assert told(happens(story, "10:20", e.ReturnObserved())) == [(REPORTER, "service-back")]
    assert told(happens(story, "10:30", e.ReturnConfirmed())) == [(REPORTER, "resolved")]
    assert told(happens(story, "10:40", e.Closed())) == [(REPORTER, "closed")]
    assert told(happens(story, "11:00", e.Reopened(reason="Encore."))) == [(REPORTER, "reopened")]


@pytest.mark.parametrize("works", [True, False])
def test_the_verdict_goes_to_the_assignee(works: bool) -> None:
    story = taken()
    happens(story, "09:05", e.Answered(text="Videz le cache."))
    found = happens(story, "09:30", e.UserVerdict(works=works), by=REPORTER)
    assert found == [Notice(ACTOR, Template.VERDICT, {"works": works})]


def test_an_end_without_solution_is_told_too() -> None:
    assert told(happens(taken(), "09:05", e.Cancelled(reason="Erreur."))) == [(REPORTER, "cancelled")]
    assert told(happens(taken(), "09:05", e.DuplicateMarked(of="7F3K-M2QX"))) == [(REPORTER, "duplicate")]


def test_the_machinery_is_told_to_nobody() -> None:
    story = taken(transmitted())
    for minute, event in enumerate(
        [
            e.Diagnosed(express=True, conclusion="france-travail"),  # type: ignore[arg-type]
            e.TakenUp(),
            e.CauseGiven(text="Une panne."),
            e.ForecastGiven(text="Ce soir."),
            e.Relanced(contact="Support", text="…"),
            e.PlusOne(),
            e.ReferenceNoted(label="Éditeur", reference="A1"),
        ],
        start=11,
    ):
        assert happens(story, f"09:{minute}", event, by=COLLEAGUE) == [], event.type


def test_a_correction_is_told_to_nobody() -> None:
    story = transmitted()
    before = story.facts
    story.correct(story.sequence_of(e.Transmitted), void=True)
    assert before.state is State.TRANSMITTED
    assert notices(before, story.facts, story.records[-1]) == []


def test_a_security_case_gives_a_bare_receipt_and_nothing_more() -> None:
    assert filed(Kind.SECURITY) == [(REPORTER, "received-restricted")]
    story = Story(Kind.SECURITY)
    assert told(happens(story, "09:01", e.Assigned(assignee_id=COLLEAGUE))) == [(COLLEAGUE, "assigned")]
    for minute, event in enumerate(
        [
            e.Commented(text="…"),
            e.UserAsked(text="…"),
            e.UserReplied(text="…"),
            e.Answered(text="…"),
            e.Closed(),
        ],
        start=11,
    ):
        assert happens(story, f"09:{minute}", event) == [], event.type


def test_a_ticket_that_becomes_a_security_case_falls_silent() -> None:
    story = taken()
    flagged = e.Classified(kind=Kind.SECURITY, tools=("suivi-de-parcours",), reason="Intrusion.")
    assert happens(story, "09:05", flagged, by=COLLEAGUE) == []
    assert happens(story, "09:06", e.Answered(text="Changez de mot de passe."), by=COLLEAGUE) == []


def mails(app: Flask) -> list[tuple[int, int, str]]:
    with app.app_context():
        rows = db.session.execute(
            select(Outbox.sequence, Outbox.account_id, Outbox.template).order_by(Outbox.id)
        )
        return [(sequence, account, template) for sequence, account, template in rows]


def test_the_mails_are_owed_in_the_transaction_of_the_event(
    app: Flask, world: World, clock: FrozenClock
) -> None:
    user = world.here.people[Role.USER].account_id
    correspondent = world.here.people[Role.CORRESPONDENT].account_id
    with app.app_context():
        ticket = file(world.here, now=clock.now())
        act(
            world.here,
            ticket,
            e.Taken(assignee_id=correspondent),
            e.UserAsked(text="Depuis quand\u00a0?"),
            now=clock.now(),
        )
        act(world.here, ticket, e.UserReplied(text="Ce matin."), now=clock.now(), role=Role.USER)
    assert mails(app) == [(1, user, "received"), (3, user, "question"), (4, correspondent, "user-replied")]
