"""Reading the journal back: every chain, every seal, and the first link of each that does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import func, select, text
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
    """The first broken link of each chain, then of each partner's seals, then the chains that have lost theirs.

    Nothing when all holds.
    """
    codes = {row.id: row.code for row in db.session.execute(text("SELECT id, code FROM partner"))}
    yield from _chains(codes)
    yield from _orphans()
    yield from _seals(codes)
    yield from _lost_seals()


def compare_seal(partner_code: str, number: int, digest: str) -> Break | None:
    """What is wrong with the seal that a mail once told, None when the journal still holds it.

    Someone who rewrote the whole history, digests and seals included, cannot rewrite that mail.
    """
    kept = db.session.scalar(
        select(Seal.digest).where(
            Seal.partner_id == select(text("id FROM partner WHERE code = :code")).scalar_subquery(),
            Seal.number == number,
        ),
        {"code": partner_code},
    )
    if kept == digest:
        return None
    reason = "ce scellé n’existe pas" if kept is None else "l’empreinte n’est plus celle qui a été envoyée"
    return Break(f"scellé {number} de {partner_code}", None, reason)


def _chains(codes: dict[int, str]) -> Iterator[Break]:
    # Columns, not objects: a session that lets go of its objects cannot stream any more of them.
    links = db.session.execute(
        select(
            Subject.id.label("chain"),
            Subject.partner_id.label("owner"),
            Subject.reference,
            Subject.head_sequence,
            Subject.head_digest,
            *Event.__table__.columns,
        )
        .outerjoin(Event, Event.subject_id == Subject.id)
        .order_by(Subject.id, Event.sequence)
        .execution_options(yield_per=BATCH)
    )
    for _, chain in groupby(links, key=lambda link: link.chain):
        broken = _first_break(codes, list(chain))
        if broken:
            yield broken


def _first_break(codes: dict[int, str], chain: list[Row[Any]]) -> Break | None:
    head = chain[0]
    previous, sequence = genesis(codes.get(head.owner, ""), head.reference), 0
    for link in chain:
        if link.sequence is None:
            continue
        sequence += 1
        reason = _reason(previous, sequence, link)
        if reason:
            return Break(head.reference, sequence, reason)
        previous = link.digest
    if (head.head_sequence, head.head_digest) != (sequence, previous):
        return Break(head.reference, head.head_sequence, "la fin de la chaîne manque ou a été modifiée")
    return None


def _reason(previous: str, sequence: int, link: Row[Any]) -> str | None:
    if link.sequence != sequence:
        return "événement manquant dans la suite"
    if link.partner_id != link.owner:
        return "le partenaire de l’événement a été modifié"
    if link.payload is None or link.salt is None:
        return "le contenu a disparu"
    if payload_digest(link.salt, link.payload) != link.payload_digest:
        return "le contenu a été modifié"
    envelope = Envelope(
        subject=link.reference,
        sequence=link.sequence,
        type=link.type,
        schema=link.schema,
        actor_id=link.actor_id,
        occurred_at=link.occurred_at,
        recorded_at=link.recorded_at,
        corrects=link.corrects,
    )
    if chained_digest(previous, envelope, link.payload_digest) != link.digest:
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


def _lost_seals() -> Iterator[Break]:
    """Chains said to be sealed further, or less far, than the seals that are left tell."""
    last = (
        select(SealHead.subject_id, func.max(SealHead.sequence).label("sequence"))
        .group_by(SealHead.subject_id)
        .subquery()
    )
    sealed = func.coalesce(last.c.sequence, 0)
    strays = db.session.execute(
        select(Subject.reference, Subject.sealed_sequence)
        .outerjoin(last, last.c.subject_id == Subject.id)
        .where(Subject.sealed_sequence != sealed)
        .order_by(Subject.id)
    )
    for reference, sequence in strays:
        yield Break(reference, sequence, "dite scellée jusque-là, mais aucun scellé ne finit là")


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
