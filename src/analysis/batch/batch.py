"""Many pages in parallel, here or on the workers of another engine; errors stop no other page."""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from functools import cache, partial
from itertools import islice
from pathlib import Path

from analysis.batch import cluster, interrupts, zygote
from analysis.batch.pages import Batch, Page, Result, basis, examine, rests_on
from analysis.language.messages import tell
from analysis.lineage import cells
from analysis.storage import files, store_locks
from analysis.storage.addresses import without_secrets

PAGES = 500  # pages after which a worker is replaced, so that nothing can pile up in it
_resting: dict[tuple[int, Path], tuple[ProcessPoolExecutor, int]] = {}


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
    for page in pages:
        declared = _declared(page.notebook, files.sha256(page.notebook))
        for name in page.parameters:
            if name not in declared:
                near = get_close_matches(name, declared, 1)
                hint = tell("; did you mean {near}?", near=near[0]) if near else ""
                raise UnknownParameterError(
                    tell(
                        "{notebook} has no parameter {name!r}{hint} (page {code})",
                        notebook=page.notebook.name,
                        name=name,
                        hint=hint,
                        code=page.code,
                    )
                )


@cache
def _declared(notebook: Path, _digest: str) -> frozenset[str]:
    return cells.names(notebook)


# What a worker does: the process that only waits for it needs neither papermill nor nbconvert.


def _start(root: Path, env: dict[str, str]) -> None:
    from analysis.batch import execute

    execute.start_worker(root, env)


def _build(page: Page, batch: Batch, expected: dict | None = None) -> Result:
    from analysis.batch import execute

    return execute.build(page, batch, expected)


def _died(page: Page, batch: Batch) -> Result:
    from analysis.batch import execute

    return execute.died(page, batch)


def run(
    pages: list[Page],
    batch: Batch,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[int, int, Result], None] | None = None,
) -> list[Result]:
    """Build ``pages``, all of them, and return what became of each, in order.

    A page that fails gets an error card in its place, and the others are built. When it is
    interrupted, pages that have begun or are next in line are finished and the others are
    ``stopped``; a second interrupt stops at once.

    Parameters
    ----------
    workers
        Processes on this machine; as many as it has cores, if not given.
    scheduler
        Address of a Dask scheduler (``tls://…``) whose workers build the pages instead.
    progress
        Called after each page: how many are done, of how many, and the last one's result.

    Raises
    ------
    analysis.batch.cluster.ClusterError
        if the scheduler does not answer, or goes and does not come back; what is built stays.
    analysis.storage.store_locks.StoreError
        if the store of the batch does not answer any more; what is built stays.
    """
    if not pages:
        return []
    check_parameters(pages)
    results: dict[int, Result] = {}

    def done(i: int, result: Result) -> None:
        results[i] = result
        if progress:
            progress(len(results), len(pages), result)

    waiting = dict(enumerate(pages))
    try:
        while waiting:
            if scheduler:
                _elsewhere(waiting, batch, scheduler, done)
            else:
                _here(waiting, batch, workers, results, done)
            waiting = {i: p for i, p in waiting.items() if i not in results}
    except KeyboardInterrupt:
        pass  # what is not built is told as stopped
    stopped = [
        Result(p, "stopped", 0.0, tell("stopped before it was built"), (), False) for p in pages
    ]
    return [results.get(i, stopped[i]) for i in range(len(pages))]


def _here(
    waiting: dict[int, Page], batch: Batch, workers: int | None, results: dict, done: Callable
) -> None:
    """Have pages built by processes of this machine, as many as one set of them may."""
    size = max(1, min(workers or os.cpu_count() or 1, len(waiting)))
    part = dict(islice(waiting.items(), PAGES * size))
    with local_workers(size, batch.root, _start, len(part)) as executor:
        submit(executor, _build, part, batch, done)
    # A worker that dies breaks its pool. Pages start in order, so the one to blame is among the
    # first unfinished: each of them is tried again alone, the rest together.
    for i in [i for i in part if i not in results][:size]:
        with local_workers(1, batch.root, _start, 1) as executor:
            submit(executor, _build, {i: waiting[i]}, batch, done)
        if i not in results:
            done(i, _died(waiting[i], batch))


def _elsewhere(waiting: dict[int, Page], batch: Batch, scheduler: str, done: Callable) -> None:
    """Have pages built by the workers of a scheduler. Where that goes, as when it is started again,
    some are left; those that a worker had finished by then are not built twice."""
    with cluster.connected(cluster.address(scheduler)) as executor:
        left = dict(waiting)

        def told(i: int, result: Result) -> None:
            del left[i]
            done(i, result)

        submit(executor, _build, waiting, batch, told, partial(basis, common=rests_on(batch)))
    for i, planned in zip(list(left), examine(list(left.values()), batch), strict=True):
        if not planned.reasons:
            done(i, replace(planned.result, built=True))


def submit(
    executor: Executor,
    build: Callable,
    pages: dict[int, Page],
    batch: Batch,
    done: Callable,
    expect: Callable | None = None,
) -> None:
    """``expect``: what a page must rest on where it is built (another machine)."""
    futures: dict[Future, int] = {}
    try:
        with interrupts.deferred():  # half a worker would be waited for
            for i, page in pages.items():
                expected = expect(page, batch) if expect else None
                futures[executor.submit(build, page, batch, expected)] = i
        _collect(futures, pages, batch, done)
    except KeyboardInterrupt:
        for future in futures:
            future.cancel()
        begun = {f: i for f, i in futures.items() if not f.cancelled()}
        _collect(begun, pages, batch, done)  # what has begun is finished
        raise


def _collect(futures: dict, pages: dict[int, Page], batch: Batch, done: Callable) -> None:
    """Pass on each result as it comes, and take its future out: what is left was not passed on."""
    for future in as_completed(list(futures)):
        i = futures[future]
        try:
            result = future.result()
        except (BrokenProcessPool, CancelledError):
            continue
        except Exception as error:  # not even its error card could be written
            store_locks.asked(batch.shared, error)
            why = without_secrets(f"{type(error).__name__}: {error}")
            result = Result(pages[i], "error", 0.0, why)
        with interrupts.deferred():
            del futures[future]
            done(i, result)


@contextmanager
def local_workers(workers: int, root: Path, start: Callable, pages: int):
    """Workers on this machine, for so many pages.

    They stay for the next batch, as warming them up takes seconds, until they have built
    :data:`PAGES` each (the executor's own ``max_tasks_per_child`` can leave it without workers).
    """
    kind = (workers, root)
    pool, built = _resting.pop(kind, (None, 0))
    while _resting:
        _resting.popitem()[1][0].shutdown()
    if pool is None:
        given = root, dict(os.environ)
        pool = ProcessPoolExecutor(workers, zygote.context(), start, given)
    try:
        yield pool
        pool.submit(os.getpid).result()
        if built + pages < PAGES * workers:
            _resting[kind] = (pool, built + pages)
        else:
            pool.shutdown()
    except BrokenProcessPool:
        pool.shutdown(cancel_futures=True)
    except KeyboardInterrupt:
        for process in multiprocessing.active_children():
            process.terminate()
        pool.shutdown(cancel_futures=True)
        raise
    except Exception:
        pool.shutdown(cancel_futures=True)
        raise
