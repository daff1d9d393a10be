"""Build sites: ``run`` a period, ``apci`` for an edition of the survey, ``report`` for all."""

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import wraps
from pathlib import Path
from typing import Annotated

import typer

from analysis import project
from analysis.batch import certificates, cluster, lasting
from analysis.batch.progress import Progress
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans, reader
from analysis.commands import summaries, terminal
from analysis.commands.steps import step
from analysis.commands.summaries import Told
from analysis.commands.terminal import PeriodArgument, RootOption, alone, fail, say
from analysis.language.languages import LANGUAGES, SOURCE
from analysis.language.messages import noted, tell
from analysis.period import send_back
from analysis.site import building, declared, planning
from analysis.storage.addresses import without_secrets
from analysis.survey import editions


def _reached(address: str | None) -> str | None:
    """The address of a scheduler, if it can be spoken to: who lacks the certificates knows before
    anything is read."""
    if address is None:
        return None
    try:
        where = cluster.address(address)
        certificates.Certificates(certificates.folder()).checked()
    except _NO_CLUSTER as error:
        fail(error)
    return where


_NO_CLUSTER = (cluster.ClusterError, certificates.CertificateError)


@dataclass(frozen=True)
class Wanted:
    """What of a site is to be built, and how: each is an option of the commands that build one."""

    unit: Annotated[list[str] | None, typer.Option(help="Only these units' pages.")] = None
    page: Annotated[
        list[str] | None, typer.Option(help="Only these pages, as they are called on screen.")
    ] = None
    workers: Annotated[int | None, typer.Option(help="Parallel processes.", min=1)] = None
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say which pages would be built, and why; build none.")
    ] = False
    force: Annotated[bool, typer.Option("--force", help="Build all, changed or not.")] = False
    seconds: Annotated[float, typer.Option(help="Time limit of a page.", min=1)] = 300
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="The cluster that builds the pages: tls://127.0.0.1:8786 (cluster init).",
            callback=_reached,
        ),
    ] = None
    store: Annotated[
        str | None,
        typer.Option(help="Folder or object store for reports and tables that all machines reach."),
    ] = None
    lang: Annotated[
        list[str] | None,
        typer.Option(help="In this language too (en); kept up to date from then on."),
    ] = None
    summary: Annotated[
        Path | None,
        typer.Option(help="Leave FILE.txt and FILE.json, to be mailed: what came, what is new."),
    ] = None
    pdf: Annotated[
        bool | None,
        typer.Option(
            "--pdf/--no-pdf",
            help="A PDF beside each national page (or those of --page); if not said, as before.",
            show_default=False,
        ),
    ] = None


def _optional(*left_out: str) -> Callable:
    """Gives a command what may be :class:`Wanted` as options, but for those that are left out."""
    asked = [
        inspect.Parameter(
            f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=f.type
        )
        for f in fields(Wanted)
        if f.name not in left_out
    ]

    def given(command: Callable) -> Callable:
        @wraps(command)
        def called(**values: object) -> None:
            options = {p.name: values.pop(p.name) for p in asked}
            command(**values, wanted=Wanted(**options))

        *own, _ = inspect.signature(command).parameters.values()
        called.__signature__ = inspect.Signature([*own, *asked])
        called.__annotations__ = {p.name: p.annotation for p in (*own, *asked)}
        return called

    return given


@_optional()
def run(time_period: PeriodArgument, root: RootOption = project.PROJECT, *, wanted: Wanted) -> None:
    """The main job: read, check, score, execute the notebooks, write the HTML site.

    Only pages that rest on something that has changed are built. Ctrl-C keeps what is finished; the
    same command goes on.
    """
    with summaries.kept(wanted.summary, f"run {time_period}") as told:
        raise typer.Exit(_run(time_period, root, wanted, told))


def _run(time_period: str, root: Path, wanted: Wanted, told: Told) -> int:
    plan, _ = terminal.planned(time_period, root)
    with alone(plan.key, root, wanted.store):
        return _run_alone(time_period, root, wanted, told)


def _run_alone(time_period: str, root: Path, wanted: Wanted, told: Told) -> int:
    started = time.monotonic()
    loaded = terminal.loaded_period(time_period, root)
    told.loaded(loaded)
    troubles = 0
    if not wanted.dry_run:
        label = f"{time_period}: {tell('writing annotated copies …')}"
        with step(terminal.console, label) as done:
            written = send_back(loaded.tables, loaded.plan, root, done)
        troubles = terminal.print_returned(written)
    code = _built(loaded, wanted, started, f"run {time_period}", told)
    return code or min(troubles, 1)


@_optional("unit")
def apci(
    edition: Annotated[str, typer.Argument(help="Survey edition, e.g. 2022.")],
    root: RootOption = project.PROJECT,
    *,
    wanted: Wanted,
) -> None:
    """Read, check and estimate an edition of the APCI survey; write its HTML site."""
    with summaries.kept(wanted.summary, f"apci {edition}") as told:
        raise typer.Exit(_survey("apci", edition, root, wanted, told))


def _survey(survey: str, edition: str, root: Path, wanted: Wanted, told: Told) -> int:
    try:
        code = plans.edition(survey, edition, cat.load(root), root).code
    except (reader.CatalogueError, ValueError) as error:
        fail(error)
    with alone(code, root, wanted.store):
        return _survey_alone(survey, edition, root, wanted, told)


def _survey_alone(survey: str, edition: str, root: Path, wanted: Wanted, told: Told) -> int:
    started = time.monotonic()
    try:
        label = f"{survey} {edition}: {tell('reading, checking, estimating …')}"
        with step(terminal.console, label):
            loaded = editions.load(edition, survey, root)
    except editions.NoResponsesError as error:
        if error.issues is not None and not wanted.dry_run:
            _give_back(error.issues, survey, edition, root)
        fail(error)
    except (reader.CatalogueError, ValueError) as error:
        fail(error)
    told.loaded(loaded)
    troubles = 0
    if not wanted.dry_run:
        with step(terminal.console, tell("writing annotated copies …")):
            written = editions.send_back(loaded)
        say(f"{tell(_TO_ASK)} → {written.listed.parent}")
        troubles = terminal.print_returned(written)
    code = _built(loaded, wanted, started, f"{survey} {edition}", told)
    return code or min(troubles, 1)


_TO_ASK = noted("answers to ask about")


def _give_back(issues, survey: str, edition: str, root: Path) -> None:
    catalogue, place = cat.load(root), project.Place(root)
    plan = plans.edition(survey, edition, catalogue, root)
    written = editions.give_back(issues, plan, place, catalogue)
    say(f"{tell(_TO_ASK)} → {written.listed.parent}")
    terminal.print_returned(written)


@_optional("unit", "page", "seconds", "lang")
def report(root: RootOption = project.PROJECT, *, wanted: Wanted) -> None:
    """Run all periods and survey editions that reports/site.yml names under "report"."""
    with summaries.kept(wanted.summary, "report") as told:
        _report(root, wanted, told)


def _report(root: Path, wanted: Wanted, told: Told) -> None:
    try:
        site = declared.load(root / "reports" / "site.yml", root / "notebooks")
        surveys_known = cat.load(root).surveys
    except (declared.SiteError, reader.CatalogueError) as error:
        fail(error)
    also_in = site.get("also_in", {})
    codes = []
    for code in map(str, site.get("report", [])):
        survey, _, edition = code.partition("-")
        asked = replace(wanted, lang=[n for n, held in also_in.items() if code in map(str, held)])
        try:
            if survey in surveys_known:
                codes.append(_survey(survey, edition, root, asked, told))
            else:
                codes.append(_run(code, root, asked, told))
        except typer.Exit as stopped:  # it has said why; the others are built all the same
            if isinstance(stopped, terminal.Stopped):
                told.reasons.append(f"{code}: {stopped.message}")
            codes.append(stopped.exit_code)
        if codes[-1] == 130:
            break
    home = root / "reports" / "index.html"
    terminal.console.print(f"→ {home}", highlight=False, soft_wrap=True)
    raise typer.Exit(max(codes, default=0))


def _built(loaded, wanted: Wanted, started: float, command: str, told: Told) -> int:
    """Build the site of a period or edition in all its languages; returns the exit status."""
    unknown = set(wanted.lang or ()) - set(LANGUAGES)
    if unknown:
        lang, known = ", ".join(sorted(unknown)), ", ".join(LANGUAGES)
        fail(tell("--lang {lang}: known are {known}", lang=lang, known=known))
    languages = planning.languages_of(loaded, wanted.lang or (), wanted.store)
    codes = []
    for lang in languages:
        built = _built_in(lang, languages, loaded, wanted, (started, command), told)
        codes.append(built)
        if codes[-1] == 130:
            break
        started = time.monotonic()
    return max(codes)


def _built_in(lang, languages, loaded, wanted: Wanted, begun: tuple[float, str], told: Told) -> int:
    try:
        planned = planning.plan(
            loaded,
            units=wanted.unit,
            only=wanted.page,
            force=wanted.force,
            seconds=wanted.seconds,
            shared=wanted.store,
            lang=lang,
            languages=languages,
            with_pdf=wanted.pdf,
        )
    except planning.PlanError as error:
        fail(error)
    if wanted.dry_run:
        return _print_plan(planned)
    with Progress(terminal.console, planned.subject.code) as progress:
        try:
            built = building.build(
                loaded,
                workers=wanted.workers,
                progress=progress,
                scheduler=wanted.scheduler,
                planned=planned,
            )
        except _NO_CLUSTER as error:
            fail(error)
    if lang == SOURCE:
        terminal.print_balance(loaded)
    told.built(loaded.plan.key, built.results)
    started, command = begun
    return _print_pages(built, started, progress.slowest(), command)


def _print_plan(planned: planning.Plan) -> int:
    for one in planned.due:
        say(f"{one.page.name}: {'; '.join(one.reasons)}")
    terminal.console.print(
        tell(
            "{code}: {n} of {of} pages would be built",
            code=planned.subject.code,
            n=len(planned.due),
            of=len(planned.pages),
        ),
        highlight=False,
    )
    return 0


def _print_pages(built: building.Built, started: float, slowest: str, command: str) -> int:
    failed = [r for r in built.results if r.status == "error"]
    stopped = [r for r in built.results if r.status == "stopped"]
    fresh = [r for r in built.results if not r.built and r.status == "ok"]
    written = len(built.results) - len(failed) - len(stopped) - len(fresh)
    for result in failed:
        say(tell("failed: {page}: {why}", page=result.page.name, why=result.message))
        if result.as_of:
            say(tell("its page of {time} stays, marked so", time=lasting.time_of(result.as_of)))
    terminal.print_beside(built.beside)
    for folder in built.foreign:
        where = built.index.parent.parent / folder
        say(tell("left out of the home: {where}: its receipt is not as we write them", where=where))
    if slowest:
        say(slowest)
    text = tell(
        "{written} pages written, {failed} failed, {fresh} unchanged, ",
        written=written,
        failed=len(failed),
        fresh=len(fresh),
    )
    text += tell("{n} not begun, ", n=len(stopped)) if stopped else ""
    terminal.console.print(
        f"{text}{time.monotonic() - started:.0f} s → {without_secrets(str(built.index))}",
        highlight=False,
        soft_wrap=True,
    )
    if failed:
        pages = " ".join(f"--page {r.page.name}" for r in failed)
        again = f"python -m analysis {command} {pages}"
        say(tell("again, only these: {command}", command=again))
    if stopped:
        again = f"python -m analysis {command}"
        terminal.console.print(tell("stopped; to go on: {command}", command=again), highlight=False)
        return 130
    return 1 if failed else 0
