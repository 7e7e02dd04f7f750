"""Who works where, as data: functions, never persons."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts.policy import Role


@dataclass(frozen=True, kw_only=True)
class StructureSpec:
    code: str
    name: str
    kind: str = "service"
    shares: bool = False
    tools: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seat:
    """An account: its name is a function, its address leads nowhere."""

    name: str
    email: str
    roles: tuple[Role, ...]
    structure: str | None = None


@dataclass(frozen=True)
class PlaceSpec:
    partner: str
    structures: tuple[StructureSpec, ...]
    seats: tuple[Seat, ...]


def _several(
    name: str, address: str, domain: str, count: int, role: Role, structure: str | None = None
) -> tuple[Seat, ...]:
    """« Agent d’accueil 1 », « Agent d’accueil 2 »…: the first one has the plain address."""
    return tuple(
        Seat(
            f"{name} {number}",
            f"{address}{number if number > 1 else ''}@{domain}.example",
            (role,),
            structure,
        )
        for number in range(1, count + 1)
    )


# One publisher serves both partners: logging in, it chooses for which.
_PUBLISHER = Seat("Éditeur du logiciel métier", "editeur@logiciel.example", (Role.INTEGRATOR,))

NORD = PlaceSpec(
    partner="nord",
    structures=(
        StructureSpec(code="accueil", name="Accueil social de proximité"),
        StructureSpec(code="insertion", name="Service insertion et emploi", shares=True),
        StructureSpec(
            code="entreprises",
            name="Relations avec les entreprises",
            shares=True,
            tools=(
                "campagnes-coordonnees",
                "oscar",
                "mes-evenements-emploi",
                "ouiform",
                "academie-france-travail",
            ),
        ),
        StructureSpec(code="pilotage", name="Pilotage et données"),
        StructureSpec(
            code="parcours-emploi",
            name="Délégataire « Parcours vers l’emploi »",
            kind="delegataire",
            tools=("suivi-de-parcours", "activites-pilotage", "ouiform"),
        ),
        StructureSpec(code="integration", name="Prestataire d’intégration", kind="prestataire"),
    ),
    seats=(
        *_several("Correspondant SI", "correspondant", "nord-demo", 3, Role.CORRESPONDENT),
        *_several("Responsable de gestion de comptes", "rgc", "nord-demo", 2, Role.ACCOUNT_MANAGER),
        Seat("RSSI", "rssi@nord-demo.example", (Role.SECURITY_OFFICER,)),
        Seat("RSSI suppléant", "rssi2@nord-demo.example", (Role.SECURITY_OFFICER,)),
        Seat("DPD", "dpd@nord-demo.example", (Role.DATA_PROTECTION_OFFICER,)),
        Seat("DPD suppléant", "dpd2@nord-demo.example", (Role.DATA_PROTECTION_OFFICER,)),
        Seat("Responsable du suivi opérationnel", "suivi@nord-demo.example", (Role.MANAGER,)),
        _PUBLISHER,
        Seat("Administrateur du service", "administrateur@nord-demo.example", (Role.ADMINISTRATOR,)),
        *_several("Agent d’accueil", "agent", "nord-demo", 5, Role.USER, "accueil"),
        *_several("Référent de parcours", "referent", "nord-demo", 5, Role.USER, "insertion"),
        *_several("Chargé de relations entreprises", "entreprises", "nord-demo", 2, Role.USER, "entreprises"),
        *_several("Chargé de données", "donnees", "nord-demo", 1, Role.USER, "pilotage"),
        *_several("Conseiller du délégataire", "delegataire", "nord-demo", 2, Role.USER, "parcours-emploi"),
        *_several("Développeur du prestataire", "developpeur", "nord-demo", 2, Role.USER, "integration"),
    ),
)

JALLE = PlaceSpec(
    partner="jalle-eau-bourde",
    structures=(
        StructureSpec(code="developpement", name="Développement économique", shares=True),
        StructureSpec(code="accueil", name="Espace d’accueil du public"),
    ),
    seats=(
        Seat("Correspondant SI de la communauté", "correspondant@jalle-demo.example", (Role.CORRESPONDENT,)),
        # In a small partner one person holds several roles.
        Seat(
            "Responsable des comptes, correspondant suppléant",
            "rgc@jalle-demo.example",
            (Role.ACCOUNT_MANAGER, Role.CORRESPONDENT),
        ),
        Seat("RSSI mutualisé", "rssi@jalle-demo.example", (Role.SECURITY_OFFICER,)),
        Seat("DPD mutualisé", "dpd@jalle-demo.example", (Role.DATA_PROTECTION_OFFICER,)),
        Seat("Direction du développement économique", "suivi@jalle-demo.example", (Role.MANAGER,)),
        Seat("Secrétariat général", "administrateur@jalle-demo.example", (Role.ADMINISTRATOR,)),
        _PUBLISHER,
        *_several("Chargé de mission emploi", "emploi", "jalle-demo", 3, Role.USER, "developpement"),
        *_several("Agent d’accueil du public", "agent", "jalle-demo", 2, Role.USER, "accueil"),
    ),
)
