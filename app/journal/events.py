"""The envelope of an event, and the digest that chains it to the one before.

digest = SHA-256(previous digest, envelope, SHA-256(salt, payload)). The payload enters by its own digest
only, so that destroying or redacting content (payload and salt) leaves the chain verifiable.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Payload = dict[str, Any]


@dataclass(frozen=True)
class Envelope:
    """What is said about an event, besides its content. Times are aware, in UTC, to the microsecond."""

    subject: str
    sequence: int
    type: str
    schema: int
    actor_id: int | None
    occurred_at: datetime
    recorded_at: datetime
    corrects: int | None

    def canonical(self) -> str:
        return _canonical(
            [
                self.subject,
                self.sequence,
                self.type,
                self.schema,
                self.actor_id,
                self.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
                self.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
                self.corrects,
            ]
        )


def genesis(partner_code: str, subject: str) -> str:
    """What stands for the digest before the first event of a subject."""
    return _sha256("genesis", partner_code, subject)


def payload_digest(salt: str, payload: Payload) -> str:
    return _sha256("payload", salt, _canonical(payload))


def chained_digest(previous: str, envelope: Envelope, digest_of_payload: str) -> str:
    return _sha256("event", previous, envelope.canonical(), digest_of_payload)


def seal_digest(
    previous: str, partner_code: str, sealed_at: datetime, heads: list[tuple[str, int, str]]
) -> str:
    """The digest of a seal: `heads` are (subject, last sequence, digest), sorted by subject."""
    moment = sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
    return _sha256("seal", previous, partner_code, moment, _canonical([list(head) for head in heads]))


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _sha256(*parts: str) -> str:
    # Each part is preceded by its length: no two lists of parts read the same.
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
