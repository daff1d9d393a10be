"""What is asked: ``questionnaire`` makes the forms and the codebook of a survey."""

from pathlib import Path
from typing import Annotated

import typer

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.catalogue.reader import CatalogueError
from analysis.commands import terminal
from analysis.commands.terminal import RootOption, fail, say
from analysis.language import codes
from analysis.language.messages import tell
from analysis.storage import files
from analysis.survey import question_files


def questionnaire(
    survey: Annotated[str, typer.Argument(help="A survey or an edition: apci, apci-2022.")],
    folder: Annotated[Path, typer.Argument(help="Where the files go; made if need be.")],
    root: RootOption = project.PROJECT,
    again: Annotated[
        bool, typer.Option("--again", help="Number new files whose names are taken there.")
    ] = False,
) -> None:
    """Write the questionnaire for Kobo and ODK, for paper and Excel, and its codebook."""
    if files.lies_in(folder, root / "data"):
        fail(
            tell(
                "{folder} lies in {data}, where files would be taken for answers: name another "
                "folder. Nothing was written",
                folder=folder,
                data=root / "data",
            )
        )
    try:
        catalogue = cat.load(root)
        code, plan = survey, None
        if survey not in catalogue.surveys and "-" in survey:
            code, _, year = survey.rpartition("-")
            if code in catalogue.surveys:
                plan = plans.edition(code, year, catalogue, root)
        known = dict.fromkeys(catalogue.surveys, "")
        code = codes.chosen(code, known, tell("no survey"))
        held = question_files.made(catalogue.surveys[code], catalogue, plan)
        written = question_files.write(folder, held, again)
    except (CatalogueError, ValueError) as error:
        fail(error)
    except OSError as error:
        fail(terminal.of_system(error))
    for path in written:
        say(path)
