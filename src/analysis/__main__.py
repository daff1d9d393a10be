"""The commands: ``python -m analysis run | check | receive | report | share | verify …``."""

import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from analysis import project
from analysis.batch.progress import Progress
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans, reader
from analysis.commands.terminal import (
    PeriodArgument,
    RootOption,
    alone,
    app_of,
    console,
    fail,
    loaded_period,
    planned,
    say,
)
from analysis.commands.terminal import run as run_app
from analysis.display.tables import SEVERITY, severities
from analysis.exchange import blank_forms, journal, receipts, returns
from analysis.language.languages import LANGUAGES, SOURCE
from analysis.language.words import printable
from analysis.period import Loaded, send_back
from analysis.site import building, planning, share, verify
from analysis.site import declared as site
from analysis.storage import clean_up, files, locks
from analysis.survey import editions

app = app_of("Check, score and report administrative-reform indicators.")


@app.command()
def check(
    time_period: PeriodArgument,
    root: RootOption = project.PROJECT,
    most: Annotated[int, typer.Option(help="Issues to print.")] = 40,
) -> None:
    """Read, clean and validate; print and save the issues; exit 1 if any is blocking."""
    plan, _ = planned(time_period, root)
    with alone(plan.key, root):
        code = _check(time_period, root, most)
    raise typer.Exit(code)


def _check(time_period: str, root: Path, most: int) -> int:
    started = time.monotonic()
    loaded = loaded_period(time_period, root)
    issues = loaded.tables.issues
    with console.status("ghi tệp trả lại / writing annotated copies …"):
        written = send_back(loaded.tables, loaded.plan, root)
    table = Table("Mức độ", "Tệp", "Ô", "Nội dung", box=None, pad_edge=False)
    for issue in issues.head(most).itertuples():
        cell = " ".join(filter(None, (issue.source_sheet, issue.source_cell)))
        texts = (issue.source_file, cell, issue.message_vi)
        table.add_row(SEVERITY[issue.severity], *(Text(printable(t)) for t in texts))
    console.print(table)
    if len(issues) > most:
        console.print(f"… {len(issues) - most} more in issues.csv")
    _print_balance(loaded)
    say(
        f"{len(written.copies)} annotated workbooks and {written.listed.name} "
        f"in {written.listed.parent}"
    )
    troubles = _print_returned(written)
    console.print(f"{time.monotonic() - started:.1f} s")
    return 1 if troubles or (issues["severity"] == "blocking").any() else 0


def _print_returned(written: returns.Written) -> int:
    """What stays in the way of the copies, and what could not be written; returns how many."""
    _print_beside(written.beside)
    for trouble in written.troubles:
        say(f"not written: {trouble}")
    return len(written.troubles)


def _print_beside(beside: dict[Path, Path], most: int = 20) -> None:
    for old, new in list(beside.items())[:most]:
        told = f"{old} is not as we wrote it; the new one stands beside it: {new.name}"
        say(f"giữ nguyên / kept: {told}")
    if len(beside) > most:
        say(f"giữ nguyên / kept: {len(beside) - most} more that are not as we wrote them")


def _print_balance(loaded: Loaded) -> None:
    total = loaded.tables.balance.sum(numeric_only=True).astype(int)
    counts = severities(loaded.tables.issues)
    console.print(
        f"{loaded.plan.code}: {len(loaded.tables.balance)} files, "
        f"{total['submitted']} cells = {total['labels']} labels + {total['accepted']} accepted + "
        f"{total['in_issues']} in issues + {total['unaccounted']} unaccounted; "
        f"{counts['blocking']} blocking, {counts['warning']} warnings, {counts['note']} notes"
    )


UnitOption = Annotated[list[str] | None, typer.Option(help="Only these units' pages.")]
PageOption = Annotated[
    list[str] | None, typer.Option(help="Only these pages, as they are called on screen.")
]
WorkersOption = Annotated[int | None, typer.Option(help="Parallel processes.", min=1)]
DryOption = Annotated[
    bool, typer.Option("--dry-run", help="Say which pages would be built, and why; build none.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Build all, changed or not.")]
SecondsOption = Annotated[float, typer.Option(help="Time limit of a page.", min=1)]
PdfOption = Annotated[
    bool | None,
    typer.Option(
        "--pdf/--no-pdf",
        help="A PDF beside each national page (or those of --page); if not said, as before.",
        show_default=False,
    ),
]
SchedulerOption = Annotated[
    str | None, typer.Option(help="Address of a Dask scheduler whose workers build the pages.")
]
LangOption = Annotated[
    list[str] | None, typer.Option(help="In this language too (en); kept up to date from then on.")
]
StoreOption = Annotated[
    str | None,
    typer.Option(help="Folder or object store for reports and tables that all machines reach."),
]


@dataclass(frozen=True)
class _Wanted:
    """What of a site is to be built, and how."""

    unit: list[str] | None = None
    page: list[str] | None = None
    workers: int | None = None
    dry_run: bool = False
    force: bool = False
    seconds: float = 300
    scheduler: str | None = None
    store: str | None = None
    lang: tuple[str, ...] = ()
    pdf: bool | None = None


@app.command()
def run(
    time_period: PeriodArgument,
    root: RootOption = project.PROJECT,
    unit: UnitOption = None,
    page: PageOption = None,
    workers: WorkersOption = None,
    dry_run: DryOption = False,
    force: ForceOption = False,
    seconds: SecondsOption = 300,
    scheduler: SchedulerOption = None,
    store: StoreOption = None,
    lang: LangOption = None,
    pdf: PdfOption = None,
) -> None:
    """The main job: read, check, score, execute the notebooks, write the HTML site.

    Only pages that rest on something that has changed are built. Ctrl-C keeps what is finished; the
    same command goes on.
    """
    wanted = _Wanted(
        unit, page, workers, dry_run, force, seconds, scheduler, store, tuple(lang or ()), pdf
    )
    raise typer.Exit(_run(time_period, root, wanted))


def _run(time_period: str, root: Path, wanted: _Wanted) -> int:
    plan, _ = planned(time_period, root)
    with alone(plan.key, root):
        return _run_alone(time_period, root, wanted)


def _run_alone(time_period: str, root: Path, wanted: _Wanted) -> int:
    started = time.monotonic()
    loaded = loaded_period(time_period, root)
    troubles = 0
    if not wanted.dry_run:
        with console.status(f"{time_period}: ghi tệp trả lại / writing annotated copies …"):
            written = send_back(loaded.tables, loaded.plan, root)
        troubles = _print_returned(written)
    code = _publish(loaded, wanted, started, f"run {time_period}")
    return code or min(troubles, 1)


def _publish(loaded, wanted: _Wanted, started: float, command: str) -> int:
    unknown = set(wanted.lang) - set(LANGUAGES)
    if unknown:
        fail(f"--lang {', '.join(sorted(unknown))}: known are {', '.join(LANGUAGES)}")
    languages = planning.languages_of(loaded, wanted.lang, wanted.store)
    codes = []
    for lang in languages:
        codes.append(_publish_in(lang, languages, loaded, wanted, started, command))
        if codes[-1] == 130:
            break
        started = time.monotonic()
    return max(codes)


def _publish_in(lang, languages, loaded, wanted: _Wanted, started: float, command: str) -> int:
    try:
        planned = planning.plan(
            loaded,
            wanted.unit,
            wanted.page,
            wanted.force,
            wanted.seconds,
            wanted.store,
            lang,
            languages,
            wanted.pdf,
        )
    except planning.PlanError as error:
        fail(error)
    if wanted.dry_run:
        return _print_plan(planned)
    with Progress(console, planned.subject.code) as progress:
        built = building.build(
            loaded,
            workers=wanted.workers,
            progress=progress,
            scheduler=wanted.scheduler,
            planned=planned,
        )
    if lang == SOURCE:
        _print_balance(loaded)
    return _print_pages(built, started, progress.slowest(), command)


def _print_plan(planned: planning.Plan) -> int:
    for one in planned.due:
        say(f"{one.page.name}: {'; '.join(one.reasons)}")
    total = len(planned.pages)
    console.print(
        f"{planned.subject.code}: {len(planned.due)} of {total} pages would be built",
        highlight=False,
    )
    return 0


def _print_pages(built: building.Built, started: float, slowest: str, command: str) -> int:
    failed = [r for r in built.results if r.status == "error"]
    stopped = [r for r in built.results if r.status == "stopped"]
    fresh = [r for r in built.results if not r.built and r.status == "ok"]
    written = len(built.results) - len(failed) - len(stopped) - len(fresh)
    for result in failed:
        say(f"failed: {result.page.name}: {result.message}")
    _print_beside(built.beside)
    for folder in built.foreign:
        where = built.index.parent.parent / folder
        say(f"left out of the home: {where}: its receipt is not as we write them")
    if slowest:
        say(slowest)
    text = f"{written} pages written, {len(failed)} failed, {len(fresh)} unchanged, "
    text += f"{len(stopped)} not begun, " if stopped else ""
    console.print(
        f"{text}{time.monotonic() - started:.0f} s → {built.index}",
        highlight=False,
        soft_wrap=True,
    )
    if failed:
        pages = " ".join(f"--page {r.page.name}" for r in failed)
        say(f"again, only these: python -m analysis {command} {pages}")
    if stopped:
        console.print(f"stopped; to go on: python -m analysis {command}", highlight=False)
        return 130
    return 1 if failed else 0


@app.command()
def apci(
    edition: Annotated[str, typer.Argument(help="Survey edition, e.g. 2022.")],
    root: RootOption = project.PROJECT,
    page: PageOption = None,
    workers: WorkersOption = None,
    dry_run: DryOption = False,
    force: ForceOption = False,
    seconds: SecondsOption = 300,
    scheduler: SchedulerOption = None,
    store: StoreOption = None,
    lang: LangOption = None,
    pdf: PdfOption = None,
) -> None:
    """Read, check and estimate an edition of the APCI survey; write its HTML site."""
    wanted = _Wanted(
        None, page, workers, dry_run, force, seconds, scheduler, store, tuple(lang or ()), pdf
    )
    raise typer.Exit(_survey("apci", edition, root, wanted))


def _survey(survey: str, edition: str, root: Path, wanted: _Wanted) -> int:
    try:
        code = plans.edition(survey, edition, cat.load(root), root).code
    except (reader.CatalogueError, ValueError) as error:
        fail(error)
    with alone(code, root):
        return _survey_alone(survey, edition, root, wanted)


def _survey_alone(survey: str, edition: str, root: Path, wanted: _Wanted) -> int:
    started = time.monotonic()
    try:
        with console.status(f"{survey} {edition}: đọc, kiểm tra, ước lượng / estimating …"):
            loaded = editions.load(edition, survey, root)
    except editions.NoResponsesError as error:
        if error.issues is not None and not wanted.dry_run:
            _give_back(error.issues, survey, edition, root)
        fail(error)
    except (reader.CatalogueError, ValueError) as error:
        fail(error)
    troubles = 0
    if not wanted.dry_run:
        with console.status("ghi tệp trả lại / writing annotated copies …"):
            written = editions.send_back(loaded)
        say(f"{_TO_ASK} → {written.listed.parent}")
        troubles = _print_returned(written)
    code = _publish(loaded, wanted, started, f"{survey} {edition}")
    return code or min(troubles, 1)


_TO_ASK = "Câu trả lời cần hỏi lại / answers to ask about"


def _give_back(issues, survey: str, edition: str, root: Path) -> None:
    catalogue, place = cat.load(root), project.Place(root)
    plan = plans.edition(survey, edition, catalogue, root)
    written = editions.give_back(issues, plan, place, catalogue.parameters["limits"])
    say(f"{_TO_ASK} → {written.listed.parent}")
    _print_returned(written)


@app.command()
def report(
    root: RootOption = project.PROJECT,
    workers: WorkersOption = None,
    dry_run: DryOption = False,
    force: ForceOption = False,
    scheduler: SchedulerOption = None,
    store: StoreOption = None,
    pdf: PdfOption = None,
) -> None:
    """Run all periods and survey editions that reports/site.yml names under "report"."""
    try:
        declared = site.load(root / "reports" / "site.yml", root / "notebooks")
        surveys_known = cat.load(root).surveys
    except (site.SiteError, reader.CatalogueError) as error:
        fail(error)
    wanted = _Wanted(None, None, workers, dry_run, force, 300, scheduler, store, (), pdf)
    also_in = declared.get("also_in", {})
    codes = []
    for code in map(str, declared["report"]):
        survey, _, edition = code.partition("-")
        lang = tuple(lang for lang, held in also_in.items() if code in map(str, held))
        asked = replace(wanted, lang=lang)
        try:
            if survey in surveys_known:
                codes.append(_survey(survey, edition, root, asked))
            else:
                codes.append(_run(code, root, asked))
        except typer.Exit as stopped:  # it has said why; the others are built all the same
            codes.append(stopped.exit_code)
        if codes[-1] == 130:
            break
    console.print(f"→ {root / 'reports' / 'index.html'}", highlight=False, soft_wrap=True)
    raise typer.Exit(max(codes))


@app.command("share")
def share_site(
    code: Annotated[str, typer.Argument(help="Reporting period or survey edition (apci-2022).")],
    target: Annotated[Path, typer.Argument(help="The zip file to write.")],
    root: RootOption = project.PROJECT,
    public: Annotated[
        bool, typer.Option("--public", help="Only what the public may see (site.yml: audience).")
    ] = False,
) -> None:
    """Pack the built site of a period into one zip that opens from disk.

    Of what lies at FILE.zip only an archive of the same site and audience is replaced, as we wrote
    it.
    """
    survey, _, edition = code.partition("-")
    try:
        known = cat.load(root)
        is_survey = survey in known.surveys
        plan = plans.edition(survey, edition, known, root) if is_survey else planned(code, root)[0]
        key = plan.key
        with alone(key, root):
            share.allowed(target, key, public, root)  # before the work of minutes
            loaded = (
                editions.load(edition, survey, root) if is_survey else loaded_period(code, root)
            )
            written = share.archive(loaded, target, public)
    except (reader.CatalogueError, editions.NoResponsesError, ValueError) as error:
        fail(error)
    except (planning.PlanError, share.NotBuiltError, share.NotPublicError) as error:
        fail(error)
    except share.NotOursError as error:
        fail(f"{error}. Nothing was written")
    say(f"{len(written)} files, {target.stat().st_size / 1e6:.1f} MB → {target}")


@app.command("verify")
def verify_site(
    folder: Annotated[
        Path, typer.Argument(help="A built site, e.g. reports/2022-Q2, or one out of an archive.")
    ],
    root: RootOption = project.PROJECT,
) -> None:
    """Compare a site with its receipt, file by file, and what it was made from with the project;
    exit 1 if anything differs."""
    try:
        checked = verify.site(folder, root)
    except (verify.NotASiteError, reader.CatalogueError, OSError) as error:
        fail(error)
    table = Table("part", "name", "found", box=None, pad_edge=False)
    for row in checked.differences.itertuples(index=False):
        table.add_row(*(Text(printable(t)) for t in row))
    if len(checked.differences):
        console.print(table)
    for note in checked.notes:
        say(note)
    console.print(
        f"{checked.code}: {checked.pages} files and {checked.inputs} inputs compared, "
        f"{len(checked.differences)} differences",
        highlight=False,
    )
    raise typer.Exit(1 if len(checked.differences) else 0)


@app.command()
def receive(
    time_period: PeriodArgument,
    sent: Annotated[
        list[Path],
        typer.Argument(help="Files that were sent, in the order they came.", exists=True),
    ],
    on: Annotated[str, typer.Option(help="Day of receipt (yyyy-mm-dd); today if not given.")] = "",
    root: RootOption = project.PROJECT,
) -> None:
    """Put files that were sent into the folder of a period; nothing there is overwritten.

    What is sent once more after something else counts again.
    """
    plan, _ = planned(time_period, root)
    try:
        day, place = date.fromisoformat(on) if on else date.today(), project.Place(root)
        folder = place.submissions(plan.code)
        if journal.pending(folder):
            say("hoàn tất lệnh receive đã bị dừng / finishing a receive that was interrupted")
        # two at once would both see the same name free, and one line of the ledger be lost
        with locks.turn(place.derived(locks.FOLDER) / f"{plan.code}.received"):
            done = receipts.receive(sent, folder, day)
    except OSError as error:
        fail(
            f"{error.strerror or error} ({error.filename or folder}). See to it, then run the same "
            "command again: it leaves what it would have left undisturbed."
        )
    except ValueError as error:
        fail(error)
    for row in done.itertuples():
        say(f"{row.outcome}: {row.sent} → {row.file}")


@app.command()
def forms(
    time_period: PeriodArgument,
    folder: Annotated[Path, typer.Argument(help="Where the workbooks go; made if need be.")],
    root: RootOption = project.PROJECT,
    again: Annotated[
        bool, typer.Option("--again", help="Number new workbooks whose names are taken there.")
    ] = False,
) -> None:
    """Write the blank workbooks of a period, one per unit that must report; none is overwritten."""
    plan, catalogue = planned(time_period, root)
    try:
        if files.lies_in(folder, root / "data"):
            fail(
                f"{folder} lies in {root / 'data'}, where blank workbooks would be taken for what "
                "offices sent: name a folder elsewhere. Nothing was written"
            )
        with console.status(f"{plan.code}: lập biểu trắng / making blank workbooks …"):
            written = blank_forms.write_blanks(plan, catalogue, folder, again)
    except (ValueError, OSError) as error:
        fail(error)
    say(f"{len(written)} workbooks in {folder}")


@app.command("clean")
def remove_built(root: RootOption = project.PROJECT) -> None:
    """Remove what was built, by record; what somebody put there or changed stays."""
    clean_up.main(root)


def main() -> None:
    """Run the command of the command line."""
    run_app(app)


if __name__ == "__main__":
    main()
