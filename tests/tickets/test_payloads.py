"""Every event survives its way to JSON and back."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tickets.events import EVENT_TYPES, TicketEvent
from app.tickets.payloads import from_payload, to_payload


def values(hint: Any) -> st.SearchStrategy[Any]:
    if get_origin(hint) is UnionType:
        return st.one_of([values(arg) for arg in get_args(hint)])
    if hint is datetime:
        return st.datetimes(timezones=st.just(UTC))
    if get_origin(hint) is tuple:
        return st.lists(st.text()).map(tuple)
    if get_origin(hint) is dict:
        return st.dictionaries(st.text(), st.text())
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return {str: st.text(), int: st.integers(), bool: st.booleans(), type(None): st.none()}[hint]


@pytest.mark.parametrize("cls", EVENT_TYPES.values(), ids=lambda cls: cls.type)
@given(data=st.data())
def test_there_and_back(cls: type[TicketEvent], data: st.DataObject) -> None:
    hints = get_type_hints(cls)
    event = cls(**{item.name: data.draw(values(hints[item.name])) for item in fields(cls)})
    readings = data.draw(st.dictionaries(st.text(), st.text(), max_size=2))
    payload = json.loads(json.dumps(to_payload(event, readings)))
    assert from_payload(cls.type, payload) == (event, readings)


def test_a_field_added_later_takes_its_default() -> None:
    event, _ = from_payload("transmitted", {"channel": "Formulaire", "text": "…"})
    assert event == EVENT_TYPES["transmitted"](channel="Formulaire", text="…")  # type: ignore[call-arg]


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(KeyError):
        from_payload("unheard-of", {})
