"""How things stand: ``status``, which periods and editions there are, how far each is, what is next
and which file decides what."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.table import Table

from analysis import project
from analysis.catalogue.reader import CatalogueError
from analysis.commands import terminal
from analysis.commands.terminal import RootOption, fail, say
from analysis.language.codes import UnknownCodeError, chosen
from analysis.language.messages import noted, tell
from analysis.language.words import day, printable
from analysis.site import state_of_work

FILES = [
    (
        noted("data/submissions/<period>/period.yml"),
        noted("the period: forms, frameworks, who must send"),
        "docs/operate.vi.md",
    ),
    (
        noted("data/submissions/<period>/received.csv"),
        noted("which file came on which day"),
        "docs/method/02-submissions.md",
    ),
    (
        noted("data/submissions/<period>/answers.csv"),
        noted("answers to findings"),
        "docs/method/03-rules.md",
    ),
    (
        noted("data/survey/<edition>/edition.yml"),
        noted("the survey edition"),
        "docs/howto/edition.md",
    ),
    (
        noted("data/signed/<period>/versions.csv"),
        noted("which version was signed, and by whom"),
        "docs/operate.vi.md",
    ),
    ("data/catalogue/forms/*.yml", noted("forms and their rules"), "docs/howto/form.md"),
    (
        "data/catalogue/frameworks/*.yml",
        noted("indicators, weights, points"),
        "docs/howto/indicator.md",
    ),
    (
        "data/catalogue/codelists/targets.csv",
        noted("targets and their sources"),
        "docs/method/11-targets.md",
    ),
    ("data/catalogue/codelists/units.csv", noted("units, by day"), "docs/method/09-recasting.md"),
    ("data/catalogue/rules.yml", noted("the words of each rule"), "docs/rules.md"),
    ("data/catalogue/regimes.yml", noted("closing days, deadlines"), "docs/catalogue-keys.md"),
    (
        "data/catalogue/parameters.yml",
        noted("thresholds and limits, by day"),
        "docs/catalogue-keys.md",
    ),
    (
        "reports/site.yml",
        noted("which notebook with which parameters is which page"),
        "docs/howto/page.md",
    ),
    ("reports/templates", noted("how pages look"), "docs/howto/page.md"),
]
"""File → what it decides, where that is explained: the operator's map of a project."""


HEADS = [noted("period"), noted("deadline"), noted("files"), noted("units"), noted("to mend")]
HEADS += [noted("state"), noted("what is next")]
MAP_HEADS = [noted("file"), noted("decides"), noted("explained in")]


def status(
    code: Annotated[
        str, typer.Argument(help="One period or edition alone; else all of them.")
    ] = "",
    root: RootOption = project.PROJECT,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON; nothing else.")] = False,
    files: Annotated[
        bool, typer.Option("--files", help="Which file of the project decides what.")
    ] = False,
) -> None:
    """Which periods and editions there are, who has sent what, what is late, what to do next."""
    if files:
        _map(root)
        return
    try:
        held = state_of_work.table(root, date.today())
        if code:
            titles = dict(zip(held["code"], held["title"], strict=True))
            held = held[held["code"] == chosen(code, titles, tell("no period or edition"))]
    except (CatalogueError, UnknownCodeError) as error:
        fail(error)
    if as_json:
        typer.echo(json.dumps(held.to_dict("records"), ensure_ascii=False, default=str, indent=1))
    elif held.empty:
        say(tell("No period yet. Begin one: reform-monitor new period 2026-Q4"))
    else:
        _print(held)


def _print(held: pd.DataFrame) -> None:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for name in HEADS:
        right = name in ("files", "units", "to mend")
        shown.add_column(tell(name), justify="right" if right else "left", overflow="fold")
    for row in held.itertuples():
        shown.add_row(*(printable(str(text)) for text in _told(row)))
    terminal.console.print(shown, highlight=False)
    say(tell("Run: reform-monitor COMMAND (or python -m analysis COMMAND)"))


def _told(row) -> list[str]:
    days = None if row.days_left is None else int(row.days_left)
    lacking = row.units_sent is not None and row.units_sent < row.units_due
    left = ""
    if days is not None and days >= 0:
        left = ", " + tell("{n} days left", n=days)
    elif days is not None and lacking:
        left = ", " + tell("{n} days late", n=-days)
    units = "?" if row.units_sent is None else row.units_sent
    return [
        row.code,
        f"{day(row.deadline)}{left}" if row.deadline else "",
        row.files,
        f"{units}/{row.units_due}" if row.units_due is not None else "",
        "" if row.blocking is None else row.blocking,
        ", ".join(filter(None, [_signed(row), tell(state_of_work.STATES[row.state])])),
        row.next,
    ]


def _signed(row) -> str:
    """Which version was signed, and how many changes came since."""
    if row.version is None:
        return ""
    told = tell("version {n}", n=row.version)
    return f"{told} + {row.changes}" if row.changes else told


def _map(root: Path) -> None:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for name in MAP_HEADS:
        shown.add_column(tell(name), no_wrap=name == "file")
    for path, decides, told in FILES:
        shown.add_row(tell(path), tell(decides), told)
    say(tell("Project: {root}", root=root))
    terminal.console.print(shown, highlight=False)
