"""Events of a ticket to JSON values and back, with the readings of the clocks that they start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.journal.payloads import Decoder, encode
from app.tickets.events import EVENT_TYPES, TicketEvent

_DECODER = Decoder(EVENT_TYPES)


def to_payload(event: TicketEvent, readings: Mapping[str, str]) -> dict[str, Any]:
    """The event as JSON values. Readings stand under a key that no event uses as a field."""
    payload = encode(event)
    if readings:
        payload["readings"] = dict(readings)
    return payload


def from_payload(event_type: str, payload: Mapping[str, Any]) -> tuple[TicketEvent, Mapping[str, str]]:
    """The event and its readings. Raises KeyError on an unknown type."""
    return _DECODER.decode(event_type, payload), payload.get("readings", {})
