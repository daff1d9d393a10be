"""To begin something of one's own: ``init``, ``new period``, ``new edition``, ``new page``."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import new_plans, plans
from analysis.catalogue.periods import parse
from analysis.catalogue.reader import CatalogueError
from analysis.commands.terminal import RootOption, fail, say
from analysis.exchange.appended import day as day_of
from analysis.language import codes, messages
from analysis.language.messages import noted, tell
from analysis.language.words import day
from analysis.site import declared, new_pages, new_projects
from analysis.storage import files, scratch

Title = Annotated[str, typer.Option(help="What it is called; else the name of its period.")]
Source = Annotated[str, typer.Option(help="Where the figures come from; else marked to fill in.")]
Real = Annotated[
    bool | None,
    typer.Option(
        "--real/--illustrative",
        help="Whether the figures are real or made up; asked if not said.",
        show_default=False,
    ),
]


_NOTHING = noted("nothing was made")


def init(
    folder: Annotated[Path, typer.Argument(help="The folder of the project; new, or empty.")],
    period: Annotated[
        str, typer.Option(help="Its first period: 2026-Q4; else that of today.", show_default=False)
    ] = "",
) -> None:
    """Make a project: catalogue, reference data, notebooks, pages, and an empty period."""
    try:
        plan = new_projects.begin(folder, period, date.today())
    except (new_projects.ProjectError, ValueError) as error:
        fail(f"{error}\n{tell(_NOTHING)}")
    path = project.Place(folder).submissions(plan.code) / "period.yml"
    say(
        tell(
            "{folder}: new project; {title}, forms {forms}",
            folder=folder,
            title=plan.title[messages.language()],
            forms=", ".join(plan.forms),
        )
    )
    _remind(plan.source, path)
    say(
        tell(
            "Next: cd {folder}; status; forms {code} FOLDER; receive {code} FILE…; run {code}",
            folder=folder,
            code=plan.code,
        )
    )


def new_period(
    code: Annotated[str, typer.Argument(help="Its code: 2026-Q4, 2026-11, 2026-S2, 2026.")],
    like: Annotated[
        str, typer.Option("--from", help="The period that it is begun from; else the last alike.")
    ] = "",
    title: Title = "",
    source: Source = "",
    real: Real = None,
    root: RootOption = project.PROJECT,
) -> None:
    """Write period.yml of a new period and say its days, deadline and who must report."""
    place = project.Place(root)
    try:
        catalogue = cat.load(root)
        old = place.submissions(_like(code, like, place)) / "period.yml"
        title, source, real = _asked(title, source, real)
        text = new_plans.period(code, old, not real, title, source)
    except (CatalogueError, ValueError) as error:
        fail(error)
    path = place.submissions(code) / "period.yml"
    try:
        with _tried(path, text, root) as aside:
            plan = plans.plan(code, catalogue, aside)
    except (CatalogueError, ValueError) as error:
        unfit = tell("--from {old}: does not fit {code}", old=old.parent.name, code=code)
        fail(f"{error}\n{unfit}. {tell(_NOTHING)}")
    _write(path, text)
    due = len(plans.due_units(catalogue, plan))
    until = tell("no deadline")
    if plan.deadline:
        until = tell("deadline {day}", day=day(plan.deadline))
    say(f"{path}")
    say(
        tell(
            "{title}: figures from {start} to {end}, {until}; {n} units of the list of {on}; "
            "forms {forms}",
            title=plan.title[messages.language()],
            start=day(plan.start),
            end=day(plan.end),
            until=until,
            n=due,
            on=day(plan.units_on),
            forms=", ".join(plan.forms),
        )
    )
    _remind(plan.source, path)
    say(tell("Next: forms {code} FOLDER; receive {code} FILE…; run {code}", code=code))


def new_edition(
    code: Annotated[str, typer.Argument(help="Its code: apci-2023.")],
    months: Annotated[
        str, typer.Option(help="First and last day asked about: 01/07/2022-31/12/2022.")
    ],
    like: Annotated[
        str, typer.Option("--from", help="The edition it is compared with; none if not said.")
    ] = "",
    title: Title = "",
    source: Source = "",
    real: Real = None,
    root: RootOption = project.PROJECT,
) -> None:
    """Write edition.yml of a survey edition; nothing is overwritten."""
    place = project.Place(root)
    survey, _, year = code.rpartition("-")
    old = like.removeprefix(f"{survey}-")
    days = [day_of(text) for text in months.replace("–", "-").rsplit("-", 1)]
    if None in days:
        fail(tell("--months {months}: write as 01/07/2022-31/12/2022", months=months))
    path = place.survey(code) / "edition.yml"
    try:
        catalogue = cat.load(root)
        if survey not in catalogue.surveys or not re.fullmatch("[0-9]{4}", year):
            near = codes.hint(survey, catalogue.surveys, tell("known surveys"))
            fail(tell("{code}: write apci-2023{near}", code=code, near=near))
        if old:
            plans.edition(survey, old, catalogue, root)
        title, source, real = _asked(title, source, real)
        text = new_plans.edition(survey, year, old or None, tuple(days), not real, title, source)
        with _tried(path, text, root) as aside:
            plan = plans.edition(survey, year, catalogue, aside)
    except (CatalogueError, ValueError) as error:
        fail(f"{error}\n{tell(_NOTHING)}")
    _write(path, text)
    say(f"{path}")
    _remind(plan.source, path)
    say(
        tell(
            "Next: selected.csv, strata.csv, totals.csv and the answer files into the same folder "
            "(docs/howto/edition.md); {command}",
            command=f"{survey} {year}",
        )
    )


def new_page(
    name: Annotated[str, typer.Argument(help="Its code, in plain letters: waiting, 23_waiting.")],
    title: Annotated[str, typer.Option(help="What it is called; else by its code.")] = "",
    question: Annotated[str, typer.Option(help="The question that it answers, and for whom.")] = "",
    root: RootOption = project.PROJECT,
) -> None:
    """Begin a page: a notebook to go on from, and its lines in reports/site.yml."""
    try:
        made = new_pages.begin(name, root, title, question)
    except (declared.SiteError, OSError) as error:
        fail(error)
    stem, period = made.notebook.stem, made.period or "2024"
    say(f"{made.notebook}")
    line = tell("line {n}", n=made.line)
    say(f"{root / 'reports' / 'site.yml'}: {made.code}, {line}")
    shown = f'reports/{period}/{made.code}.html; JupyterLab: explore.preview("{stem}")'
    say(
        tell(
            "Preview: run {period} --page {page} → {shown}",
            period=period,
            page=made.code,
            shown=shown,
        )
    )
    say(tell("To take it away: delete the notebook and those lines; run"))


def _like(code: str, like: str, place: project.Place) -> str:
    """The period to begin from: the one named, or the last of the same frequency and series."""
    known = sorted(p.parent.name for p in place.submissions("").glob("*/period.yml"))
    if like:
        return codes.chosen(like, dict.fromkeys(known, ""), tell("no period"))
    meant = parse(code)
    alike = []
    for one in known:
        other = parse(one)
        if (other.series, other.frequency) == (meant.series, meant.frequency):
            alike.append(((other.year, other.index), one))
    before = [one for one in sorted(alike) if one[0] < (meant.year, meant.index)] or sorted(alike)
    if not before:
        raise ValueError(
            tell(
                "{code}: name the period that it is like: --from {known}",
                code=code,
                known=" | ".join(known[-5:]),
            )
        )
    return before[-1][1]


def _asked(title: str, source: str, real: bool | None) -> tuple[str, str, bool]:
    """What was not said is asked where somebody can answer."""
    if real is None and not sys.stdin.isatty():
        raise ValueError(f"{tell('--real or --illustrative?')} {tell(_NOTHING)}")
    if real is None:
        real = typer.confirm(tell("Are the figures real?"), default=True)
        title = title or typer.prompt(tell("Title"), default="", show_default=False)
        source = source or typer.prompt(
            tell("Source of the figures"), default="", show_default=False
        )
    return title, source, real


@contextmanager
def _tried(path: Path, text: str, root: Path) -> Iterator[Path]:
    """A project that holds this description alone: whether it is sound is known before it lies
    where it belongs."""
    with scratch.folder() as folder:
        aside = folder / path.relative_to(root)
        aside.parent.mkdir(parents=True)
        aside.write_text(text, encoding="utf-8")
        yield folder


def _write(path: Path, text: str) -> None:
    if os.path.lexists(path):
        fail(tell("{path} is there already and stays as it is", path=path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, text.encode())
    except OSError as error:
        fail(error)


def _remind(source: dict, path: Path) -> None:
    if new_plans.to_fill(source):
        say(tell("To be filled in: source ({file})", file=path.name))
