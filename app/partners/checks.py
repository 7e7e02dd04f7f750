"""Refusals that every edit of a partner's data shares, each naming its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from app.kernel.errors import InvalidInput
from app.partners.models import Channel, Commitment, Contact, Convention

Editable = Convention | Commitment | Channel | Contact


def assign(row: Editable, changes: Mapping[str, object], now: datetime) -> None:
    """Set what differs, and remember that a person did it."""
    for name, value in changes.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            row.edited_at = now


def check_required(field: str, text: str) -> str:
    if not text.strip():
        raise InvalidInput("Ce champ est obligatoire.", field=field)
    return text


def check_word(field: str, word: str, known: Mapping[str, str]) -> None:
    if word not in known:
        raise InvalidInput(f"Valeur inconnue « {word} ». Valeurs connues : {', '.join(known)}.", field=field)


def check_text(field: str, text: str | None, parse: Callable[[str], str]) -> None:
    """`parse` accepts the text, if there is one; its refusal is told on `field`."""
    if text is None:
        return
    try:
        parse(text)
    except InvalidInput as refusal:
        raise InvalidInput(refusal.message, field=field) from None


def check_order(field: str, first: date | None, last: date | None) -> None:
    if first and last and last < first:
        raise InvalidInput(f"La fin ({last:%d/%m/%Y}) précède le début ({first:%d/%m/%Y}).", field=field)
