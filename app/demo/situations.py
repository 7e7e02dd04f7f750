"""The shape of a situation: what people report, how it is asked about, and how it ends. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

from app.tickets.vocabulary import IncidentType, Kind, Severity


@dataclass(frozen=True, kw_only=True)
class ApiCall:
    """The failed call of an incident of an API, as the pré-diagnostic asks for it."""

    endpoint: str
    status: str
    code: str = ""
    version: str = "v1"
    rate_headers: str = ""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """One kind of report, in several wordings.

    Texts may hold `{place}` (one of `places`), `{number}`, `{hour}` and `{browser}`. `solved_locally` is the
    share of such reports that the correspondent answers without France Travail.
    """

    kind: Kind
    tools: tuple[str, ...]
    subjects: tuple[str, ...]
    texts: tuple[str, ...]
    answers: tuple[str, ...]
    incident_type: IncidentType | None = None
    severity: Severity | None = None
    places: tuple[str, ...] = ("",)
    message: str = ""
    call: ApiCall | None = None
    asked: str = "Pouvez-vous préciser l’heure du dernier essai et joindre une capture d’écran, sans donnée de personne ?"
    replied: str = "Nouvel essai à {hour} avec {browser} : même résultat. La capture est jointe."
    ft_asked: str = "Merci de préciser l’heure exacte d’un essai en échec et le navigateur utilisé."
    ft_sent: str = "Essai refait à {hour} avec {browser} ; les traces demandées sont transmises."
    causes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    workaround: str = ""
    solved_locally: float = 0.0
    weight: int = 2
