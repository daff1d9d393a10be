"""What all commands share: how they speak, how they fail, and how they end."""

import gc
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from analysis import project
from analysis.catalogue import reader
from analysis.commands import console as consoles
from analysis.commands import later, usage
from analysis.commands.steps import step
from analysis.language import messages
from analysis.language.messages import noted, tell
from analysis.language.words import printable
from analysis.storage import files, locks, owners, scratch, store_locks
from analysis.storage.addresses import without_secrets

if TYPE_CHECKING:
    from analysis import period
    from analysis.exchange import returns
    from analysis.survey import editions

INTERNAL = 70
"""Exit status of an error of ours (EX_SOFTWARE of sysexits.h)."""


class Commands(usage.Commands):
    """Typer takes an error of a pipe, or the end of an input, for one of the console, and ends with
    1; none comes from there (:mod:`analysis.commands.console`)."""

    def invoke(self, ctx) -> object:
        try:
            return super().invoke(ctx)
        except locks.HeldError as error:
            fail(error)
        except OSError as error:
            fail(of_system(error))
        except EOFError as error:
            raise RuntimeError("data ended before their end") from error

    def resolve_command(self, ctx, args):
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and later.called(command), rest


console = Console()

PeriodArgument = Annotated[str, typer.Argument(help="Reporting period, e.g. 2022-Q2 or 2026-Q3.")]


def say(text: object) -> None:
    """Lines as they are: names of files, or what is quoted of them, command no terminal."""
    console.print(
        printable(without_secrets(str(text))), markup=False, highlight=False, soft_wrap=True
    )


@contextmanager
def aside() -> Iterator[None]:
    """What is said meanwhile goes to the standard error: what goes to the output is read by a
    machine."""
    console.stderr = True
    try:
        yield
    finally:
        console.stderr = False


class Stopped(typer.Exit):
    """The end of a command that cannot do what is asked; ``message``: why."""

    def __init__(self, message: str) -> None:
        super().__init__(2)
        self.message = message


def fail(message: object) -> None:
    """Say why nothing is done, and end with status 2."""
    message = owners.refused(message) if isinstance(message, OSError) else message
    console.print(f"[bold red]{tell('Cannot run:')}[/]")
    say(message)
    raise Stopped(without_secrets(str(message)))


def _project(root: Path) -> Path:
    """The folder of ``--root``, if it is a project."""
    if not project.holds(root):
        fail(tell(reader.NO_PROJECT, root=root))
    return root


RootOption = Annotated[
    Path,
    typer.Option(
        "--root",
        help="Project folder (data, notebooks, reports); else the one around the working folder.",
        exists=True,
        show_default=False,
        callback=_project,
    ),
]


@contextmanager
def alone(code: str, root: Path, store: str | None = None) -> Iterator[None]:
    """Work on the site of ``code`` as long as no other run does, here or in a store, and say what
    stopped us."""
    shared = None
    try:
        shared = stored(store)
        with (
            locks.alone(project.Place(root).derived(locks.FOLDER) / f"{code}.run", code),
            store_locks.alone(shared, code, root) as certain,
        ):
            if not certain:
                say(tell(_UNCERTAIN, store=without_secrets(str(shared))))
            yield
    except (locks.HeldError, store_locks.StoreError, reader.CatalogueError) as error:
        fail(error)  # of another period, too
    except typer.Exit:
        raise
    except Exception as error:
        try:
            store_locks.asked(shared, error)
        except store_locks.StoreError as away:
            fail(away)
        if isinstance(error, OSError):
            fail(f"{code}: {of_system(error)}")
        raise


_UNCERTAIN = noted(
    "{store}: two runs that begin there in the same second are noticed only at the end"
)


def stored(address: str | None) -> Path | None:
    """Where a store is, if one is named; a command fails if no library knows such addresses."""
    if not address:
        return None
    from upath import UPath

    try:
        path = UPath(address)
        if not isinstance(path, Path):
            path.fs  # noqa: B018 (made when first asked for)
    except (ImportError, ValueError) as error:
        why = without_secrets(str(error))
        fail(tell("--store {store}: {why}", store=without_secrets(address), why=why))
    return path


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """Work that makes much, of which nearly all lives until it ends: to look through all of it for
    what nobody holds any more takes longer than that is worth, and is done seldom."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(1_000_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def of_system(error: OSError) -> str:
    """What the system refused, where, and what to do."""
    return tell(
        "{why}. Nothing was left half-written; see to it that there is room and that the folder "
        "may be written to, then run the same command again: it goes on with what is not finished.",
        why=owners.refused(error),
    )


def planned(time_period: str, root: Path):
    """The plan of a period, and the catalogue; a command that cannot have them fails."""
    from analysis.catalogue import catalogue as cat  # help waits for none of these
    from analysis.catalogue import plans

    try:
        catalogue = cat.load(root)
        return plans.plan(time_period, catalogue, root), catalogue
    except (reader.CatalogueError, ValueError) as error:
        fail(error)


def loaded_period(time_period: str, root: Path) -> "period.Loaded":
    """A period with its tables, said while they are made; a command that cannot have it fails."""
    from analysis import period, pipeline
    from analysis.exchange import journal
    from analysis.published.published_scores import PublishedScoresError

    plan, _ = planned(time_period, root)
    folder = project.Place(root).submissions(plan.code)
    if journal.pending(folder):
        say(tell("{code}: receive was interrupted: run it again", code=plan.code))
    for lock in files.opened_by_others(folder):
        say(
            tell(
                "{code}: {lock} is passed over: it says that somebody has that file open, and what "
                "is not saved yet is not in it",
                code=plan.code,
                lock=lock,
            )
        )
    try:
        label = tell("{code}: reading and checking …", code=time_period)
        with step(console, label) as done:
            return period.load(time_period, root, progress=done)
    except (pipeline.NoSubmissionsError, files.NotAFileError, PublishedScoresError) as error:
        fail(error)


def print_returned(written: "returns.Written") -> int:
    """What stays in the way of the copies, and what could not be written; returns how many."""
    print_beside(written.beside)
    for trouble in written.troubles:
        say(tell("not written: {what}", what=trouble))
    return len(written.troubles)


def print_beside(beside: dict[Path, Path], most: int = 20) -> None:
    """What is not as we wrote it, and what was written beside it."""
    for old, new in list(beside.items())[:most]:
        text = tell(
            "kept: {old} is not as we wrote it; the new one stands beside it: {new}",
            old=old,
            new=new.name,
        )
        say(text)
    if len(beside) > most:
        say(tell("kept: {n} more that are not as we wrote them", n=len(beside) - most))


def print_balance(loaded: "period.Loaded | editions.Loaded") -> None:
    """How many cells were submitted and what became of them, and how many issues there are."""
    from analysis.topics.submissions import severities

    total = loaded.tables.balance.set_index("source_file").sum().astype(int)  # 0 of no file
    counts = severities(loaded.tables.issues)
    console.print(
        tell(
            "{code}: {files} files, {submitted} cells = {labels} labels + {accepted} accepted + "
            "{in_issues} in issues + {unaccounted} unaccounted; {blocking} blocking, {warning} "
            "warnings, {note} notes",
            **total,
            **counts,
            code=loaded.plan.code,
            files=len(loaded.tables.balance),
        )
    )
    if answered := len(loaded.tables.issues) - sum(counts.values()):
        console.print(tell("{n} issues answered, not among them", n=answered))


def app_of(text: str) -> typer.Typer:
    """An application whose commands end as README.md says; ``text``: what it is for."""
    return typer.Typer(
        cls=Commands,
        help=text,
        epilog=_STATUSES,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )


_STATUSES = (
    "Exit status: 0 done; 1 done, but there is something to see to; 2 not done, for the reason "
    "that was said; 70 an error of the software; 130 stopped by Ctrl-C."
)
"""How a command ends, as docs/commands.md says."""


def version(
    ctx: typer.Context,
    asked: Annotated[bool, typer.Option("--version", help="The version, and no more.")] = False,
    _language: Annotated[
        Literal["vi", "en"] | None,
        typer.Option(
            usage.OPTION,
            envvar=messages.VARIABLE,
            help="Language of help and messages; that of pages is --lang of a command.",
        ),
    ] = None,
) -> None:
    """What holds for all commands."""
    if asked:
        typer.echo(f"reform-monitor {metadata.version('reform-monitor')}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def run(app: Callable) -> None:
    """Run the command of the command line, on whatever console, to an exit status of README.md.

    What no command has foreseen ends with :data:`INTERNAL`: Python would make it 1, which says that
    there are blocking issues.
    """
    consoles.in_unicode()
    os.environ.setdefault(project.SAFE_PATH, "1")  # of all processes that are started
    consoles.patient()
    scratch.begin()
    try:
        app()
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # a panic of a reader written in Rust is no Exception
        told = printable(without_secrets(f"{type(error).__name__}: {error}"[:300]))
        Console(stderr=True).print(
            tell(
                "Internal error: {what}\nDetails: {trace}\nNothing was left half-written, and what "
                "was sent is untouched. Please pass the details on to the makers.",
                what=told,
                trace=_kept_trace(),
            ),
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        sys.exit(INTERNAL)


def _kept_trace() -> str:
    """Where the trace of the error at hand was put; the trace itself where there is no room."""
    command = f"{sys.argv[1:]}, Python {platform.python_version()}"
    text = without_secrets(f"{command}\n{traceback.format_exc()}")
    try:
        handle, name = tempfile.mkstemp(".log", "reform-monitor-")
        with open(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        return name
    except OSError:
        return text
