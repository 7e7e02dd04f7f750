"""Every act that a person may record on a ticket, as data: its address, its words, its form, its event."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from app.kernel.errors import InvalidInput, NotFound
from app.tickets import events as e
from app.tickets import forms as f
from app.tickets.desk import Desk
from app.tickets.group_forms import DetachForm, GroupForm, detached, grouped_under, informing
from app.tickets.steps import PREDIAGNOSIS, TRANSMISSION
from app.tickets.workaround_forms import WorkaroundForm


class Theme(StrEnum):
    """The groups of the menu, in its order."""

    FRANCE_TRAVAIL = "France Travail a répondu…"
    USER = "Utilisateur"
    INCIDENT = "Incident"
    FILE = "Dossier"


Build = Callable[[Any, Desk], e.TicketEvent]


@dataclass(frozen=True)
class Act:
    """An act: `events` are those it may record, the first of which its form fills unless `build` says otherwise.

    `one_click`: nothing has to be typed, so that the page of the ticket holds its button.
    """

    slug: str
    label: str
    help: str
    theme: Theme
    events: tuple[type[e.TicketEvent], ...]
    form: type[f.TicketForm]
    icon: str
    build: Build | None = None
    one_click: bool = False
    danger: bool = False

    def event(self, form: f.TicketForm, desk: Desk) -> e.TicketEvent:
        """The event that the filled form describes. Raises InvalidInput on the field that is wrong."""
        return self.build(form, desk) if self.build else filled(self.events[0], form)


def filled(event_type: type[e.TicketEvent], form: f.TicketForm) -> e.TicketEvent:
    """The event whose fields are those of the form that bear their names."""
    values = {item.name: form[item.name].data for item in fields(event_type) if item.name in form}
    return event_type(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    )


def offered(desk: Desk, acts: Iterable[Act]) -> list[Act]:
    """Those that the state of the ticket and the rights of the person allow."""
    return [act for act in acts if any(desk.may_record(event) for event in act.events)]


# --- Events that a form does not fill by itself ----------------------------------------------------------


def _taken(form: f.TicketForm, desk: Desk) -> e.TicketEvent:
    assert desk.actor.account_id is not None
    return e.Taken(assignee_id=desk.actor.account_id)


def _verified(form: f.VerificationForm, desk: Desk) -> e.TicketEvent:
    text = form.text.data or ""
    if form.works.data == "oui":
        return e.ReturnConfirmed(text=text)
    if not text:
        raise InvalidInput("Dites ce qui ne fonctionne pas encore.", field="text")
    return e.ReturnRefused(text=text)


def _works(form: Any, desk: Desk) -> e.TicketEvent:
    return e.UserVerdict(works=True, text=form.text.data or "")


def _does_not_work(form: Any, desk: Desk) -> e.TicketEvent:
    return e.UserVerdict(works=False, text=form.text.data or "")


# --- The registry ----------------------------------------------------------------------------------------

_FT = Theme.FRANCE_TRAVAIL
_NOTE = f.with_text(f.Dated, "Précisions", required=False)
_FT_NOTE = f.with_text(f.FtAnswer, "Précisions", required=False)

# fmt: off
ACTS: tuple[Act, ...] = (
    Act(
        "prise-en-charge-ft", "Enregistrer la prise en charge",
        "France Travail confirme qu’il s’occupe de l’incident : le délai de prise en charge s’arrête.",
        _FT, (e.TakenUp,), f.ReferencedForm, "wrench",
    ),
    Act(
        "accuse-reception", "Enregistrer un accusé de réception",
        "Le message est arrivé. Sauf si le canal le prévoit, il ne vaut pas prise en charge.",
        _FT, (e.ReceiptReceived,), f.ReferencedForm, "mail",
    ),
    Act(
        "demande-ft", "France Travail demande un élément",
        "Ce qu’il attend de vous pour continuer.",
        _FT, (e.FtAsked,), f.with_text(f.FtAnswer, "Ce que France Travail demande"), "circle-question-mark",
    ),
    Act(
        "elements-fournis", "Enregistrer l’envoi des éléments",
        "Vous avez répondu à ce que France Travail demandait.",
        _FT, (e.FtAnswered,), f.with_text(f.Dated, "Ce que vous avez envoyé"), "send",
    ),
    Act(
        "cause", "Cause donnée",
        "France Travail explique l’origine de l’incident ; il la doit.",
        _FT, (e.CauseGiven,), f.with_text(f.FtAnswer, "La cause"), "info",
    ),
    Act(
        "prevision", "Prévision donnée",
        "France Travail annonce quand il pense rétablir le service. Ce n’est pas une date convenue.",
        _FT, (e.ForecastGiven,), f.ForecastForm, "hourglass",
    ),
    Act(
        "date-convenue", "Date convenue",
        "Convenue avant la première échéance, elle la remplace ; les deux restent affichées.",
        _FT, (e.DateAgreed,), f.DateAgreedForm, "calendar-days",
    ),
    Act(
        "escalade-ft", "Qualification et escalade",
        "France Travail qualifie l’incident et le confie à une autre équipe.",
        _FT, (e.FtEscalated,), f.with_text(f.FtAnswer, "Ce que France Travail indique"), "arrow-up",
    ),
    Act(
        "refus-ft", "Refus, hors périmètre",
        "France Travail estime que cela ne relève pas de lui.",
        _FT, (e.FtRefused,), f.with_text(f.FtAnswer, "Le motif du refus"), "circle-x",
    ),
    Act(
        "refus-accepte", "Accepter le refus",
        "Le refus est fondé : les décomptes de France Travail sont annulés et vous répondez vous-même.",
        _FT, (e.RefusalAccepted,), _NOTE, "check",
    ),
    Act(
        "retour-annonce", "Enregistrer le retour annoncé",
        "France Travail annonce que le service est rétabli. Il reste à le vérifier.",
        _FT, (e.ReturnAnnounced,), informing(_FT_NOTE), "megaphone",
    ),
    Act(
        "cloture-ft", "Clôture par France Travail",
        "France Travail a clos de son côté : votre vérification reste nécessaire.",
        _FT, (e.FtClosed,), informing(_FT_NOTE), "lock",
    ),
    Act(
        "information-ft", "Incident annoncé par France Travail",
        "France Travail vous informe d’un dysfonctionnement qu’il a lui-même détecté.",
        _FT, (e.FtInformed,), f.FtInformedForm, "megaphone",
    ),
    Act(
        "relance", "Relancer France Travail",
        "Le texte est prêt : envoyez-le à l’interlocuteur indiqué, puis enregistrez la relance.",
        _FT, (e.Relanced,), f.RelanceForm, "bell",
    ),
    Act(
        "question-utilisateur", "Poser une question",
        "L’utilisateur reçoit la question et peut y répondre.",
        Theme.USER, (e.UserAsked,), f.with_text(f.TicketForm, "Question"), "circle-question-mark",
    ),
    Act(
        "reponse-utilisateur", "Consigner la réponse de l’utilisateur",
        "Ce qui est répondu à la question posée.",
        Theme.USER, (e.UserReplied,), f.with_text(f.TicketForm, "Réponse"), "message-square",
    ),
    Act(
        "commentaire", "Commenter",
        "Un message que l’utilisateur voit, ou une note interne.",
        Theme.USER, (e.Commented,), informing(f.CommentForm, ticked=False), "message-square",
    ),
    Act(
        "reponse", "Apporter la réponse",
        "La question est résolue sans France Travail : l’utilisateur reçoit la réponse.",
        Theme.USER, (e.Answered,), informing(f.with_text(f.Dated, "Réponse")), "circle-check",
    ),
    Act(
        "ca-remarche", "L’utilisateur dit que ça remarche",
        "Le service fonctionne de nouveau.",
        Theme.USER, (e.UserVerdict,), f.with_text(f.TicketForm, "Précisions", required=False), "circle-check", build=_works, one_click=True,
    ),
    Act(
        "ca-ne-marche-pas", "L’utilisateur dit que ça ne marche pas",
        "Le problème est toujours là.",
        Theme.USER, (e.UserVerdict,), f.with_text(f.TicketForm, "Ce qui ne marche pas"), "circle-x", build=_does_not_work,
    ),
    Act(
        "retour-constate", "Retour constaté",
        "Vous constatez que le service est rétabli, sans attendre l’annonce de France Travail.",
        Theme.INCIDENT, (e.ReturnObserved,), informing(_NOTE), "eye",
    ),
    Act(
        "verification", "Vérifier la remise en service",
        "Confirmée, le délai s’est arrêté à l’annonce ou au constat. Refusée, il n’a jamais cessé de courir.",
        Theme.INCIDENT, (e.ReturnConfirmed, e.ReturnRefused), informing(f.VerificationForm), "list-checks", build=_verified,
    ),
    Act(
        "contournement", "Contournement",
        "Une autre manière de faire en attendant la réparation.",
        Theme.INCIDENT, (e.WorkaroundGiven,), informing(WorkaroundForm), "wrench",
    ),
    Act(
        "contournement-retire", "Retirer le contournement",
        "Il ne convient plus. S’il était total et attendait votre vérification, le délai n’a jamais cessé de courir.",
        Theme.INCIDENT, (e.WorkaroundWithdrawn,), informing(f.with_reason(f.Dated, "Motif")), "circle-x",
    ),
    Act(
        "reparation", "Réparation définitive",
        "Le service ne tient plus par un contournement.",
        Theme.INCIDENT, (e.RepairDone,), _NOTE, "wrench",
    ),
    Act(
        "classement", "Classer",
        "La nature et le type décident des délais ; un reclassement les recalcule.",
        Theme.INCIDENT, (e.Classified,), f.ClassificationForm, "tag",
    ),
    Act(
        "debut", "Corriger le début",
        "Le problème a commencé à une autre heure\u00a0: l’indisponibilité est comptée depuis elle.",
        Theme.INCIDENT, (e.StartCorrected,), f.StartForm, "pencil",
    ),
    Act(
        "gravite", "Changer la gravité",
        "Interruption ou dégradation, depuis quand.",
        Theme.INCIDENT, (e.SeverityChanged,), f.SeverityForm, "activity",
    ),
    Act(
        "un-de-plus", "Un signalement de plus",
        "Un autre appel pour le même incident.",
        Theme.INCIDENT, (e.PlusOne,), f.PlusOneForm, "user-plus",
    ),
    Act(
        "collegues-informes", "Collègues informés",
        "Ce qui a été dit à vos collègues, et comment.",
        Theme.INCIDENT, (e.ColleaguesInformed,), f.with_text(f.Dated, "Ce qui a été dit"), "megaphone",
    ),
    Act(
        "contestation", "Contester une horloge",
        "France Travail retient une autre heure : les deux positions sont affichées, la vôtre fait foi.",
        Theme.INCIDENT, (e.Contested,), f.ContestForm, "scale",
    ),
    Act(
        "desaccord-regle", "Désaccord réglé",
        "L’horloge n’est plus contestée.",
        Theme.INCIDENT, (e.ContestSettled,), f.SettlementForm, "scale",
    ),
    Act(
        "prise-en-main", "Prendre en main",
        "Vous devenez responsable de la sollicitation.",
        Theme.FILE, (e.Taken,), f.TicketForm, "user", build=_taken, one_click=True,
    ),
    Act(
        "attribution", "Attribuer",
        "À qui revient la suite.",
        Theme.FILE, (e.Assigned,), f.AssignmentForm, "users",
    ),
    Act(
        "convention", "Choisir la convention",
        "Les délais en cours sont recalculés selon la convention choisie.",
        Theme.FILE, (e.ConventionChosen,), f.ConventionForm, "file-text",
    ),
    Act(
        "piece", "Ajouter une pièce",
        "Une capture d’écran, un document ou un courriel. Masquez-y ce qui concerne des personnes.",
        Theme.FILE, (e.FileAttached,), f.AttachmentForm, "paperclip",
    ),
    Act(
        "reference", "Noter une référence",
        "Le numéro du même sujet dans un autre système.",
        Theme.FILE, (e.ReferenceNoted,), f.ReferenceForm, "link",
    ),
    Act(
        "identifiant", "Identifiant protégé",
        "Visible des correspondants seuls, absent des courriels, des exports et de la recherche.",
        Theme.FILE, (e.IdentifierSet,), f.IdentifierForm, "key-round",
    ),
    Act(
        "partage-editeurs", "Partager avec les éditeurs",
        "Pour une interface de programmation que leur logiciel utilise.",
        Theme.FILE, (e.IntegratorsShared,), f.SharingForm, "users",
    ),
    Act(
        "cloture", "Clôturer",
        "L’utilisateur est informé. L’identifiant protégé est effacé.",
        Theme.FILE, (e.Closed,), informing(_NOTE), "lock",
    ),
    Act(
        "reouverture", "Rouvrir",
        "La sollicitation reprend son cours, avec toute son histoire.",
        Theme.FILE, (e.Reopened,), informing(f.ReopeningForm), "rotate-ccw",
    ),
    Act(
        "regroupement", "Regrouper sous une autre",
        "Un même incident, plusieurs signalements\u00a0: l’autre sollicitation porte les délais, depuis la première transmission du groupe.",
        Theme.FILE, (e.DuplicateMarked,), GroupForm, "link-2", build=grouped_under,
    ),
    Act(
        "detachement", "Détacher",
        "C’était un autre problème\u00a0: elle reprend son état et ses délais, tels que ses propres événements les donnent.",
        Theme.FILE, (e.Detached,), DetachForm, "arrow-right", build=detached,
    ),
    Act(
        "annulation", "Annuler la sollicitation",
        "Elle quitte la file et ses décomptes sont annulés. Elle pourra être rouverte.",
        Theme.FILE, (e.Cancelled,), informing(f.with_reason(f.Dated, "Motif")), "circle-slash", danger=True,
    ),
)
# fmt: on

BY_SLUG = {act.slug: act for act in ACTS}
# What a user may do, in their words.
USER_LABELS = {
    "reponse-utilisateur": "Répondre",
    "commentaire": "Écrire un message",
    "ca-remarche": "Ça remarche",
    "ca-ne-marche-pas": "Ça ne marche pas",
    "piece": "Ajouter une pièce",
}


@dataclass(frozen=True)
class OwnPage:
    """A step of the way that is a page of its own, and what is recorded there."""

    label: str
    endpoint: str
    icon: str
    event: type[e.TicketEvent]


PAGES = {
    PREDIAGNOSIS: OwnPage("Pré-diagnostic", "tickets.prediagnosis", "stethoscope", e.Diagnosed),
    TRANSMISSION: OwnPage("Transmettre à France Travail", "tickets.transmission", "send", e.Transmitted),
}


def act_of(slug: str) -> Act:
    """Raises NotFound for an unknown act."""
    if slug not in BY_SLUG:
        raise NotFound
    return BY_SLUG[slug]
