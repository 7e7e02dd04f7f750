"""The forms of « Courrier à trier »."""

from __future__ import annotations

from wtforms import BooleanField, SelectField

from app.mailroom.dealing import FtAnswer
from app.mailroom.ft_answers import REFERENCE_LENGTH
from app.mailroom.queries import MailRow
from app.mailroom.vocabulary import FT_KIND_LABELS, FtKind
from app.web.forms import BaseForm, LineField, LongTextField, MomentField, Required, labelled

TICKET_LENGTH = 20


class FtAnswerForm(BaseForm):
    """An answer of France Travail, as it is about to be recorded."""

    ticket = LineField("Sollicitation", [Required()], max_length=TICKET_LENGTH)
    kind = SelectField("Ce que dit France Travail", choices=labelled(FT_KIND_LABELS))
    occurred_at = MomentField("Quand", [Required()])
    ft_reference = LineField("Référence de France Travail", max_length=REFERENCE_LENGTH)
    expected_at = MomentField("Retour prévu le")
    text = LongTextField("Texte repris dans la sollicitation")

    def propose(self, row: MailRow) -> None:
        """What the mail looks like; a receipt when it looks like nothing, for a receipt alone stops no clock."""
        self.ticket.data = row.ticket.reference if row.ticket else ""
        self.kind.data = row.mail.ft_kind or FtKind.RECEIPT
        self.occurred_at.data = row.mail.received_at
        self.ft_reference.data = row.mail.ft_reference
        self.text.data = row.mail.text

    @property
    def answer(self) -> FtAnswer:
        return FtAnswer(
            kind=FtKind(self.kind.data),
            ticket=self.ticket.data or "",
            occurred_at=self.occurred_at.data,
            text=self.text.data or "",
            ft_reference=self.ft_reference.data or "",
            expected_at=self.expected_at.data,
        )


class CommentForm(BaseForm):
    ticket = LineField("Sollicitation", [Required()], max_length=TICKET_LENGTH)
    text = LongTextField("Texte")
    internal = BooleanField("Note interne, que l’utilisateur ne voit pas")

    def propose(self, row: MailRow) -> None:
        self.ticket.data = row.ticket.reference if row.ticket else ""
        self.text.data = row.mail.text
        self.internal.data = True


class TicketForm(BaseForm):
    subject = LineField("En une phrase", [Required()])
    text = LongTextField("Ce qui se passe")

    def propose(self, row: MailRow) -> None:
        self.subject.data = row.mail.title[:200]
        self.text.data = row.mail.text


class DiscardForm(BaseForm):
    reason = LongTextField("Motif", [Required()], max_length=500)

    def propose(self, row: MailRow) -> None:
        """Nothing: the reason is the person's own."""
