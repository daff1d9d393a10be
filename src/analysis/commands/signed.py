"""What officials sign: ``catalogue check`` holds it against its rules and reads no submission."""

from typing import Annotated, Literal

import typer

from analysis import project
from analysis.catalogue import inspection
from analysis.commands.terminal import RootOption, say
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
                say(f"lưu ý / note: {name}:{line}: {told}")
        say(f"{files} tệp, không có lỗi / {files} files, no problem")
        return
    count = sum(map(len, problems.values()))
    say(f"{files} files, {count} problems in {len(problems)} of them")
    raise typer.Exit(1)
