"""Events to JSON values and back, by the type of each field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from app.tickets.events import EVENT_TYPES, TicketEvent


def to_payload(event: TicketEvent, readings: Mapping[str, str]) -> dict[str, Any]:
    """The event as JSON values. Readings stand under a key that no event uses as a field."""
    payload = {item.name: _encode(getattr(event, item.name)) for item in fields(event)}
    if readings:
        payload["readings"] = dict(readings)
    return payload


def from_payload(event_type: str, payload: Mapping[str, Any]) -> tuple[TicketEvent, Mapping[str, str]]:
    """The event and its readings. Raises KeyError on an unknown type."""
    cls = EVENT_TYPES[event_type]
    decoded = {name: _decode(hint, payload[name]) for name, hint in _HINTS[event_type] if name in payload}
    return cls(**decoded), payload.get("readings", {})


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _hints(cls: type[TicketEvent]) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(cls)
    return tuple((item.name, _kernel_type(hints[item.name])) for item in fields(cls))


def _kernel_type(hint: Any) -> Any:
    """The type itself, without « or None »."""
    if get_origin(hint) is UnionType:
        return next(arg for arg in get_args(hint) if arg is not NoneType)
    return hint


def _decode(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if hint is datetime:
        return datetime.fromisoformat(value)
    if get_origin(hint) is tuple:
        return tuple(value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return value


_HINTS = {name: _hints(cls) for name, cls in EVENT_TYPES.items()}
