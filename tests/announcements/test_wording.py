from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.announcements import events as e
from app.announcements.page import former_versions, notice_line, thread
from app.announcements.payloads import from_payload
from app.announcements.rules import News
from app.announcements.vocabulary import Kind, Level, Milestone
from app.announcements.wording import (
    _ICONS,
    heading_of_mail,
    icon_of_news,
    say_dates,
    text_of_mail,
    title_of_news,
)
from app.journal.payloads import encode
from app.tickets.vocabulary import Severity
from tests.announcements.material import NOON, Told, change, edited, incident, information, maintenance

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 3, 10, 11, 5, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("kind", "starts_at", "ends_at", "words"),
    [
        (Kind.INFORMATION, None, None, ""),
        (Kind.INFORMATION, None, START, "jusqu’au 10/03/2026 à 12 h 05"),
        (Kind.INCIDENT, START, None, "depuis le 10/03/2026 à 12 h 05"),
        (Kind.CHANGE, START, None, "à partir du 10/03/2026 à 12 h 05"),
        (Kind.TRAINING, START, None, "le 10/03/2026 à 12 h 05"),
        (Kind.TRAINING, START, START + timedelta(hours=2), "le 10/03/2026 à 12 h 05, jusqu’à 14 h 05"),
        (Kind.MAINTENANCE, START, START + timedelta(hours=20), "du 10/03/2026 à 12 h 05 au 11/03/2026 à 8 h 05"),
    ],
)  # fmt: skip
def test_dates(kind: Kind, starts_at: datetime | None, ends_at: datetime | None, words: str) -> None:
    assert plain(say_dates(kind, starts_at, ends_at, PARIS)) == words


def test_each_milestone_has_its_icon_and_its_words() -> None:
    assert set(_ICONS) == set(Milestone)
    forecast = News(3, NOON, milestone=Milestone.FORECAST, expected_at=START)
    assert plain(title_of_news(forecast, PARIS)) == "Retour prévu par France Travail le 10/03/2026 à 12 h 05"
    typed = News(3, NOON, text="…")
    assert (title_of_news(typed, PARIS), icon_of_news(typed)) == ("Nouvelle", "message-square")
    assert icon_of_news(forecast) == "hourglass"


@pytest.mark.parametrize(
    ("event", "heading", "text"),
    [
        (e.Published(publish_at=NOON), "Maintenance", "Enregistrez vos saisies avant."),
        (edited(maintenance()), "Nouvelles dates", "Enregistrez vos saisies avant."),
        (e.NewsAdded(text="Tout va bien"), "Du nouveau", "Tout va bien"),
        (
            e.NewsAdded(milestone=Milestone.PARTIAL_WORKAROUND, article="x", article_title="Autre écran"),
            "Contournement",
            "Mode d’emploi : Autre écran",
        ),
        (e.Ended(restored=True), "Service rétabli", ""),
        (e.Ended(text="Fini"), "Terminé", "Fini"),
        (e.Reopened(text="Revient"), "De nouveau en cours", "Revient"),
        (e.Withdrawn(reason="Reportée"), "Annonce retirée", "Reportée"),
    ],
)
def test_what_a_mail_says(event: e.AnnouncementEvent, heading: str, text: str) -> None:
    assert heading_of_mail(event, Kind.MAINTENANCE) == heading
    assert plain(text_of_mail(event, maintenance())) == text


def test_no_mail_tells_of_the_rest() -> None:
    with pytest.raises(TypeError):
        heading_of_mail(e.NewsCorrected(sequence=1), Kind.INCIDENT)
    with pytest.raises(TypeError):
        text_of_mail(e.NewsCorrected(sequence=1), incident())


class TestThread:
    def told(self) -> Told:
        told = Told(incident(), ticket_id=4).published()
        told.then(e.NewsAdded(text="Un"), e.NewsAdded(text="Faux"), edited(incident(title="Mieux dit")))
        return told.then(
            e.NewsCorrected(sequence=4), e.Entrusted(ticket_id=9), e.Ended(restored=True), e.Reopened(text="Revient"),
            e.Ended(), e.Withdrawn(reason="Erreur"),
        )  # fmt: skip

    def test_a_reader_reads_the_last_first_and_no_names(self) -> None:
        told = self.told()
        entries = thread(told.records, told.facts, PARIS)
        assert [entry.title for entry in entries] == [
            "Annonce retirée", "Annonce terminée", "De nouveau en cours", "Service rétabli", "Annonce modifiée",
            "Nouvelle", "Annonce publiée",
        ]  # fmt: skip
        assert {entry.who for entry in entries} == {""}

    def test_a_writer_reads_who_did_what(self) -> None:
        told = self.told()
        entries = thread(told.records, told.facts, PARIS, {7: "Correspondant SI"})
        assert entries[-1].title == "Annonce rédigée"
        assert {entry.who for entry in entries} == {"Correspondant SI"}

    def test_what_it_said_before_is_kept(self) -> None:
        told = self.told()
        ((at, former),) = former_versions(told.records)
        assert (former.title, at) == (incident().title, told.records[4].recorded_at)


def test_the_notice_says_where_it_comes_from() -> None:
    content = change(notice_source="pas-de-calais-2024, annexe 2, §7", notice_is_contractual=True)
    line = notice_line(content, PARIS)
    assert line is not None
    assert (line.kept, line.source, line.is_contractual) == (False, "pas-de-calais-2024, annexe 2, §7", True)
    exempt = notice_line(change(blocking=True, notice_source="…"), PARIS)
    assert exempt is not None
    assert (exempt.kept, exempt.source) == (True, "")
    assert notice_line(information(), PARIS) is None


@pytest.mark.parametrize(
    "event",
    [
        Told(change(level=Level.MAJOR, structures=(3, 4)), ticket_id=5).records[0].event,
        edited(incident(severity=Severity.DEGRADATION, ends_at=NOON)),
        e.Published(publish_at=NOON),
        e.NewsAdded(milestone=Milestone.FORECAST, expected_at=NOON, ticket_sequence=3),
        e.Entrusted(ticket_id=9),
        e.Withdrawn(reason="Erreur"),
    ],
)
def test_events_come_back_from_the_journal_as_they_went(event: e.AnnouncementEvent) -> None:
    assert from_payload(event.type, encode(event)) == event
