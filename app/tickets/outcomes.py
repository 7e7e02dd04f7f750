"""One sentence after an act: what was recorded, and what it changed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from app.deadlines.clocks import ClockState
from app.deadlines.wording import capitalised, say_minutes
from app.tickets import events as e
from app.tickets.facts import Facts
from app.tickets.page import ClockView
from app.tickets.vocabulary import STATE_LABELS, USER_STATE_LABELS
from app.tickets.wording import Names, clock_name, words_of


def outcome(
    event: e.TicketEvent,
    at: datetime,
    now: datetime,
    before: tuple[Facts, Sequence[ClockView]],
    after: tuple[Facts, Sequence[ClockView]],
    names: Names,
) -> str:
    """« Prise en charge par France Travail, enregistrée à 9 h 12 : dans les délais. »."""
    if isinstance(event, e.Commented):
        return "Note interne ajoutée." if event.internal else "Message ajouté : l’utilisateur peut le lire."
    consequences = ", ".join([*_clocks(event, before[1], after[1]), *_state(event, before[0], after[0])])
    if isinstance(event, e.TakenUp):
        return f"Prise en charge enregistrée {_when(at, now, names)} : {consequences}."
    title, when = words_of(event, names).title, _when(at, now, names)
    if " : " in title:  # « Date convenue : 30/11/2026 à 10 h 00 » holds a colon already
        said = f"{title}. Enregistré {when}."
    else:
        said = f"Enregistré : {_lowered(title)}, {when}."
    return f"{said} {capitalised(consequences)}." if consequences else said


def outcome_for_user(event: e.TicketEvent, after: Facts) -> str:
    """The same for the user, without the machinery."""
    if isinstance(event, e.UserVerdict) and not event.works:
        return "C’est noté : le correspondant est prévenu que cela ne marche pas."
    state = USER_STATE_LABELS[after.state].lower()
    return f"C’est enregistré, le correspondant le verra. Votre demande est « {state} »."


def _when(at: datetime, now: datetime, names: Names) -> str:
    """« à 9 h 12 », with the day unless it is today."""
    wall, today = at.astimezone(names.zone), now.astimezone(names.zone).date()
    return f"à {wall.hour} h {wall:%M}" if wall.date() == today else f"le {names.moment(at)}"


def _lowered(title: str) -> str:
    """The title inside a sentence; a name keeps its capital."""
    return title if title.startswith(("France", "FT")) else title[:1].lower() + title[1:]


def _clocks(event: e.TicketEvent, before: Sequence[ClockView], after: Sequence[ClockView]) -> Iterator[str]:
    former = {view.clock: view for view in before}
    for view in after:
        old = former.get(view.clock)
        if old is None:
            if view.due_at is not None:
                begins = "reprend" if isinstance(event, e.Detached) else "commence"
                yield f"le décompte de {clock_name(view.clock)} {begins}"
        elif old.face != view.face:
            yield from _turn(event, view)
        elif old.due_at != view.due_at:
            yield f"l’échéance de {clock_name(view.clock)} est recalculée"
        elif isinstance(event, e.DateAgreed) and view.due_at and view.due_at != event.due_at:
            yield f"l’échéance de {clock_name(view.clock)} ne change pas"


def _turn(event: e.TicketEvent, view: ClockView) -> Iterator[str]:
    delay = "" if isinstance(event, e.TakenUp) else f" de {clock_name(view.clock)}"
    match view.face:
        case ClockState.MET:
            yield f"délai{delay} tenu" if delay else "dans les délais"
        case ClockState.MISSED:
            late = f"{_length(view.over)}{view.service_words}"
            yield f"délai{delay} dépassé de {late}" if delay else f"hors délai, de {late}"
        case ClockState.TO_VERIFY:
            yield f"{clock_name(view.clock)} à vérifier"
        case ClockState.CANCELLED:
            yield f"le décompte de {clock_name(view.clock)} est annulé"
        case "suspended":
            yield f"le décompte de {clock_name(view.clock)} est suspendu"


def _length(length: timedelta) -> str:
    """« 13 j 16 h », « 2 h 05 », as the clocks beside the story write it."""
    minutes = int(length.total_seconds() // 60)
    days, rest = divmod(minutes, 24 * 60)
    if not days:
        return say_minutes(minutes)
    return f"{days} j" + (f" {rest // 60} h" if rest >= 60 else "")


def _state(event: e.TicketEvent, before: Facts, after: Facts) -> Iterator[str]:
    said_by_the_event = isinstance(event, e.Closed | e.Cancelled | e.DuplicateMarked)
    if before.state is not after.state and not said_by_the_event:
        yield f"la sollicitation est « {STATE_LABELS[after.state].lower()} »"
