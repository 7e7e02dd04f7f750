"""The text of a relance, ready to send, and to whom it goes next (pas-de-calais-2024, annexe 2 bis). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.tickets.facts import Facts
from app.tickets.wording import Names, clock_name


def relance_text(reference: str, facts: Facts, overdue: Sequence[tuple[str, datetime]], names: Names) -> str:
    """What to send. `overdue` are the clocks that run late, with their due time. No personal data enters it."""
    lines = ["Bonjour,", "", _opening(reference, facts, names)]
    lines += [
        f"Le délai de {clock_name(clock)} est échu depuis le {names.moment(due)}." for clock, due in overdue
    ]
    lines += ["", _request(facts), "", "Cordialement,"]
    return "\n".join(lines)


def next_contact(labels: Sequence[str], relances: int) -> str:
    """The contact of the next relance: one step up each time, the last one from then on; empty without any."""
    return labels[min(relances, len(labels) - 1)] if labels else ""


def _opening(reference: str, facts: Facts, names: Names) -> str:
    theirs = f", votre référence {facts.ft_reference}" if facts.ft_reference else ""
    tools = ", ".join(names.tool(code) for code in facts.tools)
    about = f" concernant {tools}" if tools else ""
    told = facts.transmitted_at or facts.informed_at
    when = f", transmise le {names.moment(told)}" if told else ""
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
