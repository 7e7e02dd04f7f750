"""Reading the journal back: every chain, every seal, and the first link of each that does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select, text
from sqlalchemy.engine import Row

from app.extensions import db
from app.journal.events import Envelope, chained_digest, genesis, payload_digest, seal_digest
from app.journal.models import Event, Seal, SealHead, Subject

BATCH = 5_000


@dataclass(frozen=True)
class Break:
    """A link that does not hold: where, and what is wrong, in French."""

    subject: str
    sequence: int | None
    reason: str

    def __str__(self) -> str:
        place = self.subject if self.sequence is None else f"{self.subject}, événement {self.sequence}"
        return f"{place} : {self.reason}"


def verify_journal() -> Iterator[Break]:
    """The first broken link of each chain, then of each partner's seals. Nothing when all holds."""
    codes = {row.id: row.code for row in db.session.execute(text("SELECT id, code FROM partner"))}
    yield from _chains(codes)
    yield from _orphans()
    yield from _seals(codes)


def _chains(codes: dict[int, str]) -> Iterator[Break]:
    rows = db.session.execute(
        select(Subject, Event)
        .outerjoin(Event, Event.subject_id == Subject.id)
        .order_by(Subject.id, Event.sequence)
        .execution_options(yield_per=BATCH)
    )
    for _, group in groupby(rows, key=lambda row: row[0].id):
        links = list(group)
        subject = links[0][0]
        broken = _first_break(codes.get(subject.partner_id, ""), subject, (link[1] for link in links))
        if broken:
            yield broken
        db.session.expunge_all()


def _first_break(partner_code: str, subject: Subject, events: Iterator[Event | None]) -> Break | None:
    previous, sequence = genesis(partner_code, subject.reference), 0
    for event in events:
        if event is None:
            continue
        sequence += 1
        reason = _reason(previous, sequence, subject, event)
        if reason:
            return Break(subject.reference, sequence, reason)
        previous = event.digest
    if (subject.head_sequence, subject.head_digest) != (sequence, previous):
        return Break(subject.reference, subject.head_sequence, "la fin de la chaîne manque ou a été modifiée")
    return None


def _reason(previous: str, sequence: int, subject: Subject, event: Event) -> str | None:
    if event.sequence != sequence:
        return "événement manquant dans la suite"
    if event.partner_id != subject.partner_id:
        return "le partenaire de l’événement a été modifié"
    if event.payload is None or event.salt is None:
        return "le contenu a disparu"
    if payload_digest(event.salt, event.payload) != event.payload_digest:
        return "le contenu a été modifié"
    envelope = Envelope(
        subject=subject.reference,
        sequence=event.sequence,
        type=event.type,
        schema=event.schema,
        actor_id=event.actor_id,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        corrects=event.corrects,
    )
    if chained_digest(previous, envelope, event.payload_digest) != event.digest:
        return "l’empreinte ne suit pas celle de l’événement précédent"
    return None


def _orphans() -> Iterator[Break]:
    strays = db.session.execute(
        select(Event.id, Event.sequence)
        .outerjoin(Subject, Subject.id == Event.subject_id)
        .where(Subject.id.is_(None))
    )
    for event_id, sequence in strays:
        yield Break(f"événement nᵒ {event_id}", sequence, "le sujet n’existe pas")


def _seals(codes: dict[int, str]) -> Iterator[Break]:
    seals = db.session.scalars(select(Seal).order_by(Seal.partner_id, Seal.number)).all()
    for partner_id, of_partner in groupby(seals, key=lambda seal: seal.partner_id):
        code = codes.get(partner_id, "")
        previous = genesis(code, "seal")
        for number, seal in enumerate(of_partner, start=1):
            reason = _seal_reason(code, previous, number, seal)
            if reason:
                yield Break(f"scellé {seal.number} de {code}", None, reason)
                break
            previous = seal.digest


def _seal_reason(partner_code: str, previous: str, number: int, seal: Seal) -> str | None:
    if seal.number != number:
        return "un scellé précédent manque"
    heads = _sealed_heads(seal)
    listed = [(head.reference or "", head.sequence, head.digest) for head in heads]
    if seal_digest(previous, partner_code, seal.sealed_at, listed) != seal.digest:
        return "l’empreinte du scellé ne correspond plus à ce qu’il couvre"
    changed = next((head for head in heads if head.digest != head.digest_now), None)
    if changed is not None:
        return f"l’événement {changed.sequence} de {changed.reference} n’est plus celui qui a été scellé"
    return None


def _sealed_heads(seal: Seal) -> list[Row[tuple[str, int, str, str]]]:
    return list(
        db.session.execute(
            select(Subject.reference, SealHead.sequence, SealHead.digest, Event.digest.label("digest_now"))
            .select_from(SealHead)
            .outerjoin(Subject, Subject.id == SealHead.subject_id)
            .outerjoin(
                Event, (Event.subject_id == SealHead.subject_id) & (Event.sequence == SealHead.sequence)
            )
            .where(SealHead.seal_id == seal.id)
            .order_by(Subject.reference)
        )
    )
