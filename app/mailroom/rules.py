"""What becomes of a mail that arrives: dealt with by itself, set aside, or left to a person. Pure.

Nothing that rests on the sender's word alone is done by itself: it takes a token that the desk gave, or the
verdict of our own mail server.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.mailroom.ft_answers import is_absence
from app.mailroom.parsing import Letter
from app.mailroom.vocabulary import FtKind, Verified, Why

# Beyond this size only the headers are fetched. Each file of a ticket holds 10 MB, and base 64 adds a third.
MAX_BYTES = 20 * 1024 * 1024
MOST_PER_HOUR = 20
RATE_WINDOW = timedelta(hours=1)
# The raw mail and its text, then the row that keeps it from being fetched twice.
RAW_KEPT = timedelta(days=30)
ROW_KEPT = timedelta(days=365)
# How many times a mail that stops its worker is tried before a person is asked.
MOST_ATTEMPTS = 3

# Anyone may have an address there: the domain says nothing of who writes.
_PUBLIC_PROVIDERS = frozenset(
    {
        "gmail.com",
        "outlook.com",
        "outlook.fr",
        "hotmail.com",
        "hotmail.fr",
        "live.fr",
        "yahoo.fr",
        "yahoo.com",
    }
    | {
        "orange.fr",
        "wanadoo.fr",
        "free.fr",
        "sfr.fr",
        "laposte.net",
        "icloud.com",
        "proton.me",
        "protonmail.com",
    }
)


class Course(StrEnum):
    """What is done with the mail."""

    WAIT = "wait"
    SET_ASIDE = "set-aside"
    COMMENT = "comment"
    FILE = "file"
    RECORD_RECEIPT = "record-receipt"
    MARK_BOUNCED = "mark-bounced"


@dataclass(frozen=True)
class Decision:
    course: Course
    why: Why


@dataclass(frozen=True)
class Seen:
    """What is known of a mail beside its own words.

    `is_reply`: its address or its references hold what the desk alone could have written; `by_addressee`: from the
    address of the very person whom the desk had written to. `tickets`: how many of the partner's it names.
    `receipt_is_take_up`: on the channel of its ticket, a receipt is the take-up.
    """

    letter: Letter
    verified: Verified
    is_own: bool = False
    knows_bounced_mail: bool = False
    from_ft: bool = False
    is_reply: bool = False
    by_addressee: bool = False
    is_restricted: bool = False
    is_known_person: bool = False
    tickets: int = 0
    recent: int = 0
    ft_kind: FtKind | None = None
    receipt_is_take_up: bool = False


def decide(seen: Seen) -> Decision:
    """What becomes of the mail, and why."""
    letter = seen.letter
    if seen.is_own:
        return Decision(Course.SET_ASIDE, Why.LOOP)
    if letter.bounce is not None:
        return _bounced(seen, failed=letter.bounce.failed)
    if letter.broken:
        return Decision(Course.WAIT, Why.BROKEN)
    if seen.recent >= MOST_PER_HOUR:
        return Decision(Course.WAIT, Why.TOO_MANY)
    # The receipts of France Travail are automatic messages: they are looked at before those are set aside.
    if seen.from_ft and not seen.is_reply and not is_absence(letter.subject):
        return _from_ft(seen)
    if is_automatic(letter):
        return Decision(Course.SET_ASIDE, Why.AUTOMATIC)
    if seen.is_reply:
        return _reply(seen)
    if seen.is_known_person:
        return _from_known_person(seen)
    return Decision(Course.WAIT, Why.UNKNOWN_SENDER)


def is_automatic(letter: Letter) -> bool:
    """Whether a machine sent it, and says so (RFC 3834), or its subject is that of an absence."""
    said = letter.headers
    return (
        said.get("Auto-Submitted", "") not in ("", "no")
        or said.get("Precedence", "") in ("bulk", "junk", "list", "auto_reply")
        or bool(said.get("X-Autoreply") or said.get("X-Autorespond"))
        or is_absence(letter.subject)
    )


def may_be_automatic(letter: Letter) -> bool:
    """Whether it carries what machines often add, and some mail programs of people too."""
    return bool(letter.headers.get("X-Auto-Response-Suppress") or letter.headers.get("List-Id"))


def is_declared(address: str, declared: Collection[str]) -> bool:
    """Whether `address` is one of the declared ones, or of their domain where not everyone has an address there."""
    domain = domain_of(address)
    own = {domain_of(one) for one in declared} - _PUBLIC_PROVIDERS - {""}
    return address in declared or any(domain == one or domain.endswith("." + one) for one in own)


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


def happened_at(received_at: datetime | None, fetched_at: datetime) -> datetime:
    """When the mail arrived. What is illegible or in the future gives way to when we fetched it."""
    return fetched_at if received_at is None or received_at > fetched_at else received_at


def _bounced(seen: Seen, *, failed: bool) -> Decision:
    if not failed:
        return Decision(Course.SET_ASIDE, Why.AUTOMATIC)  # late, or delivered: nothing is to be done
    if seen.knows_bounced_mail:
        return Decision(Course.MARK_BOUNCED, Why.BOUNCE)
    return Decision(Course.WAIT, Why.BOUNCE_UNKNOWN)


def _from_ft(seen: Seen) -> Decision:
    if seen.verified is not Verified.PASSED:
        return Decision(Course.WAIT, Why.FT_UNVERIFIED)
    if seen.tickets == 0:
        return Decision(Course.WAIT, Why.FT_WITHOUT_REFERENCE)
    by_rule = seen.receipt_is_take_up and seen.ft_kind is FtKind.RECEIPT and seen.tickets == 1
    if by_rule and not seen.is_restricted:
        return Decision(Course.RECORD_RECEIPT, Why.FT_RECORDED)
    return Decision(Course.WAIT, Why.FT_ANSWER)


def _reply(seen: Seen) -> Decision:
    if not seen.by_addressee:
        return Decision(Course.WAIT, Why.REPLY_OTHER_SENDER)
    if seen.verified is Verified.FAILED:
        return Decision(Course.WAIT, Why.UNVERIFIED)
    # What concerns a case is read by its readers first, and enters it by their hand.
    if seen.is_restricted:
        return Decision(Course.WAIT, Why.REPLY_REFUSED)
    return _if_written(seen.letter, Decision(Course.COMMENT, Why.REPLY))


def _from_known_person(seen: Seen) -> Decision:
    if seen.tickets:
        return Decision(Course.WAIT, Why.NAMES_TICKET)
    if seen.verified is not Verified.PASSED:
        return Decision(Course.WAIT, Why.UNVERIFIED)
    return _if_written(seen.letter, Decision(Course.FILE, Why.NEW_TICKET))


def _if_written(letter: Letter, decision: Decision) -> Decision:
    if may_be_automatic(letter):
        return Decision(Course.WAIT, Why.AUTOMATIC_HINT)
    return decision if letter.words else Decision(Course.WAIT, Why.EMPTY)
