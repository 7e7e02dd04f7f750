"""What a person makes of a mail that waits. Each verb ends it, once; none commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.accounts.policy import Actor
from app.extensions import db
from app.kernel.errors import Impossible, InvalidInput, NotFound
from app.kernel.reference import parse_reference
from app.mailroom.models import InboundMail
from app.mailroom.parsing import read
from app.mailroom.queries import MailRow, find_mail
from app.mailroom.service import keep_files
from app.mailroom.vocabulary import FtKind, Status
from app.partners.models import Partner
from app.tickets import events as e
from app.tickets.models import Ticket
from app.tickets.service import file_ticket, perform
from app.tickets.vocabulary import Kind


@dataclass(frozen=True)
class FtAnswer:
    """An answer of France Travail as the person confirms it."""

    kind: FtKind
    ticket: str
    occurred_at: datetime
    text: str
    ft_reference: str = ""
    expected_at: datetime | None = None

    @property
    def event(self) -> e.TicketEvent:
        """Raises InvalidInput on the text, where the event is nothing without it."""
        needs_text = self.kind not in (FtKind.RECEIPT, FtKind.TAKE_UP, FtKind.RETURN, FtKind.CLOSURE)
        if needs_text and not self.text:
            raise InvalidInput("Dites ce que France Travail indique.", field="text")
        match self.kind:
            case FtKind.RECEIPT:
                return e.ReceiptReceived(ft_reference=self.ft_reference, text=self.text)
            case FtKind.TAKE_UP:
                return e.TakenUp(ft_reference=self.ft_reference, text=self.text)
            case FtKind.QUESTION:
                return e.FtAsked(text=self.text)
            case FtKind.REFUSAL:
                return e.FtRefused(text=self.text)
            case FtKind.CAUSE:
                return e.CauseGiven(text=self.text)
            case FtKind.FORECAST:
                return e.ForecastGiven(text=self.text, expected_at=self.expected_at)
            case FtKind.RETURN:
                return e.ReturnAnnounced(text=self.text)
            case FtKind.CLOSURE:
                return e.FtClosed(text=self.text)


def record_answer(reference: str, answer: FtAnswer, *, actor: Actor, now: datetime) -> Ticket:
    """Make the mail an event of the ticket, at the time it is given, with its files for the desk alone.

    Raises NotFound, Impossible when the mail has been dealt with or the ticket forbids it, InvalidInput.
    """
    row = _waiting(reference, actor)
    ticket = perform(
        _ticket(answer.ticket), answer.event, actor=actor, now=now, occurred_at=answer.occurred_at
    )
    row.event_sequence = ticket.version
    noted = answer.kind not in (FtKind.RECEIPT, FtKind.TAKE_UP) and answer.ft_reference
    if noted and answer.ft_reference not in {known for _, known in _references(ticket)}:
        perform(
            ticket.reference,
            e.ReferenceNoted(label="France Travail", reference=answer.ft_reference),
            actor=actor,
            now=now,
        )
    _keep_files(row, actor, ticket.reference, now, internal=True)
    return _done(row, ticket, actor, now)


def attach_as_comment(
    reference: str, ticket: str, *, internal: bool, text: str, actor: Actor, now: datetime
) -> Ticket:
    """Add what the mail says to a ticket, as a comment of the person who sorts it. Raises as `record_answer`."""
    row = _waiting(reference, actor)
    zone = ZoneInfo(db.session.get_one(Partner, actor.partner_id).time_zone)
    arrived = row.received_at.astimezone(zone)
    origin = f"Courriel de {row.sender_name or row.sender or 'expéditeur illisible'}, reçu le {arrived:%d/%m/%Y à %H:%M}"
    comment = e.Commented(text=f"{origin}\u00a0:\n\n{text or row.title}", internal=internal)
    found = perform(_ticket(ticket), comment, actor=actor, now=now)
    row.event_sequence = found.version
    _keep_files(row, actor, found.reference, now, internal=internal)
    return _done(row, found, actor, now)


def make_ticket(reference: str, *, subject: str, text: str, actor: Actor, now: datetime) -> Ticket:
    """File a question from the mail, for the person of the partner who sent it, or for a caller of that address.

    Raises as `record_answer` does.
    """
    row = _waiting(reference, actor)
    filing = e.Filed(
        kind=Kind.QUESTION,
        subject=subject,
        text=text,
        tools=(),
        structure_id=None,
        reporter_id=row.account_id,
        caller="" if row.account_id else (row.sender_name or row.sender),
    )
    ticket = file_ticket(filing, actor=actor, now=now)
    row.event_sequence = ticket.version
    _keep_files(row, actor, ticket.reference, now, internal=False)
    return _done(row, ticket, actor, now)


def discard(reference: str, reason: str, *, actor: Actor, now: datetime) -> None:
    """Set the mail aside, with the reason. Raises NotFound, or Impossible when it has been dealt with."""
    row = _waiting(reference, actor)
    row.status, row.dealt_at, row.dealt_by, row.reason = Status.SET_ASIDE, now, actor.account_id, reason


def original(reference: str, actor: Actor) -> tuple[MailRow, bytes]:
    """The mail as it came. Raises NotFound once it is forgotten, or was never kept."""
    row = find_mail(actor, reference)
    if row.mail.raw is None:
        raise NotFound
    return row, row.mail.raw


def _waiting(reference: str, actor: Actor) -> InboundMail:
    row = find_mail(actor, reference, for_update=True).mail
    if row.status != Status.WAITING:
        raise Impossible("Ce courriel a déjà été traité.")
    return row


def _ticket(typed: str) -> str:
    return parse_reference(typed, field="ticket")


def _references(ticket: Ticket) -> tuple[tuple[str, str], ...]:
    return (("France Travail", ticket.ft_reference),) if ticket.ft_reference else ()


def _keep_files(row: InboundMail, actor: Actor, reference: str, now: datetime, *, internal: bool) -> None:
    if row.raw is not None and row.files:
        keep_files(row, read(row.raw).files, actor, reference, now, internal=internal)


def _done(row: InboundMail, ticket: Ticket, actor: Actor, now: datetime) -> Ticket:
    row.subject_id = ticket.id
    row.status, row.dealt_at, row.dealt_by = Status.DONE, now, actor.account_id
    return ticket
