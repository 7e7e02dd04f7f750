"""What the documentation brings to an answer: a text to insert, an article to point to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request

from app.accounts.policy import Permission, can
from app.config import Config
from app.documentation import answers
from app.documentation.answers import Choices
from app.documentation.queries import uses_of
from app.documentation.vocabulary import USE_LABELS
from app.kernel.errors import InvalidInput
from app.tickets.acts import Act
from app.tickets.desk import Desk
from app.tickets.forms import TicketForm
from app.tickets.vocabulary import State
from app.web.filters import french_date
from app.web.forms import attach_error

# The acts whose text the user reads.
ANSWERS = frozenset({"reponse", "question-utilisateur", "commentaire"})
ENDED_WELL = frozenset({State.RESOLVED, State.CLOSED})
MOST_INSERTED = 20


@dataclass(frozen=True)
class AnswerHelp:
    """What may be inserted, and the canned answers that the text holds already."""

    choices: Choices
    inserted: tuple[str, ...]


def help_for(desk: Desk, chosen: Act) -> AnswerHelp | None:
    """None for an act that answers nobody, for someone who reads no canned answer, or without any article."""
    if chosen.slug not in ANSWERS or not can(desk.actor, Permission.DOCUMENTATION_READ_DESK):
        return None
    found = answers.choices(desk.actor, desk.facts.tools)
    return AnswerHelp(found, _inserted()) if found else None


def articles_of(desk: Desk) -> dict[str, Any]:
    """What a ticket's page says of articles: those that served it, and whether one can be made of it."""
    may_write = can(desk.actor, Permission.DOCUMENTATION_WRITE) and desk.may(Permission.TICKET_READ_INTERNAL)
    return {
        "articles": uses_of(desk.actor, desk.ticket.id),
        "use_labels": USE_LABELS,
        "may_write_article": may_write and may_make_article(desk),
    }


def may_make_article(desk: Desk) -> bool:
    """Whether an article can be made from the ticket: one that ended well, and is nobody's case."""
    return desk.facts.state in ENDED_WELL and not desk.ticket.restricted


def wants_insertion(chosen: Act) -> bool:
    """Whether the form was sent to insert a text, not to record the act."""
    return request.method == "POST" and chosen.slug in ANSWERS and "insert" in request.form


def insert(desk: Desk, form: TicketForm) -> bool:
    """Add the chosen text to what was typed; whether there was one."""
    try:
        brought = answers.insertion(
            desk.actor, request.form.get("inserted", ""), _values(desk), public_url=_settings().public_url
        )
    except InvalidInput as refusal:
        attach_error(form, refusal)
        return False
    typed = (form["text"].data or "").rstrip()
    form["text"].data = f"{typed}\n\n{brought}" if typed else brought
    return True


def note_uses(desk: Desk, chosen: Act, form: TicketForm) -> None:
    """Count the articles that the answer, just recorded, is made of."""
    if chosen.slug in ANSWERS and can(desk.actor, Permission.DOCUMENTATION_READ_DESK):
        answers.note_uses(desk.actor, desk.ticket.id, form["text"].data or "", _inserted(), now=desk.now)


def _inserted() -> tuple[str, ...]:
    chosen = request.form.getlist("used")
    if "insert" in request.form:
        chosen.append(request.form.get("inserted", ""))
    return tuple(dict.fromkeys(filter(None, chosen)))[:MOST_INSERTED]


def _values(desk: Desk) -> dict[str, str]:
    """What the placeholders of a canned answer become (app/documentation/rules.py)."""
    names = desk.names()
    return {
        "reference": desk.reference,
        "objet": desk.facts.subject,
        "outil": ", ".join(names.tools.get(code, code) for code in desk.facts.tools),
        "structure": names.structures.get(desk.facts.structure_id or 0, ""),
        "date": french_date(desk.today),
    }


def _settings() -> Config:
    settings: Config = current_app.extensions["settings"]
    return settings
