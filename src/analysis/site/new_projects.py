"""A project of one's own: the catalogue, the reference data, the notebooks and the pages that the
software carries, and an empty period."""

import json
import os
import re
from datetime import date
from pathlib import Path

import yaml

from analysis.catalogue import catalogue as cat
from analysis.catalogue import new_plans, periods, plans
from analysis.language.messages import tell
from analysis.project import SOFTWARE, Place
from analysis.site import declared
from analysis.storage import files, scratch

GIVEN = ("data/README.md", "data/catalogue", "data/reference", "notebooks", "reports/site.yml")
"""What a project begins with; a wheel carries it (``pyproject.toml``)."""


class ProjectError(Exception):
    """There can be no new project at this place; the message says why."""


def begin(folder: Path, code: str, today: date) -> plans.PeriodPlan:
    """Make a project in a folder that is empty or not there yet; returns the plan of its period.

    ``code``: its first period; if empty, the one of the calendar that holds ``today``. It is begun
    like the one that ``site.yml`` names (``begin_like``), with real figures. The project is made
    aside and read before it takes its place, and its data take theirs last: a folder without them
    is no project.

    Raises
    ------
    ProjectError
        where anything lies in the folder, it is a link, or there is none to make it in.
    ValueError
        if ``code`` is no period code, or the period does not fit.
    OSError
        where nothing can be written.
    """
    there = os.path.lexists(folder)
    if there and folder.is_dir() and not folder.is_symlink():
        scratch.sweep(folder)  # what a process that was killed left there
    if taken := _taken(folder, there):
        raise ProjectError(taken)
    site = (SOFTWARE / "reports" / "site.yml").read_text("utf-8")
    like = str(yaml.safe_load(site)["begin_like"])
    code = code or periods.holding(today, periods.parse(like).frequency).code
    own = {"report": [code], "also_in": {}, "begin_like": code}
    period = new_plans.period(code, Place(SOFTWARE).submissions(like) / "period.yml", False)
    aside = folder if there else folder.parent
    with scratch.folder(within=aside) as held:
        made = held / "project"
        for path in _given():
            files.write(made / path.relative_to(SOFTWARE), path.read_bytes())
        pages = made / "reports" / "site.yml"
        files.write(pages, _with(site, own).encode())
        declared.load(pages, made / "notebooks")
        files.write(Place(made).submissions(code) / "period.yml", period.encode())
        plan = plans.plan(code, cat.load(made), made)
        if there:
            for name in sorted(os.listdir(made), reverse=True):
                os.rename(made / name, folder / name)
        else:
            os.rename(made, folder)
    return plan


def _taken(folder: Path, there: bool) -> str:
    """Why a project cannot be made here; empty if it can."""
    if folder.is_symlink() or there and not folder.is_dir():
        return tell("{folder}: is a link or a file, no folder", folder=folder)
    if there and (held := sorted(os.listdir(folder))):
        names = ", ".join(held[:3]) + (", …" if len(held) > 3 else "")
        return tell("{folder}: is not empty: {names}", folder=folder, names=names)
    if not there and not folder.parent.is_dir():
        return tell("{folder}: there is no such folder, make it first", folder=folder.parent)
    return ""


def _given() -> list[Path]:
    """The files that a project begins with, without what is hidden beside them."""
    found = [SOFTWARE / name for name in GIVEN]
    found += [path for folder in found if folder.is_dir() for path in sorted(folder.rglob("*"))]
    hidden = re.compile(r"(^|/)\.").search
    return [p for p in found if p.is_file() and not hidden(p.relative_to(SOFTWARE).as_posix())]


def _with(site: str, own: dict[str, object]) -> str:
    """``site.yml`` with other values of keys that stand on one line each."""
    for key, value in own.items():
        site = re.sub(rf"^{key}:.*$", f"{key}: {json.dumps(value)}", site, flags=re.M)
    return site
