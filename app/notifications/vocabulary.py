"""What people choose about their mails. Pure.

A mail belongs to a family when its person may wish for less of it. One without a family always leaves, at once: it
waits for an answer, tells of a clock, of a restricted case, of an account or of a right.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Family(StrEnum):
    """The mails that a person may choose not to receive."""

    TICKETS = "tickets"  # news of a ticket: held or refused by `Preference`
    ANNOUNCEMENTS = "announcements"  # refused where announcements are told (`announcements/messages.py`)


class Pace(StrEnum):
    AT_ONCE = "at-once"
    DIGEST = "digest"
    NONE = "none"


PACE_LABELS: Mapping[Pace, str] = {
    Pace.AT_ONCE: "Au fil de l’eau\u00a0: un courriel pour chaque nouvelle",
    Pace.DIGEST: "En résumé\u00a0: un courriel aux heures choisies, s’il y a du nouveau",
    Pace.NONE: "Aucun courriel\u00a0: je lis les nouvelles ici",
}
# Hours of the day at which a digest may leave, on the walls of the partner.
HOURS = range(7, 20)
USUAL_HOURS = (8, 14)
