from __future__ import annotations

from dataclasses import replace

import pytest

from app.accounts.policy import Role, Scope
from app.extensions import db
from app.files import service
from app.files.models import Attachment
from app.infra.tx import transaction
from app.kernel.clock import FrozenClock
from app.kernel.errors import NotAllowed, NotFound
from tests.factories import World, file

pytestmark = pytest.mark.usefixtures("context")

TEXT = service.examine("erreur.txt", b"Erreur 500")


def kept(
    world: World, clock: FrozenClock, *, subject_id: int | None = None, internal: bool = False
) -> Attachment:
    with transaction():
        return service.keep(
            TEXT, actor=world.here.actor(Role.USER), now=clock.now(), subject_id=subject_id, internal=internal
        )


def test_what_was_sent_is_what_is_kept(world: World, clock: FrozenClock) -> None:
    public_id = kept(world, clock).public_id
    db.session.expunge_all()
    found = service.find_attachment(world.here.actor(Role.USER), public_id)
    assert (found.name, found.media_type, found.size, found.content) == (
        "erreur.txt",
        "text/plain",
        10,
        b"Erreur 500",
    )
    assert found.sha256.startswith("e3c81e52")
    assert len(public_id) >= 20


def test_nothing_of_another_partner_is_found(world: World, clock: FrozenClock) -> None:
    public_id = kept(world, clock).public_id
    for role in Role:
        with pytest.raises(NotFound):
            service.find_attachment(world.there.actor(role), public_id)


def test_a_draft_is_its_owners_only(world: World, clock: FrozenClock) -> None:
    draft = kept(world, clock)
    service.check_readable(world.here.actor(Role.USER), draft, None)
    for role in set(Role) - {Role.USER}:
        with pytest.raises(NotFound):
            service.check_readable(world.here.actor(role), draft, None)


def test_a_draft_follows_the_ticket_that_is_filed(world: World, clock: FrozenClock) -> None:
    user, other = world.here.actor(Role.USER), world.here.actor(Role.CORRESPONDENT)
    draft = kept(world, clock)
    ticket = file(world.here, now=clock.now())
    assert service.drafts_of(other, [draft.public_id]) == []
    with transaction():
        for mine in service.drafts_of(user, [draft.public_id, "unknown"]):
            service.assign(mine, ticket.id, sequence=2)
    assert service.drafts_of(user, [draft.public_id]) == []
    scope = Scope(world.here.partner_id, reporter_id=user.account_id)
    assert [row.sequence for row in service.attachments_of(user, ticket.id, scope)] == [2]


def test_internal_files_exist_only_for_those_who_read_internal_comments(
    world: World, clock: FrozenClock
) -> None:
    user, correspondent = world.here.actor(Role.USER), world.here.actor(Role.CORRESPONDENT)
    ticket = file(world.here, now=clock.now())
    public, internal = (
        kept(world, clock, subject_id=ticket.id, internal=internal) for internal in (False, True)
    )
    scope = Scope(world.here.partner_id, reporter_id=user.account_id)
    assert [row.id for row in service.attachments_of(user, ticket.id, scope)] == [public.id]
    assert [row.id for row in service.attachments_of(correspondent, ticket.id, scope)] == [
        public.id,
        internal.id,
    ]
    service.check_readable(correspondent, internal, scope)
    service.check_readable(user, public, scope)
    with pytest.raises(NotFound):
        service.check_readable(user, internal, scope)


def test_files_are_as_visible_as_their_ticket(world: World, clock: FrozenClock) -> None:
    user, correspondent = world.here.actor(Role.USER), world.here.actor(Role.CORRESPONDENT)
    ticket = file(world.here, now=clock.now())
    attachment = kept(world, clock, subject_id=ticket.id)
    restricted = Scope(world.here.partner_id, kind="security", restricted=True, reporter_id=user.account_id)
    assert service.attachments_of(correspondent, ticket.id, restricted) == []
    with pytest.raises(NotFound):
        service.check_readable(correspondent, attachment, restricted)
    with pytest.raises(NotAllowed):
        service.check_readable(user, attachment, restricted)
    service.check_readable(world.here.actor(Role.SECURITY_OFFICER), attachment, restricted)
    with pytest.raises(NotFound):
        service.check_readable(
            correspondent, attachment, replace(restricted, partner_id=world.there.partner_id)
        )
