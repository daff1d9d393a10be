"""What all commands share: how they speak, how they fail, and how they end."""

import platform
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from typer.core import TyperGroup

from analysis import pipeline, project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans, reader
from analysis.commands import console as consoles
from analysis.commands.steps import step
from analysis.exchange import journal, returns
from analysis.language.words import printable
from analysis.period import Loaded, load
from analysis.storage import files, locks
from analysis.survey import editions
from analysis.topics.submissions import severities

INTERNAL = 70
"""Exit status of an error of ours (EX_SOFTWARE of sysexits.h)."""


class Commands(TyperGroup):
    """Typer takes an error of a pipe, or the end of an input, for one of the console, and ends with
    1; none comes from there (:mod:`analysis.commands.console`)."""

    def invoke(self, ctx) -> object:
        try:
            return super().invoke(ctx)
        except OSError as error:
            fail(of_system(error))
        except EOFError as error:
            raise RuntimeError("data ended before their end") from error


console = Console()

PeriodArgument = Annotated[str, typer.Argument(help="Reporting period, e.g. 2022-Q2 or 2026-Q3.")]
RootOption = Annotated[
    Path, typer.Option("--root", help="Project folder (data, notebooks, reports).", exists=True)
]


def say(text: object) -> None:
    """Lines as they are: names of files, or what is quoted of them, command no terminal."""
    console.print(printable(str(text)), markup=False, highlight=False, soft_wrap=True)


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
    console.print("[bold red]Không chạy được / cannot run:[/]")
    say(message)
    raise Stopped(str(message))


@contextmanager
def alone(code: str, root: Path) -> Iterator[None]:
    """Work on the site of ``code`` as long as no other run does, and say what stopped us."""
    try:
        with locks.alone(project.Place(root).derived(locks.FOLDER) / f"{code}.run", code):
            yield
    except (locks.HeldError, reader.CatalogueError) as error:  # of another period, too
        fail(error)
    except OSError as error:
        fail(f"{code}: {of_system(error)}")


def of_system(error: OSError) -> str:
    """What the system refused, where, and what to do."""
    where = f" ({error.filename})" if error.filename else ""
    return (
        f"{error.strerror or error}{where}. Nothing was left half-written; see to it "
        "that there is room and that the folder may be written to, then run the same command "
        "again: it goes on with what is not finished."
    )


def planned(time_period: str, root: Path):
    """The plan of a period, and the catalogue; a command that cannot have them fails."""
    try:
        catalogue = cat.load(root)
        return plans.plan(time_period, catalogue, root), catalogue
    except (reader.CatalogueError, ValueError) as error:
        fail(error)


def loaded_period(time_period: str, root: Path) -> Loaded:
    """A period with its tables, said while they are made; a command that cannot have it fails."""
    plan, _ = planned(time_period, root)
    if journal.pending(project.Place(root).submissions(plan.code)):
        say(
            f"{plan.code}: lệnh receive bị dừng giữa chừng, hãy chạy lại / receive was "
            "interrupted: run it again"
        )
    try:
        with step(console, f"{time_period}: đọc và kiểm tra / reading and checking …") as done:
            return load(time_period, root, progress=done)
    except (pipeline.NoSubmissionsError, files.NotAFileError) as error:
        fail(error)


def print_returned(written: returns.Written) -> int:
    """What stays in the way of the copies, and what could not be written; returns how many."""
    print_beside(written.beside)
    for trouble in written.troubles:
        say(f"not written: {trouble}")
    return len(written.troubles)


def print_beside(beside: dict[Path, Path], most: int = 20) -> None:
    """What is not as we wrote it, and what was written beside it."""
    for old, new in list(beside.items())[:most]:
        told = f"{old} is not as we wrote it; the new one stands beside it: {new.name}"
        say(f"giữ nguyên / kept: {told}")
    if len(beside) > most:
        say(f"giữ nguyên / kept: {len(beside) - most} more that are not as we wrote them")


def print_balance(loaded: Loaded | editions.Loaded) -> None:
    """How many cells were submitted and what became of them, and how many issues there are."""
    total = loaded.tables.balance.sum(numeric_only=True).astype(int)
    counts = severities(loaded.tables.issues)
    console.print(
        f"{loaded.plan.code}: {len(loaded.tables.balance)} files, "
        f"{total['submitted']} cells = {total['labels']} labels + {total['accepted']} accepted + "
        f"{total['in_issues']} in issues + {total['unaccounted']} unaccounted; "
        f"{counts['blocking']} blocking, {counts['warning']} warnings, {counts['note']} notes"
    )
    if answered := len(loaded.tables.issues) - sum(counts.values()):
        console.print(f"{answered} issues answered, not among them / đã trả lời, không tính ở trên")


def app_of(text: str) -> typer.Typer:
    """An application whose commands end as README.md says; ``text``: what it is for."""
    return typer.Typer(
        cls=Commands, help=text, no_args_is_help=True, pretty_exceptions_enable=False
    )


def version(
    asked: Annotated[bool, typer.Option("--version", help="The version, and no more.")] = False,
) -> None:
    """What holds for all commands."""
    if asked:
        typer.echo(f"reform-monitor {metadata.version('reform-monitor')}")
        raise typer.Exit


def run(app: Callable) -> None:
    """Run the command of the command line, on whatever console, to an exit status of README.md.

    What no command has foreseen ends with :data:`INTERNAL`: Python would make it 1, which says that
    there are blocking issues.
    """
    consoles.in_unicode()
    consoles.patient()
    try:
        app()
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # a panic of a reader written in Rust is no Exception
        told = printable(f"{type(error).__name__}: {error}"[:300])
        Console(stderr=True).print(
            f"Lỗi của phần mềm / internal error: {told}\n"
            f"Chi tiết / details: {_kept_trace()}\n"
            "Không có tệp nào ghi dở, tệp đã gửi còn nguyên. / Nothing was left half-written, and "
            "what was sent is untouched. Please pass the details on to the makers.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        sys.exit(INTERNAL)


def _kept_trace() -> str:
    """Where the trace of the error at hand was put; the trace itself where there is no room."""
    text = f"{sys.argv[1:]}, Python {platform.python_version()}\n{traceback.format_exc()}"
    try:
        handle, name = tempfile.mkstemp(".log", "reform-monitor-")
        with open(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        return name
    except OSError:
        return text
