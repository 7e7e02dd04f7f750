"""French words for the settings of a partner. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from app.partners.terms import TIME_ZONES

ZONE_LABELS: Mapping[str, str] = {
    "metropole": "Métropole",
    "alsace-moselle": "Alsace-Moselle",
    "guadeloupe": "Guadeloupe",
    "martinique": "Martinique",
    "guyane": "Guyane",
    "la-reunion": "La Réunion",
    "mayotte": "Mayotte",
    "saint-barthelemy": "Saint-Barthélemy",
    "saint-martin": "Saint-Martin",
    "saint-pierre-et-miquelon": "Saint-Pierre-et-Miquelon",
    "wallis-et-futuna": "Wallis-et-Futuna",
    "polynesie-francaise": "Polynésie française",
    "nouvelle-caledonie": "Nouvelle-Calédonie",
}
assert ZONE_LABELS.keys() == TIME_ZONES.keys(), "each zone of holidays needs its French name"

# A period of the profiles (« 3 years »), and the French words for its unit, one and several.
PERIOD_UNITS: Mapping[str, tuple[str, str]] = {
    "day": ("jour", "jours"),
    "week": ("semaine", "semaines"),
    "month": ("mois", "mois"),
    "year": ("an", "ans"),
}


def french_period(text: str) -> str:
    """« 3 ans » for « 3 years », as `partners/terms.py` writes periods."""
    amount, unit = text.split()
    one, several = PERIOD_UNITS[unit.removesuffix("s")]
    return f"{amount}\u00a0{one if amount == '1' else several}"


def yes_or_no(value: bool) -> str:
    return "oui" if value else "non"
