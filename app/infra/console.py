"""Commands that answer in French: a refusal is a sentence on the error output, and exit code 2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.kernel.errors import DomainError


class BadInput(click.ClickException):
    """What was typed cannot be used; exit code 2, as for every misuse of a command."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"Erreur\u00a0: {self.message}", file=file, err=True)


class _AnswersMisuse(click.Command):
    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        try:
            return super().make_context(*args, **kwargs)
        except click.exceptions.NoArgsIsHelpError:
            raise  # not a mistake: the help is shown
        except click.UsageError as wrong:
            raise BadInput(f"{_misuse(wrong)} Voir --help.") from None


class FrenchCommand(_AnswersMisuse):
    """A command that answers misuse, refusals of the house and a database that is not ready in French."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DomainError as refusal:
            raise BadInput(refusal.message) from None
        except (OperationalError, ProgrammingError):
            raise BadInput(
                "la base de données n’est pas prête. Lancez d’abord\u00a0: flask --app wsgi db upgrade"
            ) from None


class FrenchGroup(_AnswersMisuse, AppGroup):
    """A family of commands, each one a `FrenchCommand`, that says in French which ones exist."""

    command_class = FrenchCommand

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            raise BadInput(f"la commande {_quoted(args[0])} n’existe pas. {self._known(ctx)}") from None

    def _known(self, ctx: click.Context) -> str:
        return f"Commandes connues\u00a0: {', '.join(self.list_commands(ctx))}."


def _misuse(wrong: click.UsageError) -> str:
    """The sentence for a misuse of options or arguments that click has found."""
    match wrong:
        case click.NoSuchOption():
            return f"l’option {wrong.option_name} n’existe pas."
        case click.BadOptionUsage():
            return f"l’option {wrong.option_name} est mal employée\u00a0: donnez-lui une valeur."
        case click.MissingParameter(param=click.Argument() as argument):
            return f"il manque une valeur\u00a0: {argument.make_metavar(_context(wrong))}."
        case click.MissingParameter(param=click.Parameter() as option):
            return f"l’option {_longest(option.opts)} est obligatoire."
        case click.BadParameter(param=click.Parameter() as parameter):
            return f"la valeur de {_longest(parameter.opts)} n’est pas reconnue."
    return "un argument est en trop, ou mal placé."


def _context(wrong: click.UsageError) -> click.Context:
    assert wrong.ctx is not None, "click gives its context to every misuse of a parameter"
    return wrong.ctx


def _longest(names: Sequence[str]) -> str:
    return max(names, key=len)


def _quoted(text: str) -> str:
    return f"«\u00a0{text[:40]}\u00a0»"
