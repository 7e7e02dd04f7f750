"""What is offered for a partner: tools, conventions, channels, contacts; and nothing of another partner."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.infra.tx import transaction
from app.kernel.errors import NotFound
from app.partners.interlocutors import add_contact
from app.partners.loading import Copy, load_profile_into
from app.partners.profiles import load_catalogue, load_shipped_profiles
from app.partners.queries import (
    channel_for,
    contacts_of,
    conventions_covering,
    conventions_of,
    partner_by_code,
    partners,
    structures_of,
    tools_by_code,
    tools_of,
)
from app.partners.service import add_structure, choose_convention, narrow_tools

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)
OPEN = {"connexion", "echanges-fichiers", "gestion-des-habilitations"}

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture
def loaded(context: object) -> None:
    """Nord with its three conventions, Jalle-Eau Bourde, and Pas-de-Calais."""
    profiles = load_shipped_profiles()
    with transaction():
        for code in ("nord-2025", "ouiform-nord-2023", "jalle-eau-bourde-2026", "pas-de-calais-2024"):
            load_profile_into(profiles[code], load_catalogue())
        copy = Copy("nord", "nord-employeurs-2026", date(2026, 1, 1))
        load_profile_into(profiles["jalle-eau-bourde-2026"], load_catalogue(), copy=copy)


def _partner_id(code: str = "nord") -> int:
    return partner_by_code(code).id


def _convention_id(code: str, partner: str = "nord") -> int:
    return next(row.id for row in conventions_of(_partner_id(partner)) if row.code == code)


def _offered(tools: list[str], on: date = TODAY, partner: str = "nord") -> list[str]:
    return [choice.convention.code for choice in conventions_covering(_partner_id(partner), tools, on)]


# --- Tools -----------------------------------------------------------------------------------------------


def test_the_tools_of_a_partner_are_those_of_its_conventions_and_access() -> None:
    codes = {tool.code for tool in tools_of(_partner_id("jalle-eau-bourde"))}
    assert codes == {"campagnes-coordonnees", "academie-france-travail"} | OPEN
    assert len(tools_of(_partner_id())) == 33


def test_a_structure_is_narrowed_to_its_tools_and_access() -> None:
    with transaction():
        structure = add_structure(
            _partner_id(), code="accueil", name="Accueil", kind="service", tool_codes=["ouiform", "oscar"]
        )
    narrowed = {tool.code for tool in tools_of(_partner_id(), structure.id)}
    assert narrowed == {"ouiform", "oscar"} | OPEN
    with transaction():
        narrow_tools(_partner_id(), structure.id, [])
    assert len(tools_of(_partner_id(), structure.id)) == 33


def test_the_structure_of_another_partner_narrows_nothing() -> None:
    with transaction():
        structure = add_structure(
            _partner_id("pas-de-calais"), code="x", name="X", kind="service", tool_codes=["suivi-de-parcours"]
        )
    assert len(tools_of(_partner_id(), structure.id)) == 33


def test_tools_come_by_platform_then_name_and_say_where_they_run() -> None:
    tools = tools_of(_partner_id("pas-de-calais"))
    assert [tool.platform_name for tool in tools] == sorted(tool.platform_name for tool in tools)
    (parcours,) = tools_by_code(["suivi-de-parcours"])
    assert (parcours.platform_code, parcours.kind, len(parcours.modules)) == (
        "mon-portail-pro",
        "application",
        15,
    )
    assert not parcours.is_open


def test_tools_by_code_keep_the_order_asked() -> None:
    assert [tool.code for tool in tools_by_code(["oscar", "connexion"])] == ["oscar", "connexion"]
    with pytest.raises(NotFound, match="minitel"):
        tools_by_code(["oscar", "minitel"])


# --- Conventions -----------------------------------------------------------------------------------------


def test_the_narrowest_convention_in_term_that_lists_the_tool_is_first() -> None:
    assert _offered(["campagnes-coordonnees"]) == ["nord-employeurs-2026", "nord-2025", "ouiform-nord-2023"]


def test_the_date_of_the_ticket_chooses_too() -> None:
    in_2025 = date(2025, 6, 1)
    assert _offered(["campagnes-coordonnees"], in_2025)[0] == "nord-2025"
    assert _offered(["ouiform"], date(2024, 6, 1))[0] == "ouiform-nord-2023"
    assert _offered(["ouiform"], in_2025)[0] == "nord-2025"


def test_a_convention_must_list_all_the_tools() -> None:
    assert _offered(["campagnes-coordonnees", "oscar"])[0] == "nord-2025"


@pytest.mark.parametrize("tools", [[], ["connexion"], ["connexion", "echanges-fichiers"]])
def test_the_broadest_speaks_for_access_and_for_a_tool_not_known_yet(tools: list[str]) -> None:
    assert _offered(tools)[0] == "nord-2025"


def test_access_does_not_hide_the_tool_beside_it() -> None:
    assert _offered(["connexion", "campagnes-coordonnees"])[0] == "nord-employeurs-2026"


def test_a_convention_out_of_term_is_offered_last_and_flagged() -> None:
    chosen = choose_convention(_partner_id(), ["ouiform"], TODAY)
    assert chosen is not None
    assert chosen.convention_id == _convention_id("nord-2025")
    last = chosen.alternatives[-1]
    assert (last.convention.code, last.covers, last.in_term) == ("ouiform-nord-2023", True, False)


def test_a_partner_out_of_every_term_is_still_offered_its_convention() -> None:
    chosen = choose_convention(_partner_id("pas-de-calais"), ["suivi-de-parcours"], TODAY)
    assert chosen is not None
    assert not chosen.default.in_term


def test_a_partner_without_convention_has_no_choice() -> None:
    assert choose_convention(10_000, ["ouiform"], TODAY) is None


def test_conventions_are_the_partners_own_the_most_recent_first() -> None:
    assert [row.code for row in conventions_of(_partner_id())] == [
        "nord-employeurs-2026",
        "nord-2025",
        "ouiform-nord-2023",
    ]
    nord = conventions_of(_partner_id())[1]
    assert (nord.ends_on, nord.term_to) == (date(2027, 12, 31), date(2030, 12, 31))


# --- Channels and contacts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "kind", "platform", "receipt_is_take_up"),
    [
        ("suivi-de-parcours", "email", "mon-portail-pro", False),
        ("api-recherche-usager", "form", "francetravail-io", True),
    ],
)
def test_pas_de_calais_writes_for_the_application_and_fills_a_form_for_the_api(
    tool: str, kind: str, platform: str, receipt_is_take_up: bool
) -> None:
    channel = channel_for(
        _partner_id("pas-de-calais"), _convention_id("pas-de-calais-2024", "pas-de-calais"), tool
    )
    assert channel is not None
    assert (channel.kind, channel.platform_code, channel.receipt_is_take_up) == (
        kind,
        platform,
        receipt_is_take_up,
    )


def test_nord_has_the_form_of_each_platform() -> None:
    convention_id = _convention_id("nord-2025")
    names = {
        tool: channel.name
        for tool in ("suivi-de-parcours", "ouiform", "api-romeo", "connexion")
        if (channel := channel_for(_partner_id(), convention_id, tool))
    }
    assert names == {
        "suivi-de-parcours": "formulaire de sollicitation sur Mon Portail Pro",
        "ouiform": "formulaire de sollicitation sur Portail Emploi",
        "api-romeo": "formulaire de contact francetravail.io",
        "connexion": "formulaire de sollicitation sur Mon Portail Pro",
    }


def test_a_channel_for_everything_serves_where_there_is_no_other() -> None:
    convention_id = _convention_id("ouiform-nord-2023")
    for tool in ("ouiform", "connexion", None):
        channel = channel_for(_partner_id(), convention_id, tool)
        assert channel is not None
        assert channel.kind == "email"


def test_no_channel_is_invented() -> None:
    assert channel_for(_partner_id(), _convention_id("nord-2025"), None) is None
    assert channel_for(_partner_id("pas-de-calais"), _convention_id("nord-2025"), "ouiform") is None


def test_contacts_of_the_relances_come_first_by_rank_while_they_are_valid() -> None:
    convention_id = _convention_id("jalle-eau-bourde-2026", "jalle-eau-bourde")
    partner_id = _partner_id("jalle-eau-bourde")
    with transaction():
        add_contact(
            partner_id,
            convention_id,
            now=NOW,
            role="other",
            label="Responsable d’équipe",
            rank=2,
            email="equipe@exemple.fr",
            valid_from=date(2026, 3, 1),
            valid_to=date(2026, 3, 31),
        )
    assert [(one.rank, one.role) for one in contacts_of(partner_id, convention_id, TODAY)] == [
        (1, "support_si_plateforme"),
        (2, "other"),
        (None, "dpd"),
        (None, "security"),
    ]
    for day in (date(2026, 2, 28), date(2026, 4, 1)):
        assert "other" not in {one.role for one in contacts_of(partner_id, convention_id, day)}
    assert contacts_of(_partner_id(), convention_id, TODAY) == ()


# --- Partners and structures -----------------------------------------------------------------------------


def test_partners_come_by_name() -> None:
    assert [partner.code for partner in partners()] == ["jalle-eau-bourde", "nord", "pas-de-calais"]
    with pytest.raises(NotFound, match="Partenaire inconnu"):
        partner_by_code("ailleurs")


def test_structures_are_the_partners_own_and_active_ones() -> None:
    with transaction():
        add_structure(_partner_id(), code="b", name="Bureau", kind="service")
        add_structure(_partner_id(), code="a", name="Association", kind="delegataire", shares_tickets=True)
        add_structure(_partner_id(), code="z", name="Ancien", kind="prestataire").active = False
        add_structure(_partner_id("pas-de-calais"), code="a", name="Ailleurs", kind="service")
    assert [(row.name, row.kind, row.shares_tickets) for row in structures_of(_partner_id())] == [
        ("Association", "delegataire", True),
        ("Bureau", "service", False),
    ]
    assert len(structures_of(_partner_id(), active_only=False)) == 3
