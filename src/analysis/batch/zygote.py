"""The zygote: a process that has imported what pages need; workers and kernels are forks of it.

It is the standard library's forkserver. One of them serves a process and the workers that were
forked from it, so that no more than one warms up in a run (:mod:`analysis.batch.preload`).
"""

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from pathlib import Path
from types import ModuleType

import analysis
from analysis.batch import interrupts
from analysis.project import SAFE_PATH

CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
started: dict[str, int] = {}
"""What the zygote rests on: when each module was last changed."""

_PRELOAD = ["analysis.batch.preload"]


def warm_up() -> None:
    """Start the zygote, if there can be one; what it imports is ready when it is first needed."""
    if CAN_FORK:
        note()
        from multiprocessing import forkserver, resource_tracker

        if forkserver.get_inherited_fds() is not None:
            _share(forkserver)
            return
        multiprocessing.get_context("forkserver").set_forkserver_preload(_PRELOAD)
        with _elsewhere():
            resource_tracker.ensure_running()  # which takes the mask of signals off as it starts
            with interrupts.deferred():
                forkserver.ensure_running()


def _share(server: ModuleType) -> None:
    """In a fork of the zygote: it asks for forks where it comes from.

    The standard library hands down all that this takes, but takes a server that it has not started
    itself for none, and would warm up another (python/cpython, issue 86354).
    """
    server._forkserver.ensure_running = lambda: None


def note() -> None:
    """Hold what the zygote that is started now rests on; what it holds, its forks know."""
    if not started:
        started.update(_code())


def _code() -> dict[str, int]:
    """When each module of the package was last changed."""
    return {str(p): p.stat().st_mtime_ns for p in Path(analysis.__file__).parent.rglob("*.py")}


def fits() -> bool:
    """Whether a fork of the zygote would be as a process started anew.

    Not where the code has changed since it was imported; and a process that is itself a daemon (of
    another engine) may have no children.
    """
    fresh = not started or started == _code()
    return CAN_FORK and fresh and not multiprocessing.current_process().daemon


def context() -> BaseContext:
    """How workers are started: as forks of the zygote, or anew where they cannot be."""
    warm_up()
    return multiprocessing.get_context("forkserver" if fits() else "spawn")


@contextmanager
def _elsewhere() -> Iterator[None]:
    """What is started meanwhile imports nothing from the working folder, which may hold what was
    received: Python puts it before all libraries."""
    before = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    try:
        yield
    finally:
        os.environ.pop(SAFE_PATH)
        if before is not None:
            os.environ[SAFE_PATH] = before
