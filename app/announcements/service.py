"""What people do with announcements: draft, edit, publish, add news, end, reopen, withdraw, read. Commits nothing."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert

from app.accounts.policy import Actor, Permission, Scope, check
from app.announcements import events as e
from app.announcements.following import is_over, milestones
from app.announcements.indexing import index_announcement
from app.announcements.models import (
    Announcement,
    AnnouncementReading,
    AnnouncementStructure,
    AnnouncementTool,
)
from app.announcements.notice import notice_of
from app.announcements.notices import notice_terms
from app.announcements.queries import find, find_for_update, of_ticket, records_of, tools_of
from app.announcements.rules import Facts, apply, check_content, fold, without_what_its_kind_lacks
from app.announcements.rules import check as check_rules
from app.announcements.vocabulary import Kind
from app.extensions import db
from app.journal.models import Subject
from app.journal.payloads import encode
from app.journal.service import lock_subject, open_subject, record
from app.kernel.clock import to_minute
from app.kernel.errors import Impossible, InvalidInput, Stale
from app.kernel.personal_data import refuse_nir
from app.kernel.reference import new_reference
from app.partners.models import Partner
from app.partners.queries import structures_of, tools_by_code
from app.partners.queries import tools_of as partner_tools
from app.tickets import queries as tickets
from app.tickets.fold import fold as fold_ticket
from app.tickets.vocabulary import IncidentType, Severity
from app.tickets.vocabulary import Kind as TicketKind

SUBJECT = "announcement"
_LABELS = {"title": "Titre", "text": "Texte", "reason": "Motif"}
_CHANGED = "L’annonce a changé depuis l’affichage de la page. Relisez-la avant de recommencer."


def draft(content: e.Content, *, actor: Actor, now: datetime, ticket_id: int | None = None) -> Announcement:
    """A new announcement that only those who write announcements see. Raises NotAllowed or InvalidInput."""
    _check_right(actor)
    content = _prepared(content, actor, now)
    partner = db.session.get_one(Partner, actor.partner_id)
    subject = open_subject(partner.id, partner.code, SUBJECT, new_reference())
    row = Announcement(id=subject.id, partner_id=partner.id, reference=subject.reference)
    event = e.Drafted(**_values(content), ticket_id=ticket_id)
    _record(row, subject, None, e.Recorded(1, event, now, now, actor.account_id))
    return row


def edit(
    reference: str, content: e.Content, *, actor: Actor, now: datetime, seen: int | None = None
) -> Announcement:
    """Say it otherwise; what was said stays in its history. Raises as `draft`, and Stale, Impossible, NotFound."""
    _check_right(actor)
    return perform(
        reference, e.Edited(**_values(_prepared(content, actor, now))), actor=actor, now=now, seen=seen
    )


def publish(
    reference: str, *, actor: Actor, now: datetime, at: datetime | None = None, seen: int | None = None
) -> Announcement:
    """Let those concerned read it, now or from `at` on. Raises as `edit`."""
    publish_at = max(to_minute(at), now) if at is not None else now
    return perform(reference, e.Published(publish_at=publish_at), actor=actor, now=now, seen=seen)


def perform(
    reference: str, event: e.AnnouncementEvent, *, actor: Actor, now: datetime, seen: int | None = None
) -> Announcement:
    """Record that `event` happens to the announcement now.

    `seen` is the version that the person had before their eyes. Raises NotFound, NotAllowed, Stale, Impossible
    when the state forbids it, InvalidInput when what was typed is wrong.
    """
    _check_right(actor)
    row = find_for_update(actor, reference, now)
    subject = lock_subject(row.id)
    facts = fold(records_of(row.id))
    if seen is not None and seen != facts.version and not isinstance(event, e.NewsAdded):
        raise Stale(_CHANGED)
    _refuse_nir(event)
    check_rules(facts, event, now)
    _record(row, subject, facts, e.Recorded(facts.version + 1, event, now, now, actor.account_id))
    return row


def announce_ticket(reference: str, *, actor: Actor, now: datetime) -> Announcement:
    """Tell those concerned of an incident, in one go: published at once, with the steps gone through so far.

    The second click leads to the announcement of the first. Nothing that people typed in the ticket is repeated:
    the title says which tools. Raises NotFound, NotAllowed, and Impossible for what is not an incident under way.
    """
    _check_right(actor)
    ticket = tickets.find(actor, reference)
    lock_subject(ticket.id)
    standing = of_ticket(actor.partner_id, ticket.id)
    if standing is not None:
        return standing
    records = tickets.records_of(ticket.id)
    facts = fold_ticket(records)
    if facts.restricted or facts.kind is not TicketKind.INCIDENT or not facts.tools:
        raise Impossible("Seul un incident qui touche un outil s’annonce à partir de sa sollicitation.")
    if is_over(facts):
        raise Impossible("L’incident est terminé : il n’y a plus rien à annoncer.")
    severity = facts.severity or Severity.DEGRADATION
    content = e.Content(
        kind=Kind.INCIDENT,
        title=_title_of_incident(facts.tools, facts.incident_type),
        tools=facts.tools,
        severity=severity,
        starts_at=facts.severities[0][0] if facts.severities else facts.since or facts.filed_at,
    )
    row = draft(content, actor=actor, now=now, ticket_id=ticket.id)
    row = perform(row.reference, e.Published(publish_at=now), actor=actor, now=now)
    for step, line in milestones(records):
        follow(row, line, at=step.occurred_at, actor_id=actor.account_id, now=now)
    return row


def follow(
    row: Announcement, event: e.AnnouncementEvent, *, at: datetime, actor_id: int | None, now: datetime
) -> None:
    """Record what the ticket makes happen to its announcement. `following.py` decided: nothing is checked anew."""
    subject = lock_subject(row.id)
    facts = fold(records_of(row.id))
    _record(row, subject, facts, e.Recorded(facts.version + 1, event, at, now, actor_id))


def mark_read(reference: str, *, actor: Actor, now: datetime) -> None:
    """The person has read it. Raises NotFound when it is not theirs to read."""
    row = find(actor, reference, now)
    assert actor.account_id is not None, "the desk itself reads nothing"
    db.session.merge(AnnouncementReading(announcement_id=row.id, account_id=actor.account_id, read_at=now))


# --- What goes along with an event -----------------------------------------------------------------------


def _check_right(actor: Actor) -> None:
    check(actor, Permission.ANNOUNCEMENT_WRITE, Scope(partner_id=actor.partner_id))


def _prepared(content: e.Content, actor: Actor, now: datetime) -> e.Content:
    """The content as it will be kept: checked, to the minute, with the notice that the convention sets."""
    values = without_what_its_kind_lacks(content)
    for name in ("starts_at", "ends_at", "announced_at"):
        values[name] = to_minute(values[name]) if values[name] is not None else None
    content = e.Content(**values)
    check_content(content, now)
    _refuse_nir(content)
    _check_belongings(content, actor.partner_id)
    if content.kind is not Kind.CHANGE or content.level is None or content.announced_at is None:
        return replace(content, notice="", notice_source="", notice_is_contractual=False)
    zone = ZoneInfo(db.session.get_one(Partner, actor.partner_id).time_zone)
    day = content.announced_at.astimezone(zone).date()
    terms = notice_terms(actor.partner_id, content.tools, content.level, day)
    if terms is None:
        return replace(content, notice="", notice_source="", notice_is_contractual=False)
    return replace(
        content,
        notice=terms.period,
        notice_source=terms.source,
        notice_is_contractual=terms.is_contractual,
    )


def _check_belongings(content: e.Content, partner_id: int) -> None:
    """The tools and structures must be the partner's. Raises InvalidInput."""
    if not set(content.tools) <= {tool.code for tool in partner_tools(partner_id)}:
        raise InvalidInput("Un de ces outils n’est pas dans vos conventions.", field="tools")
    known = {row.id for row in structures_of(partner_id, active_only=False)}
    if not set(content.structures) <= known:
        raise InvalidInput("Une de ces structures n’existe pas.", field="structures")


def _refuse_nir(event: e.AnnouncementEvent) -> None:
    """No social-security number enters the journal (rules.md, « NIR »)."""
    for name, label in _LABELS.items():
        refuse_nir(getattr(event, name, ""), name, label)


def _title_of_incident(tool_codes: tuple[str, ...], incident_type: IncidentType | None) -> str:
    """« Suivi de parcours et OuiForm : incident en cours ». How they fare, which changes, stands beside it."""
    names = [tool.name for tool in tools_by_code(tool_codes)]
    shown = names if len(names) < 4 else [*names[:2], f"{len(names) - 2} autres outils"]
    joined = " et ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    trouble = "anomalie en cours" if incident_type is IncidentType.APPLICATION else "incident en cours"
    return f"{joined} : {trouble}"


def _values(content: e.Content) -> dict[str, Any]:
    return {item.name: getattr(content, item.name) for item in fields(e.Content)}


def _record(row: Announcement, subject: Subject, before: Facts | None, attempted: e.Recorded) -> None:
    record(
        subject,
        attempted.event.type,
        encode(attempted.event),
        actor_id=attempted.actor_id,
        occurred_at=attempted.occurred_at,
        now=attempted.recorded_at,
    )
    after = apply(before, attempted)
    write(row, after)
    index_announcement(row, after)


def write(row: Announcement, facts: Facts) -> None:
    """Bring the rows of the announcement, new or not, up to its facts."""
    zone = ZoneInfo(db.session.get_one(Partner, row.partner_id).time_zone)
    for name, value in columns(facts, zone).items():
        setattr(row, name, value)
    db.session.add(row)
    db.session.flush()
    content = facts.content
    if tools_of([row.id]).get(row.id, ()) != content.tools:
        db.session.execute(delete(AnnouncementTool).where(AnnouncementTool.announcement_id == row.id))
        rows = [
            {"announcement_id": row.id, "tool_code": code, "rank": rank}
            for rank, code in enumerate(content.tools)
        ]
        if rows:
            db.session.execute(insert(AnnouncementTool), rows)
    db.session.execute(delete(AnnouncementStructure).where(AnnouncementStructure.announcement_id == row.id))
    if content.structures:
        chosen = [{"announcement_id": row.id, "structure_id": key} for key in content.structures]
        db.session.execute(insert(AnnouncementStructure), chosen)


def columns(facts: Facts, zone: ZoneInfo) -> dict[str, object]:
    """The columns of `Announcement` that events decide."""
    content = facts.content
    notice = notice_of(content, zone)
    return {
        "version": facts.version,
        "kind": content.kind.value,
        "state": facts.state.value,
        "title": content.title,
        "text": content.text,
        "severity": facts.severity and facts.severity.value,
        "level": content.level and content.level.value,
        "for_all_tools": not content.tools,
        "for_all_structures": not content.structures,
        "ticket_id": facts.ticket_id,
        "starts_at": content.starts_at,
        "ends_at": content.ends_at,
        "announced_at": content.announced_at,
        "notice_kept": None if notice is None or notice.exempt else notice.kept,
        "drafted_at": facts.drafted_at,
        "updated_at": facts.updated_at,
        "publish_at": facts.publish_at,
        "news_since": facts.news_since,
        "over_at": facts.over_at,
        "mail_sequence": facts.mail_sequence,
    }
