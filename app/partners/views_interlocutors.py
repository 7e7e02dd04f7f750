"""Channels and contacts of a convention: add, edit, remove; a contact that changes prepares the mail it owes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from flask import request, url_for

from app.accounts.policy import Permission
from app.kernel.errors import NotFound
from app.partners.blueprint import blueprint
from app.partners.catalogue_edits import catalogue_of
from app.partners.descriptions import Subject, channel_subject, contact_subject
from app.partners.forms import ChannelForm, ContactForm, NewChannelForm, contact_values
from app.partners.interlocutors import add_channel, edit_channel, remove_channel
from app.partners.listing import ChannelLine, ContactLine, channels_of, contacts_ever, convention_by_code
from app.partners.notices import save_contact
from app.partners.queries import ConventionRow
from app.partners.settings_forms import PlainForm
from app.partners.views_ask import Page, act_once
from app.partners.views_conventions import ask_in_convention
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now

Line = TypeVar("Line", ChannelLine, ContactLine)
OWN = "nous"  # in the address of a new contact: one of the partner's own


@blueprint.route(urls.NEW_CHANNEL, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def new_channel(code: str) -> Page:
    partner_id, moment = current_actor().partner_id, now()
    row = convention_by_code(partner_id, code)
    form = NewChannelForm(_targets(partner_id, row))

    def act() -> Subject:
        return channel_subject(row.id, add_channel(partner_id, row.id, now=moment, **form.details()).id)

    return ask_in_convention(form, act, row, None, "Nouveau canal", "_channel_form.html")


@blueprint.route(urls.CHANNEL, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def channel(code: str, number: int) -> Page:
    partner_id, moment = current_actor().partner_id, now()
    row = convention_by_code(partner_id, code)
    line = _numbered(channels_of(partner_id, row.id), number)
    form = ChannelForm(obj=line)

    def act() -> None:
        edit_channel(partner_id, line.id, now=moment, **form.changes())

    title = f"Canal\u00a0: {line.name}"
    return ask_in_convention(form, act, row, channel_subject(row.id, line.id), title, "_channel_form.html")


@blueprint.post(urls.REMOVED_CHANNEL)
@requires(Permission.CONVENTION_EDIT)
def removed_channel(code: str, number: int) -> Page:
    partner_id, moment = current_actor().partner_id, now()
    row = convention_by_code(partner_id, code)
    line = _numbered(channels_of(partner_id, row.id), number)

    def act() -> None:
        remove_channel(partner_id, line.id, now=moment)

    return act_once(
        PlainForm(),
        act,
        said=f"Retrait du canal {line.name}",
        destination=url_for("administration.convention", code=row.code),
        subject=channel_subject(row.id, line.id),
    )


@blueprint.route(urls.NEW_CONTACT, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def new_contact(code: str) -> Page:
    partner_id, moment = current_actor().partner_id, now()
    row = convention_by_code(partner_id, code)
    own = request.args.get("pour") == OWN
    form = ContactForm(own=own, data={"role": "own_correspondent" if own else "other"})

    def act() -> Subject:
        return save_contact(partner_id, row.id, None, now=moment, **form.details())

    title = "Nouveau contact du partenaire" if own else "Nouvel interlocuteur"
    return ask_in_convention(form, act, row, None, title, "_contact_form.html")


@blueprint.route(urls.CONTACT, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def contact(code: str, number: int) -> Page:
    partner_id, moment = current_actor().partner_id, now()
    row = convention_by_code(partner_id, code)
    line = _numbered(contacts_ever(partner_id, row.id), number)
    form = ContactForm(own=line.is_own, data=contact_values(line))

    def act() -> Subject:
        return save_contact(partner_id, row.id, line.id, now=moment, **form.details())

    title = f"{'Contact' if line.is_own else 'Interlocuteur'}\u00a0: {line.label}"
    return ask_in_convention(form, act, row, contact_subject(row.id, line.id), title, "_contact_form.html")


def _targets(partner_id: int, row: ConventionRow) -> list[tuple[str, str]]:
    """What a channel may be for: everything else, a platform, or a tool of the convention."""
    platforms = [platform for platform in catalogue_of(partner_id) if not platform.is_retired]
    return [
        ("", "Tout ce qui n’a pas son propre canal"),
        *((f"platform:{platform.code}", f"Plateforme {platform.name}") for platform in platforms),
        *(
            (f"tool:{tool.code}", f"{tool.name} ({platform.name})")
            for platform in platforms
            for tool in platform.tools
            if tool.code in row.tools
        ),
    ]


def _numbered(lines: Sequence[Line], number: int) -> Line:
    """The line of that number. Raises NotFound."""
    for line in lines:
        if line.number == number:
            return line
    raise NotFound
