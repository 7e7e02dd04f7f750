"""One incident, several reports, and ways to work meanwhile: what the groups and the workarounds have to show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from app.accounts.policy import Role
from app.demo import phrases as p
from app.demo.stage import APPLICATION, AVAILABILITY, DAY, HOUR, MINUTE, Stage
from app.demo.steps import Help, Life, MarkDuplicate, Split, Tell, Transmit
from app.demo.teller import Tale
from app.tickets import events as e
from app.tickets.vocabulary import Conclusion, WorkaroundScope

TOOL = "campagnes-coordonnees"
PARTIAL_TITLE = "Campagnes coordonnées\u00a0: travailler par la liste du service"
PARTIAL = (
    "Les fiches mettent longtemps à s’ouvrir, mais la liste du service répond normalement\u00a0:\n\n"
    "1. ouvrez la liste des campagnes de votre service\u00a0;\n"
    "2. choisissez la campagne, puis «\u00a0Ajouter une personne\u00a0»\u00a0;\n"
    "3. cherchez la personne par son nom, et validez.\n\n"
    "Les relances automatiques, elles, ne partent pas\u00a0: appelez."
)
TOTAL_TITLE = "Échanges de fichiers\u00a0: reprendre le fichier à l’adresse de secours"
TOTAL = "Reprenez le fichier à l’adresse de secours indiquée dans votre contrat d’échange\u00a0: il y est complet, chaque nuit."


def group_lives(stage: Stage) -> Iterator[Life]:
    """Four reports of one morning, under way; the repair of what held by a workaround, done since."""
    yield from four_reports(stage, stage.until - 3 * HOUR)
    yield from held_then_mended(stage, stage.past(0.88))


def four_reports(stage: Stage, at: datetime) -> Iterator[Life]:
    """Three people and the desk report the same failure. The second report had been sent to France Travail first."""
    main = _reported(stage, at + 20 * MINUTE)
    first, second, third = (_reported(stage, at + minutes * MINUTE) for minutes in (0, 9, 31))
    life = main.life
    stage.sent(main, at + 34 * MINUTE)
    second.life.taken(at + 12 * MINUTE)
    stage.teller.diagnose(second, at + 14 * MINUTE, Conclusion.FRANCE_TRAVAIL, express=True)
    second.life.then(at + 16 * MINUTE, Transmit(stage.teller.ft_reference()))
    for report, minutes in ((first, 40), (second, 41), (third, 42)):
        report.life.then(at + minutes * MINUTE, MarkDuplicate(life))
    life.then(at + 44 * MINUTE, e.TakenUp(text=p.TAKEN_UP[0]))
    life.then(
        at + 50 * MINUTE, Tell(e.Commented(text="L’incident est général. Prochain point dans deux heures."))
    )
    life.then(at + HOUR, Help(WorkaroundScope.PARTIAL, PARTIAL, PARTIAL_TITLE))
    if first.life.filing.reporter_id is not None:
        thanks = e.Commented(text="Par la liste, cela passe. Merci.")
        first.life.then(at + 80 * MINUTE, thanks, by=first.life.cast.reporter)
    yield from (tale.life for tale in (main, first, second, third))


def held_then_mended(stage: Stage, at: datetime) -> Iterator[Life]:
    """A total workaround, validated, then mended; a report that was another matter leaves the group."""
    main, other = (
        stage.incident("echanges-fichiers", APPLICATION, at + minutes * MINUTE) for minutes in (0, 30)
    )
    life, desk = main.life, stage.world.nord.with_role(Role.CORRESPONDENT)[0]
    start = at - 25 * MINUTE
    life.then(
        at + 4 * MINUTE,
        e.StartCorrected(since=start, reason="Premier échec relu au journal des livraisons."),
        by=desk,
    )
    stage.sent(main, at + 15 * MINUTE)
    life.then(at + 3 * HOUR, e.TakenUp(text=p.TAKEN_UP[1]))
    other.life.then(at + 40 * MINUTE, MarkDuplicate(life))
    other.life.then(
        at + 5 * HOUR, Split(life, "Son fichier est vide à la source\u00a0: rien à voir avec la livraison.")
    )
    other.life.then(
        at + 6 * HOUR, e.Answered(text="Le fichier était vide à la source\u00a0: relancez l’extraction.")
    )
    other.life.then(stage.on(at, 2), e.Closed())
    first = "Reprenez le fichier de la veille pour ce qui était déjà convenu."
    life.then(at + 4 * HOUR, e.WorkaroundGiven(scope=WorkaroundScope.PARTIAL, text=first))
    life.then(at + 6 * HOUR, e.WorkaroundWithdrawn(reason="Le fichier de la veille est incomplet lui aussi."))
    life.then(at + 7 * HOUR, Help(WorkaroundScope.TOTAL, TOTAL, TOTAL_TITLE))
    life.then(at + 8 * HOUR, Tell(e.ReturnConfirmed(text="Trois fichiers repris, contrôlés ligne à ligne.")))
    life.then(
        stage.on(at, 3), e.RepairDone(text="Le fichier de l’adresse habituelle est de nouveau complet.")
    )
    life.then(stage.agenda.noted(stage.on(at, 3) + DAY), e.Closed(text=p.CLOSED[0]))
    yield life
    yield other.life


def _reported(stage: Stage, at: datetime) -> Tale:
    return stage.incident(TOOL, AVAILABILITY, at)
