"""`flask tickets …`."""

from __future__ import annotations

import click

from app.infra.console import FrenchGroup
from app.tickets.rebuild import rebuild_tickets
from app.tickets.verify import verify_tickets

tickets_cli = FrenchGroup("tickets", help="Les sollicitations : vérifier.")


@tickets_cli.command("verify")
def verify() -> None:
    """Recalcule chaque sollicitation et chaque horloge depuis les événements ; affiche les différences."""
    count = 0
    for difference in verify_tickets():
        click.echo(str(difference))
        count += 1
    if count:
        click.echo(f"{count} différence(s) trouvée(s).", err=True)
        raise SystemExit(1)
    click.echo("Aucune différence : les sollicitations et leurs horloges suivent leurs événements.")


@tickets_cli.command("rebuild")
def rebuild() -> None:
    """Réécrit chaque sollicitation, ses horloges et son index depuis les événements, après une mise à jour."""
    done = 0
    for done in rebuild_tickets():
        click.echo(f"{done} sollicitation(s)")
    if not done:
        click.echo("Aucune sollicitation.")
