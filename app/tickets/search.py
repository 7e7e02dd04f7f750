"""The words of the query box as conditions on tickets: one small function for each.

Accents and case do not matter. The same name twice means either value. What is not understood is answered
in French and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, exists, extract, or_, select

from app.accounts.policy import Actor
from app.deadlines.models import Deadline
from app.extensions import db
from app.kernel.clock import to_minute
from app.kernel.errors import InvalidInput
from app.kernel.reference import ALPHABET
from app.tickets.models import Ticket, TicketTool
from app.tickets.query_box import Query, key_of, written
from app.tickets.vocabulary import (
    ENDED,
    OPEN,
    SEVERITY_LABELS,
    USER_STATE_LABELS,
    IncidentType,
    Kind,
    Severity,
    State,
)

# A running clock that has spent this share of its time is near its end, as the screens show it.
NEAR = 0.75
_SHOWN_AT_MOST = 12
_NAMED_AT_MOST = 500


@dataclass(frozen=True)
class Known:
    """The names that values may give: of tools by code, of the others by key.

    Structures and conventions are needed only where the query names one.
    """

    tools: Mapping[str, str]
    people: Mapping[int, str] = field(default_factory=dict)
    structures: Mapping[int, str] = field(default_factory=dict)
    conventions: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """Who asks, when, and what is known to them."""

    actor: Actor
    now: datetime
    known: Known


def references_from(start: str) -> ColumnElement[bool]:
    """The references that begin so, as a range of their index."""
    return Ticket.reference.between(start, start + ALPHABET[-1] * 8)


def tools_named(query: Query, known: Known) -> frozenset[str]:
    """The codes of the tools that the filters of the query name; what is not understood names none."""
    codes: set[str] = set()
    for item in query.filters:
        if key_of(item.name) == "outil":
            with suppress(InvalidInput):
                codes.update(_named(item.value, known.tools, "outil"))
    return frozenset(codes)


# --- Filters ---------------------------------------------------------------------------------------------

Condition = ColumnElement[bool]
Key = TypeVar("Key")


def conditions(query: Query, asked: Asked, *, plain: bool) -> tuple[list[Condition], list[str]]:
    """The conditions of the filters, and what was not understood, in French.

    `plain` is for who sees no machinery: fewer words, and the four plain states.
    """
    known = PLAIN_FILTERS if plain else FILTERS
    by_name: dict[str, list[Condition]] = {}
    problems = []
    for item in query.filters:
        name = key_of(item.name)
        if name not in known:
            words = ", ".join(f"{written(word)}:" for word in known)
            problems.append(
                f"« {item.name}: » n’est pas un mot connu et n’a pas été pris en compte. Mots connus : {words}"
            )
            continue
        try:
            by_name.setdefault(name, []).append(known[name](item.value, asked))
        except InvalidInput as error:
            problems.append(f"« {item} » n’a pas été pris en compte. {error.message}")
    return [or_(*either) for either in by_name.values() if either], problems


def _tool(value: str, asked: Asked) -> Condition:
    codes = _named(value, asked.known.tools, "outil")
    touching = select(TicketTool.ticket_id).where(
        TicketTool.ticket_id == Ticket.id,
        TicketTool.partner_id == asked.actor.partner_id,
        TicketTool.tool_code.in_(codes),
    )
    return exists(touching)


def _state(value: str, asked: Asked) -> Condition:
    return Ticket.state.in_([state.value for state in _one_of(value, STATES)])


def _plain_state(value: str, asked: Asked) -> Condition:
    return Ticket.state.in_([state.value for state in _one_of(value, PLAIN_STATES)])


def _type(value: str, asked: Asked) -> Condition:
    return Ticket.incident_type == _one_of(value, TYPES).value


def _kind(value: str, asked: Asked) -> Condition:
    return Ticket.kind == _one_of(value, KINDS).value


def _severity(value: str, asked: Asked) -> Condition:
    return Ticket.severity == _one_of(value, SEVERITIES).value


def _assignee(value: str, asked: Asked) -> Condition:
    if key_of(value) == "moi":
        return Ticket.assignee_id == asked.actor.account_id
    if key_of(value) == "personne":
        return Ticket.assignee_id.is_(None)
    return Ticket.assignee_id.in_(_named(value, asked.known.people, "responsable", "moi, personne"))


def _structure(value: str, asked: Asked) -> Condition:
    return Ticket.structure_id.in_(_named(value, asked.known.structures, "structure"))


def _convention(value: str, asked: Asked) -> Condition:
    return Ticket.convention_id.in_(_named(value, asked.known.conventions, "convention"))


def _clock(value: str, asked: Asked) -> Condition:
    return _one_of(value, CLOCKS)(asked)


# --- Filters on clocks -----------------------------------------------------------------------------------
# The same states as `deadlines.clocks.state`, told by the columns: times are truncated to the minute.


def _running(asked: Asked, *more: Condition) -> Condition:
    # Running clocks are few beside all those that ever ran: their own index gives them at once.
    running = select(Deadline.subject_id).where(
        Deadline.partner_id == asked.actor.partner_id, Deadline.running, *more
    )
    return Ticket.id.in_(running)


def _overdue(asked: Asked) -> Condition:
    return _running(asked, Deadline.due_at < to_minute(asked.now))


def _in_time(asked: Asked) -> Condition:
    return _running(asked, Deadline.due_at >= to_minute(asked.now))


def _near(asked: Asked) -> Condition:
    minute = to_minute(asked.now)
    started, due = extract("epoch", Deadline.started_at), extract("epoch", Deadline.due_at)
    spent = minute.timestamp() - started >= NEAR * (due - started)
    return _running(asked, Deadline.due_at >= minute, spent)


def _of_ticket(*more: Condition) -> Condition:
    return exists(select(Deadline.id).where(Deadline.subject_id == Ticket.id, *more))


_MINUTE = 60
_AFTER_DUE = extract("epoch", Deadline.stopped_at) - extract("epoch", Deadline.due_at)
_KEPT = and_(Deadline.stopped_at.is_not(None), Deadline.cancelled_at.is_(None), Deadline.due_at.is_not(None))


def _met(asked: Asked) -> Condition:
    return _of_ticket(_KEPT, _AFTER_DUE < _MINUTE)


def _missed(asked: Asked) -> Condition:
    # Few of them are named, from their own index, whose conditions come first here (`deadlines/models.py`). Of many,
    # a walk in order soon meets enough.
    late = select(Deadline.subject_id).where(
        Deadline.stopped_at > Deadline.due_at,
        Deadline.cancelled_at.is_(None),
        Deadline.partner_id == asked.actor.partner_id,
        _AFTER_DUE >= _MINUTE,
    )
    named = db.session.scalars(late.limit(_NAMED_AT_MOST + 1)).all()
    if len(named) <= _NAMED_AT_MOST:
        return Ticket.id.in_(named)
    return _of_ticket(_KEPT, _AFTER_DUE >= _MINUTE)


def _to_verify(asked: Asked) -> Condition:
    waiting = _of_ticket(
        Deadline.to_verify_at.is_not(None), Deadline.stopped_at.is_(None), Deadline.cancelled_at.is_(None)
    )
    return and_(Ticket.state == State.RESTORED.value, waiting)


def _suspended(asked: Asked) -> Condition:
    still_open = Ticket.state.in_(sorted(state.value for state in OPEN))
    return and_(still_open, _of_ticket(Deadline.suspended_at.is_not(None)))


# --- Values ----------------------------------------------------------------------------------------------


def _one_of(value: str, choices: Mapping[str, Key]) -> Key:
    by_key = {key_of(word): choice for word, choice in choices.items()}
    if key_of(value) not in by_key:
        raise InvalidInput(f"Valeurs connues : {_listed(choices)}")
    return by_key[key_of(value)]


def _named(value: str, names: Mapping[Key, str], what: str, also: str = "") -> list[Key]:
    """The keys of that name or code, else those whose name holds every word of it."""
    wanted = key_of(value)
    exact = [key for key, name in names.items() if wanted in (key_of(str(key)), key_of(name))]
    if exact:
        return exact
    words = set(wanted.split())
    loose = [key for key, name in names.items() if words and words <= set(key_of(f"{key} {name}").split())]
    if not loose:
        known = ", ".join(part for part in (also, _listed(_offered(names))) if part)
        raise InvalidInput(f"Aucun nom ne correspond ({what}). Connus : {known}")
    return loose


def _offered(names: Mapping[Key, str]) -> Iterable[str]:
    """Codes where there are some, since they are short; else names."""
    return [key if isinstance(key, str) else name for key, name in names.items()]


def _listed(words: Iterable[str]) -> str:
    words = list(words)
    more = "…" if len(words) > _SHOWN_AT_MOST else "."
    return ", ".join(words[:_SHOWN_AT_MOST]) + more


STATES: Mapping[str, frozenset[State]] = {
    "nouvelle": frozenset({State.NEW}),
    "en cours": frozenset({State.IN_PROGRESS}),
    "en attente": frozenset({State.WAITING_USER}),
    "transmise": frozenset({State.TRANSMITTED}),
    "prise en charge": frozenset({State.TAKEN_UP}),
    "rétablie": frozenset({State.RESTORED}),
    "résolue": frozenset({State.RESOLVED}),
    "close": frozenset({State.CLOSED}),
    "annulée": frozenset({State.CANCELLED}),
    "ouverte": OPEN,
    "terminée": ENDED,
}
PLAIN_STATES: Mapping[str, frozenset[State]] = {
    label: frozenset(state for state, name in USER_STATE_LABELS.items() if name == label)
    for label in dict.fromkeys(USER_STATE_LABELS.values())
}
TYPES = {"disponibilité": IncidentType.AVAILABILITY, "applicatif": IncidentType.APPLICATION}
KINDS = {
    "incident": Kind.INCIDENT,
    "question": Kind.QUESTION,
    "accès": Kind.ACCESS,
    "évolution": Kind.EVOLUTION,
    "personne": Kind.DATA_SUBJECT_REQUEST,
    "sécurité": Kind.SECURITY,
}
SEVERITIES: Mapping[str, Severity] = {label.lower(): severity for severity, label in SEVERITY_LABELS.items()}
CLOCKS: Mapping[str, Callable[[Asked], Condition]] = {
    "dépassée": _overdue,
    "bientôt": _near,
    "en cours": _in_time,
    "suspendue": _suspended,
    "à vérifier": _to_verify,
    "tenue": _met,
    "manquée": _missed,
}
FILTERS: Mapping[str, Callable[[str, Asked], Condition]] = {
    "outil": _tool,
    "horloge": _clock,
    "etat": _state,
    "a": _assignee,
    "nature": _kind,
    "type": _type,
    "gravite": _severity,
    "structure": _structure,
    "convention": _convention,
}
PLAIN_FILTERS: Mapping[str, Callable[[str, Asked], Condition]] = {
    "outil": _tool,
    "etat": _plain_state,
    "structure": _structure,
}
