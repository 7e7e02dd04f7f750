"""Edits of a partner's conventions, commitments and interlocutors; the readings of its tickets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event, select

from app.deadlines.calendar import parse_week
from app.deadlines.delays import Delay, Unit
from app.deadlines.reading import Reading
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.errors import InvalidInput, NotFound
from app.partners.interlocutors import add_contact, edit_channel, edit_contact
from app.partners.loading import load_profile_into
from app.partners.models import Channel, Commitment, Contact
from app.partners.profiles import load_catalogue, load_shipped_profiles, reading_for
from app.partners.queries import conventions_of, partner_by_code
from app.partners.resolve import NoCommitment
from app.partners.service import (
    add_commitment_version,
    add_structure,
    edit_convention,
    narrow_tools,
    reading_for_ticket,
)
from app.partners.terms import CommitmentTerms

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
TAKE_UP = load_shipped_profiles()["pas-de-calais-2024"].commitments[0]

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture
def loaded(context: object) -> None:
    with transaction():
        for code in ("nord-2025", "ouiform-nord-2023", "alsace-2025", "pas-de-calais-2024"):
            load_profile_into(load_shipped_profiles()[code], load_catalogue())


def _ids(code: str) -> tuple[int, int]:
    """The partner and the convention of a shipped profile."""
    partner_id = partner_by_code(load_shipped_profiles()[code].partner_code or "").id
    return partner_id, next(row.id for row in conventions_of(partner_id) if row.code == code)


def _reading(code: str, started_at: datetime = NOW, tool: str | None = None) -> Reading:
    return reading_for_ticket(*_ids(code), "take-up", "availability", started_at, tool)


def _add_version(minutes: int, **changes: object) -> Commitment:
    terms: CommitmentTerms = replace(TAKE_UP, delay=Delay(minutes, Unit.ELAPSED), **changes)  # type: ignore[arg-type]
    with transaction():
        return add_commitment_version(*_ids("pas-de-calais-2024"), terms, now=NOW)


def _versions() -> list[tuple[int, date | None, date | None]]:
    rows = db.session.scalars(select(Commitment).where(Commitment.code == TAKE_UP.code)).all()
    return sorted(
        ((row.amount, row.valid_from, row.valid_to) for row in rows),
        key=lambda version: version[1] or date.min,
    )


# --- Readings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["nord-2025", "ouiform-nord-2023", "alsace-2025", "pas-de-calais-2024"])
def test_rows_are_read_as_the_profile_they_come_from(code: str) -> None:
    for clock, applies_to in (
        ("take-up", "availability"),
        ("return-to-service", "availability"),
        ("return-to-service", "application"),
        ("notification", "personal-data-breach"),
        ("answer", "data-subject-request"),
        ("cnil-notification", "personal-data-breach"),
    ):
        reading = reading_for_ticket(*_ids(code), clock, applies_to, NOW, "ouiform")
        assert reading == reading_for(code, clock, applies_to, NOW, "ouiform")
        assert reading.digest == reading_for(code, clock, applies_to, NOW, "ouiform").digest


def test_equal_rows_share_a_reading_and_changed_rows_do_not() -> None:
    before = _reading("pas-de-calais-2024")
    assert _reading("pas-de-calais-2024") is before
    _add_version(30, valid_from=date(2026, 1, 1))
    assert _reading("pas-de-calais-2024").delay.amount == 30
    assert before.delay.amount == 15, "a clock that has started keeps the reading that it started with"


def test_the_settings_of_the_partner_are_read() -> None:
    with transaction():
        partner = partner_by_code("alsace")
        partner.good_friday = False
        partner.service_hours = "lun-ven 08:00-12:00,13:00-18:00"
    hours = _reading("alsace-2025").hours
    assert hours.week == parse_week("lun-ven 08:00-12:00,13:00-18:00")
    assert date(2026, 4, 3) not in hours.holidays
    assert date(2026, 12, 26) in hours.holidays


def test_an_objective_that_the_partner_holds_itself_goes_before_the_shipped_one() -> None:
    """Nord edits its OuiForm convention, then borrows from it: its own row counts."""
    with transaction():
        add_commitment_version(
            *_ids("ouiform-nord-2023"),
            replace(TAKE_UP, delay=Delay(60, Unit.ELAPSED), valid_from=date(2026, 1, 1)),
            now=NOW,
        )
        edit_convention(*_ids("nord-2025"), now=NOW, service_levels_from="ouiform-nord-2023")
    reading = _reading("nord-2025")
    assert (reading.delay.amount, reading.contractual, reading.measured_by) == (
        60,
        False,
        "ouiform-nord-2023",
    )


def test_the_convention_of_another_partner_measures_nothing() -> None:
    (nord, _), (_, pas_de_calais_2024) = _ids("nord-2025"), _ids("pas-de-calais-2024")
    with pytest.raises(NotFound):
        reading_for_ticket(nord, pas_de_calais_2024, "take-up", "availability", NOW, None)


def test_a_clock_without_figure_is_refused() -> None:
    with pytest.raises(NoCommitment):
        reading_for_ticket(*_ids("nord-2025"), "take-up", "application", NOW, None)


def test_a_reading_costs_two_queries() -> None:
    # The conventions of the partner with it, then their commitments.
    partner_id, convention_id = _ids("nord-2025")
    statements: list[str] = []

    def count(*details: object) -> None:
        statements.append(str(details[2]))

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        reading_for_ticket(partner_id, convention_id, "take-up", "availability", NOW, None)
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert len(statements) == 2


# --- Versions of a commitment ----------------------------------------------------------------------------


def test_a_new_version_ends_the_one_before_on_its_eve() -> None:
    _add_version(30, valid_from=date(2026, 4, 1))
    assert _versions() == [(15, None, date(2026, 3, 31)), (30, date(2026, 4, 1), None)]
    april = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
    assert _reading("pas-de-calais-2024").delay.amount == 15
    assert _reading("pas-de-calais-2024", april).delay.amount == 30


def test_a_version_between_two_others_ends_before_the_next() -> None:
    _add_version(30, valid_from=date(2026, 7, 1))
    _add_version(20, valid_from=date(2026, 4, 1))
    assert _versions() == [
        (15, None, date(2026, 3, 31)),
        (20, date(2026, 4, 1), date(2026, 6, 30)),
        (30, date(2026, 7, 1), None),
    ]


def test_a_version_may_end_by_itself() -> None:
    _add_version(30, valid_from=date(2026, 4, 1), valid_to=date(2026, 4, 30))
    _add_version(20, valid_from=date(2026, 6, 1))
    assert _versions()[1:] == [
        (30, date(2026, 4, 1), date(2026, 4, 30)),
        (20, date(2026, 6, 1), None),
    ]


def test_a_figure_may_be_narrowed_to_a_tool() -> None:
    _add_version(5, valid_from=date(2026, 1, 1), tool="suivi-de-parcours")
    assert _reading("pas-de-calais-2024", tool="suivi-de-parcours").delay.amount == 5
    assert _reading("pas-de-calais-2024").delay.amount == 15


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": None}, "valid_from"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "valid_to"),
        ({"clock": "prise"}, "clock"),
        ({"applies_to": "panne"}, "applies_to"),
        ({"owed_by": "moi"}, "owed_by"),
        ({"holiday_zone": "mars"}, "holiday_zone"),
        ({"tool": "minitel"}, "tool"),
        ({"code": "Prise en compte"}, "code"),
        ({"applies_to": "application"}, "code"),
    ],
)
def test_a_wrong_version_is_refused_on_its_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        _add_version(30, **({"valid_from": date(2026, 4, 1)} | changes))
    assert refusal.value.field == field
    assert _versions() == [(15, None, None)]


def test_two_versions_may_not_begin_on_one_day() -> None:
    _add_version(30, valid_from=date(2026, 4, 1))
    with pytest.raises(InvalidInput, match="commence déjà le 01/04/2026"):
        _add_version(20, valid_from=date(2026, 4, 1))


# --- Conventions -----------------------------------------------------------------------------------------


def test_an_edited_convention_says_when_it_was() -> None:
    with transaction():
        convention = edit_convention(*_ids("nord-2025"), now=NOW, counterpart="France Travail")
        assert (convention.counterpart, convention.edited_at) == ("France Travail", NOW)


def test_an_edit_that_changes_nothing_is_none() -> None:
    with transaction():
        convention = edit_convention(*_ids("nord-2025"), now=NOW, zone="metropole")
        assert convention.edited_at is None


def test_the_tools_of_a_convention_are_replaced() -> None:
    with transaction():
        edit_convention(*_ids("nord-2025"), now=NOW, tool_codes=["oscar", "oscar", "ouiform"])
    row = next(row for row in conventions_of(_ids("nord-2025")[0]) if row.code == "nord-2025")
    assert row.tools == {"oscar", "ouiform"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"counterpart": " "}, "counterpart"),
        ({"zone": "mars"}, "zone"),
        ({"duration": "trois ans"}, "duration"),
        ({"tacit_renewal": "3"}, "tacit_renewal"),
        ({"denunciation_notice": "bientôt"}, "denunciation_notice"),
        ({"ends_on": date(2020, 1, 1)}, "ends_on"),
        ({"service_levels_from": "ailleurs"}, "service_levels_from"),
        ({"service_levels_from": "nord-2025"}, "service_levels_from"),
        ({"tool_codes": ["minitel"]}, "tool"),
    ],
)
def test_a_wrong_edit_is_refused_on_its_field_and_changes_nothing(
    changes: dict[str, object], field: str
) -> None:
    before = conventions_of(_ids("nord-2025")[0])
    with pytest.raises(InvalidInput) as refusal, transaction():
        edit_convention(*_ids("nord-2025"), now=NOW, **changes)  # type: ignore[arg-type]
    assert refusal.value.field == field
    assert conventions_of(_ids("nord-2025")[0]) == before


def test_nobody_edits_the_convention_of_another_partner() -> None:
    (nord, _), (_, pas_de_calais_2024) = _ids("nord-2025"), _ids("pas-de-calais-2024")
    with pytest.raises(NotFound), transaction():
        edit_convention(nord, pas_de_calais_2024, now=NOW, counterpart="X")
    with pytest.raises(NotFound), transaction():
        add_commitment_version(
            nord, pas_de_calais_2024, replace(TAKE_UP, valid_from=date(2026, 4, 1)), now=NOW
        )


# --- Channels and contacts -------------------------------------------------------------------------------


def _channel(code: str) -> Channel:
    return db.session.scalars(
        select(Channel).where(Channel.convention_id == _ids(code)[1]).order_by(Channel.id)
    ).all()[0]


def _contact(code: str) -> Contact:
    return db.session.scalars(
        select(Contact).where(Contact.convention_id == _ids(code)[1]).order_by(Contact.id)
    ).all()[0]


def test_the_address_that_no_convention_publishes_is_entered_by_the_partner() -> None:
    channel_id = _channel("ouiform-nord-2023").id
    with transaction():
        edit_channel(_ids("nord-2025")[0], channel_id, now=NOW, address="ouiform@exemple.fr")
    channel = _channel("ouiform-nord-2023")
    assert (channel.address, channel.edited_at) == ("ouiform@exemple.fr", NOW)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"kind": "fax"}, "kind"),
        ({"address": "nulle part"}, "address"),
        ({"url": "javascript:alert(1)"}, "url"),
    ],
)
def test_a_wrong_channel_is_refused_on_its_field(changes: dict[str, object], field: str) -> None:
    channel_id = _channel("nord-2025").id
    with pytest.raises(InvalidInput) as refusal, transaction():
        edit_channel(_ids("nord-2025")[0], channel_id, now=NOW, **changes)  # type: ignore[arg-type]
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"label": " "}, "label"),
        ({"role": "maire"}, "role"),
        ({"email": "nulle part"}, "email"),
        ({"rank": 0}, "rank"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "valid_to"),
    ],
)
def test_a_wrong_contact_is_refused_on_its_field(changes: dict[str, object], field: str) -> None:
    contact_id = _contact("nord-2025").id
    with pytest.raises(InvalidInput) as refusal, transaction():
        edit_contact(_ids("nord-2025")[0], contact_id, now=NOW, **changes)  # type: ignore[arg-type]
    assert refusal.value.field == field
    values = {"role": "other", "label": "Responsable d’équipe"} | changes
    with pytest.raises(InvalidInput), transaction():
        add_contact(*_ids("nord-2025"), now=NOW, **values)  # type: ignore[arg-type]


def test_a_contact_is_ended_rather_than_removed() -> None:
    contact_id = _contact("nord-2025").id
    with transaction():
        edit_contact(_ids("nord-2025")[0], contact_id, now=NOW, valid_to=date(2026, 3, 31))
    assert _contact("nord-2025").valid_to == date(2026, 3, 31)


def test_nobody_edits_the_interlocutors_of_another_partner() -> None:
    nord = _ids("nord-2025")[0]
    channel_id, contact_id = _channel("pas-de-calais-2024").id, _contact("pas-de-calais-2024").id
    with pytest.raises(NotFound, match="Canal inconnu"), transaction():
        edit_channel(nord, channel_id, now=NOW, name="x")
    with pytest.raises(NotFound, match="Contact inconnu"), transaction():
        edit_contact(nord, contact_id, now=NOW, label="x")
    with pytest.raises(NotFound), transaction():
        add_contact(nord, _ids("pas-de-calais-2024")[1], now=NOW, role="other", label="x")


# --- Structures ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "mairie"}, "kind"),
        ({"code": "Accueil 1"}, "code"),
        ({"name": " "}, "name"),
        ({"tool_codes": ["minitel"]}, "tool"),
    ],
)
def test_a_wrong_structure_is_refused_on_its_field(changes: dict[str, object], field: str) -> None:
    values: dict[str, object] = {"code": "accueil", "name": "Accueil", "kind": "service"}
    with pytest.raises(InvalidInput) as refusal, transaction():
        add_structure(_ids("nord-2025")[0], **(values | changes))  # type: ignore[arg-type]
    assert refusal.value.field == field


def test_a_code_names_one_structure_of_a_partner() -> None:
    with transaction():
        add_structure(_ids("nord-2025")[0], code="accueil", name="Accueil", kind="service")
        add_structure(_ids("alsace-2025")[0], code="accueil", name="Accueil", kind="service")
    with pytest.raises(InvalidInput, match="déjà") as refusal, transaction():
        add_structure(_ids("nord-2025")[0], code="accueil", name="Autre", kind="service")
    assert refusal.value.field == "code"


def test_nobody_narrows_the_structure_of_another_partner() -> None:
    with transaction():
        structure = add_structure(_ids("alsace-2025")[0], code="accueil", name="Accueil", kind="service")
    with pytest.raises(NotFound), transaction():
        narrow_tools(_ids("nord-2025")[0], structure.id, ["ouiform"])
