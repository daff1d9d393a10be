"""Many pages: which must be built, executed in parallel, rendered; errors never stop the others."""

import json
import logging
import multiprocessing
import os
import signal
import sys
import time
import traceback
import types
import warnings
from collections.abc import Callable
from concurrent.futures import CancelledError, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import papermill
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

from analysis import exports, files, incremental, kernels, report, store, trace
from analysis.catalogue import PROJECT, ROOT


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

    @property
    def name(self) -> str:
        """What a page is called on the command line: its output without ending."""
        return self.output.with_suffix("").as_posix()


@dataclass(frozen=True)
class Batch:
    """What all pages of a batch share.

    ``site``: where pages go; ``executed``: where executed notebooks, records and logs go;
    ``pinned``: folder of derived tables → the mark to be read there, so that all pages read the
    same state; ``catalogue``: its digest; ``seconds``: the time limit of a page; ``retries``: how
    often a page is tried again whose kernel died.
    """

    site: Path
    executed: Path
    context: report.Context
    root: Path = PROJECT
    pinned: dict[str, str] = field(default_factory=dict)
    catalogue: str = ""
    seconds: float = 300
    retries: int = 1

    def record(self, page: Page) -> Path:
        return self.executed / page.output.with_suffix(".json")

    def now(self) -> Callable[[str, str], str]:
        """Kind and name of something a page read → its digest now."""
        return incremental.reading(self.root / "data", self.pinned)


@dataclass(frozen=True)
class Result:
    """What became of a page. ``status``: ok, error with the message, or stopped (not built);
    ``files``: its exports; ``built``: whether it was built now; ``worker``: where."""

    page: Page
    status: str
    seconds: float
    message: str = ""
    files: tuple[dict, ...] = ()
    built: bool = True
    worker: str = ""


@dataclass(frozen=True)
class Planned:
    """A page and why it must be built; ``record``: what became of it, if it need not be."""

    page: Page
    reasons: tuple[str, ...]
    record: incremental.Record | None = None

    @property
    def result(self) -> Result:
        """Of a page that is as it should be."""
        return Result(self.page, "ok", self.record.seconds, "", tuple(self.record.files), False)


class UnknownParameterError(Exception):
    """A page passes a parameter that its notebook does not declare."""


class OtherCodeError(Exception):
    """A worker on another machine runs other code or libraries than the batch was planned with."""


def check_parameters(pages: list[Page]) -> None:
    """Refuse parameters that a notebook does not declare.

    Papermill only warns about them, and would publish the default unit under another's name.

    Raises
    ------
    UnknownParameterError
        naming the notebook, the parameter and the nearest declared one.
    """
    for page in pages:
        declared = _declared(page.notebook, files.sha256(page.notebook))
        for name in page.parameters:
            if name not in declared:
                near = get_close_matches(name, declared, 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise UnknownParameterError(
                    f"{page.notebook.name} has no parameter {name!r}{hint} (page {page.code})"
                )


@cache
def _declared(notebook: Path, _digest: str) -> frozenset[str]:
    return frozenset(papermill.inspect_notebook(str(notebook)))


# --- what must be built --------------------------------------------------------------------------


def plan(pages: list[Page], batch: Batch, force: bool = False) -> list[Planned]:
    """Each page with the reasons why it must be built, in order; no reason, no building.

    ``force``: build all, whatever their records say.
    """
    now, planned = batch.now(), []
    for page in pages:
        record = incremental.load(batch.record(page))
        found = ["asked for"] if force else []
        found = found or incremental.reasons(record, basis(page, batch), now, batch.site)
        planned.append(Planned(page, tuple(found), record))
    return planned


def basis(page: Page, batch: Batch) -> dict:
    """What a page rests on before its notebook reads anything."""
    context = batch.context
    synthetic = context.synthetic if page.synthetic is None else page.synthetic
    label = (page.title, page.also, synthetic, context.period, context.period_title)
    return {
        "notebook": files.sha256(page.notebook),
        "parameters": incremental.digest(sorted(page.parameters.items())),
        "page": incremental.digest(*label, context.document),
        "catalogue": batch.catalogue,
        "template": incremental.template(report.TEMPLATES),
        "libraries": incremental.libraries(),
        "modules": incremental.modules(page.notebook),
    }


# --- building ------------------------------------------------------------------------------------


def run(
    pages: list[Page],
    batch: Batch,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[int, int, Result], None] | None = None,
) -> list[Result]:
    """Build ``pages``, all of them, and return what became of each, in order.

    A page that fails gets an error card in its place, and the others are built. When it is
    interrupted, pages that have begun are finished and the others are ``stopped``; a second
    interrupt stops at once.

    Parameters
    ----------
    workers
        Processes on this machine; as many as it has cores, if not given.
    scheduler
        Address of a Dask scheduler (``tcp://…``) whose workers build the pages instead.
    progress
        Called after each page: how many are done, of how many, and the last one's result.
    """
    check_parameters(pages)
    results: dict[int, Result] = {}

    def done(i: int, result: Result) -> None:
        results[i] = result
        if progress:
            progress(len(results), len(pages), result)

    waiting = dict(enumerate(pages))
    try:
        if scheduler and pages:
            with _dask(scheduler) as executor:
                _submit(executor, waiting, batch, done, basis)
        while waiting and not scheduler:
            size = max(1, min(workers or os.cpu_count() or 1, len(waiting)))
            with _local(size, batch.root) as executor:
                _submit(executor, waiting, batch, done)
            # A worker that dies breaks its pool. Pages start in order, so the one to blame is among
            # the first unfinished: each of them is tried again alone, the rest together.
            for i in [i for i in waiting if i not in results][:size]:
                with _local(1, batch.root) as executor:
                    _submit(executor, {i: waiting[i]}, batch, done)
                if i not in results:
                    done(i, _died(waiting[i], batch))
            waiting = {i: p for i, p in waiting.items() if i not in results}
    except KeyboardInterrupt:
        pass
    stopped = [Result(p, "stopped", 0.0, "stopped before it was built", (), False) for p in pages]
    return [results.get(i, stopped[i]) for i in range(len(pages))]


def _submit(
    executor, pages: dict[int, Page], batch: Batch, done: Callable, expect: Callable | None = None
) -> None:
    """``expect``: what a page must rest on where it is built (another machine)."""
    futures = {
        executor.submit(build, page, batch, expect(page, batch) if expect else None): i
        for i, page in pages.items()
    }
    try:
        _collect(futures, pages, done)
    except KeyboardInterrupt:
        for future in futures:
            future.cancel()
        running = {f: i for f, i in futures.items() if not f.cancelled() and not f.done()}
        _collect(running, pages, done)  # what has begun is finished
        raise


def _collect(futures: dict, pages: dict[int, Page], done: Callable) -> None:
    for future in as_completed(futures):
        try:
            done(futures[future], future.result())
        except (BrokenProcessPool, CancelledError):
            continue
        except Exception as error:  # not even its error card could be written
            message = f"{type(error).__name__}: {error}"
            done(futures[future], Result(pages[futures[future]], "error", 0.0, message))


@contextmanager
def _local(workers: int, root: Path):
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        workers, mp_context=spawn, initializer=_start_worker, initargs=(root,)
    )
    try:
        yield pool
    except KeyboardInterrupt:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _dask(address: str):
    from distributed import Client  # only where it is asked for: it takes a second to import

    with Client(address) as client:
        yield client.get_executor(pure=False)


def _start_worker(root: Path) -> None:
    _prepare(root)
    # Ctrl-C reaches the whole group of processes: the batch decides what is still finished
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kernels.warm_up()


@cache
def _prepare(root: Path) -> None:
    """Once in each process that builds pages of the project ``root``."""
    os.environ[ROOT] = str(root)  # the zygote reads that project's catalogue
    # An empty main module: otherwise each forked kernel would import the command line anew.
    sys.modules["__main__"] = types.ModuleType("__main__")
    logging.getLogger("papermill").setLevel(logging.ERROR)
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="zmq|jupyter_client|nbformat|papermill")


class _Engine(NBClientEngine):
    """papermill's engine with warm kernels, an environment for them, and a limit for the page."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, *, env, seconds, **_) -> NotebookNode:
        end = time.monotonic() + seconds
        client = PapermillNotebookClient(
            nb_man,
            kernel_name=kernel_name,
            kernel_manager_class=kernels.WarmKernelManager,
            shutdown_kernel="immediate",  # its outputs are all here; it has nothing to save
            startup_timeout=60,
            timeout_func=lambda cell: max(0.1, end - time.monotonic()),
        )
        return client.execute(env=env)


papermill_engines.register("reform-monitor", _Engine)


def build(page: Page, batch: Batch, expected: dict | None = None) -> Result:
    """Execute and render one page; never raises for what its notebook does.

    Written in this order, each in one step: executed notebook, exports, page, log, record.

    Raises
    ------
    OtherCodeError
        if the page does not rest on what is ``expected`` (:func:`basis`).
    """
    _prepare(batch.root)
    started, at = time.monotonic(), time.time()
    on = basis(page, batch)
    if expected and on != expected:
        parts = ", ".join(part for part in on if on[part] != expected[part])
        raise OtherCodeError(f"{_worker()} has other {parts} than the machine that planned")
    target = batch.executed / page.output.with_suffix(".ipynb")
    target.parent.mkdir(parents=True, exist_ok=True)
    batch.record(page).unlink(missing_ok=True)
    noted = target.with_suffix(".reads")
    context = batch.context
    if page.synthetic is not None:
        context = replace(context, synthetic=page.synthetic)
    message, details, made = "", "", []
    try:
        notebook = _executed(page, batch, target, noted)
        made = exports.write(page.also, notebook, batch.site / page.output, page.title, context)
        shell = replace(context, files=made)
        report.render(notebook, batch.site / page.output, page.title, shell, _depth(page))
    except Exception as error:
        reason, details = _said(error)
        report.error_card(
            batch.site / page.output, page.title, reason, details, context, _depth(page)
        )
        message = reason.strip().splitlines()[0][:300]
    status, seconds = "error" if message else "ok", time.monotonic() - started
    _log(page, target, status, seconds, details)
    reads = trace.read(noted)
    noted.unlink(missing_ok=True)
    if reads is not None:
        reads = incremental.settled(reads, batch.now(), batch.root / "data", at)
    names = [page.output.name, *(file["href"] for file in made)]
    written = {page.output.with_name(n).as_posix() for n in names}
    incremental.Record(
        status,
        message,
        on,
        reads,
        {name: files.sha256(batch.site / name) for name in sorted(written)},
        made,
        round(seconds, 3),
        at,
    ).save(batch.record(page))
    return Result(page, status, seconds, message, tuple(made), True, _worker())


def _executed(page: Page, batch: Batch, target: Path, noted: Path) -> NotebookNode:
    env = os.environ | {
        ROOT: str(batch.root),
        trace.VARIABLE: json.dumps([str(noted), str(batch.root / "data")]),
        store.PINNED: json.dumps(batch.pinned),
    }
    for attempt in range(batch.retries + 1):
        noted.unlink(missing_ok=True)
        try:
            return papermill.execute_notebook(
                str(page.notebook),
                str(target),
                parameters=page.parameters,
                engine_name="reform-monitor",
                cwd=str(page.notebook.parent),
                progress_bar=False,
                request_save_on_cell_execute=False,
                env=env,
                seconds=batch.seconds,
            )
        except DeadKernelError:  # another program may have taken the memory; an error would return
            if attempt == batch.retries:
                raise
    raise AssertionError("unreachable")


def _said(error: Exception) -> tuple[str, str]:
    """What went wrong, in one line and in full."""
    if isinstance(error, papermill.PapermillExecutionError):
        return f"{error.ename}: {error.evalue}", "\n".join(error.traceback)
    return f"{type(error).__name__}: {error}", traceback.format_exc()


def _log(page: Page, executed: Path, status: str, seconds: float, details: str) -> None:
    """Beside the executed notebook: how long each cell took, what was printed, what went wrong."""
    lines = [f"{page.name}: {page.notebook.name} {page.parameters}", f"{status}, {seconds:.2f} s"]
    if executed.exists():
        for cell in json.loads(executed.read_text(encoding="utf-8"))["cells"]:
            took = cell["metadata"].get("papermill", {}).get("duration")
            source = "".join(cell["source"]).strip().splitlines()
            if cell["cell_type"] == "code" and took is not None and source:
                lines.append(f"{took:8.3f} s  {source[-1][:80]}")
            printed = [o["text"] for o in cell.get("outputs", []) if "text" in o]
            lines += ["".join(text).rstrip() for text in printed]
    text = "\n".join([*lines, report.strip_ansi(details)])
    files.write(executed.with_suffix(".log"), text.encode("utf-8", errors="replace"))


def _worker() -> str:
    return f"{os.uname().nodename if hasattr(os, 'uname') else ''}:{os.getpid()}"


def _died(page: Page, batch: Batch) -> Result:
    reason = "Tiến trình dừng đột ngột."
    report.error_card(batch.site / page.output, page.title, reason, "", batch.context, _depth(page))
    return Result(page, "error", 0.0, "the process that built it died")


def _depth(page: Page) -> int:
    return len(page.output.parts) - 1
