"""`flask journal …`: prove that the history is whole, and seal it."""

from __future__ import annotations

import click
from sqlalchemy import text

from app.extensions import db
from app.infra.console import FrenchGroup
from app.infra.tx import transaction
from app.journal.service import count_events, seal
from app.journal.verify import verify_journal
from app.web.context import now

journal_cli = FrenchGroup("journal", help="Le journal des événements : vérifier, sceller.")


@journal_cli.command("verify")
def verify() -> None:
    """Recalcule chaque chaîne et chaque scellé ; nomme le premier maillon rompu de chacun."""
    breaks = list(verify_journal())
    for broken in breaks:
        click.echo(str(broken))
    if breaks:
        click.echo(f"{len(breaks)} rupture(s) trouvée(s).", err=True)
        raise SystemExit(1)
    click.echo(f"Journal intact : {count_events()} événements vérifiés.")


@journal_cli.command("seal")
def seal_all() -> None:
    """Scelle ce qui s’est ajouté depuis le dernier scellé, partenaire par partenaire."""
    with transaction():
        for partner_id, code in db.session.execute(text("SELECT id, code FROM partner ORDER BY code")).all():
            sealed = seal(partner_id, code, now())
            click.echo(f"{code} : scellé {sealed.number}" if sealed else f"{code} : rien de nouveau")
