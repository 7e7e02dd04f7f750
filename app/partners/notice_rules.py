"""The mail that a convention owes to France Travail's governance when a contact changes: what it gathers and says.

Pure. A change is kept per contact: the first « before » and the last « after », so that a contact changed twice
before the mail leaves is told once, and one put back as it was is not told at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.kernel.errors import InvalidInput

NOBODY = "instance de gouvernance de la convention"


@dataclass(frozen=True, slots=True)
class ContactChange:
    """A contact as the annex said, and as it is from now on. Empty `before`: a new one."""

    contact_id: int
    annex: str
    before: Mapping[str, str]
    after: Mapping[str, str]

    @property
    def says_nothing(self) -> bool:
        return dict(self.before) == dict(self.after)


@dataclass(frozen=True, slots=True)
class Letter:
    """What to paste in a mail. `recipient` is a function; `address` is None when the partner does not know it."""

    recipient: str
    address: str | None
    subject: str
    body: str


def is_owed(
    before: Mapping[str, str], after: Mapping[str, str], signed_on: date | None, first: date | None
) -> bool:
    """Whether the mail is owed: not for what the signed annexes already say.

    A new contact without first day, or from a day not after the convention's, is a transcription of the annex.
    """
    if not before:
        return first is not None and (signed_on is None or first > signed_on)
    return dict(before) != dict(after)


def gather(known: Sequence[ContactChange], new: ContactChange) -> tuple[ContactChange, ...]:
    """The changes to tell, with this one among them."""
    merged = {change.contact_id: change for change in known}
    first = merged.pop(new.contact_id, new)
    merged[new.contact_id] = ContactChange(new.contact_id, new.annex, first.before, new.after)
    return tuple(change for change in merged.values() if not change.says_nothing)


def effective_from(changes: Sequence[ContactChange]) -> date | None:
    """The day on which the earliest of the changes counts, if one says so: a first day, or the eve's end."""
    days = [day for change in changes if (day := _effective(change)) is not None]
    return min(days, default=None)


def _effective(change: ContactChange) -> date | None:
    for label, shift in (("Jusqu’au", 1), ("À partir du", 0)):
        told = change.after.get(label, "")
        if told and told != change.before.get(label, ""):
            return _read(told) + timedelta(days=shift)
    return None


def _read(told: str) -> date:
    day, month, year = map(int, told.split("/"))
    return date(year, month, day)


def compose(
    partner: str,
    convention: str,
    counterpart: str,
    changes: Sequence[ContactChange],
    governance: tuple[str, str | None] | None,
) -> Letter:
    """The mail about these changes. `governance`: function and address of its contact, when the partner knows it."""
    recipient, address = governance or (NOBODY, None)
    several = len(changes) > 1
    lines = [
        "Bonjour,",
        "",
        f"Conformément à la convention {convention} qui lie {partner} et {counterpart}, nous vous informons "
        f"{'des changements suivants' if several else 'du changement suivant'} parmi les contacts de ses annexes.",
    ]
    for change in changes:
        lines += ["", *_told(change)]
    lines += ["", "Merci de bien vouloir en accuser réception et mettre à jour vos annexes.", "", partner]
    subject = f"Convention {convention}\u00a0: changement de contact{'s' * several} ({partner})"
    return Letter(recipient, address, subject, "\n".join(lines))


def _told(change: ContactChange) -> list[str]:
    name = change.after.get("Fonction") or change.before.get("Fonction", "")
    role = change.after.get("Rôle", "")
    head = f"{change.annex}, {name}" + (f" ({role})" if role and role != name else "")
    if not change.before:
        return [
            f"{head}\u00a0: nouveau contact",
            *(f"- {label}\u00a0: {text}" for label, text in change.after.items() if text),
        ]
    labels = [label for label in change.after if change.after[label] != change.before.get(label, "")]
    return [
        f"{head}\u00a0:",
        *(
            f"- {label}\u00a0: avant, {change.before.get(label) or 'non renseigné'}\u00a0; "
            f"désormais, {change.after[label] or 'non renseigné'}"
            for label in labels
        ),
    ]


def check_sent_on(sent_on: date, today: date, opened_on: date) -> None:
    """Raises InvalidInput for a day that has not come, or that is before the change was entered."""
    if sent_on > today:
        raise InvalidInput(
            "Cette date est dans le futur\u00a0: notez l’envoi une fois le courriel parti.", field="sent_on"
        )
    if sent_on < opened_on - timedelta(days=366):
        raise InvalidInput(
            "Cette date précède le changement de plus d’un an\u00a0: vérifiez-la.", field="sent_on"
        )
