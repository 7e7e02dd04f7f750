"""Believable tickets in bulk, valid for `flask tickets verify` and `flask journal verify`.

The same rules fold the events and reckon the clocks as in the application; only the writing is in bulk.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text

from app.deadlines.models import Deadline, StoredReading
from app.deadlines.service import readings_by_digest, store_reading
from app.extensions import db
from app.infra import search
from app.infra.tx import transaction
from app.journal.events import Envelope, chained_digest, genesis, payload_digest
from app.journal.models import Event, Subject
from app.kernel.reference import new_reference
from app.partners.profiles import reading_for
from app.tickets import events as e
from app.tickets.clocks import clocks_of
from app.tickets.facts import Facts
from app.tickets.fold import apply
from app.tickets.indexing import searchable_texts
from app.tickets.models import Ticket, TicketTool
from app.tickets.payloads import to_payload
from app.tickets.projection import columns, projected_clocks
from app.tickets.vocabulary import Conclusion, IncidentType, Kind, Severity

BATCH = 2_000
CONVENTION = "pas-de-calais-2024"
TOOLS = (
    "suivi-de-parcours",
    "api-recherche-usager",
    "api-statut-usager",
    "api-diagnostic-individu",
    "connexion",
)
WORDS = [
    "portail",
    "connexion",
    "page",
    "blanche",
    "erreur",
    "orientation",
    "rendez-vous",
    "usager",
    "dossier",
    "diagnostic",
    "contrat",
    "réponse",
    "lente",
    "jeton",
    "refusé",
    "habilitation",
    "suspendue",
    "fichier",
    "vide",
    "export",
    "bloqué",
    "certificat",
    "navigateur",
    "synthèse",
    "entretien",
]
RARE_WORD = "zygomatique"
RARE_EVERY = 10_000


@dataclass
class Desk:
    """Where the tickets go: keys that must exist."""

    partner_id: int
    partner_code: str
    convention_id: int
    structure_id: int
    reporter_id: int
    correspondent_id: int


def load(desk: Desk, count: int, *, seed: int = 1, until: datetime | None = None) -> None:
    """Write `count` tickets over the fourteen months before `until`, nine in ten closed."""
    rng = random.Random(seed)
    until = until or datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    first_id = (db.session.scalar(text("SELECT coalesce(max(id), 0) FROM subject")) or 0) + 1
    span = timedelta(days=425) / count
    start = until - timedelta(days=425)
    for offset in range(0, count, BATCH):
        size = min(BATCH, count - offset)
        with transaction():
            batch = Batch(desk, rng)
            for index in range(offset, offset + size):
                recent = count - index <= count // 10
                batch.add(first_id + index, start + span * index, life(desk, rng, index, closed=not recent))
            batch.write()
        print(f"\r{offset + size} / {count}", end="", file=sys.stderr)
    print(file=sys.stderr)
    with db.engine.begin() as connection:
        connection.execute(text("ANALYZE"))


def life(
    desk: Desk, rng: random.Random, index: int, *, closed: bool
) -> Iterator[tuple[timedelta, e.TicketEvent, int]]:
    """The events of one ticket: minutes since the one before, the event, its author."""
    user, desk_id = desk.reporter_id, desk.correspondent_id
    kind = rng.choice((Kind.INCIDENT, Kind.INCIDENT, Kind.QUESTION))
    availability = kind is Kind.INCIDENT and rng.random() < 0.5
    words = rng.sample(WORDS, 8)
    if index % RARE_EVERY == 7:
        words.append(RARE_WORD)
    tool = rng.choice(TOOLS)
    incident_type = None
    if kind is Kind.INCIDENT:
        incident_type = IncidentType.AVAILABILITY if availability else IncidentType.APPLICATION
    severity = Severity.INTERRUPTION if availability else None
    yield (
        timedelta(),
        e.Filed(
            kind=kind,
            subject=" ".join(words[:4]).capitalize(),
            text=" ".join(words) + ".",
            tools=(tool,),
            structure_id=desk.structure_id,
            reporter_id=user,
            incident_type=incident_type,
            severity=severity,
            convention_id=desk.convention_id,
        ),
        user,
    )
    if not closed and rng.random() < 0.3:
        return
    yield minutes(rng, 60), e.Taken(assignee_id=desk_id), desk_id
    if kind is Kind.QUESTION:
        yield minutes(rng, 60), e.Answered(text="Voici la marche à suivre."), desk_id
    else:
        yield minutes(rng, 30), e.Diagnosed(express=True, conclusion=Conclusion.FRANCE_TRAVAIL), desk_id
        for number in range(20 if index % 100 == 0 else 1):
            yield minutes(rng, 5), e.Commented(text=f"Relevé {number}", internal=True), desk_id
        yield minutes(rng, 30), e.Transmitted(channel="Formulaire", text=" ".join(words)), desk_id
        yield minutes(rng, 20), e.ReceiptReceived(ft_reference=f"FT-{index}"), desk_id
        yield minutes(rng, 10), e.TakenUp(), desk_id
        if not closed and rng.random() < 0.6:
            return
        yield minutes(rng, 900), e.ReturnAnnounced(), desk_id
        if not closed and rng.random() < 0.5:
            return
        yield minutes(rng, 60), e.ReturnConfirmed(), desk_id
    if closed:
        yield minutes(rng, 600), e.Closed(), desk_id


def minutes(rng: random.Random, most: int) -> timedelta:
    return timedelta(minutes=rng.randint(1, most))


class Batch:
    """Rows of some tickets, written together."""

    def __init__(self, desk: Desk, rng: random.Random) -> None:
        self.desk = desk
        self.rng = rng
        self.rows: dict[type[Any], list[dict[str, Any]]] = {
            model: [] for model in (Subject, Event, Ticket, TicketTool, Deadline)
        }
        self.texts: list[tuple[int, list[str], list[str]]] = []

    def add(self, key: int, moment: datetime, story: Iterator[tuple[timedelta, e.TicketEvent, int]]) -> None:
        reference = new_reference(self.rng)
        previous = genesis(self.desk.partner_code, reference)
        facts: Facts | None = None
        records: list[e.Recorded] = []
        for sequence, (step, event, author) in enumerate(story, start=1):
            moment += step
            record = e.Recorded(sequence, event, moment, moment, author)
            facts = apply(facts, record)
            readings = self._readings(facts)
            facts = replace(facts, readings={**facts.readings, **readings})
            records.append(replace(record, readings=readings))
            previous = self._event(key, reference, previous, records[-1])
        assert facts is not None
        self.rows[Subject].append(
            {
                "id": key,
                "partner_id": self.desk.partner_id,
                "kind": "ticket",
                "reference": reference,
                "head_sequence": facts.version,
                "head_digest": previous,
                "sealed_sequence": 0,
            }
        )
        self._project(key, reference, facts)
        public, internal = searchable_texts(reference, records)
        self.texts.append((key, public, internal))

    def _readings(self, facts: Facts) -> dict[str, str]:
        digests = {}
        for clock in clocks_of(facts):
            if clock.key not in facts.readings:
                reading = reading_for(CONVENTION, clock.clock, clock.applies_to, clock.reckoned_from)
                store_reading(reading)
                digests[clock.key] = reading.digest
        return digests

    def _event(self, key: int, reference: str, previous: str, record: e.Recorded) -> str:
        envelope = Envelope(
            reference,
            record.sequence,
            record.event.type,
            1,
            record.actor_id,
            record.occurred_at,
            record.recorded_at,
            None,
        )
        payload = to_payload(record.event, record.readings)
        salt = f"{self.rng.getrandbits(128):032x}"
        hidden = payload_digest(salt, payload)
        digest = chained_digest(previous, envelope, hidden)
        self.rows[Event].append(
            {
                "partner_id": self.desk.partner_id,
                "subject_id": key,
                "sequence": record.sequence,
                "type": record.event.type,
                "schema": 1,
                "actor_id": record.actor_id,
                "occurred_at": record.occurred_at,
                "recorded_at": record.recorded_at,
                "corrects": None,
                "payload": payload,
                "salt": salt,
                "payload_digest": hidden,
                "digest": digest,
            }
        )
        return digest

    def _project(self, key: int, reference: str, facts: Facts) -> None:
        clocks = projected_clocks(facts, readings_by_digest(facts.readings.values()))
        identity = {"id": key, "partner_id": self.desk.partner_id, "reference": reference}
        self.rows[Ticket].append(identity | columns(facts, clocks))
        for rank, tool in enumerate(facts.tools):
            self.rows[TicketTool].append(
                {"ticket_id": key, "tool_code": tool, "partner_id": self.desk.partner_id, "rank": rank}
            )
        for clock in clocks:
            row = {**vars(clock), "partner_id": self.desk.partner_id, "subject_id": key}
            row["reading_id"] = reading_key(row.pop("reading"))
            self.rows[Deadline].append(row)

    def write(self) -> None:
        for model, rows in self.rows.items():
            if rows:
                db.session.execute(insert(model), rows)
        for key, public, internal in self.texts:
            search.index(search.TICKETS, key, self.desk.partner_id, public, internal)


_reading_keys: dict[str, int] = {}


def reading_key(digest: str) -> int:
    if digest not in _reading_keys:
        key = db.session.scalar(db.select(StoredReading.id).where(StoredReading.digest == digest))
        assert key is not None
        _reading_keys[digest] = key
    return _reading_keys[digest]
