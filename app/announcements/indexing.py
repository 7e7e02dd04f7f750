"""What of an announcement the search finds. Who may read it is decided on the hits (`lists.search_hits`)."""

from __future__ import annotations

from app.announcements.models import Announcement
from app.announcements.rules import Facts
from app.announcements.vocabulary import State
from app.infra import search


def index_announcement(row: Announcement, facts: Facts) -> None:
    """Bring the index up to the announcement. A draft or what is withdrawn has no row there."""
    if facts.state in (State.DRAFT, State.WITHDRAWN):
        search.remove(search.ANNOUNCEMENTS, row.id)
        return
    texts = [row.reference, facts.content.title, facts.content.text, *(line.text for line in facts.news)]
    search.index(search.ANNOUNCEMENTS, row.id, row.partner_id, filter(None, texts))
