"""The commands: ``python -m analysis run | check | apci | report | forms | sample``."""

import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from analysis import catalogue as cat
from analysis import forms as blank_forms
from analysis import (
    par_sample,
    pipeline,
    publish,
    register_sample,
    sample,
    site,
    survey_sample,
    surveys,
)
from analysis.tables import SEVERITY, severities

app = typer.Typer(
    help="Check, score and report administrative-reform indicators.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console()

PeriodArgument = Annotated[str, typer.Argument(help="Reporting period, e.g. 2022-Q2 or 2026-Q3.")]
RootOption = Annotated[
    Path, typer.Option("--root", help="Project folder (data, notebooks, reports).", exists=True)
]


def _fail(message: object) -> None:
    console.print("[bold red]Không chạy được / cannot run:[/]")
    console.print(str(message), markup=False, highlight=False)
    raise typer.Exit(2)


def _period(time_period: str, root: Path):
    try:
        catalogue = cat.load(root)
        return cat.plan(time_period, catalogue, root), catalogue
    except (cat.CatalogueError, ValueError) as error:
        _fail(error)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def _loaded(time_period: str, root: Path) -> pipeline.Loaded:
    _period(time_period, root)
    try:
        with console.status(f"{time_period}: đọc và kiểm tra / reading and checking …"):
            return pipeline.load(time_period, root)
    except pipeline.NoSubmissionsError as error:
        _fail(error)


@app.command()
def check(
    time_period: PeriodArgument,
    root: RootOption = cat.PROJECT,
    most: Annotated[int, typer.Option(help="Issues to print.")] = 40,
) -> None:
    """Read, clean and validate; print and save the issues; exit 1 if any is blocking."""
    started = time.monotonic()
    loaded = _loaded(time_period, root)
    issues = loaded.tables.issues
    table = Table("Mức độ", "Tệp", "Ô", "Nội dung", box=None, pad_edge=False)
    for issue in issues.head(most).itertuples():
        cell = " ".join(filter(None, (issue.source_sheet, issue.source_cell)))
        texts = (issue.source_file, cell, issue.message_vi)
        table.add_row(SEVERITY[issue.severity], *map(Text, texts))
    console.print(table)
    if len(issues) > most:
        console.print(f"… {len(issues) - most} more in issues.csv")
    with console.status("ghi tệp trả lại / writing annotated copies …"):
        written = pipeline.send_back(loaded.tables, loaded.plan, root)
    _print_balance(loaded)
    console.print(f"{len(written) - 1} annotated workbooks and issues.csv in {written[0].parent}")
    console.print(f"{time.monotonic() - started:.1f} s")
    raise typer.Exit(1 if (issues["severity"] == "blocking").any() else 0)


def _print_balance(loaded: pipeline.Loaded) -> None:
    total = loaded.tables.balance.sum(numeric_only=True).astype(int)
    counts = severities(loaded.tables.issues)
    console.print(
        f"{loaded.plan.code}: {len(loaded.tables.balance)} files, "
        f"{total['submitted']} cells = {total['labels']} labels + {total['accepted']} accepted + "
        f"{total['in_issues']} in issues + {total['unaccounted']} unaccounted; "
        f"{counts['blocking']} blocking, {counts['warning']} warnings, {counts['note']} notes"
    )


@app.command()
def run(
    time_period: PeriodArgument,
    root: RootOption = cat.PROJECT,
    unit: Annotated[list[str] | None, typer.Option(help="Only these units' pages.")] = None,
    workers: Annotated[int | None, typer.Option(help="Parallel processes.", min=1)] = None,
) -> None:
    """The main job: read, check, score, execute the notebooks, write the HTML site."""
    raise typer.Exit(_run(time_period, root, unit, workers))


def _run(time_period: str, root: Path, unit: list[str] | None, workers: int | None) -> int:
    started = time.monotonic()
    loaded = _loaded(time_period, root)
    pipeline.send_back(loaded.tables, loaded.plan, root)
    built = _publish(loaded, unit, workers)
    _print_balance(loaded)
    return _print_pages(built, started)


def _publish(loaded, unit: list[str] | None, workers: int | None) -> publish.Built:
    with _progress() as progress:
        task = progress.add_task(f"{loaded.plan.code}: trang / pages", total=None)

        def done(finished: int, total: int, _: object) -> None:
            progress.update(task, completed=finished, total=total)

        try:
            return publish.build(loaded, units=unit, workers=workers, progress=done)
        except publish.PlanError as error:
            _fail(error)


def _print_pages(built: publish.Built, started: float) -> int:
    failed = [r for r in built.results if r.status != "ok"]
    for result in failed:
        line = f"failed: {result.page.output.as_posix()}: {result.message}"
        console.print(line, markup=False, highlight=False)
    console.print(
        f"{len(built.results) - len(failed)} pages written, {len(failed)} failed, "
        f"{time.monotonic() - started:.0f} s → {built.index}",
        highlight=False,
        soft_wrap=True,
    )
    return 1 if failed else 0


@app.command()
def apci(
    edition: Annotated[str, typer.Argument(help="Survey edition, e.g. 2022.")],
    root: RootOption = cat.PROJECT,
    workers: Annotated[int | None, typer.Option(help="Parallel processes.", min=1)] = None,
) -> None:
    """Read, check and estimate an edition of the APCI survey; write its HTML site."""
    raise typer.Exit(_survey("apci", edition, root, workers))


def _survey(survey: str, edition: str, root: Path, workers: int | None) -> int:
    started = time.monotonic()
    try:
        with console.status(f"{survey} {edition}: đọc, kiểm tra, ước lượng / estimating …"):
            loaded = surveys.load(edition, survey, root)
    except (cat.CatalogueError, surveys.NoResponsesError, ValueError) as error:
        _fail(error)
    with console.status("ghi tệp trả lại / writing annotated copies …"):
        surveys.send_back(loaded)
    built = _publish(loaded, None, workers)
    _print_balance(loaded)
    return _print_pages(built, started)


@app.command()
def report(root: RootOption = cat.PROJECT) -> None:
    """Run all periods and survey editions that reports/site.yml names under "report"."""
    try:
        declared = site.load(root / "reports" / "site.yml", root / "notebooks")
        surveys_known = cat.load(root).surveys
    except (site.SiteError, cat.CatalogueError) as error:
        _fail(error)
    codes = []
    for code in map(str, declared["report"]):
        survey, _, edition = code.partition("-")
        if survey in surveys_known:
            codes.append(_survey(survey, edition, root, None))
        else:
            codes.append(_run(code, root, None, None))
    console.print(f"→ {root / 'reports' / 'index.html'}", highlight=False, soft_wrap=True)
    raise typer.Exit(max(codes))


@app.command()
def forms(
    time_period: PeriodArgument,
    folder: Annotated[Path, typer.Argument(help="Where the workbooks go.")],
    root: RootOption = cat.PROJECT,
) -> None:
    """Write the blank workbooks of a period, one per unit that must report."""
    plan, catalogue = _period(time_period, root)
    try:
        written = blank_forms.write_blanks(plan, catalogue, folder)
    except (ValueError, OSError) as error:
        _fail(error)
    console.print(f"{len(written)} workbooks in {folder}")


@app.command("sample")
def rebuild_sample(root: RootOption = cat.PROJECT) -> None:
    """Rebuild the illustrative periods and survey editions (seeded, synthetic)."""
    built = {
        **sample.build(root),
        **register_sample.build(root),
        **par_sample.build(root),
        **survey_sample.build(root),
    }
    console.print(json.dumps(built, ensure_ascii=False, default=str)[:2000])


if __name__ == "__main__":
    sys.exit(app())
