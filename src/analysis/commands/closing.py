"""``close``: sign a period; what changes later is told as the difference from what was signed."""

from datetime import date
from typing import Annotated

import typer

from analysis import project
from analysis.commands.terminal import PeriodArgument, RootOption, alone, fail, loaded_period, say
from analysis.exchange import appended
from analysis.history import versions
from analysis.language.messages import noted, tell
from analysis.language.words import day, plain
from analysis.period import Loaded
from analysis.project import Place
from analysis.site import planning
from analysis.storage import locks
from analysis.topics.submissions import severities

_NOTHING = noted("Nothing was signed")


def close(
    time_period: PeriodArgument,
    by: Annotated[str, typer.Option(help="Who signs: name and office.")],
    root: RootOption = project.PROJECT,
    on: Annotated[str, typer.Option(help="Day of signing (30/11/2026); today if not given.")] = "",
    note: Annotated[str, typer.Option(help="A note that is kept with the version.")] = "",
    although: Annotated[
        str, typer.Option(help="Why it is signed although something is not done; shown on pages.")
    ] = "",
) -> None:
    """Sign a period: its figures are kept as version 1; closed again after changes, as version 2.

    Not while findings that must be mended are unanswered or pages are not as they would be built,
    unless --although says why.
    """
    signed_on, name = _day(on), plain(by).strip()
    if not name:
        fail(tell("--by: the name of who signs is needed") + f". {tell(_NOTHING)}")
    loaded = loaded_period(time_period, root)
    if loaded.plan.known_on:
        fail(tell("{code}: sign the period itself, not as it was known on a day", code=time_period))
    code, place = loaded.plan.code, Place(root)
    try:
        with alone(code, root), locks.turn(place.derived(locks.FOLDER) / f"{code}.signed", say):
            before = versions.read(code, place)
            _hold(loaded, before, signed_on, plain(although))
            kept = versions.sign(loaded, signed_on, name, plain(note), plain(although))
    except (versions.VersionsError, appended.AppendedError) as error:
        fail(error)
    say(
        tell(
            "{code}: version {n}, signed on {day} by {by} → {folder}",
            code=code,
            n=kept.number,
            day=day(kept.on),
            by=kept.by,
            folder=place.signed(code),
        )
    )
    if before:
        _say_step(versions.between(before[-1], kept), before[-1].number)
    say(tell("Next: run {code} (pages carry the signature)", code=code))


def _day(on: str) -> date:
    found, today = appended.day(on) if on else date.today(), date.today()
    if found is None:
        fail(tell("--on {on}: write the day as 30/11/2026 or 2026-11-30", on=on))
    if found > today:
        fail(tell("--on {on}: is in the future", on=on) + f". {tell(_NOTHING)}")
    return found


def _hold(loaded: Loaded, before: list[versions.Version], on: date, although: str) -> None:
    """Refuse what is not to be signed; with a reason only what would be no version."""
    wrong = _undone(loaded) if not although.strip() else []
    if before:
        last = before[-1]
        if on < last.on:
            wrong.append(
                tell("version {n} was signed later, on {day}", n=last.number, day=day(last.on))
            )
        since = versions.since(last, loaded)
        if since.changes.empty:
            wrong.append(tell("nothing has changed since version {n}", n=last.number))
    if wrong:
        fail("\n".join([*wrong, tell(_NOTHING)]))


def _undone(loaded: Loaded) -> list[str]:
    found, code = [], loaded.plan.code
    if blocking := severities(loaded.tables.issues)["blocking"]:
        found.append(
            tell(
                "{n} findings that must be mended have no answer: check {code}, answer {code}",
                n=blocking,
                code=code,
            )
        )
    try:
        due = planning.plan(loaded).due
    except planning.PlanError as error:
        fail(error)
    if due:
        found.append(
            tell("{n} pages are not built or out of date: run {code}", n=len(due), code=code)
        )
    if found:
        found.append(tell("To sign all the same: --although “REASON”"))
    return found


def _say_step(step: versions.Since, number: int) -> None:
    units = step.effects["reporting_unit"].nunique()
    say(
        tell(
            "From version {n}: {figures} figures of {units} units differ; files: {files}",
            n=number,
            figures=len(step.effects),
            units=units,
            files=", ".join(step.changes["what"].head(10)) or "–",
        )
    )
