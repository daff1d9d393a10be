"""Many pages: refuse wrong parameters, execute in parallel, render, go on after errors."""

import logging
import multiprocessing
import os
import sys
import time
import traceback
import types
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

import papermill

from analysis import exports, kernels, report


@dataclass(frozen=True)
class Page:
    """One page to build: a notebook with parameters. ``output`` is relative to the site."""

    code: str
    notebook: Path
    output: Path
    title: str
    question: str = ""
    parameters: dict = field(default_factory=dict)
    unit: str | None = None
    synthetic: bool | None = None  # where it differs from the rest of the site
    also: tuple[str, ...] = ()  # exports beside the page (exports.KINDS)


@dataclass(frozen=True)
class Result:
    """What became of a page. ``status``: ok, or error with the message; ``files``: its exports."""

    page: Page
    status: str
    seconds: float
    message: str = ""
    files: tuple[dict, ...] = ()


class UnknownParameterError(Exception):
    """A page passes a parameter that its notebook does not declare."""


def check_parameters(pages: list[Page]) -> None:
    """Refuse parameters that a notebook does not declare.

    Papermill only warns about them, and would publish the default unit under another's name.

    Raises
    ------
    UnknownParameterError
        naming the notebook, the parameter and the nearest declared one.
    """
    declared = {n: set(papermill.inspect_notebook(str(n))) for n in {p.notebook for p in pages}}
    for page in pages:
        for name in page.parameters:
            if name not in declared[page.notebook]:
                near = get_close_matches(name, declared[page.notebook], 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise UnknownParameterError(
                    f"{page.notebook.name} has no parameter {name!r}{hint} (page {page.code})"
                )


def run(
    pages: list[Page],
    site: Path,
    executed: Path,
    context: report.Context,
    workers: int | None = None,
    progress: Callable[[int, int, Result], None] | None = None,
    seconds: float = 300,
) -> list[Result]:
    """Build ``pages`` into ``site``; executed notebooks go to ``executed``.

    A page that fails gets an error card in its place, and the others are built. ``seconds`` is the
    time limit of one cell.
    """
    check_parameters(pages)
    workers = max(1, min(workers or os.cpu_count() or 1, len(pages)))
    results: dict[int, Result] = {}
    waiting = dict(enumerate(pages))
    options = (site, executed, context, seconds, results, progress, len(pages))
    while waiting:
        _run_pool(waiting, workers, *options)
        # A worker that dies breaks its pool. Pages start in order, so the one to blame is among the
        # first unfinished: each of them is tried again alone, the rest together.
        for i in [i for i in waiting if i not in results][:workers]:
            _run_pool({i: waiting[i]}, 1, *options)
            if i not in results:
                results[i] = _died(waiting[i], site, context)
                if progress:
                    progress(len(results), len(pages), results[i])
        waiting = {i: p for i, p in waiting.items() if i not in results}
    return [results[i] for i in sorted(results)]


def _died(page: Page, site: Path, context: report.Context) -> Result:
    reason = "Tiến trình dừng đột ngột."
    report.error_card(site / page.output, page.title, reason, "", context, _depth(page))
    return Result(page, "error", 0.0, "the process that built it died")


def _run_pool(waiting, workers, site, executed, context, seconds, results, progress, total):
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_start_worker) as pool:
        futures = {
            pool.submit(build, page, site, executed, context, seconds): i
            for i, page in waiting.items()
        }
        try:
            for future in as_completed(futures):
                try:
                    result = future.result()
                except BrokenProcessPool:
                    continue
                except Exception as error:  # not even its error card could be written
                    message = f"{type(error).__name__}: {error}"
                    result = Result(waiting[futures[future]], "error", 0.0, message)
                results[futures[future]] = result
                if progress:
                    progress(len(results), total, result)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _start_worker() -> None:
    # An empty main module: otherwise each forked kernel would import the command line anew.
    sys.modules["__main__"] = types.ModuleType("__main__")
    logging.getLogger("papermill").setLevel(logging.ERROR)
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="zmq|jupyter_client|nbformat|papermill")


def _depth(page: Page) -> int:
    return len(page.output.parts) - 1


def build(
    page: Page, site: Path, executed: Path, context: report.Context, seconds: float = 300
) -> Result:
    """Execute and render one page; never raises for what its notebook does."""
    started = time.monotonic()
    if page.synthetic is not None:
        context = replace(context, synthetic=page.synthetic)
    target = executed / page.output.with_suffix(".ipynb")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        notebook = papermill.execute_notebook(
            str(page.notebook),
            str(target),
            parameters=page.parameters,
            cwd=str(page.notebook.parent),
            progress_bar=False,
            request_save_on_cell_execute=False,
            kernel_manager_class=kernels.WarmKernelManager,
            execution_timeout=seconds,
        )
        files = exports.write(page.also, notebook, site / page.output, page.title, context)
        context = replace(context, files=files)
        report.render(notebook, site / page.output, page.title, context, _depth(page))
    except Exception as error:
        if isinstance(error, papermill.PapermillExecutionError) and target.exists():
            reason = f"{error.ename}: {error.evalue}"
            details = "\n".join(error.traceback)
        else:
            reason, details = f"{type(error).__name__}: {error}", traceback.format_exc()
        report.error_card(site / page.output, page.title, reason, details, context, _depth(page))
        return Result(
            page, "error", time.monotonic() - started, reason.strip().splitlines()[0][:300]
        )
    return Result(page, "ok", time.monotonic() - started, files=tuple(files))
