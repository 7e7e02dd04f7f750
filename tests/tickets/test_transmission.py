from __future__ import annotations

from dataclasses import replace

import pytest

from app.tickets import events as e
from app.tickets import transmission as tx
from app.tickets.facts import Facts
from app.tickets.vocabulary import Conclusion, IncidentType, Kind, Scope, Severity
from tests.tickets.stories import PARIS, Story, at

NIR = "1 84 12 76 451 089 46"
SECRET = "Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789"
PORTAL = tx.NamedTool("Suivi de parcours", "application", "Mon Portail Pro")
API = tx.NamedTool("API Rendez-vous partenaires", "api", "francetravail.io")

CALL = {
    "reproduced": "yes",
    "steps": "1. Appeler la liste\n2. Chercher le rendez-vous",
    "users": "several",
    "environment": "production",
    "endpoint": "POST /partenaire/rendez-vous/v1/liste",
    "version": "v1",
    "called_at": "2026-03-10T08:05:00+00:00",
    "http_status": "429",
    "return_code": "R001",
    "message": "Trop de requêtes",
    "request_id": "8f2c-11",
    "rate_headers": "Retry-After: 30\nX-Ratelimit-Remaining: 0",
    "network": "fine",
    "api_access": "unchecked",
    "other_apis": "yes",
    "tests": "Même appel depuis un autre serveur",
    "workaround": "Aucun",
    "article": "Quotas des API",
}


def diagnosed(story: Story, answers: dict[str, str], *, express: bool = False) -> Facts:
    event = e.Diagnosed(express=express, conclusion=Conclusion.FRANCE_TRAVAIL, answers=answers)
    return story.then("2026-03-10 09:06", event).facts


def dossier(facts: Facts | None = None, **changes: object) -> tx.Dossier:
    made = tx.Dossier(
        reference="7F3K-M2QX",
        facts=facts or Story(incident_type=IncidentType.AVAILABILITY, since=at("2026-03-10 08:58")).facts,
        account="Page blanche depuis ce matin.",
        tools=(PORTAL,),
        partner="Département du Pas-de-Calais",
        structure="Accueil",
        convention="pas-de-calais-2024, France Travail Hauts-de-France",
        zone=PARIS,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def api_dossier(**changes: object) -> tx.Dossier:
    facts = diagnosed(Story(incident_type=IncidentType.APPLICATION, since=at("2026-03-09 17:00")), CALL)
    return dossier(facts, tools=(API,), **changes)


def texts(points: tuple[tx.Point, ...], level: tx.Level) -> list[str]:
    return [point.text for point in points if point.level is level]


def test_the_text_of_an_api_holds_all_that_the_support_asks_for() -> None:
    assert tx.packet(api_dossier()) == (
        "Objet : [7F3K-M2QX] Le portail ne répond plus\n"
        "Notre référence, à rappeler dans chaque réponse : 7F3K-M2QX\n"
        "Partenaire : Département du Pas-de-Calais\n"
        "Structure : Accueil\n"
        "Convention : pas-de-calais-2024, France Travail Hauts-de-France\n"
        "Nature : Incident applicatif\n"
        "Outil : API Rendez-vous partenaires (francetravail.io)\n"
        "Début constaté : 09/03/2026 à 17 h 00 (UTC+1)\n"
        "\n"
        "Ce qui se passe\n"
        "Page blanche depuis ce matin.\n"
        "\n"
        "Le problème\n"
        "Reproduit : Oui, à chaque fois\n"
        "Pour reproduire :\n"
        "1. Appeler la liste\n"
        "2. Chercher le rendez-vous\n"
        "Utilisateurs touchés : Plusieurs utilisateurs\n"
        "\n"
        "L’appel à l’API\n"
        "Environnement : Production\n"
        "Point d’accès : POST /partenaire/rendez-vous/v1/liste\n"
        "Version de l’API : v1\n"
        "Appel en échec : 10/03/2026 à 9 h 05 (UTC+1)\n"
        "Statut HTTP : 429\n"
        "codeErreur ou codeRetour : R001\n"
        "Message : Trop de requêtes\n"
        "Identifiant de la requête : 8f2c-11\n"
        "En-têtes de limitation :\n"
        "Retry-After: 30\n"
        "X-Ratelimit-Remaining: 0\n"
        "\n"
        "Réseau et droits de l’application\n"
        "Réseau : Vérifié, rien d’anormal\n"
        "Abonnement à l’API : Non vérifié\n"
        "Autres API accessibles : Oui\n"
        "\n"
        "Essais\n"
        "Essais effectués : Même appel depuis un autre serveur\n"
        "Contournement essayé : Aucun\n"
        "Article consulté : Quotas des API\n"
        "\n"
        "Conclusion du pré-diagnostic : France Travail"
    ).replace(" :", "\u00a0:")


def test_an_express_text_says_so_and_holds_what_was_seen() -> None:
    facts = diagnosed(
        Story(incident_type=IncidentType.AVAILABILITY),
        {
            "what": "Portail arrêté",
            "since": "2026-03-10T07:58:00+00:00",
            "users": "all",
            "evidence": "12 appels",
        },
        express=True,
    )
    text = tx.packet(dossier(facts, express=True)).replace("\u00a0", " ")
    assert "Nature : Incident de disponibilité (interruption)" in text
    assert "Début constaté : 10/03/2026 à 8 h 58 (UTC+1)" in text
    assert "Constat express\nConstat : Portail arrêté\nÉléments constatés : 12 appels" in text
    assert "Utilisateurs touchés : Tous les utilisateurs" in text
    assert text.endswith("Pré-diagnostic : express, pour ne pas retarder le signalement")


def test_a_ticket_barely_known_gives_no_empty_line_of_facts() -> None:
    facts = Story(kind=Kind.QUESTION).facts
    text = tx.packet(dossier(facts, tools=(), structure="", convention="", account="")).replace("\u00a0", " ")
    assert text == (
        "Objet : [7F3K-M2QX] Le portail ne répond plus\n"
        "Notre référence, à rappeler dans chaque réponse : 7F3K-M2QX\n"
        "Partenaire : Département du Pas-de-Calais\n"
        "Nature : Question, assistance\n"
        "Outil : non déterminé"
    )


def test_the_scope_said_at_the_filing_is_kept_until_the_diagnosis_says_better() -> None:
    facts = replace(dossier().facts, scope=Scope.SEVERAL)
    assert "Plusieurs personnes" in tx.packet(dossier(facts))
    facts = replace(facts, diagnosis={"users": "all"})
    assert "Plusieurs personnes" not in tx.packet(dossier(facts))


def test_a_second_transmission_names_the_reference_of_the_first() -> None:
    facts = (
        Story(incident_type=IncidentType.AVAILABILITY)
        .then("2026-03-10 09:10", e.Transmitted(channel="Formulaire", text="…", ft_reference="FT-4512"))
        .then("2026-03-10 10:00", e.FtRefused(text="Hors périmètre"))
        .facts
    )
    assert "Référence France Travail antérieure\u00a0: FT-4512" in tx.packet(dossier(facts))


def test_no_secret_number_or_protected_identifier_leaves() -> None:
    facts = replace(dossier().facts, subject=f"Dossier {NIR}", diagnosis={"message": SECRET})
    made = dossier(facts, account=f"Usager PE-778899, {NIR}. {SECRET}", withheld="PE-778899")
    text = tx.packet(made)
    assert NIR not in text
    assert "Bearer a" not in text
    assert "PE-778899" not in text
    assert text.count("[NIR masqué]") == 2
    assert tx.IDENTIFIER_MASK in text
    assert NIR not in tx.subject_line(made)
    assert tx.refusal(made, text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"Usager {NIR}", "numéro de sécurité sociale"),
        (SECRET, "jeton"),
        ("Usager PE-778899", "identifiant protégé"),
    ],
)
def test_an_edited_text_is_refused_without_repeating_what_was_found(text: str, said: str) -> None:
    made = dossier(withheld="PE-778899")
    reason = tx.refusal(made, text)
    assert reason is not None and said in reason
    assert text not in reason
    point = tx.points(made, text)[0]
    assert (point.level, point.text, point.fix) == (tx.Level.BLOCKING, reason, tx.Fix.TEXT)


def test_a_complete_dossier_has_nothing_to_mend() -> None:
    made = api_dossier()
    points = tx.points(made, tx.packet(made))
    assert {point.level for point in points} == {tx.Level.FINE}
    assert "Pré-diagnostic complet." in texts(points, tx.Level.FINE)


def test_what_blocks_comes_first() -> None:
    facts = replace(Story(kind=Kind.INCIDENT).facts, convention_id=None)
    made = dossier(facts, tools=(), convention="")
    points = tx.points(made, tx.packet(made))
    assert [(point.level, point.fix) for point in points[:2]] == [
        (tx.Level.BLOCKING, tx.Fix.CLASSIFICATION),
        (tx.Level.BLOCKING, tx.Fix.CONVENTION),
    ]
    assert [point.level for point in points] == sorted(
        (point.level for point in points), key=["blocking", "warning", "fine"].index
    )
    assert "Aucun outil n’est désigné." in texts(points, tx.Level.WARNING)


def test_a_missing_diagnosis_is_said_and_does_not_block() -> None:
    made = dossier()
    points = tx.points(made, tx.packet(made))
    assert any(
        "n’est pas fait" in text and "complété après" in text for text in texts(points, tx.Level.WARNING)
    )
    assert not texts(points, tx.Level.BLOCKING)


def test_an_express_diagnosis_is_fine_for_now() -> None:
    facts = diagnosed(Story(incident_type=IncidentType.AVAILABILITY), {"what": "Arrêt"}, express=True)
    points = tx.points(dossier(facts, express=True), "texte")
    assert any("express" in text for text in texts(points, tx.Level.FINE))


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({**CALL, "network": ""}, "1 contrôle du pré-diagnostic est sans réponse."),
        ({**CALL, "network": "", "users": ""}, "2 contrôles du pré-diagnostic sont sans réponse."),
    ],
)
def test_checks_without_answer_are_counted(answers: dict[str, str], said: str) -> None:
    facts = diagnosed(Story(incident_type=IncidentType.APPLICATION, since=at("2026-03-09 17:00")), answers)
    assert said in texts(tx.points(dossier(facts, tools=(API,)), "texte"), tx.Level.WARNING)


def test_what_france_travail_will_ask_for_is_named() -> None:
    facts = diagnosed(Story(incident_type=IncidentType.APPLICATION), {"reproduced": "yes"})
    warnings = texts(tx.points(dossier(facts, tools=(API,)), "texte"), tx.Level.WARNING)
    assert (
        "France Travail pourra demander\u00a0: le début constaté, qui est touché, environnement, point d’accès, "
        "appel en échec, statut HTTP, codeErreur ou codeRetour."
    ) in warnings


def test_a_local_conclusion_makes_one_think_again() -> None:
    story = Story(incident_type=IncidentType.APPLICATION)
    facts = story.then("2026-03-10 09:05", e.Diagnosed(express=False, conclusion=Conclusion.LOCAL)).facts
    assert any("cause locale" in text for text in texts(tx.points(dossier(facts), ""), tx.Level.WARNING))


def test_a_tool_without_channel_is_said() -> None:
    warnings = texts(tx.points(dossier(has_channel=False), ""), tx.Level.WARNING)
    assert "La convention ne donne aucun canal pour cet outil." in warnings


@pytest.mark.parametrize(
    ("account", "said"),
    [
        (f"Usager {NIR}", "Un numéro de sécurité sociale a été masqué"),
        (SECRET, "Un secret a été masqué"),
        (f"{NIR} {SECRET}", "Un numéro de sécurité sociale et un secret ont été masqués"),
    ],
)
def test_what_was_masked_is_told(account: str, said: str) -> None:
    made = dossier(account=account)
    warnings = texts(tx.points(made, tx.packet(made)), tx.Level.WARNING)
    assert any(text.startswith(said) for text in warnings)


def test_thirteen_digits_without_a_key_are_only_doubtful() -> None:
    made = dossier(account="Identifiant 1841276451089")
    text = tx.packet(made)
    assert "1841276451089" in text
    assert any("Treize chiffres" in said for said in texts(tx.points(made, text), tx.Level.WARNING))


def test_the_protected_identifier_goes_by_another_way() -> None:
    made = dossier(withheld="PE-778899")
    warnings = texts(tx.points(made, tx.packet(made)), tx.Level.WARNING)
    assert any("identifiant protégé" in text for text in warnings)


def test_a_degradation_says_so() -> None:
    story = Story(incident_type=IncidentType.AVAILABILITY)
    facts = story.then("2026-03-10 09:02", e.SeverityChanged(severity=Severity.DEGRADATION)).facts
    assert "(dégradation)" in tx.packet(dossier(facts))
