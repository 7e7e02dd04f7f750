"""Loading profiles: once, again, as a model, and after somebody has edited what was loaded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from app.deadlines.delays import Delay, Unit
from app.extensions import db
from app.infra.tx import transaction
from app.kernel.errors import InvalidInput, NotFound
from app.partners.interlocutors import edit_channel
from app.partners.loading import AS_IT_IS, Copy, Loaded, load_profile_into
from app.partners.models import Channel, Commitment, Contact, Convention, Partner, Platform, Tool
from app.partners.profiles import load_catalogue, load_shipped_profiles
from app.partners.queries import channel_for, conventions_of, partner_by_code
from app.partners.service import add_commitment_version, edit_convention

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
EMPLOYERS = Copy(partner_code="nord", code="nord-employeurs-2026", starts_on=date(2026, 1, 1))

pytestmark = pytest.mark.usefixtures("context")


def _load(code: str, copy: Copy = AS_IT_IS, *, overwrite: bool = False) -> Loaded:
    with transaction():
        return load_profile_into(
            load_shipped_profiles()[code], load_catalogue(), copy=copy, overwrite=overwrite
        )


def _count(
    *models: type[Tool | Platform | Partner | Convention | Commitment | Channel | Contact],
) -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in models]


def _convention(code: str) -> Convention:
    return db.session.scalars(select(Convention).where(Convention.code == code)).one()


def test_a_profile_brings_its_partner_its_figures_and_its_channels() -> None:
    done = _load("pas-de-calais-2024")
    assert (done.partner, done.convention, done.updated, done.kept) == (
        "pas-de-calais",
        "pas-de-calais-2024",
        [],
        [],
    )
    assert _count(Partner, Convention, Commitment, Channel, Contact) == [1, 1, 8, 2, 4]
    partner = partner_by_code("pas-de-calais")
    assert (partner.time_zone, partner.holiday_zone) == ("Europe/Paris", "metropole")
    assert partner.service_hours == "lun-ven 09:00-17:00"


def test_the_catalogue_comes_first_by_itself() -> None:
    _load("jalle-eau-bourde-2026")
    assert _count(Platform, Tool) == [3, 33]


def test_loading_again_changes_nothing() -> None:
    for code in load_shipped_profiles():
        _load(code)
    before = _count(Tool, Partner, Convention, Commitment, Channel, Contact)
    for code in load_shipped_profiles():
        done = _load(code)
        assert (done.created, done.updated, done.kept) == ([], [], [])
    assert _count(Tool, Partner, Convention, Commitment, Channel, Contact) == before


def test_two_profiles_of_one_partner_share_it() -> None:
    _load("ouiform-nord-2023")
    assert partner_by_code("nord").siret is None
    _load("nord-2025")
    assert partner_by_code("nord").siret == "22590001801244"
    assert _count(Partner, Convention) == [1, 2]


def test_a_profile_that_changed_brings_unedited_rows_up_to_date() -> None:
    _load("nord-2025")
    profile = load_shipped_profiles()["nord-2025"]
    commitments = tuple(replace(one, source="art. 9") for one in profile.commitments)
    with transaction():
        done = load_profile_into(replace(profile, commitments=commitments), load_catalogue())
    assert done.updated == [
        "engagement «\u00a0notification à l’autre partie\u00a0», violation de données personnelles",
        "engagement «\u00a0réponse\u00a0», demande d’une personne concernée",
    ]
    assert {row.source for row in db.session.scalars(select(Commitment))} == {"art. 9"}


def test_tools_that_the_profile_gains_or_loses_follow() -> None:
    _load("jalle-eau-bourde-2026")
    profile = replace(
        load_shipped_profiles()["jalle-eau-bourde-2026"], tools=("oscar", "campagnes-coordonnees")
    )
    with transaction():
        done = load_profile_into(profile, load_catalogue())
    assert done.updated == ["outils de la convention"]
    (row,) = conventions_of(partner_by_code("jalle-eau-bourde").id)
    assert row.tools == {"oscar", "campagnes-coordonnees"}


def test_what_a_person_edited_is_kept_and_named() -> None:
    _load("nord-2025")
    partner_id, convention_id = partner_by_code("nord").id, _convention("nord-2025").id
    channel = channel_for(partner_id, convention_id, "ouiform")
    assert channel is not None
    with transaction():
        edit_channel(partner_id, channel.id, now=NOW, name="formulaire du département")
        edit_convention(
            partner_id, convention_id, now=NOW, ends_on=date(2026, 12, 31), tool_codes=["ouiform"]
        )
    done = _load("nord-2025")
    assert done.kept == [
        "convention «\u00a0nord-2025\u00a0»",
        "outils de la convention",
        "canal «\u00a0formulaire de sollicitation sur Portail Emploi\u00a0»",
    ]
    assert _convention("nord-2025").ends_on == date(2026, 12, 31)


def test_overwriting_gives_the_profile_back() -> None:
    _load("nord-2025")
    partner_id, convention_id = partner_by_code("nord").id, _convention("nord-2025").id
    terms = load_shipped_profiles()["nord-2025"].commitments[0]
    with transaction():
        edit_convention(
            partner_id, convention_id, now=NOW, ends_on=date(2026, 12, 31), tool_codes=["ouiform"]
        )
        add_commitment_version(
            partner_id,
            convention_id,
            replace(terms, delay=Delay(24 * 60, Unit.ELAPSED), valid_from=date(2026, 4, 1)),
            now=NOW,
        )
    assert len(_load("nord-2025", overwrite=True).updated) == 4
    convention = _convention("nord-2025")
    assert (convention.ends_on, convention.edited_at) == (None, None)
    assert [
        (row.amount, row.valid_to) for row in db.session.scalars(select(Commitment).order_by(Commitment.id))
    ] == [
        (48 * 60, None),
        (1, None),
    ]
    assert _load("nord-2025").kept == []


def test_a_profile_is_a_model_for_another_partner() -> None:
    _load("alsace-2025")
    done = _load("jalle-eau-bourde-2026", Copy("alsace", "alsace-employeurs", date(2026, 1, 1)))
    assert (done.partner, done.convention) == ("alsace", "alsace-employeurs")
    convention = _convention("alsace-employeurs")
    assert (convention.profile, convention.starts_on) == ("jalle-eau-bourde-2026", date(2026, 1, 1))
    assert convention.zone == "alsace-moselle", "the holidays are those of the partner that takes the model"


def test_a_copy_keeps_its_own_dates_when_it_is_loaded_again() -> None:
    _load("nord-2025")
    _load("jalle-eau-bourde-2026", EMPLOYERS)
    done = _load("jalle-eau-bourde-2026", replace(EMPLOYERS, starts_on=None))
    assert (done.created, done.updated, done.kept) == ([], [], [])
    assert _convention("nord-employeurs-2026").starts_on == date(2026, 1, 1)


def test_a_copy_needs_its_partner_first() -> None:
    with pytest.raises(NotFound, match="Chargez d’abord"):
        _load("jalle-eau-bourde-2026", EMPLOYERS)
    assert _count(Partner, Convention, Tool) == [0, 0, 0]


def test_a_profile_without_partner_must_be_told_whose_it_is() -> None:
    profile = replace(load_shipped_profiles()["nord-2025"], partner_code=None)
    with pytest.raises(InvalidInput, match="--partner"), transaction():
        load_profile_into(profile, load_catalogue())


@pytest.mark.parametrize(
    ("copy", "field"),
    [
        (Copy(code="Nord Employeurs"), "as"),
        (Copy(starts_on=date(2027, 1, 1)), "starts_on"),
        (Copy(ends_on=date(2020, 1, 1)), "starts_on"),
    ],
)
def test_a_wrong_copy_is_refused_and_changes_nothing(copy: Copy, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        _load("jalle-eau-bourde-2026", copy)
    assert refusal.value.field == field
    assert _count(Partner, Convention) == [0, 0]


def test_a_commitment_that_no_profile_has_survives_overwriting() -> None:
    _load("nord-2025")
    partner_id, convention_id = partner_by_code("nord").id, _convention("nord-2025").id
    take_up = load_shipped_profiles()["pas-de-calais-2024"].commitments[0]
    with transaction():
        add_commitment_version(
            partner_id, convention_id, replace(take_up, valid_from=date(2026, 4, 1)), now=NOW
        )
    _load("nord-2025", overwrite=True)
    assert take_up.code in set(db.session.scalars(select(Commitment.code)))
