"""The form of a workaround: how to do, its article, and whom to tell besides the reporters."""

from __future__ import annotations

from wtforms import RadioField, SelectField

from app.accounts.policy import Permission, can
from app.documentation.vocabulary import KIND_LABELS
from app.partners.structures import structures_using
from app.tickets.desk import Desk
from app.tickets.forms import Dated
from app.tickets.page import ClockView
from app.tickets.vocabulary import WORKAROUND_LABELS, WorkaroundScope
from app.tickets.workaround_articles import usable_articles
from app.tickets.workaround_giving import Offer, touched_structures
from app.web.forms import LineField, LongTextField, MultiCheckboxField, labelled, options

TITLE_LENGTH = 160
EVERY_STRUCTURE = "toutes"


class WorkaroundForm(Dated):
    scope = RadioField(
        "Portée",
        choices=labelled(WORKAROUND_LABELS),
        coerce=WorkaroundScope,
        description="Total et validé, il vaut remise en service\u00a0; partiel, il n’arrête aucun délai.",
    )
    text = LongTextField(
        "Comment faire, pour les personnes concernées",
        description="Facultatif si un article l’explique.",
    )
    article = SelectField("Article de la documentation")
    article_title = LineField(
        "Ou faire un article de ce texte, sous le titre",
        max_length=TITLE_LENGTH,
        description="Il est publié pour tous, et à relire quand la réparation vient.",
    )
    structures = MultiCheckboxField(
        "Prévenir aussi les personnes de ces structures",
        description="Le demandeur et ceux qui ont dit «\u00a0moi aussi\u00a0» le reçoivent dans tous les cas, une seule fois.",
    )

    def prepare(self, desk: Desk, clocks: list[ClockView]) -> None:
        found = usable_articles(desk.actor, desk.facts.tools)
        self.article.choices = options(
            [("", "Aucun"), *((hit.slug, f"{hit.title} ({KIND_LABELS[hit.kind].lower()})") for hit in found)]
        )
        if not can(desk.actor, Permission.DOCUMENTATION_WRITE):
            del self.article_title
        names = {row.id: row.name for row in desk.structures()}
        touched = [(str(key), names[key]) for key in touched_structures(desk) if key in names]
        every = (EVERY_STRUCTURE, "Toutes celles qui utilisent l’outil")
        self.structures.choices = options([*touched, every])

    def offer(self, desk: Desk) -> Offer:
        """What was typed."""
        ticked = self.structures.data or []
        if EVERY_STRUCTURE in ticked:
            structures = structures_using(desk.ticket.partner_id, desk.facts.tools)
        else:
            structures = tuple(int(key) for key in ticked)
        title = self.article_title.data if "article_title" in self else ""
        return Offer(self.scope.data, self.text.data or "", self.article.data or "", title or "", structures)
