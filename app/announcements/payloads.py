"""Events of an announcement read back from the journal. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.announcements.events import EVENT_TYPES, AnnouncementEvent
from app.journal.payloads import Decoder

_DECODER = Decoder(EVENT_TYPES)


def from_payload(event_type: str, payload: Mapping[str, Any]) -> AnnouncementEvent:
    """The event. Raises KeyError on an unknown type."""
    return _DECODER.decode(event_type, payload)
