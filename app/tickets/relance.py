"""The text of a relance, ready to send, and to whom it goes next (pas-de-calais-2024, annexe 2 bis). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.tickets import events as e
from app.tickets.corrections import effective
from app.tickets.facts import Facts
from app.tickets.wording import Names, clock_name


@dataclass(frozen=True)
class Late:
    """A clock that runs late, and whether a commitment or a mere objective set its due time."""

    clock: str
    due_at: datetime
    contractual: bool


def relance_text(reference: str, facts: Facts, overdue: Sequence[Late], names: Names) -> str:
    """What to send. An objective is never told as a commitment. No personal data enters the text."""
    lines = ["Bonjour,", "", _opening(reference, facts, names)]
    lines += [_lateness(late, names) for late in overdue]
    lines += ["", _request(facts), "", "Cordialement,"]
    return "\n".join(lines)


def relances_sent(records: Sequence[e.Recorded]) -> int:
    """How many relances are in force."""
    return sum(isinstance(record.event, e.Relanced) for record in effective(records))


def next_contact(labels: Sequence[str], relances: int) -> str:
    """The contact of the next relance: one step up each time, the last one from then on; empty without any."""
    return labels[min(relances, len(labels) - 1)] if labels else ""


def _lateness(late: Late, names: Names) -> str:
    what = clock_name(late.clock)
    since = names.moment(late.due_at)
    if late.contractual:
        return f"Le délai de {what} prévu par la convention est échu depuis le {since}."
    return f"L’objectif de référence de {what}, non contractuel, est dépassé depuis le {since}."


def _opening(reference: str, facts: Facts, names: Names) -> str:
    theirs = f", votre référence {facts.ft_reference}" if facts.ft_reference else ""
    tools = ", ".join(names.tool(code) for code in facts.tools)
    about = f" concernant {tools}" if tools else ""
    when = ""
    if facts.transmitted_at is not None:
        when = f", transmise le {names.moment(facts.transmitted_at)}"
    elif facts.informed_at is not None:
        when = f", dont vous nous avez informés le {names.moment(facts.informed_at)}"
    return f"Nous revenons vers vous au sujet de notre sollicitation {reference}{theirs}{about}{when}."


def _request(facts: Facts) -> str:
    if facts.taken_up_at is None:
        return "Merci de nous confirmer sa prise en charge."
    missing = [
        name
        for name, given in (("la cause", facts.cause_given), ("le délai prévu", facts.forecast_given))
        if not given
    ]
    asked = f" ainsi que {' et '.join(missing)}" if missing else ""
    return f"Merci de nous indiquer où en est son traitement{asked}."
