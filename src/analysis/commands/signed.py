"""What officials sign: ``catalogue check`` holds it against its rules and reads no submission."""

from typing import Annotated, Literal

import typer

from analysis import project
from analysis.catalogue import inspection
from analysis.commands.terminal import RootOption, say


def catalogue(
    what: Annotated[Literal["check"], typer.Argument(help="The one thing to do: check.")],
    root: RootOption = project.PROJECT,
) -> None:
    """Check catalogue, periods and editions: each problem with file and line; exit 1 if any."""
    files, problems = inspection.problems(root)
    for name, found in problems.items():
        say(name)
        for line, told in found:
            say(f"  {line}: {told}")
    if not problems:
        say(f"{files} files, no problem")
        return
    count = sum(map(len, problems.values()))
    say(f"{files} files, {count} problems in {len(problems)} of them")
    raise typer.Exit(1)
