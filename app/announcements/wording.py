"""What announcements say in French beyond their own words: the lines of the thread, the dates, the headings. Pure."""

from __future__ import annotations

from datetime import datetime, tzinfo

from app.announcements import events as e
from app.announcements.rules import News
from app.announcements.vocabulary import KIND_LABELS, MILESTONE_LABELS, Kind, Milestone

_ICONS = {
    Milestone.TRANSMITTED: "send",
    Milestone.FOUND_BY_FT: "megaphone",
    Milestone.TAKEN_UP: "wrench",
    Milestone.INTERRUPTED: "circle-x",
    Milestone.DEGRADED: "triangle-alert",
    Milestone.FORECAST: "hourglass",
    Milestone.PARTIAL_WORKAROUND: "arrow-right",
    Milestone.TOTAL_WORKAROUND: "arrow-right",
    Milestone.WORKAROUND_WITHDRAWN: "circle-slash",
    Milestone.RESTORED: "list-checks",
    Milestone.HELD: "circle-check",
    Milestone.NOT_RESTORED: "circle-alert",
}


def say_moment(moment: datetime, zone: tzinfo) -> str:
    """« 21/11/2025 à 14 h 05 »."""
    wall = moment.astimezone(zone)
    return f"{wall:%d/%m/%Y} à\u00a0{wall.hour}\u00a0h\u00a0{wall:%M}"


def say_dates(kind: Kind, starts_at: datetime | None, ends_at: datetime | None, zone: tzinfo) -> str:
    """« du 21/11/2025 à 14 h 05 au 22/11/2025 à 6 h 00 », « à partir du … »; empty without a date."""
    if starts_at is None:
        return f"jusqu’au {say_moment(ends_at, zone)}" if ends_at else ""
    start = say_moment(starts_at, zone)
    if ends_at is None:
        return {Kind.INCIDENT: f"depuis le {start}", Kind.CHANGE: f"à partir du {start}"}.get(
            kind, f"le {start}"
        )
    wall = ends_at.astimezone(zone)
    if wall.date() == starts_at.astimezone(zone).date():
        return f"le {start}, jusqu’à {wall.hour}\u00a0h\u00a0{wall:%M}"
    return f"du {start} au {say_moment(ends_at, zone)}"


def title_of_news(line: News, zone: tzinfo) -> str:
    """The head of a line of the thread."""
    if line.milestone is None:
        return "Nouvelle"
    label = MILESTONE_LABELS[line.milestone]
    return f"{label} le {say_moment(line.expected_at, zone)}" if line.expected_at else label


def icon_of_news(line: News) -> str:
    return _ICONS[line.milestone] if line.milestone else "message-square"


def heading_of_mail(event: e.AnnouncementEvent, kind: Kind) -> str:
    """What a mail about this event says before the title of the announcement."""
    match event:
        case e.Published():
            return KIND_LABELS[kind]
        case e.Edited():
            return "Nouvelles dates"
        case e.NewsAdded(milestone=milestone):
            return "Contournement" if milestone is not None else "Du nouveau"
        case e.Ended(restored=restored):
            return "Service rétabli" if restored else "Terminé"
        case e.Reopened():
            return "De nouveau en cours"
        case e.Withdrawn():
            return "Annonce retirée"
    raise TypeError(f"no mail tells of {event!r}")


def text_of_mail(event: e.AnnouncementEvent, content: e.Content) -> str:
    """The words that a mail about this event repeats; they were written to be sent."""
    match event:
        case e.Published() | e.Edited():
            return content.text
        case e.NewsAdded(text=text, article_title=title):
            return "\n".join(filter(None, (text, title and f"Mode d’emploi\u00a0: {title}")))
        case e.Ended(text=text) | e.Reopened(text=text) | e.Withdrawn(reason=text):
            return text
    raise TypeError(f"no mail tells of {event!r}")
