"""What an announcement is after its events, what may happen to it now, and who must be told. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from app.announcements import events as e
from app.announcements.vocabulary import Kind, Milestone, State
from app.kernel.errors import Impossible, InvalidInput
from app.tickets.vocabulary import Severity

# A change without a last day is news for a week; a training session without an end lasts the day.
CHANGE_IS_NEWS = timedelta(days=7)
TRAINING_LASTS = timedelta(days=1)
_WORKAROUNDS = frozenset({Milestone.PARTIAL_WORKAROUND, Milestone.TOTAL_WORKAROUND})


@dataclass(frozen=True)
class News:
    """A line of the thread. Times are aware instants."""

    sequence: int
    at: datetime
    text: str = ""
    milestone: Milestone | None = None
    expected_at: datetime | None = None
    article: str = ""
    article_title: str = ""
    ticket_sequence: int | None = None


@dataclass(frozen=True)
class Facts:
    """The announcement after its last event.

    `severity` is how the service fares now: as written, then as the ticket's steps say; None when a workaround
    holds it. `news_since`: whoever read it before then has not read it; `mail_sequence`: the last event of which those
    concerned are to be told by mail.
    """

    content: e.Content
    state: State
    version: int
    drafted_at: datetime
    updated_at: datetime
    ticket_id: int | None = None
    publish_at: datetime | None = None
    news_since: datetime | None = None
    ended_at: datetime | None = None
    news: tuple[News, ...] = ()
    severity: Severity | None = None
    mail_sequence: int | None = None

    @property
    def over_at(self) -> datetime | None:
        """When it stops being news: said by its events, or by its dates; None as long as neither does."""
        return self.ended_at or last_moment(self.content)


def last_moment(content: e.Content) -> datetime | None:
    """The end that its dates give to an announcement; an incident ends only when someone says so."""
    if content.kind is Kind.INCIDENT:
        return None
    if content.ends_at is not None or content.starts_at is None:
        return content.ends_at
    match content.kind:
        case Kind.CHANGE:
            return content.starts_at + CHANGE_IS_NEWS
        case Kind.TRAINING:
            return content.starts_at + TRAINING_LASTS
    return None


def state_at(state: State, publish_at: datetime | None, over_at: datetime | None, now: datetime) -> State:
    """The state to show at `now`: a published announcement may still be to come, or over by its dates."""
    if state is not State.PUBLISHED:
        return state
    if publish_at is not None and publish_at > now:
        return State.SCHEDULED
    return State.ENDED if over_at is not None and over_at <= now else State.PUBLISHED


# --- Folding ---------------------------------------------------------------------------------------------


def fold(records: Iterable[e.Recorded]) -> Facts:
    """The facts after `records`, the first of which is the draft. Raises ValueError on an empty list."""
    facts: Facts | None = None
    for record in records:
        facts = apply(facts, record)
    if facts is None:
        raise ValueError("an announcement has at least its draft")
    return facts


def apply(facts: Facts | None, record: e.Recorded) -> Facts:
    """The facts after one more event."""
    if facts is None:
        if not isinstance(record.event, e.Drafted):
            raise ValueError("the first event of an announcement is its draft")
        return Facts(
            content=record.event,
            state=State.DRAFT,
            version=record.sequence,
            drafted_at=record.recorded_at,
            updated_at=record.recorded_at,
            ticket_id=record.event.ticket_id,
            severity=record.event.severity,
        )
    changed = replace(facts, **_CHANGES[type(record.event)](facts, record.event, record))
    if is_told(facts, record):
        changed = replace(changed, mail_sequence=record.sequence)
    return replace(changed, version=record.sequence, updated_at=record.recorded_at)


Changes = dict[str, Any]


def _edited(facts: Facts, event: e.Edited, record: e.Recorded) -> Changes:
    anew = {"news_since": record.recorded_at} if _told_anew(facts, record) else {}
    return {"content": event, "severity": event.severity, **anew}


def _published(_facts: Facts, event: e.Published, _record: e.Recorded) -> Changes:
    return {"state": State.PUBLISHED, "publish_at": event.publish_at, "news_since": event.publish_at}


def _news_added(facts: Facts, event: e.NewsAdded, record: e.Recorded) -> Changes:
    line = News(
        sequence=record.sequence,
        at=record.occurred_at,
        text=event.text,
        milestone=event.milestone,
        expected_at=event.expected_at,
        article=event.article,
        article_title=event.article_title,
        ticket_sequence=event.ticket_sequence,
    )
    known = {"severity": _severity_after(facts, event)} if event.milestone in _SEVERITY_STEPS else {}
    return {"news": (*facts.news, line), **known}


_SEVERITY_STEPS = {
    Milestone.INTERRUPTED: Severity.INTERRUPTION,
    Milestone.DEGRADED: Severity.DEGRADATION,
    Milestone.HELD: None,
    Milestone.NOT_RESTORED: None,
}


def _severity_after(facts: Facts, event: e.NewsAdded) -> Severity | None:
    if event.milestone is Milestone.NOT_RESTORED:
        return facts.severity or facts.content.severity
    assert event.milestone is not None
    return _SEVERITY_STEPS[event.milestone]


def _news_corrected(facts: Facts, event: e.NewsCorrected, _record: e.Recorded) -> Changes:
    kept = [line for line in facts.news if line.sequence != event.sequence or event.at is not None]
    return {
        "news": tuple(
            replace(line, at=event.at) if line.sequence == event.sequence and event.at else line
            for line in kept
        )
    }


def _entrusted(_facts: Facts, event: e.Entrusted, _record: e.Recorded) -> Changes:
    return {"ticket_id": event.ticket_id}


def _ended(_facts: Facts, _event: e.Ended, record: e.Recorded) -> Changes:
    return {"state": State.ENDED, "ended_at": record.occurred_at}


def _reopened(facts: Facts, _event: e.Reopened, record: e.Recorded) -> Changes:
    return {
        "state": State.PUBLISHED,
        "ended_at": None,
        "news_since": record.recorded_at,
        "severity": facts.severity or facts.content.severity,
    }


def _withdrawn(_facts: Facts, _event: e.Withdrawn, _record: e.Recorded) -> Changes:
    # What was not sent yet is sent no more.
    return {"state": State.WITHDRAWN, "mail_sequence": None}


_CHANGES: dict[type[e.AnnouncementEvent], Callable[[Facts, Any, e.Recorded], Changes]] = {
    e.Edited: _edited,
    e.Published: _published,
    e.NewsAdded: _news_added,
    e.NewsCorrected: _news_corrected,
    e.Entrusted: _entrusted,
    e.Ended: _ended,
    e.Reopened: _reopened,
    e.Withdrawn: _withdrawn,
}
assert set(_CHANGES) == set(e.EVENT_TYPES.values()) - {e.Drafted}, "each event has its change"


# --- Who must be told ------------------------------------------------------------------------------------


def is_told(before: Facts, record: e.Recorded) -> bool:
    """Whether those concerned are told of this event by mail, if they wish to.

    Steps of the ticket are read on the page: only a workaround is worth a mail, since it helps at once.
    """
    shown = is_shown(before, record.recorded_at)
    match record.event:
        case e.Published():
            return True
        case e.NewsAdded(milestone=milestone, text=text):
            return shown and (milestone in _WORKAROUNDS or (milestone is None and bool(text)))
        case e.Reopened():
            return shown
        case e.Ended():
            return shown and not _is_over(before, record.recorded_at)
        case e.Withdrawn(reason=reason):
            return shown and bool(reason) and not _is_over(before, record.recorded_at)
    return _told_anew(before, record)


def is_shown(facts: Facts, now: datetime) -> bool:
    """Whether those concerned can read it at `now`."""
    published = facts.state in (State.PUBLISHED, State.ENDED)
    return published and facts.publish_at is not None and facts.publish_at <= now


def _is_over(facts: Facts, now: datetime) -> bool:
    return facts.over_at is not None and facts.over_at <= now


def _told_anew(before: Facts, record: e.Recorded) -> bool:
    """Whoever reckoned with the dates as they were must read the new ones."""
    if not isinstance(record.event, e.Edited) or not is_shown(before, record.recorded_at):
        return False
    former, new = before.content, record.event
    return (former.starts_at, former.ends_at) != (new.starts_at, new.ends_at)


# --- Guards ----------------------------------------------------------------------------------------------


def check(facts: Facts, event: e.AnnouncementEvent, now: datetime) -> None:
    """Raise Impossible when the state forbids the event, InvalidInput when what it says is wrong.

    What is over by its dates alone can still be edited: a maintenance may last longer than planned.
    """
    state = state_at(facts.state, facts.publish_at, facts.ended_at, now)
    if state not in ALLOWED[type(event)]:
        raise Impossible(_FORBIDDEN[state])
    match event:
        case e.Edited():
            check_content(event, now)
            if facts.state is not State.DRAFT and event.kind is not facts.content.kind:
                raise InvalidInput("Une annonce publiée garde sa nature.", field="kind")
        case e.Published(publish_at=publish_at):
            check_content(facts.content, now)
            over = last_moment(facts.content)
            if over is not None and over <= max(publish_at, now):
                raise InvalidInput("Ses dates sont passées : personne ne la lirait.", field="publish_at")
        case e.NewsAdded(text=text, milestone=None):
            _require(text, "Écrivez ce qu’il y a de nouveau.", "text")
        case e.Withdrawn(reason=reason):
            if state is not State.DRAFT:
                _require(reason, "Donnez le motif du retrait : les personnes prévenues le liront.", "text")
        case e.Reopened(text=text):
            _require(text, "Dites pourquoi l’annonce reprend.", "text")


_LIVE = frozenset({State.SCHEDULED, State.PUBLISHED})
ALLOWED: dict[type[e.AnnouncementEvent], frozenset[State]] = {
    e.Edited: _LIVE | {State.DRAFT},
    e.Published: frozenset({State.DRAFT, State.SCHEDULED}),
    e.NewsAdded: frozenset({State.PUBLISHED}),
    e.NewsCorrected: frozenset({State.PUBLISHED, State.ENDED}),
    e.Entrusted: frozenset({State.PUBLISHED}),
    e.Ended: frozenset({State.PUBLISHED}),
    e.Reopened: frozenset({State.ENDED}),
    e.Withdrawn: _LIVE | {State.DRAFT, State.ENDED},
}
_FORBIDDEN: dict[State, str] = {
    State.DRAFT: "L’annonce est un brouillon : publiez-la d’abord.",
    State.SCHEDULED: "L’annonce n’est pas encore publiée.",
    State.PUBLISHED: "L’annonce est déjà publiée.",
    State.ENDED: "L’annonce est terminée.",
    State.WITHDRAWN: "L’annonce est retirée.",
}


def check_content(content: e.Content, now: datetime) -> None:
    """Raise InvalidInput on the first field that is missing for this kind, or wrong."""
    _require(content.title, "Donnez un titre.", "title")
    for name, message in _REQUIRED[content.kind].items():
        _require(getattr(content, name), message, name)
    if content.starts_at and content.ends_at and content.ends_at <= content.starts_at:
        raise InvalidInput("La fin doit suivre le début.", field="ends_at")
    if content.announced_at is not None and content.announced_at > now:
        raise InvalidInput("France Travail ne l’a pas encore annoncé à cette date.", field="announced_at")


_TOOLS = {"tools": "Choisissez au moins un outil : /services montre son état."}
_REQUIRED: dict[Kind, dict[str, str]] = {
    Kind.INCIDENT: {**_TOOLS, "severity": "Dites si le service est interrompu ou dégradé."},
    Kind.MAINTENANCE: {
        **_TOOLS,
        "starts_at": "Indiquez le début de la maintenance.",
        "ends_at": "Indiquez la fin prévue de la maintenance.",
    },
    Kind.CHANGE: {
        "tools": "Choisissez au moins un outil.",
        "starts_at": "Indiquez quand le changement prend effet.",
        "level": "Dites si le changement est mineur ou majeur : le préavis en dépend.",
        "announced_at": "Indiquez quand France Travail a annoncé le changement.",
    },
    Kind.TRAINING: {"starts_at": "Indiquez le début de la formation."},
    Kind.INFORMATION: {},
}


def without_what_its_kind_lacks(content: e.Content) -> dict[str, Any]:
    """The fields of the content, those of other kinds emptied: nothing unseen is kept."""
    values = {item.name: getattr(content, item.name) for item in fields(e.Content)}
    if content.kind is not Kind.CHANGE:
        values.update(level=None, announced_at=None, blocking=False)
    if content.kind is not Kind.INCIDENT:
        values["severity"] = None
    return values


def _require(value: object, message: str, field: str) -> None:
    if not value or (isinstance(value, str) and not value.strip()):
        raise InvalidInput(message, field=field)


def news_of(facts: Facts, ticket_sequence: int) -> Sequence[News]:
    """The lines of the thread that repeat this event of the ticket."""
    return [line for line in facts.news if line.ticket_sequence == ticket_sequence]
