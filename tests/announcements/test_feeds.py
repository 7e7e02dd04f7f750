"""The feeds, read back by strict readers."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.announcements.feeds import ATOM, Channel, FeedEntry, atom, escape, fold_line, icalendar, identity
from tests.announcements.calendar_reader import events, read_calendar, unescape

NOON = datetime(2026, 3, 10, 11, tzinfo=UTC)
CHANNEL = Channel(
    "Annonces, Département d’essai",
    "Département d’essai",
    "https://desk.test/annonces",
    "https://desk.test/flux/x",
    NOON,
)
ENTRY = FeedEntry(
    reference="7F3K-M2QX",
    title="Fermeture d’un soir\u00a0: <Suivi> & pilotage; prévenez, svp",
    html="<p>Enregistrez &amp; fermez</p>",
    text="Enregistrez vos saisies\u00a0;\navant 19\u00a0h, sans faute. " + "é" * 120,
    category="Maintenance",
    url="https://desk.test/annonces/7F3K-M2QX",
    published_at=NOON,
    updated_at=NOON + timedelta(hours=2),
    version=3,
    starts_at=datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris")),
    ends_at=datetime(2026, 10, 25, 4, 0, tzinfo=ZoneInfo("Europe/Paris")),
)
NS = {"a": ATOM}


def test_atom_has_what_the_standard_asks() -> None:
    feed = ElementTree.fromstring(atom(CHANNEL, [ENTRY]))
    assert feed.tag == f"{{{ATOM}}}feed"
    for holder in (feed, *feed.findall("a:entry", NS)):
        for name in ("id", "title", "updated"):
            (element,) = holder.findall(f"a:{name}", NS)
            assert element.text
        for name in ("updated", "published"):
            for element in holder.findall(f"a:{name}", NS):
                assert datetime.fromisoformat(str(element.text)).utcoffset() == timedelta()
    assert feed.find("a:author/a:name", NS) is not None
    assert [link.get("rel") for link in feed.findall("a:link", NS)] == ["self", "alternate"]
    (entry,) = feed.findall("a:entry", NS)
    assert entry.findtext("a:title", None, NS) == ENTRY.title
    content = entry.find("a:content", NS)
    assert content is not None
    assert (content.get("type"), content.text) == ("html", ENTRY.html)
    assert feed.findtext("a:updated", None, NS) == "2026-03-10T13:00:00Z"


def test_the_last_changed_comes_first_and_an_empty_feed_is_a_feed() -> None:
    older = replace(ENTRY, reference="0000-0000", updated_at=NOON)
    feed = ElementTree.fromstring(atom(CHANNEL, [older, ENTRY]))
    assert [entry.findtext("a:id", None, NS) for entry in feed.findall("a:entry", NS)] == [
        identity("7F3K-M2QX").urn,
        identity("0000-0000").urn,
    ]
    assert ElementTree.fromstring(atom(CHANNEL, [])).findtext("a:updated", None, NS) == "2026-03-10T11:00:00Z"


def test_a_calendar_in_true_time() -> None:
    (event,) = events(read_calendar(icalendar(CHANNEL, [ENTRY])))
    # The night when the clocks go back: 02:30 is the first of the two, and the event lasts two hours and a half.
    assert event.moment("DTSTART") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert event.moment("DTEND") - event.moment("DTSTART") == timedelta(hours=2, minutes=30)
    assert event.text("SUMMARY") == f"Maintenance\u00a0: {ENTRY.title}"
    assert event.text("DESCRIPTION") == ENTRY.text
    assert uuid.UUID(event.properties["UID"]) == identity(ENTRY.reference)
    assert event.properties["SEQUENCE"] == "3"


def test_what_has_no_date_is_not_in_the_calendar_and_an_empty_one_is_valid() -> None:
    dateless = replace(ENTRY, starts_at=None)
    open_ended = replace(ENTRY, ends_at=None, text="")
    assert events(read_calendar(icalendar(CHANNEL, [dateless]))) == []
    (event,) = events(read_calendar(icalendar(CHANNEL, [open_ended])))
    assert not {"DTEND", "DESCRIPTION"} & event.properties.keys()


def test_the_same_announcements_give_the_same_bytes() -> None:
    assert icalendar(CHANNEL, [ENTRY]) == icalendar(CHANNEL, [ENTRY])
    assert atom(CHANNEL, [ENTRY]) == atom(CHANNEL, [ENTRY])


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=300)
)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert unescape(escape(text)) == text
    folded = fold_line("DESCRIPTION:" + escape(text))
    assert all(len(piece.encode()) <= 75 for piece in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == "DESCRIPTION:" + escape(text)
