"""Incidents on the data exchanged: what is wrong, late, missing or twice there."""

from __future__ import annotations

from functools import partial

from app.demo.situations import ApiCall, Situation
from app.tickets.vocabulary import IncidentType, Kind

_Incident = partial(Situation, kind=Kind.INCIDENT, incident_type=IncidentType.APPLICATION)

APPLICATION_INCIDENTS: tuple[Situation, ...] = (
    _Incident(
        tools=("suivi-de-parcours",),
        places=("Vue 360", "Synthèse des rendez-vous", "Profil de compétences", "Conclusions d’entretiens"),
        subjects=(
            "Page blanche à l’ouverture de « {place} »",
            "Suivi de parcours : « {place} » reste blanche",
            "Écran vide dans « {place} » pour certains dossiers",
        ),
        texts=(
            "Quand j’ouvre « {place} », l’écran reste blanc. Les autres onglets fonctionnent. J’ai vidé le cache et essayé avec {browser}, sans effet.",
            "Depuis {hour}, « {place} » s’affiche blanche sur {number} dossiers. Les dossiers plus anciens s’ouvrent normalement.",
            "La page se charge puis devient blanche au bout de quelques secondes. Cela touche au moins {number} collègues du service.",
        ),
        message="Une erreur est survenue lors du chargement du composant.",
        answers=(
            "Une extension du navigateur bloquait l’affichage. En navigation privée, la page s’ouvre ; l’extension a été retirée du poste.",
            "Votre navigateur gardait une ancienne version de la page. Après Ctrl + F5, l’écran s’affiche.",
        ),
        causes=(
            "Un champ facultatif absent de certains dossiers fait échouer l’affichage depuis la dernière mise à jour.",
            "Le composant de restitution attend une date que les dossiers repris ne portent pas.",
        ),
        notes=("Reproduit sur le poste du correspondant avec deux dossiers de test.",),
        workaround="En attendant, passez par « Recherche usager » puis l’onglet « Organisation des démarches » : les mêmes informations s’y affichent.",
        solved_locally=0.35,
        weight=4,
    ),
    _Incident(
        tools=("suivi-de-parcours", "api-orientation-usager"),
        places=("sociale", "professionnelle", "socio-professionnelle"),
        subjects=(
            "Orientation erronée : « {place} » affichée à tort",
            "Le parcours affiche une orientation {place} que nous n’avons pas décidée",
            "Orientation {place} différente de notre décision",
        ),
        texts=(
            "Pour {number} dossiers, l’orientation affichée est « {place} » alors que notre décision transmise dit autre chose. Constaté à {hour}.",
            "L’orientation que nous avons enregistrée n’est pas celle qui s’affiche : elle passe à « {place} » le lendemain de la saisie.",
            "Une orientation {place} apparaît sans que personne ici ne l’ait saisie. Le référent de la personne a changé en même temps.",
        ),
        message="Orientation mise à jour par un tiers.",
        call=ApiCall(endpoint="POST /partenaire/orientation-usager/v1/orientations", status="200"),
        answers=(
            "La décision avait été enregistrée deux fois dans notre logiciel ; la seconde remplaçait la première. La saisie est corrigée.",
        ),
        asked="Sur quel écran lisez-vous cette orientation, et à quelle date votre décision a-t-elle été saisie ?",
        replied="Je la lis dans « Orientation ». Notre décision date de la semaine dernière, elle est bien dans notre logiciel.",
        causes=(
            "Deux règles d’orientation automatique s’appliquaient dans le mauvais ordre.",
            "Le traitement de nuit reprenait l’orientation proposée au lieu de l’orientation décidée.",
        ),
        notes=("Comparé avec l’extraction de notre logiciel : nos décisions sont bien parties.",),
        workaround="Avant chaque entretien, vérifiez l’orientation dans votre logiciel métier : c’est elle qui fait foi.",
        solved_locally=0.2,
        weight=4,
    ),
    _Incident(
        tools=("suivi-de-parcours", "api-rendez-vous-partenaires"),
        places=("premier accueil", "entretien d’orientation", "point d’étape"),
        subjects=(
            "Rendez-vous en double ({place})",
            "Les rendez-vous « {place} » apparaissent deux fois",
            "Doublons de rendez-vous depuis {hour}",
        ),
        texts=(
            "Les rendez-vous de type « {place} » que nous créons apparaissent deux fois à la même heure. Environ {number} cas depuis hier.",
            "Après la saisie d’un « {place} » déjà pris, le rendez-vous est en double ; la personne reçoit deux convocations.",
            "Depuis {hour}, chaque {place} envoyé par notre logiciel est créé deux fois. Les identifiants des deux sont différents.",
        ),
        call=ApiCall(
            endpoint="POST /partenaire/rendez-vous-partenaires/v1/rendez-vous", status="504", code=""
        ),
        answers=(
            "Notre logiciel renvoyait la demande après vingt secondes sans réponse. Le délai a été allongé : plus de doublon depuis.",
        ),
        ft_asked="Merci de donner les heures de création et les identifiants de rendez-vous, sans nom de personne.",
        ft_sent="Heures et identifiants techniques de {number} rendez-vous transmis en fichier.",
        causes=(
            "La création était relancée quand la réponse tardait, sans contrôle d’unicité.",
            "Un message de la file d’attente était rejoué après un redémarrage.",
        ),
        workaround="Supprimez le doublon dans « Synthèse des rendez-vous » avant l’envoi de la convocation, à 18 h.",
        solved_locally=0.2,
        weight=4,
    ),
    _Incident(
        tools=("api-recherche-usager",),
        subjects=(
            "Recherche usager : codeRetour S003 sur des personnes connues",
            "S003 (plusieurs personnes) renvoyé à tort",
            "La recherche répond S003 au lieu de S001",
        ),
        texts=(
            "L’API répond HTTP 200 avec codeRetour S003 pour {number} personnes qui n’existent qu’une fois chez nous. Début vers {hour}.",
            "Depuis la dernière mise à jour, la recherche par nom et date de naissance rend S003 ; la même recherche rendait S001 la semaine dernière.",
        ),
        call=ApiCall(
            endpoint="POST /partenaire/rechercher-usager/v2/usagers", status="200", code="S003", version="v2"
        ),
        answers=(
            "La date de naissance partait avec le jour et le mois inversés : la recherche était trop large. Corrigé dans notre logiciel.",
            "S003 signifie que plusieurs personnes répondent aux critères : ajoutez le département de naissance, la réponse devient S001.",
        ),
        causes=("Le rapprochement des homonymes avait été élargi par erreur lors d’une mise à jour.",),
        notes=("Même réponse avec l’environnement de recette : ce n’est pas propre à notre abonnement.",),
        solved_locally=0.4,
        weight=3,
    ),
    _Incident(
        tools=(
            "api-statut-usager",
            "api-informations-administratives-usager",
            "api-diagnostic-individu",
            "api-contrat-engagement",
        ),
        subjects=(
            "403 avec codeRetour R001 alors que l’habilitation est en cours",
            "R001 (accès refusé) sur des personnes que nous suivons",
            "Accès refusé R001 depuis {hour}",
        ),
        texts=(
            "L’API répond 403 avec codeRetour R001 pour {number} personnes dont nous sommes pourtant l’organisme référent.",
            "Depuis {hour} toutes nos demandes reçoivent R001. L’abonnement est actif et le jeton est accepté par les autres API.",
        ),
        call=ApiCall(endpoint="GET /partenaire/statut-usager/v1/statut", status="403", code="R001"),
        answers=(
            "Ces personnes ne sont plus rattachées à notre organisme : R001 est la réponse attendue. La liste a été remise au service.",
            "L’abonnement à cette API avait expiré ; il est renouvelé et les appels passent.",
        ),
        causes=(
            "Le rattachement à l’organisme référent n’était pas recopié vers le contrôle d’accès.",
            "Les droits ont été recalculés avec une liste d’organismes incomplète.",
        ),
        solved_locally=0.35,
        weight=3,
    ),
    _Incident(
        tools=(
            "api-recherche-usager",
            "api-offres-emploi",
            "api-rome-metiers",
            "api-activites-operationnelles",
        ),
        subjects=(
            "Erreur 401 alors que le jeton est valide",
            "401 intermittents sur nos appels",
            "Jeton refusé (401) depuis {hour}",
        ),
        texts=(
            "Environ un appel sur {number} reçoit 401 avec un jeton délivré moins de dix minutes avant. Le même jeton passe à l’appel suivant.",
            "Depuis {hour}, 401 « invalid_token » sur cette API seulement. Le jeton a la bonne portée et n’a pas expiré.",
        ),
        call=ApiCall(
            endpoint="GET /partenaire/offresdemploi/v2/offres/search",
            status="401",
            code="invalid_token",
            version="v2",
        ),
        answers=(
            "Le jeton était gardé trente minutes alors qu’il vit 1 499 secondes. Il est maintenant renouvelé toutes les vingt minutes.",
            "L’horloge du serveur retardait de quatre minutes ; elle est resynchronisée et les 401 ont cessé.",
        ),
        causes=("Un des serveurs de contrôle des jetons n’avait pas reçu les nouvelles clés.",),
        solved_locally=0.5,
        weight=3,
    ),
    _Incident(
        tools=("api-offres-emploi", "api-la-bonne-boite", "api-rome-competences", "api-marche-travail"),
        subjects=(
            "429 bien en dessous de notre quota",
            "Trop d’appels (429) : quota à vérifier",
            "Réponses 429 à partir de {hour}",
        ),
        texts=(
            "Nous recevons 429 avec Retry-After alors que nous faisons moins de {number} appels par minute.",
            "Le traitement de nuit est interrompu par des 429. L’en-tête annonce une limite plus basse que celle de notre abonnement.",
        ),
        call=ApiCall(
            endpoint="GET /partenaire/labonneboite/v2/recherche",
            status="429",
            version="v2",
            rate_headers="Retry-After: 1\nX-Ratelimit-Remaining: 0",
        ),
        answers=(
            "Deux traitements tournaient en même temps avec la même application : le quota est commun. Ils sont maintenant décalés.",
            "La lecture de Retry-After a été ajoutée à notre logiciel : il attend et reprend. Plus d’interruption constatée.",
        ),
        causes=("La limite par défaut s’appliquait à la place de celle de l’abonnement.",),
        workaround="Étalez les appels : un par seconde au plus tant que la limite n’est pas rétablie.",
        solved_locally=0.5,
        weight=3,
    ),
    _Incident(
        tools=("activites-pilotage", "echanges-fichiers"),
        places=(
            "hebdomadaire des orientations",
            "mensuel des rendez-vous",
            "des sanctions",
            "quotidien des flux",
        ),
        subjects=(
            "Fichier {place} vide",
            "Le fichier {place} ne contient que l’en-tête",
            "Fichier {place} absent ce matin",
        ),
        texts=(
            "Le fichier {place} reçu à {hour} ne contient que la ligne d’en-tête. Celui de la semaine dernière comptait plus de {number} lignes.",
            "Le fichier {place} pèse 0 octet. Notre intégration s’est arrêtée cette nuit.",
            "Nous attendons le fichier {place} depuis {hour}. Rien dans l’espace de dépôt.",
        ),
        answers=(
            "Le fichier était complet : notre antivirus l’avait vidé à l’arrivée. L’exception est posée et le fichier a été repris.",
        ),
        ft_asked="Merci de préciser le nom exact du fichier et son heure de dépôt.",
        ft_sent="Nom et heure de dépôt du fichier transmis ; l’empreinte du fichier vide est jointe.",
        causes=(
            "L’extraction partait avant la fin du chargement de la nuit.",
            "Un filtre de date oublié lors du changement d’année écartait toutes les lignes.",
        ),
        workaround="Le fichier de la veille peut être réutilisé : les lignes y sont cumulées depuis le début du mois.",
        solved_locally=0.2,
        weight=3,
    ),
    _Incident(
        tools=("campagnes-coordonnees",),
        places=("Fiche établissement", "Fiche pratique de recrutement", "Plans d’actions"),
        subjects=(
            "« {place} » : modifications perdues",
            "{place} : l’enregistrement ne garde pas les saisies",
            "{place} affiche un autre établissement",
        ),
        texts=(
            "Dans « {place} », je clique sur Enregistrer, le message de confirmation s’affiche, mais à la réouverture tout a disparu. {number} fiches concernées.",
            "La rubrique « {place} » montre les informations d’un établissement voisin. Constaté à {hour} avec {browser}.",
            "Les effectifs affichés dans « {place} » sont ceux de l’année dernière alors que l’employeur les a mis à jour.",
        ),
        message="Vos modifications ont été enregistrées.",
        answers=(
            "La fiche était ouverte par une autre personne : la dernière qui enregistre l’emporte. Convenez entre vous de qui la modifie.",
            "Il fallait valider la rubrique avant de changer d’onglet ; le guide de l’outil le montre, page « Saisir une action ».",
        ),
        causes=("La clé de l’établissement n’était pas reprise à l’enregistrement.",),
        workaround="Saisissez la fiche en une fois, sans changer d’onglet, puis enregistrez.",
        solved_locally=0.3,
        weight=4,
    ),
    _Incident(
        tools=("ouiform",),
        subjects=(
            "OuiForm : session de formation introuvable",
            "Positionnement OuiForm qui ne se valide pas",
            "OuiForm : places disponibles fausses",
        ),
        texts=(
            "La session ouverte par l’organisme n’apparaît pas dans la recherche, alors que la session voisine y est. Essais à {hour} avec {browser}.",
            "Le positionnement reste « en cours » depuis {number} jours ; l’organisme de formation ne le voit pas.",
            "OuiForm annonce {number} places, l’organisme nous dit que la session est complète.",
        ),
        answers=(
            "La session n’était pas encore publiée par l’organisme ; elle l’est depuis ce matin et la recherche la trouve.",
        ),
        causes=("La mise à jour de nuit des sessions s’était arrêtée sur une date mal écrite.",),
        solved_locally=0.35,
    ),
    _Incident(
        tools=("api-contrat-engagement", "suivi-de-parcours"),
        subjects=(
            "Contrat d’engagement signé mais affiché « à signer »",
            "Statut du contrat d’engagement non mis à jour",
        ),
        texts=(
            "{number} contrats signés la semaine passée sont toujours « à signer ». La date de signature est pourtant visible.",
            "Le statut envoyé par notre logiciel est accepté, mais l’écran garde l’ancien. Dernier essai à {hour}.",
        ),
        call=ApiCall(endpoint="PUT /partenaire/contrat-engagement/v1/contrats", status="200"),
        answers=(
            "La signature avait été enregistrée sur l’ancienne version du contrat. Le nouveau est signé et s’affiche.",
        ),
        causes=("Les statuts reçus après 18 h étaient ignorés par le traitement de nuit.",),
        solved_locally=0.25,
    ),
    _Incident(
        tools=("api-gestion-sanctions-rsa", "api-transmettre-decision-sanction"),
        subjects=(
            "Décision transmise mais invisible chez France Travail",
            "Décision en double après un 500",
            "Décision refusée sans explication",
        ),
        texts=(
            "La décision transmise à {hour} a reçu une réponse 200, mais elle n’apparaît pas dans le parcours.",
            "Après une erreur 500, nous avons renvoyé la décision : elle figure maintenant deux fois.",
            "La réponse est 400 sans message exploitable pour {number} décisions du lot.",
        ),
        call=ApiCall(
            endpoint="POST /partenaire/decision-sanction/v1/decisions", status="500", code="ERREUR_TECHNIQUE"
        ),
        answers=(
            "Le motif envoyé n’était plus dans la nomenclature : il est remplacé et le lot est accepté.",
        ),
        causes=("Le contrôle de nomenclature refusait un motif encore valable.",),
        solved_locally=0.3,
    ),
    _Incident(
        tools=("mes-evenements-emploi", "api-mes-evenements-emploi"),
        subjects=("Inscriptions non comptées à un évènement", "Évènement publié mais introuvable"),
        texts=(
            "L’évènement affiche 0 inscrit alors que {number} personnes ont reçu la confirmation.",
            "L’évènement créé à {hour} est « publié » mais n’apparaît pas dans la recherche du public.",
        ),
        call=ApiCall(endpoint="GET /partenaire/evenements/v1/mesevenementsemploi", status="200"),
        answers=("Le lieu n’avait pas de code commune : complété, l’évènement apparaît.",),
        causes=("Le compteur d’inscriptions n’était plus rafraîchi.",),
        solved_locally=0.4,
    ),
    _Incident(
        tools=("oscar",),
        subjects=("OSCAR : export incomplet", "OSCAR : entreprises manquantes dans la liste"),
        texts=(
            "L’export s’arrête à {number} lignes, sans message. La liste à l’écran en compte davantage.",
            "Plusieurs entreprises du territoire ont disparu de la liste depuis hier, {hour}.",
        ),
        answers=(
            "L’export suit les filtres affichés : un secteur était resté coché. Sans lui, il est complet.",
        ),
        causes=("La limite de lignes de l’export avait été abaissée.",),
        solved_locally=0.4,
    ),
    _Incident(
        tools=("api-rome-metiers", "api-rome-fiches-metiers", "api-rome-competences", "api-romeo"),
        subjects=(
            "Code métier absent de la réponse",
            "Fiche métier renvoyée dans une autre version",
            "Libellés mal accentués dans la réponse",
        ),
        texts=(
            "{number} codes utilisés par notre logiciel ne sont plus dans la réponse, sans annonce de changement.",
            "Depuis {hour}, les accents arrivent mal : « m\u00c3\u00a9tier » pour « métier ».",
        ),
        call=ApiCall(endpoint="GET /partenaire/rome-metiers/v1/metiers/metier", status="200"),
        answers=(
            "Ces codes ont été regroupés dans la version 4.0 ; la table de passage est dans la documentation.",
        ),
        causes=("Le jeu de caractères annoncé par la réponse n’était plus le bon.",),
        solved_locally=0.45,
    ),
)
