"""Dealings with offices: ``forms`` for them, ``receive`` what they send, ``check`` it, ``remind``
those who have not sent."""

import time
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from analysis import period, pipeline, project
from analysis.catalogue import plans
from analysis.catalogue.catalogue import Catalogue
from analysis.commands import narrowed, summaries, terminal
from analysis.commands.steps import step
from analysis.commands.terminal import PeriodArgument, RootOption, alone, fail, planned, say
from analysis.exchange import (
    appended,
    arriving,
    blank_forms,
    journal,
    parcels,
    receipts,
    reminders,
    replies,
    undone,
)
from analysis.language import messages
from analysis.language.messages import noted, tell
from analysis.schema.tables import still_open
from analysis.storage import files, locks, owners
from analysis.topics import submissions


def check(
    time_period: PeriodArgument,
    root: RootOption = project.PROJECT,
    most: Annotated[int, typer.Option(help="Lines of details to print.")] = 40,
    unit: Annotated[
        list[str] | None, typer.Option(help="Of this unit alone (code or name; repeatable).")
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(help="Of this rule alone, each finding on a line (code or name; repeatable)."),
    ] = None,
    severity: Annotated[
        list[str] | None, typer.Option(help="blocking, warning or note alone (repeatable).")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Findings and results of rules as JSON; nothing else.")
    ] = False,
    summary: Annotated[
        Path | None,
        typer.Option(help="Leave FILE.txt and FILE.json, to be mailed: what came, what is new."),
    ] = None,
) -> None:
    """Read, clean and validate; print a summary and save the issues; exit 1 if any that is blocking
    has not been answered.

    What is printed can be narrowed; what is saved, and the exit status, are of the whole period.
    """
    with (
        terminal.rarely_collecting(),
        terminal.aside() if as_json else nullcontext(),
        summaries.kept(summary, f"check {time_period}") as told,
    ):
        started = time.monotonic()
        plan, catalogue = planned(time_period, root)
        try:
            narrow = narrowed.chosen(plan, catalogue, unit or [], rule or [], severity or [])
        except ValueError as error:
            fail(error)
        with alone(plan.key, root):
            loaded = terminal.loaded_period(time_period, root)
            told.loaded(loaded)
            code = _check(loaded, root, most, narrow, as_json)
        terminal.console.print(f"{time.monotonic() - started:.1f} s")
        raise typer.Exit(code)


def _check(loaded, root: Path, most: int, narrow: narrowed.Narrow, as_json: bool) -> int:
    with step(terminal.console, tell("writing annotated copies …")) as done:
        written = period.send_back(loaded.tables, loaded.plan, root, done)
    held, issues = loaded.tables, still_open(loaded.tables.issues)
    if as_json:
        typer.echo(narrowed.as_json(loaded.plan.key, held.issues, held.rule_results, narrow))
    else:
        narrowed.show(narrow.of(issues), loaded.catalogue.rules, narrow, most)
        with messages.spoken():
            narrowed.show_first(submissions.to_ask(narrow.of(held.influence), loaded))
    terminal.print_balance(loaded)
    say(
        tell(
            "{copies} annotated workbooks, {receipts} receipts and {listed} in {folder}",
            copies=len(written.copies),
            receipts=len(written.receipts),
            listed=written.listed.name,
            folder=written.listed.parent,
        )
    )
    troubles = terminal.print_returned(written)
    blocking = (issues["severity"] == "blocking").any()
    return 1 if troubles or blocking else 0


def receive(
    time_period: PeriodArgument,
    sent: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Files, folders, zips, mails (.eml) that were sent, in the order they came.",
            exists=True,
        ),
    ] = None,
    on: Annotated[
        str, typer.Option(help="Day of receipt (20/09/2022 or 2022-09-20); today if not given.")
    ] = "",
    root: RootOption = project.PROJECT,
    as_named: Annotated[
        bool, typer.Option("--as-named", help="The order is right whatever numbers names have.")
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take back the last receive of the period.")
    ] = False,
) -> None:
    """Put what was sent into the folder of a period; nothing there is overwritten.

    What is sent once more after something else counts again.
    """
    plan, catalogue = planned(time_period, root)
    if bool(sent) == undo:
        fail(tell("name what was sent, or --undo"))
    if undo:
        _undo(plan, project.Place(root))
        return
    day = _day_of_receipt(on, plan)
    folder = project.Place(root).submissions(plan.code)
    try:
        with arriving.files_of(sent, catalogue.parameters["limits"], _say_passed) as held:
            done = _received(held, plan, day, root, as_named)
    except OSError as error:
        fail(
            tell(
                "{why}. See to it, then run the same command again: it leaves what it would have "
                "left undisturbed.",
                why=owners.refused(error) if error.filename else f"{error} ({folder})",
            )
        )
    except ValueError as error:
        fail(error)
    answering = project.Place(root).returns(plan.key).is_dir()  # else nobody answers it
    told = _taken_as(plan, catalogue, root)
    for row in done.itertuples():
        say(f"{tell(row.outcome)}: {row.sent} → {row.file}{told.get(row.file, '')}")
        if answering:
            _say_answers(folder / row.file, catalogue)


def _say_passed(lock: str) -> None:
    say(
        tell(
            "passed over: {file} only says that somebody has a file open; if that was changed, it "
            "is to be saved and received again",
            file=lock,
        )
    )


def _received(
    held: list[arriving.Arriving], plan: plans.PeriodPlan, day: date, root: Path, as_named: bool
) -> pd.DataFrame:
    """Receive files; ``sent`` is what those who sent them call them."""
    place = project.Place(root)
    folder, lock = place.submissions(plan.code), place.derived(locks.FOLDER)
    for earlier, later in [] if as_named else receipts.doubtful([one.path for one in held]):
        fail(
            tell(
                "“{earlier}” stands before “{later}”: which came later? Nothing was received: "
                "name them in the order they came; if you did, add --as-named",
                earlier=earlier,
                later=later,
            )
        )
    if journal.pending(folder):
        say(tell("finishing a receive that was interrupted"))
    # two at once would both see the same name free, and one line of the ledger be lost
    with locks.turn(lock / f"{plan.code}.received", say):
        with undone.noted(folder, lock / f"{plan.code}.received.json"):
            done = receipts.receive([one.path for one in held], folder, day)
    # as objects: a name may be no text
    return done.assign(sent=pd.Series([one.told for one in held], dtype=object))


def _day_of_receipt(on: str, plan: plans.PeriodPlan) -> date:
    """The day that is meant: one that people can have received something on."""
    today = date.today()
    day = appended.day(on) if on else today
    if day is None:
        fail(tell("--on {on}: write the day as 20/09/2022 or 2022-09-20", on=on))
    if day > today:
        fail(tell("--on {on}: is in the future. Nothing was received", on=on))
    if on and plan.start and day < plan.start:
        say(tell("note: {on} is before the period begins", on=on))
    return day


def _undo(plan: plans.PeriodPlan, place: project.Place) -> None:
    called = place.derived(locks.FOLDER) / f"{plan.code}.received"
    aside, record = place.derived(f"{plan.code}-undone"), called.with_suffix(".received.json")
    try:
        with locks.turn(called, say):
            moved = undone.undo(place.submissions(plan.code), record, aside)
    except OSError as error:
        fail(f"{plan.code}: {owners.refused(error)}")
    except ValueError as error:
        fail(f"{plan.code}: {error}")
    for path in moved:
        say(tell("taken back: {file} → {path}", file=path.name, path=path))
    ledger = receipts.LEDGER
    say(tell("{code}: {ledger} is as before the last receive", code=plan.code, ledger=ledger))


def _taken_as(plan: plans.PeriodPlan, catalogue: Catalogue, root: Path) -> dict[str, str]:
    """File → what it is taken for, in words."""
    try:
        told = tell("{code}: telling what files are …", code=plan.code)
        with step(terminal.console, told) as done:
            held = pipeline.taken_as(plan, catalogue, root, done)
    except (pipeline.NoSubmissionsError, files.NotAFileError) as error:
        say(error)  # received they are; check will say the same
        return {}
    names = dict(
        zip(catalogue.units["code"], catalogue.units[f"name_{messages.language()}"], strict=True)
    )
    found: dict[str, list[str]] = {}
    for row in held.itertuples():
        what = [row.form] if isinstance(row.form, str) else []
        what += [names[row.reporting_unit]] if row.reporting_unit in names else []
        what.append(tell(STANDING[row.state]) + (f" {row.revision}" if row.revision else ""))
        what += (
            [f"({catalogue.rules[row.rule]['name'][messages.language()]})"]
            if isinstance(row.rule, str)
            else []
        )
        found.setdefault(row.source_file, []).append(", ".join(what))
    return {file: ": " + "; ".join(parts) for file, parts in found.items()}


OUTCOMES = [noted("received"), noted("renamed"), noted("received_again"), noted("already_here")]
STANDING = {
    "in_force": noted("in force"),
    "superseded": noted("superseded"),
    "duplicate": noted("duplicate"),
    "refused": noted("refused"),
}


def _say_answers(path: Path, catalogue: Catalogue) -> None:
    """Print what answers a file holds, if it holds any."""
    held = replies.in_file(path, catalogue.rules, catalogue.parameters["limits"])
    if held.given or held.refused:
        say(
            "   "
            + tell(
                "answers: {given} confirmed, {refused} that do not count",
                given=len(held.given),
                refused=len(held.refused),
            )
            + (f" {tell('(check tells why)')}" if held.refused else "")
        )


def forms(
    time_period: PeriodArgument,
    folder: Annotated[Path, typer.Argument(help="Where the workbooks go; made if need be.")],
    root: RootOption = project.PROJECT,
    again: Annotated[
        bool, typer.Option("--again", help="Number new workbooks whose names are taken there.")
    ] = False,
    folders: Annotated[
        bool, typer.Option("--folders", help="A folder for each unit, with a covering note.")
    ] = False,
    zipped: Annotated[
        bool, typer.Option("--zip", help="A zip for each unit, with a covering note.")
    ] = False,
) -> None:
    """Write the blank workbooks of a period, one per unit that must report; none is overwritten."""
    plan, catalogue = planned(time_period, root)
    if folders and zipped:
        fail(tell("--folders and --zip: name one of them. Nothing was written"))
    try:
        if files.lies_in(folder, root / "data"):
            fail(
                tell(
                    "{folder} lies in {data}, where blank workbooks would be taken for what "
                    "offices sent: name a folder elsewhere. Nothing was written",
                    folder=folder,
                    data=root / "data",
                )
            )
        told = tell("{code}: making blank workbooks …", code=plan.code)
        with step(terminal.console, told) as done:
            before = period.earlier(plan, catalogue, project.Place(root)).last
            if folders or zipped:
                written = parcels.write(plan, catalogue, folder, zipped, again, before, done)
            else:
                written = blank_forms.write_blanks(plan, catalogue, folder, again, before, done)
    except (ValueError, OSError) as error:
        fail(error)
    what = noted("{n} zips in {folder}") if zipped else noted("{n} workbooks in {folder}")
    what = noted("{n} folders in {folder}") if folders else what
    say(tell(what, n=len(written), folder=folder))


def remind(
    time_period: PeriodArgument,
    folder: Annotated[Path, typer.Argument(help="Where the texts go; made if need be.")],
    on: Annotated[str, typer.Option(help="Day of the reminder (yyyy-mm-dd); today if not.")] = "",
    root: RootOption = project.PROJECT,
) -> None:
    """Write a reminder to each unit that has not sent all that is due; what was edited stays."""
    day = appended.day(on) if on else date.today()
    if day is None:
        fail(tell("--on {on}: write the day as 20/09/2022 or 2022-09-20", on=on))
    if files.lies_in(folder, root / "data"):
        why = tell("{folder} lies in {data}", folder=folder, data=root / "data")
        fail(tell("{why}: name a folder elsewhere. Nothing was written", why=why))
    plan, catalogue = planned(time_period, root)
    key = plan.key if plan.known_on or not on else plans.at_day(plan.code, day)
    tables = None
    if pipeline.begun(plan, project.Place(root)):
        tables = terminal.loaded_period(key, root).tables
    made = reminders.texts(tables, plan, catalogue, day)
    try:
        written, beside = reminders.write(folder, plan.code, made)
    except OSError as error:
        fail(error)
    terminal.print_beside(beside)
    say(tell("{n} reminders in {folder}", n=len(written), folder=folder))
