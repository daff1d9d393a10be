"""What officials sign: ``catalogue check`` holds it against its rules and reads no submission."""

from typing import Annotated, Literal

import typer

from analysis import project
from analysis.catalogue import inspection
from analysis.commands.terminal import RootOption, say
from analysis.language.messages import tell
from analysis.site import declared


def catalogue(
    what: Annotated[Literal["check"], typer.Argument(help="The one thing to do: check.")],
    root: RootOption = project.PROJECT,
) -> None:
    """Check catalogue, periods, editions, pages: problems by file and line; exit 1 if any."""
    files, problems = inspection.problems(root)
    if (site := root / "reports" / "site.yml").exists():
        files += 1
        if found := declared.problems(site, root / "notebooks"):
            problems["reports/site.yml"] = found
    for name, found in problems.items():
        say(name)
        for line, told in found:
            say(f"  {line}: {told}")
    if not problems:
        for name, found in inspection.remarks(root).items():
            for line, told in found:
                say(tell("note: {place}: {what}", place=f"{name}:{line}", what=told))
        say(tell("{files} files, no problem", files=files))
        return
    say(
        tell(
            "{files} files, {n} problems in {of} of them",
            files=files,
            n=sum(map(len, problems.values())),
            of=len(problems),
        )
    )
    raise typer.Exit(1)
