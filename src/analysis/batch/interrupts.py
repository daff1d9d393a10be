"""Ctrl-C, which reaches every process of a terminal at once, is the batch's to answer."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def deferred() -> Iterator[None]:
    """What is done meanwhile is done whole: an interrupt is answered afterwards, and is not lost.

    A process that is started meanwhile does not hear Ctrl-C, not even while it imports, until it
    says how it will take it (:func:`ignore`, :func:`hear`).
    """
    if threading.current_thread() is not threading.main_thread():  # which alone is interrupted
        yield
        return
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    masked = _mask("SIG_BLOCK", {signal.SIGINT})
    try:
        yield
    finally:
        _mask("SIG_SETMASK", masked)
        signal.signal(signal.SIGINT, before)
        if heard:
            signal.raise_signal(signal.SIGINT)


def ignore() -> None:
    """From now on this process is not interrupted: the batch decides what is still finished."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _mask("SIG_UNBLOCK", {signal.SIGINT})


def hear() -> None:
    """From now on an interrupt raises KeyboardInterrupt, whatever was inherited."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _mask("SIG_UNBLOCK", {signal.SIGINT})


def _mask(how: str, signals: set) -> set:
    """What was blocked before; Windows has no masks, and there nothing that is started inherits."""
    if not hasattr(signal, "pthread_sigmask"):
        return set()
    return signal.pthread_sigmask(getattr(signal, how), signals)
