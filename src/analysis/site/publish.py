"""A loaded period or survey edition → its site: pages from ``site.yml``, index, receipt."""

import json
import platform
import re
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path

from upath import UPath

from analysis.batch import batch, incremental
from analysis.batch.pages import RECEIPT, Batch, Page, Planned, Result, as_recorded, examine, stated
from analysis.display import wordings
from analysis.language import languages as language
from analysis.language.languages import LANGUAGES, SOURCE, current, say, say_many
from analysis.language.words import day
from analysis.lineage import imports, store
from analysis.period import Loaded
from analysis.project import Place
from analysis.render import pdf, report
from analysis.site import before, declared, subjects
from analysis.storage import clock, files, locks, owned
from analysis.storage.owned import ENDING, Owned
from analysis.survey import editions

_LIBRARIES = ["pandas", "numpy", "matplotlib", "papermill", "nbconvert", "python-calamine"]
_LIBRARIES += ["pypandoc-binary"]
_INDEX = "index"
"""What index, receipt and home rested on is recorded so; no page may be called so
(:mod:`analysis.site.declared`)."""


class PlanError(Exception):
    """The pages cannot be planned: unknown unit, parameter or broken site.yml."""


@dataclass(frozen=True)
class Built:
    """A built site: its index and what became of each page.

    ``beside``: what lies in the site (or among executed notebooks) and is not as we wrote it → the
    file that was written beside it; ``foreign``: folders beside the site whose receipt is none.
    """

    index: Path
    results: list[Result]
    beside: dict[Path, Path] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """Which pages of a site will be built, and why."""

    subject: subjects.Subject
    batch: Batch
    pages: list[Planned]
    whole: bool  # all pages of the site are here; others in its folder are left over

    @property
    def due(self) -> list[Planned]:
        return [p for p in self.pages if p.reasons]


def plan(
    loaded: Loaded | editions.Loaded,
    units: list[str] | None = None,
    only: list[str] | None = None,
    force: bool = False,
    seconds: float = 300,
    shared: str | None = None,
    lang: str = SOURCE,
    languages: Sequence[str] = (),
    with_pdf: bool | None = None,
) -> Plan:
    """Which pages of a period or edition must be built, and why.

    Parameters
    ----------
    units
        Only these units' pages (and the national ones).
    only
        Only these pages, by name (``glance``, ``units/H44``).
    force
        Build them whatever their records say.
    seconds
        Time limit of a page.
    shared
        Where reports, executed notebooks and derived tables are kept instead of in the project: a
        folder or object store that all machines reach, by any address that fsspec knows.
    lang
        The language of the site.
    languages
        All that it is or will be built in (:func:`languages_of`), so that pages lead to each other.
    with_pdf
        Whether national pages, or those of ``only``, have a PDF beside them; None: those that have.

    Raises
    ------
    PlanError
        naming the unit, page or parameter that does not exist, or the browser that is missing.
    """
    if with_pdf:
        try:
            pdf.needed()
        except pdf.PrintError as error:
            raise PlanError(str(error)) from error
    with language.using(lang):
        languages = languages or languages_of(loaded, (lang,))
        return _plan(loaded, units, only, force, seconds, shared, languages, with_pdf)


def languages_of(
    loaded: Loaded | editions.Loaded,
    asked: Sequence[str] = (),
    shared: str | None = None,
) -> list[str]:
    """The languages of a site: Vietnamese, those asked for, and those it was built in before, which
    are kept up to date."""
    reports = _reports(loaded, shared)
    held = {SOURCE, *asked}
    held |= {
        code
        for code in LANGUAGES
        if (reports / report.folder(code) / loaded.plan.key / RECEIPT).exists()
    }
    return [code for code in LANGUAGES if code in held]


def _reports(loaded: Loaded | editions.Loaded, shared: str | None) -> Path:
    return UPath(shared) / "reports" if shared else Place(loaded.root).reports


def _plan(loaded, units, only, force, seconds, shared, languages, with_pdf) -> Plan:
    place, address, lang = Place(loaded.root), UPath(shared) if shared else None, current()
    try:
        made = subjects.of(loaded, units)
    except declared.SiteError as error:
        raise PlanError(str(error)) from error
    pages = made.pages
    if only:
        unknown = set(only) - {p.name for p in pages}
        if unknown:
            raise PlanError(f"no such page in {made.code}: {', '.join(sorted(unknown))}")
        pages = [p for p in pages if p.name in only]
    notebooks = f"{made.code}-notebooks" + (f"-{lang}" if lang != SOURCE else "")
    common = Batch(
        site=_reports(loaded, shared) / report.folder(lang) / made.code,
        executed=address / notebooks if address else place.derived(notebooks),
        shared=address,
        context=report.Context(
            period=made.code,
            period_title=made.title,
            synthetic=made.synthetic,
            provenance=(
                made.label,
                say("Phiên bản {version}", version=_version(loaded.root)),
                say("Danh mục {digest}", digest=loaded.catalogue.sha256[:12]),
                say("Lập lúc {time}", time=f"{day(clock.built())} {clock.built():%H:%M} UTC"),
            ),
            lang=lang,
            languages=tuple(languages),
            document=loaded.catalogue.parameters.get("document", {}),
            notes=tuple(made.notes),
            warning=made.warning,
        ),
        root=loaded.root,
        pinned=made.pinned,
        catalogue=loaded.catalogue.sha256,
        seconds=seconds,
        memory=loaded.catalogue.parameters.get("page", {}).get("memory_bytes"),
    )
    pages = [_printed(p, common, with_pdf, bool(only)) for p in pages]
    planned = Plan(made, common, examine(pages, common, force), not (units or only))
    try:
        batch.check_parameters([p.page for p in planned.due])
    except batch.UnknownParameterError as error:
        raise PlanError(str(error)) from error
    return planned


def _printed(page: Page, shared: Batch, with_pdf: bool | None, chosen: bool) -> Page:
    """The page, with a PDF if it shall have one: asked for, or made before by a browser still here
    (one that we did not make is somebody's own).

    ``chosen``: whether the page was asked for by name.
    """
    if with_pdf is None:
        name = page.output.with_suffix(".pdf")
        with_pdf = (shared.site / name).exists() and pdf.browser() is not None
        if with_pdf:
            record = incremental.load(shared.record(page))
            made = record.written if record else stated(shared.site)
            own = re.compile(re.escape(page.name) + r"(~\d+)?\.pdf")
            with_pdf = any(map(own.fullmatch, made))
    elif page.unit and not chosen:
        with_pdf = False
    return replace(page, also=tuple(dict.fromkeys([*page.also, "pdf"]))) if with_pdf else page


def build(
    loaded: Loaded | editions.Loaded,
    units: list[str] | None = None,
    workers: int | None = None,
    progress: Callable | None = None,
    scheduler: str | None = None,
    planned: Plan | None = None,
) -> Built:
    """Build the pages of a period or edition that must be, then its index, receipt and the home.

    Parameters
    ----------
    units
        Only these units' pages (and the national ones).
    workers, scheduler, progress
        As in :func:`analysis.batch.batch.run`.
    planned
        What :func:`plan` found; planned here if not given.

    Raises
    ------
    PlanError
        before anything is executed.
    """
    planned = planned or plan(loaded, units)
    with language.using(planned.batch.context.lang):
        return _build(loaded, planned, workers, progress, scheduler)


def _build(loaded, planned: Plan, workers, progress, scheduler) -> Built:
    started = time.monotonic()
    shared, due = planned.batch, planned.due
    before.adopt(shared)
    if shared.shared is not None and due:
        for folder, mark in shared.pinned.items():
            store.push(Path(folder), mark, store.shelf(shared.shared, folder))
    with store.keeping(shared.pinned if due else {}):
        made = batch.run([p.page for p in due], shared, workers, scheduler, progress)
    built = dict(zip((p.page.output for p in due), made, strict=True))
    removed = _clear(planned) if planned.whole else 0
    results = [built.get(p.page.output) or p.result for p in planned.pages]
    state = _state(planned, results)
    last = _last(shared)
    if due or removed or not planned.whole or last is None or state != last["state"]:
        took = round(time.monotonic() - started, 1)
        last = _around(loaded, planned, results, state, took)
    beside = {n: m for r in results for n, m in r.beside.items()} | last["beside"]
    index, foreign = shared.site / last["index"], declared.foreign(_home(shared))
    return Built(index, results, _lying(shared, beside), foreign)


def _home(shared: Batch) -> Path:
    return shared.site.parent


def _lying(shared: Batch, beside: dict[str, str]) -> dict[Path, Path]:
    """Where they lie, without what somebody took away since."""
    folders = {shared.executed.name: shared.executed.parent, "..": _home(shared)}
    found = {}
    for name, made in beside.items():
        folder, _, rest = name.partition("/")
        above = folders.get(folder, shared.site)
        cut = len(folder) + 1 if folder == ".." else 0
        if (above / name[cut:]).exists():
            found[above / name[cut:]] = above / made[cut:]
    return found


def _clear(planned: Plan) -> int:
    """Remove what is of no page any more: pages, exports, executed notebooks, records. What our
    records do not hold, or is not as they say, stays."""
    shared, gone = planned.batch, []
    names = {p.page.name for p in planned.pages} | {_INDEX}
    for name in _recorded(shared.records) - names:
        for held in shared.owned(name):
            gone += held.settle()
        if incremental.load(record := shared.records / f"{name}.json"):
            record.unlink()
    # what the last receipt holds, where no record is left of it
    last = Owned(shared.site, shared.records / "receipt", stated(shared.site))
    gone += [name for name in sorted(last.stated.keys() - _wanted(planned)) if last.remove(name)]
    if any(name.startswith("returns/") for name in gone):  # copies lay there until 2026-12
        with suppress(OSError):  # something of somebody else is left in it
            (shared.site / "returns").rmdir()
    for folder in (shared.site, shared.executed, shared.records):
        for left in [*files.unfinished(folder), *files.unfinished(folder / "units")]:
            left.unlink()
    return len(gone)


def _recorded(records: Path) -> set[str]:
    """Names of pages of which there are records."""
    found = [path for sub in (records, records / "units") for path in sub.glob("*")]
    names = {path.relative_to(records).as_posix() for path in found}
    return {re.sub(r"(\.json|(\.site|\.executed)\.sha256)$", "", n) for n in names if "." in n}


def _wanted(planned: Plan) -> set[str]:
    """Names of all that belongs to the site now."""
    shared = planned.batch
    pages = [
        incremental.load(shared.record(p.page)) if p.reasons else p.record for p in planned.pages
    ]
    written = {name for record in pages if record for name in record.written}
    return written | set(owned.read(shared.records / f"{_INDEX}.site{ENDING}"))


def _state(planned: Plan, results: list[Result]) -> str:
    """Digest of all that the index, the receipt and the home rest on."""
    shared = planned.batch
    shown = [(r.page.name, r.page.title, r.page.question, r.status, r.files) for r in results]
    return incremental.digest(
        [*shown, *(sorted(r.written.items()) for r in results)],
        [(p.page.name, p.page.parameters) for p in planned.pages],
        sorted((Path(folder).name, mark) for folder, mark in shared.pinned.items()),
        shared.catalogue,
        incremental.template(report.TEMPLATES),
        code_digest(shared.root),
        imports.libraries(),
        planned.subject.notes,
    )


def _last(shared: Batch) -> dict | None:
    """What was recorded of index, receipt and home; None unless they still lie so."""
    try:
        held = json.loads(_record(shared).read_text(encoding="utf-8"))
        as_written = [files.sha256(shared.site / n) == d for n, d in held["written"].items()]
        home = _home(shared) / declared.INDEX
        whole = held["index"] in held["written"] and isinstance(held["beside"], dict)
        return held if whole and "state" in held and all(as_written) and home.exists() else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _record(shared: Batch) -> Path:
    return shared.records / f"{_INDEX}.json"


def _around(loaded, planned: Plan, results: list[Result], state: str, took: float) -> dict:
    """Index, receipt, home; then their record: where that is missing they are written again."""
    shared = planned.batch
    waiting = [r for r in results if r.status == "stopped"]
    shown = lying(planned, [r for r in results if r.status != "stopped"])
    notes = []
    if waiting:
        n = len(waiting)
        notes = [say_many("{n} trang chưa lập; chạy lại cùng lệnh để làm tiếp.", n, n=n)]
    held, _ = shared.owned(_INDEX)
    index = around(loaded, planned, shown, shared.site, held.write, notes=notes)
    beside = held.beside | _write_home(loaded, shared)
    held.settle()
    record = {
        "state": state if planned.whole else "",
        "seconds": took,
        "index": index,
        "written": held.written,
        "beside": beside,
    }
    files.write(_record(shared), json.dumps(record, indent=1).encode())
    return record


def _write_home(loaded, shared: Batch) -> dict[str, str]:
    """Write the home; returns what of somebody else stands in its place → what it is called."""
    reports, lang = _home(shared), shared.context.lang
    record = shared.executed.parent / f"reports-{lang}{ENDING}"
    # runs of two periods may end together: the later one must see what the other wrote
    with locks.turn(Place(loaded.root).derived(locks.FOLDER) / "home"):
        held = Owned(reports, record)
        held.write(declared.INDEX, home(loaded, shared.context, reports))
        held.settle()
        for left in files.unfinished(reports, declared.INDEX):
            left.unlink()
    return {f"../{name}": f"../{made}" for name, made in held.beside.items()}


def home(
    loaded: Loaded | editions.Loaded, context: report.Context, reports: Path, archive=False
) -> bytes:
    """The page above all sites of ``reports`` (of an archive: above the one)."""
    above = report.Context(provenance=context.provenance[1:], lang=context.lang)
    up = reports.parent if report.folder(context.lang).parts else reports
    others = {code for code in LANGUAGES if (up / report.folder(code) / declared.INDEX).exists()}
    languages = [code for code in LANGUAGES if code in others | set(context.languages)]
    above = replace(above, languages=languages)
    return declared.home(reports, above, () if archive else loaded.catalogue.systems)


def around(
    loaded: Loaded | editions.Loaded,
    planned: Plan,
    shown: list[Result],
    folder: Path,
    write: Callable[[str, bytes], str],
    *,
    notes: Sequence[str] = (),
    public: bool = False,
) -> str:
    """Write index and receipt of the pages that lie in ``folder``; returns the name of the index.

    Parameters
    ----------
    shown
        The pages to name.
    write
        Writes a file into ``folder`` under a name, and returns the name that it got.
    notes
        More that the index says.
    public
        Whether the receipt leaves out what was submitted, file by file.
    """
    made, context = planned.subject, planned.batch.context
    key, counted = made.key(), made.entries()
    if public:
        counted.pop("inputs", None)
    listed = replace(made, notes=[*made.notes, *notes])
    index = {n: write(n, d) for n, d in _index(folder, listed, context, shown, key).items()}
    receipt = declared.receipt(
        time_period=made.code,
        title=made.title,
        synthetic=made.synthetic,
        key=key,
        lang=context.lang,
        built_at=f"{clock.built():%d/%m/%Y %H:%M} UTC",
        code_version=_version(loaded.root),
        code=code_digest(loaded.root),
        catalogue_sha256=loaded.catalogue.sha256,
        libraries={n: metadata.version(n) for n in _LIBRARIES},
        python=platform.python_version(),
        index=index[declared.INDEX],
        pages=[
            {
                "name": r.page.name,
                "output": r.output.as_posix(),
                "title": r.page.title,
                "notebook": r.page.notebook.name,
                "parameters": r.page.parameters,
                "status": r.status,
                "files": [file["href"] for file in r.files],
            }
            for r in shown
        ],
        written=_written(shown, folder, index.values()),
        **counted,
    )
    write(RECEIPT, receipt)
    return index[declared.INDEX]


def _written(shown: list[Result], folder: Path, index: Iterable[str]) -> dict[str, str]:
    """Every file of the site but its receipt, with its SHA-256."""
    found = {name: files.sha256(folder / name) for name in index}
    return found | {name: digest for result in shown for name, digest in result.written.items()}


def lying(planned: Plan, results: Sequence[Result] = ()) -> list[Result]:
    """All pages of the site: the results given, and the others as they lie there."""
    built = {r.page.output: r for r in results}
    found = []
    for page in planned.subject.pages:
        record = incremental.load(planned.batch.record(page))
        if page.output in built:
            found.append(built[page.output])
        elif record:
            result = as_recorded(page, record)
            if (planned.batch.site / result.output).exists():
                found.append(result)
    return found


def _index(
    folder: Path, made: subjects.Subject, context: report.Context, results: list[Result], key: str
) -> dict[str, bytes]:
    national = [
        {
            "href": r.output.as_posix(),
            "title": r.page.title,
            "question": r.page.question,
            "failed": r.status != "ok",
            "files": r.files,
        }
        for r in results
        if r.page.unit is None
    ]
    return declared.index(
        folder,
        context=context,
        key=key,
        notes=made.notes,
        national=national,
        groups=made.groups(results),
        failed=[r.page.code for r in results if r.status != "ok"],
    )


def code_digest(root: Path) -> str:
    """Digest of what makes pages: modules, their sentences and words, notebooks, templates,
    site.yml."""
    held = [*(root / "notebooks").glob("*.ipynb"), *language.LOCALE.glob("*.po")]
    held += [wordings.FILE, root / "reports" / "site.yml"]
    parts = [(path.name, files.sha256(path)) for path in sorted(held)]
    code = imports.digest(imports.modules())
    return incremental.digest(code, parts, incremental.template(report.TEMPLATES))


def _version(root: Path) -> str:
    version = metadata.version("reform-monitor")
    try:
        command = ["git", "-C", str(root), "rev-parse", "--short=12", "HEAD"]
        commit = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        return f"{version}+{commit.stdout.strip()}"
    except (OSError, subprocess.SubprocessError):
        return version
