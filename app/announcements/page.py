"""The page of an announcement in words: its thread, whom it is for, the notice of a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise

from app.announcements import events as e
from app.announcements.notice import notice_of, say_notice
from app.announcements.rules import Facts
from app.announcements.wording import icon_of_news, title_of_news


@dataclass(frozen=True)
class Moment:
    """One line of the thread. `recorded_at` is None when it adds nothing; `who` is told to writers only."""

    icon: str
    title: str
    text: str
    at: datetime
    who: str = ""
    tone: str = ""
    article: str = ""
    article_title: str = ""


@dataclass(frozen=True)
class NoticeLine:
    """What is said of the notice of a change, with where it comes from."""

    words: str
    kept: bool
    source: str
    is_contractual: bool


def thread(
    records: Sequence[e.Recorded], facts: Facts, zone: tzinfo, names: Mapping[int, str] | None = None
) -> list[Moment]:
    """What happened to the announcement, the last first. With `names`, the edits and their authors too."""
    kept = {line.sequence: line for line in facts.news}
    moments = []
    for record in records:
        who = names.get(record.actor_id or 0, "Le service") if names is not None else ""
        match record.event:
            case e.NewsAdded():
                if (line := kept.get(record.sequence)) is not None:
                    moments.append(
                        Moment(
                            icon_of_news(line),
                            title_of_news(line, zone),
                            line.text,
                            line.at,
                            who,
                            article=line.article,
                            article_title=line.article_title,
                        )
                    )
            case e.Published(publish_at=publish_at):
                moments.append(Moment("megaphone", "Annonce publiée", "", publish_at, who, "accent"))
            case e.Ended(text=text, restored=restored):
                title = "Service rétabli" if restored else "Annonce terminée"
                moments.append(Moment("circle-check", title, text, record.occurred_at, who, "accent"))
            case e.Reopened(text=text):
                moments.append(
                    Moment("rotate-ccw", "De nouveau en cours", text, record.occurred_at, who, "warning")
                )
            case e.Withdrawn(reason=reason):
                moments.append(Moment("circle-slash", "Annonce retirée", reason, record.occurred_at, who))
            case e.Edited():
                moments.append(Moment("pencil", "Annonce modifiée", "", record.occurred_at, who))
            case e.Drafted() if names is not None:
                moments.append(Moment("file-text", "Annonce rédigée", "", record.occurred_at, who))
    order = {id(moment): rank for rank, moment in enumerate(moments)}
    return sorted(moments, key=lambda moment: (moment.at, order[id(moment)]), reverse=True)


def notice_line(content: e.Content, zone: tzinfo) -> NoticeLine | None:
    """The notice of a change; None for what has none to keep."""
    notice = notice_of(content, zone)
    if notice is None:
        return None
    source = "" if notice.exempt else content.notice_source
    return NoticeLine(say_notice(notice), notice.kept, source, content.notice_is_contractual)


def former_versions(records: Sequence[e.Recorded]) -> list[tuple[datetime, e.Content]]:
    """What the announcement said before each edit, the most recent first, with when it ceased to say so."""
    said = [record for record in records if isinstance(record.event, e.Content)]
    versions = [(later.recorded_at, former.event) for former, later in pairwise(said)]
    return [(at, content) for at, content in reversed(versions) if isinstance(content, e.Content)]
