"""What people write at every ticket, whatever it is about. Pure data."""

from __future__ import annotations

BROWSERS = ("Firefox 140", "Edge 138", "Chrome 139", "Firefox ESR 128")
CALLERS = (
    "Accueil, poste 12", "Standard", "Accueil de la maison départementale, poste 3", "Secrétariat du service insertion",
    "Permanence du mardi", "Conseiller en rendez-vous extérieur", "Astreinte",
)  # fmt: skip
THANKS = (
    "Merci pour votre retour rapide.",
    "Bien reçu, je préviens mes collègues.",
    "D’accord, j’essaie et je vous dis.",
    "C’est noté. Un rendez-vous était prévu à 14 h, je m’organise autrement.",
)
PUBLIC_NOTES = (
    "Nous suivons ce point avec France Travail et revenons vers vous dès que nous en savons plus.",
    "Toujours en cours. Vous n’avez rien à faire de votre côté.",
    "Nous avons reproduit le problème : inutile de recommencer l’essai.",
    "Merci de garder l’heure de chaque nouvel échec, cela aide le diagnostic.",
)
INTERNAL_NOTES = (
    "Même symptôme qu’il y a un mois : relire l’ancienne sollicitation avant de transmettre.",
    "Vu avec le collègue de permanence : on attend la réponse avant de relancer.",
    "À évoquer au prochain point mensuel avec France Travail.",
    "Le service demande une date pour organiser ses entretiens.",
    "Rappel au téléphone : la personne confirme, rien de neuf.",
)
TAKEN_UP = ("Prise en charge par le support, niveau 2.", "Votre sollicitation est prise en charge.", "")
RECEIPT = ("Accusé de réception automatique.", "Votre message a bien été reçu.", "")
ESCALATED = (
    "Qualifié et confié à l’équipe responsable du composant.",
    "Transmis à la direction du système d’information, équipe d’exploitation.",
)
FORECAST = ("Correction prévue avec la prochaine livraison.", "Rétablissement attendu dans la journée.")
RELANCE = (
    "Bonjour, nous n’avons pas reçu de prise en charge. Merci de nous dire où en est cette sollicitation.",
    "Bonjour, le délai est échu. Merci de nous donner la cause et la date prévue.",
)
RETURN_ANNOUNCED = (
    "Le correctif est en place. Merci de vérifier.",
    "Service rétabli, retour à la normale confirmé par nos équipes.",
    "La correction a été livrée cette nuit.",
)
RETURN_OBSERVED = ("Constaté par nous-mêmes : tout répond de nouveau.", "Nos appels aboutissent de nouveau.")
CONFIRMED = (
    "Testé sur deux postes : tout fonctionne.",
    "Vérifié avec la personne qui avait signalé.",
    "Essais refaits sur les dossiers cités : correct.",
)
NOT_BACK = (
    "Le même écran échoue toujours après l’annonce du retour.",
    "Un cas sur deux échoue encore : la remise en service n’est pas confirmée.",
)
WORKS = ("Ça remarche, merci.", "Oui, c’est bon pour moi.", "")
BROKEN = "Non, toujours la même erreur chez moi."
CLOSED = (
    "Validé avec le service.",
    "",
    "Sans nouvelle du demandeur, la réponse est considérée comme suffisante.",
)
REFUSED = (
    "Hors du périmètre du support : la configuration du partenaire est en cause.",
    "Ce comportement est conforme aux spécifications.",
)
REFUSAL_ACCEPTED = "Vérification faite, le refus est fondé : la cause est chez nous."
REOPENED = ("Le problème est revenu ce matin.", "La réponse ne couvre pas tous les cas signalés.")
CANCELLED = (
    "Déposée par erreur.",
    "Le besoin a disparu.",
    "Sans réponse aux questions posées, malgré trois rappels.",
)
COLLEAGUES = (
    "Message envoyé aux services : incident connu, ne pas rappeler, prochaine information en fin de matinée.",
    "Bandeau affiché sur l’intranet et appel aux responsables d’accueil.",
)
DUPLICATE_NOTE = "Même incident que celui déjà ouvert : regroupé."
INTEGRATOR = "Côté éditeur : nous voyons les mêmes échecs chez d’autres clients depuis la même heure."
WRONG_TIME = "Heure relue sur le courriel de France Travail."
