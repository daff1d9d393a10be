"""A site as it was planned → its pages, index, receipt, the home above; what is left over goes."""

import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from analysis.batch import batch, incremental
from analysis.batch.pages import Batch, Result, stated
from analysis.language import languages as language
from analysis.language.languages import say_many
from analysis.lineage import imports, store
from analysis.period import Loaded
from analysis.render import report
from analysis.site import before, code_version, home, leads, neighbours, receipt
from analysis.site.declared import INDEX
from analysis.site.planning import Plan, plan
from analysis.storage import files, owned, store_locks
from analysis.storage.owned import ENDING, Owned
from analysis.survey import editions

_INDEX = "index"
"""What index, receipt and home rested on is recorded so; no page may be called so
(:mod:`analysis.site.declared`)."""


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
        What :func:`analysis.site.planning.plan` found; planned here if not given.

    Raises
    ------
    analysis.site.planning.PlanError
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
    store_locks.still(shared.shared, loaded.plan.key)
    built = dict(zip((p.page.output for p in due), made, strict=True))
    removed = _clear(planned) if planned.whole else 0
    results = [built.get(p.page.output) or p.result for p in planned.pages]
    state = _state(planned, results)
    last = _last(shared)
    if due or removed or not planned.whole or last is None or state != last["state"]:
        took = round(time.monotonic() - started, 1)
        last, results = _around(loaded, planned, results, took)
    beside = {n: m for r in results for n, m in r.beside.items()} | last["beside"]
    index, foreign = shared.site / last["index"], home.foreign(shared.site.parent)
    return Built(index, results, _lying(shared, beside), foreign)


def _lying(shared: Batch, beside: dict[str, str]) -> dict[Path, Path]:
    """Where they lie, without what somebody took away since."""
    folders = {shared.executed.name: shared.executed.parent, "..": shared.site.parent}
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
        code_version.digest(shared.root),
        imports.libraries(),
        planned.subject.notes,
        planned.subject.signed,
        neighbours.state(shared),
    )


def _last(shared: Batch) -> dict | None:
    """What was recorded of index, receipt and home; None unless they still lie so."""
    try:
        held = json.loads(_record(shared).read_text(encoding="utf-8"))
        as_written = [files.sha256(shared.site / n) == d for n, d in held["written"].items()]
        above = shared.site.parent / INDEX
        whole = held["index"] in held["written"] and isinstance(held["beside"], dict)
        return held if whole and "state" in held and all(as_written) and above.exists() else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def _record(shared: Batch) -> Path:
    return shared.records / f"{_INDEX}.json"


def _around(loaded, planned: Plan, results: list[Result], took: float) -> tuple[dict, list[Result]]:
    """Links and menus of the pages, index, receipt, home; then their record: where that is missing
    they are written again. Returns it, and the results with the pages as they are then."""
    shared = planned.batch
    waiting = [r for r in results if r.status == "stopped"]
    shown = planned.lying([r for r in results if r.status != "stopped"])
    notes = []
    if waiting:
        n = len(waiting)
        notes = [say_many("{n} trang chưa lập; chạy lại cùng lệnh để làm tiếp.", n, n=n)]
    held, _ = shared.owned(_INDEX)
    before = neighbours.pages(shared)
    index, shown = receipt.around(
        loaded, planned, shown, shared.site, held.write, leads.in_site(shared), notes=notes
    )
    beside = held.beside | home.write(shared, loaded.catalogue)
    held.settle()
    neighbours.told(shared, before)
    laid = {r.page.output: r for r in shown}
    results = [laid.get(r.page.output, r) for r in results]
    record = {
        "state": _state(planned, results) if planned.whole else "",
        "seconds": took,
        "index": index,
        "written": held.written,
        "beside": beside,
    }
    files.write(_record(shared), json.dumps(record, indent=1).encode())
    return record, results
