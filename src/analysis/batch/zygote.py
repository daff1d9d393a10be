"""The zygote: a process that has imported what pages need; workers and kernels are forks of it.

It is the standard library's forkserver. One of them serves a process and the workers that were
forked from it, so that no more than one warms up in a run (:mod:`analysis.batch.preload`).
"""

import multiprocessing
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from pathlib import Path

import analysis

CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
started: dict[str, int] = {}
"""What the zygote rests on: when each module was last changed."""

_PRELOAD = ["analysis.batch.preload"]


def warm_up() -> None:
    """Start the zygote, if there can be one; what it imports is ready when it is first needed."""
    if CAN_FORK:
        note()
        from multiprocessing import forkserver

        multiprocessing.get_context("forkserver").set_forkserver_preload(_PRELOAD)
        with _deaf():
            forkserver.ensure_running()


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
def _deaf() -> Iterator[None]:
    """What is started meanwhile does not hear Ctrl-C, which is for the batch, not even while it
    imports (only the main thread may say so)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
