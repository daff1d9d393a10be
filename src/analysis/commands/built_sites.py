"""What becomes of built sites: ``share`` one in an archive, ``verify`` it, ``clean`` them away."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans, reader
from analysis.commands import terminal
from analysis.commands.steps import step
from analysis.commands.terminal import RootOption, alone, fail, loaded_period, planned, say
from analysis.language.messages import noted, tell
from analysis.language.words import printable
from analysis.site import planning, share, verify
from analysis.storage import clean_up
from analysis.survey import editions


def share_site(
    code: Annotated[str, typer.Argument(help="Reporting period or survey edition (apci-2022).")],
    target: Annotated[Path, typer.Argument(help="The zip file to write.")],
    root: RootOption = project.PROJECT,
    public: Annotated[
        bool, typer.Option("--public", help="Only what the public may see (site.yml: audience).")
    ] = False,
) -> None:
    """Pack the built site of a period into one zip that opens from disk.

    Of what lies at FILE.zip only an archive of the same site and audience is replaced, as we wrote
    it.
    """
    survey, _, edition = code.partition("-")
    try:
        known = cat.load(root)
        is_survey = survey in known.surveys
        plan = plans.edition(survey, edition, known, root) if is_survey else planned(code, root)[0]
        key = plan.key
        with alone(key, root):
            share.allowed(target, key, public, root)  # before the work of minutes
            loaded = (
                editions.load(edition, survey, root) if is_survey else loaded_period(code, root)
            )
            with step(terminal.console, tell("{code}: packing …", code=key)):
                packed = share.archive(loaded, target, public)
    except (reader.CatalogueError, editions.NoResponsesError, ValueError) as error:
        fail(error)
    except (planning.PlanError, share.NotBuiltError, share.NotPublicError) as error:
        fail(error)
    except share.NotOursError as error:
        fail(tell("{error}. Nothing was written", error=error))
    size = target.stat().st_size / 1e6
    if packed.earlier:
        pages = "; ".join(packed.earlier)
        say(tell("kept from before, as a newer attempt failed: {pages}", pages=pages))
    if packed.left:
        say(tell("not for the public, left out: {names}", names="; ".join(packed.left)))
    n = len(packed.names)
    say(tell("{n} files, {size:.1f} MB → {target}", n=n, size=size, target=target))


def verify_site(
    folder: Annotated[
        Path, typer.Argument(help="A built site, e.g. reports/2022-Q2, or one out of an archive.")
    ],
    root: Annotated[
        Path,
        typer.Option(
            "--root",
            help="The project that its inputs are compared with, where there is one.",
            exists=True,
            show_default=False,
        ),
    ] = project.PROJECT,
) -> None:
    """Compare a site with its receipt, file by file, and what it was made from with the project;
    exit 1 if anything differs."""
    try:
        with step(terminal.console, tell("{folder}: comparing …", folder=folder)):
            checked = verify.site(folder, root)
    except (verify.NotASiteError, reader.CatalogueError, OSError) as error:
        fail(error)
    table = Table(*map(tell, _HEADS), box=None, pad_edge=False)
    for row in checked.differences.itertuples(index=False):
        table.add_row(*(Text(printable(t)) for t in (tell(row.part), row.name, tell(row.found))))
    if len(checked.differences):
        terminal.console.print(table)
    for note in checked.notes:
        say(note)
    terminal.console.print(
        tell(
            "{code}: {files} files and {inputs} inputs compared, {n} differences",
            code=checked.code,
            files=checked.pages,
            inputs=checked.inputs,
            n=len(checked.differences),
        ),
        highlight=False,
    )
    raise typer.Exit(1 if len(checked.differences) else 0)


_HEADS = [noted("part"), noted("name"), noted("found")]
FOUND = [noted("page"), noted("input"), noted("project")]
FOUND += [noted("missing"), noted("changed"), noted("unknown")]
"""What differs, and how (:mod:`analysis.site.verify`)."""


def remove_built(root: RootOption = project.PROJECT) -> None:
    """Remove what was built, by record; what somebody put there or changed stays."""
    clean_up.main(root)
