"""Everything that is not an incident: questions, access, evolutions, requests of persons, security."""

from __future__ import annotations

from functools import partial

from app.demo.situations import Situation
from app.tickets.vocabulary import Kind

_Question = partial(Situation, kind=Kind.QUESTION, solved_locally=1.0)
_Access = partial(Situation, kind=Kind.ACCESS, solved_locally=1.0)
_Evolution = partial(Situation, kind=Kind.EVOLUTION)
_Person = partial(Situation, kind=Kind.DATA_SUBJECT_REQUEST, solved_locally=1.0)
_Security = partial(Situation, kind=Kind.SECURITY, tools=("connexion",), solved_locally=1.0)

QUESTIONS: tuple[Situation, ...] = (
    _Question(
        tools=("suivi-de-parcours",),
        places=(
            "le diagnostic socio-professionnel",
            "une conclusion d’entretien",
            "l’objectif d’intensité d’accompagnement",
        ),
        subjects=(
            "Comment retrouver {place} ?",
            "Où se trouve {place} après validation ?",
            "Modifier {place} : est-ce possible ?",
        ),
        texts=(
            "Je viens de prendre mes fonctions et je cherche où relire {place} une fois validé.",
            "Un collègue me dit que {place} peut encore être modifié le jour même. Est-ce exact ?",
        ),
        answers=(
            "Ouvrez le dossier, puis l’onglet « Parcours » : tout ce qui est validé y figure, du plus récent au plus ancien.",
            "Oui, le jour de la saisie seulement. Ensuite, ajoutez une note : l’ancienne version reste visible.",
        ),
        weight=4,
    ),
    _Question(
        tools=("api-recherche-usager",),
        subjects=(
            "Que veut dire le code S002 ?",
            "Différence entre S001, S002 et S003",
            "HTTP 200 sans personne trouvée : est-ce une erreur ?",
        ),
        texts=(
            "L’API répond 200 avec codeRetour S002. Faut-il le traiter comme une erreur dans notre logiciel ?",
            "Nous affichons « erreur » à l’agent pour S002 et S003. Quelle est la bonne présentation ?",
        ),
        answers=(
            "S002 veut dire « aucune personne trouvée », S003 « plusieurs » : ce sont des réponses, pas des erreurs. Invitez l’agent à vérifier ses critères.",
        ),
        weight=2,
    ),
    _Question(
        tools=("activites-pilotage",),
        places=("les orientations", "les rendez-vous", "les sanctions"),
        subjects=(
            "Activités & Pilotage : exporter {place}",
            "Sur quelle période portent {place} ?",
            "Chiffres différents pour {place}",
        ),
        texts=(
            "Comment exporter {place} pour la réunion de suivi du {number} ?",
            "Nos chiffres sur {place} ne sont pas ceux du tableau. À quelle heure est-il mis à jour ?",
        ),
        answers=(
            "Le tableau est mis à jour chaque nuit et porte sur les données de la veille. L’export est en haut à droite, format tableur.",
            "Le tableau compte les personnes, votre extraction compte les actes : les deux sont justes.",
        ),
        weight=3,
    ),
    _Question(
        tools=("suivi-de-parcours", "connexion"),
        subjects=(
            "Quels navigateurs sont acceptés ?",
            "L’outil fonctionne-t-il sur tablette ?",
            "Durée avant déconnexion",
        ),
        texts=(
            "Nous renouvelons des postes : faut-il garder {browser} ?",
            "Les travailleurs sociaux en visite peuvent-ils utiliser une tablette ?",
            "Je suis déconnecté pendant l’entretien. Quelle est la durée prévue ?",
        ),
        answers=(
            "Les versions récentes de Firefox, Edge et Chrome conviennent. La déconnexion survient après trente minutes sans action.",
        ),
        weight=3,
    ),
    _Question(
        tools=("campagnes-coordonnees",),
        places=("une campagne", "un plan d’actions", "une fiche pratique de recrutement"),
        subjects=(
            "Partager {place} avec un partenaire",
            "Clore {place} : comment faire ?",
            "Qui voit {place} ?",
        ),
        texts=(
            "Nous préparons {place} avec la mission locale. Peut-elle y accéder avec nous ?",
            "Je ne trouve pas comment clore {place} terminé depuis {number} jours.",
        ),
        answers=(
            "Seuls les partenaires qui ont une convention y accèdent. Pour les autres, exportez la fiche en PDF.",
            "Ouvrez-la, puis « Actions » et « Clore » : il faut être pilote de la campagne.",
        ),
        weight=3,
    ),
    _Question(
        tools=("ouiform", "academie-france-travail"),
        subjects=(
            "Attestation de formation : où la trouver ?",
            "Inscrire plusieurs personnes à la fois",
            "Module obligatoire ou facultatif ?",
        ),
        texts=(
            "Où télécharger l’attestation d’une formation terminée la semaine dernière ?",
            "Peut-on inscrire {number} personnes en une seule fois ?",
        ),
        answers=(
            "L’attestation est dans « Mon espace », rubrique « Terminé », le lendemain de la fin. Les inscriptions se font une à une.",
        ),
        weight=2,
    ),
    _Question(
        tools=("api-rendez-vous-partenaires", "api-orientation-usager", "api-offres-emploi"),
        subjects=(
            "Quel quota d’appels pour un nouveau traitement ?",
            "Accès à l’environnement de recette",
            "Quelle version de l’API utiliser ?",
        ),
        texts=(
            "Nous prévoyons {number} appels par minute la nuit. Est-ce compatible avec notre abonnement ?",
            "Notre éditeur demande des jeux d’essai. Comment les obtenir ?",
        ),
        answers=(
            "Le quota est celui de l’abonnement affiché dans votre espace francetravail.io. Les jeux d’essai sont fournis avec l’environnement de recette.",
        ),
        weight=2,
    ),
)

ACCESS: tuple[Situation, ...] = (
    _Access(
        tools=("gestion-des-habilitations",),
        subjects=(
            "Habilitation suspendue",
            "Compte suspendu après deux mois sans connexion",
            "Plus d’accès depuis mon retour de congé",
        ),
        texts=(
            "À mon retour, l’outil m’annonce que mon habilitation est suspendue. J’en ai besoin pour les entretiens de demain.",
            "Je ne me suis pas connecté depuis plus de deux mois. Pouvez-vous rétablir mon accès ?",
        ),
        message="Votre habilitation est suspendue.",
        answers=(
            "L’habilitation est rétablie. Elle se suspend après deux mois sans connexion : une connexion par mois suffit à la garder.",
        ),
        notes=("Vérifié auprès du responsable de service : l’agent est toujours en poste.",),
        weight=5,
    ),
    _Access(
        tools=("suivi-de-parcours", "campagnes-coordonnees", "activites-pilotage"),
        subjects=(
            "Nouvel arrivant à habiliter",
            "Ouverture d’accès pour une prise de poste",
            "Deux agents à habiliter le {number}",
        ),
        texts=(
            "Une personne rejoint le service lundi, profil « référent de parcours ». La charte est signée.",
            "Merci d’ouvrir l’accès à l’outil pour un remplacement de {number} jours.",
        ),
        answers=(
            "L’habilitation est faite ; la personne a reçu le message d’activation, valable sept jours.",
        ),
        notes=("Charte reçue et classée. Profil limité à ce que demande le poste.",),
        weight=5,
    ),
    _Access(
        tools=("gestion-des-habilitations",),
        subjects=("Départ d’un agent : accès à retirer", "Changement de service : droits à revoir"),
        texts=(
            "Un agent quitte le service à la fin de la semaine. Merci de retirer ses accès ce jour-là.",
            "Un agent passe de l’accueil à l’insertion : les droits actuels ne conviennent plus.",
        ),
        answers=(
            "Les accès sont retirés à la date demandée, et le retrait est consigné.",
            "Ancien profil retiré, nouveau profil ouvert.",
        ),
        weight=3,
    ),
    _Access(
        tools=("connexion",),
        subjects=(
            "Adresse électronique changée : ProConnect ne me reconnaît plus",
            "Compte ProConnect rattaché à l’ancien organisme",
        ),
        texts=(
            "Notre domaine de messagerie a changé. Depuis, le portail me crée un compte vide.",
            "ProConnect me rattache encore à mon ancien employeur. Quel numéro SIRET faut-il choisir ?",
        ),
        answers=(
            "Choisissez l’organisme de la collectivité à la connexion ; l’ancienne adresse a été retirée de votre habilitation.",
        ),
        weight=3,
    ),
    _Access(
        tools=("gestion-des-habilitations",),
        subjects=("Accès des agents du délégataire", "Liste annuelle des habilitations à vérifier"),
        texts=(
            "Le délégataire change {number} intervenants. Voici les fonctions concernées, les noms suivront par la voie habituelle.",
            "Comme chaque année, merci de confirmer la liste des habilitations de notre structure.",
        ),
        answers=("La liste est à jour : ouvertures et retraits faits le même jour, la revue est datée.",),
        weight=2,
    ),
)

EVOLUTIONS: tuple[Situation, ...] = (
    _Evolution(
        tools=("suivi-de-parcours", "activites-pilotage"),
        subjects=(
            "Ajouter un filtre par secteur",
            "Pouvoir imprimer la synthèse",
            "Afficher la date du dernier contact",
            "Exporter la liste des rendez-vous",
        ),
        texts=(
            "La liste dépasse {number} lignes : un filtre par secteur ferait gagner du temps à chaque référent.",
            "Nous recopions cette information à la main pour chaque commission. Peut-on l’avoir à l’écran ?",
        ),
        answers=(
            "France Travail a retenu la demande pour une prochaine version, sans date. Elle est close ici et suivie en comité.",
            "France Travail ne retient pas la demande : l’export existant couvre ce besoin. Le mode d’emploi a été envoyé au service.",
        ),
        weight=3,
    ),
    _Evolution(
        tools=("api-orientation-usager", "api-rendez-vous-partenaires"),
        subjects=(
            "Recevoir une notification plutôt qu’interroger l’API",
            "Ajouter le motif dans la réponse de l’API",
        ),
        texts=(
            "Nous interrogeons l’API toutes les dix minutes pour {number} dossiers. Un avis à chaque changement éviterait ces appels.",
        ),
        answers=(
            "France Travail étudie la demande avec les éditeurs ; la réponse est consignée et revue chaque trimestre.",
        ),
    ),
    _Evolution(
        tools=("campagnes-coordonnees",),
        subjects=(
            "Rattacher un établissement à deux campagnes",
            "Commentaire interne sur une fiche établissement",
        ),
        texts=("Un même employeur relève souvent de deux actions. Aujourd’hui il faut choisir.",),
        answers=(
            "France Travail a enregistré la demande ; elle sera examinée au prochain comité de l’expérimentation.",
        ),
    ),
)

PERSON_REQUESTS: tuple[Situation, ...] = (
    _Person(
        tools=("suivi-de-parcours",),
        subjects=(
            "Demande d’accès à ses données reçue par courrier",
            "Rectification demandée par une personne suivie",
            "Demande d’effacement reçue à l’accueil",
        ),
        texts=(
            "Une personne demande quelles données sont échangées avec France Travail à son sujet. Courrier enregistré, identité vérifiée.",
            "Une personne demande la rectification de son adresse, qu’elle dit fausse dans le parcours. Pièce vue, non conservée.",
        ),
        answers=(
            "Réponse adressée à la personne par courrier : les données transmises, leur origine et leur durée de conservation.",
            "La rectification est faite dans notre logiciel et signalée à France Travail ; la personne en est informée.",
        ),
    ),
)

SECURITY: tuple[Situation, ...] = (
    _Security(
        subjects=("Courriel suspect qui imite le portail",),
        texts=(
            "Un message demande de « confirmer l’accès au portail » sur une adresse inconnue. Personne n’a cliqué à notre connaissance.",
        ),
        answers=(
            "Message signalé et bloqué, domaine filtré. Aucun identifiant saisi d’après les journaux du filtrage.",
        ),
        notes=(
            "Consigne rappelée aux services : ne jamais suivre un lien reçu, ouvrir le portail par le favori.",
        ),
    ),
    _Security(
        subjects=("Poste resté ouvert sur un dossier",),
        texts=(
            "Un poste de l’accueil est resté ouvert et sans surveillance une heure, dossier affiché. Le hall était ouvert au public.",
        ),
        answers=(
            "Verrouillage automatique ramené à cinq minutes sur les postes d’accueil. Aucune consultation anormale relevée.",
        ),
        notes=("Journaux de consultation demandés pour la période.",),
    ),
    _Security(
        subjects=("Connexions inhabituelles sur un compte",),
        texts=(
            "Le compte d’un agent absent aurait été utilisé dimanche soir. Rien d’autre n’est connu à cette heure.",
        ),
        answers=(
            "C’était un traitement planifié au nom de l’agent ; il tourne maintenant sous un compte technique.",
        ),
        notes=("Compte bloqué à titre conservatoire pendant la vérification.",),
    ),
    _Security(
        subjects=("Fichier envoyé au mauvais destinataire",),
        texts=(
            "Un fichier de suivi est parti vers une autre structure que la bonne. Elle nous a prévenus aussitôt.",
        ),
        answers=(
            "Suppression confirmée par écrit par le destinataire ; l’envoi passe désormais par l’espace de dépôt.",
        ),
        notes=("Étendue en cours d’évaluation avec le DPD.",),
    ),
)
