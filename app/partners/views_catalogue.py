"""`/administration/catalogue`: platforms and tools, common or the partner's own; what is proposed, what is not."""

from __future__ import annotations

from flask import Response, url_for

from app.accounts.form_tokens import new_form_token
from app.accounts.policy import Permission
from app.deadlines.wording import capitalised
from app.kernel.errors import NotFound
from app.partners.blueprint import blueprint
from app.partners.catalogue_edits import (
    PLATFORM,
    TOOL,
    add_platform,
    add_tool,
    catalogue_of,
    edit_platform,
    edit_tool,
    find_platform,
    find_tool,
    put_back,
    retire,
)
from app.partners.descriptions import Subject, platform_subject, tool_subject
from app.partners.queries import conventions_of
from app.partners.settings_forms import PlatformForm, RetireForm, ToolForm
from app.partners.terms import TOOL_KINDS
from app.partners.views_ask import Act, Page, act_once, administration_trail, ask
from app.web import urls
from app.web.access import requires
from app.web.context import current_actor, now
from app.web.htmx import render


@blueprint.get(urls.CATALOGUE)
@requires(Permission.CONVENTION_READ)
def catalogue() -> Response:
    partner_id = current_actor().partner_id
    conventions = conventions_of(partner_id)
    return render(
        "partners/catalogue.html",
        title="Catalogue",
        platforms=catalogue_of(partner_id),
        kinds=TOOL_KINDS,
        capitalised=capitalised,
        conventions=conventions,
        fresh_token=new_form_token,
        trail=administration_trail(),
    )


@blueprint.route(urls.NEW_PLATFORM, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def new_platform() -> Page:
    partner_id = current_actor().partner_id
    form = PlatformForm()

    def act() -> Subject:
        return add_platform(partner_id, **form.details())

    return _ask_platform(form, act, None, "Nouvelle plateforme")


@blueprint.route(urls.PLATFORM, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def platform(code: str) -> Page:
    partner_id = current_actor().partner_id
    row = find_platform(partner_id, code)
    if not row.is_own:
        raise NotFound
    form = PlatformForm(obj=row)

    def act() -> None:
        edit_platform(partner_id, code, **form.details())

    return _ask_platform(form, act, platform_subject(code), row.name)


@blueprint.route(urls.NEW_TOOL, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def new_tool() -> Page:
    partner_id = current_actor().partner_id
    form = ToolForm([row for row in catalogue_of(partner_id) if not row.is_retired])

    def act() -> Subject:
        return add_tool(partner_id, **form.details())

    return _ask_tool(form, act, None, "Nouvel outil")


@blueprint.route(urls.TOOL, methods=["GET", "POST"])
@requires(Permission.CONVENTION_EDIT)
def tool(code: str) -> Page:
    partner_id = current_actor().partner_id
    row = find_tool(partner_id, code)
    if not row.is_own:
        raise NotFound
    form = ToolForm(
        catalogue_of(partner_id), data={"name": row.name, "kind": row.kind, "platform": row.platform_code}
    )

    def act() -> None:
        edit_tool(partner_id, code, **form.details())

    return _ask_tool(form, act, tool_subject(code), row.name)


@blueprint.post(urls.RETIRED_TOOL)
@requires(Permission.CONVENTION_EDIT)
def retired_tool(code: str) -> Page:
    row = find_tool(current_actor().partner_id, code)
    return _retire(TOOL, code, row.name, tool_subject(code))


@blueprint.post(urls.RETIRED_PLATFORM)
@requires(Permission.CONVENTION_EDIT)
def retired_platform(code: str) -> Page:
    row = find_platform(current_actor().partner_id, code)
    return _retire(PLATFORM, code, row.name, platform_subject(code))


def _retire(kind: str, code: str, name: str, subject: Subject) -> Page:
    """Retire it, or put it back, as the button said."""
    partner_id, moment = current_actor().partner_id, now()
    form = RetireForm()
    back = form.back.data == "1"

    def act() -> None:
        if back:
            put_back(partner_id, kind, code)
        else:
            retire(partner_id, kind, code, now=moment)

    said = f"{name} est de nouveau proposé" if back else f"{name} n’est plus proposé"
    return act_once(form, act, said=said, destination=url_for("administration.catalogue"), subject=subject)


def _ask_platform(form: PlatformForm, act: Act, subject: Subject | None, title: str) -> Page:
    url = url_for("administration.catalogue")
    return ask(
        form,
        act,
        title=title,
        fields="_platform_form.html",
        trail=administration_trail(("Catalogue", url)),
        destination=url,
        subject=subject,
    )


def _ask_tool(form: ToolForm, act: Act, subject: Subject | None, title: str) -> Page:
    url = url_for("administration.catalogue")
    return ask(
        form,
        act,
        title=title,
        fields="_tool_form.html",
        trail=administration_trail(("Catalogue", url)),
        destination=url,
        subject=subject,
    )
