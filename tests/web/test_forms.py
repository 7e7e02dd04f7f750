"""What forms share: times as people type them, cleaned texts, refusals on their field, acting once."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import RadioField

from app.kernel.errors import InvalidInput
from app.web.forms import (
    ActForm,
    LineField,
    LongTextField,
    MomentField,
    MultiCheckboxField,
    Required,
    attach_error,
    options,
    parse_moment,
)

PARIS = ZoneInfo("Europe/Paris")
TODAY = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-03-10T09:05",
        "2026-03-10 09:05:59",
        "10/03/2026 09:05",
        "10/03/2026 à 9 h 05",
        "10/03/2026 9h05",
        "9 h 05",
        "09:05",
        "9\u00a0h\u00a005",
    ],
)
def test_a_time_is_read_as_people_and_browsers_write_it(typed: str) -> None:
    assert parse_moment(typed, PARIS, TODAY) == datetime(2026, 3, 10, 8, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("demain", "illisibles"),
        ("30/02/2026 09:05", "n’existe pas"),
        ("10/03/2026 25:00", "n’existe pas"),
        ("0001-01-01T00:00", "L’année"),
        ("9999-12-31T23:59", "L’année"),
        ("٢٠٢٦-٠٣-١٠T٠٩:٠٥" * 3, "illisibles"),
    ],
)
def test_a_wrong_time_is_refused_in_words(typed: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        parse_moment(typed, PARIS, TODAY)


def test_a_wall_time_that_spring_skips_moves_forward_with_the_gap() -> None:
    assert parse_moment("2026-03-29T02:30", PARIS, TODAY) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_wall_time_that_autumn_gives_twice_is_the_first() -> None:
    assert parse_moment("2026-10-25T02:30", PARIS, TODAY) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


class SampleForm(ActForm):
    line = LineField("Objet", [Required()], max_length=10)
    text = LongTextField("Texte")
    moment = MomentField("Quand", [Required()])
    kind = RadioField("Nature", choices=options([("a", "A"), ("b", "B")]))
    tools = MultiCheckboxField("Outils", choices=options([("x", "X"), ("y", "Y")]))


def filled(app: Flask, **changes: str) -> SampleForm:
    data = {"line": "Objet", "text": "", "moment": "10/03/2026 09:05", "kind": "a", "tools": "x"}
    with app.test_request_context("/", method="POST"):
        form = SampleForm(MultiDict(data | changes), meta={"csrf": False})
        form.validate()
        form.rendered_moment = str(form.moment())
    return form


def test_a_good_form_gives_clean_values(app: Flask) -> None:
    form = filled(app, line="  Un\u200b\x00 objet ", text="a\r\nb  ")
    assert form.errors == {}
    assert form.line.data == "Un objet"
    assert form.text.data == "a\nb"
    assert form.moment.data == datetime(2026, 3, 10, 8, 5, tzinfo=UTC)
    assert form.tools.data == ["x"]


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"line": ""}, "line", "Ce champ est obligatoire."),
        ({"line": " \x00 "}, "line", "Ce champ est obligatoire."),
        ({"line": "x" * 11}, "line", "11 caractères"),
        ({"text": "x" * 10_001}, "text", "10001 caractères"),
        ({"moment": "hier"}, "moment", "illisibles"),
        ({"moment": ""}, "moment", "Ce champ est obligatoire."),
        ({"kind": "z"}, "kind", "Choisissez une des réponses proposées."),
        ({"tools": "z"}, "tools", "Le choix « z » n’existe pas."),
    ],
)
def test_each_fault_is_told_in_french_on_its_field(
    app: Flask, changes: dict[str, str], field: str, message: str
) -> None:
    form = filled(app, **changes)
    assert list(form.errors) == [field]
    (told,) = form.errors[field]
    assert message in told


def test_a_time_that_cannot_be_read_is_shown_again_as_it_was_typed(app: Flask) -> None:
    form = filled(app, moment="hier à midi")
    assert 'value="hier à midi"' in form.rendered_moment
    assert 'type="text"' in form.rendered_moment


def test_a_form_without_its_time_keeps_the_one_it_was_shown_with(app: Flask) -> None:
    with app.test_request_context("/", method="POST"):
        form = SampleForm(MultiDict({"line": "Objet"}), meta={"csrf": False}, data={"moment": TODAY})
    assert form.moment.data == TODAY


def test_a_refusal_goes_to_its_field_or_to_the_head_of_the_form(app: Flask) -> None:
    form = filled(app)
    attach_error(form, InvalidInput("Trop tôt.", field="moment"))
    attach_error(form, InvalidInput("Impossible.", field="ailleurs"))
    assert list(form.moment.errors) == ["Trop tôt."]
    assert form.form_errors == ["Impossible."]


@pytest.mark.parametrize(
    ("typed", "seen"), [("12", 12), ("", None), ("x", None), ("9" * 30, None), ("²", None)]
)
def test_the_version_is_a_number_or_nothing(app: Flask, typed: str, seen: int | None) -> None:
    assert filled(app, version=typed).seen == seen
