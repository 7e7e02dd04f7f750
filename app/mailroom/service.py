"""From the mailbox to the tickets: store what arrives, look at it once, deal with what is certain. Nothing commits.

A mail is stored before anything is made of it, and before the mailbox hears of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update

from app.accounts.policy import Actor, system_actor
from app.accounts.queries import account_by_email, partners_of
from app.extensions import db
from app.journal.technical import Trace, note
from app.kernel.errors import DomainError, NotFound
from app.kernel.personal_data import mask
from app.kernel.reference import find_references
from app.mailroom import authenticity, queries
from app.mailroom.ft_answers import ft_reference, guess
from app.mailroom.models import InboundMail
from app.mailroom.parsing import File, Letter, fingerprint, read
from app.mailroom.rules import (
    MOST_ATTEMPTS,
    RAW_KEPT,
    ROW_KEPT,
    Course,
    Decision,
    Seen,
    decide,
    domain_of,
    happened_at,
    is_declared,
)
from app.mailroom.vocabulary import Status, Verified, Why
from app.notifications.replies import Addressed, ReplyAddresses
from app.partners.models import Partner
from app.partners.queries import partner_by_code
from app.tickets import events as e
from app.tickets.desk import Desk, open_desk
from app.tickets.models import Ticket
from app.tickets.recording import attach
from app.tickets.service import file_ticket, perform
from app.tickets.vocabulary import Kind, State

NO_TITLE = "(sans objet)"


@dataclass(frozen=True)
class Office:
    """What the mailroom knows of its own desk. `partner` is the code of whose mail names nobody."""

    replies: ReplyAddresses
    authserv_id: str = ""
    partner: str = ""


@dataclass(frozen=True)
class Arrival:
    """A mail as the mailbox gives it. `raw` is None when it is too big: `headers` then say whose it is."""

    mailbox: str
    uid_validity: int
    uid: int
    size: int
    raw: bytes | None
    headers: bytes = b""


def store(arrival: Arrival, now: datetime) -> None:
    """Keep the mail, to be looked at next. One that is stored under another number leaves a mark alone."""
    mark = fingerprint(arrival.raw if arrival.raw is not None else arrival.headers)
    is_double = queries.is_stored(mark)
    row = InboundMail(
        mailbox=arrival.mailbox,
        uid_validity=arrival.uid_validity,
        uid=arrival.uid,
        size=arrival.size,
        fetched_at=now,
        received_at=now,
        fingerprint=None if is_double else mark,
        raw=None if is_double else arrival.raw,
        status=Status.DUPLICATE if is_double else Status.RECEIVED,
        dealt_at=now if is_double else None,
    )
    db.session.add(row)
    if not is_double and arrival.raw is None:
        letter = read(arrival.headers)
        _describe(row, letter, now)
    db.session.flush()


def take_next(now: datetime) -> int | None:
    """The key of the next mail to look at, counted as tried: one that stops its worker lets the others pass."""
    row = db.session.scalar(
        select(InboundMail)
        .where(InboundMail.status == Status.RECEIVED, InboundMail.attempts <= MOST_ATTEMPTS)
        .order_by(InboundMail.attempts, InboundMail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    row.attempts += 1
    return row.id


def sort(key: int, office: Office, now: datetime) -> None:
    """Look at a mail and deal with it, or leave it to a person. A mail that another worker has is left alone."""
    row = db.session.scalar(
        select(InboundMail)
        .where(InboundMail.id == key, InboundMail.status == Status.RECEIVED)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return
    if row.raw is None or row.attempts > MOST_ATTEMPTS:
        row.partner_id = _home_of(row.sender) or _fallback(office)
        _wait(row, Why.TOO_BIG if row.raw is None else Why.BROKEN)
        return
    letter = read(row.raw)
    context = _recognise(row, letter, office)
    _describe(row, letter, row.fetched_at)
    row.partner_id = context.partner_id
    row.subject_id = context.ticket.id if context.ticket else None
    row.account_id = context.actor.account_id if context.actor else None
    row.verified = context.verified
    seen = _seen(row, letter, context, office)
    decision = decide(seen)
    if seen.from_ft:
        row.ft_kind = seen.ft_kind
        row.ft_reference = mask(ft_reference(letter.subject, letter.words))
    _carry_out(row, decision, letter, context, now)


@dataclass(frozen=True)
class _Context:
    """Whose mail it is, who sent it, what it is about. `reply`: the person whom the desk had written to."""

    partner_id: int | None
    verified: Verified
    actor: Actor | None = None
    ticket: Ticket | None = None
    tickets: int = 0
    reply: Addressed | None = None
    declared: frozenset[str] = field(default_factory=frozenset)


def _recognise(row: InboundMail, letter: Letter, office: Office) -> _Context:
    """The partner comes from what the desk wrote, from who sends, from the tickets named, or from the setting."""
    verified = authenticity.verdict(letter.results, office.authserv_id, domain_of(letter.sender))
    addressed = office.replies.find(letter.recipients) or queries.addressed_by(letter.answers_to)
    about = queries.ticket_of(addressed) if addressed else None
    account = account_by_email(letter.sender) if letter.sender else None
    homes = [partner.id for partner in partners_of(account.id)] if account and account.active else []
    references = find_references(f"{letter.subject}\n{letter.text}")
    named = queries.tickets_named(references) if references else ()
    if about is not None:
        partner_id: int | None = about.partner_id
    elif len(homes) == 1:
        partner_id = homes[0]
    else:
        partner_id = _only({ticket.partner_id for ticket in named if not homes or ticket.partner_id in homes})
        partner_id = partner_id or _declared_by(letter.sender) or _fallback(office)
    here = [ticket for ticket in named if ticket.partner_id == partner_id]
    ticket = about or (here[0] if here else None)
    actor = queries.actor_in(account.id, partner_id) if account and partner_id else None
    declared = queries.ft_addresses(partner_id) if partner_id else frozenset()
    return _Context(partner_id, verified, actor, ticket, len(here), addressed if about else None, declared)


def _declared_by(sender: str) -> int | None:
    """The only partner whose conventions name the sender's very address; a domain serves them all."""
    return _only(
        {partner_id for partner_id in queries.partner_ids() if sender in queries.ft_addresses(partner_id)}
    )


def _home_of(sender: str) -> int | None:
    """The only partner of that person."""
    account = account_by_email(sender) if sender else None
    return _only({partner.id for partner in partners_of(account.id)}) if account else None


def _fallback(office: Office) -> int | None:
    """Whose a mail is that names nobody: the partner of the setting, or the only one that there is."""
    if office.partner:
        try:
            return partner_by_code(office.partner).id
        except NotFound:
            return None
    return _only(set(queries.partner_ids()))


def _only(keys: set[int]) -> int | None:
    return next(iter(keys)) if len(keys) == 1 else None


def _seen(row: InboundMail, letter: Letter, context: _Context, office: Office) -> Seen:
    actor, ticket = context.actor, context.ticket
    own = office.replies.address.lower()
    is_own = letter.sender == own or queries.outbox_row([letter.message_id]) is not None
    return Seen(
        letter=letter,
        verified=context.verified,
        is_own=is_own,
        knows_bounced_mail=letter.bounce is not None
        and queries.outbox_row(letter.bounce.message_ids) is not None,
        from_ft=bool(letter.sender) and is_declared(letter.sender, context.declared),
        is_reply=context.reply is not None,
        by_addressee=context.reply is not None
        and actor is not None
        and actor.account_id == context.reply.account_id,
        is_restricted=ticket is not None and ticket.restricted,
        is_known_person=actor is not None,
        tickets=context.tickets,
        recent=queries.recent_from(letter.sender, row.fetched_at, row.id) if letter.sender else 0,
        ft_kind=guess(letter.subject, letter.words),
        receipt_is_take_up=ticket is not None and _receipt_is_take_up(ticket, row.fetched_at),
    )


def _receipt_is_take_up(ticket: Ticket, now: datetime) -> bool:
    """Whether the ticket waits for its take-up, on a channel whose receipts are one."""
    facts = _desk(system_actor(ticket.partner_id), ticket.reference, now).facts
    return facts.receipt_is_take_up and facts.taken_up_at is None and facts.state is State.TRANSMITTED


def _describe(row: InboundMail, letter: Letter, now: datetime) -> None:
    """What the desk reads of the mail, without NIR or secret."""
    row.sender = letter.sender[:320]
    row.sender_name = mask(letter.sender_name)[:200]
    row.title = mask(letter.subject)[:400]
    row.text = mask(letter.words or letter.text)
    row.received_at = happened_at(letter.received_at, now)
    row.files = [{"name": mask(file.name), "size": len(file.content), "refused": ""} for file in letter.files]


# --- What is done ----------------------------------------------------------------------------------------


def _carry_out(
    row: InboundMail, decision: Decision, letter: Letter, context: _Context, now: datetime
) -> None:
    match decision.course:
        case Course.SET_ASIDE:
            _close(row, Status.SET_ASIDE, decision.why, now)
        case Course.MARK_BOUNCED:
            _mark_bounced(letter, now)
            _close(row, Status.SET_ASIDE, decision.why, now)
        case Course.WAIT:
            _wait(row, decision.why)
        case _:
            _record(row, decision, letter, context, now)


def _record(row: InboundMail, decision: Decision, letter: Letter, context: _Context, now: datetime) -> None:
    """Do by itself what is certain; what the ticket or the rights refuse waits for a person."""
    try:
        with db.session.begin_nested():
            if decision.course is Course.FILE:
                assert context.actor is not None
                ticket = _file(row, context.actor, now)
            elif decision.course is Course.COMMENT:
                assert context.actor is not None and context.ticket is not None
                ticket = _comment(row, context.actor, context.ticket.reference, now)
            else:
                assert context.ticket is not None
                receipt = e.ReceiptReceived(ft_reference=row.ft_reference, text=row.text)
                ticket = perform(
                    context.ticket.reference,
                    receipt,
                    actor=system_actor(context.ticket.partner_id),
                    now=now,
                    occurred_at=row.received_at,
                )
            row.event_sequence = ticket.version
            keep_files(
                row, letter.files, context.actor or system_actor(ticket.partner_id), ticket.reference, now
            )
    except DomainError as refusal:
        db.session.refresh(row)
        row.reason = refusal.message
        _wait(row, Why.UNVERIFIED if decision.course is Course.FILE else _REFUSED[decision.course])
        return
    row.subject_id = ticket.id
    _close(row, Status.DONE, decision.why, now)


_REFUSED = {Course.COMMENT: Why.REPLY_REFUSED, Course.RECORD_RECEIPT: Why.FT_ANSWER}


def _file(row: InboundMail, actor: Actor, now: datetime) -> Ticket:
    """A ticket to complete, in the name of who wrote."""
    filing = e.Filed(
        kind=Kind.QUESTION,
        subject=(row.title or NO_TITLE)[:200],
        text=row.text,
        tools=(),
        structure_id=_only(set(actor.structure_ids)),
        reporter_id=actor.account_id,
    )
    return file_ticket(filing, actor=actor, now=now)


def _comment(row: InboundMail, actor: Actor, reference: str, now: datetime) -> Ticket:
    """The answer of the person: to the question that was asked, or a message; internal from those of the desk."""
    desk = _desk(actor, reference, now)
    is_reporter = desk.facts.reporter_id == actor.account_id
    answers = is_reporter and desk.facts.state is State.WAITING_USER
    event: e.TicketEvent
    if answers:
        event = e.UserReplied(text=row.text)
    else:
        handles = not is_reporter and desk.may_record(e.Taken)
        event = e.Commented(text=row.text, internal=handles)
    return perform(reference, event, actor=actor, now=now)


def keep_files(
    row: InboundMail,
    files: Sequence[File],
    actor: Actor,
    reference: str,
    now: datetime,
    *,
    internal: bool = False,
) -> None:
    """Attach to the ticket what its rules accept; what they refuse is listed with the reason."""
    listed = []
    for file in files:
        refused = ""
        try:
            with db.session.begin_nested():
                desk = _desk(actor, reference, now)
                attach(desk, file.name, file.content, internal=internal, field="files")
        except DomainError as refusal:
            refused = refusal.message
        listed.append({"name": mask(file.name), "size": len(file.content), "refused": refused})
    row.files = listed


def _desk(actor: Actor, reference: str, now: datetime) -> Desk:
    zone = ZoneInfo(db.session.get_one(Partner, actor.partner_id).time_zone)
    return open_desk(actor, reference, now=now, zone=zone)


def _mark_bounced(letter: Letter, now: datetime) -> None:
    assert letter.bounce is not None
    sent = queries.outbox_row(letter.bounce.message_ids)
    assert sent is not None
    sent.bounced_at, sent.next_attempt_at = now, None
    sent.last_error = f"non remis\u00a0: {letter.bounce.reason}"[:300]


def _wait(row: InboundMail, why: Why) -> None:
    """Left to a person; kept apart from everyone while nothing says which partner it is for."""
    row.why = why
    row.status = Status.WAITING if row.partner_id is not None else Status.NOBODYS


def _close(row: InboundMail, status: Status, why: Why, now: datetime) -> None:
    row.status, row.why, row.dealt_at = status, why, now


# --- In time ---------------------------------------------------------------------------------------------


def look_again_at_nobodys(office: Office) -> int:
    """Have the mails of nobody sorted again once a partner is there for them; how many still wait for one."""
    nobodys = InboundMail.status == Status.NOBODYS
    if _fallback(office) is not None:
        db.session.execute(update(InboundMail).where(nobodys).values(status=Status.RECEIVED, attempts=0))
        return 0
    return db.session.scalar(select(func.count()).where(nobodys)) or 0


def forget_old(now: datetime) -> None:
    """Drop the raw mail and its words once it has been dealt with for long enough, then its row."""
    ended = InboundMail.status.in_([Status.DONE, Status.SET_ASIDE, Status.DUPLICATE])
    forgotten = db.session.execute(
        update(InboundMail)
        .where(ended, InboundMail.dealt_at < now - RAW_KEPT, InboundMail.raw.is_not(None))
        .values(raw=None, text="", title="", sender="", sender_name="", files=[])
    )
    db.session.execute(delete(InboundMail).where(ended, InboundMail.dealt_at < now - ROW_KEPT))
    if forgotten.rowcount:  # type: ignore[attr-defined]
        note(Trace.PURGED, now=now, what="courrier", details={"mails": forgotten.rowcount})  # type: ignore[attr-defined]
