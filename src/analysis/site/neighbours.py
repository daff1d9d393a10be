"""Menus lead from one period to the same page in another: when a site gains or loses pages, the
pages beside it are told, without being built.
"""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from analysis.batch import incremental
from analysis.batch.pages import RECEIPT, Batch, stated
from analysis.project import Place
from analysis.render import report
from analysis.site import home, menus
from analysis.site.receipt import text
from analysis.storage import locks, store_locks
from analysis.storage.owned import ENDING, Owned


def pages(shared: Batch) -> dict[str, str]:
    """The pages of a site as its receipt names them: name → address and title of the site; empty
    where there is none."""
    return _pages(home.receipts(shared.site.parent).get(shared.site.name))


def _pages(receipt: dict | None) -> dict[str, str]:
    if receipt is None:
        return {}
    outputs = menus.outputs(receipt)
    return {name: f"{output} {receipt['title']}" for name, output in outputs.items()}


def state(shared: Batch) -> str:
    """Digest of what menus say of the sites beside this one."""
    sites = home.receipts(shared.site.parent)
    return incremental.digest([(f, _pages(r)) for f, r in sites.items() if f != shared.site.name])


def told(shared: Batch, before: dict[str, str]) -> None:
    """Bring the menus of the sites beside this one up to date, where its pages are others than
    ``before``. A site at which somebody is at work is left to that run, a page that somebody
    changed as it is."""
    after = pages(shared)
    names = {name for name, _ in before.items() ^ after.items()}
    sites = home.receipts(shared.site.parent)
    for folder in sites if names else ():
        if folder != shared.site.name and sites[folder]:
            lock = Place(shared.root).derived(locks.FOLDER) / f"{folder}.run"
            with suppress(locks.HeldError), locks.free(lock) as free:
                if free:
                    with store_locks.alone(shared.shared, folder, shared.root):
                        _told(shared, folder, sites, names)


def _told(shared: Batch, folder: str, sites: dict, names: set[str]) -> None:
    site, ending = shared.site.with_name(folder), shared.executed.name.rpartition("-notebooks")[2]
    records = shared.executed.with_name(f"{folder}-notebooks{ending}") / ".records"
    path = site / RECEIPT
    receipt = json.loads(path.read_text(encoding="utf-8"))
    written = dict(stated(site))
    for name, output in menus.outputs(sites[folder]).items():
        if name in names:
            written |= _menu(site, records, name, output, sites, written)
    held = Owned(site, records / f"{menus.INDEX}.site{ENDING}")
    if written != stated(site) and held.ours(RECEIPT):
        held.write(RECEIPT, text(**receipt | {"written": written}))


def _menu(site: Path, records: Path, name: str, output: str, sites, written) -> dict[str, str]:
    """Write one page with the other periods that there are now; returns what was written."""
    held = Owned(site, records / f"{name}.site{ENDING}", written)
    if not held.ours(output):
        return {}
    html = (site / output).read_bytes().decode("utf-8", "replace")
    found = menus.others(menus.same(sites, site.name, name), menus.up(output))
    new = menus.replaced(html, menus.OTHERS, found)
    if new == html:
        return {}
    held.write(output, report.encoded(new))
    if record := incremental.load(path := records / f"{name}.json"):
        replace(record, written=record.written | held.written).save(path)
    return held.written
