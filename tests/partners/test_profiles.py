"""The shipped profiles, and everything that a profile of one's own can get wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.deadlines.delays import Delay, Unit
from app.kernel.errors import InvalidInput
from app.partners.profiles import (
    load_catalogue,
    load_law,
    load_profile,
    load_shipped_profiles,
    shipped_rulebook,
)

MINIMAL = """
code = "essai-2026"
partner = "Commune d’essai"
counterpart = "France Travail"
zone = "metropole"
"""

COMMITMENT = """
[[commitments]]
code = "prise-en-compte"
clock = "take-up"
applies_to = "availability"
delay = "15 min"
unit = "elapsed"
starts = "incident signalé"
stops = "prise en compte"
owed_by = "france-travail"
source = "art. 1"
"""


def _write(folder: Path, content: str, name: str = "essai.toml") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def _refusal(folder: Path, content: str) -> str:
    """What the person reads, with plain spaces so that the expectations below can be typed."""
    with pytest.raises(InvalidInput) as refusal:
        load_profile(_write(folder, content))
    return refusal.value.message.replace("\u00a0", " ")


# --- What is shipped -------------------------------------------------------------------------------------


def test_five_conventions_are_shipped_under_the_name_of_their_file() -> None:
    assert sorted(load_shipped_profiles()) == [
        "alsace-2025",
        "jalle-eau-bourde-2026",
        "nord-2025",
        "ouiform-nord-2023",
        "pas-de-calais-2024",
    ]


def test_each_convention_belongs_to_a_partner_of_the_installation() -> None:
    partners = {code: profile.partner_code for code, profile in load_shipped_profiles().items()}
    assert partners == {
        "alsace-2025": "alsace",
        "jalle-eau-bourde-2026": "jalle-eau-bourde",
        "nord-2025": "nord",
        "ouiform-nord-2023": "nord",
        "pas-de-calais-2024": "pas-de-calais",
    }


def test_only_pas_de_calais_has_figures_for_the_level_of_service() -> None:
    figures = {
        code: [one.delay for one in profile.commitments if one.owed_by == "france-travail"]
        for code, profile in load_shipped_profiles().items()
    }
    assert figures.pop("pas-de-calais-2024") == [
        Delay(15, Unit.ELAPSED),
        Delay(8 * 60, Unit.WORKING),
        Delay(6, Unit.CALENDAR_DAYS),
        Delay(60, Unit.ELAPSED),
        Delay(24 * 60, Unit.ELAPSED),
    ]
    assert not any(figures.values())


def test_only_the_application_return_can_be_planned() -> None:
    commitments = load_shipped_profiles()["pas-de-calais-2024"].commitments
    assert [one.code for one in commitments if one.plannable] == ["return-to-service-application"]
    assert not any(one.suspendable or one.carry_over for one in commitments)


def test_the_receipt_is_the_take_up_on_francetravail_io_in_pas_de_calais_only() -> None:
    confirming = [
        (code, channel.platform)
        for code, profile in load_shipped_profiles().items()
        for channel in profile.channels
        if channel.receipt_is_take_up
    ]
    assert confirming == [("pas-de-calais-2024", "francetravail-io")]


def test_the_form_of_a_platform_brings_its_name_and_address() -> None:
    channels = {channel.platform: channel for channel in load_shipped_profiles()["nord-2025"].channels}
    assert channels["francetravail-io"].url == "https://francetravail.io/contact"
    assert channels["portail-emploi"].name == "formulaire de sollicitation sur Portail Emploi"


def test_nord_has_every_tool_of_the_catalogue_but_access_which_is_open() -> None:
    catalogue = load_catalogue()
    assert set(load_shipped_profiles()["nord-2025"].tools) == {
        code for code, tool in catalogue.tools.items() if not tool.is_open
    }
    assert [code for code, tool in catalogue.tools.items() if tool.is_open] == [
        "connexion",
        "echanges-fichiers",
        "gestion-des-habilitations",
    ]


def test_jalle_eau_bourde_names_no_rssi() -> None:
    profiles = load_shipped_profiles()
    assert "rssi" not in profiles["jalle-eau-bourde-2026"].contacts
    assert "rssi" in profiles["nord-2025"].contacts


def test_terms_run_from_the_first_day_to_the_end_of_one_renewal() -> None:
    terms = {
        code: (profile.terms.term_from, profile.terms.term_to)
        for code, profile in load_shipped_profiles().items()
    }
    assert terms["nord-2025"] == (date(2025, 1, 1), date(2030, 12, 31))
    assert terms["jalle-eau-bourde-2026"] == (date(2026, 4, 14), date(2027, 3, 31))
    assert terms["ouiform-nord-2023"] == (None, date(2024, 12, 31))
    assert terms["pas-de-calais-2024"] == (date(2024, 6, 17), date(2024, 12, 31))


def test_settings_are_the_sections_that_no_clock_measures() -> None:
    profiles = load_shipped_profiles()
    pas_de_calais = profiles["pas-de-calais-2024"].settings
    assert pas_de_calais["account_manager"] is False
    assert pas_de_calais["targets"] == {
        "availability_percent": 98.0,
        "performance_percent": 90.0,
        "performance_threshold_s": 1.0,
        "performance_complex_s": 6.0,
        "source": "annexe 2, §3",
    }
    assert profiles["nord-2025"].settings["account_manager"] is True


def test_the_law_holds_the_cnil_and_the_persons() -> None:
    assert {(one.clock, one.delay) for one in load_law().commitments} == {
        ("cnil-notification", Delay(72 * 60, Unit.ELAPSED)),
        ("answer", Delay(1, Unit.MONTHS)),
    }


def test_shipped_profiles_are_read_once() -> None:
    assert load_shipped_profiles() is load_shipped_profiles()
    assert shipped_rulebook() is shipped_rulebook()


# --- A profile of one's own ------------------------------------------------------------------------------


def test_four_keys_make_a_profile(tmp_path: Path) -> None:
    profile = load_profile(_write(tmp_path, MINIMAL))
    assert profile.code == "essai-2026"
    assert profile.commitments == ()
    assert profile.contacts == tuple(load_catalogue().contacts)


def test_a_commitment_may_have_its_own_hours_tool_and_dates(tmp_path: Path) -> None:
    profile = load_profile(
        _write(
            tmp_path,
            MINIMAL
            + COMMITMENT
            + 'week = "lun-ven 08:00-18:00; sam 09:00-12:00"\nholiday_zone = "la-reunion"\ntool = "ouiform"\n'
            "valid_from = 2026-01-01\nvalid_to = 2026-06-30\nsuspendable = true\n",
        )
    )
    (commitment,) = profile.commitments
    assert commitment.week is not None
    assert len(commitment.week[5]) == 1
    assert (commitment.holiday_zone, commitment.tool, commitment.suspendable) == (
        "la-reunion",
        "ouiform",
        True,
    )
    assert (commitment.valid_from, commitment.valid_to) == (date(2026, 1, 1), date(2026, 6, 30))


def test_versions_of_a_commitment_may_follow_each_other(tmp_path: Path) -> None:
    first = COMMITMENT + "valid_to = 2026-06-30\n"
    second = COMMITMENT.replace("15 min", "30 min") + "valid_from = 2026-07-01\n"
    assert len(load_profile(_write(tmp_path, MINIMAL + first + second)).commitments) == 2


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    message = _refusal(
        tmp_path,
        MINIMAL.replace("metropole", "mars").replace("partner =", "partenaire =")
        + COMMITMENT.replace('"15 min"', '"15 jours"'),
    )
    assert message.splitlines() == [
        "Le fichier « essai.toml » comporte 4 erreurs :",
        "  - partner : clé obligatoire, absente.",
        "  - zone : valeur inconnue « mars » (valeurs connues : metropole, alsace-moselle, guadeloupe, martinique, "
        "guyane, la-reunion, mayotte, saint-barthelemy, saint-martin, saint-pierre-et-miquelon, wallis-et-futuna, "
        "polynesie-francaise, nouvelle-caledonie).",
        "  - commitments[1].delay : Délai « 15 jours » : il doit être donné en heures ou en minutes, par exemple "
        "« 8 h » ou « 15 min ».",
        message.splitlines()[4],
    ]
    assert message.splitlines()[4].startswith(
        "  - partenaire : clé inconnue (clés connues : account_manager, "
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("partner =", "# partner ="), "partner : clé obligatoire, absente"),
        (('"Commune d’essai"', "12"), "partner : attendu : un texte"),
        (('"Commune d’essai"', '" "'), "partner : ne peut pas être vide"),
        (('"essai-2026"', '"Essai 2026"'), "code : Code « Essai 2026 » incorrect"),
    ],
)
def test_a_wrong_key_of_the_convention_is_named(
    tmp_path: Path, change: tuple[str, str], expected: str
) -> None:
    assert f"  - {expected}" in _refusal(tmp_path, MINIMAL.replace(*change))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('partner_siret = "22590001801245"', "partner_siret : Ce SIRET est incorrect"),
        ('partner_siret = "1234"', "partner_siret : Le SIRET doit comporter 14 chiffres"),
        ('starts_on = "2026-01-01"', "starts_on : attendu : une date (AAAA-MM-JJ, sans guillemets)"),
        ("starts_on = 2026-01-01T00:00:00Z", "starts_on : attendu : une date sans heure"),
        (
            "starts_on = 2026-06-01\nends_on = 2026-05-31",
            "ends_on : la date 31/05/2026 précède celle de « starts_on » (01/06/2026)",
        ),
        ('duration = "trois ans"', "duration : Durée « trois ans » illisible"),
        (
            'service_levels_from = "ailleurs-2020"',
            "service_levels_from : Convention inconnue « ailleurs-2020 »",
        ),
        (
            'service_levels_from = "essai-2026"',
            "service_levels_from : Renvoi circulaire : essai-2026 → essai-2026",
        ),
        ('tools = ["ouiform"]', "tools[1] : attendu : une section [[tools]]"),
        ('tools = "ouiform"', "tools : attendu : une suite de sections [[tools]]"),
        ('[[tools]]\ncode = "minitel"', "tools[1].code : valeur inconnue « minitel »"),
        ('[[tools]]\ncode = "oscar"\nnom = "x"', "tools[1].nom : clé inconnue (clés connues : code)"),
        ('tools = [{code = "oscar"}, {code = "oscar"}]', "tools : l’outil « oscar » est donné deux fois"),
        ('contacts = ["maire"]', "contacts : contact inconnu « maire »"),
        ("contacts = [12]", "contacts : attendu : une liste de textes"),
        ('account_manager = "non"', "account_manager : attendu : true ou false"),
        (
            "[targets]\navailability_percent = -1",
            "targets.availability_percent : attendu : un nombre positif",
        ),
        (
            "[targets]\navailability_percent = true",
            "targets.availability_percent : attendu : un nombre positif",
        ),
        ("[targets]\nvitesse = 1", "targets.vitesse : clé inconnue"),
        ('targets = "98 %"', "targets : attendu : une section [targets]"),
        ('[reviews]\ncontract_review = "souvent"', "reviews.contract_review : Durée « souvent » illisible"),
        (
            '[data_life_cycle]\nrequired = "export"',
            "data_life_cycle.required : attendu : une liste de textes",
        ),
        ('[[channels]]\nkind = "form"', "channels[1].name : clé obligatoire, absente"),
        ('[[channels]]\nkind = "fax"\nname = "x"', "channels[1].kind : valeur inconnue « fax »"),
        (
            '[[channels]]\nkind = "email"\nname = "x"\naddress = "nulle part"',
            "channels[1].address : Adresse électronique « nulle part » incorrecte",
        ),
        (
            '[[channels]]\nkind = "form"\nname = "x"\nurl = "http://exemple.fr"',
            "channels[1].url : Adresse « http://exemple.fr » incorrecte",
        ),
        (
            '[[channels]]\nkind = "form"\nplatform = "mon-portail-pro"\ntool = "oscar"',
            "channels[1].tool : un canal vaut pour une plateforme ou pour un outil, pas pour les deux",
        ),
    ],
)
def test_a_wrong_line_of_the_convention_is_named(tmp_path: Path, line: str, expected: str) -> None:
    message = _refusal(tmp_path, MINIMAL + line + "\n")
    assert message.startswith("Le fichier « essai.toml » comporte une erreur :\n")
    assert f"  - {expected}" in message


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('"take-up"', '"prise"'), "clock : valeur inconnue « prise » (valeurs connues : take-up, "),
        (('"availability"', '"panne"'), "applies_to : valeur inconnue « panne »"),
        (
            ('"elapsed"', '"minutes"'),
            "unit : valeur inconnue « minutes » (valeurs connues : elapsed, working, ",
        ),
        (('"france-travail"', '"moi"'), "owed_by : valeur inconnue « moi »"),
        (('"15 min"', '"0 min"'), "delay : Délai « 0 min » : il doit être supérieur à zéro"),
        (('"15 min"', "15"), "delay : attendu : un texte"),
        (("delay =", "délai_ ="), None),
        (('source = "art. 1"', ""), "source : clé obligatoire, absente"),
        (('source = "art. 1"', 'source = "art. 1"\nplannable = 1'), "plannable : attendu : true ou false"),
        (('source = "art. 1"', 'source = "art. 1"\nweek = "lundi"'), "week : Heures de service : « lundi »"),
        (('source = "art. 1"', 'source = "art. 1"\ntool = "minitel"'), "tool : valeur inconnue « minitel »"),
        (
            ('source = "art. 1"', 'source = "art. 1"\nvalid_from = 2026-02-01\nvalid_to = 2026-01-01'),
            "valid_to : la date 01/01/2026 précède celle de « valid_from » (01/02/2026)",
        ),
    ],
)
def test_a_wrong_commitment_is_named_with_its_number(
    tmp_path: Path, change: tuple[str, str], expected: str | None
) -> None:
    message = _refusal(tmp_path, MINIMAL + COMMITMENT.replace(*change))
    assert message.startswith("Le fichier « essai.toml »")
    if expected is not None:
        assert f"  - commitments[1].{expected}" in message


def test_two_commitments_may_not_measure_the_same_thing_at_once(tmp_path: Path) -> None:
    other = COMMITMENT.replace("prise-en-compte", "autre")
    assert (
        "commitments : « prise-en-compte » et « autre » mesurent la même chose aux mêmes dates "
        "(horloge « take-up », type « availability »)" in _refusal(tmp_path, MINIMAL + COMMITMENT + other)
    )


def test_one_code_may_not_name_two_commitments(tmp_path: Path) -> None:
    other = COMMITMENT.replace('"availability"', '"application"')
    assert "commitments : le code « prise-en-compte » désigne deux engagements différents" in _refusal(
        tmp_path, MINIMAL + COMMITMENT + other
    )


def test_a_syntax_error_is_told_with_its_line(tmp_path: Path) -> None:
    message = _refusal(tmp_path, 'code = "essai"\nzone metropole\n')
    assert message == (
        "Le fichier « essai.toml » n’est pas du TOML valable : erreur de syntaxe à la ligne 2, colonne 6."
    )
    assert _refusal(tmp_path, 'code = "').endswith(("colonne 9.", "à la fin du fichier."))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="n’existe pas"):
        load_profile(tmp_path / "absent.toml")
    with pytest.raises(InvalidInput, match="ne peut pas être lu"):
        load_profile(tmp_path)
    latin = tmp_path / "latin.toml"
    latin.write_bytes('partner = "Département"'.encode("latin-1"))
    with pytest.raises(InvalidInput, match="UTF-8"):
        load_profile(latin)


def test_a_profile_may_borrow_from_a_file_given_with_it(tmp_path: Path) -> None:
    other = _write(tmp_path, MINIMAL.replace("essai-2026", "autre-2026"), "autre.toml")
    borrowing = _write(tmp_path, MINIMAL + 'service_levels_from = "autre-2026"\n')
    assert load_profile(borrowing, beside=[other]).service_levels_from == "autre-2026"


def test_two_files_may_not_borrow_from_each_other(tmp_path: Path) -> None:
    other = _write(
        tmp_path,
        MINIMAL.replace("essai-2026", "autre-2026") + 'service_levels_from = "essai-2026"\n',
        "autre.toml",
    )
    borrowing = _write(tmp_path, MINIMAL + 'service_levels_from = "autre-2026"\n')
    with pytest.raises(InvalidInput, match="Renvoi circulaire\u00a0: essai-2026 → autre-2026 → essai-2026"):
        load_profile(borrowing, beside=[other])


def test_a_neighbour_that_borrows_nonsense_harms_nobody(tmp_path: Path) -> None:
    other = _write(
        tmp_path, MINIMAL.replace("essai-2026", "autre-2026") + "service_levels_from = [1]\n", "autre.toml"
    )
    assert load_profile(_write(tmp_path, MINIMAL), beside=[other]).code == "essai-2026"
