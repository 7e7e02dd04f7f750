"""The words of each event: a sign, a title, a text, and for the desk or for the user. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from app.deadlines.wording import join_words, say_moment
from app.tickets import events as e
from app.tickets.vocabulary import (
    CLOCK_LABELS,
    CONCLUSION_LABELS,
    KIND_LABELS,
    NEWS_LABELS,
    SEVERITY_LABELS,
    TYPE_LABELS,
    WORKAROUND_LABELS,
    WorkaroundScope,
)

INTERNAL = "internal"
PUBLIC = "public"


@dataclass(frozen=True)
class Words:
    """What is read of an event. `tone` is one of the timeline's: routine (empty), accent, warning, alarm.

    `lines` are further facts, one sentence each; `visibility` says who reads a message, None for a fact.
    """

    icon: str
    title: str
    text: str = ""
    lines: tuple[str, ...] = ()
    tone: str = ""
    visibility: str | None = None


@dataclass(frozen=True)
class Names:
    """The names behind the numbers and codes of the events, and the zone in which times are told."""

    zone: tzinfo
    accounts: Mapping[int, str] = field(default_factory=dict)
    structures: Mapping[int, str] = field(default_factory=dict)
    conventions: Mapping[int, str] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)

    def account(self, account_id: int | None) -> str:
        return "Le service" if account_id is None else self.accounts.get(account_id, "Compte inconnu")

    def structure(self, structure_id: int | None) -> str:
        return "" if structure_id is None else self.structures.get(structure_id, "")

    def convention(self, convention_id: int | None) -> str:
        return "" if convention_id is None else self.conventions.get(convention_id, "")

    def tool(self, code: str) -> str:
        return self.tools.get(code, code)

    def moment(self, moment: datetime) -> str:
        return say_moment(moment.astimezone(self.zone))


Say = Callable[[Any, Names], Words]


def words_of(event: e.TicketEvent, names: Names, corrected: e.TicketEvent | None = None) -> Words:
    """The words for those who work on the ticket; `corrected` is the event that a correction names."""
    if isinstance(event, e.Corrected):
        return _corrected(event, names, corrected)
    return _WORDS[type(event)](event, names)


def _plain(icon: str, title: str, tone: str = "") -> Say:
    """An event that is told by its title, its text if any, and the reference it brought."""

    def say(event: Any, names: Names) -> Words:
        reference = getattr(event, "ft_reference", "")
        lines = (f"Référence de France Travail : {reference}.",) if reference else ()
        return Words(icon, title, getattr(event, "text", ""), lines, tone)

    return say


def _filed(event: e.Filed, names: Names) -> Words:
    lines = (f"Appelant : {event.caller}.",) if event.caller else ()
    return Words("inbox", "Sollicitation déposée", lines=lines, tone="accent")


def _taken(event: e.Taken, names: Names) -> Words:
    return Words("user", f"Prise en main par {names.account(event.assignee_id)}", tone="accent")


def _assigned(event: e.Assigned, names: Names) -> Words:
    if event.assignee_id is None:
        return Words("user", "Laissée sans responsable")
    return Words("user", f"Attribuée à {names.account(event.assignee_id)}")


def _commented(event: e.Commented, names: Names) -> Words:
    if event.internal:
        return Words("message-square", "Note interne", event.text, visibility=INTERNAL)
    return Words("message-square", "Message", event.text, visibility=PUBLIC)


def _message(icon: str, title: str, tone: str = "") -> Say:
    return lambda event, names: Words(icon, title, event.text, tone=tone, visibility=PUBLIC)


def _verdict(event: e.UserVerdict, names: Names) -> Words:
    if event.works:
        return Words(
            "circle-check", "L’utilisateur constate que cela remarche", event.text, visibility=PUBLIC
        )
    title = "L’utilisateur constate que cela ne marche pas"
    return Words("circle-x", title, event.text, tone="warning", visibility=PUBLIC)


def _diagnosed(event: e.Diagnosed, names: Names) -> Words:
    title = "Pré-diagnostic express" if event.express else "Pré-diagnostic"
    lines = (f"Conclusion : {CONCLUSION_LABELS[event.conclusion]}.",)
    return Words("stethoscope", title, lines=lines, tone="accent")


def _classified(event: e.Classified, names: Names) -> Words:
    nature = TYPE_LABELS[event.incident_type] if event.incident_type else KIND_LABELS[event.kind]
    severity = f", {SEVERITY_LABELS[event.severity].lower()}" if event.severity else ""
    lines = (f"Outils : {join_words([names.tool(code) for code in event.tools])}.",)
    return Words("tag", f"Classement : {nature.lower()}{severity}", event.reason, lines, "accent")


def _start_corrected(event: e.StartCorrected, names: Names) -> Words:
    return Words("pencil", f"Début corrigé\u00a0: {names.moment(event.since)}", event.reason, tone="warning")


def _severity_changed(event: e.SeverityChanged, names: Names) -> Words:
    return Words("activity", f"Gravité : {SEVERITY_LABELS[event.severity].lower()}", event.text)


def _convention_chosen(event: e.ConventionChosen, names: Names) -> Words:
    chosen = names.convention(event.convention_id)
    return Words("file-text", f"Convention retenue : {chosen}", event.reason)


def _transmitted(event: e.Transmitted, names: Names) -> Words:
    lines = [f"Canal : {event.channel}."]
    if event.ft_reference:
        lines.append(f"Référence de France Travail : {event.ft_reference}.")
    return Words("send", "Transmise à France Travail", event.text, tuple(lines), "accent")


def _forecast(event: e.ForecastGiven, names: Names) -> Words:
    lines = (f"Retour prévu le {names.moment(event.expected_at)}.",) if event.expected_at else ()
    return Words("calendar-days", "Prévision donnée par France Travail", event.text, lines)


def _ft_informed(event: e.FtInformed, names: Names) -> Words:
    known = event.detected_at
    detected = f"Détecté le {names.moment(known)}." if known else "Heure de détection non communiquée."
    return Words("megaphone", "Incident annoncé par France Travail", event.text, (detected,), "accent")


def _relanced(event: e.Relanced, names: Names) -> Words:
    return Words("bell", f"Relance : {event.contact}", event.text)


def _date_agreed(event: e.DateAgreed, names: Names) -> Words:
    return Words("calendar-days", f"Date convenue : {names.moment(event.due_at)}", event.text, tone="accent")


def _workaround(event: e.WorkaroundGiven, names: Names) -> Words:
    total = event.scope is WorkaroundScope.TOTAL
    lines = []
    if event.article:
        lines.append(f"Article\u00a0: «\u00a0{event.article_title or event.article}\u00a0».")
    if event.told:
        lines.append(f"Envoyé à {event.told} personne{'s' if event.told > 1 else ''}.")
    tone = "accent" if total else ""
    return Words("wrench", WORKAROUND_LABELS[event.scope], event.text, tuple(lines), tone)


def _workaround_withdrawn(event: e.WorkaroundWithdrawn, names: Names) -> Words:
    return Words("circle-x", "Contournement retiré", event.reason, tone="warning")


def _cancelled(event: e.Cancelled, names: Names) -> Words:
    return Words("circle-slash", "Sollicitation annulée", event.reason)


def _reopened(event: e.Reopened, names: Names) -> Words:
    return Words("rotate-ccw", "Sollicitation rouverte", event.reason, tone="warning")


def _duplicate(event: e.DuplicateMarked, names: Names) -> Words:
    return Words("link-2", f"Regroupée sous {event.of}", tone="accent")


def _detached(event: e.Detached, names: Names) -> Words:
    return Words("arrow-right", f"Détachée de {event.of}", event.reason, tone="warning")


def _relayed(event: e.Relayed, names: Names) -> Words:
    title = f"Relayé depuis {event.of}\u00a0: {NEWS_LABELS[event.news]}"
    return Words("megaphone", title, event.text, visibility=PUBLIC)


def _report_grouped(event: e.ReportGrouped, names: Names) -> Words:
    lines = []
    if event.transmitted_at is not None:
        lines.append(f"Transmise le {names.moment(event.transmitted_at)}.")
    if event.taken_up_at is not None:
        lines.append(f"Prise en charge le {names.moment(event.taken_up_at)}.")
    if event.plus_ones:
        lines.append(f"Signalements qu’elle comptait en plus\u00a0: {event.plus_ones}.")
    return Words("link-2", f"Signalement regroupé ici\u00a0: {event.reference}", lines=tuple(lines))


def _report_detached(event: e.ReportDetached, names: Names) -> Words:
    return Words("arrow-right", f"Signalement détaché\u00a0: {event.reference}", event.reason, tone="warning")


def _plus_one(event: e.PlusOne, names: Names) -> Words:
    who = join_words([word for word in (event.caller, names.structure(event.structure_id)) if word])
    return Words("user-plus", f"Un signalement de plus : {who}" if who else "Un signalement de plus")


def _contested(event: e.Contested, names: Names) -> Words:
    theirs = f", qui retient le {names.moment(event.ft_time)}" if event.ft_time else ""
    lines = [
        f"Position de France Travail{theirs} : {event.ft_position}",
        f"Notre position : {event.our_position}",
    ]
    if event.proof:
        lines.append(f"Preuve : {event.proof}.")
    return Words(
        "scale", f"Horloge contestée : {clock_name(event.clock)}", lines=tuple(lines), tone="warning"
    )


def _settled(event: e.ContestSettled, names: Names) -> Words:
    return Words("scale", f"Désaccord réglé : {clock_name(event.clock)}", event.text)


def _file_attached(event: e.FileAttached, names: Names) -> Words:
    return Words("paperclip", f"Pièce jointe : {event.name}", visibility=INTERNAL if event.internal else None)


def _reference(event: e.ReferenceNoted, names: Names) -> Words:
    return Words("link", f"Référence notée : {event.label} {event.reference}")


def _shared(event: e.IntegratorsShared, names: Names) -> Words:
    return Words(
        "users", "Partagée avec les éditeurs" if event.shared else "Partage avec les éditeurs retiré"
    )


def _identifier(event: e.IdentifierSet, names: Names) -> Words:
    title = "Identifiant protégé renseigné" if event.present else "Identifiant protégé effacé"
    return Words("key-round", title)


def _corrected(event: e.Corrected, names: Names, corrected: e.TicketEvent | None) -> Words:
    target = words_of(corrected, names).title if corrected is not None else "événement inconnu"
    if event.void:
        return Words("circle-slash", f"Annulation d’un événement : « {target} »", event.reason)
    assert event.occurred_at is not None
    lines = (f"Nouvelle heure : {names.moment(event.occurred_at)}.",)
    return Words("pencil", f"Correction de l’heure : « {target} »", event.reason, lines)


def clock_name(clock: str) -> str:
    """« remise en service », as inside a sentence."""
    label = CLOCK_LABELS.get(clock, clock)
    return label[:1].lower() + label[1:]


_WORDS: dict[type[e.TicketEvent], Say] = {
    e.Filed: _filed,
    e.Taken: _taken,
    e.Assigned: _assigned,
    e.Commented: _commented,
    e.UserAsked: _message("circle-question-mark", "Question à l’utilisateur"),
    e.UserReplied: _message("message-square", "Réponse de l’utilisateur"),
    e.UserVerdict: _verdict,
    e.Answered: _message("circle-check", "Réponse apportée", "accent"),
    e.Diagnosed: _diagnosed,
    e.Classified: _classified,
    e.StartCorrected: _start_corrected,
    e.SeverityChanged: _severity_changed,
    e.ConventionChosen: _convention_chosen,
    e.Transmitted: _transmitted,
    e.ReceiptReceived: _plain("mail", "Accusé de réception de France Travail"),
    e.TakenUp: _plain("wrench", "Prise en charge par France Travail", "accent"),
    e.FtAsked: _plain("circle-question-mark", "France Travail demande un élément", "warning"),
    e.FtAnswered: _plain("send", "Éléments envoyés à France Travail"),
    e.FtRefused: _plain("circle-x", "Refus de France Travail", "warning"),
    e.RefusalAccepted: _plain("check", "Refus accepté"),
    e.FtEscalated: _plain("arrow-up", "Qualifiée et escaladée par France Travail"),
    e.CauseGiven: _plain("info", "Cause donnée par France Travail"),
    e.ForecastGiven: _forecast,
    e.FtClosed: _plain("lock", "Close par France Travail, à vérifier", "warning"),
    e.FtInformed: _ft_informed,
    e.Relanced: _relanced,
    e.DateAgreed: _date_agreed,
    e.WorkaroundGiven: _workaround,
    e.WorkaroundWithdrawn: _workaround_withdrawn,
    e.RepairDone: _plain("wrench", "Réparation définitive effectuée", "accent"),
    e.ReturnAnnounced: _plain("megaphone", "Remise en service annoncée par France Travail", "accent"),
    e.ReturnObserved: _plain("eye", "Remise en service constatée", "accent"),
    e.ReturnConfirmed: _plain("circle-check", "Remise en service vérifiée et confirmée", "accent"),
    e.ReturnRefused: _plain("circle-x", "Remise en service refusée après vérification", "alarm"),
    e.Closed: _plain("lock", "Sollicitation close", "accent"),
    e.Cancelled: _cancelled,
    e.Reopened: _reopened,
    e.DuplicateMarked: _duplicate,
    e.Detached: _detached,
    e.Relayed: _relayed,
    e.ReportGrouped: _report_grouped,
    e.ReportDetached: _report_detached,
    e.PlusOne: _plus_one,
    e.ColleaguesInformed: _plain("megaphone", "Collègues informés"),
    e.Contested: _contested,
    e.ContestSettled: _settled,
    e.FileAttached: _file_attached,
    e.ReferenceNoted: _reference,
    e.IntegratorsShared: _shared,
    e.IdentifierSet: _identifier,
}
assert set(_WORDS) == set(e.EVENT_TYPES.values()) - {e.Corrected}, "each event has its words"
