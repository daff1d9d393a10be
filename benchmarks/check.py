"""Time of reading and of a whole check, beside plain readers on the same files.

Run: ``python benchmarks/check.py [PERIOD]`` (2022-Q2 if none). In one run, with the same files:
plain calamine and ``pandas.read_excel`` (all sheets of each workbook), our reading from nothing and
from what was kept, the whole ``check`` in a process of its own from nothing, with one changed
figure in one file and with nothing changed; and ``--help``. The same readers of one sheet with
200,000 cells, and of 5,000 small files (``--many``: it takes minutes). A copy of the project is
worked in. Processor time of the process and of its children; wall time beside it, which on a busy
machine says little.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineError, CalamineWorkbook

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.pipeline import field_names, submitted_files, vocabulary
from analysis.reading import reading, spreadsheets

CELLS, MANY = 200_000, 5_000
COPIED = ("data/catalogue", "data/submissions", "data/reference")


def spent() -> float:
    """Seconds of the processors: of this process, and of its children that have ended."""
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


def timed(name: str, work: Callable[[], object], per: int = 1) -> float:
    """Print what the work costs, ``per`` how many files; returns processor seconds."""
    before, began = spent(), time.monotonic()
    work()
    cost, wall = spent() - before, time.monotonic() - began
    each = f"{1000 * cost / per:8.2f} ms a file" if per > 1 else ""
    print(f"{name:44}{cost:8.2f} s of processor {wall:8.2f} s {each}")
    return cost


def of_readers(paths: list[Path]) -> None:
    """What the readers themselves cost."""
    timed("plain calamine", lambda: [_all_sheets(p) for p in paths], len(paths))
    timed("pandas.read_excel", lambda: [pd.read_excel(p, sheet_name=None) for p in paths],
          len(paths))  # fmt: skip


def _opens(path: Path) -> bool:
    """Some of the files of a period are spoilt, as offices' are."""
    try:
        return bool(CalamineWorkbook.from_path(str(path)).sheet_names)
    except CalamineError:
        return False


def _all_sheets(path: Path) -> list:
    book = CalamineWorkbook.from_path(str(path))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def of_commands(code: str, root: Path, changed: Path) -> None:
    """The commands, each in a process of its own."""

    def run(*words: str) -> None:
        here = [sys.executable, "-m", "analysis", *words]
        subprocess.run(here, stdout=subprocess.DEVNULL, check=False)

    check = ("check", code, "--root", str(root))
    run(*check)  # the periods before
    shutil.rmtree(root / "data/derived" / code)
    timed("check, nothing kept of the period", lambda: run(*check))
    timed("check, nothing changed", lambda: run(*check))
    _change(changed)
    timed("check, one changed file", lambda: run(*check))
    timed("--help", lambda: run("--help"))


def _change(path: Path) -> None:
    """The first figure of the first sheet is larger by one."""
    book = load_workbook(path)
    cells = (cell for row in book.worksheets[0].iter_rows(min_row=11) for cell in row)
    next(c for c in cells if isinstance(c.value, int | float) and c.value > 50).value += 1
    book.save(path)


def of_a_large_sheet(aside: Path, limits: dict) -> None:
    """One sheet with ``CELLS`` cells: names, and figures beside them."""
    path = aside / "large.xlsx"
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in range(CELLS // 20):
        sheet.append([f"Đơn vị {row}", *range(20 * row, 20 * row + 19)])
    book.save(path)
    print(f"one sheet, {CELLS} cells")
    of_readers([path])
    timed("our reading", lambda: spreadsheets.read(path, limits))


def of_many(books: list[Path], aside: Path, by: reading.Known) -> None:
    """``MANY`` small files: the period's, again and again under other names."""
    paths = [aside / f"{n:04}_{books[n % len(books)].name}" for n in range(MANY)]
    for n, path in enumerate(paths):
        shutil.copy(books[n % len(books)], path)
    print(f"{MANY} small files")
    of_readers(paths)
    kept = aside / "many.parquet"
    timed("reading and locating", lambda: reading.read(paths, by, kept), MANY)


def main(code: str = "2022-Q2", *options: str) -> None:
    with tempfile.TemporaryDirectory() as aside:
        root = Path(aside)
        for name in COPIED:
            shutil.copytree(project.PROJECT / name, root / name)
        catalogue = cat.load(root)
        plan = plans.plan(code, catalogue, root)
        paths = submitted_files(plan, project.Place(root))
        books = [p for p in paths if p.suffix == ".xlsx" and _opens(p)]
        print(f"{code}: {len(paths)} files, {len(books)} of them .xlsx that open")
        of_readers(books)
        forms = {c: catalogue.forms[c] | {"stated_as": plan.stated_as} for c in plan.forms}
        limits = catalogue.parameters["limits"]
        by = reading.Known(forms, field_names(catalogue), vocabulary(catalogue), limits)
        kept = root / "located.parquet"
        timed("reading and locating", lambda: reading.read(paths, by, kept), len(paths))
        timed("the same, as kept", lambda: reading.read(paths, by, kept), len(paths))
        of_a_large_sheet(root, limits)
        if "--many" in options:
            of_many(books, root, by)
        of_commands(code, root, books[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
