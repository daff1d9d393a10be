"""Seconds per report of a batch of unit pages, against other ways to make the same pages.

Run: ``python benchmarks/batch.py [--units 40] [--peer-units 6] [--period 2026-Q3]``. The page is
notebook 90 (one reporting unit); where more are asked for than the period has units, units come
again. Side by side, in the same run and on the same units:

* ours: ``analysis.batch.batch.run`` with one worker, and with one for each core; everything built
  anew, to HTML and the workbook beside it;
* (a) a shell loop: ``papermill`` then ``jupyter nbconvert --to html``, one page after another;
* (b) ``papermill.execute_notebook`` and nbconvert's HTMLExporter in one process;
* (c) the same in as many processes as cores;
* (d) ``quarto render --execute --execute-params``, where Quarto is on the path;
* (e) the floor: the code cells alone as a plain script in warm processes (everything imported,
  the first page run before the clock starts, tables named as a batch names them to its kernels),
  no notebook, no HTML, output thrown away.

What ours pays to start its processes is in its time; what (b), (c) and (e) pay for theirs is not.
Peers use ordinary kernels and nbconvert's own template. Slow peers are timed on fewer reports; the
line says on how many. Nothing of the project is changed: all is written to a temporary folder.
"""

import argparse
import contextlib
import io
import json
import logging
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib import metadata
from itertools import cycle, islice
from pathlib import Path

import memory
import nbformat
import papermill
from nbconvert.exporters import HTMLExporter

from analysis.batch import batch
from analysis.batch.pages import Batch, Page
from analysis.lineage import store
from analysis.period import Loaded, load
from analysis.site import planning, subjects

CORES = os.cpu_count() or 1


@dataclass(frozen=True)
class Timed:
    """What one way of making pages took: seconds per report, over how many pages and workers."""

    name: str
    seconds: float
    pages: int
    workers: int
    note: str = ""


def unit_pages(loaded: Loaded, count: int) -> list[Page]:
    """``count`` pages of single units; the period's units come again if it has fewer."""
    own = [page for page in subjects.plan_pages(loaded) if page.unit]
    if not own:
        raise SystemExit(f"{loaded.plan.code} has no pages of units")
    pages = islice(cycle(own), count)
    return [replace(p, output=Path("units") / f"{i:05d}.html") for i, p in enumerate(pages)]


def quiet() -> None:
    """Keep what Jupyter's parts say of themselves out of the table."""
    for name in ("papermill", "traitlets", "nbconvert"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="zmq|jupyter_client|nbformat|papermill|nbconvert")


# --- ours ---------------------------------------------------------------------------------------


def ours(planned: Batch, pages: list[Page], folder: Path, workers: int) -> tuple[Timed, str]:
    """This package on all pages, and its peak memory in words."""
    shared = replace(planned, site=folder / "site", executed=folder / "executed")
    with memory.Watch() as watch:
        start = time.perf_counter()
        results = batch.run(pages, shared, workers)
        taken = time.perf_counter() - start
    failed = [r for r in results if r.status != "ok"]
    if failed:
        raise SystemExit(f"{len(failed)} pages failed: {failed[0].message}")
    name = "ours" if workers > 1 else "ours, one worker"
    return Timed(name, taken / len(pages), len(pages), workers), watch.said()


# --- peers --------------------------------------------------------------------------------------


def _commands() -> dict[str, str]:
    """The environment with the commands of this Python first on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return os.environ | {"PATH": path}


def shell_loop(pages: list[Page], folder: Path) -> float:
    """Seconds per report of two commands for each page, one after another."""
    environment = _commands()
    start = time.perf_counter()
    for i, page in enumerate(pages):
        executed = folder / f"{i:05d}.ipynb"
        # raw: "-p" would make a number of the unit "25"
        given = [part for pair in page.parameters.items() for part in ("-r", *pair)]
        for command in (
            ["papermill", str(page.notebook), str(executed), "-k", "python3", *given],
            ["jupyter", "nbconvert", "--to", "html", str(executed)],
        ):
            command[0] = shutil.which(command[0], path=environment["PATH"]) or command[0]
            subprocess.run(
                command, check=True, env=environment, cwd=page.notebook.parent, capture_output=True
            )
        if not executed.with_suffix(".html").exists():
            raise SystemExit(f"no page of {page.unit}")
    return (time.perf_counter() - start) / len(pages)


def one_page(page: Page, folder: Path) -> None:
    """Execute and render one page with an ordinary kernel and nbconvert's own template."""
    executed = folder / page.output.with_suffix(".ipynb").name
    notebook = papermill.execute_notebook(
        str(page.notebook),
        str(executed),
        parameters=page.parameters,
        kernel_name="python3",
        cwd=str(page.notebook.parent),
        progress_bar=False,
        extra_arguments=["--IPKernelApp.log_level=50"],  # it warns of every connection
    )
    html, _ = HTMLExporter().from_notebook_node(notebook)
    executed.with_suffix(".html").write_text(html, encoding="utf-8")


def one_process(pages: list[Page], folder: Path) -> float:
    """Seconds per report of :func:`one_page` in a loop."""
    start = time.perf_counter()
    for page in pages:
        one_page(page, folder)
    return (time.perf_counter() - start) / len(pages)


def quarto(pages: list[Page], folder: Path) -> float | None:
    """Seconds per report of Quarto's parameterised render; None where it is not on the path."""
    command = shutil.which("quarto")
    if not command:
        return None
    start = time.perf_counter()
    for i, page in enumerate(pages):
        source = folder / f"{i:05d}.ipynb"
        shutil.copy(page.notebook, source)
        given = folder / f"{i:05d}.yml"  # a file: on the command line "25" would be a number
        given.write_text(json.dumps(page.parameters), encoding="utf-8")
        whole = ["--to", "html", "-M", "embed-resources:true"]
        subprocess.run(
            [command, "render", str(source), "--execute", "--execute-params", str(given), *whole],
            check=True,
            env=_commands() | {"QUARTO_PYTHON": sys.executable},
            capture_output=True,
        )
    return (time.perf_counter() - start) / len(pages)


# --- work shared out over warm processes --------------------------------------------------------

_at_start = None  # of a worker: a barrier that all pass when each is warm


def _warm(barrier, prepare: Callable, *given: object) -> None:
    global _at_start
    _at_start = barrier
    quiet()
    prepare(*given)


def _ready() -> None:
    _at_start.wait()


def in_processes(
    pages: list[Page], prepare: Callable, given: tuple, work: Callable, *more: object
) -> float:
    """Seconds per report of ``work(page, *more)`` over one process for each core.

    The clock starts when every process has run ``prepare(*given)``.
    """
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(CORES)
    with ProcessPoolExecutor(CORES, spawn, _warm, (barrier, prepare, *given)) as pool:
        # a worker that waits can take no second of these: when all are through, all are warm
        for waiting in [pool.submit(_ready) for _ in range(CORES)]:
            waiting.result()
        start = time.perf_counter()
        for done in [pool.submit(work, page, *more) for page in pages]:
            done.result()
        return (time.perf_counter() - start) / len(pages)


def _nothing() -> None:
    """What workers prepare that only have to be there, with what this file imports."""


def script(page: Page) -> None:
    """Run the code cells of a page as a plain script with its parameters; output is lost."""
    notebook = nbformat.read(page.notebook, as_version=4)
    names: dict = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            exec(compile(cell.source, page.notebook.name, "exec"), names)
            if "parameters" in cell.metadata.get("tags", []):
                names |= page.parameters


def warm_script(page: Page, pinned: dict[str, str] | None = None) -> None:
    """All imports done and one page run, in a folder and with a backend as a kernel has them.

    ``pinned``: the tables that a batch names to its kernels, which then do not ask what they rest
    on.
    """
    if pinned:
        os.environ[store.PINNED] = json.dumps(pinned)
    import matplotlib as mpl

    import analysis.batch.preload  # noqa: F401

    mpl.use("Agg")
    os.chdir(page.notebook.parent)
    script(page)


# --- the table ----------------------------------------------------------------------------------


def peers(pages: list[Page], few: list[Page], folder: Path, pinned: dict[str, str]) -> list[Timed]:
    """All the other ways: slow ones on ``few`` pages, the floor on all of them."""
    places = [folder / name for name in "abcd"]
    for place in places:
        place.mkdir()
    a, b, c, d = places
    pairs = (few * CORES)[: max(len(few), 2 * CORES)]  # else some process would have nothing to do
    pairs = [replace(p, output=Path(f"{i:05d}.html")) for i, p in enumerate(pairs)]
    said = "" if len(few) == len(pages) else f"timed on {len(few)} reports, scaled"
    found = [
        Timed("(a) shell loop", shell_loop(few, a), len(few), 1, said),
        Timed("(b) one process", one_process(few, b), len(few), 1, said),
        Timed(
            f"(c) {CORES} processes",
            in_processes(pairs, _nothing, (), one_page, c),
            len(pairs),
            CORES,
            said and f"timed on {len(pairs)} reports, scaled",
        ),
    ]
    rendered = quarto(few, d)
    if rendered is not None:
        found.append(Timed("(d) Quarto", rendered, len(few), 1, said))
    floor = in_processes(pages, warm_script, (pages[0], pinned), script)
    return [*found, Timed("(e) floor", floor, len(pages), CORES, "no notebook, no HTML")]


def show(lines: list[Timed]) -> None:
    """Print the table: seconds per report, how many times as fast as (a), as slow as (e)."""
    loop = next(t for t in lines if t.name.startswith("(a)")).seconds
    floor = next(t for t in lines if t.name.startswith("(e)")).seconds
    print(f"  {'':<18}{'s/report':>9}{'(a) ÷ it':>10}{'it ÷ (e)':>10}{'pages':>7}{'workers':>9}")
    for t in lines:
        ratios = f"{loop / t.seconds:>9.1f}×{t.seconds / floor:>9.1f}×"
        print(f"  {t.name:<18}{t.seconds:>9.3f}{ratios}{t.pages:>7}{t.workers:>9}  {t.note}")
    if not any(t.name.startswith("(d)") for t in lines):
        print("  (d) Quarto         quarto not found")


def versions() -> str:
    """What was compared, on what, and how busy that was (figures of a busy machine are rough)."""
    named = ("papermill", "nbconvert", "nbclient", "ipykernel")
    parts = [f"{n} {metadata.version(n)}" for n in named]
    busy = f", load {os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else ""
    return f"{', '.join(parts)}, Python {sys.version.split()[0]}, {CORES} cores{busy}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds per report, beside other ways.")
    parser.add_argument("--period", default="2026-Q3")
    parser.add_argument("--units", type=int, default=40, help="reports to build")
    parser.add_argument("--peer-units", type=int, default=6, help="reports that slow peers build")
    asked = parser.parse_args()
    quiet()
    loaded = load(asked.period)
    pages = unit_pages(loaded, asked.units)
    few = pages[: asked.peer_units]
    print(f"{len(pages)} unit pages of {asked.period} ({pages[0].notebook.name}); {versions()}")
    with tempfile.TemporaryDirectory() as folder:
        planned = planning.plan(loaded).batch
        alone, _ = ours(planned, few, Path(folder, "one"), 1)
        mine, used = ours(planned, pages, Path(folder, "all"), CORES)
        show([alone, mine, *peers(pages, few, Path(folder), planned.pinned)])
    print(f"  peak memory of ours: {used}")


if __name__ == "__main__":
    main()
