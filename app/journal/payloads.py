"""Typed events to JSON values and back, by the type of each field. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

E = TypeVar("E")


def encode(event: Any) -> dict[str, Any]:
    """The fields of an event (a dataclass) as JSON values."""
    return {item.name: _encode(getattr(event, item.name)) for item in fields(event)}


class Decoder(Generic[E]):
    """Reads events back. `types` are dataclasses by the name that the journal keeps."""

    def __init__(self, types: Mapping[str, type[E]]) -> None:
        self._types = types
        self._hints = {name: _hints(cls) for name, cls in types.items()}

    def decode(self, event_type: str, payload: Mapping[str, Any]) -> E:
        """The event. What the payload lacks has its default. Raises KeyError on an unknown type."""
        hints = self._hints[event_type]
        return self._types[event_type](
            **{name: _decode(hint, payload[name]) for name, hint in hints if name in payload}
        )


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _hints(cls: type[Any]) -> tuple[tuple[str, Any], ...]:
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
