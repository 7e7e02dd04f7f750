"""The form of `/mon-compte/messages`."""

from __future__ import annotations

from wtforms import RadioField

from app.announcements.vocabulary import MAIL_LABELS, MailChoice
from app.notifications.vocabulary import HOURS, PACE_LABELS, Pace
from app.web.forms import BaseForm, MultiCheckboxField, labelled, options


class MessagesForm(BaseForm):
    pace = RadioField("Nouvelles des sollicitations", choices=labelled(PACE_LABELS), coerce=Pace)
    hours = MultiCheckboxField(
        "Heures du résumé", choices=options((str(hour), f"{hour}\u00a0h") for hour in HOURS), coerce=int
    )
    announcements = RadioField("Annonces", choices=labelled(MAIL_LABELS), coerce=MailChoice)
