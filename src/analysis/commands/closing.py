"""``close``: sign a period; what changes later is told as the difference from what was signed."""

from datetime import date
from typing import Annotated

import typer

from analysis import project
from analysis.commands.terminal import PeriodArgument, RootOption, alone, fail, loaded_period, say
from analysis.exchange import appended
from analysis.history import versions
from analysis.language.words import day, plain
from analysis.period import Loaded
from analysis.project import Place
from analysis.site import planning
from analysis.storage import locks
from analysis.topics.submissions import severities


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
        fail("--by: cần tên người ký / the name of who signs. Chưa ký / nothing was signed")
    loaded = loaded_period(time_period, root)
    if loaded.plan.known_on:
        fail(f"{time_period}: ký kỳ, không ký kỳ như đã biết một ngày / sign the period itself")
    code, place = loaded.plan.code, Place(root)
    try:
        with alone(code, root), locks.turn(place.derived(locks.FOLDER) / f"{code}.signed"):
            before = versions.read(code, place)
            _hold(loaded, before, signed_on, plain(although))
            kept = versions.sign(loaded, signed_on, name, plain(note), plain(although))
    except (versions.VersionsError, appended.AppendedError) as error:
        fail(error)
    say(
        f"{code}: bản {kept.number}, ký ngày {day(kept.on)}, người ký {kept.by} / version "
        f"{kept.number} signed → {place.signed(code)}"
    )
    if before:
        _say_step(versions.between(before[-1], kept), before[-1].number)
    say(f"Tiếp theo / next: run {code} (trang mang chữ ký / pages carry it)")


def _day(on: str) -> date:
    found, today = appended.day(on) if on else date.today(), date.today()
    if found is None:
        fail(f"--on {on}: viết ngày như / write the day as 30/11/2026, 2026-11-30")
    if found > today:
        fail(f"--on {on}: ngày ở tương lai / is in the future. Chưa ký / nothing was signed")
    return found


def _hold(loaded: Loaded, before: list[versions.Version], on: date, although: str) -> None:
    """Refuse what is not to be signed; with a reason only what would be no version."""
    wrong = _undone(loaded) if not although.strip() else []
    if before:
        last = before[-1]
        if on < last.on:
            wrong.append(
                f"bản {last.number} ký ngày {day(last.on)}, sau ngày này / was signed later"
            )
        since = versions.since(last, loaded)
        if since.changes.empty:
            wrong.append(
                f"từ bản {last.number} không có gì thay đổi / nothing has changed since version "
                f"{last.number}"
            )
    if wrong:
        fail("\n".join([*wrong, "Chưa ký / nothing was signed"]))


def _undone(loaded: Loaded) -> list[str]:
    found, code = [], loaded.plan.code
    if blocking := severities(loaded.tables.issues)["blocking"]:
        found.append(
            f"{blocking} phát hiện phải sửa chưa được trả lời / findings that must be mended are "
            f"open: check {code}, answer {code}"
        )
    try:
        due = planning.plan(loaded).due
    except planning.PlanError as error:
        fail(error)
    if due:
        found.append(
            f"{len(due)} trang chưa lập hoặc đã cũ / pages are not built or out of date: run {code}"
        )
    if found:
        found.append("Vẫn ký / to sign all the same: --although “lý do / reason”")
    return found


def _say_step(step: versions.Since, number: int) -> None:
    units = step.effects["reporting_unit"].nunique()
    say(
        f"So với bản {number} / from version {number}: {len(step.effects)} số của {units} đơn vị "
        f"khác đi / figures of {units} units differ; tệp / files: "
        + (", ".join(step.changes["what"].head(10)) or "–")
    )
