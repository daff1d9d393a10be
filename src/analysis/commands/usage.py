"""How commands explain themselves: help, and errors of use, in the language of the console.

Typer makes both of English words; those are looked up as all messages are.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
from typer.core import TyperCommand, TyperGroup

from analysis.language import messages
from analysis.language.messages import tell

OPTION = "--messages"

PANELS = {
    "DEFAULT_STRING": "[default: {}]",
    "ENVVAR_STRING": "[env var: {}]",
    "REQUIRED_LONG_STRING": "[required]",
    "ARGUMENTS_PANEL_TITLE": "Arguments",
    "OPTIONS_PANEL_TITLE": "Options",
    "COMMANDS_PANEL_TITLE": "Commands",
    "ERRORS_PANEL_TITLE": "Error",
    "ABORTED_TEXT": "Aborted.",
    "RICH_HELP": "Try [blue]'{command_path} {help_option}'[/] for help.",
}
"""What Typer frames help and errors with: its name there → English."""

HELP = "Show this message and exit."  # of --help

METAVARS = ("[OPTIONS]", "COMMAND [ARGS]...")

ERRORS = (
    "No such command {name}. Did you mean {near}?",
    "No such command {name}.",
    "No such option: {name} (Possible options: {near})",
    "No such option: {name}",
    "Missing command.",
    "Missing argument {name}.",
    "Missing option {name}.",
    "Invalid value for {name}: {why}",
    "Invalid value: {why}",
    "Option {name} does not take a value.",
    "Option {name} requires an argument.",
    "Option {name} requires {n} arguments.",
    "Argument {name} takes {n} values.",
    "Got unexpected extra argument(s) ({what})",
    "{kind} {name} does not exist.",
    "{kind} {name} is not readable.",
    "file {name} is a directory.",
    "directory {name} is a file.",
    "Value error, {name} is not one of {known}.",
    "{name} (env var: {variable})",
    "Input should be a valid integer, unable to parse string as an integer",
    "Input should be a valid number, unable to parse string as a number",
    "Input should be greater than or equal to {least}",
    "file",
    "directory",
    "path",
)
"""What Typer says of words that it does not understand; the more particular first."""


class _Explained:
    """A command whose help is in the language of the console."""

    def format_usage(self, ctx: typer.Context, formatter) -> None:
        words = " ".join(self.collect_usage_pieces(ctx))
        for word in METAVARS:
            words = words.replace(word, tell(word))
        formatter.write_usage(ctx.command_path, words, prefix=tell("Usage: "))

    def format_help(self, ctx: typer.Context, formatter) -> None:
        _frame()
        _translate(self)
        for param in self.get_params(ctx):
            if getattr(param, "help", None):
                param.help = tell(joined(param.help))
        super().format_help(ctx, formatter)


class Command(_Explained, TyperCommand):
    """A command of :class:`Commands`."""


class Commands(_Explained, TyperGroup):
    """Commands that are explained, and speak, in the language of the console.

    ``--messages`` may stand anywhere among the words of the outermost.
    """

    def main(self, args: Sequence[str] | None = None, **extra) -> object:
        words = sys.argv[1:] if args is None else list(args)
        with messages.using(_asked(words)[0]):
            return super().main(args, **extra)

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:
        if ctx.parent is None:
            asked, others = _asked(args)
            args = [f"{OPTION}={asked}", *others] if asked else args
        return super().parse_args(ctx, args)

    def get_command(self, ctx: typer.Context, cmd_name: str):
        found = super().get_command(ctx, cmd_name)
        if found is not None:
            _translate(found)
        return found

    def make_context(self, *args, **extra) -> typer.Context:
        with _understood():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: typer.Context) -> object:
        with _understood():
            return super().invoke(ctx)


def _asked(words: Sequence[str]) -> tuple[str, list[str]]:
    """The language that is asked for among the words, and the other words."""
    end = words.index("--") if "--" in words else len(words)
    for n, word in enumerate(words[:end]):
        if word == OPTION and n + 1 < end:
            return words[n + 1], [*words[:n], *words[n + 2 :]]
        if word.startswith(f"{OPTION}="):
            return word.partition("=")[2], [*words[:n], *words[n + 1 :]]
    return "", list(words)


def _translate(command) -> None:
    for name in ("help", "short_help", "epilog"):
        if text := getattr(command, name, None):
            parts = text.split("\n\n")
            setattr(command, name, "\n\n".join(tell(joined(part)) for part in parts))


def joined(text: str) -> str:
    """A paragraph of help as one line."""
    return " ".join(text.split())


def _frame() -> None:
    from typer import rich_utils  # nobody waits for it who asks for no help

    for name, text in PANELS.items():
        setattr(rich_utils, name, tell(text))


@contextmanager
def _understood() -> Iterator[None]:
    """Errors of use are said in the language of the console."""
    try:
        yield
    except typer.TyperException as error:
        _frame()
        said = messages.recognised(error.format_message(), ERRORS)
        error.format_message = lambda: said
        raise
