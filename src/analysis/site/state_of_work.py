"""How far the work on each period and edition has come, and what to do next.

Nothing is read of what was sent and nothing is made: what is told rests on the tables that are
kept, on the receipt of the built pages, and on the names of files.
"""

import json
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import pandas as pd

from analysis import period, pipeline, project
from analysis.batch.pages import RECEIPT
from analysis.catalogue import catalogue as cat
from analysis.catalogue import new_plans, plans
from analysis.catalogue.reader import CatalogueError
from analysis.history import versions
from analysis.language import messages
from analysis.language.messages import noted, tell
from analysis.schema.tables import still_open
from analysis.site import signature
from analysis.storage import files, owners
from analysis.survey import editions
from analysis.topics import submissions

STATES = {
    "broken": noted("description is wrong"),
    "to_fill": noted("no source yet"),
    "nothing_sent": noted("nothing received"),
    "not_checked": noted("not checked"),
    "not_built": noted("no pages yet"),
    "pages_old": noted("pages are old"),
    "signed": noted("signed"),
    "changed_since": noted("changed since it was signed"),
    "to_mend": noted("to mend"),
    "awaited": noted("units awaited"),
    "complete": noted("complete"),
}
"""How far a period is, the first of these that applies, in the words of the console."""


@dataclass(frozen=True)
class State:
    """How far one period or edition is.

    ``end``: the last day that its figures cover. ``files``: how many were sent. ``units_due``,
    ``units_sent``: units that must report, and of these those with a figure that can be used (None:
    not checked since something changed; of an edition: not told). ``blocking``: findings that must
    be mended and are open. ``days_left``: until the deadline, negative when it has passed, None
    without one. ``built_at``: as the pages state it. ``next``: what to do, a command where it is
    one. ``version``: the last that was signed, on ``signed_on``; ``changes``: how many came since
    (None: nobody signed, or not checked).
    """

    code: str
    kind: str
    title: str
    end: date | None
    deadline: date | None
    days_left: int | None
    files: int
    units_due: int | None
    units_sent: int | None
    blocking: int | None
    built_at: str
    state: str
    next: str
    version: int | None = None
    signed_on: date | None = None
    changes: int | None = None


def table(root: Path, today: date) -> pd.DataFrame:
    """Columns as the fields of :class:`State`, one row for each period and edition, the last ones
    first.

    Raises
    ------
    analysis.catalogue.reader.CatalogueError
        if the catalogue cannot be read.
    """
    place, catalogue = project.Place(root), cat.load(root)
    found = []
    for path in place.submissions("").glob("*/period.yml"):
        found.append(_held(path, "period", lambda p: _of_period(p, catalogue, place, today)))
    for path in place.survey("").glob("*/edition.yml"):
        found.append(_held(path, "edition", lambda p: _of_edition(p, catalogue, place)))
    found.sort(key=lambda s: (s.end or date.min, s.code), reverse=True)
    return pd.DataFrame(found, columns=[f.name for f in fields(State)], dtype=object)


def _held(path: Path, kind: str, of) -> State:
    code = path.parent.name
    try:
        return of(code)
    except (CatalogueError, ValueError, OSError, pipeline.NoSubmissionsError) as error:
        refused = isinstance(error, OSError)
        why = owners.refused(error) if refused else str(error).splitlines()[0]
        return State(code, kind, "", None, None, None, 0, None, None, None, "", "broken", why)


def _of_period(code: str, catalogue: cat.Catalogue, place: project.Place, today: date) -> State:
    plan = plans.plan(code, catalogue, place.root)
    sent = pipeline.arrived_files(plan, place)
    due = plans.due_units(catalogue, plan)
    kept = period.kept(plan, catalogue, place) if sent else None
    reporting = blocking = changes = None
    signed = versions.read(code, place)
    if kept is not None:
        if signed:
            held = period.Loaded(plan, catalogue, due, kept, place.root)
            changes = len(versions.since(signed[-1], held).changes)
        reporting = len(submissions.reporting(kept) & set(due["code"]))
        blocking = submissions.severities(still_open(kept.issues))["blocking"]
    built = _built(place, plan.key)
    state = _state(
        source=plan.source,
        sent=bool(sent),
        checked=kept is not None,
        blocking=blocking or 0,
        lacking=reporting is not None and reporting < len(due),
        built=built,
        changed=kept is not None
        and (_changed(built, place.submissions(code)) or _unsigned(built, signed)),
        changes=changes,
    )
    awaiting = plan.deadline is not None and plan.deadline < today
    return State(
        code=code,
        kind="period",
        title=plan.title[messages.language()],
        end=plan.end,
        deadline=plan.deadline,
        days_left=(plan.deadline - today).days if plan.deadline else None,
        files=len(sent),
        units_due=len(due),
        units_sent=reporting,
        blocking=blocking,
        built_at=built.get("built_at", ""),
        state=state,
        next=_next(state, code, f"run {code}", f"check {code}", awaiting),
        version=signed[-1].number if signed else None,
        signed_on=signed[-1].on if signed else None,
        changes=changes,
    )


def _of_edition(code: str, catalogue: cat.Catalogue, place: project.Place) -> State:
    survey, _, year = code.rpartition("-")
    plan = plans.edition(survey, year, catalogue, place.root)
    sent = editions.sent(plan, place)
    kept = editions.kept(plan, catalogue, place) if sent else None
    blocking = None
    if kept is not None:
        blocking = submissions.severities(still_open(kept.issues))["blocking"]
    built = _built(place, code)
    state = _state(
        source=plan.source,
        sent=bool(sent),
        checked=kept is not None,
        blocking=0,  # answers are asked about; estimates do not wait for them
        lacking=False,
        built=built,
        changed=kept is not None and _changed(built, place.survey(code)),
    )
    run = f"{survey} {year}"
    return State(
        code=code,
        kind="edition",
        title=plan.title[messages.language()],
        end=plan.reference_period[1],
        deadline=None,
        days_left=None,
        files=len(sent),
        units_due=None,
        units_sent=None,
        blocking=blocking,
        built_at=built.get("built_at", ""),
        state=state,
        next=_next(state, code, run, run, False),
    )


def _state(
    source: dict,
    sent: bool,
    checked: bool,
    blocking: int,
    lacking: bool,
    built: dict,
    changed: bool,
    changes: int | None = None,
) -> str:
    """The first of :data:`STATES` that applies; ``changes``: since it was signed, None where it was
    not."""
    applies = {
        "to_fill": new_plans.to_fill(source),
        "nothing_sent": not sent,
        "not_checked": not checked,
        "not_built": not built,
        "pages_old": changed,
        "signed": changes == 0,
        "changed_since": bool(changes),
        "to_mend": blocking > 0,
        "awaited": lacking,
        "complete": True,
    }
    return next(state for state, holds in applies.items() if holds)


def _next(state: str, code: str, run: str, check: str, late: bool) -> str:
    """What to do about a state."""
    remind = tell("remind {code} FOLDER", code=code)
    return {
        "to_fill": tell("write source in the description of {code}", code=code),
        "nothing_sent": tell("receive {code} FILE…", code=code),
        "not_checked": check,
        "not_built": run,
        "pages_old": run,
        "signed": tell("share {code} FILE.zip", code=code),
        "changed_since": tell("see {page}; close {code} --by NAME", page=signature.PAGE, code=code),
        "to_mend": tell("send back the files in data/derived/{code}-returns", code=code),
        "awaited": remind if late else tell("wait; or {command}", command=remind),
        "complete": tell("share {code} FILE.zip", code=code),
    }[state]


def _built(place: project.Place, key: str) -> dict:
    """The receipt of the built pages; empty where there are none, or it is not as we write them."""
    try:
        receipt = json.loads((place.reports / key / RECEIPT).read_text("utf-8"))
        return receipt if isinstance(receipt, dict) else {}
    except (OSError, ValueError):
        return {}


def _unsigned(built: dict, signed: list[versions.Version]) -> bool:
    """Whether the pages state another version than the last that was signed."""
    stated = built.get("signed") or {}
    return bool(signed) and stated.get("version") != signed[-1].number


def _changed(built: dict, folder: Path) -> bool:
    """Whether what was sent, or what is stated of it, is other than what the pages were made of."""
    made_of, now = built.get("inputs", {}), files.digests(folder)
    names = [n for n in {*made_of, *now} if n.lower() != "readme.md"]
    return any(made_of.get(n) != now.get(n) for n in names)
