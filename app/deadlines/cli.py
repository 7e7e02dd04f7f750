"""`flask deadlines due`: the due time of a clock under a shipped convention, without a database."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click

from app.deadlines.calendar import YEARS, find_zone
from app.deadlines.clocks import ClockFacts, first_due_at
from app.deadlines.explain import explain
from app.deadlines.reading import Reading
from app.infra.console import BadInput, FrenchGroup
from app.kernel.errors import InvalidInput
from app.partners.profiles import reading_for, shipped_rulebook

deadlines_cli = FrenchGroup("deadlines", help="Calcule les échéances des conventions.")


@dataclass(frozen=True)
class Answer:
    """A due time (aware, in the partner's zone), and the reading and facts that it comes from."""

    due: datetime
    reading: Reading
    facts: ClockFacts


@deadlines_cli.command("due", with_appcontext=False)
@click.option("--convention", metavar="CODE", help="Convention, par exemple pas-de-calais-2024.")
@click.option("--clock", metavar="HORLOGE", help="take-up, return-to-service, information, notification…")
@click.option("--type", metavar="TYPE", help="availability, application, security-flaw…")
@click.option(
    "--from", "from_", metavar="ISO", help="Départ ; sans fuseau, il est lu dans celui du partenaire."
)
@click.option("--tool", metavar="CODE", help="Outil, si l’engagement en dépend.")
@click.option("--explain", "explained", is_flag=True, help="Explique l’échéance pas à pas.")
@click.option("--batch", metavar="FICHIER", help="Une question JSON par ligne (- pour l’entrée standard).")
def due(explained: bool, batch: str | None, **options: str | None) -> None:
    """Affiche l’échéance en ISO 8601, dans le fuseau du partenaire.

    Avec --batch, chaque ligne {"convention", "clock", "type", "from"} est rendue avec « due », ou « error » :
    le code de sortie est alors 1.
    """
    asked = {name.rstrip("_"): value for name, value in options.items() if value is not None}
    if batch is None:
        _answer_one(asked, explained)
    elif asked or explained:
        raise BadInput("--batch ne se combine pas avec les autres options.")
    else:
        _answer_all(batch)


# --- One question ----------------------------------------------------------------------------------------


def _answer_one(asked: dict[str, str], explained: bool) -> None:
    try:
        answer = _answer(asked)
    except InvalidInput as refusal:
        raise BadInput(f"--{refusal.field} : {refusal.message}") from None
    reading = answer.reading
    if not reading.contractual:
        click.echo(
            f"Objectif de référence, non contractuel : {reading.convention} ne fixe pas ce délai, "
            f"il est repris de {reading.measured_by}.",
            err=True,
        )
    click.echo(answer.due.isoformat())
    if explained:
        for step in explain(reading, answer.facts):
            click.echo(f"- {step.text}")


def _answer(asked: dict[str, Any]) -> Answer:
    """Raises InvalidInput, whose field is the key (and the option) that is missing or wrong."""
    convention, clock, applies_to, start = (
        _word(asked, key) for key in ("convention", "clock", "type", "from")
    )
    tool = _word(asked, "tool") if "tool" in asked else None
    zone = shipped_rulebook().convention(convention).time_zone
    started_at = _read_start(start, zone)
    reading = reading_for(convention, clock, applies_to, started_at, tool)
    facts = ClockFacts(started_at)
    reckoned = first_due_at(reading, facts)
    assert reckoned is not None  # the start is known
    return Answer(reading.hours.local(reckoned), reading, facts)


def _word(asked: dict[str, Any], key: str) -> str:
    value = asked.get(key, "")
    if value == "":
        raise InvalidInput("cette valeur est obligatoire.", field=key)
    if not isinstance(value, str):
        raise InvalidInput("cette valeur doit être un texte.", field=key)
    return value


def _read_start(text: str, zone: str) -> datetime:
    """The instant that an ISO 8601 text names, read in `zone` when it carries no offset."""
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"date illisible : « {text[:40]} ». Exemple : 2026-10-23T10:00.", field="from"
        ) from None
    if len(text) <= len("2026-10-23"):
        raise InvalidInput("il manque l’heure. Exemple : 2026-10-23T10:00.", field="from")
    if start.year not in YEARS:
        raise InvalidInput(f"l’année doit être comprise entre {YEARS[0]} et {YEARS[-1]}.", field="from")
    return (start if start.tzinfo else start.replace(tzinfo=find_zone(zone))).astimezone(UTC)


# --- Many questions --------------------------------------------------------------------------------------


def _answer_all(batch: str) -> None:
    output = sys.stdout.buffer
    wrong = objectives = 0
    with _open_batch(batch) as lines:
        for line in filter(bytes.strip, lines):
            record, answer = _answer_line(line)
            wrong += answer is None
            objectives += answer is not None and not answer.reading.contractual
            # A lone surrogate is written as the JSON escape that it came from.
            output.write(json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
    output.flush()
    if objectives:
        click.echo(f"Échéances tirées d’un objectif de référence, non contractuel : {objectives}.", err=True)
    if wrong:
        click.echo(f"Lignes en erreur : {wrong}.", err=True)
        click.get_current_context().exit(1)


def _open_batch(batch: str) -> IO[bytes]:
    if batch == "-":
        return sys.stdin.buffer
    try:
        return Path(batch).open("rb")
    except OSError:
        raise BadInput(f"--batch : le fichier « {batch} » ne peut pas être lu.") from None


def _answer_line(line: bytes) -> tuple[dict[str, Any], Answer | None]:
    """The record of a line with `due` or `error` added last, and its answer if there is one."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {"error": "cette ligne n’est pas du JSON."}, None
    if not isinstance(record, dict):
        return {
            "error": 'cette ligne doit être un objet JSON : {"convention", "clock", "type", "from"}.'
        }, None
    asked = {key: value for key, value in record.items() if key not in ("due", "error")}
    try:
        answer = _answer(asked)
    except InvalidInput as refusal:
        return {**asked, "error": f"{refusal.field} : {refusal.message}"}, None
    return {**asked, "due": answer.due.isoformat()}, answer
