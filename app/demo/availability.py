"""Interruptions and degradations: nothing answers, or too slowly."""

from __future__ import annotations

from functools import partial

from app.demo.situations import ApiCall, Situation
from app.tickets.vocabulary import IncidentType, Kind, Severity

_Interruption = partial(
    Situation, kind=Kind.INCIDENT, incident_type=IncidentType.AVAILABILITY, severity=Severity.INTERRUPTION
)
_Degradation = partial(
    Situation, kind=Kind.INCIDENT, incident_type=IncidentType.AVAILABILITY, severity=Severity.DEGRADATION
)

AVAILABILITY_INCIDENTS: tuple[Situation, ...] = (
    _Interruption(
        tools=("suivi-de-parcours", "activites-pilotage"),
        subjects=(
            "Le portail ne répond plus",
            "Service indisponible (503) depuis {hour}",
            "Plus d’accès à l’outil pour tout le service",
        ),
        texts=(
            "Depuis {hour}, « Service temporairement indisponible » pour tout le monde. {number} personnes touchées à l’accueil.",
            "L’outil ne s’ouvre plus : la page tourne puis affiche une erreur 503. Même chose sur un téléphone hors de notre réseau.",
            "Interruption complète. Les entretiens de ce matin se font sans le dossier.",
        ),
        message="503 Service Temporarily Unavailable",
        answers=("La coupure venait de notre fournisseur d’accès ; tout répond de nouveau.",),
        causes=(
            "Saturation de la base de données après une mise en production.",
            "Panne d’un équipement réseau du centre de données principal.",
            "Certificat arrivé à son terme sur le répartiteur de charge.",
        ),
        workaround="En attendant, notez les rendez-vous sur la feuille d’accueil : ils seront saisis au retour du service.",
        solved_locally=0.08,
        weight=4,
    ),
    _Degradation(
        tools=("suivi-de-parcours", "campagnes-coordonnees", "oscar"),
        subjects=(
            "Lenteurs importantes",
            "Temps de réponse de plus de {number} secondes",
            "L’outil rame depuis {hour}",
        ),
        texts=(
            "Chaque écran met de 20 à 40 secondes à s’afficher. On peut travailler, mais les entretiens débordent.",
            "Depuis {hour}, une recherche sur trois échoue ; la suivante passe. {number} collègues le constatent.",
        ),
        answers=("Notre liaison était saturée par une sauvegarde ; elle a été déplacée la nuit.",),
        causes=(
            "Un traitement de rattrapage tournait en journée.",
            "Montée en charge mal répartie entre les serveurs.",
        ),
        solved_locally=0.15,
        weight=3,
    ),
    _Interruption(
        tools=("api-recherche-usager", "api-statut-usager", "api-rendez-vous-partenaires"),
        subjects=(
            "503 sur tous nos appels",
            "L’API ne répond plus (504) depuis {hour}",
            "Connexion refusée par l’API",
        ),
        texts=(
            "Tous les appels échouent depuis {hour}. Les autres API répondent. Notre logiciel affiche « service tiers indisponible » aux agents.",
            "504 après trente secondes sur chaque appel. {number} appels en échec au moment où j’écris.",
        ),
        call=ApiCall(endpoint="POST /partenaire/rechercher-usager/v2/usagers", status="503", version="v2"),
        answers=("Le pare-feu avait changé de règle pendant la nuit ; la sortie est rétablie.",),
        causes=("Redémarrage incomplet après une opération de maintenance.", "Passerelle d’API saturée."),
        notes=("Vérifié : le jeton est délivré, la page d’état de francetravail.io ne signale rien.",),
        solved_locally=0.1,
        weight=3,
    ),
    _Degradation(
        tools=("api-offres-emploi", "api-activites-operationnelles", "api-informations-territoire"),
        subjects=("Réponses très lentes de l’API", "Un appel sur {number} échoue en 502"),
        texts=(
            "Le temps de réponse médian est passé de 0,4 à 9 secondes depuis {hour}.",
            "Environ un appel sur {number} reçoit 502, sans régularité.",
        ),
        call=ApiCall(endpoint="GET /partenaire/offresdemploi/v2/offres/search", status="502", version="v2"),
        answers=("Le serveur mandataire de la collectivité était en cause ; il a été redémarré.",),
        causes=("Un nœud défaillant restait dans la répartition de charge.",),
        solved_locally=0.15,
    ),
    _Interruption(
        tools=("connexion",),
        subjects=(
            "Connexion impossible par ProConnect",
            "ProConnect tourne en boucle",
            "Retour à la page de connexion sans message",
        ),
        texts=(
            "Après la saisie de l’adresse, ProConnect revient à la page de départ. {number} personnes dans le même cas depuis {hour}.",
            "La connexion aboutit puis affiche « accès refusé ». Hier soir tout fonctionnait.",
        ),
        message="Votre identité n’a pas pu être vérifiée.",
        answers=(
            "Notre fournisseur d’identité avait un certificat expiré ; il est remplacé et la connexion passe.",
            "Les cookies du portail étaient refusés par le navigateur ; ils sont autorisés par la stratégie du poste.",
        ),
        causes=(
            "La mise à jour des fournisseurs d’identité n’avait pas été prise en compte par le portail.",
        ),
        solved_locally=0.3,
        weight=3,
    ),
    _Interruption(
        tools=("ouiform",),
        subjects=("OuiForm inaccessible", "OuiForm : page d’erreur à la connexion"),
        texts=(
            "OuiForm affiche une page d’erreur depuis {hour}. Les prescriptions de la journée attendent.",
        ),
        answers=("L’adresse enregistrée en favori était ancienne : la nouvelle est diffusée aux services.",),
        causes=("Bascule inachevée entre deux centres de données.",),
        solved_locally=0.15,
    ),
    _Interruption(
        tools=("echanges-fichiers",),
        subjects=("Dépôt de fichiers impossible (FilR)", "FilR : connexion refusée"),
        texts=("Le dépôt échoue depuis {hour} : « connexion interrompue ». {number} fichiers en attente.",),
        answers=("La clé de dépôt avait été remplacée de notre côté sans être déclarée ; c’est fait.",),
        causes=("Espace disque épuisé sur le serveur d’échange.",),
        solved_locally=0.2,
    ),
    _Interruption(
        tools=("campagnes-coordonnees", "academie-france-travail"),
        subjects=(
            "L’outil est inaccessible",
            "Page d’erreur à l’ouverture de l’outil",
            "Plus rien ne s’affiche depuis {hour}",
        ),
        texts=(
            "Page d’erreur pour toute l’équipe depuis {hour}. Les rendez-vous avec les employeurs de l’après-midi sont touchés.",
            "Rien ne s’affiche après la connexion, avec {browser} comme sur un autre poste.",
        ),
        message="Erreur interne du serveur",
        answers=(
            "Le filtrage des sites de la collectivité bloquait la nouvelle adresse ; elle est autorisée.",
        ),
        causes=("Erreur de configuration après une mise en production.",),
        solved_locally=0.15,
        weight=3,
    ),
)
