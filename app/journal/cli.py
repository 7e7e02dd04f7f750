"""`flask journal …`: prove that the history is whole, and seal it."""

from __future__ import annotations

import re

import click
from sqlalchemy import text

from app.extensions import db
from app.infra.console import BadInput, FrenchGroup
from app.infra.tx import transaction
from app.journal.service import count_events, seal
from app.journal.verify import compare_seal, verify_journal
from app.web.context import now

_TOLD = re.compile(r"(?P<code>[a-z0-9-]+):(?P<number>\d{1,9}):(?P<digest>[0-9a-fA-F]{64})")

journal_cli = FrenchGroup("journal", help="Le journal des événements : vérifier, sceller.")


@journal_cli.command("verify")
@click.option(
    "--seal", "told", help="Compare aussi le scellé reçu par courriel\u00a0: PARTENAIRE:NUMÉRO:EMPREINTE."
)
def verify(told: str | None) -> None:
    """Recalcule chaque chaîne et chaque scellé ; nomme le premier maillon rompu de chacun."""
    breaks = list(verify_journal())
    if told is not None:
        lost = compare_seal(*_parts(told))
        breaks += [lost] if lost else []
    for broken in breaks:
        click.echo(str(broken))
    if breaks:
        click.echo(f"{len(breaks)} rupture(s) trouvée(s).", err=True)
        raise SystemExit(1)
    click.echo(f"Journal intact : {count_events()} événements vérifiés.")


def _parts(told: str) -> tuple[str, int, str]:
    match = _TOLD.fullmatch(told.strip())
    if match is None:
        raise BadInput("un scellé s’écrit PARTENAIRE:NUMÉRO:EMPREINTE, comme dans le courriel reçu.")
    return match["code"], int(match["number"]), match["digest"].lower()


@journal_cli.command("seal")
def seal_all() -> None:
    """Scelle ce qui s’est ajouté depuis le dernier scellé, partenaire par partenaire."""
    with transaction():
        for partner_id, code in db.session.execute(text("SELECT id, code FROM partner ORDER BY code")).all():
            sealed = seal(partner_id, code, now())
            click.echo(f"{code} : scellé {sealed.number}" if sealed else f"{code} : rien de nouveau")
