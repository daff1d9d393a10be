"""Is a page the same however its cells are run? Byte for byte, of every period that is shipped.

Run: ``python benchmarks/same_pages.py [--site 2022-Q2] [--pages 5]``. Every page of
the sites (of all, if none is named; ``--pages``: so many of each, spread over it) is built three
times, into folders that are thrown away:

* *piped*: its cells in the fork itself, at the end of a pipe, as a batch runs them;
* *warm*: in a forked kernel with sockets;
* *ordinary*: in a kernel that was started anew.

Compared are the HTML, every file beside it (workbook, Word, pictures), what its notebook read, and
the executed notebook: sources, outputs, execution counts, errors. Left out of that is what differs
from one run of the same kernel to the next: when a cell ran and how long, the names that papermill
and nbformat draw at random. Prints pages compared and differences; exits 1 if there is any.
"""

import argparse
import hashlib
import json
import os
import re
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import batch as benchmark

from analysis import period, project
from analysis.batch import execute, piped, zygote
from analysis.batch.pages import Batch, Page
from analysis.site import planning
from analysis.survey import editions

WAYS = ("piped", "warm", "ordinary")
_OF_ONE_RUN = re.compile(r"0x[0-9a-f]{6,}|ipykernel_\d+")


@contextmanager
def run_by(way: str):
    """Cells are run this way inside the block."""
    with ExitStack() as changed:
        if way != "piped":
            changed.enter_context(patch.object(piped, "fits", lambda *_: False))
        if way == "ordinary":
            changed.enter_context(patch.object(zygote, "CAN_FORK", False))
        yield


def sites(named: list[str]) -> list[str]:
    """The codes of the periods and editions that are meant, or of all that have files."""
    if named:
        return named
    held = period.periods()
    surveys = (project.PROJECT / "data/survey").glob("*/edition.yml")
    return [*held.loc[held["files"] > 0, "period"], *sorted(p.parent.name for p in surveys)]


def planned(code: str) -> tuple[list[Page], Batch]:
    """All pages of a site, and what they share."""
    of_survey = (project.PROJECT / "data/survey" / code / "edition.yml").exists()
    loaded = editions.load(code.rpartition("-")[2]) if of_survey else period.load(code)
    plan = planning.plan(loaded, force=True)
    return [one.page for one in plan.pages], plan.batch


def spread(pages: list[Page], most: int | None) -> list[Page]:
    """So many of the pages at equal distances, the first and the last among them."""
    if most is None or most >= len(pages):
        return pages
    return [pages[round(i * (len(pages) - 1) / max(1, most - 1))] for i in range(most)]


def made(page: Page, batch: Batch, way: str) -> dict[str, str]:
    """What is compared of a page that was built this way: part → digest."""
    with tempfile.TemporaryDirectory() as name, run_by(way):
        own = replace(batch, site=Path(name, "site"), executed=Path(name, "executed"))
        result = execute.build(page, own)
        record = json.loads(own.record(page).read_text("utf-8"))
        parts = {f: _digest((own.site / f).read_bytes()) for f in _files(own.site)}
        executed = own.executed / f"{page.name}.ipynb"
        told = _OF_ONE_RUN.sub("", executed.read_text("utf-8")) if executed.exists() else "null"
    parts["executed notebook"] = _digest(json.dumps(_comparable(json.loads(told))).encode())
    parts["reads"] = _digest(json.dumps(record["reads"]).encode())
    return parts | {"message": result.message}


def _files(site: Path) -> list[str]:
    return sorted(p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _comparable(notebook: dict | None) -> list:
    """The cells of an executed notebook without what differs from one run to the next."""
    if notebook is None:
        return []
    kept = ("cell_type", "source", "execution_count", "outputs", "attachments")
    cells = [{k: cell[k] for k in kept if k in cell} for cell in notebook["cells"]]
    for cell, held in zip(cells, notebook["cells"], strict=True):
        cell["tags"] = held["metadata"].get("tags", [])
    return [notebook["metadata"].get("language_info"), *cells]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", action="append", default=[], help="a period or edition")
    parser.add_argument("--pages", type=int, help="so many pages of each site")
    asked = parser.parse_args()
    os.environ.setdefault("SOURCE_DATE_EPOCH", "1600000000")
    benchmark.quiet()
    compared, different = 0, []
    for code in sites(asked.site):
        pages, batch = planned(code)
        pages = spread(pages, asked.pages)
        for page in pages:
            first, *others = [made(page, batch, way) for way in WAYS]
            for way, other in zip(WAYS[1:], others, strict=True):
                parts = sorted(k for k in {*first, *other} if first.get(k) != other.get(k))
                different += [f"{code}/{page.name}: {way}: {', '.join(parts)}"] if parts else []
            compared += 1
        print(f"{code}: {len(pages)} pages, {len(different)} differences so far", flush=True)
    print(*different, sep="\n", end="\n" if different else "")
    print(f"{compared} pages built by {', '.join(WAYS)}: {len(different)} differences")
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())
